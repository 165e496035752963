package review_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/recordgroup"
	"habilis/internal/resource"
	"habilis/internal/review"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// world is two organisations. «tilleuls» has the sites nord and sud:
//
//	claire  administers all, belongs to sud    bruno  administers all, belongs to sud
//	tina    administers nord, belongs to nord
//	weber   physician of nord, whose agenda «cabinet» is
//	julie   secretary of nord and sud: reads the agenda «salle» of nord and «bloc» of sud, is in the
//	        group «Enfants», sends for the identity «service» of nord
//	lise    secretary of nord: reads «salle»
//	marc    physician of sud
//
// «rives» has est, which odile administers. Everybody signed in today, but marc.
type world struct {
	*testing.T
	db      *store.DB
	clock   *storetest.Clock
	run     *action.Runner
	r       review.Reviews
	things  resource.Resources
	grants  grant.Grants
	names   grant.Delegations
	groups  recordgroup.Groups
	members member.Members
	a, b    ident.Org
	site    map[string]ident.Site
	account map[string]ident.Account
	id      map[string]ident.Member
	thing   map[string]resource.ID
	group   ident.Group
}

const installation = "https://habilis.example.fr"

func eachWorld(t *testing.T, fn func(w *world)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			w := newWorld(t, e)
			w.furnish()
			fn(w)
		})
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
	w.members = member.Members{Run: w.run, AtSite: departure.AtSite}
	w.r = review.Reviews{Run: w.run, Members: w.members, Installation: installation}
	w.things, w.grants, w.names = resource.Resources{Run: w.run, Held: grant.HolderNamed}, grant.Grants{Run: w.run}, grant.Delegations{Run: w.run}
	w.groups = recordgroup.Groups{Run: w.run}
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
	for _, p := range []struct {
		name, function string
		in             ident.Org
		admin          string // of which site, "*" of all
		sites          []string
	}{
		{"claire", "manager", w.a, "*", []string{"sud"}}, {"bruno", "manager", w.a, "*", []string{"sud"}},
		{"tina", "manager", w.a, "nord", []string{"nord"}}, {"weber", "physician", w.a, "", []string{"nord"}},
		{"julie", "secretary", w.a, "", []string{"nord", "sud"}}, {"lise", "secretary", w.a, "", []string{"nord"}},
		{"marc", "physician", w.a, "", []string{"sud"}}, {"odile", "manager", w.b, "*", []string{"est"}},
	} {
		if err := w.join(ctx, tx, p.name, p.function, p.in, p.admin, p.sites...); err != nil {
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
func full(name string) string { return strings.ToUpper(name[:1]) + name[1:] + " Lefèvre-D’Arc" }

func (w *world) join(ctx context.Context, tx *store.Tx, name, function string, in ident.Org, admin string, sites ...string) error {
	key := name + "@exemple.fr"
	a, err := account.Insert(ctx, tx, account.New{
		Email: account.Email{Key: key, Address: key}, Names: account.Names{GivenName: full(name)[:len(name)], FamilyName: "Lefèvre-D’Arc"},
		Language: text.FR,
	})
	if err != nil {
		return err
	}
	if err := credential.SetPassword(ctx, tx, a.ID, "$argon2id$test"); err != nil {
		return err
	}
	given, family, _ := strings.Cut(full(name), " ")
	n := member.New{
		Org: in, Account: a.ID, Status: member.Active, GivenName: given, FamilyName: family, Email: key, Function: function, GivenBy: "test",
	}
	if function == "physician" {
		n.ProfileType, n.Specialty = member.Unregulated, "Médecine générale"
	}
	for _, s := range sites {
		n.Sites = append(n.Sites, w.site[s])
	}
	if admin != "" {
		r, err := role.BuiltIn(ctx, tx, in, role.Administrator)
		if err != nil {
			return err
		}
		at := access.OrgScope(in)
		if admin != "*" {
			at = access.SiteScope(in, w.site[admin])
		}
		n.Roles = []role.Given{{Role: r.ID, Scope: at}}
	}
	m, err := member.Insert(ctx, tx, n)
	if err != nil {
		return err
	}
	w.account[name], w.id[name] = a.ID, m.ID
	if name == "marc" {
		return nil
	}
	_, err = tx.Exec(ctx, `update member set last_sign_in_at = $3 where org_id = $1 and id = $2`, in, m.ID, tx.Now)
	return err
}

func (w *world) furnish() {
	w.Helper()
	ctx, claire := w.Context(), w.as("claire")
	for _, r := range []struct {
		key, holder, site string
		kind              resource.Type
	}{
		{"cabinet", "weber", "nord", resource.Agenda}, {"salle", "", "nord", resource.Agenda}, {"bloc", "", "sud", resource.Agenda},
		{"service", "", "nord", resource.Identity},
	} {
		d := resource.Details{Site: w.site[r.site], Kind: resource.OfService, Name: r.key}
		if r.holder != "" {
			d.Kind, d.Holder = resource.OfPractitioner, w.id[r.holder]
		}
		v, err := w.things.Create(ctx, claire, w.a, r.kind, d)
		w.must(err)
		w.thing[r.key] = v.ID
	}
	w.gives("claire", "julie", "salle", grant.Read)
	w.gives("claire", "julie", "bloc", grant.Read)
	w.gives("claire", "lise", "salle", grant.Read)
	_, err := w.names.Give(ctx, claire, w.a, grant.NewDelegations{
		Identities: []resource.ID{w.thing["service"]}, Member: w.id["julie"], Acts: []grant.Act{grant.Send},
	})
	w.must(err)
	g, err := w.groups.Create(ctx, claire, w.a, recordgroup.Details{Name: "Enfants"})
	w.must(err)
	_, err = w.groups.SetMembers(ctx, claire, w.a, g.ID, g.Version, []ident.Member{w.id["julie"]}, recordgroup.Dates{})
	w.must(err)
	w.group = g.ID
}

func (w *world) gives(by, to, key string, l grant.Level) {
	w.Helper()
	_, err := w.grants.Apply(w.Context(), w.as(by), w.a, grant.Wanted{Changes: []grant.Change{
		{Member: w.id[to], Resource: w.thing[key], Level: l},
	}})
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

func (w *world) exec(query string, args ...any) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
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
		w.Errorf("%s: %v %q, want %v", what, err, fieldsOf(err), want)
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

// open opens a campaign of the whole organisation, or of a site.
func (w *world) open(by, site string) review.Campaign {
	w.Helper()
	c, err := w.r.Open(w.Context(), w.as(by), w.a, review.Order{Scope: review.Scope{Site: w.site[site]}})
	w.must(err)
	return c
}

// people reads everybody of a campaign, as somebody.
func (w *world) people(by string, c review.Campaign) map[string]review.Person {
	w.Helper()
	l, err := w.r.People(w.Context(), w.as(by), w.a, c.ID, review.PeopleQuery{Size: review.MaxPageSize})
	w.must(err)
	all := map[string]review.Person{}
	for _, p := range l.Rows {
		all[w.name(p.Member)] = p
	}
	return all
}

func (w *world) name(id ident.Member) string {
	for name, m := range w.id {
		if m == id {
			return name
		}
	}
	return id.String()
}

// decide decides of somebody as they are now; drop names rights by what they are about.
func (w *world) decide(by string, c review.Campaign, of string, choice review.Choice, drop ...string) error {
	w.Helper()
	return w.say(by, c, w.decision(by, c, of, choice, drop...))
}

func (w *world) decision(by string, c review.Campaign, of string, choice review.Choice, drop ...string) review.Decision {
	w.Helper()
	p, err := w.r.Person(w.Context(), w.as(by), w.a, c.ID, w.id[of])
	w.must(err)
	d := review.Decision{Member: w.id[of], Choice: choice, Version: p.Version}
	if choice != review.Keep {
		d.Comment = "A changé de service"
	}
	for _, name := range drop {
		i := slices.IndexFunc(p.Rights, func(l review.Line) bool { return l.Name == name })
		if i < 0 {
			w.Fatalf("%s has no %s: %+v", of, name, p.Rights)
		}
		d.Drop = append(d.Drop, p.Rights[i].Key)
	}
	return d
}

func (w *world) say(by string, c review.Campaign, list ...review.Decision) error {
	w.Helper()
	_, err := w.r.Decide(w.Context(), w.as(by), w.a, c.ID, list)
	return err
}

// end ends a campaign with whoever is left, and does what follows.
func (w *world) end(by string, c review.Campaign) review.Campaign {
	w.Helper()
	w.close(by, c)
	w.must(w.r.Sweep(w.Context()))
	return w.get(by, c)
}

// ending is the version of what would follow of the end of a campaign.
func (w *world) ending(by string, c review.Campaign) int64 {
	w.Helper()
	v, err := w.r.Preview(w.Context(), w.as(by), w.a, c.ID)
	w.must(err)
	return v.Version
}

func (w *world) close(by string, c review.Campaign) {
	w.Helper()
	_, err := w.r.End(w.Context(), w.as(by), w.a, c.ID, review.EndOrder{Version: w.ending(by, c), OrgName: "Maison tilleuls"})
	w.must(err)
}

func (w *world) get(by string, c review.Campaign) review.Campaign {
	w.Helper()
	now, err := w.r.Get(w.Context(), w.as(by), w.a, c.ID)
	w.must(err)
	return now
}

// outcomes says what became of everybody of whom something was decided or left.
func (w *world) outcomes(by string, c review.Campaign) string {
	w.Helper()
	var out []string
	for name, p := range w.people(by, c) {
		said := name + " " + string(p.Outcome)
		if p.Code != "" {
			said += " " + p.Code
		}
		out = append(out, said)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// rights are what somebody has, as text.
func (w *world) rights(of string) string {
	w.Helper()
	var out []string
	w.must(w.db.Read(w.Context(), func(tx *store.Tx) error {
		for _, q := range []string{
			`select 'level ' || resource_id from access_grant where org_id = $1 and member_id = $2 and known_until is null order by resource_id`,
			`select 'delegation ' || act from delegation where org_id = $1 and member_id = $2 and known_until is null`,
			`select 'group' from record_group_member where org_id = $1 and member_id = $2 and known_until is null`,
			`select 'site ' || site_id from member_site where org_id = $1 and member_id = $2 and known_until is null order by site_id`,
			`select 'role ' || scope from member_role where org_id = $1 and member_id = $2 and known_until is null order by scope`,
			`select 'permission ' || permission from member_permission where org_id = $1 and member_id = $2 and known_until is null order by permission`,
			`select 'status ' || status from member_state where org_id = $1 and member_id = $2 and known_until is null`,
		} {
			list, err := store.All(w.Context(), tx, store.Value[string], q, w.a, w.id[of])
			if err != nil {
				return err
			}
			out = append(out, list...)
		}
		return nil
	}))
	said := strings.Join(out, ", ")
	for name, id := range w.thing {
		said = strings.ReplaceAll(said, id.String(), name)
	}
	for name, id := range w.site {
		said = strings.ReplaceAll(said, id.String(), name)
	}
	return said
}

// trail counts the done acts of a verb.
func (w *world) trail(verb string) int {
	w.Helper()
	return w.count(`select count(*) from audit_event where chain = $1 and verb = $2 and outcome = 'done'`, w.a, verb)
}

// letters counts the letters of a kind that were ordered.
func (w *world) letters(kind string) int {
	w.Helper()
	return w.count(`select count(*) from job where kind = $1`, kind)
}

// errKilled is what stops the work, as a killed server would.
var errKilled = errors.New("killed")
