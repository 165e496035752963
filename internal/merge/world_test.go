package merge_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/decision"
	"habilis/internal/departure"
	"habilis/internal/directory"
	"habilis/internal/event"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/merge"
	"habilis/internal/org"
	"habilis/internal/outbound"
	"habilis/internal/preference"
	"habilis/internal/recordgroup"
	"habilis/internal/resource"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
	"habilis/internal/token"
	"habilis/internal/webhook"
	"habilis/internal/workitem"
)

// Numbers that no real person has.
const (
	wrong  = "10007770117" // paul's, imported from the directory as somebody else's
	right  = "10007770125"
	third  = "10007770133"
	fourth = "10007770141"
)

// world is two organisations. «tilleuls» has the sites nord and sud:
//
//	claire  administers all, belongs to sud          bruno  the same
//	paul    physician of nord, whose only administrator he is
//	weber   physician of nord                        lise   secretary of nord
//	tina    administers sud, belongs to sud
//
// «rives» has est, which odile administers.
type world struct {
	*testing.T

	db      *store.DB
	clock   *storetest.Clock
	run     *action.Runner
	m       merge.Replacements
	d       departure.Departures
	members member.Members
	things  resource.Resources
	items   workitem.Items
	grants  grant.Grants
	names   grant.Delegations
	groups  recordgroup.Groups
	asks    *decision.Decisions
	a, b    ident.Org
	site    map[string]ident.Site
	account map[string]ident.Account
	id      map[string]ident.Member
	thing   map[string]resource.ID
	group   ident.Group
	sent    []job.Job
	sending sync.Mutex
}

func eachWorld(t *testing.T, fn func(w *world)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) { fn(newWorld(t, e)) })
	}
}

func newWorld(t *testing.T, e store.Engine) *world {
	t.Helper()
	w := &world{
		T: t, clock: &storetest.Clock{}, site: map[string]ident.Site{}, account: map[string]ident.Account{}, id: map[string]ident.Member{},
		thing: map[string]resource.ID{},
	}
	w.db = storetest.Open(t, e, storetest.Options{Clock: w.clock.Now})
	w.run = &action.Runner{DB: w.db, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler)}
	w.m, w.d, w.members = merge.Replacements{Run: w.run}, departure.Departures{Run: w.run}, member.Members{Run: w.run, AtSite: departure.AtSite}
	w.things, w.items = resource.Resources{Run: w.run, Held: grant.HolderNamed}, workitem.Items{Run: w.run}
	w.grants, w.names, w.groups = grant.Grants{Run: w.run}, grant.Delegations{Run: w.run}, recordgroup.Groups{Run: w.run}
	w.asks = decision.New(w.run)
	w.write(w.populate)
	return w
}

