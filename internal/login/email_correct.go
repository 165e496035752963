package login

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/setting"
	"habilis/internal/store"
)

const verbEmailCorrect = "email.correct"

// Refusals of the correction of somebody else's address (CHG-2).
var (
	// ErrEmailPolicy: the organisation leaves addresses to their owners, as it does unless it
	// says otherwise.
	ErrEmailPolicy = fault.New(fault.Forbidden, "login.email_policy")
	// ErrEmailElsewhere: the account serves elsewhere too, so nobody here may change it.
	ErrEmailElsewhere = fault.New(fault.Conflict, "login.email_elsewhere")
	// ErrEmailWaiting: there is no account yet; the address is a detail of the member.
	ErrEmailWaiting = fault.New(fault.Conflict, "login.email_waiting")
)

// CorrectEmail asks for another address for the account of a member, which belongs to this
// organisation alone and waits nowhere else, whether it has signed in or not (CHG-2). Both
// addresses are told, and nothing changes before the new one confirms. Errors: ErrEmailPolicy, ErrEmailElsewhere,
// ErrEmailWaiting, those of member.EmailSubject, access.ErrStepUp, limit.ErrExceeded, the
// fields email and email_again.
func (l Logins) CorrectEmail(
	ctx context.Context, by access.Actor, in ident.Org, id ident.Member, n NewEmail, c Client,
) (account.EmailChange, error) {
	var of account.Account
	act := l.correcting(by, in, id, &of)
	return action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (account.EmailChange, error) {
		next, err := n.parse(of.Email)
		if err != nil {
			return account.EmailChange{}, err
		}
		tx.Record(asking{verb: act.Verb}.event(of, next))
		return l.askEmail(ctx, tx, of, next, asking{verb: act.Verb, by: by.Account, name: by.Name, org: in, member: id, client: c})
	})
}

// CheckCorrectEmail gives the account that CorrectEmail would change, for its page. Its
// errors are those of CorrectEmail.
func (l Logins) CheckCorrectEmail(ctx context.Context, by access.Actor, in ident.Org, id ident.Member) (account.Account, error) {
	var of account.Account
	act := l.correcting(by, in, id, &of)
	act.StepUp = false
	return action.View(ctx, l.Run, by, act, func(*store.Tx) (account.Account, error) { return of, nil })
}

func (l Logins) correcting(by access.Actor, in ident.Org, id ident.Member, of *account.Account) action.Act {
	return action.Act{
		Verb: verbEmailCorrect, Orgs: []ident.Org{in}, Accounts: true, StepUp: true, Object: id.String(), Subject: id.String(),
		Resolve: func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
			*of, err = toCorrect(ctx, tx, by, in, id)
			return []access.Need{access.MemberOf(in)}, err
		},
	}
}

func toCorrect(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, id ident.Member) (account.Account, error) {
	m, err := member.EmailSubject(ctx, tx, by, in, id)
	if err != nil {
		return account.Account{}, err
	}
	policy, err := setting.ReadSecurity(ctx, tx, in)
	switch {
	case err != nil:
		return account.Account{}, err
	case !policy.EmailByAdministrators:
		return account.Account{}, ErrEmailPolicy
	case m.Account.IsZero():
		return account.Account{}, ErrEmailWaiting
	}
	alone, err := belongsAlone(ctx, tx, m.Account, in, member.OrgsOf) // whoever has the mailbox enters where they wait, too
	if err != nil {
		return account.Account{}, err
	}
	a, found, err := account.Get(ctx, tx, m.Account)
	if err == nil && (!found || a.Status != account.Active || !alone) {
		err = ErrEmailElsewhere
	}
	return a, err
}
