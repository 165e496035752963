package decision_test

import (
	"cmp"
	"context"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/decision"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// world is one database, its index, and an organisation that tests change at random. Rows
// whose nouns stand beside this package are written here, in an act like theirs.
type world struct {
	testing.TB

	db    *store.DB
	run   *action.Runner
	d     *decision.Decisions
	clock *storetest.Clock
	rand  *rand.Rand

	org      ident.Org
	sites    []ident.Site
	members  []ident.Member
	accounts map[ident.Member]ident.Account
	roles    []ident.Role
	agendas  []string
	boxes    []string
	persons  []string // identities
	groups   []ident.Group
	records  []string
	rev      int
}

func newWorld(t testing.TB, e store.Engine) *world {
	t.Helper()
	clock := &storetest.Clock{}
	db := storetest.Open(t, e, storetest.Options{Clock: clock.Now, NoTwin: true})
	return worldOn(t, db, clock)
}

func worldOn(t testing.TB, db *store.DB, clock *storetest.Clock) *world {
	t.Helper()
	w := &world{TB: t, db: db, clock: clock, rand: rand.New(rand.NewPCG(1, 2))}
	w.run = &action.Runner{DB: db, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler)}
	w.d = decision.New(w.run)
	return w
}

func eachWorld(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) { fn(t, newWorld(t, e)) })
	}
}

// change is an act: what fn writes, with the next version of the organisation.
func (w *world) change(fn func(x *exec)) {
	w.Helper()
	if err := w.try(fn); err != nil {
		w.Fatal(err)
	}
}

func (w *world) try(fn func(x *exec)) error {
	act := action.Act{Verb: "test.change", Orgs: []ident.Org{w.org}, Accounts: true, Needs: []access.Need{access.Everybody()}}
	_, err := action.Run(context.Background(), w.run, access.Operator("test"), act, func(tx *action.Tx) (struct{}, error) {
		x := &exec{tx: tx}
		fn(x)
		tx.Record(audit.Event{Org: w.org, Verb: "test.change"})
		return struct{}{}, x.err
	})
	return err
}

// exec writes rows.
type exec struct {
	tx  *action.Tx
	err error
}

func (x *exec) do(query string, args ...any) int64 {
	if x.err != nil {
		return 0
	}
	n, err := x.tx.Exec(context.Background(), query, args...)
	x.err = err
	return n
}

// begin makes a new organisation with a site, and forgets the one before.
func (w *world) begin() {
	w.Helper()
	w.org = ident.NewOrg()
	w.sites, w.members, w.accounts = nil, nil, map[ident.Member]ident.Account{}
	w.roles, w.agendas, w.boxes, w.persons, w.groups, w.records = nil, nil, nil, nil, nil, nil
	o := w.org
	w.change(func(x *exec) {
		x.do(`insert into org (id, slug, created_at) values ($1, $1, $2)`, o, x.tx.Now)
		x.do(`insert into org_state (org_id, rev, name, kind, status, enamel, known_from) values ($1, 1, 'x', 'other', 'active', '', $2)`, o, x.tx.Now)
	})
	for range 2 {
		w.addSite()
	}
}

func (w *world) addSite() {
	s := ident.NewSite()
	w.change(func(x *exec) {
		x.do(`insert into site (org_id, id, created_at) values ($1, $2, $3)`, w.org, s, x.tx.Now)
		x.do(`insert into site_state (org_id, site_id, rev, name, finess, street, postal_code, city, phone, status, sort_key, search, known_from)
			values ($1, $2, 1, 'x', '', '', '', '', '', 'active', '', '', $3)`, w.org, s, x.tx.Now)
	})
	w.sites = append(w.sites, s)
}

// memberState is what tests vary of a member.
type memberState struct {
	status, function, reach string
	account                 ident.Account
	starts, ends            *time.Time
	verification            string // not_needed by default
}

