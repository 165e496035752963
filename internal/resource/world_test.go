package resource_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/resource"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// world is two organisations. A has the sites A1 and A2: claire administers it all and
// receives patients, nadege administers A1, paul receives at A2, ines at A1; julie is a
// secretary of A1. B has the site B1: odile administers it and receives there.
type world struct {
	*storetest.Bench

	clock     *storetest.Clock
	resources resource.Resources
	a, b      place
	account   map[string]ident.Account
}

type place struct {
	org  ident.Org
	site []ident.Site
	ids  map[string]ident.Member
	role map[string]ident.Role
}

func eachWorld(t *testing.T, fn func(w *world)) {
	t.Helper()
	clock := &storetest.Clock{}
	storetest.EachWith(t, storetest.Options{Clock: clock.Now}, func(t *testing.T, db *store.DB) {
		w := &world{Bench: &storetest.Bench{T: t, DB: db}, clock: clock, account: map[string]ident.Account{}}
		w.Locks = func() []store.Lock { return []store.Lock{store.Installation, store.Lock(w.a.org), store.Lock(w.b.org)} }
		w.resources.Run = &action.Runner{DB: db, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler)}
		w.a, w.b = w.organisation("tilleuls", "Grand-Pré", "Saint-Aubin"), w.organisation("deux-rives", "Rive gauche")
		w.join(w.a, "claire", member.Unregulated, access.OrgScope(w.a.org), 0, 1)
		w.join(w.a, "nadege", member.NonPractitioner, access.SiteScope(w.a.org, w.a.site[0]), 0)
		w.join(w.a, "ines", member.Unregulated, access.Scope{}, 0)
		w.join(w.a, "paul", member.Unregulated, access.Scope{}, 1)
		w.join(w.a, "julie", member.NonPractitioner, access.Scope{}, 0)
		w.join(w.b, "odile", member.Unregulated, access.OrgScope(w.b.org), 0)
		fn(w)
	})
}

func (w *world) organisation(slug string, sites ...string) place {
	w.Helper()
	p := place{ids: map[string]ident.Member{}, role: map[string]ident.Role{}}
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
			p.role[code] = r.ID
		}
		return nil
	})
	return p
}

// join makes an active member; administrator at a scope, secretary without one.
func (w *world) join(p place, name string, profile member.ProfileType, administers access.Scope, sites ...int) {
	w.Helper()
	given := role.Given{Role: p.role[role.Administrator], Scope: administers}
	if administers.Org.IsZero() {
		given = role.Given{Role: p.role[role.Secretary], Scope: access.SiteScope(p.org, p.site[sites[0]])}
	}
	n := member.New{
		Org: p.org, Status: member.Active, ProfileType: profile, GivenName: name, FamilyName: "Essai", Email: name + "@exemple.fr",
		Function: "coordinator", Roles: []role.Given{given}, GivenBy: "test",
	}
	if profile == member.Unregulated {
		n.Specialty = "Psychothérapie"
	}
	for _, i := range sites {
		n.Sites = append(n.Sites, p.site[i])
	}
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		a, err := account.Insert(ctx, tx, account.New{
			Email: account.Email{Key: n.Email, Address: n.Email}, Names: account.Names{GivenName: name, FamilyName: "Essai"}, Language: text.FR,
		})
		if err != nil {
			return err
		}
		w.account[name], n.Account = a.ID, a.ID
		m, err := member.Insert(ctx, tx, n)
		p.ids[name] = m.ID
		return err
	})
}

// give gives single permissions outside of any act.
func (w *world) give(p place, name string, at access.Scope, permissions ...access.Permission) {
	w.Helper()
	g := member.Gift{Org: p.org, Member: p.ids[name], By: "test"}
	for _, code := range permissions {
		g.Permissions = append(g.Permissions, member.GivenPermission{Permission: code, Scope: at})
	}
	w.Write(func(ctx context.Context, tx *store.Tx) error { return member.Give(ctx, tx, g) })
}

func (w *world) as(name string) access.Actor {
	return access.Actor{
		Kind: access.Person, Account: w.account[name], Name: name, Session: ident.NewSession(), StepUp: w.DB.Now(), Via: "test", Address: "192.0.2.7",
	}
}

// dump counts what acts on resources could change.
func (w *world) dump() string {
	w.Helper()
	return fmt.Sprint(w.Count(`select count(*) from resource`), w.Count(`select coalesce(sum(version), 0) from resource`),
		w.Count(`select count(*) from resource_state`), w.Count(`select count(*) from resource_state where known_until is not null`),
		w.Count(`select coalesce(sum(version), 0) from org_version`), w.Count(`select count(*) from audit_event where outcome = 'done'`))
}

// made creates a resource as the operator.
func (w *world) made(p place, t resource.Type, d resource.Details) resource.Resource {
	w.Helper()
	r, err := w.resources.Create(w.Context(), access.Operator("test"), p.org, t, d)
	if err != nil {
		w.Fatal(err, codes(err))
	}
	return r
}

// agendaOf is an agenda of a practitioner at a site.
func (p place) agendaOf(name string, site int) resource.Details {
	return resource.Details{Site: p.site[site], Kind: resource.OfPractitioner, Name: "Dr " + name, Detail: "Généraliste", Holder: p.ids[name]}
}

func (p place) room(name string, site int) resource.Details {
	return resource.Details{Site: p.site[site], Kind: resource.OfRoom, Name: name, Detail: "Salle"}
}

// codes are the codes of a fault's fields, by location.
func codes(err error) map[string]string {
	list := map[string]string{}
	for _, f := range fault.Of(err).Fields {
		list[f.Location] = f.Code
	}
	return list
}

func names(list []resource.Resource) []string {
	var out []string
	for _, r := range list {
		out = append(out, r.Name)
	}
	return out
}
