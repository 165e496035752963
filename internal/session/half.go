package session

import (
	"cmp"
	"context"
	"time"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// First is the first proof with which a browser came in.
type First string

// The first proofs.
const (
	ByPassword   First = "password"
	ByPasskey    First = "passkey"    // user-verified: the second factor at once
	ByInvitation First = "invitation" // the link of an invitation, and the password chosen there
	BySetUp      First = "setup"
)

// Bounds of what lies between the two proofs (rules.md 4, 5).
const (
	HalfLife     = 10 * time.Minute
	HalfFailures = 5 // wrong codes that end it (MFA-02)
	// ProofLife is how long a bound half is good for once both proofs were given.
	ProofLife = 10 * time.Minute
)

// Half is a browser whose person gave the first proof and owes the second.
type Half struct {
	ID        ident.Half
	Account   ident.Account
	First     First
	CreatedAt time.Time
	ExpiresAt time.Time
	Failures  int
	Address   string
	UserAgent string
	// ForSession is, of a bound half, the session of another account whose person gave this first
	// proof to have both accounts merged; zero: it is a sign-in.
	ForSession ident.Session
	ProvedAt   time.Time // of a bound half: both proofs were given; zero: not yet
}

// OpenedHalf is a half just opened: its token goes into the cookie, nowhere else.
type OpenedHalf struct {
	Half  Half
	Token secret.Text `json:"-"`
}

// Reasons why a half ended, beside those of sessions.
const (
	Completed  Reason = "completed"    // the second proof was given
	TooManyBad Reason = "too_many_bad" // MFA-02
	Left       Reason = "left"         // its person went back to the beginning
)

// ErrHalfGone is the one answer to a half that ended, expired or never was.
var ErrHalfGone = fault.New(fault.Gone, "session.half_gone")

// OpenHalf opens a half for somebody who gave the first proof; the older ones of the
// same browser are its caller's to end (EndHalf).
func OpenHalf(ctx context.Context, tx *store.Tx, h Half) (OpenedHalf, error) {
	token, hash := secret.NewToken(secret.PreSession)
	h.ID, h.CreatedAt, h.ExpiresAt, h.Failures = ident.NewHalf(), tx.Now, tx.Now.Add(HalfLife), 0
	h.First, h.Address, h.UserAgent = cmp.Or(h.First, ByPassword), clip(h.Address, MaxAddress), clip(h.UserAgent, MaxUserAgent)
	return OpenedHalf{Half: h, Token: token}, insertHalf(ctx, tx, h, hash)
}

// AuthenticateHalf finds the half of a presented token, for a sign-in: one that is bound to a session is
// none. Errors: ErrHalfGone, the same for every token that is worth nothing.
func AuthenticateHalf(ctx context.Context, tx *store.Tx, presented string) (Half, error) {
	hash, ok := secret.HashToken(secret.PreSession, presented)
	if !ok {
		return Half{}, ErrHalfGone
	}
	h, ok, err := halfByToken(ctx, tx, hash)
	if err == nil && !ok {
		err = ErrHalfGone
	}
	return h, err
}

// OpenBound opens a half that is bound to a session of another account: its person has given the first
// proof of h.Account there, to have both accounts merged. Nothing but AuthenticateBound finds it, so
// that no way in ever completes it. The one that was bound to the session before is over.
func OpenBound(ctx context.Context, tx *store.Tx, h Half) (OpenedHalf, error) {
	if h.ForSession.IsZero() {
		return OpenedHalf{}, ErrHalfGone
	}
	if err := endBound(ctx, tx, h.ForSession); err != nil {
		return OpenedHalf{}, err
	}
	return OpenHalf(ctx, tx, h)
}

// AuthenticateBound finds the half of a presented token that is bound to a session. Errors: ErrHalfGone,
// the same for every token that is worth nothing there.
func AuthenticateBound(ctx context.Context, tx *store.Tx, presented string, to ident.Session) (Half, error) {
	hash, ok := secret.HashToken(secret.PreSession, presented)
	if !ok || to.IsZero() {
		return Half{}, ErrHalfGone
	}
	h, ok, err := boundByToken(ctx, tx, hash, to)
	if err == nil && !ok {
		err = ErrHalfGone
	}
	return h, err
}

// SpentBound gives the ID of the half of a presented token that was bound to a session and served what
// it was for; false when there is none.
func SpentBound(ctx context.Context, tx *store.Tx, presented string, to ident.Session) (ident.Half, bool, error) {
	hash, ok := secret.HashToken(secret.PreSession, presented)
	if !ok || to.IsZero() {
		return "", false, nil
	}
	return spentBound(ctx, tx, hash, to)
}

// ProveBound notes that both proofs of a bound half were given: it is good for ProofLife from now on.
// Errors: ErrHalfGone.
func ProveBound(ctx context.Context, tx *store.Tx, id ident.Half) error {
	n, err := proveBound(ctx, tx, id, tx.Now.Add(ProofLife))
	if err == nil && n == 0 {
		err = ErrHalfGone
	}
	return err
}

// FailHalf counts a wrong code of a half, and reports whether it was the last that it
// may take: it is ended then (MFA-02).
func FailHalf(ctx context.Context, tx *store.Tx, id ident.Half) (ended bool, err error) {
	failures, ok, err := failHalf(ctx, tx, id)
	if err != nil || !ok {
		return true, err
	}
	if failures < HalfFailures {
		return false, nil
	}
	_, err = endHalf(ctx, tx, id, TooManyBad)
	return true, err
}

// EndHalf ends a half and reports whether it was still open: of two that complete the
// same one, one opens a session.
func EndHalf(ctx context.Context, tx *store.Tx, id ident.Half, why Reason) (bool, error) {
	n, err := endHalf(ctx, tx, id, why)
	return n > 0, err
}

// EndHalves ends every half of an account: whoever resets the password starts again.
func EndHalves(ctx context.Context, tx *store.Tx, account ident.Account, why Reason) (int64, error) {
	return endHalves(ctx, tx, account, why)
}
