package webhook

import (
	"context"

	"habilis/internal/secret"
	"habilis/internal/store"
)

// ResealBatch is how many endpoints one transaction seals again.
const ResealBatch = 100

// Reseal seals again, with the current key of the ring, every secret that an older key
// sealed, and says how many (rules.md 21).
func Reseal(ctx context.Context, db *store.DB, ring *secret.Ring) (int, error) {
	return store.InBatches(ctx, db, "keys reseal", ResealBatch, func(tx *store.Tx, last sealedRow) ([]sealedRow, int, error) {
		batch, err := sealedRows(ctx, tx, last.key, ResealBatch)
		n := 0
		for _, r := range batch {
			if err != nil {
				break
			}
			var done bool
			if done, err = r.reseal(ctx, tx, ring); done {
				n++
			}
		}
		return batch, n, err
	})
}

// reseal writes both secrets of an endpoint under the current key, unless they are already.
func (r sealedRow) reseal(ctx context.Context, tx *store.Tx, ring *secret.Ring) (bool, error) {
	if !ring.Stale(r.now) && (len(r.before) == 0 || !ring.Stale(r.before)) {
		return false, nil
	}
	place := secretPlace(r.org, r.id)
	now, err := ring.Open(place, r.now)
	if err != nil {
		return false, err
	}
	var before []byte
	if len(r.before) > 0 {
		if before, err = ring.Open(place, r.before); err != nil {
			return false, err
		}
		before = ring.Seal(place, before)
	}
	return true, updateSealed(ctx, tx, r, ring.Seal(place, now), before)
}
