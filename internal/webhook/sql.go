package webhook

import (
	"context"
	"strings"
	"time"

	"habilis/internal/event"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// scanner reads rows as they are at the time of the transaction.
func scanner(tx *store.Tx) func(store.Scan) (Webhook, error) {
	return func(s store.Scan) (Webhook, error) {
		var v Webhook
		var kinds string
		var owner *string
		var until time.Time
		err := s(&v.ID, &v.Org, &v.Name, &v.URL, &kinds, &v.Status, &v.Why, &owner, &v.ReadTo, &v.FailingSince, &until, &v.Version,
			&v.CreatedAt, &v.ChangedAt)
		if owner != nil {
			v.Owner = ident.Account(*owner)
		}
		if until.After(tx.Now) {
			v.SecretUntil = &until
		}
		for k := range strings.SplitSeq(kinds, "\n") {
			v.Kinds = append(v.Kinds, event.Kind(k))
		}
		return v, err
	}
}

func one(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Webhook) (Webhook, bool, error) {
	return store.One(ctx, tx, scanner(tx), `
		select id, org_id, name, url, kinds, status, why, owner, read_to, failing_since, before_until, version, created_at, changed_at
		from webhook where org_id = $1 and id = $2`, org, id)
}

func all(ctx context.Context, tx *store.Tx, org ident.Org) ([]Webhook, error) {
	return store.All(ctx, tx, scanner(tx), `
		select id, org_id, name, url, kinds, status, why, owner, read_to, failing_since, before_until, version, created_at, changed_at
		from webhook where org_id = $1 order by created_at, id`, org)
}

func count(ctx context.Context, tx *store.Tx, org ident.Org) (n int64, err error) {
	err = tx.QueryRow(ctx, `select count(*) from webhook where org_id = $1`, org).Scan(&n)
	return n, err
}

func sealed(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Webhook) (now, before []byte, err error) {
	err = tx.QueryRow(ctx, `select secret, secret_before from webhook where org_id = $1 and id = $2`, org, id).Scan(&now, &before)
	return now, before, err
}

func joined(kinds []event.Kind) string {
	all := make([]string, len(kinds))
	for i, k := range kinds {
		all[i] = string(k)
	}
	return strings.Join(all, "\n")
}

func insert(ctx context.Context, tx *store.Tx, v Webhook, sealed []byte) error {
	_, err := tx.Exec(ctx, `
		insert into webhook (org_id, id, name, url, kinds, secret, before_until, status, why, owner, read_to, version, created_at, changed_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, $10, $11, $12, $13)`,
		v.Org, v.ID, v.Name, v.URL, joined(v.Kinds), sealed, store.Never, v.Status, store.Null(v.Owner), v.ReadTo, v.Version,
		v.CreatedAt, v.ChangedAt)
	return err
}

func update(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Webhook, d Details, owner ident.Account) error {
	_, err := tx.Exec(ctx, `
		update webhook set name = $3, url = $4, kinds = $5, owner = $6, version = version + 1, changed_at = $7 where org_id = $1 and id = $2`,
		org, id, d.Name, d.URL, joined(d.Kinds), store.Null(owner), tx.Now)
	return err
}

func setSecret(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Webhook, sealed []byte, until time.Time, owner ident.Account,
) error {
	_, err := tx.Exec(ctx, `
		update webhook set secret_before = secret, secret = $3, before_until = $4, owner = $5, version = version + 1, changed_at = $6
		where org_id = $1 and id = $2`, org, id, sealed, until, store.Null(owner), tx.Now)
	return err
}

func setStatus(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Webhook, to Status, why Why, owner ident.Account) error {
	_, err := tx.Exec(ctx, `
		update webhook set status = $3, why = $4, owner = $5, failing_since = null, version = version + 1, changed_at = $6
		where org_id = $1 and id = $2`, org, id, to, why, store.Null(owner), tx.Now)
	return err
}

func stopOf(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Account, why Why) ([]Webhook, error) {
	return store.All(ctx, tx, scanner(tx), `
		update webhook set status = 'stopped', why = $4, failing_since = null, version = version + 1, changed_at = $3
		where org_id = $1 and owner = $2 and status = 'active'
		returning id, org_id, name, url, kinds, status, why, owner, read_to, failing_since, before_until, version, created_at, changed_at`,
		org, owner, tx.Now, why)
}

// passOwned has somebody answer for the endpoints of another in an organisation.
func passOwned(ctx context.Context, tx *store.Tx, org ident.Org, from, to ident.Account) error {
	_, err := tx.Exec(ctx, `update webhook set owner = $3 where org_id = $1 and owner = $2`, org, from, to)
	return err
}

func orgsOfOwner(ctx context.Context, tx *store.Tx, owner ident.Account) ([]ident.Org, error) {
	return store.All(ctx, tx, store.Value[ident.Org], `
		select distinct org_id from webhook where owner = $1 and status = 'active' order by org_id`, owner)
}

// answerable are those who edit endpoints of the whole organisation, in force.
func answerable(ctx context.Context, tx *store.Tx, org ident.Org) ([]ident.Account, error) {
	return store.All(ctx, tx, store.Value[ident.Account], `
		select distinct account_id from standing
		where org_id = $1 and permission = 'webhooks.edit' and scope = 'organization' and starts_at <= $2 and (ends_at is null or ends_at > $2)
			and (member_starts_at is null or member_starts_at <= $2) and (member_ends_at is null or member_ends_at > $2)
		order by account_id`, org, tx.Now)
}

func setFailing(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Webhook, since *time.Time) error {
	_, err := tx.Exec(ctx, `update webhook set failing_since = $3 where org_id = $1 and id = $2`, org, id, since)
	return err
}

// setReadTo takes an endpoint's reading from where it was to a position, unless it was taken
// elsewhere in between.
func setReadTo(ctx context.Context, tx *store.Tx, v Webhook, position int64) error {
	_, err := tx.Exec(ctx, `update webhook set read_to = $4 where org_id = $1 and id = $2 and read_to = $3`, v.Org, v.ID, v.ReadTo, position)
	return err
}

// forgetFormer forgets the secrets before that are good no longer.
func forgetFormer(ctx context.Context, tx *store.Tx) error {
	_, err := tx.Exec(ctx, `update webhook set secret_before = null where secret_before is not null and before_until <= $1`, tx.Now)
	return err
}

func remove(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Webhook) error {
	if _, err := tx.Exec(ctx, `delete from webhook_delivery where org_id = $1 and webhook_id = $2`, org, id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `delete from webhook where org_id = $1 and id = $2`, org, id)
	return err
}

// behindEndpoints are those that have not read the feed up to its head, but those for which
// maxWaiting deliveries wait.
func behindEndpoints(ctx context.Context, tx *store.Tx) ([]key, error) {
	return store.All(ctx, tx, scanKey, `
		select w.org_id, w.id from webhook w join event_head h on h.org_id = w.org_id
		where w.status = 'active' and w.read_to < h.position and not exists (
			select 1 from webhook_delivery d
			where d.org_id = w.org_id and d.webhook_id = w.id and d.state = 'waiting' limit 1 offset $1)
		order by w.org_id, w.id`, maxWaiting-1)
}

func scanKey(s store.Scan) (key, error) {
	var k key
	return k, s(&k.org, &k.id)
}

// sealedRow is a secret as its row has it, for Reseal.
type sealedRow struct {
	key

	now, before []byte
}

func sealedRows(ctx context.Context, tx *store.Tx, after key, n int) ([]sealedRow, error) {
	return store.All(ctx, tx, func(s store.Scan) (sealedRow, error) {
		var r sealedRow
		return r, s(&r.org, &r.id, &r.now, &r.before)
	}, `select org_id, id, secret, secret_before from webhook where (org_id, id) > ($1, $2) order by org_id, id limit $3`,
		after.org, after.id, n)
}

func updateSealed(ctx context.Context, tx *store.Tx, r sealedRow, now, before []byte) error {
	_, err := tx.Exec(ctx, `
		update webhook set secret = $3, secret_before = $4 where org_id = $1 and id = $2 and secret = $5`, r.org, r.id, now, before, r.now)
	return err
}
