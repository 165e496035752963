package report_test

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
	"habilis/internal/decision"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/report"
	"habilis/internal/resource"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// world is two organisations. A has the sites A1 and A2:
//
//	claire  administers A and belongs to A1 and A2       nadege  administers A1
//	julie   a physician of A1 and A2                     paul    a physician of A1
//	lise    a secretary of A1                            marc    a physician of A2
//
// B has odile, who administers it.
type world struct {
	*testing.T

	clock   *storetest.Clock
	db      *store.DB
	run     *action.Runner
	uses    *decision.Uses
	r       report.Reports
	members member.Members
	things  resource.Resources
	grants  grant.Grants
	names   grant.Delegations
	leaving departure.Departures
	orgs    org.Orgs
	a, b    ident.Org
	site    map[string]ident.Site
	account map[string]ident.Account
	id      map[string]ident.Member
	thing   map[string]resource.ID
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
	w.db = storetest.Open(t, e, storetest.Options{Clock: w.clock.Now, NoTwin: true})
	w.run = &action.Runner{DB: w.db, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler)}
	w.uses = decision.NewUses(w.run)
	w.r, w.members, w.orgs = report.Reports{Run: w.run}, member.Members{Run: w.run, AtSite: departure.AtSite}, org.Orgs{Run: w.run}
	w.things = resource.Resources{Run: w.run, Held: grant.HolderNamed}
	w.grants, w.names, w.leaving = grant.Grants{Run: w.run}, grant.Delegations{Run: w.run}, departure.Departures{Run: w.run}
	w.must(w.db.Write(t.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error { return w.populate(t.Context(), tx) }))
	return w
}

func (w *world) populate(ctx context.Context, tx *store.Tx) error {
	for slug, to := range map[string]*ident.Org{"tilleuls": &w.a, "deux-rives": &w.b} {
		o, err := org.Insert(ctx, tx, org.New{Slug: slug, Details: org.Details{Name: "Maison " + slug, Kind: org.Practice}})
		if err != nil {
			return err
		}
		if *to = o.ID; role.Seed(ctx, tx, o.ID) != nil {
			return errors.New("no roles")
		}
		for _, name := range map[string][]string{"tilleuls": {"A1", "A2"}, "deux-rives": {"B1"}}[slug] {
			s, err := org.InsertSite(ctx, tx, o.ID, org.SiteDetails{Name: name})
			if err != nil {
				return err
			}
			w.site[name] = s.ID
		}
	}
	for _, p := range []struct {
		name, function string
		in             ident.Org
		sites          []string
		admin          access.Scope
	}{
		{"claire", "manager", w.a, []string{"A1", "A2"}, access.OrgScope(w.a)},
		{"nadege", "manager", w.a, []string{"A1"}, access.SiteScope(w.a, w.site["A1"])},
		{"julie", "physician", w.a, []string{"A1", "A2"}, access.Scope{}},
		{"paul", "physician", w.a, []string{"A1"}, access.Scope{}},
		{"lise", "secretary", w.a, []string{"A1"}, access.Scope{}},
		{"marc", "physician", w.a, []string{"A2"}, access.Scope{}},
		{"odile", "manager", w.b, []string{"B1"}, access.OrgScope(w.b)},
	} {
		gift := member.Gift{Org: p.in, By: "test"}
		if p.admin.Org != "" {
			roles, err := role.All(ctx, tx, p.in)
			if err != nil {
				return err
			}
			i := slices.IndexFunc(roles, func(r role.Role) bool { return r.BuiltIn == role.Administrator })
			gift.Roles = []role.Given{{Role: roles[i].ID, Scope: p.admin}}
		}
		if err := w.join(ctx, tx, p.name, p.function, p.sites, gift, nil); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) join(ctx context.Context, tx *store.Tx, name, function string, at []string, gift member.Gift, ends *time.Time) error {
	key := name + "@exemple.fr"
	a, err := account.Insert(ctx, tx, account.New{
		Email: account.Email{Key: key, Address: key}, Names: account.Names{GivenName: given(name), FamilyName: "Essai"}, Language: text.FR,
	})
	if err != nil {
		return err
	}
	n := member.New{
		Org: gift.Org, Account: a.ID, Status: member.Active, GivenName: given(name), FamilyName: "Essai", Email: key, Function: function,
		ProfileType: member.NonPractitioner, GivenBy: "test", EndsAt: ends,
	}
	if function == "physician" {
		n.ProfileType, n.Specialty = member.Unregulated, "Médecine générale"
	}
	for _, s := range at {
		n.Sites = append(n.Sites, w.site[s])
	}
	m, err := member.Insert(ctx, tx, n)
	if err != nil {
		return err
	}
	w.account[name], w.id[name], gift.Member = a.ID, m.ID, m.ID
	return member.Give(ctx, tx, gift)
}

func given(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

func (w *world) as(name string) access.Actor {
	return access.Actor{Kind: access.Person, Account: w.account[name], Name: name, Session: ident.NewSession(), StepUp: w.db.Now(), Via: "test"}
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err, fault.Of(err).Fields)
	}
}

// make makes a thing; holder is empty for a service's.
func (w *world) make(key, site, holder string, t resource.Type) resource.ID {
	w.Helper()
	d := resource.Details{Site: w.site[site], Kind: resource.OfService, Name: key}
	if holder != "" {
		d.Kind, d.Holder = resource.OfPractitioner, w.id[holder]
	}
	v, err := w.things.Create(w.Context(), access.Operator("test"), w.a, t, d)
	w.must(err)
	w.thing[key] = v.ID
	return v.ID
}

func (w *world) give(name, thing string, level grant.Level) {
	w.Helper()
	_, err := w.grants.Apply(w.Context(), w.as("claire"), w.a, grant.Wanted{Changes: []grant.Change{
		{Member: w.id[name], Resource: w.thing[thing], Level: level},
	}})
	w.must(err)
}

func (w *world) access(by string, q report.AccessQuery) report.AccessList {
	w.Helper()
	l, err := w.r.Access(w.Context(), w.as(by), w.a, q)
	w.must(err)
	return l
}

// said writes lines as "julie agenda room manage", in their order.
func (w *world) said(lines []report.Line) string {
	t := text.For(text.EN)
	var list []string
	for i := range lines {
		l := &lines[i]
		list = append(list, strings.TrimSpace(strings.Join([]string{strings.ToLower(strings.Fields(l.Name)[0]), l.Kind(), l.What(t), l.Right.Level}, " ")))
	}
	return strings.Join(list, "\n")
}
