package credential

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// Erasing names the erasure of an account that its person asked for in writing: it waits as a lost
// factor does, so that whoever still holds the account or its mailbox may say no (AUD-4).
const Erasing = "erase"

// AskErasing notes that an account is erased after a wait, and gives the token of the link that stops
// it. One that waits already goes on as it was: the second value is false then.
func AskErasing(ctx context.Context, tx *store.Tx, account ident.Account, wait time.Duration) (Delayed, secret.Text, bool, error) {
	d, found, err := ErasingOf(ctx, tx, account)
	if err != nil || found {
		return d, secret.Text{}, false, err
	}
	d = Delayed{ID: ident.NewCredential().String(), Account: account, What: Erasing, AskedAt: tx.Now, ActsAt: tx.Now.Add(wait)}
	token, hash := secret.NewToken(secret.Stay)
	return d, token, true, insertDelayed(ctx, tx, d, hash)
}

// ErasingOf finds the erasure that waits for an account.
func ErasingOf(ctx context.Context, tx *store.Tx, account ident.Account) (Delayed, bool, error) {
	return erasingOf(ctx, tx, account)
}

// Erasures are those that wait, of every account, the first one to begin first.
func Erasures(ctx context.Context, tx *store.Tx, limit int) ([]Delayed, error) {
	return erasures(ctx, tx, limit)
}

// ErasureByLink finds what a presented link stops.
func ErasureByLink(ctx context.Context, tx *store.Tx, presented string) (Delayed, bool, error) {
	hash, ok := secret.HashToken(secret.Stay, presented)
	if !ok {
		return Delayed{}, false, nil
	}
	return delayedByToken(ctx, tx, hash)
}

// ErasureByID finds one that waits.
func ErasureByID(ctx context.Context, tx *store.Tx, id string) (Delayed, bool, error) {
	return erasureByID(ctx, tx, id)
}
