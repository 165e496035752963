package draft

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// The drafts of a person are found by that person, in whatever organisation.

func scan(s store.Scan) (Draft, error) {
	var d Draft
	var org *string
	err := s(&d.ID, &org, &d.Kind, &d.Body, &d.CreatedAt, &d.UpdatedAt, &d.ExpiresAt)
	if org != nil {
		d.Org = ident.Org(*org)
	}
	return d, err
}

func get(ctx context.Context, tx *store.Tx, owner ident.Account, id ident.Draft) (Draft, bool, error) {
	return store.One(ctx, tx, scan, `
		select id, org_id, kind, body, created_at, updated_at, expires_at from draft
		where id = $1 and account_id = $2 and expires_at > $3`, id, owner, tx.Now)
}

func find(ctx context.Context, tx *store.Tx, owner ident.Account, org ident.Org, kind string) ([]Draft, error) {
	return store.All(ctx, tx, scan, `
		select id, org_id, kind, body, created_at, updated_at, expires_at from draft
		where account_id = $1 and kind = $2 and coalesce(org_id, '') = $3 and expires_at > $4
		order by updated_at desc, id desc`, owner, kind, org, tx.Now)
}

func oldestFirst(ctx context.Context, tx *store.Tx, owner ident.Account, kind string) ([]ident.Draft, error) {
	return store.All(ctx, tx, store.Value[ident.Draft],
		`select id from draft where account_id = $1 and kind = $2 order by updated_at, id`, owner, kind)
}

func insert(ctx context.Context, tx *store.Tx, owner ident.Account, d Draft) error {
	_, err := tx.Exec(ctx, `
		insert into draft (id, account_id, org_id, kind, body, created_at, updated_at, expires_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		d.ID, owner, store.Null(d.Org), d.Kind, d.Body, d.CreatedAt, d.UpdatedAt, d.ExpiresAt)
	return err
}

func update(ctx context.Context, tx *store.Tx, owner ident.Account, d Draft) error {
	_, err := tx.Exec(ctx, `update draft set body = $3, updated_at = $4, expires_at = $5 where id = $1 and account_id = $2`,
		d.ID, owner, d.Body, d.UpdatedAt, d.ExpiresAt)
	return err
}

func remove(ctx context.Context, tx *store.Tx, owner ident.Account, id ident.Draft) error {
	_, err := tx.Exec(ctx, `delete from draft where id = $1 and account_id = $2`, id, owner)
	return err
}

func sweep(ctx context.Context, tx *store.Tx) error {
	_, err := tx.Exec(ctx, `delete from draft where expires_at <= $1`, tx.Now)
	return err
}

func countOf(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Account) (n int64, err error) {
	err = tx.QueryRow(ctx, `select count(*) from draft where account_id = $1 and org_id = $2 and expires_at > $3`, owner, org, tx.Now).Scan(&n)
	return n, err
}

func removeAll(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Account) error {
	_, err := tx.Exec(ctx, `delete from draft where account_id = $1 and org_id = $2`, owner, org)
	return err
}
