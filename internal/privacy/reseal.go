package privacy

import (
	"context"

	"habilis/internal/secret"
	"habilis/internal/store"
)

// resealBatch is how many chunks one transaction seals again: some megabytes.
const resealBatch = 16

// chunkTable is a table of sealed chunks of exports, as resealing reads and writes it.
type chunkTable struct {
	after  func(ctx context.Context, tx *store.Tx, last sealedChunk, n int) ([]sealedChunk, error)
	update func(ctx context.Context, tx *store.Tx, c sealedChunk, sealed []byte) error
}

// chunkTables are those of persons, and those of organisations.
var chunkTables = []chunkTable{{copyChunksAfter, updateCopyChunk}, {exportChunksAfter, updateExportChunk}}

// sealedChunk is a chunk of an export as it is kept.
type sealedChunk struct {
	org, export string
	n           int64
	sealed      []byte
	place       secret.AAD
}

// Reseal seals again, with the current key of the ring, every chunk of a prepared export that an older
// key sealed, while the server serves, and says how many. What it had not come to when it was
// interrupted it finds the next time. Errors: secret.ErrUnknownKey, secret.ErrSealed, when the ring
// is not the one of this database.
func Reseal(ctx context.Context, db *store.DB, ring *secret.Ring) (all int, err error) {
	for _, t := range chunkTables {
		n, err := store.InBatches(ctx, db, "keys reseal", resealBatch, func(tx *store.Tx, last sealedChunk) ([]sealedChunk, int, error) {
			batch, err := t.after(ctx, tx, last, resealBatch)
			if err != nil {
				return nil, 0, err
			}
			n, err := t.reseal(ctx, tx, ring, batch)
			return batch, n, err
		})
		if all += n; err != nil {
			return all, err
		}
	}
	return all, nil
}

func (t chunkTable) reseal(ctx context.Context, tx *store.Tx, ring *secret.Ring, batch []sealedChunk) (n int, err error) {
	for _, c := range batch {
		if !ring.Stale(c.sealed) {
			continue
		}
		plain, err := ring.Open(c.place, c.sealed)
		if err != nil {
			return n, err
		}
		if err := t.update(ctx, tx, c, ring.Seal(c.place, plain)); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
