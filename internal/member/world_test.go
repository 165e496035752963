package member_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// world is two organisations of one installation. A has the sites A1 and A2:
//
//	claire  administers A, belongs to A1 and A2      nadege  administers A1, belongs to it
//	bruno   administers A, belongs to A1             hugo    administers A2, belongs to it
//	julie   secretary, A1     paul  secretary, A2    yanis   practitioner of A, A1 and A2
//
// B has the site B1: odile administers it all, marc is its secretary. sam is a
// secretary in both: at A1 and at B1.
type world struct {
	*storetest.Bench

	clock   *storetest.Clock
	members member.Members
	a, b    place
	account map[string]ident.Account
}

// place is one organisation of the world.
type place struct {
	org   ident.Org
	site  []ident.Site
	ids   map[string]ident.Member
	roles map[string]ident.Role
}

func (p place) whole() access.Scope   { return access.OrgScope(p.org) }
func (p place) at(n int) access.Scope { return access.SiteScope(p.org, p.site[n]) }
func (p place) holds(code string, at access.Scope) role.Given {
	return role.Given{Role: p.roles[code], Scope: at}
}

func eachWorld(t *testing.T, fn func(w *world)) {
	t.Helper()
	eachWorldWith(t, storetest.Options{}, fn)
}

func eachWorldWith(t *testing.T, o storetest.Options, fn func(w *world)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) { fn(newWorld(t, e, o)) })
	}
}

func newWorld(t *testing.T, e store.Engine, o storetest.Options) *world {
	t.Helper()
	w := &world{Bench: &storetest.Bench{T: t}, clock: &storetest.Clock{}, account: map[string]ident.Account{}}
	o.Clock = w.clock.Now
	w.on(storetest.Open(t, e, o))
	w.populate()
	return w
}

func (w *world) on(db *store.DB) {
	w.DB, w.Locks = db, w.locks
	w.members = member.Members{Run: &action.Runner{DB: db, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler)}}
}

func (w *world) locks() []store.Lock {
	return []store.Lock{store.Installation, store.Lock(w.a.org), store.Lock(w.b.org)}
}

func (w *world) populate() {
	w.a = w.organisation("tilleuls", "Grand-Pré", "Saint-Aubin")
	w.b = w.organisation("deux-rives", "Rive gauche")
	a, b := w.a, w.b
	w.join(a, "claire", []int{0, 1}, a.holds(role.Administrator, a.whole()))
	w.join(a, "bruno", []int{0}, a.holds(role.Administrator, a.whole()))
	w.join(a, "nadege", []int{0}, a.holds(role.Administrator, a.at(0)))
	w.join(a, "hugo", []int{1}, a.holds(role.Administrator, a.at(1)))
	w.join(a, "julie", []int{0}, a.holds(role.Secretary, a.at(0)))
	w.join(a, "paul", []int{1}, a.holds(role.Secretary, a.at(1)))
	w.join(a, "yanis", []int{0, 1}, a.holds(role.Practitioner, a.whole()))
	w.join(b, "odile", []int{0}, b.holds(role.Administrator, b.whole()))
	w.join(b, "marc", []int{0}, b.holds(role.Secretary, b.at(0)))
	w.join(a, "sam", []int{0}, a.holds(role.Secretary, a.at(0)))
	w.join(b, "sam", []int{0}, b.holds(role.Secretary, b.at(0)))
}

func (w *world) organisation(slug string, sites ...string) place {
	w.Helper()
	p := place{ids: map[string]ident.Member{}, roles: map[string]ident.Role{}}
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		p.site = nil
		o, err := org.Insert(ctx, tx, org.New{Slug: slug, Details: org.Details{Name: "Maison " + slug, Kind: org.Practice}})
		if err != nil {
			return err
		}
		p.org = o.ID
		for _, name := range sites {
			s, err := org.InsertSite(ctx, tx, o.ID, org.SiteDetails{Name: name})
			if err != nil {
				return err
			}
			p.site = append(p.site, s.ID)
		}
		if err := role.Seed(ctx, tx, o.ID); err != nil {
			return err
		}
		for _, code := range role.BuiltIns {
			r, err := role.BuiltIn(ctx, tx, o.ID, code)
			if err != nil {
				return err
			}
			p.roles[code] = r.ID
		}
		return nil
	})
	return p
}

// join makes a person with a password an active member of p.
func (w *world) join(p place, name string, sites []int, roles ...role.Given) {
	w.Helper()
	n := member.New{
		Org: p.org, Status: member.Active, GivenName: title(name), FamilyName: title(name) + "-Essai",
		Email: name + "@exemple.fr", Function: "secretary", Roles: roles, GivenBy: "test",
	}
	for _, i := range sites {
		n.Sites = append(n.Sites, p.site[i])
	}
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		var err error
		if n.Account, err = w.person(ctx, tx, name); err != nil {
			return err
		}
		m, err := member.Insert(ctx, tx, n)
		p.ids[name] = m.ID
		return err
	})
}

func title(s string) string { return string(s[0]-'a'+'A') + s[1:] }

