package login

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/session"
	"habilis/internal/store"
)

// Refusals of a change of one's own factors.
var (
	// ErrStronger: the session must first prove a second factor as strong (ProveSecond).
	ErrStronger = fault.New(fault.Forbidden, "factor.stronger_needed")
	// ErrLastFactor: the rules want a second factor, and this one is the last.
	ErrLastFactor = fault.New(fault.Conflict, "factor.last_required")
	// ErrKindRefused: no organisation of the person wants this kind.
	ErrKindRefused = fault.New(fault.Conflict, "factor.kind_refused")
	// ErrNoFactor: recovery codes stand in for a factor, and there is none.
	ErrNoFactor = fault.New(fault.Conflict, "factor.none_yet")
	// ErrCodesShown: the recovery codes that a request made before are in no later answer.
	ErrCodesShown = fault.New(fault.Conflict, "factor.codes_shown")
)

// factorsChanged is why the other browsers of a person end (SES-02).
const factorsChanged session.Reason = "factors_changed"

// ownAct is an act of a person on their own factors: all of them ask for a fresh proof of
// the person (rules.md 5, 6; MFA-06).
func ownAct(by access.Actor, verb, object string) action.Act {
	return action.Act{Verb: verb, Needs: []access.Need{access.Myself(by.Account)}, Object: object, StepUp: true}
}

// mayAdd refuses to add a factor of a kind to whoever has not proved one as strong as the
// new one in this session, or as the strongest there is: else a weak factor would bring in
// a strong one, which removes the others (rules.md 5). Errors: ErrStronger, ErrKindRefused.
func mayAdd(ctx context.Context, tx *store.Tx, by access.Actor, kind credential.FactorKind) error {
	policy, err := Effective(ctx, tx, by.Account)
	if err != nil {
		return err
	}
	if !policy.Allows(kind) {
		return ErrKindRefused
	}
	held, err := credential.Factors(ctx, tx, by.Account)
	if err != nil {
		return err
	}
	return strongEnough(by, min(kind.Strength(), credential.Strongest(held)))
}

// strongEnough refuses whoever came in with less.
func strongEnough(by access.Actor, strength int) error {
	if strengthOf(by) < strength {
		return ErrStronger
	}
	return nil
}

// strengthOf is that of the second factor which the session has proved; a token has none.
func strengthOf(by access.Actor) int { return credential.FactorKind(by.Second).Strength() }

// mayRemove refuses to remove a factor to whoever has not proved one as strong, and to
// leave a person without any where the rules want one. Errors: ErrStronger, ErrLastFactor.
func mayRemove(ctx context.Context, tx *store.Tx, by access.Actor, f credential.Factor) error {
	if f.ProvedAt.IsZero() { // it opens nothing
		return nil
	}
	if err := strongEnough(by, f.Kind.Strength()); err != nil {
		return err
	}
	last, err := lastWanted(ctx, tx, f)
	if err == nil && last {
		err = ErrLastFactor
	}
	return err
}

// lastWanted reports whether a factor is the last that counts for rules that want one.
func lastWanted(ctx context.Context, tx *store.Tx, f credential.Factor) (bool, error) {
	policy, err := Effective(ctx, tx, f.Account)
	if err != nil || !policy.Required || !policy.Allows(f.Kind) {
		return false, err
	}
	held, err := credential.Factors(ctx, tx, f.Account)
	for i := range held {
		if h := &held[i]; h.ID != f.ID && !h.ProvedAt.IsZero() && policy.Allows(h.Kind) {
			return false, err
		}
	}
	return err == nil, err
}

// factorChanged ends what a change of somebody's factors ends — their other browsers, those
// between two proofs, those that were remembered (SES-02, rules.md 7) — and tells them. It
// gives how many sessions ended, for the trail.
func factorChanged(ctx context.Context, tx *action.Tx, l FactorLetter) (int64, error) {
	ended, err := endForChange(ctx, tx, l.Account)
	if err == nil {
		tellFactor(tx, l)
	}
	return ended, err
}

func endForChange(ctx context.Context, tx *action.Tx, account ident.Account) (int64, error) {
	if _, err := session.EndHalves(ctx, tx.Tx, account, factorsChanged); err != nil {
		return 0, err
	}
	if _, err := session.EndDevices(ctx, tx.Tx, account, factorsChanged); err != nil {
		return 0, err
	}
	return session.EndAllBut(ctx, tx.Tx, account, tx.By.Session, factorsChanged)
}

// proveHere notes in the actor's session that its person has just proved a factor, if it
// is stronger than what the session had. A token has no session: the answer is empty.
func proveHere(ctx context.Context, tx *action.Tx, kind credential.FactorKind) (session.Opened, error) {
	if tx.By.Session.IsZero() || !tx.By.Token.IsZero() || strengthOf(tx.By) >= kind.Strength() {
		return session.Opened{}, nil
	}
	policy, err := Effective(ctx, tx.Tx, tx.By.Account)
	if err != nil {
		return session.Opened{}, err
	}
	return session.Prove(ctx, tx.Tx, tx.By.Account, tx.By.Session, policy.Idle, string(kind))
}
