package workitem_test

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
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
	"habilis/internal/workitem"
)

// world is two organisations. A has the sites A1 and A2:
//
//	claire  administers A, A1 and A2              nadege  administers A1
//	wanda   edits work items of A1, knows nobody  aude    edits work items of A, knows nobody
//	julie   secretary of A1    lise  secretary of A1    zoe   secretary of A2
//	paul    physician of A1    anne  physician of A1    marc  physician of A1 and A2
//
// B has B1: odile administers it.
type world struct {
	*storetest.Bench

	clock   *storetest.Clock
	items   workitem.Items
	a, b    ident.Org
	site    map[string]ident.Site
	account map[string]ident.Account
	id      map[string]ident.Member
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
		Bench: &storetest.Bench{T: t}, clock: &storetest.Clock{}, site: map[string]ident.Site{}, account: map[string]ident.Account{}, id: map[string]ident.Member{},
	}
	w.Locks = func() []store.Lock { return []store.Lock{store.Installation, store.Lock(w.a), store.Lock(w.b)} }
	w.DB = storetest.Open(t, e, storetest.Options{Clock: w.clock.Now})
	w.items = workitem.Items{Run: &action.Runner{DB: w.DB, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler)}}
	w.Write(w.populate)
	return w
}

func (w *world) populate(ctx context.Context, tx *store.Tx) (err error) {
	if w.a, err = w.organisation(ctx, tx, "tilleuls", "A1", "A2"); err != nil {
		return err
	}
	if w.b, err = w.organisation(ctx, tx, "deux-rives", "B1"); err != nil {
		return err
	}
	whole, a1 := access.OrgScope(w.a), access.SiteScope(w.a, w.site["A1"])
	edits := func(at access.Scope) []member.GivenPermission {
		return []member.GivenPermission{{Permission: access.WorkitemsEdit, Scope: at}}
	}
	for _, p := range []struct {
		name, function string
		in             ident.Org
		sites          []string
		may            []member.GivenPermission
	}{
		{"claire", "manager", w.a, []string{"A1", "A2"}, all(whole)},
		{"nadege", "manager", w.a, []string{"A1"}, all(a1)},
		{"wanda", "it", w.a, []string{"A1"}, edits(a1)},
		{"aude", "it", w.a, []string{"A1"}, edits(whole)},
		{"julie", "secretary", w.a, []string{"A1"}, nil},
		{"lise", "secretary", w.a, []string{"A1"}, nil},
		{"zoe", "secretary", w.a, []string{"A2"}, nil},
		{"paul", "physician", w.a, []string{"A1"}, nil},
		{"anne", "physician", w.a, []string{"A1"}, nil},
		{"marc", "physician", w.a, []string{"A1", "A2"}, nil},
		{"odile", "manager", w.b, []string{"B1"}, all(access.OrgScope(w.b))},
	} {
		if err := w.join(ctx, tx, p.name, p.function, p.in, p.sites, p.may); err != nil {
			return err
		}
	}
	return nil
}

