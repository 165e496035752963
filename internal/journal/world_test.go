package journal_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/journal"
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
//	julie   secretary, A1     paul  secretary, A2    yanis   practitioner, A1 and A2
//
// B has the site B1, which odile administers with all the rest.
type world struct {
	*storetest.Bench

	clock   *storetest.Clock
	run     *action.Runner
	journal journal.Journal
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
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			clock := &storetest.Clock{}
			fn(newWorld(t, storetest.Open(t, e, storetest.Options{Clock: clock.Now}), clock))
		})
	}
}

func newWorld(t *testing.T, db *store.DB, clock *storetest.Clock) *world {
	t.Helper()
	w := &world{Bench: &storetest.Bench{T: t, DB: db}, clock: clock, account: map[string]ident.Account{}}
	w.Locks = func() []store.Lock { return []store.Lock{store.Installation, store.Lock(w.a.org), store.Lock(w.b.org)} }
	w.run = &action.Runner{DB: db, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler)}
	w.journal, w.members = journal.Journal{Run: w.run}, member.Members{Run: w.run}
	w.a = w.organisation("tilleuls", "Grand-Pré", "Saint-Aubin")
	w.b = w.organisation("deux-rives", "Rive gauche")
	a, b := w.a, w.b
	w.join(a, "claire", []int{0, 1}, a.holds(role.Administrator, a.whole()))
	w.join(a, "nadege", []int{0}, a.holds(role.Administrator, a.at(0)))
	w.join(a, "julie", []int{0}, a.holds(role.Secretary, a.at(0)))
	w.join(a, "paul", []int{1}, a.holds(role.Secretary, a.at(1)))
	w.join(a, "yanis", []int{0, 1}, a.holds(role.Practitioner, a.whole()))
	w.join(b, "odile", []int{0}, b.holds(role.Administrator, b.whole()))
	return w
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
		Kind: access.Person, Account: w.account[name], Name: title(name) + " " + title(name) + "-Essai", Session: ident.NewSession(),
		StepUp: w.DB.Now(), Via: "web", Address: "192.0.2.7", Request: "req-1",
	}
}