func (x *exec) memberState(org ident.Org, m ident.Member, rev int, s memberState) {
	x.do(`update member_state set known_until = $3 where org_id = $1 and member_id = $2 and known_until is null`, org, m, x.tx.Now)
	x.do(`insert into member_state (org_id, member_id, rev, account_id, email, status, profile_type, title, given_name, family_name, function,
			profession, specialty, rpps, phone, mssante, messaging_reach, starts_at, ends_at, sort_key, search, keywords, known_from, verification)
		values ($1, $2, $3, $4, '', $5, 'non_practitioner', '', 'a', 'b', $6, '', '', '', '', '', $7, $8, $9, '', '', '', $10, $11)`,
		org, m, rev, store.Null(s.account), s.status, s.function, s.reach, s.starts, s.ends, x.tx.Now,
		cmp.Or(s.verification, "not_needed"))
}

func (x *exec) account(a ident.Account) {
	x.do(`insert into account (id, last_sign_in_at, created_at) values ($1, $2, $2)`, a, x.tx.Now)
	x.do(`insert into account_state (account_id, rev, email_key, email, title, given_name, family_name, language, status, platform_role, known_from)
		values ($1, 1, $2, $2, '', 'a', 'b', 'fr', 'active', '', $3)`, a, a.String(), x.tx.Now)
}

// addMember makes a member in force, with an account.
func (w *world) addMember(sites ...ident.Site) ident.Member {
	m, a := ident.NewMember(), ident.NewAccount()
	w.change(func(x *exec) {
		x.account(a)
		x.do(`insert into member (org_id, id, version, last_sign_in_at, created_at) values ($1, $2, 1, $3, $3)`, w.org, m, x.tx.Now)
		x.memberState(w.org, m, 1, memberState{status: "active", function: "nurse", reach: "site", account: a})
		for _, s := range sites {
			x.do(`insert into member_site (org_id, member_id, site_id, given_by, known_from) values ($1, $2, $3, '', $4)`, w.org, m, s, x.tx.Now)
		}
	})
	w.members, w.accounts[m] = append(w.members, m), a
	return m
}

func (w *world) setMember(m ident.Member, s memberState) {
	w.rev++
	rev := 1000 + w.rev
	w.change(func(x *exec) { x.memberState(w.org, m, rev, s) })
}

func (w *world) addRole(permissions ...access.Permission) ident.Role {
	r := ident.NewRole()
	slices.Sort(permissions)
	permissions = slices.Compact(permissions)
	w.change(func(x *exec) {
		x.do(`insert into role (org_id, id, builtin, created_at) values ($1, $2, '', $3)`, w.org, r, x.tx.Now)
		x.do(`insert into role_state (org_id, role_id, rev, name, status, known_from) values ($1, $2, 1, 'r', 'active', $3)`, w.org, r, x.tx.Now)
		for _, p := range permissions {
			x.do(`insert into role_permission (org_id, role_id, permission, known_from) values ($1, $2, $3, $4)`, w.org, r, p, x.tx.Now)
		}
	})
	w.roles = append(w.roles, r)
	return r
}

// scope is the whole organisation, or one of its sites.
func (w *world) scope() (code string, site any) {
	if w.rand.IntN(3) == 0 {
		return access.WholeOrganization, nil
	}
	s := pick(w, w.sites)
	return s.String(), s
}

func (w *world) giveRole(m ident.Member, r ident.Role, scope string, site any, win window) {
	w.change(func(x *exec) {
		x.do(`update member_role set known_until = $5 where org_id = $1 and member_id = $2 and role_id = $3 and scope = $4 and known_until is null`, w.org, m, r, scope, x.tx.Now)
		x.do(`insert into member_role (org_id, id, member_id, role_id, scope, site_id, starts_at, ends_at, given_by, known_from)
			values ($1, $2, $3, $4, $5, $6, $7, $8, 'system', $9)`, w.org, ident.NewGrant(), m, r, scope, site, win.from, win.until, x.tx.Now)
	})
}

func (w *world) givePermission(m ident.Member, p access.Permission, scope string, site any, win window) {
	w.change(func(x *exec) {
		x.do(`update member_permission set known_until = $5 where org_id = $1 and member_id = $2 and permission = $3 and scope = $4 and known_until is null`, w.org, m, p, scope, x.tx.Now)
		x.do(`insert into member_permission (org_id, id, member_id, permission, scope, site_id, starts_at, ends_at, given_by, known_from)
			values ($1, $2, $3, $4, $5, $6, $7, $8, 'system', $9)`, w.org, ident.NewGrant(), m, p, scope, site, win.from, win.until, x.tx.Now)
	})
}