// all are the administration permissions, at one scope.
func all(at access.Scope) (list []member.GivenPermission) {
	for _, p := range access.Administration {
		list = append(list, member.GivenPermission{Permission: p, Scope: at})
	}
	return list
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

func title(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func (w *world) join(ctx context.Context, tx *store.Tx, name, function string, in ident.Org, sites []string, may []member.GivenPermission) error {
	key := name + "@exemple.fr"
	a, err := account.Insert(ctx, tx, account.New{
		Email: account.Email{Key: key, Address: key}, Names: account.Names{GivenName: title(name), FamilyName: "Essai"}, Language: text.FR,
	})
	if err != nil {
		return err
	}
	n := member.New{
		Org: in, Account: a.ID, Status: member.Active, GivenName: title(name), FamilyName: title(name) + "-Essai", Email: key,
		Function: function, ProfileType: member.NonPractitioner, GivenBy: "test",
	}
	if function == "physician" {
		n.ProfileType, n.Specialty = member.Unregulated, "Médecine générale"
	}
	for _, s := range sites {
		n.Sites = append(n.Sites, w.site[s])
	}
	m, err := member.Insert(ctx, tx, n)
	if err != nil {
		return err
	}
	w.account[name], w.id[name] = a.ID, m.ID
	return member.Give(ctx, tx, member.Gift{Org: in, Member: m.ID, Permissions: may, By: "test"})
}

func (w *world) as(name string) access.Actor {
	return access.Actor{
		Kind: access.Person, Account: w.account[name], Name: title(name), Session: ident.NewSession(), StepUp: w.DB.Now(), Via: "test",
	}
}

// wrong fails unless the first point to correct is of that field and rule.
func (w *world) wrong(what string, err error, location, code string) {
	w.Helper()
	f := fault.Of(err)
	if err == nil || len(f.Fields) == 0 || f.Fields[0].Location != location || f.Fields[0].Code != code {
		w.Errorf("%s: %v %v, want %s at %s", what, err, f.Fields, code, location)
	}
}

func ref(name string) workitem.Ref { return workitem.Ref{Source: "agenda", External: name} }

// task is a line of a task of somebody of A.
func (w *world) task(name, owner string) workitem.Line {
	return workitem.Line{Ref: ref(name), Details: workitem.Details{Kind: workitem.Task, Owner: w.id[owner], State: workitem.Open}}
}

// visit is a line of an appointment, so long from now.
func (w *world) visit(name, owner string, in time.Duration) workitem.Line {
	l := w.task(name, owner)
	l.Kind, l.Due = workitem.Appointment, w.in(in)
	return l
}

func (w *world) in(d time.Duration) *time.Time {
	at := w.DB.Now().Add(d).UTC().Truncate(time.Microsecond)
	return &at
}

// register registers a line in A as claire.
func (w *world) register(l workitem.Line) workitem.Registered {
	w.Helper()
	r, err := w.items.Register(w.Context(), w.as("claire"), w.a, l)
	if err != nil {
		w.Fatal(err, fault.Of(err).Fields)
	}
	return r
}

// tasks registers so many tasks of somebody of A, each with the day that it is due.
func (w *world) tasks(owner string, n int) {
	w.Helper()
	lines := make([]workitem.Line, n)
	for i := range lines {
		lines[i] = w.task(fmt.Sprintf("%s-%03d", owner, i), owner)
		lines[i].Due = w.in(time.Duration(i+1) * time.Hour)
	}
	if _, err := w.items.RegisterMany(w.Context(), w.as("claire"), w.a, lines); err != nil {
		w.Fatal(err, fault.Of(err).Fields)
	}
}

// held says what somebody of A holds, as claire reads it: "task 2 (1 late), appointment 1".
func (w *world) held(name string) string {
	w.Helper()
	of, err := w.items.OfMember(w.Context(), w.as("claire"), w.a, w.id[name])
	if err != nil {
		w.Fatal(err)
	}
	var out []string
	for _, h := range of.Held {
		s := fmt.Sprintf("%s %d", h.Kind, h.Items)
		if h.Late > 0 {
			s += fmt.Sprintf(" (%d late)", h.Late)
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

// dump is what an act on items could change: a refused act changes none of it.
func (w *world) dump() string {
	w.Helper()
	return fmt.Sprint(
		w.Count(`select count(*) from work_item`), w.Count(`select coalesce(sum(version), 0) from work_item`),
		w.Count(`select coalesce(sum(items), 0) from work_item_count`), w.Count(`select coalesce(sum(items), 0) from work_item_total`),
		w.Count(`select coalesce(sum(version), 0) from org_version`),
	)
}

// counted fails unless the numbers that are kept are those of the rows.
func (w *world) counted() {
	w.Helper()
	if n := w.Count(`
		select count(*) from work_item_count c where c.items <> (
			select count(*) from work_item i where i.org_id = c.org_id and i.owner_id = c.owner_id and i.kind = c.kind and i.state = 'open')`); n != 0 {
		w.Errorf("%d numbers of open items are wrong", n)
	}
	if n := w.Count(`select count(*) from work_item i where i.state = 'open' and not exists (
		select 1 from work_item_count c where c.org_id = i.org_id and c.owner_id = i.owner_id and c.kind = i.kind)`); n != 0 {
		w.Errorf("%d open items are not counted", n)
	}
	if n := w.Count(`select count(*) from work_item_total t where t.items <> (select count(*) from work_item i where i.org_id = t.org_id)`); n != 0 {
		w.Error("the number of items is wrong")
	}
}

// trail is how many lines of a verb the trail has.
func (w *world) trail(verb, outcome string) int {
	w.Helper()
	return w.Count(`select count(*) from audit_event where verb = $1 and outcome = $2`, verb, outcome)
}
