package member

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/changeset"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/store"
)

// RightsChange is what a member is given and loses in one act: sites, roles and single
// permissions, each at a scope (CHG-1, RGT-1). What is both given and lost is given
// anew; with a site go the rights held there.
type RightsChange struct {
	AddSites, DropSites             []ident.Site
	AddRoles, DropRoles             []role.Given
	AddPermissions, DropPermissions []GivenPermission
}

// MaxRights bounds the lines of one change of rights.
const MaxRights = 500

var errTooManyRights = fault.OnField("rights", "member.too_many_rights", "Max", MaxRights)

// RightsPreview is «avant / après» of rights.
type RightsPreview struct {
	Before      Sheet
	After       Sheet
	Gained      []GivenPermission // effective permissions that the member would gain
	Lost        []GivenPermission
	NeedsStepUp bool // an administration permission is given or taken
	Warnings    []changeset.Warning
}

// PreviewRights says what ChangeRights would do: the sheet before and after, and the
// changes of what the person may do. It refuses what ChangeRights would refuse, but for
// the fresh proof.
func (m Members) PreviewRights(ctx context.Context, by access.Actor, in ident.Org, id ident.Member, c RightsChange, version int64,
) (RightsPreview, error) {
	var out RightsPreview
	r := reform{c: &c, ends: m.AtSite}
	d := r.deed(in, id, version)
	d.rehearsal = true
	do := d.do
	d.do = func(ctx context.Context, tx *action.Tx, v viewer, s subject) error {
		var err error
		if out.Before, err = v.sheet(ctx, tx.Tx, s); err != nil {
			return err
		}
		r.before = s.given
		if err = do(ctx, tx, v, s); errors.Is(err, access.ErrStepUp) {
			return nil // everything but the fresh proof is there
		}
		return err
	}
	after := m.sheet(by, in, id)
	return perform(ctx, m.Run, by, d, func(ctx context.Context, tx *store.Tx) (RightsPreview, error) {
		out.NeedsStepUp = r.administers
		given, err := access.GivenTo(ctx, tx, in, id)
		if err != nil {
			return out, err
		}
		out.Gained, out.Lost = beyond(given, r.before), beyond(r.before, given)
		out.Warnings = append(weigh(out.Before.Name(), r.viewer.isSelf(r.subject), r.before, given), r.warnings...)
		out.After, err = after(ctx, tx)
		return out, err
	})
}

// ChangeRights gives and takes sites, roles and permissions together. Administration
// permissions ask for a fresh proof, and are given and taken only by those who hold them
// (RGT-1). Errors: role.ErrNotGrantable, role.ErrNotFound, org.ErrNoSuchSite,
// ErrLastAdministrator, ErrLastSite, ErrNotOfSite, ErrNotActive, ErrNoSignIn,
// ErrMorePowerful, ErrStale, access.ErrStepUp.
func (m Members) ChangeRights(ctx context.Context, by access.Actor, in ident.Org, id ident.Member, c RightsChange, version int64,
) (Sheet, error) {
	r := reform{c: &c, ends: m.AtSite}
	return perform(ctx, m.Run, by, r.deed(in, id, version), m.sheet(by, in, id))
}

// beyond lists what a holds and b does not, in the order of the catalogue.
func beyond(a, b access.Held) []GivenPermission {
	var list []GivenPermission
	for _, p := range access.Catalogue() {
		sites, whole := a.Sites(p)
		scopes := []access.Scope{access.OrgScope(a.Org)}
		if !whole {
			scopes = scopes[:0]
			for _, s := range sites {
				scopes = append(scopes, access.SiteScope(a.Org, s))
			}
		}
		for _, at := range scopes {
			if !b.Has(p, at) {
				list = append(list, GivenPermission{p, at})
			}
		}
	}
	return list
}

