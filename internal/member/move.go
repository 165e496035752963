package member

import (
	"context"

	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// What package merge needs of memberships when two accounts of one person become one.

// Ever are the memberships of an account in every organisation, those that are over included, by
// organisation. Those that were erased are nobody's, and left out.
func Ever(ctx context.Context, tx *store.Tx, of ident.Account) ([]Member, error) {
	places, err := everOf(ctx, tx, of)
	if err != nil {
		return nil, err
	}
	list := make([]Member, 0, len(places))
	for _, p := range places {
		found, err := chosen(ctx, tx, p.org, []ident.Member{p.member}, true)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			if m.Status != Left || m.FamilyName != "" {
				list = append(list, m)
			}
		}
	}
	return list, nil
}

// everPlace is where somebody is, or was, a member.
type everPlace struct {
	org    ident.Org
	member ident.Member
}

// Move makes a membership, over or not, that of another account of the same person, in the caller's act,
// which has checked that both are theirs and records it: its ID, rights, sites and history stay. One that
// is not over shows the address of the account that it has now (CHG-2). It gives the member as they are
// from now on. Errors: ErrNotFound, ErrAlreadyMember when the account has another membership here.
func Move(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member, to account.Account) (Member, error) {
	s, ok, err := findState(ctx, tx.Tx, in, id)
	if err == nil && !ok {
		s, ok, err = findLeft(ctx, tx.Tx, in, id)
	}
	if err != nil || !ok {
		return Member{}, notFound(err)
	}
	m := s.Member
	m.Account = to.ID
	if m.Status != Left {
		m.Email = to.Email.Address
	}
	if err := writeState(ctx, tx.Tx, m, s.rev+1); err != nil {
		return Member{}, err
	}
	m.Version++
	return m, touch(ctx, tx.Tx, in, id)
}
