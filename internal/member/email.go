package member

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// SetEmail writes the address of an account on its memberships, which the act has locked:
// the address of who has an account is theirs, and follows it (CHG-2). A membership made
// since asks for the whole act again.
func SetEmail(ctx context.Context, tx *action.Tx, of ident.Account, next account.Email, locked []ident.Org) error {
	orgs, err := orgsOf(ctx, tx.Tx, of)
	if err != nil {
		return err
	}
	for _, in := range orgs {
		if !slices.Contains(locked, in) {
			return store.ErrBusy
		}
		if err := setEmail(ctx, tx, in, of, next); err != nil {
			return err
		}
	}
	return nil
}

func setEmail(ctx context.Context, tx *action.Tx, in ident.Org, of ident.Account, next account.Email) error {
	s, ok, err := findByAccount(ctx, tx.Tx, in, of)
	if err != nil || !ok {
		return notFound(err)
	}
	e := event(s.Member, "member.email")
	e.Before = map[string]any{"email": account.Email{Address: s.Email}.Masked()}
	e.After = map[string]any{"email": next.Masked()}
	tx.Record(e)
	s.Email = next.Address
	if err := writeState(ctx, tx.Tx, s.Member, s.rev+1); err != nil {
		return err
	}
	return touch(ctx, tx.Tx, in, s.ID)
}

// EmailSubject gives the member whose address by would correct (CHG-2): somebody else, all of
// whose details and proofs by may touch. Errors: ErrYourself, ErrNotFound, ErrMorePowerful,
// access.ErrForbidden.
func EmailSubject(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, id ident.Member) (Member, error) {
	v, err := look(ctx, tx, by, in)
	if err != nil {
		return Member{}, err
	}
	s, err := v.subject(ctx, tx, in, id)
	if err != nil {
		return Member{}, err
	}
	return s.Member, v.overEmail(s)
}

// overEmail needs members.edit and security.edit over the whole of somebody else: whoever
// reads mail at the address comes in.
func (v viewer) overEmail(s subject) error {
	if v.isSelf(s) {
		return ErrYourself
	}
	if err := v.overWhole(s, access.MembersEdit); err != nil {
		return err
	}
	return v.overWhole(s, access.SecurityEdit)
}

// mayCorrectEmail reports whether the correction would be offered: the organisation lets
// administrators, and the account, which is in use, belongs to it alone.
func (v viewer) mayCorrectEmail(ctx context.Context, tx *store.Tx, s subject) (bool, error) {
	if s.Account.IsZero() || v.overEmail(s) != nil {
		return false, nil //nolint:nilerr // whoever is refused is not offered it: that is the answer
	}
	policy, err := setting.ReadSecurity(ctx, tx, s.Org)
	if err != nil || !policy.EmailByAdministrators {
		return false, err
	}
	a, found, err := account.Get(ctx, tx, s.Account)
	if err != nil || !found || a.Status != account.Active {
		return false, err
	}
	orgs, err := orgsOf(ctx, tx, s.Account)
	return a.PlatformRole == account.NoRole && len(orgs) == 1, err
}

// StillCorrectsEmail reports whether somebody who is not here could ask now for another address
// of an account, by the rules of EmailSubject and of the organisation to which it belongs alone:
// what they asked is worth no more than that on the day when it is confirmed (rules.md 13).
func StillCorrectsEmail(ctx context.Context, tx *store.Tx, asker, of ident.Account) (bool, error) {
	orgs, err := orgsOf(ctx, tx, of)
	if err != nil || len(orgs) != 1 {
		return false, err
	}
	m, found, err := findByAccount(ctx, tx, orgs[0], of)
	if err != nil || !found {
		return false, err
	}
	v, s, err := whoWas(ctx, tx, asker, orgs[0], m.ID)
	if err != nil {
		return false, unlessRefused(err)
	}
	return v.mayCorrectEmail(ctx, tx, s)
}
