package credential

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// ResealBatch is how many values one transaction seals again: others write in between.
const ResealBatch = 200

// sealedFactor is a seed or a number as its row has it.
type sealedFactor struct {
	id      ident.Factor
	account ident.Account
	kind    FactorKind
	sealed  []byte
	handle  []byte
}

// Reseal seals again, with the current key of the ring, every seed and number that an older
// key sealed, while the server serves, and says how many. What it had not come to when it
// was interrupted it finds the next time (rules.md 21). Errors: secret.ErrUnknownKey,
// secret.ErrSealed, when the ring is not the one of this database.
func Reseal(ctx context.Context, db *store.DB, ring *secret.Ring) (int, error) {
	return store.InBatches(ctx, db, "keys reseal", ResealBatch, func(tx *store.Tx, last sealedFactor) ([]sealedFactor, int, error) {
		batch, err := sealedFactors(ctx, tx, last.id, ResealBatch)
		if err != nil {
			return nil, 0, err
		}
		n, err := resealAll(ctx, tx, ring, batch)
		return batch, n, err
	})
}

func resealAll(ctx context.Context, tx *store.Tx, ring *secret.Ring, batch []sealedFactor) (n int, err error) {
	for _, f := range batch {
		if !ring.Stale(f.sealed) {
			continue
		}
		if err := f.reseal(ctx, tx, ring); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// reseal writes the value under the current key, unless the row has another by now.
func (f sealedFactor) reseal(ctx context.Context, tx *store.Tx, ring *secret.Ring) error {
	b, err := ring.Open(seedPlace(f.account, f.id), f.sealed)
	if err != nil {
		return err
	}
	handle := f.handle
	if f.kind == SMS {
		handle = ring.MAC(secret.UseIndex, handleData(Phone{secret.NewText(string(b))}))
	}
	return updateSealed(ctx, tx, f, ring.Seal(seedPlace(f.account, f.id), b), handle)
}
