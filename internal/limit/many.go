package limit

import (
	"context"
	"slices"

	"habilis/internal/store"
)

// CountMany gives the counts so far of several subjects, without counting.
func (c Counter) CountMany(ctx context.Context, tx *store.Tx, subjects []string) (map[string]int64, error) {
	out := make(map[string]int64, len(subjects))
	for part := range slices.Chunk(subjects, tx.AtOnce(1)) {
		if err := countMany(ctx, tx, c.Name, tx.Now.Truncate(c.Window), part, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// AddMany counts one try of each of several subjects, no two of them the same, within the
// caller's transaction; whoever calls it has compared their counts with Max.
func (c Counter) AddMany(ctx context.Context, tx *store.Tx, subjects []string) error {
	return addMany(ctx, tx, c.Name, tx.Now.Truncate(c.Window), subjects)
}
