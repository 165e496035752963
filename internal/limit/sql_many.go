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
	return store.InsertAll(ctx, tx, subjects, `insert into counter (name, subject, window_began_at, n) values ($1, $2, $3, $4)`,
		` on conflict (name, subject, window_began_at) do update set n = counter.n + excluded.n`,
		func(s *string) []any { return []any{name, *s, began, int64(1)} })
}
