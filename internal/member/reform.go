package member

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/changeset"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/role"
	"habilis/internal/store"
)

// reform is a change of rights under way.
type reform struct {
	c      *RightsChange
	before access.Held // what the member was given, for a preview

	ledger

	ends    AtSite // asked when a site goes
	viewer  viewer
	subject subject
	exact   map[changeset.Key]changeset.State // what is given back, with the dates that it had
	sites   []ident.Site                      // the member's, as they become
	names   map[ident.Site]string
	told    []SelfRightsLetter
	// warnings tell what ends elsewhere with a site that goes.
	warnings []changeset.Warning
	changed  bool
	// administers: an administration permission is given or taken (rules.md 6).
	administers bool
}

func (r *reform) deed(in ident.Org, id ident.Member, version int64) deed {
	d := deed{
		verb: "member.edit_rights", in: in, id: id, version: version,
		rights: func(ctx context.Context, tx *store.Tx, v viewer, s subject) error {
			return v.mayChangeRights(ctx, tx, s, r.c)
		},
	}
	d.do = func(ctx context.Context, tx *action.Tx, v viewer, s subject) error {
		// a write may run twice
		*r = reform{c: r.c, before: r.before, exact: r.exact, ends: r.ends, viewer: v, subject: s, sites: slices.Clone(s.sites)}
		if err := r.run(ctx, tx); err != nil {
			return err
		}
		switch {
		case !r.changed:
			return action.Nothing
		case r.administers && !tx.By.Proven(tx.Now):
			return access.ErrStepUp
		}
		r.tell(tx)
		return r.keep(ctx, tx, s.Member, "")
	}
	return d
}

