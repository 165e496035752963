package credential

import (
	"context"
	"strings"
	"time"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// Delay is how long somebody who could not prove a factor as strong waits for what they
// asked, while the person, told at once, may stop it (rules.md 5).
const Delay = 72 * time.Hour

// ErrNoDelayed is the one answer to a link that stops nothing (any more).
var ErrNoDelayed = fault.New(fault.Gone, "factor.stop_gone")

// removal begins what a delayed act says when it removes one factor.
const removal = "remove:"

// Losing names the act that takes every second factor and every printed code from somebody
// who lost them all.
const Losing = "lose"

// Delayed is an act on the factors of an account that waits for its day.
type Delayed struct {
	ID      string
	Account ident.Account
	What    string
	AskedAt time.Time
	ActsAt  time.Time
}

// IsLoss reports whether the act takes everything.
func (d Delayed) IsLoss() bool { return d.What == Losing }

// Factor gives the factor that is to be removed; empty for another act.
func (d Delayed) Factor() ident.Factor {
	rest, ok := strings.CutPrefix(d.What, removal)
	id, err := ident.ParseFactor(rest)
	if !ok || err != nil {
		return ""
	}
	return id
}

// Removing names the act that removes one factor.
func Removing(factor ident.Factor) string { return removal + factor.String() }

// AskDelayed notes an act that happens after Delay, and gives the token of the link that
// stops it. One that waits already goes on as it was: the second value is false then.
func AskDelayed(ctx context.Context, tx *store.Tx, account ident.Account, what string) (Delayed, secret.Text, bool, error) {
	waiting, err := delayedOf(ctx, tx, account)
	if err != nil {
		return Delayed{}, secret.Text{}, false, err
	}
	for _, d := range waiting {
		if d.What == what {
			return d, secret.Text{}, false, nil
		}
	}
	d := Delayed{ID: ident.NewCredential().String(), Account: account, What: what, AskedAt: tx.Now, ActsAt: tx.Now.Add(Delay)}
	token, hash := secret.NewToken(secret.Recovery)
	return d, token, true, insertDelayed(ctx, tx, d, hash)
}

// WaitingOf gives the delayed acts of an account that wait for their day.
func WaitingOf(ctx context.Context, tx *store.Tx, account ident.Account) ([]Delayed, error) {
	return delayedOf(ctx, tx, account)
}

// FindDelayed says what a presented link would stop; it stops nothing. Errors: ErrNoDelayed.
func FindDelayed(ctx context.Context, tx *store.Tx, presented string) (Delayed, error) {
	hash, ok := secret.HashToken(secret.Recovery, presented)
	if !ok {
		return Delayed{}, ErrNoDelayed
	}
	return waitingOr(delayedByToken(ctx, tx, hash))
}

// StopDelayed stops an act that waits: of two who stop it, one does. Errors: ErrNoDelayed.
func StopDelayed(ctx context.Context, tx *store.Tx, id string) (Delayed, error) {
	return waitingOr(stopDelayed(ctx, tx, id))
}

// KeepDelayed is StopDelayed by the administrators of an organisation, which is noted.
func KeepDelayed(ctx context.Context, tx *store.Tx, id string, by ident.Org) (Delayed, error) {
	d, err := StopDelayed(ctx, tx, id)
	if err != nil {
		return d, err
	}
	return d, setKeptBy(ctx, tx, id, by)
}

// KeptSince reports whether administrators, of whatever organisation, stopped an act of an
// account since a moment.
func KeptSince(ctx context.Context, tx *store.Tx, account ident.Account, since time.Time) (bool, error) {
	return keptSince(ctx, tx, account, since)
}

// TakeDelayed takes an act whose day has come, to be done now, once. The second value is
// false when it was stopped or done, or when its day has not come.
func TakeDelayed(ctx context.Context, tx *store.Tx, id string) (Delayed, bool, error) {
	return takeDelayed(ctx, tx, id)
}

// StopAllDelayed stops whatever waits for the factors of an account.
func StopAllDelayed(ctx context.Context, tx *store.Tx, account ident.Account) error {
	return stopAllDelayed(ctx, tx, account)
}

// UsedSince reports whether an account has proved a second factor since a moment, made one,
// or used a printed code: whoever did has not lost them.
func UsedSince(ctx context.Context, tx *store.Tx, account ident.Account, since time.Time) (bool, error) {
	return usedSince(ctx, tx, account, since)
}

// RestSince lets the factors that were added to an account since a moment rest for Delay: they
// prove nothing until then, and nothing is taken from whoever added them rightly.
func RestSince(ctx context.Context, tx *store.Tx, account ident.Account, since time.Time) error {
	return restSince(ctx, tx, account, since, tx.Now.Add(Delay))
}

func waitingOr(d Delayed, found bool, err error) (Delayed, error) {
	if err == nil && !found {
		err = ErrNoDelayed
	}
	return d, err
}
