package credential

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// Passwords ------------------------------------------------------------------------

func passwordHash(ctx context.Context, tx *store.Tx, account ident.Account) (string, error) {
	h, _, err := store.One(ctx, tx, store.Value[string],
		`select hash from credential where account_id = $1 and kind = 'password' and removed_at is null`, account)
	return h, err
}

func closePassword(ctx context.Context, tx *store.Tx, account ident.Account) error {
	_, err := tx.Exec(ctx, `
		update credential set removed_at = $2 where account_id = $1 and kind = 'password' and removed_at is null`, account, tx.Now)
	return err
}

func insertPassword(ctx context.Context, tx *store.Tx, id ident.Credential, account ident.Account, encoded string) error {
	_, err := tx.Exec(ctx, `insert into credential (id, account_id, kind, hash, created_at) values ($1, $2, 'password', $3, $4)`,
		id, account, encoded, tx.Now)
	return err
}

// The guard ------------------------------------------------------------------------

func accountGuard(ctx context.Context, tx *store.Tx, account ident.Account) (guard, bool, error) {
	return store.One(ctx, tx, func(s store.Scan) (guard, error) {
		var g guard
		return g, s(&g.failures, &g.dayFailures, &g.dayBegan, &g.blockedUntil, &g.lockedAt)
	}, `select failures, day_failures, day_began_at, blocked_until, locked_at from credential_guard where account_id = $1`, account)
}

func putAccountGuard(ctx context.Context, tx *store.Tx, account ident.Account, g guard) error {
	_, err := tx.Exec(ctx, `
		insert into credential_guard (account_id, failures, day_failures, day_began_at, blocked_until, locked_at)
		values ($1, $2, $3, $4, $5, $6)
		on conflict (account_id) do update set failures = excluded.failures, day_failures = excluded.day_failures,
			day_began_at = excluded.day_began_at, blocked_until = excluded.blocked_until, locked_at = excluded.locked_at`,
		account, g.failures, g.dayFailures, g.dayBegan, g.blockedUntil, g.lockedAt)
	return err
}

func dropGuard(ctx context.Context, tx *store.Tx, account ident.Account) error {
	_, err := tx.Exec(ctx, `delete from credential_guard where account_id = $1`, account)
	return err
}

func lockedAt(ctx context.Context, tx *store.Tx, account ident.Account) (time.Time, bool, error) {
	return store.One(ctx, tx, store.Value[time.Time],
		`select locked_at from credential_guard where account_id = $1 and locked_at is not null`, account)
}

func typedGuard(ctx context.Context, tx *store.Tx, subject string) (guard, bool, error) {
	return store.One(ctx, tx, func(s store.Scan) (guard, error) {
		var g guard
		return g, s(&g.dayFailures, &g.dayBegan, &g.blockedUntil)
	}, `select day_failures, day_began_at, blocked_until from sign_in_guard where subject = $1`, subject)
}

func putTypedGuard(ctx context.Context, tx *store.Tx, subject string, g guard) error {
	_, err := tx.Exec(ctx, `
		insert into sign_in_guard (subject, day_failures, day_began_at, blocked_until) values ($1, $2, $3, $4)
		on conflict (subject) do update set day_failures = excluded.day_failures, day_began_at = excluded.day_began_at,
			blocked_until = excluded.blocked_until`, subject, g.dayFailures, g.dayBegan, g.blockedUntil)
	return err
}

func dropTyped(ctx context.Context, tx *store.Tx, subject string) error {
	_, err := tx.Exec(ctx, `delete from sign_in_guard where subject = $1`, subject)
	return err
}

func sweepTyped(ctx context.Context, tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `delete from sign_in_guard where day_began_at <= $1 and blocked_until <= $2`, before, tx.Now)
	return err
}

// Links ----------------------------------------------------------------------------

func insertReset(ctx context.Context, tx *store.Tx, hash secret.Hash, account ident.Account, until time.Time) error {
	_, err := tx.Exec(ctx, `insert into password_reset (token_hash, account_id, created_at, expires_at) values ($1, $2, $3, $4)`,
		hash, account, tx.Now, until)
	return err
}

func findReset(ctx context.Context, tx *store.Tx, hash secret.Hash) (ident.Account, bool, error) {
	return store.One(ctx, tx, store.Value[ident.Account],
		`select account_id from password_reset where token_hash = $1 and used_at is null and expires_at > $2`, hash, tx.Now)
}

func spendReset(ctx context.Context, tx *store.Tx, hash secret.Hash) (ident.Account, bool, error) {
	return store.One(ctx, tx, store.Value[ident.Account], `
		update password_reset set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2
		returning account_id`, hash, tx.Now)
}

func endResets(ctx context.Context, tx *store.Tx, account ident.Account) error {
	_, err := tx.Exec(ctx, `update password_reset set used_at = $2 where account_id = $1 and used_at is null`, account, tx.Now)
	return err
}

func insertSetUp(ctx context.Context, tx *store.Tx, hash secret.Hash, p Purpose, email string, until time.Time) error {
	_, err := tx.Exec(ctx, `insert into setup_link (token_hash, purpose, email, created_at, expires_at) values ($1, $2, $3, $4, $5)`,
		hash, p, email, tx.Now, until)
	return err
}

func findSetUp(ctx context.Context, tx *store.Tx, p Purpose, hash secret.Hash) (string, bool, error) {
	return store.One(ctx, tx, store.Value[string], `
		select email from setup_link where token_hash = $1 and purpose = $2 and used_at is null and expires_at > $3`, hash, p, tx.Now)
}

func spendSetUp(ctx context.Context, tx *store.Tx, p Purpose, hash secret.Hash) (string, bool, error) {
	return store.One(ctx, tx, store.Value[string], `
		update setup_link set used_at = $3 where token_hash = $1 and purpose = $2 and used_at is null and expires_at > $3
		returning email`, hash, p, tx.Now)
}

func endSetUps(ctx context.Context, tx *store.Tx, p Purpose, email string) error {
	_, err := tx.Exec(ctx, `update setup_link set used_at = $3 where purpose = $1 and email = $2 and used_at is null`, p, email, tx.Now)
	return err
}

func sweepLinks(ctx context.Context, tx *store.Tx, before time.Time) error {
	if _, err := tx.Exec(ctx, `delete from password_reset where expires_at < $1`, before); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `delete from setup_link where expires_at < $1`, before)
	return err
}