// run takes before it gives: what is both is given anew.
func (r *reform) run(ctx context.Context, tx *action.Tx) (err error) {
	if r.names, err = SiteNames(ctx, tx.Tx, r.subject.Org); err != nil {
		return err
	}
	if err := r.moveSites(ctx, tx); err != nil {
		return err
	}
	for _, g := range r.c.DropRoles {
		if err := r.takeRole(ctx, tx, g); err != nil {
			return err
		}
	}
	for _, p := range r.c.DropPermissions {
		if err := r.takePermission(ctx, tx, p); err != nil {
			return err
		}
	}
	for _, g := range r.c.AddRoles {
		if err := r.giveRole(ctx, tx, g); err != nil {
			return err
		}
	}
	for _, p := range r.c.AddPermissions {
		if err := r.givePermission(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}

func (r *reform) moveSites(ctx context.Context, tx *action.Tx) error {
	s := r.subject
	for _, site := range r.c.DropSites {
		at := access.SiteScope(s.Org, site)
		i := slices.Index(r.sites, site)
		if i < 0 {
			return ErrNotOfSite
		}
		administers, err := r.viewer.administersAt(ctx, tx.Tx, s, at)
		if err != nil {
			return err
		}
		r.noteChange(administers)
		beside, err := r.removeSite(ctx, tx, r.viewer, s, at, r.ends)
		if err != nil {
			return err
		}
		if beside > 0 {
			r.warnings = append(r.warnings, changeset.Warning{Code: "ends_at_site", Args: []any{"Count", beside, "Site", r.names[site]}})
		}
		r.sites = slices.Delete(r.sites, i, i+1)
	}
	for _, site := range r.c.AddSites {
		if slices.Contains(r.sites, site) {
			continue
		}
		r.noteChange(false)
		if err := r.addSite(ctx, tx, s, site); err != nil {
			return err
		}
		r.sites = append(r.sites, site)
	}
	if len(r.sites) == 0 && len(r.c.DropSites) > 0 {
		return ErrLastSite
	}
	return nil
}

// noteChange notes that something changes, and whether it is administration.
func (r *reform) noteChange(administers bool) {
	r.changed = true
	r.administers = r.administers || administers
}

func (r *reform) role(id ident.Role) role.Role {
	return r.viewer.roles[slices.IndexFunc(r.viewer.roles, func(x role.Role) bool { return x.ID == id })]
}

func (r *reform) takeRole(ctx context.Context, tx *action.Tx, g role.Given) error {
	old, found, err := findGrant(ctx, tx.Tx, g.Scope, r.subject.ID, g.Role)
	if err != nil || !found || old.over(tx.Now) {
		return err
	}
	if err := closeGrant(ctx, tx.Tx, g.Scope, r.subject.ID, g.Role); err != nil {
		return err
	}
	taken := r.role(g.Role)
	r.noteChange(administration(taken.Permissions...))
	line := roleLine(r.subject.ID, g, old.state(), changeset.State{})
	if taken.BuiltIn == role.Administrator {
		return r.withdrawn(ctx, tx, r.viewer, r.subject, g.Scope, line)
	}
	e := r.event("member.role_take", g.Scope)
	e.Before = roleFacts(taken, g.Scope)
	e.Names["role"] = taken.Name
	r.note(e, line)
	return nil
}

func (r *reform) giveRole(ctx context.Context, tx *action.Tx, g role.Given) error {
	s := r.subject
	s.sites = r.sites
	if !g.Scope.Site.IsZero() && !slices.Contains(r.sites, g.Scope.Site) {
		return ErrNotOfSite
	}
	old, found, err := findGrant(ctx, tx.Tx, g.Scope, s.ID, g.Role)
	when, exact := r.when(roleLine(s.ID, g, changeset.State{}, changeset.State{}).Key, tx.Now)
	if err != nil || (!exact && found && old.endless(tx.Now)) {
		return err
	}
	given := r.role(g.Role)
	r.noteChange(administration(given.Permissions...))
	if given.BuiltIn == role.Administrator {
		if err := mayBeAppointed(s, g.Scope); err != nil {
			return err
		}
		return r.appoint(ctx, tx, r.viewer, s, g.Scope, when)
	}
	if err := closeGrant(ctx, tx.Tx, g.Scope, s.ID, g.Role); err != nil {
		return err
	}
	if err := insertGrant(ctx, tx.Tx, s.ID, g, when, giver(tx.By)); err != nil {
		return err
	}
	e := r.event("member.role_give", g.Scope)
	e.After = roleFacts(given, g.Scope)
	e.Names["role"] = given.Name
	r.note(e, roleLine(s.ID, g, before(old, found, tx.Now), when.state()))
	l := r.own(g.Scope)
	l.Roles = append(l.Roles, g.Role)
	return nil
}

func (r *reform) takePermission(ctx context.Context, tx *action.Tx, p GivenPermission) error {
	old, found, err := findPermission(ctx, tx.Tx, r.subject.ID, p)
	if err != nil || !found {
		return err
	}
	if _, err := closePermission(ctx, tx.Tx, r.subject.ID, p); err != nil || old.over(tx.Now) {
		return err
	}
	r.noteChange(administration(p.Permission))
	e := r.event("member.permission_take", p.Scope)
	e.Before = permissionFacts(p)
	r.note(e, permissionLine(r.subject.ID, p, old.state(), changeset.State{}))
	return nil
}

func (r *reform) givePermission(ctx context.Context, tx *action.Tx, p GivenPermission) error {
	if !p.Scope.Site.IsZero() && !slices.Contains(r.sites, p.Scope.Site) {
		return ErrNotOfSite
	}
	old, found, err := findPermission(ctx, tx.Tx, r.subject.ID, p)
	when, exact := r.when(permissionLine(r.subject.ID, p, changeset.State{}, changeset.State{}).Key, tx.Now)
	if err != nil || (!exact && found && old.endless(tx.Now)) {
		return err
	}
	r.noteChange(administration(p.Permission))
	if _, err := closePermission(ctx, tx.Tx, r.subject.ID, p); err != nil {
		return err
	}
	if err := insertPermission(ctx, tx.Tx, r.subject.ID, p, when, giver(tx.By)); err != nil {
		return err
	}
	e := r.event("member.permission_give", p.Scope)
	e.After = permissionFacts(p)
	r.note(e, permissionLine(r.subject.ID, p, before(old, found, tx.Now), when.state()))
	l := r.own(p.Scope)
	l.Permissions = append(l.Permissions, p.Permission)
	return nil
}

// when is the time of what is given: from now on, or as it was.
func (r *reform) when(k changeset.Key, now time.Time) (grant, bool) {
	if was, exact := r.exact[k]; exact {
		return grant{was.From, was.Until}, true
	}
	return grant{starts: now}, false
}

// before is what a row was before a change: what is over is nothing.
func before(old grant, found bool, now time.Time) changeset.State {
	if !found || old.over(now) {
		return changeset.State{}
	}
	return old.state()
}

// own is the letter about what somebody gives themself at a scope: one a scope.
func (r *reform) own(at access.Scope) *SelfRightsLetter {
	i := slices.IndexFunc(r.told, func(l SelfRightsLetter) bool { return l.Scope == at.Code() })
	if i < 0 {
		i = len(r.told)
		r.told = append(r.told, SelfRightsLetter{Org: at.Org, Member: r.subject.ID, Scope: at.Code()})
	}
	return &r.told[i]
}

// tell lets the other administrators know what somebody gave themself (RGT-1).
func (r *reform) tell(tx *action.Tx) {
	if !r.viewer.isSelf(r.subject) {
		return
	}
	for _, l := range r.told {
		tx.After(job.Order{Args: l, Priority: job.Normal})
	}
}

func (r *reform) event(verb string, at access.Scope) audit.Event {
	e := event(r.subject.Member, verb)
	if e.Site = at.Site; !at.Site.IsZero() {
		e.Names["site"] = r.names[at.Site]
	}
	return e
}

// roleFacts are a role as the trail shows it: a built-in one by its code.
func roleFacts(r role.Role, at access.Scope) map[string]any {
	return map[string]any{"role": r.ID.String(), "built_in": r.BuiltIn, "name": r.Name, "scope": at.Code()}
}

func permissionFacts(p GivenPermission) map[string]any {
	return map[string]any{"permission": string(p.Permission), "scope": p.Scope.Code()}
}

// administration reports whether one of the permissions is of administration.
func administration(permissions ...access.Permission) bool {
	return slices.ContainsFunc(permissions, access.IsAdministration)
}

// administersAt reports whether the member holds an administration permission given at
// that very scope.
func (v viewer) administersAt(ctx context.Context, tx *store.Tx, s subject, at access.Scope) (bool, error) {
	held, err := rolesOf(ctx, tx, s.Org, []ident.Member{s.ID})
	if err != nil {
		return false, err
	}
	for _, h := range held {
		i := slices.IndexFunc(v.roles, func(r role.Role) bool { return r.ID == h.ref.Role })
		if h.ref.Scope == at && i >= 0 && administration(v.roles[i].Permissions...) {
			return true, nil
		}
	}
	single, err := singlePermissions(ctx, tx, s.Org, s.ID)
	return slices.ContainsFunc(single, func(p PermissionRef) bool { return p.Scope == at && access.IsAdministration(p.Permission) }), err
}
