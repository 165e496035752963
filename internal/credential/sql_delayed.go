package credential

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

func scanDelayed(s store.Scan) (Delayed, error) {
	var d Delayed
	return d, s(&d.ID, &d.Account, &d.What, &d.AskedAt, &d.ActsAt)
}

func insertDelayed(ctx context.Context, tx *store.Tx, d Delayed, hash secret.Hash) error {
	_, err := tx.Exec(ctx, `
		insert into factor_recovery (id, account_id, what, token_hash, created_at, acts_at) values ($1, $2, $3, $4, $5, $6)`,
		d.ID, d.Account, d.What, hash, d.AskedAt, d.ActsAt)
	return err
}

func delayedOf(ctx context.Context, tx *store.Tx, account ident.Account) ([]Delayed, error) {
	return store.All(ctx, tx, scanDelayed, `
		select id, account_id, what, created_at, acts_at from factor_recovery
		where account_id = $1 and what <> $2 and done_at is null and stopped_at is null order by created_at, id`, account, Erasing)
}

func delayedByToken(ctx context.Context, tx *store.Tx, hash secret.Hash) (Delayed, bool, error) {
	return store.One(ctx, tx, scanDelayed, `
		select id, account_id, what, created_at, acts_at from factor_recovery
		where token_hash = $1 and done_at is null and stopped_at is null`, hash)
}

func stopDelayed(ctx context.Context, tx *store.Tx, id string) (Delayed, bool, error) {
	return store.One(ctx, tx, scanDelayed, `
		update factor_recovery set stopped_at = $2 where id = $1 and done_at is null and stopped_at is null
		returning id, account_id, what, created_at, acts_at`, id, tx.Now)
}

func setKeptBy(ctx context.Context, tx *store.Tx, id string, by ident.Org) error {
	_, err := tx.Exec(ctx, `update factor_recovery set kept_by = $2 where id = $1`, id, by)
	return err
}

func keptSince(ctx context.Context, tx *store.Tx, account ident.Account, since time.Time) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[int64], `
		select 1 from factor_recovery where account_id = $1 and kept_by is not null and stopped_at > $2 limit 1`, account, since)
	return found, err
}

func takeDelayed(ctx context.Context, tx *store.Tx, id string) (Delayed, bool, error) {
	return store.One(ctx, tx, scanDelayed, `
		update factor_recovery set done_at = $2 where id = $1 and done_at is null and stopped_at is null and acts_at <= $2
		returning id, account_id, what, created_at, acts_at`, id, tx.Now)
}

func usedSince(ctx context.Context, tx *store.Tx, account ident.Account, since time.Time) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[int64], `
		select 1 from factor
		where account_id = $1 and (proved_at > $2 or last_used_at > $2)
		union all
		select 1 from recovery_code c join recovery_set s on s.id = c.set_id
		where s.account_id = $1 and (s.created_at > $2 or c.used_at > $2)
		limit 1`, account, since)
	return found, err
}

func stopAllDelayed(ctx context.Context, tx *store.Tx, account ident.Account) error {
	_, err := tx.Exec(ctx, `
		update factor_recovery set stopped_at = $2
		where account_id = $1 and what <> $3 and done_at is null and stopped_at is null`, account, tx.Now, Erasing)
	return err
}
