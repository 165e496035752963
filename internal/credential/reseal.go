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
func Reseal(ctx context.Context, db *store.DB, ring *secret.Ring) (n int, err error) {
	var after ident.Factor
	for {
		var batch []sealedFactor
		var done int
		err := db.Write(ctx, []store.Lock{"keys reseal"}, func(tx *store.Tx) (err error) {
			if batch, err = sealedFactors(ctx, tx, after, ResealBatch); err == nil {
				done, err = resealAll(ctx, tx, ring, batch)
			}
			return err
		})
		if err != nil {
			return n, err
		}
		n += done
		if len(batch) < ResealBatch {
			return n, nil
		}
		after = batch[len(batch)-1].id
	}
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
