package grant

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/store"
)

// scopes is what levels at scopes are read from and judged on: a page, a preview and the
// act see the same.
type scopes struct {
	editor

	now    time.Time
	admin  role.Role // the built-in administrator
	people map[ident.Member]person
	rights map[ident.Member][]member.HeldRight
	beyond map[ident.Member]bool // whose administration exceeds the editor's (AUZ-05)
}

func readScopes(ctx context.Context, tx *store.Tx, e editor, people map[ident.Member]person) (*scopes, error) {
	s := &scopes{editor: e, now: tx.Now, people: people, rights: map[ident.Member][]member.HeldRight{}, beyond: map[ident.Member]bool{}}
	var err error
	if s.admin, err = role.BuiltIn(ctx, tx, e.held.Org, role.Administrator); err != nil {
		return nil, err
	}
	ids := make([]ident.Member, 0, len(people))
	for id := range people {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	held, err := member.HeldOf(ctx, tx, e.held.Org, ids)
	for i := range held {
		h := &held[i]
		s.rights[h.Member] = append(s.rights[h.Member], *h)
		if !s.isSelf(people[h.Member]) && !s.holds(*h) {
			s.beyond[h.Member] = true
		}
	}
	return s, err
}

// readsAt reports whether the editor may see what somebody may do at a scope.
func (e editor) readsAt(at access.Scope) bool {
	return e.held.Has(access.RightsRead, at) || e.held.Has(access.RightsEdit, at)
}

// holds reports whether the editor holds the administration that a right gives.
func (s *scopes) holds(h member.HeldRight) bool {
	return !slices.ContainsFunc(h.Permissions, func(p access.Permission) bool {
		return access.IsAdministration(p) && !s.held.Has(p, h.Scope)
	})
}

// cell is what a member may do in a realm at a scope, and what the editor may make of it.
func (s *scopes) cell(p person, at access.Scope, r Realm) ScopeCell {
	c := s.bare(p, at, r)
	for _, l := range ScopeLevelsOf(r) {
		if _, err := s.plan(p, c, at, r, l); err == nil || l == c.Level {
			c.Offers = append(c.Offers, l)
		}
	}
	return c
}

// bare is the cell without what may be made of it.
func (s *scopes) bare(p person, at access.Scope, r Realm) ScopeCell {
	c := ScopeCell{Belongs: at.Site.IsZero() || slices.Contains(p.Sites, at.Site)}
	administers := false
	for _, here := range []bool{true, false} {
		for _, h := range s.rights[p.ID] {
			own := r.within(h.Permissions)
			covers := h.Scope == at || (h.Scope.Site.IsZero() && !at.Site.IsZero())
			if len(own) == 0 || !covers || (h.Scope == at) != here {
				continue
			}
			c.Sources = append(c.Sources, h)
			administers = administers || h.Role.BuiltIn == role.Administrator
			for _, x := range own {
				if !slices.Contains(c.Has, x) {
					c.Has = append(c.Has, x)
				}
			}
		}
	}
	switch {
	case administers && r == Administration:
		c.Level = ScopeAdministrator
	case r == Records:
		c.Level = levelOfRecords(c.Has)
	case len(c.Has) == 0:
		c.Level = ScopeNone
	default:
		c.Level = ScopeCustom
	}
	return c
}

// floor is what somebody has at a scope that an edit of levels takes nothing of: by roles,
// but for the administrator's in its realm, and in the whole organisation.
func (c ScopeCell) floor(at access.Scope, r Realm) []access.Permission {
	var list []access.Permission
	for _, h := range c.Sources {
		own := h.Scope == at && (h.Single() || (r == Administration && h.Role.BuiltIn == role.Administrator))
		if !own {
			list = append(list, r.within(h.Permissions)...)
		}
	}
	return list
}

// singly are the permissions given singly at the scope.
func (c ScopeCell) singly(at access.Scope) []member.HeldRight {
	return slices.DeleteFunc(slices.Clone(c.Sources), func(h member.HeldRight) bool { return h.Scope != at || !h.Single() })
}

// plan is the change of rights that makes a cell another level. What is given takes the
// place of the same with an end. Errors: ErrByRole, ErrNotYoursHere, the refusals of
// package member.
func (s *scopes) plan(p person, c ScopeCell, at access.Scope, r Realm, to ScopeLevel) (member.RightsChange, error) {
	var change member.RightsChange
	switch {
	case to == ScopeCustom || !slices.Contains(ScopeLevelsOf(r), to):
		return change, errScopeLevel
	case !s.held.Has(access.RightsEdit, at):
		return change, ErrNotYoursHere
	case s.beyond[p.ID]:
		return change, member.ErrMorePowerful
	case p.waits():
		return change, member.ErrNotActive
	case !c.Belongs && to != ScopeNone:
		return change, member.ErrNotOfSite
	case r == Administration:
		return s.planAdministration(p, c, at, to)
	}
	floor := c.floor(at, r)
	n := slices.IndexFunc(combinations[to], func(set []access.Permission) bool { return includes(set, floor) })
	if n < 0 {
		return change, ErrByRole
	}
	target := combinations[to][n]
	for _, h := range c.singly(at) {
		if !slices.Contains(target, h.Permissions[0]) {
			change.DropPermissions = append(change.DropPermissions, member.GivenPermission{Permission: h.Permissions[0], Scope: at})
		}
	}
	for _, x := range target {
		if !slices.Contains(floor, x) {
			change.AddPermissions = append(change.AddPermissions, member.GivenPermission{Permission: x, Scope: at})
		}
	}
	return change, nil
}

// planAdministration gives the administrator role at a scope («Nommer admin»), or takes it
// with the single permissions of administration there (ORG-5).
func (s *scopes) planAdministration(p person, c ScopeCell, at access.Scope, to ScopeLevel) (member.RightsChange, error) {
	var change member.RightsChange
	admin := role.Given{Role: s.admin.ID, Scope: at}
	if to == ScopeAdministrator {
		if _, may := role.MayGive(s.held, s.admin.Permissions, at); !may {
			return change, ErrNotYoursHere
		}
		change.AddRoles = append(change.AddRoles, admin)
		return change, s.appointable(p)
	}
	if len(c.floor(at, Administration)) > 0 {
		return change, ErrByRole
	}
	for _, h := range c.Sources {
		switch {
		case !s.holds(h):
			return change, ErrNotYoursHere
		case h.Single():
			change.DropPermissions = append(change.DropPermissions, member.GivenPermission{Permission: h.Permissions[0], Scope: at})
		default:
			change.DropRoles = append(change.DropRoles, admin)
		}
	}
	return change, nil
}

// appointable: only who can sign in administers.
func (s *scopes) appointable(p person) error {
	switch {
	case p.Status != member.Active && p.Status != member.Created:
		return member.ErrNotActive
	case p.Account.IsZero():
		return member.ErrNoSignIn
	}
	return nil
}
