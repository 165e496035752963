package recordgroup

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/changeset"
	"habilis/internal/ident"
)

// TakeOut takes a member out of some groups in the caller's act, by the right of whoever acts
// there: for a review. It gives the lines, for the change set of that act; groups that they are not in
// are left out. Errors: access.ErrForbidden.
func TakeOut(ctx context.Context, tx *action.Tx, org ident.Org, m ident.Member, groups []ident.Group) ([]changeset.Line, error) {
	if len(groups) == 0 {
		return nil, nil
	}
	if err := access.Check(ctx, tx.Tx, tx.By, access.At(access.GroupsEdit, access.OrgScope(org))); err != nil {
		return nil, err
	}
	held, err := groupsOf(ctx, tx.Tx, org, m)
	if err != nil {
		return nil, err
	}
	held = slices.DeleteFunc(held, func(h Membership) bool { return !slices.Contains(groups, h.Group) })
	return end(ctx, tx, org, m, held)
}
