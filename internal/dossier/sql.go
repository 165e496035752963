package dossier

import (
	"context"
	"encoding/json"

	"habilis/internal/ident"
	"habilis/internal/store"
)

const selectAlert = `
	select id, org_id, member_id, kind, status, body, raised_at, decided_at, decided_by, decided_name, version from directory_alert
	where org_id = $1`

func scanAlert(s store.Scan) (Alert, error) {
	var v Alert
	var body string
	err := s(&v.ID, &v.Org, &v.Member, &v.Kind, &v.Status, &body, &v.RaisedAt, &v.DecidedAt, &v.deciderRef, &v.DecidedBy, &v.Version)
	if err != nil {
		return v, err
	}
	var f Finding
	err = json.Unmarshal([]byte(body), &f)
	v.Changes, v.imported, v.Origin, v.AsOf = f.Changes, f.Import, f.Import.Origin, f.Import.AsOf
	return v, err
}

func listed(ctx context.Context, tx *store.Tx, org ident.Org, s Status) ([]Alert, error) {
	return store.All(ctx, tx, scanAlert, selectAlert+` and status = $2 order by raised_at, id limit $3`, org, s, MaxListed)
}

func get(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Alert) (Alert, bool, error) {
	return store.One(ctx, tx, scanAlert, selectAlert+` and id = $2`, org, id)
}

func insert(ctx context.Context, tx *store.Tx, v Alert, f Finding) error {
	body, err := json.Marshal(f)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into directory_alert (org_id, id, member_id, kind, status, digest, body, raised_at, decided_at, decided_by, decided_name, version)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '', 1)`,
		v.Org, v.ID, v.Member, v.Kind, v.Status, f.digest(), string(body), v.RaisedAt, store.Never)
	return err
}

func settle(ctx context.Context, tx *store.Tx, v Alert) error {
	_, err := tx.Exec(ctx, `
		update directory_alert set status = $3, decided_at = $4, decided_by = $5, decided_name = $6, version = $7
		where org_id = $1 and id = $2 and status = 'open'`,
		v.Org, v.ID, v.Status, v.DecidedAt, v.deciderRef, v.DecidedBy, v.Version)
	return err
}

// standsOpen is an open alert, and which difference it is about.
type standsOpen struct {
	Alert
	digest string
}

func openOf(ctx context.Context, tx *store.Tx, org ident.Org) ([]standsOpen, error) {
	return store.All(ctx, tx, func(s store.Scan) (standsOpen, error) {
		var v standsOpen
		v.Org = org
		return v, s(&v.ID, &v.Member, &v.Kind, &v.Version, &v.digest)
	}, `select id, member_id, kind, version, digest from directory_alert where org_id = $1 and status = 'open' order by id`, org)
}

// decidedBefore reports whether somebody has already decided the same difference.
func decidedBefore(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Member, digest string) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[int64], `
		select 1 from directory_alert where org_id = $1 and member_id = $2 and digest = $3 and status in ('accepted', 'dismissed') limit 1`,
		org, id, digest)
	return found, err
}

// openAlerts are the members of whom an alert is open.
func openAlerts(ctx context.Context, tx *store.Tx, org ident.Org) ([]ident.Member, error) {
	return store.All(ctx, tx, store.Value[ident.Member], `
		select member_id from directory_alert where org_id = $1 and status = 'open' order by member_id`, org)
}

func countOpen(ctx context.Context, tx *store.Tx, org ident.Org) (n int64, err error) {
	err = tx.QueryRow(ctx, `select count(*) from directory_alert where org_id = $1 and status = 'open'`, org).Scan(&n)
	return n, err
}
