package member

import (
	"context"

	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/token"
	"habilis/internal/webhook"
)

// SetVerification writes where the file of a member stands, in the caller's transaction, and
// takes over what was verified with it (adopt; nil: nothing). Whoever calls it (package
// enrolment) has checked who may, and records it. The tokens that the member made for the
// organisation end with their access (rules.md 7). The second value is false, and nothing is
// written, when nothing changes. Errors: ErrNotFound, fields to correct.
func SetVerification(
	ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member, to Verification, adopt *Change,
) (Member, bool, error) {
	s, ok, err := findState(ctx, tx.Tx, in, id)
	if err != nil || !ok {
		return Member{}, false, notFound(err)
	}
	e := &edition{Member: s.Member, was: s.Member, now: tx.Now}
	if adopt != nil {
		e.settle(adopt)
		if err := e.alone(ctx, tx.Tx); err != nil {
			return Member{}, false, err
		}
		if err := e.verdict(); err != nil {
			return Member{}, false, err
		}
	}
	e.Verification = to
	if s.Verification == to && len(e.changes()) == 0 {
		return s.Member, false, nil
	}
	if !to.Opens() {
		if _, err := token.RevokeMadeBy(ctx, tx.Tx, in, s.Account, tx.By.ID()); err != nil {
			return Member{}, false, err
		}
		if _, err := webhook.StopMadeBy(ctx, tx, in, s.Account, webhook.ByOwner); err != nil {
			return Member{}, false, err
		}
	}
	if err := touch(ctx, tx.Tx, in, id); err != nil {
		return Member{}, false, err
	}
	e.Version++
	return e.Member, true, writeState(ctx, tx.Tx, e.Member, s.rev+1)
}

// End closes the membership of somebody whose registration was abandoned, with everything
// held in it. Whoever calls it (package enrolment) has checked that it never was in force.
func End(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member, verb string) error {
	s, ok, err := findSubject(ctx, tx.Tx, in, id)
	if err != nil || !ok {
		return notFound(err)
	}
	return end(ctx, tx, s, verb)
}

// Belongs reports whether an account has a membership that is verified, or needs not be, in
// force or closed for now.
func Belongs(ctx context.Context, tx *store.Tx, account ident.Account) (bool, error) {
	return belongs(ctx, tx, account)
}

// Usable reports whether an account has a membership that can be used, today or later: one
// that is neither over nor waits for anything.
func Usable(ctx context.Context, tx *store.Tx, account ident.Account) (bool, error) {
	return usable(ctx, tx, account)
}

// Hold is what somebody else has of a number that is claimed; the strongest counts.
type Hold int64

// The holds, the weakest first; rppsHeld computes them.
const (
	NumberFree Hold = iota
	// NumberContested: one other organisation let somebody in with it on its own word, which has
	// effect there only (VER-3). Support decides whose it is.
	NumberContested
	// NumberImported: a member of this organisation bears it who has no account, and may be oneself.
	NumberImported
	// NumberHeld: somebody with an account bears it in this organisation, or has proved it elsewhere.
	NumberHeld
)

// Bars reports whether nobody else comes in with the number; settled says that support has decided
// for whoever claims it.
func (h Hold) Bars(settled bool) bool {
	return h > NumberContested || h == NumberContested && !settled
}

// RPPSHeld says what somebody else has of a number: whoever registers takes it from nobody
// (rules.md 11, INV-13), and no organisation alone keeps it from its owner everywhere. Who was but
// invited, imported or typed elsewhere proved nothing, and holds it there only. mine is the account
// of whoever asks, if they have one.
func RPPSHeld(ctx context.Context, tx *store.Tx, in ident.Org, rpps string, mine ident.Account) (Hold, error) {
	return rppsHeld(ctx, tx, in, rpps, mine)
}

// Bearer finds the member of an organisation who has a number, verified or not: nobody else of
// it may have it (rules.md 13).
func Bearer(ctx context.Context, tx *store.Tx, in ident.Org, rpps string) (Member, bool, error) {
	id, found, err := holderOf(ctx, tx, in, rpps)
	if err != nil || !found {
		return Member{}, false, err
	}
	m, err := Find(ctx, tx, in, id)
	return m, err == nil, err
}
