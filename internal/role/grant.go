package role

import (
	"context"
	"slices"
	"strconv"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/store"
)

// CheckGrant returns nil when by may give each of the roles at its scope (RGT-1,
// INV-08). Else it is ErrNotGrantable with one field for each role refused,
// "roles[2]": a role or site that by may not know of is refused like one that does
// not exist. Errors also: access.ErrNotFound, access.ErrSuspended.
func CheckGrant(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, given []Given) error {
	g, err := newGiver(ctx, tx, by, in)
	if err != nil {
		return err
	}
	var f fault.Fields
	for i, v := range given {
		code, args := g.refuses(v)
		f.Check("roles["+strconv.Itoa(i)+"]", code, args...)
	}
	if err := f.Err(); err != nil {
		refusal := *ErrNotGrantable
		refusal.Fields = fault.Of(err).Fields
		return &refusal
	}
	return nil
}

// giver is who gives, with what is needed to say what they may give.
type giver struct {
	org   ident.Org
	held  access.Held
	sites []org.Site // active, and known to the giver
	roles []Role
}

func newGiver(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org) (giver, error) {
	g := giver{org: in}
	var err error
	if g.held, err = access.HeldBy(ctx, tx, by, in); err != nil {
		return g, err
	}
	if g.roles, err = All(ctx, tx, in); err != nil {
		return g, err
	}
	sight, err := org.See(ctx, tx, g.held)
	if err != nil {
		return g, err
	}
	all, err := org.ActiveSites(ctx, tx, in)
	for _, s := range all {
		if sight.Of(s.ID) {
			g.sites = append(g.sites, s)
		}
	}
	return g, err
}

// refuses gives the code of the rule that refuses v, and none when it may be given.
func (g giver) refuses(v Given) (code string, args []any) {
	i := slices.IndexFunc(g.roles, func(r Role) bool { return r.ID == v.Role })
	if i < 0 {
		return ErrNotFound.Code, nil
	}
	known := slices.ContainsFunc(g.sites, func(s org.Site) bool { return s.ID == v.Scope.Site })
	if v.Scope.Org != g.org || (!v.Scope.Site.IsZero() && !known) {
		return org.ErrNoSuchSite.Code, nil
	}
	if p, ok := MayGive(g.held, g.roles[i].Permissions, v.Scope); !ok {
		return "role.above_yours", []any{"Permission", string(p)}
	}
	return "", nil
}

// MayGive reports whether whoever holds h may give, or take, these permissions at
// a scope; if not, it names the permission that lacks.
func MayGive(h access.Held, permissions []access.Permission, at access.Scope) (access.Permission, bool) {
	if !h.Has(access.MembersInvite, at) && !h.Has(access.RightsEdit, at) {
		return access.RightsEdit, false
	}
	for _, p := range permissions {
		if access.IsAdministration(p) && !h.Has(p, at) {
			return p, false
		}
	}
	return "", true
}

// Grantable is a role with the scopes at which the actor may give it.
type Grantable struct {
	Role   Role
	Scopes []access.Scope
}

// grantable lists the roles that g may give somewhere, each with its scopes: the
// whole organisation first, then the sites by name.
func (g giver) grantable() []Grantable {
	scopes := []access.Scope{access.OrgScope(g.org)}
	for _, s := range g.sites {
		scopes = append(scopes, access.SiteScope(g.org, s.ID))
	}
	var out []Grantable
	for _, r := range g.roles {
		v := Grantable{Role: r}
		for _, s := range scopes {
			if _, ok := MayGive(g.held, r.Permissions, s); ok {
				v.Scopes = append(v.Scopes, s)
			}
		}
		if len(v.Scopes) > 0 {
			out = append(out, v)
		}
	}
	return out
}