func (w *world) populate(ctx context.Context, tx *store.Tx) (err error) {
	if w.a, err = w.organisation(ctx, tx, "tilleuls", "nord", "sud"); err != nil {
		return err
	}
	if w.b, err = w.organisation(ctx, tx, "rives", "est"); err != nil {
		return err
	}
	for _, p := range []person{
		{name: "claire", in: w.a, admin: "*", sites: []string{"sud"}},
		{name: "bruno", in: w.a, admin: "*", sites: []string{"sud"}},
		{name: "tina", in: w.a, admin: "sud", sites: []string{"sud"}},
		{name: "paul", in: w.a, admin: "nord", sites: []string{"nord"}, rpps: wrong},
		{name: "weber", in: w.a, sites: []string{"nord"}, rpps: third},
		{name: "lise", in: w.a, sites: []string{"nord"}},
		{name: "odile", in: w.b, admin: "*", sites: []string{"est"}},
	} {
		if err := w.join(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) organisation(ctx context.Context, tx *store.Tx, slug string, sites ...string) (ident.Org, error) {
	o, err := org.Insert(ctx, tx, org.New{Slug: slug, Details: org.Details{Name: "Maison " + slug, Kind: org.Practice}})
	if err != nil {
		return "", err
	}
	for _, name := range sites {
		s, err := org.InsertSite(ctx, tx, o.ID, org.SiteDetails{Name: name})
		if err != nil {
			return "", err
		}
		w.site[name] = s.ID
	}
	return o.ID, role.Seed(ctx, tx, o.ID)
}

// full is the name of somebody, as it is shown.
func full(name string) string { return strings.ToUpper(name[:1]) + name[1:] + " Lefèvre" }

// person is somebody of the world.
type person struct {
	name  string
	in    ident.Org
	admin string // of which site, "*" of all
	sites []string
	rpps  string
}

func (w *world) join(ctx context.Context, tx *store.Tx, p person) error {
	key := p.name + "@exemple.fr"
	a, err := account.Insert(ctx, tx, account.New{
		Email: account.Email{Key: key, Address: key}, Names: account.Names{GivenName: p.name, FamilyName: "Lefèvre"}, Language: text.FR,
	})
	if err != nil {
		return err
	}
	if err := credential.SetPassword(ctx, tx, a.ID, "$argon2id$test"); err != nil {
		return err
	}
	given, family, _ := strings.Cut(full(p.name), " ")
	n := member.New{
		Org: p.in, Account: a.ID, Status: member.Active, GivenName: given, FamilyName: family, Email: key, Phone: "+33612345678",
		Function: "secretary", GivenBy: "test",
	}
	if p.rpps != "" {
		n.ProfileType, n.Function, n.RPPS, n.ProfessionCode = member.Regulated, "physician", p.rpps, "10"
	}
	for _, s := range p.sites {
		n.Sites = append(n.Sites, w.site[s])
	}
	if p.admin != "" {
		r, err := role.BuiltIn(ctx, tx, p.in, role.Administrator)
		if err != nil {
			return err
		}
		at := access.OrgScope(p.in)
		if p.admin != "*" {
			at = access.SiteScope(p.in, w.site[p.admin])
		}
		n.Roles = []role.Given{{Role: r.ID, Scope: at}}
	}
	m, err := member.Insert(ctx, tx, n)
	w.account[p.name], w.id[p.name] = a.ID, m.ID
	return err
}

// furnish gives paul, beside the administration of nord: an agenda and an identity of his own, a room
// that he alone manages, a delegation received and one given, an access group, single permissions, a
// token and an endpoint, and 40 tasks, 25 appointments.
func (w *world) furnish() {
	w.Helper()
	ctx, claire := w.Context(), w.as("claire")
	for _, r := range []struct {
		key, holder string
		kind        resource.Type
	}{{"agenda", "paul", resource.Agenda}, {"name", "paul", resource.Identity}, {"room", "", resource.Agenda}, {"service", "", resource.Identity}} {
		d := resource.Details{Site: w.site["nord"], Kind: resource.OfService, Name: r.key}
		if r.holder != "" {
			d.Kind, d.Holder = resource.OfPractitioner, w.id[r.holder]
		}
		v, err := w.things.Create(ctx, claire, w.a, r.kind, d)
		w.must(err)
		w.thing[r.key] = v.ID
	}
	w.level("paul", "room", grant.Manage)
	for _, d := range []grant.NewDelegations{
		{Identities: []resource.ID{w.thing["service"]}, Member: w.id["paul"], Acts: []grant.Act{grant.Send}},
		{Identities: []resource.ID{w.thing["name"]}, Member: w.id["lise"], Acts: []grant.Act{grant.Send}},
	} {
		_, err := w.names.Give(ctx, claire, w.a, d)
		w.must(err)
	}
	g, err := w.groups.Create(ctx, claire, w.a, recordgroup.Details{Name: "Enfants"})
	w.must(err)
	_, err = w.groups.SetMembers(ctx, claire, w.a, g.ID, g.Version, []ident.Member{w.id["paul"]}, recordgroup.Dates{})
	w.must(err)
	w.group = g.ID
	w.work("paul", workitem.Task, 40)
	w.work("paul", workitem.Appointment, 25)
	_, err = preference.Preferences{Run: w.run}.Edit(ctx, w.as("paul"), w.a, w.id["paul"], 0, preference.Edit{Language: preference.To(setting.Language("en"))})
	w.must(err)
	w.make()
}

// make is what paul made, with the rights that it takes.
func (w *world) make() {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		var list []member.GivenPermission
		for _, p := range []access.Permission{access.WebhooksEdit, access.TokensEdit} {
			list = append(list, member.GivenPermission{Permission: p, Scope: access.OrgScope(w.a)})
		}
		return member.Give(ctx, tx, member.Gift{Org: w.a, Member: w.id["paul"], Permissions: list, By: "test"})
	})
	_, err := token.Tokens{Run: w.run}.Make(w.Context(), w.as("paul"), token.New{
		Kind: token.OfOrganization, Org: w.a, Name: "Agenda", Permissions: []access.Permission{access.WebhooksEdit},
	})
	w.must(err)
	_, err = webhook.Webhooks{Run: w.run, Client: outbound.New(outbound.Options{})}.Make(w.Context(), w.as("paul"), w.a, webhook.Details{
		Name: "Agenda", URL: "https://agenda.example/events", Kinds: []event.Kind{event.MemberLeft},
	})
	w.must(err)
}

