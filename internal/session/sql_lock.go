package session

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/store"
)

func lock(ctx context.Context, tx *store.Tx, by access.Actor) (int64, error) {
	return tx.Exec(ctx, `
		update session set locked_at = $3
		where id = $1 and account_id = $2 and locked_at is null and ended_at is null and expires_at > $3 and idle_until > $3`,
		by.Session, by.Account, tx.Now)
}

func share(ctx context.Context, tx *store.Tx, by access.Actor, shared bool) (int64, error) {
	return tx.Exec(ctx, `
		update session set shared = $4
		where id = $1 and account_id = $2 and shared <> $4 and ended_at is null and expires_at > $3 and idle_until > $3`,
		by.Session, by.Account, tx.Now, shared)
}
