package blob

import (
	"context"

	"habilis/internal/secret"
	"habilis/internal/store"
)

// resealBatch is how many chunks one transaction seals again: some megabytes.
const resealBatch = 16

// Reseal seals again, with the current key of the ring, every chunk that an older key
// sealed, while the server serves, and says how many. What it had not come to when it was
// interrupted it finds the next time. Errors: secret.ErrUnknownKey, secret.ErrSealed, when
// the ring is not the one of this database.
func Reseal(ctx context.Context, db *store.DB, ring *secret.Ring) (int, error) {
	return store.InBatches(ctx, db, "keys reseal", resealBatch, func(tx *store.Tx, last sealedChunk) ([]sealedChunk, int, error) {
		batch, err := chunksAfter(ctx, tx, last, resealBatch)
		if err != nil {
			return nil, 0, err
		}
		n, err := resealAll(ctx, tx, ring, batch)
		return batch, n, err
	})
}

func resealAll(ctx context.Context, tx *store.Tx, ring *secret.Ring, batch []sealedChunk) (n int, err error) {
	for _, c := range batch {
		if !ring.Stale(c.sealed) {
			continue
		}
		plain, err := ring.Open(c.blob.place(c.n), c.sealed)
		if err != nil {
			return n, err
		}
		if err := updateChunk(ctx, tx, c, ring.Seal(c.blob.place(c.n), plain)); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
