package member

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/changeset"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// AtSite ends, in the act that ends a member's belonging to a site, what other packages let
// them hold there (OFF-4), before their roles there end. It gives the lines of it, for the
// change set of that act. What it refuses is refused.
type AtSite func(ctx context.Context, tx *action.Tx, m Member, site ident.Site) ([]changeset.Line, error)

// RemoveSite ends a member's belonging to a site, with the rights held there
// (OFF-4). The last site of a member cannot be removed: that is leaving the
// organisation. From one who administers the site it asks for a fresh proof. version
// as for AddSite. Errors: ErrNotOfSite, ErrLastSite, ErrLastAdministrator,
// ErrMorePowerful, ErrStale, access.ErrStepUp, org.ErrNoSuchSite, those of AtSite.
func (m Members) RemoveSite(ctx context.Context, by access.Actor, in ident.Org, id ident.Member, site ident.Site, version int64,
) (Sheet, error) {
	return RemoveSite(ctx, m, by, in, id, site, version, m.AtSite)
}

// RemoveSite is Members.RemoveSite by an act that says itself what becomes of what they hold
// there.
func RemoveSite(ctx context.Context, m Members, by access.Actor, in ident.Org, id ident.Member, site ident.Site, version int64, ends AtSite,
) (Sheet, error) {
	d := removal(in, id, site, version, ends)
	return perform(ctx, m.Run, by, d, m.sheet(by, in, id))
}

// RemoveSiteIn is Members.RemoveSite in the caller's act, by whoever acts there. Errors: those of
// Members.RemoveSite.
func (m Members) RemoveSiteIn(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member, site ident.Site) error {
	v, err := look(ctx, tx.Tx, tx.By, in)
	if err != nil {
		return err
	}
	s, err := v.subject(ctx, tx.Tx, in, id)
	if err != nil {
		return err
	}
	d := removal(in, id, site, 0, m.AtSite)
	if err := d.rights(ctx, tx.Tx, v, s); err != nil {
		return err
	}
	return d.change(ctx, tx, v, s)
}

// removal is the act that ends somebody's belonging to a site.
func removal(in ident.Org, id ident.Member, site ident.Site, version int64, ends AtSite) deed {
	d := deed{verb: "member.remove_site", in: in, id: id, version: version, rights: overSite(site)}
	d.do = func(ctx context.Context, tx *action.Tx, v viewer, s subject) error {
		administers, err := v.mayRemove(ctx, tx.Tx, s, site)
		if err != nil {
			return err
		}
		if administers && !tx.By.Proven(tx.Now) {
			return access.ErrStepUp // as for Withdraw: it is the same right that is taken (rules.md 6)
		}
		var k ledger
		if _, err := k.removeSite(ctx, tx, v, s, access.SiteScope(in, site), ends); err != nil {
			return err
		}
		return k.keep(ctx, tx, s.Member, d.verb)
	}
	return d
}

// mayRemove asks the rules of state, and says whether the member administers the site.
func (v viewer) mayRemove(ctx context.Context, tx *store.Tx, s subject, site ident.Site) (administers bool, err error) {
	switch {
	case !slices.Contains(s.sites, site):
		return false, ErrNotOfSite
	case len(s.sites) == 1:
		return false, ErrLastSite
	}
	return v.administersAt(ctx, tx, s, access.SiteScope(s.Org, site))
}

// removeSite ends the belonging to a site, and says how many rights other packages ended with it.
func (k *ledger) removeSite(ctx context.Context, tx *action.Tx, v viewer, s subject, at access.Scope, ends AtSite) (beside int, err error) {
	var others []changeset.Line
	if ends != nil {
		if others, err = ends(ctx, tx, s.Member, at.Site); err != nil {
			return 0, err
		}
	}
	grant, found, err := findGrant(ctx, tx.Tx, at, s.ID, v.admin.ID)
	if err != nil {
		return 0, err
	}
	lost, err := atSite(ctx, tx.Tx, s.ID, at)
	if err != nil {
		return 0, err
	}
	if err := closeAtSite(ctx, tx.Tx, at.Org, at.Site, s.ID); err != nil {
		return 0, err
	}
	e, err := administrationEvent(ctx, tx.Tx, s.Member, "member.remove_site", at)
	if err != nil {
		return 0, err
	}
	e.Before = map[string]any{"site": at.Site}
	for domain, key := range map[changeset.Domain]string{changeset.Level: "levels_ended", changeset.Delegation: "delegations_ended"} {
		if n := len(changeset.Of(others, domain)); n > 0 {
			e.Before[key] = n
		}
	}
	k.note(e, append(lost, others...)...)
	if found && !grant.over(tx.Now) {
		err = k.withdrawn(ctx, tx, v, s, at) // its line is among those lost
	}
	return len(others), err
}

// SiteRemoval is what somebody may know of a removal before they do it.
type SiteRemoval struct {
	Member      Sheet
	Last        bool // the member's only site: to go from it is to leave the organisation
	NeedsStepUp bool // they administer it: an administration permission is taken (rules.md 6)
	// Unkept: nobody else able to sign in administers the site, or the organisation: the act
	// would be refused (ORG-4).
	Unkept error
}

// MayRemoveSite reads what a removal would find, for its page, as whoever may do it. Errors:
// ErrNotOfSite, ErrMorePowerful, ErrNotFound, org.ErrNoSuchSite, access.ErrForbidden.
func MayRemoveSite(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, id ident.Member, site ident.Site,
) (SiteRemoval, error) {
	v, err := look(ctx, tx, by, in)
	if err != nil {
		return SiteRemoval{}, err
	}
	s, err := v.subject(ctx, tx, in, id)
	if err != nil {
		return SiteRemoval{}, err
	}
	if err := v.overSite(ctx, tx, s, site, access.MembersEdit); err != nil {
		return SiteRemoval{}, err
	}
	out := SiteRemoval{Last: len(s.sites) == 1 && s.sites[0] == site}
	if out.NeedsStepUp, err = v.mayRemove(ctx, tx, s, site); err != nil && !out.Last {
		return out, err
	}
	if out.Member, err = v.sheet(ctx, tx, s); err != nil || out.Last {
		return out, err
	}
	out.Unkept, err = unkept(ctx, tx, in, id, site)
	return out, err
}

// unkept is the refusal of a removal that ORG-4 forbids.
func unkept(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, site ident.Site) (refusal, err error) {
	c, err := ReadCoverage(ctx, tx, in)
	if err != nil {
		return nil, err
	}
	scope, lost := c.lost(c.outOf(id, site))
	if !lost {
		return nil, nil
	}
	refusal = lastAdministrator(ctx, tx, in, scope)
	if !Refusal(refusal) {
		return nil, refusal
	}
	return refusal, nil
}

// outOf is the coverage as it would be if the member went from a site.
func (c Coverage) outOf(m ident.Member, site ident.Site) Coverage {
	c = c.withdrawn(m, site.String())
	for i, a := range c.administrators {
		if a.member == m {
			c.administrators[i].sites = slices.DeleteFunc(slices.Clone(a.sites), func(s ident.Site) bool { return s == site })
		}
	}
	return c
}
