//go:build bench

package decision

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// size is what the generator makes.
type size struct {
	members, agendas, boxes, groups, records, sites, identities int

	listed  int // records in groups, in a hundred
	granted int // agendas on which a member has a level, in a hundred
}

// usual is the organisation of Must show 3. A member has a level on four agendas in ten
// and three messaging profiles in ten; six records in ten are in one or two groups.
var usual = size{members: 50, agendas: 20, boxes: 5, groups: 8, records: 500, sites: 3, identities: 10, listed: 60, granted: 40}

// made is a generated organisation: its rows, before they are written or compiled.
type made struct {
	org       ident.Org
	at        time.Time
	sites     []string
	members   []memberRow
	places    [][2]string
	roles     []string
	allows    [][2]string
	held      []madeHeld
	resources []resourceRow
	grants    []madeGrant
	delegated []madeDelegation
	groups    []string
	shared    []madeShared
	records   []string
	listed    [][]int64
}

type (
	madeHeld       struct{ m, role, scope string }
	madeGrant      struct{ m, id, resource, level string }
	madeDelegation struct{ m, id, identity, act string }
	madeShared     struct {
		m  string
		no int64
	}
)

var rolePermissions = [][]access.Permission{
	access.Administration, access.Care, {access.RecordsRead, access.RecordsWrite, access.DocumentsShare, access.DocumentsConsult},
	{access.RecordsRead}, {},
}

// generate makes organisation n, the same one each time but for its IDs.
func generate(s size, n int, at time.Time) *made {
	r := rand.New(rand.NewPCG(42, uint64(n)))
	o := &made{org: ident.NewOrg(), at: at}
	for range s.sites {
		o.sites = append(o.sites, ident.NewSite().String())
	}
	for i, list := range rolePermissions {
		o.roles = append(o.roles, ident.NewRole().String())
		for _, p := range list {
			o.allows = append(o.allows, [2]string{o.roles[i], string(p)})
		}
	}
	for range s.groups {
		o.groups = append(o.groups, ident.NewGroup().String())
	}
	for range s.members {
		o.member(r)
	}
	o.things(s, r)
	for i := range s.records {
		o.records = append(o.records, fmt.Sprintf("DPI-%d-%08d", n, i))
		var in []int64
		if r.IntN(100) < s.listed {
			for _, g := range r.Perm(s.groups)[:1+r.IntN(2)] {
				in = append(in, int64(g+1))
			}
		}
		o.listed = append(o.listed, in)
	}
	return o
}

func weighted(r *rand.Rand, w ...int) int {
	t := 0
	for _, x := range w {
		t += x
	}
	k := r.IntN(t)
	for i, x := range w {
		if k < x {
			return i
		}
		k -= x
	}
	return 0
}

func (o *made) member(r *rand.Rand) {
	m := memberRow{
		id: ident.NewMember().String(), account: ident.NewAccount().String(), accountStatus: "active",
		status:   []string{"active", "pending_approval", "deactivated"}[weighted(r, 90, 5, 5)],
		function: []string{"physician", "nurse", "secretary", "other"}[weighted(r, 35, 20, 30, 15)],
		reach:    []string{"site", "everyone"}[weighted(r, 70, 30)],
	}
	o.members = append(o.members, m)
	if r.IntN(100) < 30 {
		o.held = append(o.held, madeHeld{m.id, o.roles[weighted(r, 4, 6, 40, 40, 10)], access.WholeOrganization})
	} else {
		s := r.IntN(len(o.sites))
		o.held = append(o.held, madeHeld{m.id, o.roles[weighted(r, 4, 6, 40, 40, 10)], o.sites[s]})
		o.places = append(o.places, [2]string{m.id, o.sites[s]})
		if r.IntN(2) == 0 {
			next := (s + 1) % len(o.sites)
			o.held = append(o.held, madeHeld{m.id, o.roles[weighted(r, 4, 6, 40, 40, 10)], o.sites[next]})
			o.places = append(o.places, [2]string{m.id, o.sites[next]})
		}
	}
	for _, g := range r.Perm(len(o.groups))[:min(1+r.IntN(3), len(o.groups))] {
		o.shared = append(o.shared, madeShared{m.id, int64(g + 1)})
	}
}