func (w *world) addResource(typ string, holder ident.Member) string {
	id := map[string]string{"agenda": ident.NewAgenda().String(), "messaging_profile": ident.NewMessaging().String(), "identity": ident.NewIdentity().String()}[typ]
	site := pick(w, w.sites)
	w.change(func(x *exec) {
		x.do(`insert into resource (org_id, id, type, version, created_at) values ($1, $2, $3, 1, $4)`, w.org, id, typ, x.tx.Now)
		x.resourceState(w.org, id, 1, site, holder, "active")
	})
	switch typ {
	case "agenda":
		w.agendas = append(w.agendas, id)
	case "messaging_profile":
		w.boxes = append(w.boxes, id)
	default:
		w.persons = append(w.persons, id)
	}
	return id
}

func (x *exec) resourceState(org ident.Org, id string, rev int, site ident.Site, holder ident.Member, status string) {
	kind := "service"
	if holder != "" {
		kind = "practitioner"
	}
	x.do(`update resource_state set known_until = $3 where org_id = $1 and resource_id = $2 and known_until is null`, org, id, x.tx.Now)
	x.do(`insert into resource_state (org_id, resource_id, rev, site_id, kind, name, detail, address, holder_id, status, sort_key, search, known_from)
		values ($1, $2, $3, $4, $5, 'n', '', '', $6, $7, '', '', $8)`, org, id, rev, site, kind, store.Null(holder), status, x.tx.Now)
}

func (w *world) setResource(id string, holder ident.Member, status string) {
	w.rev++
	rev, site := 1000+w.rev, pick(w, w.sites)
	w.change(func(x *exec) { x.resourceState(w.org, id, rev, site, holder, status) })
}

func (w *world) grant(m ident.Member, resource, level string, win window) {
	w.change(func(x *exec) { x.grant(w.org, m, resource, level, win) })
}

func (x *exec) grant(org ident.Org, m ident.Member, resource, level string, win window) {
	x.do(`update access_grant set known_until = $4 where org_id = $1 and member_id = $2 and resource_id = $3 and known_until is null`, org, m, resource, x.tx.Now)
	if level != "" {
		x.do(`insert into access_grant (org_id, id, member_id, resource_id, level, starts_at, ends_at, given_by, change_set_id, known_from)
			values ($1, $2, $3, $4, $5, $6, $7, 'system', '', $8)`, org, ident.NewGrant(), m, resource, level, win.from, win.until, x.tx.Now)
	}
}

func (w *world) delegate(m ident.Member, identity, act, state, by string, win window) {
	w.change(func(x *exec) {
		x.do(`update delegation set known_until = $5 where org_id = $1 and member_id = $2 and identity_id = $3 and act = $4 and known_until is null`, w.org, m, identity, act, x.tx.Now)
		if state != "" {
			x.do(`insert into delegation (org_id, id, rev, identity_id, member_id, act, state, starts_at, ends_at, given_by, known_from)
				values ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10)`, w.org, ident.NewDelegation(), identity, m, act, state, win.from, win.until, by, x.tx.Now)
		}
	})
}

func (w *world) addGroup() ident.Group {
	g := ident.NewGroup()
	no := len(w.groups) + 1
	w.change(func(x *exec) {
		x.do(`insert into record_group (org_id, id, no, version, created_at) values ($1, $2, $3, 1, $4)`, w.org, g, no, x.tx.Now)
		x.groupState(w.org, g, 1, "active")
	})
	w.groups = append(w.groups, g)
	return g
}

func (x *exec) groupState(org ident.Org, g ident.Group, rev int, status string) {
	x.do(`update record_group_state set known_until = $3 where org_id = $1 and group_id = $2 and known_until is null`, org, g, x.tx.Now)
	x.do(`insert into record_group_state (org_id, group_id, rev, name, description, status, sort_key, search, known_from)
		values ($1, $2, $3, 'g', '', $4, '', '', $5)`, org, g, rev, status, x.tx.Now)
}

func (w *world) joinGroup(m ident.Member, g ident.Group, in bool, win window) {
	w.change(func(x *exec) {
		x.do(`update record_group_member set known_until = $4 where org_id = $1 and member_id = $2 and group_id = $3 and known_until is null`, w.org, m, g, x.tx.Now)
		if in {
			x.do(`insert into record_group_member (org_id, id, group_id, member_id, starts_at, ends_at, given_by, known_from)
				values ($1, $2, $3, $4, $5, $6, 'system', $7)`, w.org, ident.NewGrant(), g, m, win.from, win.until, x.tx.Now)
		}
	})
}

