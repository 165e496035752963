package token

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

func scan(s store.Scan) (Token, error) {
	var v Token
	var org, account, by *string
	err := s(&v.ID, &v.Kind, &org, &account, &v.Name, &by, &v.CreatedAt, &v.ExpiresAt, &v.LastUsedAt, &v.RevokedAt, &v.Trusted)
	v.Org, v.Account, v.CreatedBy = ident.Org(value(org)), ident.Account(value(account)), ident.Account(value(by))
	return v, err
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// byHash finds a token that nobody revoked, whoever it belongs to: its secret is the key.
func byHash(ctx context.Context, tx *store.Tx, hash secret.Hash) (Token, bool, error) {
	return store.One(ctx, tx, scan, `
		select id, kind, org_id, account_id, name, created_by, created_at, expires_at, last_used_at, revoked_at, trusted from token
		where token_hash = $1 and revoked_at is null`, hash)
}

func inForce(ctx context.Context, tx *store.Tx, of Owner) ([]Token, error) {
	return store.All(ctx, tx, scan, `
		select id, kind, org_id, account_id, name, created_by, created_at, expires_at, last_used_at, revoked_at, trusted from token
		where kind = $1 and coalesce(org_id, '') = $2 and coalesce(account_id, '') = $3 and revoked_at is null and expires_at > $4
		order by created_at desc, id desc`, of.Kind, of.Org, of.Account, tx.Now)
}

func ended(ctx context.Context, tx *store.Tx, of Owner) ([]Token, error) {
	return store.All(ctx, tx, scan, `
		select id, kind, org_id, account_id, name, created_by, created_at, expires_at, last_used_at, revoked_at, trusted from token
		where kind = $1 and coalesce(org_id, '') = $2 and coalesce(account_id, '') = $3
			and (revoked_at > $5 or (revoked_at is null and expires_at > $5 and expires_at <= $4))
		order by created_at desc, id desc limit $6`, of.Kind, of.Org, of.Account, tx.Now, tx.Now.Add(-KeptListed), MaxListed)
}

func permissionsOf(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Token) ([]access.Permission, error) {
	return store.All(ctx, tx, store.Value[access.Permission], `
		select p.permission from token_permission p join token t on t.id = p.token_id
		where t.org_id = $1 and t.id = $2 order by p.permission`, org, id)
}

func countInForce(ctx context.Context, tx *store.Tx, of Owner) (n int64, err error) {
	err = tx.QueryRow(ctx, `
		select count(*) from token
		where kind = $1 and coalesce(org_id, '') = $2 and coalesce(account_id, '') = $3 and revoked_at is null and expires_at > $4`,
		of.Kind, of.Org, of.Account, tx.Now).Scan(&n)
	return n, err
}

func expiresAt(ctx context.Context, tx *store.Tx, id ident.Token) (time.Time, bool, error) {
	return store.One(ctx, tx, store.Value[time.Time],
		`select expires_at from token where id = $1 and revoked_at is null and expires_at > $2`, id, tx.Now)
}

func orgExists(ctx context.Context, tx *store.Tx, org ident.Org) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[string], `select id from org where id = $1`, org)
	return found, err
}

func insert(ctx context.Context, tx *store.Tx, v Token, hash secret.Hash) error {
	_, err := tx.Exec(ctx, `
		insert into token (id, kind, org_id, account_id, name, token_hash, created_by, created_at, expires_at, last_used_at, trusted)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		v.ID, v.Kind, store.Null(v.Org), store.Null(v.Account), v.Name, hash, store.Null(v.CreatedBy), v.CreatedAt, v.ExpiresAt, v.LastUsedAt,
		v.Trusted)
	if err != nil {
		return err
	}
	for _, p := range v.Permissions {
		if _, err := tx.Exec(ctx, `insert into token_permission (token_id, permission) values ($1, $2)`, v.ID, p); err != nil {
			return err
		}
	}
	return nil
}

func revoke(ctx context.Context, tx *store.Tx, of Owner, id ident.Token, by string) (string, bool, error) {
	return store.One(ctx, tx, store.Value[string], `
		update token set revoked_at = $5, revoked_by = $6
		where id = $4 and kind = $1 and coalesce(org_id, '') = $2 and coalesce(account_id, '') = $3 and revoked_at is null and expires_at > $5
		returning name`, of.Kind, of.Org, of.Account, id, tx.Now, by)
}

func revokeOf(ctx context.Context, tx *store.Tx, account ident.Account, by string) (int64, error) {
	return tx.Exec(ctx, `
		update token set revoked_at = $2, revoked_by = $3
		where account_id = $1 and kind = 'person' and revoked_at is null and expires_at > $2`, account, tx.Now, by)
}

func revokeMadeBy(ctx context.Context, tx *store.Tx, org ident.Org, maker ident.Account, by string) (int64, error) {
	return tx.Exec(ctx, `
		update token set revoked_at = $3, revoked_by = $4
		where org_id = $1 and created_by = $2 and revoked_at is null and expires_at > $3`, org, maker, tx.Now, by)
}

// passMade has somebody answer for the tokens in force that another made for an organisation.
func passMade(ctx context.Context, tx *store.Tx, org ident.Org, from, to ident.Account) error {
	_, err := tx.Exec(ctx, `
		update token set created_by = $3
		where org_id = $1 and created_by = $2 and revoked_at is null and expires_at > $4`, org, from, to, tx.Now)
	return err
}

func countMadeBy(ctx context.Context, tx *store.Tx, org ident.Org, maker ident.Account) (n int64, err error) {
	err = tx.QueryRow(ctx, `
		select count(*) from token where org_id = $1 and created_by = $2 and revoked_at is null and expires_at > $3`,
		org, maker, tx.Now).Scan(&n)
	return n, err
}

func orgsOfMaker(ctx context.Context, tx *store.Tx, maker ident.Account) ([]ident.Org, error) {
	return store.All(ctx, tx, store.Value[ident.Org], `
		select distinct org_id from token
		where created_by = $1 and org_id is not null and revoked_at is null and expires_at > $2 order by org_id`, maker, tx.Now)
}

func touch(ctx context.Context, tx *store.Tx, id ident.Token) error {
	_, err := tx.Exec(ctx, `update token set last_used_at = $2 where id = $1 and revoked_at is null`, id, tx.Now)
	return err
}
