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

// AuthenticateHalf finds the half of a presented token. Errors: ErrHalfGone, the same
// for every token that is worth nothing.
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
