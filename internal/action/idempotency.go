package action

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// KeyKept is how long an idempotency key is remembered (rest.md).
const KeyKept = 24 * time.Hour

// MaxKeyLength bounds the key that a caller chooses.
const MaxKeyLength = 200

// ErrBodyChanged is the refusal of a key used again for another request.
var ErrBodyChanged = fault.New(fault.Invalid, "idempotency.body_changed")

// recall gives the answer of an earlier request with the same key, if there was
// one. What a document never carries (json:"-") is not in it: a secret shown once
// stays shown once.
func recall[T any](ctx context.Context, tx *store.Tx, ring *secret.Ring, by access.Actor, act Act) (out T, done bool, err error) {
	if by.Once.Key == "" {
		return out, false, nil
	}
	old, found, err := findKey(ctx, tx, by.ID(), by.Once.Key, act.Verb+act.Part, tx.Now.Add(-KeyKept))
	if err != nil || !found {
		return out, false, err
	}
	if !ring.VerifyMAC(secret.UseRequest, by.Once.Body[:], old.body) {
		return out, false, ErrBodyChanged
	}
	if err := json.Unmarshal([]byte(old.result), &out); err != nil {
		return out, false, fmt.Errorf("action: recalling %s: %w", act.Verb, err)
	}
	return out, true, nil
}

// remember keeps an answer for a repeated request, with what was asked under a key of
// the ring: a body may hold a password, and a bare hash of it could be guessed at by
// whoever has the database alone (AUD-05).
func remember[T any](ctx context.Context, tx *store.Tx, ring *secret.Ring, by access.Actor, act Act, out T) error {
	if by.Once.Key == "" {
		return nil
	}
	b, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("action: remembering %s: %w", act.Verb, err)
	}
	return keepKey(ctx, tx, by.ID(), by.Once.Key, act.Verb+act.Part, ring.MAC(secret.UseRequest, by.Once.Body[:]), string(b))
}

// SweepKeys forgets old keys; the timetable calls it.
func SweepKeys(ctx context.Context, db *store.DB) error {
	return db.Write(ctx, []store.Lock{"idempotency"}, func(tx *store.Tx) error {
		return dropKeys(ctx, tx, tx.Now.Add(-KeyKept))
	})
}
