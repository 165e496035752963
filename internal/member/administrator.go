package member

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/store"
)

// grade is how well a scope is kept (ORG-4).
type grade uint8

const (
	nobody  grade = iota // no administrator without an end date
	waiting              // only some who cannot sign in now: locked, or no password yet
	able                 // one at least who can sign in
)

// administrator is one member who holds the built-in administrator role, in force
// and without an end, neither of the role nor of the membership.
type administrator struct {
	member ident.Member
	able   bool
	scopes []string // codes: "organization", sites
	sites  []ident.Site
}

// covers reports whether a keeps the scope: by the role there, or as organisation
// administrator who belongs to the site.
func (a administrator) covers(scope string) bool {
	if slices.Contains(a.scopes, scope) {
		return true
	}
	return slices.Contains(a.scopes, access.WholeOrganization) && slices.Contains(a.sites, ident.Site(scope))
}

// Coverage is who keeps the scopes of an organisation at one moment: itself, and
// its active sites (ORG-4).
type Coverage struct {
	org            ident.Org
	sites          []ident.Site
	administrators []administrator
}

// ReadCoverage reads who keeps the organisation now. A change that could leave a
// scope without an administrator reads it before, and asks Kept after; or runs
// inside Keeping, which does both.
func ReadCoverage(ctx context.Context, tx *store.Tx, in ident.Org) (Coverage, error) {
	c := Coverage{org: in}
	var err error
	if c.administrators, err = readAdministrators(ctx, tx, in); err != nil {
		return c, err
	}
	c.sites, err = activeSites(ctx, tx, in)
	return c, err
}

// Kept returns nil when no scope is kept less well now than it was in c. Errors:
// ErrLastAdministrator with Scope, SiteName and Name (the site's or the
// organisation's), for the first scope that would be lost.
func (c Coverage) Kept(ctx context.Context, tx *store.Tx) error {
	now, err := ReadCoverage(ctx, tx, c.org)
	if err != nil {
		return err
	}
	scope, lost := c.lost(now)
	if !lost {
		return nil
	}
	return lastAdministrator(ctx, tx, c.org, scope)
}

// Keeping runs a change of who administers in, in the caller's transaction, and
// refuses it when a scope would lose its last administrator able to sign in
// (ORG-4). Whoever changes roles, sites, states, accounts or credentials uses it.
// Errors: change's own, ErrLastAdministrator.
func Keeping(ctx context.Context, tx *store.Tx, in ident.Org, change func() error) error {
	before, err := ReadCoverage(ctx, tx, in)
	if err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	return before.Kept(ctx, tx)
}

func lastAdministrator(ctx context.Context, tx *store.Tx, in ident.Org, scope string) error {
	refusal := ErrLastAdministrator.With("Scope", scope)
	if scope == access.WholeOrganization {
		o, err := org.Get(ctx, tx, in)
		if err != nil {
			return err
		}
		return refusal.With("SiteName", "").With("Name", o.Name)
	}
	s, err := org.GetSite(ctx, tx, in, ident.Site(scope))
	if err != nil {
		return err
	}
	return refusal.With("SiteName", s.Name).With("Name", s.Name)
}

// grade says how well the scope is kept.
func (c Coverage) grade(scope string) grade {
	g := nobody
	for _, a := range c.administrators {
		if !a.covers(scope) {
			continue
		}
		if a.able {
			return able
		}
		g = waiting
	}
	return g
}

// lost gives the first scope of after that is kept less well than in c. A site
// that is closed after needs nobody.
func (c Coverage) lost(after Coverage) (scope string, lost bool) {
	scopes := []string{access.WholeOrganization}
	for _, s := range after.sites {
		scopes = append(scopes, s.String())
	}
	for _, s := range scopes {
		if after.grade(s) < c.grade(s) {
			return s, true
		}
	}
	return "", false
}

// without is the coverage as it would be without the member.
func (c Coverage) without(m ident.Member) Coverage {
	c.administrators = slices.DeleteFunc(slices.Clone(c.administrators), func(a administrator) bool { return a.member == m })
	return c
}

// withdrawn is the coverage as it would be if the member lost the role at a scope.
func (c Coverage) withdrawn(m ident.Member, scope string) Coverage {
	c.administrators = slices.Clone(c.administrators)
	for i, a := range c.administrators {
		if a.member == m {
			c.administrators[i].scopes = slices.DeleteFunc(slices.Clone(a.scopes), func(s string) bool { return s == scope })
		}
	}
	return c
}

// keeps reports whether after loses nothing that c has.
func (c Coverage) keeps(after Coverage) bool {
	_, lost := c.lost(after)
	return !lost
}

// Administrators are the members who administer a scope and can sign in now, by
// name: of a site, those of the whole organisation too.
func Administrators(ctx context.Context, tx *store.Tx, at access.Scope) ([]Member, error) {
	c, err := ReadCoverage(ctx, tx, at.Org)
	if err != nil {
		return nil, err
	}
	var ids []ident.Member
	for _, a := range c.administrators {
		if a.able && (slices.Contains(a.scopes, access.WholeOrganization) || slices.Contains(a.scopes, at.Code())) {
			ids = append(ids, a.member)
		}
	}
	return membersByID(ctx, tx, at.Org, ids)
}
