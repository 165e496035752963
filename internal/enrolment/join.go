package enrolment

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/member"
	"habilis/internal/org"
)

// Join spends the link for the signed-in actor, whose account has the invited
// address. Errors: invitation.ErrGone, ErrOtherAddress (INV-02),
// member.ErrAlreadyMember; none of them spends it.
func (e Enrolments) Join(ctx context.Context, by access.Actor, presented string) (Finished, error) {
	need := access.Myself(by.Account)
	l, err := e.follow(ctx, by, verbAccept, presented, need)
	if err != nil {
		return Finished{}, err
	}
	return action.Run(ctx, e.Run, by, l.act(verbAccept, need), func(tx *action.Tx) (Finished, error) {
		i, err := l.opens(ctx, tx.Tx)
		if err != nil {
			return Finished{}, err
		}
		if err := notForAnother(ctx, tx.Tx, by, i); err != nil {
			return Finished{}, err
		}
		return l.join(ctx, tx, i)
	})
}

func (l link) join(ctx context.Context, tx *action.Tx, i opened) (Finished, error) {
	a, ok, err := account.Get(ctx, tx.Tx, tx.By.Account)
	if err != nil || !ok {
		return Finished{}, firstError(err, access.ErrUnauthenticated)
	}
	if a.Status != account.Active {
		return Finished{}, access.ErrUnauthenticated
	}
	_, already, err := member.ByAccount(ctx, tx.Tx, i.Org, a.ID)
	if err != nil {
		return Finished{}, err
	}
	if already {
		return Finished{}, member.ErrAlreadyMember
	}
	o, err := org.Get(ctx, tx.Tx, i.Org)
	if err != nil {
		return Finished{}, err
	}
	return l.enter(ctx, tx, offered{opened: i, org: o}, a, i.Function)
}
