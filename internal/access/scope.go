package access

import "habilis/internal/ident"

// WholeOrganization is how a scope over all sites is written in the database.
const WholeOrganization = "organization"

// Scope is where a permission is exercised: an organisation, or one of its sites.
// The zero value is the platform.
type Scope struct {
	Org  ident.Org
	Site ident.Site // the zero value: the whole organisation
}

// OrgScope is the whole organisation.
func OrgScope(org ident.Org) Scope { return Scope{Org: org} }

// SiteScope is one site.
func SiteScope(org ident.Org, site ident.Site) Scope { return Scope{Org: org, Site: site} }

// Code is the scope as the database and the API write it: "organization" or the
// ID of the site.
func (s Scope) Code() string {
	if s.Site.IsZero() {
		return WholeOrganization
	}
	return s.Site.String()
}

// ParseScope reads a scope of org from its code. The second value is false for a
// text that is neither.
func ParseScope(org ident.Org, code string) (Scope, bool) {
	if code == WholeOrganization {
		return OrgScope(org), true
	}
	site, err := ident.ParseSite(code)
	return SiteScope(org, site), err == nil
}

// Need is one thing that the actor must hold: the permission at every scope of
// All, and, when AnyOf is not empty, at one scope of AnyOf at least.
type Need struct {
	Permission Permission
	All        []Scope
	AnyOf      []Scope
	Account    ident.Account // for Self
}

// At needs p at each of the scopes.
func At(p Permission, scopes ...Scope) Need { return Need{Permission: p, All: scopes} }

// AtOneOf needs p at one of the scopes at least; at none, when there are none.
func AtOneOf(p Permission, scopes ...Scope) Need { return Need{Permission: p, AnyOf: scopes} }

// Myself needs the actor to be this account.
func Myself(a ident.Account) Need { return Need{Permission: Self, Account: a} }

// Everybody needs nothing.
func Everybody() Need { return Need{Permission: Anyone} }

// OfPlatform needs a platform permission.
func OfPlatform(p Permission) Need { return Need{Permission: p} }

// MemberOf needs a membership in force.
func MemberOf(org ident.Org) Need { return At(Membership, OrgScope(org)) }

// scopes are all scopes the need speaks of.
func (n Need) scopes() []Scope {
	if len(n.AnyOf) == 0 {
		return n.All
	}
	return append(append([]Scope{}, n.All...), n.AnyOf...)
}
