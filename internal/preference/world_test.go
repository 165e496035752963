package preference_test

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
	"habilis/internal/preference"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// world is two organisations. A has the sites A1 and A2:
//
//	claire  administers A, A1 and A2      nadege  administers A1
//	tess    edits the settings of A, knows nobody
//	julie   of A1    lise  of A1    zoe  of A2    marc  of A1 and A2
//
// B has B1: odile administers it. Julie reads English.
type world struct {
	*storetest.Bench

	clock    *storetest.Clock
	p        preference.Preferences
	settings setting.Settings
	a, b     ident.Org
	site     map[string]ident.Site
	account  map[string]ident.Account
	id       map[string]ident.Member
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
	run := &action.Runner{DB: w.DB, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler)}
	w.p, w.settings = preference.Preferences{Run: run}, setting.Settings{Run: run}
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
	settings := []member.GivenPermission{{Permission: access.SettingsEdit, Scope: whole}}
	for _, p := range []struct {
		name  string
		in    ident.Org
		sites []string
		may   []member.GivenPermission
	}{
		{"claire", w.a, []string{"A1", "A2"}, all(whole)},
		{"nadege", w.a, []string{"A1"}, all(a1)},
		{"tess", w.a, []string{"A1"}, settings},
		{"julie", w.a, []string{"A1"}, nil},
		{"lise", w.a, []string{"A1"}, nil},
		{"zoe", w.a, []string{"A2"}, nil},
		{"marc", w.a, []string{"A1", "A2"}, nil},
		{"odile", w.b, []string{"B1"}, all(access.OrgScope(w.b))},
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
	key, lang := name+"@exemple.fr", text.FR
	if name == "julie" {
		lang = text.EN
	}
	a, err := account.Insert(ctx, tx, account.New{
		Email: account.Email{Key: key, Address: key}, Names: account.Names{GivenName: title(name), FamilyName: "Essai"}, Language: lang,
	})
	if err != nil {
		return err
	}
	n := member.New{
		Org: in, Account: a.ID, Status: member.Active, GivenName: title(name), FamilyName: "Essai", Email: key,
		Function: "secretary", ProfileType: member.NonPractitioner, GivenBy: "test",
	}
	for _, s := range sites {
		n.Sites = append(n.Sites, w.site[s])
	}
	m, err := member.Insert(ctx, tx, n)
	if err != nil {
		return err
	}
	w.account[name], w.id[name] = a.ID, m.ID
	return w.gives(ctx, tx, name, may...)
}

func (w *world) gives(ctx context.Context, tx *store.Tx, name string, may ...member.GivenPermission) error {
	in := w.a
	if name == "odile" {
		in = w.b
	}
	return member.Give(ctx, tx, member.Gift{Org: in, Member: w.id[name], Permissions: may, By: "test"})
}

// give gives somebody of A one permission.
func (w *world) give(name string, p access.Permission, at access.Scope) {
	w.Helper()
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		return w.gives(ctx, tx, name, member.GivenPermission{Permission: p, Scope: at})
	})
}

func (w *world) as(name string) access.Actor {
	return access.Actor{
		Kind: access.Person, Account: w.account[name], Name: title(name), Session: ident.NewSession(), StepUp: w.DB.Now(), Via: "test",
	}
}

// stale is the same person, whose proof is no longer fresh.
func (w *world) stale(name string) access.Actor {
	by := w.as(name)
	by.StepUp = w.DB.Now().Add(-time.Hour)
	return by
}

// get reads the settings of somebody of A as somebody else.
func (w *world) get(by, of string) preference.Sheet {
	w.Helper()
	s, err := w.p.Get(w.Context(), w.as(by), w.a, w.id[of])
	if err != nil {
		w.Fatal(by, of, err)
	}
	return s
}

// edit changes what somebody of A has of their own, from the version that there is.
func (w *world) edit(by, of string, e preference.Edit) preference.Sheet {
	w.Helper()
	s, err := w.p.Edit(w.Context(), w.as(by), w.a, w.id[of], w.get("claire", of).Version, e)
	if err != nil {
		w.Fatal(by, of, err, fault.Of(err).Fields)
	}
	return s
}

// defaults changes what A sets for its members.
func (w *world) defaults(change func(*setting.Personal)) setting.Defaults {
	w.Helper()
	d, err := w.settings.Defaults(w.Context(), w.as("claire"), w.a)
	if err != nil {
		w.Fatal(err)
	}
	change(&d.Personal)
	d, err = w.settings.SetDefaults(w.Context(), w.as("claire"), w.a, d.Rev, d.Personal)
	if err != nil {
		w.Fatal(err, fault.Of(err).Fields)
	}
	return d
}

// chosen is a change of one alert.
func chosen(a setting.Alert, s preference.Subscription) preference.Edit {
	return preference.Edit{Notifications: map[setting.Alert]preference.Change[preference.Subscription]{a: preference.To(s)}}
}
