package member

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Over finds a member for an act that another package does to their account, and checks
// that by may: that by sees them, holds p over them as a whole (in the organisation, or at
// every one of their sites), and that their administration does not exceed by's own
// (AUZ-05, rules.md 13). Errors: ErrNotFound, access.ErrForbidden, ErrMorePowerful.
func Over(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, id ident.Member, p access.Permission) (Member, error) {
	v, err := look(ctx, tx, by, in)
	if err != nil {
		return Member{}, err
	}
	s, err := v.subject(ctx, tx, in, id)
	if err != nil {
		return Member{}, err
	}
	return s.Member, v.overWhole(s, p)
}

// StillOver reports whether somebody who is not here holds p over a member as a whole now: what
// they began with it is worth no more than that (rules.md 13).
func StillOver(ctx context.Context, tx *store.Tx, of ident.Account, in ident.Org, id ident.Member, p access.Permission) (bool, error) {
	v, s, err := whoWas(ctx, tx, of, in, id)
	if err == nil {
		err = v.overWhole(s, p)
	}
	return err == nil, unlessRefused(err)
}

// whoWas is somebody who is not here, with what they hold now, and the member of whom they began
// something. Errors: those of viewer.subject.
func whoWas(ctx context.Context, tx *store.Tx, of ident.Account, in ident.Org, id ident.Member) (viewer, subject, error) {
	held, err := access.HeldByAccount(ctx, tx, of, in)
	if err != nil {
		return viewer{}, subject{}, err
	}
	v := viewer{held: held}
	s, err := v.subject(ctx, tx, in, id)
	return v, s, err
}

// unlessRefused leaves out the error of whoever may not: that is an answer.
func unlessRefused(err error) error {
	if err != nil && Refusal(err) {
		return nil
	}
	return err
}

// OfAccount finds the membership of an account in an organisation, whatever its status but
// left.
func OfAccount(ctx context.Context, tx *store.Tx, in ident.Org, account ident.Account) (Member, bool, error) {
	s, ok, err := findByAccount(ctx, tx, in, account)
	return s.Member, ok, err
}

// PersonOf is a member in force who can sign in, as the rules of sign-in see them.
type PersonOf struct {
	Member                ident.Member
	Account               ident.Account
	GivenName, FamilyName string
	AccountSince          time.Time
	Platform              bool // has a platform role
	Administers           bool // holds an administration permission here
}

// Name is "Prénom Nom".
func (p PersonOf) Name() string { return p.GivenName + " " + p.FamilyName }

// People are the members in force of an organisation who can sign in, by name.
func People(ctx context.Context, tx *store.Tx, in ident.Org) ([]PersonOf, error) {
	all, err := peopleOf(ctx, tx, in)
	if err != nil {
		return nil, err
	}
	strict, err := administering(ctx, tx, in)
	holds := make(map[ident.Member]bool, len(strict))
	for _, m := range strict {
		holds[m] = true
	}
	for i := range all {
		all[i].Administers = holds[all[i].Member]
	}
	return all, err
}
