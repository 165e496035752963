package member

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/store"
)

// HeldRight is a role, or a single permission, of a member at a scope, with all that it
// allows there, who gave it and when (RGT-1, RGT-8).
type HeldRight struct {
	Member      ident.Member
	Scope       access.Scope
	Role        role.Role // the zero value for a single permission
	Permissions []access.Permission
	StartsAt    time.Time
	EndsAt      *time.Time
	GivenBy     string // name of the giver, or empty
	GivenAt     time.Time
}

// Single reports whether it is a single permission.
func (h HeldRight) Single() bool { return h.Role.ID.IsZero() }

// heldAtOnce bounds the members of one statement.
const heldAtOnce = 500

// HeldOf reads what members were given by roles and singly: what is not over, whatever
// their status. Whoever calls it leaves out what the one who looks may not know of
// (AUZ-06).
func HeldOf(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member) ([]HeldRight, error) {
	roles, err := role.All(ctx, tx, in)
	if err != nil {
		return nil, err
	}
	byID := make(map[ident.Role]role.Role, len(roles))
	for _, r := range roles {
		byID[r.ID] = r
	}
	var all []HeldRight
	for part := range slices.Chunk(ids, heldAtOnce) {
		given, err := heldRoles(ctx, tx, in, part)
		if err != nil {
			return nil, err
		}
		for i := range given {
			given[i].Role = byID[given[i].Role.ID]
			given[i].Permissions = given[i].Role.Permissions
		}
		single, err := heldSingly(ctx, tx, in, part)
		if err != nil {
			return nil, err
		}
		all = append(append(all, given...), single...)
	}
	return all, nameHeld(ctx, tx, all)
}

// nameHeld puts the names of accounts and tokens where their IDs are.
func nameHeld(ctx context.Context, tx *store.Tx, list []HeldRight) error {
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].GivenBy
	}
	names, err := GiverNames(ctx, tx, ids)
	for i := range list {
		list[i].GivenBy = names[list[i].GivenBy]
	}
	return err
}
