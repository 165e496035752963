package member

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/store"
)

// viewer is whoever looks or acts, with what they hold in one organisation.
type viewer struct {
	by    access.Actor
	held  access.Held
	sight org.Sight
	roles []role.Role // of the organisation
	admin role.Role   // the built-in administrator role, among them
}

func look(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org) (viewer, error) {
	v := viewer{by: by}
	var err error
	if v.held, err = access.HeldBy(ctx, tx, by, in); err != nil {
		return v, err
	}
	if v.sight, err = org.See(ctx, tx, v.held); err != nil {
		return v, err
	}
	if v.roles, err = role.All(ctx, tx, in); err != nil {
		return v, err
	}
	i := slices.IndexFunc(v.roles, func(r role.Role) bool { return r.BuiltIn == role.Administrator })
	if i < 0 {
		return v, role.ErrNotFound
	}
	v.admin = v.roles[i]
	return v, nil
}

// subject is the member acted upon, with what decides who may.
type subject struct {
	Member
	rev   int64
	sites []ident.Site
	given access.Held // in force or not
}

func findSubject(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (subject, bool, error) {
	s, ok, err := findState(ctx, tx, in, id)
	if err != nil || !ok {
		return s, ok, err
	}
	if s.sites, err = sitesOf(ctx, tx, in, id); err != nil {
		return s, false, err
	}
	s.given, err = access.GivenTo(ctx, tx, in, id)
	return s, true, err
}

// subject reads the member that v wants to see or to act upon. Errors: ErrNotFound
// for one that does not exist, is elsewhere, or that v may not see (AUZ-01, AUZ-06);
// access.ErrForbidden, whatever the ID, for a viewer who may see nobody.
func (v viewer) subject(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (subject, error) {
	s, ok, err := findSubject(ctx, tx, in, id)
	switch {
	case err != nil:
		return subject{}, err
	case ok && v.sees(s):
		return s, nil
	case !v.held.HasAnywhere(access.MembersRead):
		return subject{}, access.ErrForbidden.With("Permission", string(access.MembersRead))
	}
	return subject{}, ErrNotFound
}

func (v viewer) isSelf(s subject) bool { return !v.held.Member.IsZero() && v.held.Member == s.ID }

func (v viewer) sees(s subject) bool {
	return v.isSelf(s) || v.held.Has(access.MembersRead, access.OrgScope(s.Org)) ||
		slices.ContainsFunc(s.sites, func(site ident.Site) bool {
			return v.held.Has(access.MembersRead, access.SiteScope(s.Org, site))
		})
}

// within refuses to touch somebody whose administration exceeds one's own (AUZ-05).
func (v viewer) within(s subject) error {
	if v.isSelf(s) || v.held.Covers(s.given) {
		return nil
	}
	return ErrMorePowerful
}

// overWhole needs p in the organisation, or at every site of the member.
func (v viewer) overWhole(s subject, p access.Permission) error {
	if v.held.Has(p, access.OrgScope(s.Org)) {
		return v.within(s)
	}
	for _, site := range s.sites {
		if !v.held.Has(p, access.SiteScope(s.Org, site)) {
			return access.ErrForbidden.With("Permission", string(p))
		}
	}
	if len(s.sites) == 0 {
		return access.ErrForbidden.With("Permission", string(p))
	}
	return v.within(s)
}

// overSite needs p at one site, which v must know of.
func (v viewer) overSite(ctx context.Context, tx *store.Tx, s subject, site ident.Site, p access.Permission) error {
	if _, err := v.sight.Site(ctx, tx, s.Org, site); err != nil {
		return err
	}
	if !v.held.Has(p, access.SiteScope(s.Org, site)) {
		return access.ErrForbidden.With("Permission", string(p))
	}
	if err := v.within(s); err != nil {
		return err
	}
	return mayMove(s)
}

// mayMove refuses to change sites and rights that wait for a decision: it is about what was read,
// and about nothing else (APP-1, INV-16).
func mayMove(s subject) error {
	if s.Status == PendingApproval {
		return ErrNotActive
	}
	return nil
}

// overAdministration needs every permission of an administrator at the scope: who
// gives or takes it holds it there (RGT-1).
func (v viewer) overAdministration(s subject, at access.Scope) error {
	if p, ok := role.MayGive(v.held, v.admin.Permissions, at); !ok {
		return access.ErrForbidden.With("Permission", string(p))
	}
	return v.within(s)
}

// The rules of state, asked once the rights are known.

func (v viewer) mayDeactivate(s subject) error {
	switch {
	case v.isSelf(s):
		return ErrYourself
	case s.Status != Active && s.Status != Created:
		return ErrNotActive
	}
	return nil
}

func mayReactivate(s subject) error {
	if s.Status != Deactivated {
		return ErrNotDeactivated
	}
	return nil
}

func mayBeAppointed(s subject, at access.Scope) error {
	switch {
	case !s.InForce():
		return ErrNotActive
	case s.Account.IsZero():
		return ErrNoSignIn
	case !at.Site.IsZero() && !slices.Contains(s.sites, at.Site):
		return ErrNotOfSite
	}
	return nil
}

// grant is the time of a role that a member holds.
type grant struct {
	starts time.Time
	ends   *time.Time
}

// endless: in force at the time now, and without an end.
func (g grant) endless(now time.Time) bool { return g.ends == nil && !g.starts.After(now) }

// over: ended at the time now.
func (g grant) over(now time.Time) bool { return g.ends != nil && !g.ends.After(now) }
