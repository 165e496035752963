package limit

import (
	"context"
	"time"

	"habilis/internal/store"
)

func add(ctx context.Context, tx *store.Tx, name, subject string, began time.Time, n int64) (count int64, err error) {
	err = tx.QueryRow(ctx, `
		insert into counter (name, subject, window_began_at, n) values ($1, $2, $3, $4)
		on conflict (name, subject, window_began_at) do update set n = counter.n + excluded.n
		returning n`, name, subject, began, n).Scan(&count)
	return count, err
}

func count(ctx context.Context, tx *store.Tx, name, subject string, began time.Time) (int64, error) {
	n, _, err := store.One(ctx, tx, store.Value[int64],
		`select n from counter where name = $1 and subject = $2 and window_began_at = $3`, name, subject, began)
	return n, err
}

func sweep(ctx context.Context, tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `delete from counter where window_began_at < $1`, before)
	return err
}
