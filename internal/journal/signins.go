package journal

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// MaxSignIns is how many sign-ins and refusals a person sees of their own account.
const MaxSignIns = 50

// signInVerbs are the acts that came in, or were refused to: what somebody else could have
// tried.
var signInVerbs = []string{
	"login.sign_in", "login.second", "login.passkey", "login.temporary_password", "login.reset", "login.many_failures",
}

// SignIns gives the last sign-ins to the actor's own account and the last refusals, newest
// first, whoever tried (SEC-5). They stand in the chain of the installation: an account
// belongs to no organisation.
func (j Journal) SignIns(ctx context.Context, by access.Actor) ([]Event, error) {
	act := action.Act{Verb: "audit.sign_ins", Needs: []access.Need{access.Myself(by.Account)}, Object: by.Account.String()}
	return action.View(ctx, j.Run, by, act, func(tx *store.Tx) ([]Event, error) {
		list, err := signInsOf(ctx, tx, by.Account, MaxSignIns)
		if err != nil {
			return nil, err
		}
		out := make([]Event, len(list))
		for i := range list {
			if out[i], err = list[i].own(by.Account); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}

// own tells a line of the installation's chain to the person of the account it is about: who
// did it is named only when it was they.
func (l line) own(of ident.Account) (Event, error) {
	b, err := l.open()
	e := l.Event
	e.Erased, e.Names, e.Address, e.Request, e.Before, e.After = l.body == nil, b.Names, b.Actor.Address, b.Actor.RequestID, b.Before, b.After
	e.Actor = Party{Kind: l.actorKind}
	if l.actor == of.String() {
		e.Actor.ID, e.Actor.Name = l.actor, b.Actor.Name
	}
	return e, err
}