func (o *made) things(s size, r *rand.Rand) {
	site := func() string { return o.sites[r.IntN(len(o.sites))] }
	anybody := func() string { return o.members[r.IntN(len(o.members))].id }
	for range s.agendas {
		a := resourceRow{id: ident.NewAgenda().String(), typ: TypeAgenda, site: site(), status: "active"}
		if r.IntN(2) == 0 {
			a.holder = anybody()
		}
		o.resources = append(o.resources, a)
		for _, m := range o.members {
			if r.IntN(1000) < 10*s.granted {
				o.grants = append(o.grants, madeGrant{m.id, ident.NewGrant().String(), a.id, []string{"availability", "read", "manage"}[weighted(r, 15, 10, 15)]})
			}
		}
	}
	for range s.boxes {
		b := resourceRow{id: ident.NewMessaging().String(), typ: TypeMessagingProfile, site: site(), status: "active"}
		o.resources = append(o.resources, b)
		for _, m := range o.members {
			if l := weighted(r, 70, 15, 10, 5); l > 0 {
				o.grants = append(o.grants, madeGrant{m.id, ident.NewGrant().String(), b.id, levelNames[kindMessaging][l]})
			}
		}
	}
	for i := range s.identities {
		d := resourceRow{id: ident.NewIdentity().String(), typ: TypeIdentity, site: site(), status: "active"}
		if i > 0 {
			d.holder = anybody()
		}
		o.resources = append(o.resources, d)
		for _, act := range []string{"send", "receive"} {
			for _, m := range r.Perm(len(o.members))[:3] {
				o.delegated = append(o.delegated, madeDelegation{o.members[m].id, ident.NewDelegation().String(), d.id, act})
			}
		}
	}
}

// compile makes a snapshot of the rows, without a database.
func (o *made) compile() *snapshot {
	b := newBuilder(o.org)
	b.s.version = 1
	t := rightRow{starts: o.at, givenAt: o.at, by: "system"}
	b.organization("active")
	for _, s := range o.sites {
		b.site(s)
	}
	b.endSites()
	for _, m := range o.members {
		b.member(m)
	}
	b.endMembers()
	for _, p := range o.places {
		b.place(p[0], p[1])
	}
	for i, r := range o.roles {
		b.role(r, fmt.Sprint("role ", i))
	}
	for _, a := range o.allows {
		b.allow(a[0], a[1])
	}
	for _, h := range o.held {
		b.heldRole(h.m, h.role, h.scope, t)
	}
	for _, r := range o.resources {
		b.resource(r)
	}
	b.endResources()
	for _, g := range o.grants {
		b.grant(g.m, g.id, g.resource, g.level, t)
	}
	for _, d := range o.delegated {
		b.delegation(d.m, d.id, d.identity, d.act, "active", t)
	}
	for i, g := range o.groups {
		b.group(int64(i+1), groupFact{id: g, name: "group", active: true})
	}
	for _, s := range o.shared {
		b.sharedGroup(s.m, s.no, t)
	}
	for i, in := range o.listed {
		for _, no := range in {
			b.record(o.records[i], no)
		}
	}
	b.endRecords()
	return b.end()
}

// rowsAtOnce is how many rows one statement of the generator writes.
const rowsAtOnce = 100

type insert struct {
	into string
	rows [][]any
}

