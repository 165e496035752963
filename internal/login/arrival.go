package login

import (
	"context"
	"errors"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/session"
	"habilis/internal/store"
)

// arrival is somebody who has just given a first proof, in some browser.
type arrival struct {
	account account.Account
	first   session.First
	// second is the factor proved in the same step, such as a user-verified passkey; empty:
	// whether one is due is still to be decided.
	second credential.FactorKind
	device ident.Device // the remembered browser
	client Client
	before access.Actor // whoever was signed in there until now
	locked []ident.Org  // the organisations that the act holds (waitingOrgs)
}

// admit is the one dispatcher: every way in ends here, inside the transaction that saw the
// first proof, and nothing else opens a session. It opens one when no second factor is due,
// or when one is proved already; otherwise a half, which asks for it (rules.md 5, MFA-03).
func (l Logins) admit(ctx context.Context, tx *action.Tx, a arrival) (Result, error) {
	p, err := Effective(ctx, tx.Tx, a.account.ID)
	if err != nil {
		return Result{}, err
	}
	if a.second != "" {
		return l.open(ctx, tx, a, p, string(a.second))
	}
	factors, err := proved(ctx, tx.Tx, a.account.ID)
	if err != nil {
		return Result{}, err
	}
	if len(factors) == 0 && !p.Due(tx.Now) {
		return l.open(ctx, tx, a, p, "")
	}
	second, err := a.spared(ctx, tx, p, factors)
	if err != nil {
		return Result{}, err
	}
	if second != "" {
		return l.open(ctx, tx, a, p, second)
	}
	return half(ctx, tx, a)
}

// proved are the factors of an account that count as had, also those that rest: a locked
// factor never lowers what is asked (rules.md 4).
func proved(ctx context.Context, tx *store.Tx, of ident.Account) ([]credential.Factor, error) {
	all, err := credential.Factors(ctx, tx, of)
	kept := all[:0]
	for _, f := range all {
		if !f.ProvedAt.IsZero() {
			kept = append(kept, f)
		}
	}
	return kept, err
}

// spared says what stands for the second factor without its person doing anything: the
// network of their organisation, or a browser that they said to remember. Nothing does for
// whoever has no factor yet.
func (a *arrival) spared(ctx context.Context, tx *action.Tx, p Policy, factors []credential.Factor) (string, error) {
	if len(factors) == 0 {
		return "", nil
	}
	if f, holds := p.ByAddress(tx.Now, factors, tx.By.Address); holds {
		return string(credential.Address), credential.TouchFactor(ctx, tx.Tx, f)
	}
	d, known, err := session.Recognise(ctx, tx.Tx, a.account.ID, a.client.Device.Reveal(), p.Remember)
	if err != nil || !known {
		return "", err
	}
	a.device = d.ID
	return session.ByDevice, nil
}

// half opens what asks for the second factor, and nothing else. The one that the browser
// had before is over.
func half(ctx context.Context, tx *action.Tx, a arrival) (Result, error) {
	if err := endHalf(ctx, tx.Tx, a.client); err != nil {
		return Result{}, err
	}
	opened, err := session.OpenHalf(ctx, tx.Tx, session.Half{
		Account: a.account.ID, First: a.first, Address: tx.By.Address, UserAgent: a.client.UserAgent,
	})
	if err != nil {
		return Result{}, err
	}
	tx.Record(audit.Event{Verb: verbFirst, Object: a.account.ID.String(), After: map[string]any{"first": string(a.first)}})
	return Result{Half: &opened}, nil
}

// endHalf ends the half that a browser holds, whoever it is of: somebody begins again there.
func endHalf(ctx context.Context, tx *store.Tx, c Client) error {
	if c.Half.IsZero() {
		return nil
	}
	h, err := session.AuthenticateHalf(ctx, tx, c.Half.Reveal())
	if errors.Is(err, session.ErrHalfGone) {
		return nil
	}
	if err == nil {
		_, err = session.EndHalf(ctx, tx, h.ID, session.Left)
	}
	return err
}

// open opens the session of somebody who owes nothing any more, and notes the sign-in.
func (l Logins) open(ctx context.Context, tx *action.Tx, a arrival, p Policy, second string) (Result, error) {
	if err := a.endBefore(ctx, tx); err != nil {
		return Result{}, err
	}
	if err := account.TouchSignIn(ctx, tx.Tx, a.account.ID); err != nil {
		return Result{}, err
	}
	if err := member.SignedIn(ctx, tx, a.account.ID, a.locked); err != nil {
		return Result{}, err
	}
	opened, closed, err := session.Open(ctx, tx.Tx, session.New{
		Account: a.account.ID, Idle: p.Idle, Absolute: p.Absolute, Address: tx.By.Address, UserAgent: a.client.UserAgent,
		First: a.first, Second: second, Device: a.device,
	})
	if err != nil {
		return Result{}, err
	}
	e := audit.Event{
		Verb: verbSignIn, Object: a.account.ID.String(),
		After: map[string]any{"session": opened.Session.ID.String(), "browser": opened.Session.UserAgent},
	}
	if second != "" {
		e.After["second"] = second
	}
	if closed > 0 {
		e.After["closed"] = closed
		tx.After(job.Order{Args: session.ClosedLetter{Account: a.account.ID, Count: closed, At: tx.Now}, Priority: job.Normal})
	}
	tx.Record(e)
	if err := a.tellNew(ctx, tx); err != nil {
		return Result{}, err
	}
	if err := stays(ctx, tx, a.account.ID, StaySignedIn); err != nil {
		return Result{}, err
	}
	return lossAtArrival(ctx, tx, a, second, Result{Session: &opened})
}

// tellNew orders the letter about a browser and network in which the person has not signed
// in lately, in the transaction that opens the session: of two at once, one is new.
func (a *arrival) tellNew(ctx context.Context, tx *action.Tx) error {
	isNew, err := session.Meet(ctx, tx.Tx, a.account.ID, a.client.UserAgent, tx.By.Address)
	if err == nil && isNew {
		tx.After(job.Order{
			Args:     NewBrowserLetter{Account: a.account.ID, At: tx.Now, Address: tx.By.Address, Browser: a.client.UserAgent},
			Priority: job.Normal,
		})
	}
	return err
}

// endBefore: signed in over another session, that one ends (SES-03).
func (a *arrival) endBefore(ctx context.Context, tx *action.Tx) error {
	if a.before.Session.IsZero() {
		return nil
	}
	_, err := session.EndOne(ctx, tx.Tx, a.before.Account, a.before.Session, session.SignedOut)
	return err
}

// waitingOrgs are the organisations whose lock a sign-in of the account takes: those in
// which it has never signed in yet.
func (l Logins) waitingOrgs(ctx context.Context, of ident.Account) (orgs []ident.Org, err error) {
	err = l.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		orgs, err = member.CreatedOrgs(ctx, tx, of)
		return err
	})
	return orgs, err
}
