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
func Reseal(ctx context.Context, db *store.DB, ring *secret.Ring) (n int, err error) {
	var after sealedChunk
	for {
		var batch []sealedChunk
		var done int
		err := db.Write(ctx, []store.Lock{"keys reseal"}, func(tx *store.Tx) (err error) {
			if batch, err = chunksAfter(ctx, tx, after, resealBatch); err == nil {
				done, err = resealAll(ctx, tx, ring, batch)
			}
			return err
		})
		if err != nil {
			return n, err
		}
		n += done
		if len(batch) < resealBatch {
			return n, nil
		}
		after = batch[len(batch)-1]
		after.sealed = nil
	}
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