func (w *world) level(name, key string, l grant.Level) {
	w.Helper()
	_, err := w.grants.Apply(w.Context(), w.as("claire"), w.a, grant.Wanted{Changes: []grant.Change{
		{Member: w.id[name], Resource: w.thing[key], Level: l},
	}})
	w.must(err)
}

// work registers items of somebody, one a day from the tenth day on.
func (w *world) work(of string, k workitem.Kind, n int) {
	w.Helper()
	lines := make([]workitem.Line, n)
	for i := range lines {
		due := w.db.Now().Add(time.Duration(i+10) * 24 * time.Hour)
		lines[i] = workitem.Line{
			Ref:     workitem.Ref{Source: "agenda", External: fmt.Sprintf("%s-%s-%d", of, k, i)},
			Details: workitem.Details{Kind: k, Owner: w.id[of], Site: w.site["nord"], Due: &due},
		}
	}
	_, err := w.items.RegisterMany(w.Context(), w.as("claire"), w.a, lines)
	w.must(err)
}

func (w *world) as(name string) access.Actor {
	return access.Actor{
		Kind: access.Person, Account: w.account[name], Name: full(name), Session: ident.NewSession(), StepUp: w.db.Now(), Via: "test",
		Address: "192.0.2.7",
	}
}

func (w *world) write(fn func(ctx context.Context, tx *store.Tx) error) {
	w.Helper()
	w.must(w.db.Write(w.Context(), []store.Lock{store.Installation, store.Lock(w.a), store.Lock(w.b)}, func(tx *store.Tx) error {
		return fn(w.Context(), tx)
	}))
}

func (w *world) count(query string, args ...any) (n int) {
	w.Helper()
	w.must(w.db.Read(w.Context(), func(tx *store.Tx) error { return tx.QueryRow(w.Context(), query, args...).Scan(&n) }))
	return n
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err, fault.Of(err).Fields)
	}
}

// want fails unless err is the wanted one.
func (w *world) want(what string, err, want error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Errorf("%s: %v %v, want %v", what, err, fieldsOf(err), want)
	}
}

// wrong fails unless err is exactly these fields, «at code».
func (w *world) wrong(what string, err error, fields ...string) {
	w.Helper()
	if got := fieldsOf(err); !slices.Equal(got, fields) {
		w.Errorf("%s: %v %q, want %q", what, err, got, fields)
	}
}

func fieldsOf(err error) (list []string) {
	if err == nil {
		return nil
	}
	for _, f := range fault.Of(err).Fields {
		list = append(list, f.Location+" "+f.Code)
	}
	return list
}

// order is how the number of somebody is put right.
func order(name, rpps string) merge.Order {
	return merge.Order{FullName: full(name), Renumbered: member.Renumbered{RPPS: rpps}}
}

func (w *world) replace(by, name, rpps string) (merge.Replacement, error) {
	return w.m.Replace(w.Context(), w.as(by), w.a, w.id[name], order(name, rpps))
}

// replaced is paul with the right number, as «new».
func (w *world) replaced() merge.Replacement {
	w.Helper()
	r, err := w.replace("claire", "paul", right)
	w.must(err)
	w.id["new"] = r.New
	return r
}

func (w *world) undo(by string, of ident.Member, version int64) (merge.Replacement, error) {
	return w.m.Undo(w.Context(), w.as(by), w.a, of, version)
}

// sweep does what the server does by itself.
func (w *world) sweep() {
	w.Helper()
	w.must(w.d.Sweep(w.Context()))
}

// may asks a decision about a member, now or at a moment.
func (w *world) may(who ident.Member, act, kind, id string, at time.Time) bool {
	w.Helper()
	a, err := w.asks.Ask(w.Context(), w.a, &decision.Question{
		Subject: decision.Entity{Type: "member", ID: who.String()}, Action: act, Resource: decision.Entity{Type: kind, ID: id}, At: at,
	})
	w.must(err)
	return a.Allowed
}