// write puts the rows into the database.
func (o *made) write(t testing.TB, db *store.DB) {
	t.Helper()
	ctx := context.Background()
	err := db.Write(ctx, []store.Lock{store.Lock(o.org)}, func(tx *store.Tx) error {
		for _, in := range o.inserts() {
			for at := 0; at < len(in.rows); at += rowsAtOnce {
				part := in.rows[at:min(at+rowsAtOnce, len(in.rows))]
				var args []any
				for _, r := range part {
					args = append(args, r...)
				}
				if _, err := tx.Exec(ctx, "insert into "+in.into+" values "+store.Rows(len(part), len(part[0])), args...); err != nil {
					return fmt.Errorf("%s: %w", in.into, err)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (o *made) inserts() []insert {
	at, org := o.at, o.org
	list := []insert{
		{"org (id, slug, created_at)", [][]any{{org, org, at}}},
		{"org_version (org_id, version)", [][]any{{org, 1}}},
		{"org_state (org_id, rev, name, kind, status, enamel, known_from)", [][]any{{org, 1, "x", "other", "active", "", at}}},
	}
	add := func(into string) func(...any) {
		list = append(list, insert{into: into})
		i := len(list) - 1
		return func(row ...any) { list[i].rows = append(list[i].rows, row) }
	}
	site := add("site (org_id, id, created_at)")
	siteState := add("site_state (org_id, site_id, rev, name, finess, street, postal_code, city, phone, status, sort_key, search, known_from)")
	for _, s := range o.sites {
		site(org, s, at)
		siteState(org, s, 1, "x", "", "", "", "", "", "active", "", "", at)
	}
	account, accountState := add("account (id, last_sign_in_at, created_at)"),
		add("account_state (account_id, rev, email_key, email, title, given_name, family_name, language, status, platform_role, known_from)")
	member, memberState := add("member (org_id, id, version, last_sign_in_at, created_at)"),
		add("member_state (org_id, member_id, rev, account_id, email, status, profile_type, title, given_name, family_name, function, profession, specialty, rpps, phone, mssante, messaging_reach, sort_key, search, keywords, known_from)")
	for _, m := range o.members {
		account(m.account, at, at)
		accountState(m.account, 1, m.account, m.account, "", "a", "b", "fr", "active", "", at)
		member(org, m.id, 1, at, at)
		memberState(org, m.id, 1, m.account, "", m.status, "non_practitioner", "", "a", "b", m.function, "", "", "", "", "", m.reach, m.id, "", "", at)
	}
	place := add("member_site (org_id, member_id, site_id, given_by, known_from)")
	for _, p := range o.places {
		place(org, p[0], p[1], "", at)
	}
	role, roleState := add("role (org_id, id, builtin, created_at)"), add("role_state (org_id, role_id, rev, name, status, known_from)")
	for _, r := range o.roles {
		role(org, r, "", at)
		roleState(org, r, 1, "r", "active", at)
	}
	allow := add("role_permission (org_id, role_id, permission, known_from)")
	for _, a := range o.allows {
		allow(org, a[0], a[1], at)
	}
	held := add("member_role (org_id, id, member_id, role_id, scope, site_id, starts_at, given_by, known_from)")
	seen := map[madeHeld]bool{}
	for _, h := range o.held {
		if seen[h] {
			continue
		}
		seen[h] = true
		var site any = h.scope
		if h.scope == access.WholeOrganization {
			site = nil
		}
		held(org, ident.NewGrant(), h.m, h.role, h.scope, site, at, "system", at)
	}
	resource, resourceState := add("resource (org_id, id, type, version, created_at)"),
		add("resource_state (org_id, resource_id, rev, site_id, kind, name, detail, address, holder_id, status, sort_key, search, known_from)")
	for _, r := range o.resources {
		kind := "service"
		if r.holder != "" {
			kind = "practitioner"
		}
		resource(org, r.id, r.typ, 1, at)
		resourceState(org, r.id, 1, r.site, kind, "n", "", "", store.Null(r.holder), "active", "", "", at)
	}
	grant := add("access_grant (org_id, id, member_id, resource_id, level, starts_at, given_by, change_set_id, known_from)")
	for _, g := range o.grants {
		grant(org, g.id, g.m, g.resource, g.level, at, "system", "", at)
	}
	delegation := add("delegation (org_id, id, rev, identity_id, member_id, act, state, starts_at, given_by, known_from)")
	for _, d := range o.delegated {
		delegation(org, d.id, 1, d.identity, d.m, d.act, "active", at, "system", at)
	}
	group, groupState := add("record_group (org_id, id, no, version, created_at)"),
		add("record_group_state (org_id, group_id, rev, name, description, status, sort_key, search, known_from)")
	for i, g := range o.groups {
		group(org, g, i+1, 1, at)
		groupState(org, g, 1, "g", "", "active", "", "", at)
	}
	shared := add("record_group_member (org_id, id, group_id, member_id, starts_at, given_by, known_from)")
	for _, s := range o.shared {
		shared(org, ident.NewGrant(), o.groups[s.no-1], s.m, at, "system", at)
	}
	record := add("record_group_record (org_id, group_no, record, known_from)")
	for i, in := range o.listed {
		for _, no := range in {
			record(org, no, o.records[i], at)
		}
	}
	return list
}

// asked draws a question as applications ask them: four in ten about agendas, half of all
// about what they have already shown.
func (o *made) asked(r *rand.Rand) Question {
	q := Question{Subject: Entity{TypeMember, o.members[r.IntN(len(o.members))].id}}
	one := func(t kind) string {
		for {
			if v := o.resources[r.IntN(len(o.resources))]; typeOf(v.typ) == t {
				return v.id
			}
		}
	}
	switch weighted(r, 40, 15, 15, 30) {
	case 0:
		q.Resource, q.Action = Entity{TypeAgenda, one(kindAgenda)}, actions(kindAgenda)[r.IntN(3)]
	case 1:
		q.Resource, q.Action = Entity{TypeMessagingProfile, one(kindMessaging)}, actions(kindMessaging)[r.IntN(3)]
	case 2:
		d := o.delegated[r.IntN(len(o.delegated))]
		q.Resource, q.Action = Entity{TypeIdentity, d.identity}, d.act
		if r.IntN(2) == 0 {
			q.Subject.ID = d.m
		}
	case 3:
		q.Resource, q.Action = Entity{TypePatientRecord, o.records[r.IntN(len(o.records))]}, actions(kindRecord)[r.IntN(2)]
	}
	return q
}