// mayChangeRights is the right to make a change: over the member, at each scope, for
// each permission (RGT-1, AUZ-04, AUZ-05). What the actor may not know of is not found;
// what they may not give or take is told line by line.
func (v viewer) mayChangeRights(ctx context.Context, tx *store.Tx, s subject, c *RightsChange) error {
	if err := mayMove(s); err != nil {
		return err
	}
	if len(c.AddSites)+len(c.DropSites)+len(c.AddRoles)+len(c.DropRoles)+len(c.AddPermissions)+len(c.DropPermissions) > MaxRights {
		return errTooManyRights
	}
	if err := v.within(s); err != nil {
		return err
	}
	for _, site := range slices.Concat(c.AddSites, c.DropSites) {
		if err := v.overSite(ctx, tx, s, site, access.MembersEdit); err != nil {
			return err
		}
	}
	lines, err := v.lines(c)
	if err != nil {
		return err
	}
	var refused fault.Fields
	for _, l := range lines {
		if err := v.knows(ctx, tx, s.Org, l.scope); err != nil {
			return err
		}
		if p, ok := v.mayGive(l.permissions, l.scope); !ok {
			refused.Add(l.at, "role.above_yours", "Permission", string(p))
		}
	}
	return notGrantable(refused)
}

// line is one right of a change: where it stands in it, at which scope, of which
// permissions.
type line struct {
	at          string
	scope       access.Scope
	permissions []access.Permission
}

// lines are the rights that a change takes and gives. Errors: role.ErrNotFound, a field
// to correct.
func (v viewer) lines(c *RightsChange) ([]line, error) {
	var all []line
	for _, list := range []struct {
		name        string
		roles       []role.Given
		permissions []GivenPermission
	}{{"drop", c.DropRoles, c.DropPermissions}, {"add", c.AddRoles, c.AddPermissions}} {
		for i, g := range list.roles {
			known := slices.IndexFunc(v.roles, func(r role.Role) bool { return r.ID == g.Role })
			if known < 0 {
				return nil, role.ErrNotFound
			}
			all = append(all, line{list.name + "_roles[" + strconv.Itoa(i) + "]", g.Scope, v.roles[known].Permissions})
		}
		for i, p := range list.permissions {
			at := list.name + "_permissions[" + strconv.Itoa(i) + "]"
			if !access.Known(p.Permission) {
				return nil, fault.OnField(at, "role.permission_unknown", "Permission", string(p.Permission))
			}
			all = append(all, line{at, p.Scope, []access.Permission{p.Permission}})
		}
	}
	return all, nil
}

// knows refuses a scope of another organisation, or a site that v may not know of.
func (v viewer) knows(ctx context.Context, tx *store.Tx, in ident.Org, at access.Scope) error {
	if at.Org != in {
		return org.ErrNoSuchSite
	}
	if at.Site.IsZero() {
		return nil
	}
	_, err := v.sight.Site(ctx, tx, at.Org, at.Site)
	return err
}

func notGrantable(refused fault.Fields) error {
	err := refused.Err()
	if err == nil {
		return nil
	}
	refusal := *role.ErrNotGrantable
	refusal.Fields = fault.Of(err).Fields
	return &refusal
}

// mayGive reports whether v may give, or take, permissions to somebody who is a member
// already: with rights.edit there, and every administration permission among them. If
// not, it names the one that lacks.
func (v viewer) mayGive(permissions []access.Permission, at access.Scope) (access.Permission, bool) {
	if !v.held.Has(access.RightsEdit, at) {
		return access.RightsEdit, false
	}
	return role.MayGive(v.held, permissions, at)
}

// mayEditRights reports whether some change of rights of s by v could succeed.
func (v viewer) mayEditRights(s subject) bool {
	if v.within(s) != nil || mayMove(s) != nil {
		return false
	}
	if v.held.HasAnywhere(access.MembersEdit) || v.held.Has(access.RightsEdit, access.OrgScope(s.Org)) {
		return true
	}
	return slices.ContainsFunc(s.sites, func(site ident.Site) bool { return v.held.Has(access.RightsEdit, access.SiteScope(s.Org, site)) })
}
