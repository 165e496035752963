package invitation

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

var ctx = context.Background()

// stopped is a clock that stands still until a test moves it.
type stopped struct{ at atomic.Int64 }

func (c *stopped) Now() time.Time      { return time.UnixMicro(c.at.Load()).UTC() }
func (c *stopped) Add(d time.Duration) { c.at.Add(d.Microseconds()) }

// world is an organisation of two sites: bruno administers all of it, tina its
// first site, julie nothing; and another organisation, of olga's.
type world struct {
	*testing.T
	db                       *store.DB
	clock                    *stopped
	i                        Invitations
	org, other               ident.Org
	sites                    []ident.Site
	administrator, secretary ident.Role
	bruno, tina, julie, olga access.Actor
}

func each(t *testing.T, fn func(w *world)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			clock := &stopped{}
			clock.at.Store(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC).UnixMicro())
			fn(newWorld(t, storetest.Open(t, e, storetest.Options{Clock: clock.Now}), clock))
		})
	}
}

func newWorld(t *testing.T, db *store.DB, clock *stopped) *world {
	t.Helper()
	ring := secret.NewRing(db.Now())
	w := &world{T: t, db: db, clock: clock, i: Invitations{
		Run: &action.Runner{DB: db, Ring: ring, Log: slog.New(slog.DiscardHandler)}, Hasher: credential.NewHasher(ring),
	}}
	var sites []ident.Site
	w.org, w.sites, w.administrator, w.secretary = w.place("Tilleuls", "Aubin", "Pré")
	all, first := access.OrgScope(w.org), access.SiteScope(w.org, w.sites[0])
	w.bruno = w.member("bruno", w.org, w.sites, role.Given{Role: w.administrator, Scope: all})
	w.tina = w.member("tina", w.org, w.sites[:1], role.Given{Role: w.administrator, Scope: first})
	w.julie = w.member("julie", w.org, w.sites[:1], role.Given{Role: w.secretary, Scope: first})
	var administrator ident.Role
	w.other, sites, administrator, _ = w.place("Ailleurs", "Centre")
	w.olga = w.member("olga", w.other, sites, role.Given{Role: administrator, Scope: access.OrgScope(w.other)})
	return w
}

func (w *world) write(fn func(tx *store.Tx) error) {
	w.Helper()
	if err := w.db.Write(ctx, []store.Lock{store.Installation}, fn); err != nil {
		w.Fatal(err)
	}
}

func (w *world) place(name string, names ...string) (id ident.Org, sites []ident.Site, administrator, secretary ident.Role) {
	w.Helper()
	w.write(func(tx *store.Tx) error {
		sites = nil
		o, err := org.Insert(ctx, tx, org.New{Details: org.Details{Name: name, Kind: org.Practice}})
		if err != nil {
			return err
		}
		for _, n := range names {
			s, err := org.InsertSite(ctx, tx, o.ID, org.SiteDetails{Name: n})
			if err != nil {
				return err
			}
			sites = append(sites, s.ID)
		}
		if err := role.Seed(ctx, tx, o.ID); err != nil {
			return err
		}
		a, err := role.BuiltIn(ctx, tx, o.ID, role.Administrator)
		if err != nil {
			return err
		}
		s, err := role.BuiltIn(ctx, tx, o.ID, role.Secretary)
		id, administrator, secretary = o.ID, a.ID, s.ID
		return err
	})
	return id, sites, administrator, secretary
}

func (w *world) member(name string, in ident.Org, sites []ident.Site, given role.Given) access.Actor {
	w.Helper()
	by := access.Actor{Kind: access.Person, Name: name, StepUp: w.clock.Now(), Via: "web", Address: "192.0.2.1"}
	w.write(func(tx *store.Tx) error {
		a, err := account.Insert(ctx, tx, account.New{
			Email: email(name + "@a.example"), Names: account.Names{GivenName: strings.ToUpper(name[:1]) + name[1:], FamilyName: "Essai"}, Language: text.FR,
		})
		if err != nil {
			return err
		}
		by.Account = a.ID
		_, err = member.Insert(ctx, tx, member.New{
			Org: in, Account: a.ID, Status: member.Active, GivenName: a.GivenName, FamilyName: a.FamilyName, Email: a.Email.Address, Sites: sites,
			Roles: []role.Given{given},
		})
		return err
	})
	return by
}

func email(s string) account.Email {
	e, code := account.ParseEmail(s)
	if code != "" {
		panic(fmt.Sprint(s, code))
	}
	return e
}

// batch is the usual invitation by bruno: a secretary at the sites.
func (w *world) batch(sites []ident.Site, addresses ...string) Batch {
	b := Batch{
		Org: w.org, By: InviterOf(w.bruno, w.org, false), ByName: "Bruno Essai", Language: text.FR, Function: "secretary", Welcome: ByLink,
		Sites: sites,
	}
	for _, s := range sites {
		b.Roles = append(b.Roles, role.Given{Role: w.secretary, Scope: access.SiteScope(w.org, s)})
	}
	for _, a := range addresses {
		b.To = append(b.To, To{Email: email(a)})
	}
	return b
}

func (w *world) insert(b Batch) (sent []Sent) {
	w.Helper()
	w.write(func(tx *store.Tx) (err error) {
		sent, err = Insert(ctx, tx, b)
		return err
	})
	return sent
}

// opens tells whether a token opens an invitation now.
func (w *world) opens(token string) (i Invitation, ok bool) {
	w.Helper()
	h, shaped := ParseLink(token)
	if !shaped {
		return i, false
	}
	err := w.db.Read(ctx, func(tx *store.Tx) (err error) {
		i, ok, err = ByToken(ctx, tx, h)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return i, ok
}
