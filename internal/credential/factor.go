package credential

import (
	"context"
	"time"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// FactorKind is a way to prove oneself beside the password (SEC-2). The names are those
// of settings, routes and the trail.
type FactorKind string

// The kinds, the strongest first. E-mail is never one (rules.md 5).
const (
	Passkey  FactorKind = "passkey"
	TOTP     FactorKind = "totp"
	SMS      FactorKind = "sms"
	Address  FactorKind = "address"  // the organisation's network
	Recovery FactorKind = "recovery" // a printed code; a set of them is no row of factor
)

// The strengths, the weakest first.
const (
	weakest = iota + 1
	middling
	strongest
)

// Strength orders the kinds: a factor is managed with one at least as strong (rules.md 5).
// What is no factor, and a remembered device, has none.
func (k FactorKind) Strength() int {
	switch k {
	case Passkey:
		return strongest
	case TOTP:
		return middling
	case SMS, Address, Recovery:
		return weakest
	}
	return 0
}

// Factor is one second factor of an account, without its secret.
type Factor struct {
	ID          ident.Factor
	Account     ident.Account
	Kind        FactorKind
	Name        string
	Hint        string    // what lets its person know it: the end of a number
	Network     ident.Org // of an Address: the organisation whose allow-list counts
	GivenBy     string    // the account of the administrator who added it; empty: its person
	CreatedAt   time.Time
	ProvedAt    time.Time // zero: not yet proved, worth nothing
	LastUsedAt  time.Time
	LockedUntil time.Time // rests after too many wrong codes
}

// Usable reports whether it counts at the moment now.
func (f Factor) Usable(now time.Time) bool { return !f.ProvedAt.IsZero() && now.After(f.LockedUntil) }

// ErrFactorNotFound is the refusal of a factor that is not the account's, or was removed.
var ErrFactorNotFound = fault.New(fault.NotFound, "factor.not_found")

// Factors gives the factors of an account that were not removed, proved or not, the
// strongest kind first, then the oldest.
func Factors(ctx context.Context, tx *store.Tx, account ident.Account) ([]Factor, error) {
	return factorsOf(ctx, tx, account)
}

// TouchFactor notes that a factor was used: for one that holds without a code, such as the
// organisation's network.
func TouchFactor(ctx context.Context, tx *store.Tx, id ident.Factor) error {
	return touchFactor(ctx, tx, id)
}
