package review

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// SweepIn removes the oldest reviews of an organisation that were over before a time, with their
// files: n at most; it says how many. The organisation says how long it keeps them (AUD-4).
func SweepIn(ctx context.Context, tx *store.Tx, org ident.Org, before time.Time, n int) (int64, error) {
	list, err := overBefore(ctx, tx, org, before, n)
	if err != nil {
		return 0, err
	}
	for _, id := range list {
		if err := remove(ctx, tx, org, id); err != nil {
			return 0, err
		}
	}
	return int64(len(list)), nil
}
