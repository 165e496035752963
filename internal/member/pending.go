package member

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// first begins the sort key of whoever waits for an authorisation: no folded name begins
// with a space, so that they stand at the top of every list by name (APP-1).
const first = " "

// sortKey is what the name of m is ordered by.
func sortKey(m Member) string {
	key := text.SortKey(m.FamilyName + " " + m.GivenName)
	if m.Status == PendingApproval {
		return first + key
	}
	return key
}

// Release makes of a member who waits for an authorisation one who was created: their
// rights hold as soon as they have an account. Whoever calls it has checked who may, and
// records it. Errors: ErrNotFound, ErrNotActive for one who does not wait.
func Release(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) error {
	return settle(ctx, tx, in, id, Created)
}

// TurnAway ends the membership of somebody who waits for an authorisation, with its roles,
// permissions and sites; levels, delegations and access groups are its caller's to end in the same
// act (grant.EndAll). Errors: those of Release.
func TurnAway(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) error {
	if err := settle(ctx, tx, in, id, Left); err != nil {
		return err
	}
	return closeAll(ctx, tx, in, id)
}

// settle gives a member who waits for an authorisation another status.
func settle(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, to Status) error {
	s, ok, err := findState(ctx, tx, in, id)
	switch {
	case err != nil || !ok:
		return notFound(err)
	case s.Status != PendingApproval:
		return ErrNotActive
	}
	s.Status = to
	if err := writeState(ctx, tx, s.Member, s.rev+1); err != nil {
		return err
	}
	return touch(ctx, tx, in, id)
}