// person makes the account of a name once. It is kept in the map only when its
// transaction is the last run: each write runs twice.
func (w *world) person(ctx context.Context, tx *store.Tx, name string) (ident.Account, error) {
	key := name + "@exemple.fr"
	if a, ok, err := account.ByEmail(ctx, tx, key); err != nil || ok {
		return a.ID, err
	}
	a, err := account.Insert(ctx, tx, account.New{
		Email: account.Email{Key: key, Address: key}, Names: account.Names{GivenName: title(name), FamilyName: title(name) + "-Essai"}, Language: text.FR,
	})
	if err != nil {
		return "", err
	}
	w.account[name] = a.ID
	return a.ID, credential.SetPassword(ctx, tx, a.ID, "$argon2id$test")
}

// as is a signed-in person who has just proved who they are.
func (w *world) as(name string) access.Actor {
	return access.Actor{
		Kind: access.Person, Account: w.account[name], Name: title(name), Session: ident.NewSession(), StepUp: w.DB.Now(),
		Via: "test", Address: "192.0.2.7",
	}
}

// system is the operator at the machine.
var system = access.Operator("test")

// give gives a role outside of any act.
func (w *world) give(p place, name string, g role.Given) {
	w.Helper()
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		return member.Give(ctx, tx, member.Gift{Org: p.org, Member: p.ids[name], Roles: []role.Given{g}, By: "test"})
	})
}

// custom makes a role of A and gives it.
func (w *world) custom(name string, at access.Scope, permissions ...access.Permission) {
	w.Helper()
	var id ident.Role
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		r, err := role.InsertCustom(ctx, tx, at.Org, fmt.Sprintf("Rôle %s %d", name, len(permissions)), permissions)
		id = r.ID
		return err
	})
	w.give(w.a, name, role.Given{Role: id, Scope: at})
}

// dump counts the rows of every table that an act on members could change: a
// refused act changes none of them.
func (w *world) dump() string {
	w.Helper()
	out := ""
	for _, table := range []string{"member", "member_state", "member_site", "member_role", "member_permission", "site", "site_state", "org_version", "job"} {
		out += fmt.Sprintf("%s %d;", table, w.Count(`select count(*) from `+table))
	}
	return out + fmt.Sprintf("versions %d %d; closed %d %d",
		w.Count(`select coalesce(sum(version), 0) from member`), w.Count(`select coalesce(sum(version), 0) from org_version`),
		w.Count(`select count(*) from member_role where known_until is not null`), w.Count(`select count(*) from member_state where known_until is not null`))
}

// refusals counts what the trail of an organisation holds of refused acts.
func (w *world) refusals(chain, code string) int {
	w.Helper()
	return w.Count(`select count(*) from audit_event where chain = $1 and outcome = 'refused' and code = $2`, chain, code)
}

// unattended are the scopes of an organisation without an administrator able to
// sign in, by plain SQL: a second reading of ORG-4, which shares nothing with the
// rule under test.
func (w *world) unattended(in ident.Org) []string {
	w.Helper()
	const able = `
		select 1 from member_role r
		join role o on o.org_id = r.org_id and o.id = r.role_id
		join member_state s on s.org_id = r.org_id and s.member_id = r.member_id
		join account_state a on a.account_id = s.account_id
		where r.org_id = $1 and r.known_until is null and o.builtin = 'administrator' and r.ends_at is null and s.known_until is null
			and s.ends_at is null and s.status in ('active', 'created') and a.known_until is null and a.status = 'active'
			and exists (select 1 from credential c where c.account_id = s.account_id and c.removed_at is null)
			and not exists (select 1 from credential_guard g where g.account_id = s.account_id and g.locked_at is not null)`
	var bad []string
	if err := w.DB.Read(w.Context(), func(tx *store.Tx) error {
		if n, err := store.All(w.Context(), tx, store.Value[int], able+` and r.scope = 'organization' limit 1`, in); err != nil || len(n) == 0 {
			bad = append(bad, "organization")
			return err
		}
		sites, err := store.All(w.Context(), tx, store.Value[string], `
			select site_id from site_state t where t.org_id = $1 and t.known_until is null and t.status = 'active' and not exists (`+able+`
				and (r.scope = t.site_id or (r.scope = 'organization' and exists (
					select 1 from member_site b where b.org_id = r.org_id and b.member_id = r.member_id and b.site_id = t.site_id and b.known_until is null))))`, in)
		bad = append(bad, sites...)
		return err
	}); err != nil {
		w.Fatal(err)
	}
	return bad
}

// fieldCodes are the codes of a fault's fields, by location.
func fieldCodes(err error) map[string]string {
	codes := map[string]string{}
	for _, f := range fault.Of(err).Fields {
		codes[f.Location] = f.Code
	}
	return codes
}

func (w *world) text(query string, args ...any) (s string) {
	w.Helper()
	if err := w.DB.Read(w.Context(), func(tx *store.Tx) error { return tx.QueryRow(w.Context(), query, args...).Scan(&s) }); err != nil {
		w.Fatal(err)
	}
	return s
}

func event(verb string) audit.Event { return audit.Event{Verb: verb} }

// longSearch is one character more than may be looked for.
var longSearch = strings.Repeat("a", member.MaxQuery+1)

// departing are the departures of the same server: leaving is package departure's.
func departing(m member.Members) departure.Departures { return departure.Departures{Run: m.Run} }
