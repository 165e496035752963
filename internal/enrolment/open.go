package enrolment

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/org"
	"habilis/internal/store"
)

const verbOpen = "invitation.open"

// Open reads what a link offers. It changes nothing, however often it is read
// (INV-09). Errors: invitation.ErrGone, ErrClosed.
func (e Enrolments) Open(ctx context.Context, by access.Actor, presented string) (Offer, error) {
	l, err := e.follow(ctx, by, verbOpen, presented, access.Everybody())
	if err != nil {
		return Offer{}, err
	}
	return action.View(ctx, e.Run, by, l.act(verbOpen, access.Everybody()), func(tx *store.Tx) (Offer, error) {
		i, err := l.opens(ctx, tx)
		if err != nil {
			return Offer{}, err
		}
		o := Offer{
			Email: i.Email, Masked: mask(i.Email), InvitedBy: i.InvitedBy, Roles: i.RoleLabels, Sites: i.SiteNames,
			Function: i.Function, ExpiresAt: i.ExpiresAt, Language: i.Language,
			Names: account.Names{Title: i.waiting.Title, GivenName: i.waiting.GivenName, FamilyName: i.waiting.FamilyName},
		}
		if o.Org, err = org.Get(ctx, tx, i.Org); err != nil {
			return Offer{}, err
		}
		o.HasAccount, err = account.Owned(ctx, tx, i.Email.Key)
		return o, err
	})
}