func (w *world) putRecord(record string, g ident.Group, in bool) {
	no := slices.Index(w.groups, g) + 1
	w.change(func(x *exec) {
		if !in {
			x.do(`update record_group_record set known_until = $4 where org_id = $1 and group_no = $2 and record = $3 and known_until is null`, w.org, no, record, x.tx.Now)
			return
		}
		x.do(`insert into record_group_record (org_id, group_no, record, known_from) values ($1, $2, $3, $4)
			on conflict (org_id, record, group_no) where known_until is null do nothing`, w.org, no, record, x.tx.Now)
	})
	if !slices.Contains(w.records, record) {
		w.records = append(w.records, record)
	}
}

// window is when a right holds.
type window struct {
	from  time.Time
	until *time.Time
}

// always holds from long ago.
func (w *world) always() window { return window{from: w.db.Now().Add(-time.Hour)} }

// window draws one: past, running, to come, without end.
func (w *world) window() window {
	v := window{from: w.db.Now().Add(time.Duration(w.rand.IntN(5)-3) * time.Hour)}
	if w.rand.IntN(2) == 0 {
		until := v.from.Add(time.Duration(1+w.rand.IntN(5)) * time.Hour)
		v.until = &until
	}
	return v
}

func pick[T any](w *world, list []T) T { return list[w.rand.IntN(len(list))] }

func (w *world) policy(v setting.Decisions) {
	w.Helper()
	s := setting.Settings{Run: w.run}
	by := access.Operator("test")
	old, err := s.Decisions(context.Background(), by, w.org)
	if err == nil {
		_, err = s.SetDecisions(context.Background(), by, w.org, old.Rev, v)
	}
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) closeUnlisted(closed bool) {
	w.Helper()
	s := setting.Settings{Run: w.run}
	by := access.Operator("test")
	old, err := s.Records(context.Background(), by, w.org)
	if err == nil {
		_, err = s.SetRecords(context.Background(), by, w.org, old.Rev, setting.Records{UnlistedClosed: closed})
	}
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) suspend(status string) {
	w.rev++
	rev := 1000 + w.rev
	w.change(func(x *exec) {
		x.do(`update org_state set known_until = $2 where org_id = $1 and known_until is null`, w.org, x.tx.Now)
		x.do(`insert into org_state (org_id, rev, name, kind, status, enamel, known_from) values ($1, $2, 'x', 'other', $3, '', $4)`, w.org, rev, status, x.tx.Now)
	})
}

// block changes the state of an account: an act of the installation that touches the
// organisations in which the person has a place.
func (w *world) block(a ident.Account, status string) {
	w.rev++
	rev := 1000 + w.rev
	act := action.Act{Verb: "test.block", Needs: []access.Need{access.Everybody()}}
	_, err := action.Run(context.Background(), w.run, access.Operator("test"), act, func(tx *action.Tx) (struct{}, error) {
		x := &exec{tx: tx}
		x.do(`update account_state set known_until = $2 where account_id = $1 and known_until is null`, a, tx.Now)
		x.do(`insert into account_state (account_id, rev, email_key, email, title, given_name, family_name, language, status, platform_role, known_from)
			values ($1, $2, $3, $3, '', 'a', 'b', 'fr', $4, '', $5)`, a, rev, a.String(), status, tx.Now)
		tx.Touch(w.org)
		tx.Record(audit.Event{Verb: "test.block"})
		return struct{}{}, x.err
	})
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) ask(q decision.Question) decision.Answer {
	w.Helper()
	a, err := w.d.Ask(context.Background(), w.org, &q)
	if err != nil {
		w.Fatal(err)
	}
	return a
}

// of is a question about a member.
func of(m ident.Member, action, typ, id string) decision.Question {
	return decision.Question{
		Subject: decision.Entity{Type: decision.TypeMember, ID: m.String()}, Action: action, Resource: decision.Entity{Type: typ, ID: id},
	}
}

func (w *world) record() string { return "dossier-" + strconv.Itoa(w.rand.IntN(12)) }
