package action_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"habilis/internal/store"
)

// AUD-05, rules.md 3 and 21: a body may hold a password. What is kept of it to tell a
// repeated request cannot be guessed at by whoever has the database without the key
// file; and a rotation of the keys does not make a repeated request a new one.
func TestBodyIsKeptUnderAKey(t *testing.T) {
	each(t, func(w *world) {
		by := once(w.boss, "k", 1)
		w.mustDo(by, w.edit(), "x")
		var kept []byte
		w.read(func(ctx context.Context, tx *store.Tx) error {
			return tx.QueryRow(ctx, `select body_hash from idempotency`).Scan(&kept)
		})
		if len(kept) == 0 || bytes.Contains(kept, by.Once.Body[:]) {
			w.Errorf("kept %x of the body %x", kept, by.Once.Body)
		}
		if err := w.run.Ring.Rotate(time.Now()); err != nil {
			w.Fatal(err)
		}
		w.mustDo(by, w.edit(), "x")
		if w.facts() != 1 {
			w.Errorf("%d effects", w.facts())
		}
		w.refused("idempotency.body_changed", once(w.boss, "k", 2), w.edit())
	})
}
