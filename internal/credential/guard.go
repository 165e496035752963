package credential

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// Limits of guessing, one count an account whatever identifier or surface
// (rules.md 4, PWD-08).
const (
	WaitAfter    = 5              // failures in a day: the next try must wait
	FirstWait    = time.Minute    // doubled by each failure more
	LongestWait  = time.Hour      // so that nobody is shut out for good by others (PWD-09)
	NoticeAt     = 10             // failures in a day: the person is told by letter
	LockAt       = 25             // failures in a day: the password opens nothing until a reset
	LockAtInARow = 100            // the same without a success between, over any time (NIST SP 800-63B, 5.2.2)
	GuardDay     = 24 * time.Hour // from the first failure on
)

// Subject is what tries are counted for: an account, or an address without one.
type Subject struct {
	Account ident.Account
	Typed   string // a keyed digest of the address, when it has no account
}

// Attempt is one try, counted as a failure before its password is looked at.
type Attempt struct {
	Wait     time.Duration // above zero: too early, nothing was counted, nothing may be verified
	Locked   bool          // even the right password must be refused
	Failures int64         // of the day, this one included
	Locks    bool          // this failure is the one that locks the password

	until, before time.Time // blocked_until as this attempt set it, and as it was
}

// guard is what is kept of the failures of one subject.
type guard struct {
	failures     int64 // since the last success
	dayFailures  int64
	dayBegan     time.Time
	blockedUntil time.Time
	lockedAt     *time.Time
}

// attempt counts one failure at the time now.
func (g *guard) attempt(now time.Time) Attempt {
	if now.Before(g.blockedUntil) {
		return Attempt{Wait: g.blockedUntil.Sub(now)}
	}
	if !now.Before(g.dayBegan.Add(GuardDay)) {
		g.dayBegan, g.dayFailures = now, 0
	}
	a := Attempt{Locked: g.lockedAt != nil, before: g.blockedUntil}
	g.failures++
	g.dayFailures++
	g.blockedUntil = now.Add(waitAfter(g.dayFailures))
	if !a.Locked && (g.dayFailures >= LockAt || g.failures >= LockAtInARow) {
		a.Locks, g.lockedAt = true, &now
	}
	a.Failures, a.until = g.dayFailures, g.blockedUntil
	return a
}

// waitAfter gives the pause that so many failures ask for.
func waitAfter(failures int64) time.Duration {
	if failures < WaitAfter {
		return 0
	}
	wait := FirstWait
	for range failures - WaitAfter {
		if wait *= 2; wait >= LongestWait {
			return LongestWait
		}
	}
	return wait
}

// undo takes back an attempt that was never verified. A wait that another attempt
// has set since is left.
func (g *guard) undo(a Attempt) {
	g.failures = max(0, g.failures-1)
	g.dayFailures = max(0, g.dayFailures-1)
	if g.blockedUntil.Equal(a.until) {
		g.blockedUntil = a.before
	}
	if a.Locks {
		g.lockedAt = nil
	}
}

// Begin counts one try of s before its password is looked at, in the caller's
// transaction. End a success with Succeed; a failure needs nothing more.
func Begin(ctx context.Context, tx *store.Tx, s Subject) (Attempt, error) {
	g, err := readGuard(ctx, tx, s)
	if err != nil {
		return Attempt{}, err
	}
	a := g.attempt(tx.Now)
	if a.Wait > 0 {
		return a, nil
	}
	if s.Account.IsZero() { // keeps no lock: told once a day, as an account's is (ENU-01)
		a.Locks = a.Failures == LockAt
	}
	return a, writeGuard(ctx, tx, s, g)
}

// TakeBack uncounts a try whose password could not be looked at (ErrBusy).
func TakeBack(ctx context.Context, tx *store.Tx, s Subject, a Attempt) error {
	g, err := readGuard(ctx, tx, s)
	if err != nil {
		return err
	}
	g.undo(a)
	return writeGuard(ctx, tx, s, g)
}

// Succeed forgets the failures of s: its password was the right one, or was reset.
func Succeed(ctx context.Context, tx *store.Tx, s Subject) error {
	if s.Account.IsZero() {
		return dropTyped(ctx, tx, s.Typed)
	}
	return dropGuard(ctx, tx, s.Account)
}

// Locked reports whether the password of an account opens nothing until it is
// reset. A lock ends no session (rules.md 4).
func Locked(ctx context.Context, tx *store.Tx, account ident.Account) (bool, error) {
	_, found, err := lockedAt(ctx, tx, account)
	return found, err
}

// Lock makes the password of an account open nothing until it is reset, as the
// last failure does.
func Lock(ctx context.Context, tx *store.Tx, account ident.Account) error {
	s := Subject{Account: account}
	g, err := readGuard(ctx, tx, s)
	if err != nil || g.lockedAt != nil {
		return err
	}
	g.lockedAt = &tx.Now
	return writeGuard(ctx, tx, s, g)
}

func readGuard(ctx context.Context, tx *store.Tx, s Subject) (guard, error) {
	var g guard
	var found bool
	var err error
	if s.Account.IsZero() {
		g, found, err = typedGuard(ctx, tx, s.Typed)
	} else {
		g, found, err = accountGuard(ctx, tx, s.Account)
	}
	if !found {
		g = guard{dayBegan: store.Never, blockedUntil: store.Never}
	}
	return g, err
}

func writeGuard(ctx context.Context, tx *store.Tx, s Subject, g guard) error {
	if s.Account.IsZero() {
		return putTypedGuard(ctx, tx, s.Typed, g)
	}
	return putAccountGuard(ctx, tx, s.Account, g)
}