// state is everything that passes from one membership to another, as text.
func (w *world) state(of ident.Member) string {
	w.Helper()
	var out []string
	for _, query := range []string{
		`select 'role ' || role_id || ' ' || scope || ' ' || cast(starts_at as text) || ' ' || given_by from member_role
			where org_id = $1 and member_id = $2 and known_until is null order by role_id, scope`,
		`select 'permission ' || permission || ' ' || scope || ' ' || given_by from member_permission where org_id = $1 and member_id = $2 and known_until is null
			order by permission`,
		`select 'site ' || site_id || ' ' || given_by from member_site where org_id = $1 and member_id = $2 and known_until is null order by site_id`,
		`select 'level ' || resource_id || ' ' || level || ' ' || given_by from access_grant where org_id = $1 and member_id = $2 and known_until is null order by resource_id`,
		`select 'group ' || group_id || ' ' || given_by from record_group_member where org_id = $1 and member_id = $2 and known_until is null`,
		`select 'received ' || d.identity_id || ' ' || d.act || ' ' || d.state || ' ' || d.given_by from delegation d
			where d.org_id = $1 and d.known_until is null and d.member_id = $2 order by d.identity_id, d.act`,
		`select 'given ' || d.identity_id || ' ' || d.member_id || ' ' || d.act || ' ' || d.state from delegation d
			where d.org_id = $1 and d.known_until is null and d.identity_id in (
				select r.resource_id from resource_state r where r.org_id = $1 and r.holder_id = $2 and r.known_until is null)
			order by d.identity_id, d.member_id, d.act`,
		`select 'holds ' || resource_id || ' ' || status from resource_state where org_id = $1 and holder_id = $2 and known_until is null order by resource_id`,
		`select 'own ' || value from member_setting where org_id = $1 and member_id = $2 and known_until is null`,
		`select 'item ' || external_id || ' ' || state from work_item where org_id = $1 and owner_id = $2 and detached_at is null order by external_id`,
		`select 'counted ' || kind || ' ' || cast(sum(items) as text) from work_item_count where org_id = $1 and owner_id = $2 and items <> 0
			group by kind order by kind`,
	} {
		w.must(w.db.Read(w.Context(), func(tx *store.Tx) error {
			list, err := store.All(w.Context(), tx, store.Value[string], query, w.a, of)
			out = append(out, list...)
			return err
		}))
	}
	return strings.Join(out, "\n")
}

func (w *world) same(what, got, want string) {
	w.Helper()
	if got != want {
		w.Errorf("%s:\n%s\n--- want ---\n%s", what, got, want)
	}
}

// trail counts the done acts of a verb.
func (w *world) trail(verb string) int {
	w.Helper()
	return w.count(`select count(*) from audit_event where chain = $1 and verb = $2 and outcome = 'done'`, w.a, verb)
}

// member reads somebody, who may have left.
func (w *world) member(id ident.Member) (m member.Member) {
	w.Helper()
	w.must(w.db.Read(w.Context(), func(tx *store.Tx) error {
		all, err := member.Refs(w.Context(), tx, w.a, []ident.Member{id})
		m = all[id]
		return err
	}))
	return m
}

// published is what the directory says of a number.
func published(rpps, given, family string) *directory.Import {
	return &directory.Import{AsOf: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Activity: "a1", Practitioner: directory.Practitioner{
		RPPS: rpps, Active: true, GivenName: given, FamilyName: family,
		Activities: []directory.Activity{{ID: "a1", Profession: directory.Code{Code: "10", Label: "Médecin"}}},
		MSSante:    []string{strings.ToLower(given + "." + family + "@medecin.mssante.fr")},
	}}
}

// mailed are the jobs of a kind, with their secrets, in the order in which they were asked.
func (w *world) mailed(kind string) (out []job.Job) {
	w.Helper()
	worker := job.Worker{DB: w.db, Ring: w.run.Ring, Log: w.run.Log, Handlers: map[string]job.Handler{
		kind: func(_ context.Context, j job.Job) error {
			w.sending.Lock() // several at once
			defer w.sending.Unlock()
			w.sent = append(w.sent, j)
			return nil
		},
	}}
	w.must(worker.Drain(w.Context()))
	return w.sent
}
