package recordgroup_test

import (
	"context"
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
	"habilis/internal/recordgroup"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// world is two organisations. A has the sites A1 and A2:
//
//	claire  administers A, A1 and A2          nadege  administers A1
//	gaelle  edits groups of A, knows A1       rita    reads the rights of A, knows nobody
//	julie   A1       paul  A2                 yanis   A1 and A2
//
// B has B1: odile administers it, marc belongs to it.
type world struct {
	*storetest.Bench

	clock   *storetest.Clock
	groups  recordgroup.Groups
	sets    setting.Settings
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
	setRun(w)
	w.Write(w.populate)
	return w
}

func setRun(w *world) {
	run := &action.Runner{DB: w.DB, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler)}
	w.groups, w.sets = recordgroup.Groups{Run: run}, setting.Settings{Run: run}
}

func (w *world) populate(ctx context.Context, tx *store.Tx) (err error) {
	if w.a, err = w.organisation(ctx, tx, "tilleuls", "A1", "A2"); err != nil {
		return err
	}
	if w.b, err = w.organisation(ctx, tx, "deux-rives", "B1"); err != nil {
		return err
	}
	whole, a1 := access.OrgScope(w.a), access.SiteScope(w.a, w.site["A1"])
	for _, p := range []struct {
		name  string
		in    ident.Org
		sites []string
		may   []member.GivenPermission
	}{
		{"claire", w.a, []string{"A1", "A2"}, all(whole)},
		{"nadege", w.a, []string{"A1"}, all(a1)},
		{"gaelle", w.a, []string{"A1"}, []member.GivenPermission{
			{Permission: access.GroupsEdit, Scope: whole}, {Permission: access.MembersRead, Scope: a1}, {Permission: access.SettingsEdit, Scope: a1},
		}},
		{"rita", w.a, []string{"A2"}, []member.GivenPermission{{Permission: access.RightsRead, Scope: whole}}},
		{"julie", w.a, []string{"A1"}, nil},
		{"paul", w.a, []string{"A2"}, nil},
		{"yanis", w.a, []string{"A1", "A2"}, nil},
		{"odile", w.b, []string{"B1"}, all(access.OrgScope(w.b))},
		{"marc", w.b, []string{"B1"}, nil},
	} {
		if err := w.join(ctx, tx, p.name, p.in, p.sites, p.may); err != nil {
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

func (w *world) join(ctx context.Context, tx *store.Tx, name string, in ident.Org, sites []string, may []member.GivenPermission) error {
	key := name + "@exemple.fr"
	a, err := account.Insert(ctx, tx, account.New{
		Email: account.Email{Key: key, Address: key}, Names: account.Names{GivenName: title(name), FamilyName: "Essai"}, Language: text.FR,
	})
	if err != nil {
		return err
	}
	n := member.New{
		Org: in, Account: a.ID, Status: member.Active, GivenName: title(name), FamilyName: title(name) + "-Essai", Email: key,
		Function: "secretary", GivenBy: "test",
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

// group makes a group of A.
func (w *world) group(name string) recordgroup.Group {
	w.Helper()
	v, err := w.groups.Create(w.Context(), w.as("claire"), w.a, recordgroup.Details{Name: name})
	if err != nil {
		w.Fatal(err, fault.Of(err).Fields)
	}
	return v
}

// change changes the records of a group of A as claire, who agrees to any effect.
func (w *world) change(g recordgroup.Group, c recordgroup.Change) recordgroup.Changed {
	w.Helper()
	out, err := w.groups.ChangeRecords(w.Context(), w.as("claire"), w.a, g.ID, recordgroup.AnyVersion, c, nil)
	if err != nil {
		w.Fatal(err, fault.Of(err).Fields)
	}
	return out
}

func (w *world) get(g recordgroup.Group) recordgroup.Group {
	w.Helper()
	v, err := w.groups.Get(w.Context(), w.as("claire"), w.a, g.ID)
	if err != nil {
		w.Fatal(err)
	}
	return v
}

// put puts members in a group of A, as claire.
func (w *world) put(g recordgroup.Group, d recordgroup.Dates, names ...string) recordgroup.Group {
	w.Helper()
	var ids []ident.Member
	for _, n := range names {
		ids = append(ids, w.id[n])
	}
	v, err := w.groups.SetMembers(w.Context(), w.as("claire"), w.a, g.ID, recordgroup.AnyVersion, ids, d)
	if err != nil {
		w.Fatal(err, fault.Of(err).Fields)
	}
	return v
}

// dump is what an act on groups could change: a refused act changes none of it.
func (w *world) dump() (out []int) {
	w.Helper()
	for _, table := range []string{"record_group", "record_group_state", "record_group_member", "record_group_record", "org_setting", "org_version"} {
		out = append(out, w.Count(`select count(*) from `+table))
	}
	for _, table := range []string{"record_group_state", "record_group_member", "record_group_record"} {
		out = append(out, w.Count(`select count(*) from `+table+` where known_until is not null`))
	}
	return append(out, w.Count(`select coalesce(sum(version), 0) + coalesce(sum(records), 0) from record_group`),
		w.Count(`select coalesce(sum(version), 0) from org_version`))
}

// counted fails unless every group's number of records is that of its rows.
func (w *world) counted() {
	w.Helper()
	if n := w.Count(`
		select count(*) from record_group g join record_group_state s on s.org_id = g.org_id and s.group_id = g.id and s.known_until is null
		where g.records <> case when s.status = 'removed' then 0 else (
			select count(*) from record_group_record r where r.org_id = g.org_id and r.group_no = g.no and r.known_until is null) end`); n != 0 {
		w.Errorf("%d groups count their records wrongly", n)
	}
}

// open counts the records that are in a group that is there.
func (w *world) open() int {
	w.Helper()
	return w.Count(`
		select count(*) from record_group_record r join record_group g on g.org_id = r.org_id and g.no = r.group_no
		join record_group_state s on s.org_id = g.org_id and s.group_id = g.id and s.known_until is null and s.status = 'active'
		where r.known_until is null`)
}
