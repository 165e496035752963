package credential

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

func erasingOf(ctx context.Context, tx *store.Tx, account ident.Account) (Delayed, bool, error) {
	return store.One(ctx, tx, scanDelayed, `
		select id, account_id, what, created_at, acts_at from factor_recovery
		where account_id = $1 and what = $2 and done_at is null and stopped_at is null`, account, Erasing)
}

func erasureByID(ctx context.Context, tx *store.Tx, id string) (Delayed, bool, error) {
	return store.One(ctx, tx, scanDelayed, `
		select id, account_id, what, created_at, acts_at from factor_recovery
		where id = $1 and what = $2 and done_at is null and stopped_at is null`, id, Erasing)
}

func erasures(ctx context.Context, tx *store.Tx, limit int) ([]Delayed, error) {
	return store.All(ctx, tx, scanDelayed, `
		select id, account_id, what, created_at, acts_at from factor_recovery
		where what = $1 and done_at is null and stopped_at is null order by acts_at, id limit $2`, Erasing, limit)
}
