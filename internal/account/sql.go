package account

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

func scan(s store.Scan) (Account, error) {
	var a Account
	return a, s(&a.ID, &a.Email.Key, &a.Email.Address, &a.Title, &a.GivenName, &a.FamilyName, &a.Language, &a.Status,
		&a.PlatformRole, &a.Rev, &a.LastSignInAt, &a.CreatedAt)
}

func find(ctx context.Context, tx *store.Tx, id ident.Account) (Account, bool, error) {
	return store.One(ctx, tx, scan, `
		select a.id, s.email_key, s.email, s.title, s.given_name, s.family_name, s.language, s.status, s.platform_role, s.rev,
			a.last_sign_in_at, a.created_at
		from account a join account_state s on s.account_id = a.id and s.known_until is null
		where a.id = $1`, id)
}

func findByEmail(ctx context.Context, tx *store.Tx, key string) (Account, bool, error) {
	return store.One(ctx, tx, scan, `
		select a.id, s.email_key, s.email, s.title, s.given_name, s.family_name, s.language, s.status, s.platform_role, s.rev,
			a.last_sign_in_at, a.created_at
		from account_state s join account a on a.id = s.account_id
		where s.email_key = $1 and s.known_until is null`, key)
}

func ofRole(ctx context.Context, tx *store.Tx, r PlatformRole) ([]Account, error) {
	return store.All(ctx, tx, scan, `
		select a.id, s.email_key, s.email, s.title, s.given_name, s.family_name, s.language, s.status, s.platform_role, s.rev,
			a.last_sign_in_at, a.created_at
		from account_state s join account a on a.id = s.account_id
		where s.platform_role = $1 and s.status = 'active' and s.known_until is null order by a.id`, r)
}

func insert(ctx context.Context, tx *store.Tx, a Account) error {
	_, err := tx.Exec(ctx, `insert into account (id, last_sign_in_at, created_at) values ($1, $2, $3)`, a.ID, a.LastSignInAt, a.CreatedAt)
	return err
}

func insertState(ctx context.Context, tx *store.Tx, a Account) error {
	_, err := tx.Exec(ctx, `
		insert into account_state (account_id, rev, email_key, email, title, given_name, family_name, language, status, platform_role, known_from)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		a.ID, a.Rev, a.Email.Key, a.Email.Address, a.Title, a.GivenName, a.FamilyName, a.Language, a.Status, a.PlatformRole, tx.Now)
	return err
}

func closeState(ctx context.Context, tx *store.Tx, id ident.Account, rev int64) (int64, error) {
	return tx.Exec(ctx, `update account_state set known_until = $3 where account_id = $1 and rev = $2 and known_until is null`,
		id, rev, tx.Now)
}

func touchSignIn(ctx context.Context, tx *store.Tx, id ident.Account) error {
	_, err := tx.Exec(ctx, `update account set last_sign_in_at = $2 where id = $1`, id, tx.Now)
	return err
}
