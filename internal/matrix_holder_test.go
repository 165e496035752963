package internal_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/store"
)

// holder is an actor of the matrix: what it holds, and where.
type holder struct {
	name        string
	permissions []access.Permission
	scope       access.Scope
	by          access.Actor
}

// holders are every built-in role, and every administration permission alone, at
// the organisation, at the first site and at the second.
func (m *matrix) holders(t *testing.T) []holder {
	t.Helper()
	var list []holder
	ctx := context.Background()
	scopes := map[string]access.Scope{
		"organisation": access.OrgScope(m.org), "first site": access.SiteScope(m.org, m.first), "second site": access.SiteScope(m.org, m.second),
	}
	err := m.db.Write(ctx, []store.Lock{store.Lock(m.org), store.Installation}, func(tx *store.Tx) error {
		list = nil
		for at, scope := range scopes {
			for _, code := range role.BuiltIns {
				r, err := role.BuiltIn(ctx, tx, m.org, code)
				if err != nil {
					return err
				}
				h := holder{name: code + ", " + at, permissions: r.Permissions, scope: scope}
				if err := m.seat(ctx, tx, &h, len(list), []role.Given{{Role: r.ID, Scope: scope}}, nil); err != nil {
					return err
				}
				list = append(list, h)
			}
			for _, p := range access.Administration {
				h := holder{name: string(p) + " alone, " + at, permissions: []access.Permission{p}, scope: scope}
				if err := m.seat(ctx, tx, &h, len(list), nil, []member.GivenPermission{{Permission: p, Scope: scope}}); err != nil {
					return err
				}
				list = append(list, h)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func (m *matrix) seat(ctx context.Context, tx *store.Tx, h *holder, n int, roles []role.Given, single []member.GivenPermission) error {
	site := h.scope.Site
	if site.IsZero() {
		site = m.first
	}
	p, err := m.person(ctx, tx, fmt.Sprintf("tient%d", n), roles, single, site)
	h.by = access.Actor{Kind: access.Person, Account: p.Account, Session: ident.NewSession(), StepUp: tx.Now, Address: "192.0.2.7", Via: "web"}
	return err
}

// want is what the rules say: product.md ORG-3, RGT-1; AUZ-06 for what is hidden.
func (h holder) want(c cell, first ident.Site) outcome {
	has := slices.Contains(h.permissions, c.need)
	here := h.scope.Site.IsZero() || h.scope.Site == first
	switch {
	case c.where == membersOnly || (c.where == anywhere && has):
		return allowed
	case c.need == access.PlatformSupport:
		return hidden // the platform's acts do not exist for members
	case c.where == fullAtSite:
		if hasAll(h.permissions) && here {
			return allowed
		}
		return refused
	case c.where == anyReader:
		for _, p := range []access.Permission{access.MembersRead, access.MembersInvite, access.RightsRead, access.RightsEdit, access.RolesEdit} {
			if slices.Contains(h.permissions, p) {
				return allowed
			}
		}
		return refused
	case c.where == fullAtWhole:
		if hasAll(h.permissions) && h.scope.Site.IsZero() {
			return allowed
		}
		return refused
	case c.where == seenAtSite:
		if has && here && slices.Contains(h.permissions, access.MembersRead) {
			return allowed
		}
		return refused
	case c.where == atWhole && has && h.scope.Site.IsZero(), c.where == atSite && has && here:
		return allowed
	}
	return refused
}

func hasAll(list []access.Permission) bool {
	for _, p := range access.Administration {
		if !slices.Contains(list, p) {
			return false
		}
	}
	return true
}
