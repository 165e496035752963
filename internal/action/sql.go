package action

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

func bumpVersion(ctx context.Context, tx *store.Tx, org ident.Org) error {
	_, err := tx.Exec(ctx, `
		insert into org_version (org_id, version) select id, 1 from org where id = $1
		on conflict (org_id) do update set version = org_version.version + 1`, org)
	return err
}

// chainFor gives the organisation whose trail takes the refusal: the act's, if it
// exists; a made-up one must not make a chain.
func (r *Runner) chainFor(ctx context.Context, act Act) (ident.Org, error) {
	if act.org().IsZero() {
		return "", nil
	}
	var found bool
	err := r.DB.Read(ctx, func(tx *store.Tx) (err error) {
		_, found, err = store.One(ctx, tx, store.Value[string], `select id from org where id = $1`, act.org())
		return err
	})
	if err != nil || !found {
		return "", err
	}
	return act.org(), nil
}

type keptKey struct {
	body   []byte
	result string
}

func findKey(ctx context.Context, tx *store.Tx, caller, key, act string, since time.Time) (keptKey, bool, error) {
	return store.One(ctx, tx, func(s store.Scan) (keptKey, error) {
		var k keptKey
		return k, s(&k.body, &k.result)
	}, `select body_hash, result from idempotency where caller = $1 and key = $2 and act = $3 and created_at > $4`, caller, key, act, since)
}

func keepKey(ctx context.Context, tx *store.Tx, caller, key, act string, body []byte, result string) error {
	_, err := tx.Exec(ctx, `
		insert into idempotency (caller, key, act, body_hash, result, created_at) values ($1, $2, $3, $4, $5, $6)
		on conflict (caller, key, act) do update set body_hash = excluded.body_hash, result = excluded.result, created_at = excluded.created_at`,
		caller, key, act, body, result, tx.Now)
	return err
}

func dropKeys(ctx context.Context, tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `delete from idempotency where created_at < $1`, before)
	return err
}
