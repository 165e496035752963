package member

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/store"
)

// List gives one page of the members that the actor may see: those of the whole
// organisation, or of the sites at which the actor holds members.read (LST-1). The
// total and the counts are exact, and speak of no other member (AUZ-06, AUZ-15).
// Errors: ErrQuery for what no list offers, fields to correct, secret.ErrCursor.
func (m Members) List(ctx context.Context, by access.Actor, in ident.Org, q Query) (List, error) {
	act := action.Act{Verb: "member.list", Orgs: []ident.Org{in}, Object: in.String()}
	var v viewer
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		v, err = look(ctx, tx, by, in)
		return []access.Need{v.mayList()}, err
	}
	return action.View(ctx, m.Run, by, act, func(tx *store.Tx) (List, error) {
		f, err := newFinder(m.Run.Ring, in, q)
		if err != nil {
			return List{}, err
		}
		f = v.prepared(f, tx)
		if f.Permission != "" {
			if f.singly, err = givenSingly(ctx, tx, in, f.Permission); err != nil {
				return List{}, err
			}
		}
		return v.list(ctx, tx, f)
	})
}

// prepared is a query with whom v may find.
func (v viewer) prepared(f finder, tx *store.Tx) finder {
	f.admin, f.granting, f.now, f.sight = v.admin.ID, v.granting(f.Permission), tx.Now, v.sight
	if sites, whole := v.held.Sites(access.MembersRead); !whole {
		f.within = sites
	}
	return f
}

// mayList needs members.read, wherever it is held.
func (v viewer) mayList() access.Need {
	sites, whole := v.held.Sites(access.MembersRead)
	if whole || len(sites) == 0 {
		return access.At(access.MembersRead, access.OrgScope(v.held.Org))
	}
	return access.At(access.MembersRead, access.SiteScope(v.held.Org, sites[0]))
}

// granting lists the roles of the organisation that hold p.
func (v viewer) granting(p access.Permission) []ident.Role {
	var ids []ident.Role
	for _, r := range v.roles {
		if slices.Contains(r.Permissions, p) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

func (v viewer) list(ctx context.Context, tx *store.Tx, f finder) (List, error) {
	var l List
	var byStatus map[Status]int64
	var err error
	if l.Counts, byStatus, err = f.tabs(ctx, tx); err != nil {
		return l, err
	}
	if l.Files, err = anyFile(ctx, tx, &f); err != nil {
		return l, err
	}
	if f.nothing || (f.Site != "" && !v.sight.Of(f.Site)) {
		return l, nil // a site that one may not know of filters like one that is not there
	}
	if l.Total, err = f.total(ctx, tx, byStatus); err != nil {
		return l, err
	}
	found, err := f.find(ctx, tx, l.Counts.All, l.Total)
	if err != nil {
		return l, err
	}
	if len(found) > f.Size {
		found = found[:f.Size]
		if l.Next, err = f.ring.Cursor(f.name(), found[f.Size-1]); err != nil {
			return l, err
		}
	}
	l.Rows, err = v.rows(ctx, tx, f.org, found)
	return l, err
}

// rows reads the lines of a page, in the order in which they were found: first
// the members were chosen by an index alone, then only these are read whole.
func (v viewer) rows(ctx context.Context, tx *store.Tx, in ident.Org, found []spot) ([]Row, error) {
	ids := make([]ident.Member, len(found))
	for i, s := range found {
		ids[i] = s.ID
	}
	members, err := membersByID(ctx, tx, in, ids)
	if err != nil {
		return nil, err
	}
	d, err := v.readDetails(ctx, tx, in, ids)
	if err != nil {
		return nil, err
	}
	resend, err := v.mayResendEach(ctx, tx, in, d.invitations)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, 0, len(ids))
	for _, id := range ids {
		i := slices.IndexFunc(members, func(m Member) bool { return m.ID == id })
		if i < 0 {
			continue
		}
		rows = append(rows, Row{
			Member: members[i], Sites: d.sites[id], Roles: d.roles[id], Invitation: d.invitations[id], MayResend: resend[id],
			Planned: d.planned[id], Departure: d.departures[id],
			Admin: slices.ContainsFunc(d.roles[id], func(r RoleRef) bool { return r.BuiltIn == role.Administrator }),
		})
	}
	return rows, nil
}

// details is what the lines of members show beside the member.
type details struct {
	sites       map[ident.Member][]SiteRef
	roles       map[ident.Member][]RoleRef
	invitations map[ident.Member]*PendingInvitation
	planned     map[ident.Member]*Planned
	departures  map[ident.Member]*PlannedDeparture
	names       map[ident.Site]string
}

// What the statements of a page give for one of its members.
type (
	belonging struct {
		member ident.Member
		site   ident.Site
	}
	heldRole struct {
		member ident.Member
		ref    RoleRef
	}
	waitingInvitation struct {
		member  ident.Member
		id      ident.Invitation
		expires time.Time
	}
)

// readDetails reads the sites, roles and invitations of some members, of which v
// may know: sites elsewhere and the roles held there are left out (AUZ-06).
func (v viewer) readDetails(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member) (details, error) {
	d := details{invitations: map[ident.Member]*PendingInvitation{}, planned: map[ident.Member]*Planned{}}
	var err error
	if d.names, err = SiteNames(ctx, tx, in); err != nil {
		return d, err
	}
	belongs, err := belongings(ctx, tx, in, ids)
	if err != nil {
		return d, err
	}
	d.sites = v.siteRefs(belongs, d.names)
	if d.roles, err = v.roleRefs(ctx, tx, in, ids, d.names); err != nil {
		return d, err
	}
	waiting, err := invitationsOf(ctx, tx, in, ids)
	for _, w := range waiting {
		d.invitations[w.member] = &PendingInvitation{ID: w.id, ExpiresAt: w.expires}
	}
	if err != nil {
		return d, err
	}
	plans, err := plansOf(ctx, tx, in, ids)
	for i := range plans {
		d.planned[plans[i].member] = &plans[i].Planned
	}
	if err != nil {
		return d, err
	}
	d.departures, err = departures(ctx, tx, in, ids)
	return d, err
}

// shows reports whether v may know what a member has at a site.
func (v viewer) shows(m ident.Member, site ident.Site) bool {
	return v.sight.Of(site) || (m == v.held.Member && !m.IsZero())
}

func (v viewer) siteRefs(belongs []belonging, names map[ident.Site]string) map[ident.Member][]SiteRef {
	refs := map[ident.Member][]SiteRef{}
	for _, b := range belongs {
		if v.shows(b.member, b.site) {
			refs[b.member] = append(refs[b.member], SiteRef{ID: b.site, Name: names[b.site]})
		}
	}
	for _, list := range refs {
		sortSites(list)
	}
	return refs
}

func (v viewer) roleRefs(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member, names map[ident.Site]string,
) (map[ident.Member][]RoleRef, error) {
	held, err := rolesOf(ctx, tx, in, ids)
	refs := map[ident.Member][]RoleRef{}
	for _, h := range held {
		if h.ref.Scope.Site.IsZero() || v.shows(h.member, h.ref.Scope.Site) {
			h.ref.SiteName = names[h.ref.Scope.Site]
			refs[h.member] = append(refs[h.member], h.ref)
		}
	}
	for _, list := range refs {
		sortRoles(list)
	}
	return refs, err
}
