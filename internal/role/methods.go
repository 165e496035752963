package role

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/store"
)

// Roles is the register of roles.
type Roles struct{ Run *action.Runner }

// readers are the permissions of which one, anywhere, lets see the roles: to
// filter members, to invite, to read or to change rights.
var readers = []access.Permission{access.MembersRead, access.MembersInvite, access.RightsRead, access.RightsEdit, access.RolesEdit}

// givers are the permissions of which one, anywhere, lets give a role.
var givers = []access.Permission{access.MembersInvite, access.RightsEdit}

// oneOf needs one of the permissions, anywhere in the organisation; if none is
// held the first is the one that lacks.
func oneOf(by access.Actor, in ident.Org, permissions []access.Permission) func(context.Context, *store.Tx) ([]access.Need, error) {
	return func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		held, err := access.HeldBy(ctx, tx, by, in)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(permissions, held.HasAnywhere) {
			return []access.Need{access.MemberOf(in)}, nil
		}
		return []access.Need{access.At(permissions[0], access.OrgScope(in))}, nil
	}
}

// List gives the roles of an organisation, built-in ones first, with how many of the members
// that the actor may see hold each. Whoever may read members, invite, or read
// rights may see them.
func (r Roles) List(ctx context.Context, by access.Actor, in ident.Org) ([]Role, error) {
	act := action.Act{Verb: "role.list", Orgs: []ident.Org{in}, Object: in.String(), Resolve: oneOf(by, in, readers)}
	return action.View(ctx, r.Run, by, act, func(tx *store.Tx) ([]Role, error) {
		roles, err := All(ctx, tx, in)
		if err != nil {
			return nil, err
		}
		return counted(ctx, tx, by, in, roles)
	})
}

// counted fills Members: a site administrator counts the members of their sites
// only (AUZ-06).
func counted(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, roles []Role) ([]Role, error) {
	h, err := access.HeldBy(ctx, tx, by, in)
	if err != nil {
		return nil, err
	}
	var holders []held
	if sites, whole := h.Sites(access.MembersRead); whole {
		holders, err = countHolders(ctx, tx, in)
	} else if len(sites) > 0 {
		holders, err = countHoldersSeen(ctx, tx, h, sites)
	}
	for _, n := range holders {
		if i := slices.IndexFunc(roles, func(r Role) bool { return r.ID == n.role }); i >= 0 {
			roles[i].Members = n.n
		}
	}
	return roles, err
}

// countHoldersSeen counts among the members of some sites, as whoever holds h may know.
func countHoldersSeen(ctx context.Context, tx *store.Tx, h access.Held, sites []ident.Site) ([]held, error) {
	sight, err := org.See(ctx, tx, h)
	if err != nil {
		return nil, err
	}
	return countHoldersAt(ctx, tx, h.Org, sites, sight)
}

// Get reads one role. Errors: ErrNotFound, also for a role of another organisation.
func (r Roles) Get(ctx context.Context, by access.Actor, in ident.Org, id ident.Role) (Role, error) {
	act := action.Act{Verb: "role.read", Orgs: []ident.Org{in}, Object: id.String(), Resolve: oneOf(by, in, readers)}
	return action.View(ctx, r.Run, by, act, func(tx *store.Tx) (Role, error) {
		found, err := Load(ctx, tx, in, []ident.Role{id})
		if err != nil {
			return Role{}, err
		}
		found, err = counted(ctx, tx, by, in, found)
		if err != nil {
			return Role{}, err
		}
		return found[0], nil
	})
}

// Grantable are the roles and scopes that the actor may give in org: what a form
// of invitation offers (RGT-1, INV-08).
func (r Roles) Grantable(ctx context.Context, by access.Actor, in ident.Org) ([]Grantable, error) {
	act := action.Act{Verb: "role.grantable", Orgs: []ident.Org{in}, Object: in.String(), Resolve: oneOf(by, in, givers)}
	return action.View(ctx, r.Run, by, act, func(tx *store.Tx) ([]Grantable, error) {
		g, err := newGiver(ctx, tx, by, in)
		return g.grantable(), err
	})
}
