package limit

import (
	"context"
	"time"

	"habilis/internal/store"
)

func countMany(ctx context.Context, tx *store.Tx, name string, began time.Time, subjects []string, out map[string]int64) error {
	var args store.Args
	args.Add(name)
	args.Add(began)
	return store.Each(ctx, tx, func(s store.Scan) error {
		var subject string
		var n int64
		err := s(&subject, &n)
		out[subject] = n
		return err
	}, `select subject, n from counter where name = $1 and window_began_at = $2 and subject in `+store.In(&args, subjects), args.List()...)
}

func addMany(ctx context.Context, tx *store.Tx, name string, began time.Time, subjects []string) error {
	var args store.Args
	for _, s := range subjects {
		for _, v := range []any{name, s, began, int64(1)} {
			args.Add(v)
		}
	}
	_, err := tx.Exec(ctx, `insert into counter (name, subject, window_began_at, n) values ($1, $2, $3, $4)`+
		store.MoreRows(&args, len(subjects))+`
		on conflict (name, subject, window_began_at) do update set n = counter.n + excluded.n`, args.List()...)
	return err
}
