package org_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// world is two organisations: A with the sites A1 and A2, B with B1. claire holds
// sites.edit and settings.edit in A, nadege holds all at A1 and belongs to it,
// julie belongs to A1 and holds nothing; odile has her place in B; sofia is the
// platform's support.
type world struct {
	*testing.T
	db      *store.DB
	orgs    org.Orgs
	a, b    org.Org
	site    []org.Site // A1, A2, B1
	account map[string]ident.Account
}

func eachWorld(t *testing.T, fn func(w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		t.Helper()
		w := &world{T: t, db: db, account: map[string]ident.Account{}}
		w.orgs = org.Orgs{Run: &action.Runner{DB: db, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler)}}
		w.write(w.found)
		fn(w)
	})
}

func (w *world) write(fn func(ctx context.Context, tx *store.Tx) error) {
	w.Helper()
	if err := w.db.Write(w.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error { return fn(w.Context(), tx) }); err != nil {
		w.Fatal(err)
	}
}

func (w *world) found(ctx context.Context, tx *store.Tx) (err error) {
	if w.a, err = org.Insert(ctx, tx, org.New{Slug: "tilleuls", Details: org.Details{Name: "Maison de santé des Tilleuls", Kind: org.Practice}}); err != nil {
		return err
	}
	if w.b, err = org.Insert(ctx, tx, org.New{Details: org.Details{Name: "CPTS des Deux Rives", Kind: org.CPTS, Enamel: "pin"}}); err != nil {
		return err
	}
	w.site = nil
	for _, s := range []struct {
		in ident.Org
		d  org.SiteDetails
	}{
		{w.a.ID, org.SiteDetails{Name: "Grand-Pré", City: "Lyon", PostalCode: "69 003", FINESS: "770 816 478", Phone: "04 72 00 00 00"}},
		{w.a.ID, org.SiteDetails{Name: "Écully"}},
		{w.b.ID, org.SiteDetails{Name: "Rive gauche"}},
	} {
		site, err := org.InsertSite(ctx, tx, s.in, s.d)
		if err != nil {
			return err
		}
		w.site = append(w.site, site)
	}
	for _, p := range []struct {
		name  string
		in    ident.Org
		site  int
		scope string
		may   []access.Permission
	}{
		{"claire", w.a.ID, 1, access.WholeOrganization, []access.Permission{access.SitesEdit, access.SettingsEdit, access.MembersRead}},
		{"nadege", w.a.ID, 0, w.site[0].ID.String(), access.Administration},
		{"julie", w.a.ID, 0, "", nil},
		{"odile", w.b.ID, 2, access.WholeOrganization, access.Administration},
	} {
		if err := w.person(ctx, tx, p.name, account.NoRole); err != nil {
			return err
		}
		if err := w.member(ctx, tx, p.in, p.name, w.site[p.site].ID, p.scope, p.may); err != nil {
			return err
		}
	}
	return w.person(ctx, tx, "sofia", account.Support)
}

func (w *world) person(ctx context.Context, tx *store.Tx, name string, r account.PlatformRole) error {
	key := name + "@exemple.fr"
	a, err := account.Insert(ctx, tx, account.New{
		Email: account.Email{Key: key, Address: key}, Names: account.Names{GivenName: name, FamilyName: "Essai"}, Language: text.FR, PlatformRole: r,
	})
	w.account[name] = a.ID
	return err
}

// member writes the rows of a membership: package member stands above this one.
func (w *world) member(ctx context.Context, tx *store.Tx, in ident.Org, name string, site ident.Site, scope string, may []access.Permission) error {
	id := ident.NewMember()
	for _, s := range []struct {
		query string
		args  []any
	}{
		{`insert into member (org_id, id, version, last_sign_in_at, created_at) values ($1, $2, 1, $3, $3)`, []any{in, id, tx.Now}},
		{`insert into member_state (org_id, member_id, rev, account_id, email, status, profile_type, title, given_name, family_name, function, profession,
			specialty, rpps, phone, mssante, messaging_reach, sort_key, search, keywords, known_from)
			values ($1, $2, 1, $3, '', 'active', 'non_practitioner', '', $4, 'Essai', 'other', '', '', '', '', '', 'site', '', '', '', $5)`,
			[]any{in, id, w.account[name], name, tx.Now}},
		{`insert into member_site (org_id, member_id, site_id, given_by, known_from) values ($1, $2, $3, '', $4)`, []any{in, id, site, tx.Now}},
	} {
		if _, err := tx.Exec(ctx, s.query, s.args...); err != nil {
			return err
		}
	}
	for _, p := range may {
		var at any
		if scope != access.WholeOrganization {
			at = scope
		}
		if _, err := tx.Exec(ctx, `
			insert into member_permission (org_id, id, member_id, permission, scope, site_id, starts_at, given_by, known_from)
			values ($1, $2, $3, $4, $5, $6, $7, '', $7)`, in, fmt.Sprint(id, p), id, p, scope, at, tx.Now); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) as(name string) access.Actor {
	return access.Actor{Kind: access.Person, Account: w.account[name], Name: name, StepUp: w.db.Now(), Via: "test", Address: "192.0.2.7"}
}

func (w *world) want(what string, err, want error) {
	w.Helper()
	if want == nil && err != nil || want != nil && !errors.Is(err, want) {
		w.Errorf("%s: %v, want %v", what, err, want)
	}
}

func (w *world) count(query string, args ...any) (n int) {
	w.Helper()
	if err := w.db.Read(w.Context(), func(tx *store.Tx) error { return tx.QueryRow(w.Context(), query, args...).Scan(&n) }); err != nil {
		w.Fatal(err)
	}
	return n
}

func names(sites []org.Site) (list []string) {
	for _, s := range sites {
		list = append(list, s.Name)
	}
	return list
}

// ORG-1, ORG-2: the URL names the organisation, by slug or ID; a stranger gets what
// an unknown name gets, the platform's support too (rules.md 12).
func TestEnter(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		for _, name := range []string{"tilleuls", w.a.ID.String()} {
			o, held, err := w.orgs.Enter(ctx, w.as("claire"), name)
			if err != nil || o.ID != w.a.ID || o.Sites != 2 || o.Members != 3 || !held.Has(access.SitesEdit, access.OrgScope(w.a.ID)) {
				w.Errorf("%s: %+v %v", name, o, err)
			}
		}
		o, held, err := w.orgs.Enter(ctx, w.as("nadege"), "tilleuls")
		if err != nil || o.Sites != 1 || o.Members != 2 || held.Has(access.SitesEdit, access.OrgScope(w.a.ID)) {
			w.Errorf("AUZ-06: a site administrator counts their site: %+v %v", o, err)
		}
		o, _, err = w.orgs.Enter(ctx, w.as("julie"), "tilleuls")
		if err != nil || o.Sites != 1 || o.Members != 0 {
			w.Errorf("AUZ-15: a member counts nobody: %+v %v", o, err)
		}
		for _, who := range []string{"odile", "sofia"} {
			for _, name := range []string{"tilleuls", w.a.ID.String(), "nowhere", ident.NewOrg().String(), "", "Tilleuls", "org_x", strings.Repeat("x", 10_000)} {
				o, held, err := w.orgs.Enter(ctx, w.as(who), name)
				w.want(who+" enters "+name, err, access.ErrNotFound)
				if o != (org.Org{}) || held.HasAnywhere(access.MembersRead) {
					w.Errorf("%s learns %+v", who, o)
				}
			}
		}
		_, _, err = w.orgs.Enter(ctx, access.Actor{Kind: access.Anonymous}, "tilleuls")
		w.want("nobody", err, access.ErrUnauthenticated)
		if n := w.count(`select count(*) from audit_event where chain = $1 and verb = 'org.enter' and outcome = 'refused'`, w.a.ID.String()); n == 0 {
			w.Error("the strangers are not in the trail of A")
		}
	})
}

// ORG-7, AUD-2: only the platform's support suspends and resumes, freshly proven;
// the act stands in the organisation's own trail, as support's.
func TestSuspendAndResume(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		for _, who := range []string{"claire", "odile"} {
			_, err := w.orgs.Suspend(ctx, w.as(who), w.a.ID, "")
			w.want(who, err, access.ErrNotFound)
		}
		stale := w.as("sofia")
		stale.StepUp = stale.StepUp.Add(-access.StepUpAge)
		_, err := w.orgs.Suspend(ctx, stale, w.a.ID, "")
		w.want("without proof", err, access.ErrStepUp)
		_, err = w.orgs.Suspend(ctx, w.as("sofia"), ident.NewOrg(), "")
		w.want("none", err, access.ErrNotFound)
		_, err = w.orgs.Suspend(ctx, w.as("sofia"), w.a.ID, "two\r\nlines")
		if f := fault.Of(err).Fields; len(f) != 1 || f[0].Location != "reason" {
			w.Errorf("reason: %v", err)
		}
		o, err := w.orgs.Suspend(ctx, w.as("sofia"), w.a.ID, "Facture impayée")
		if err != nil || o.Status != org.Suspended || o.Rev != 2 || o.Members != 3 {
			w.Errorf("suspended %+v %v", o, err)
		}
		_, err = w.orgs.Suspend(ctx, w.as("sofia"), w.a.ID, "")
		w.want("twice", err, org.ErrAlreadyHeld)
		_, _, err = w.orgs.Enter(ctx, w.as("claire"), "tilleuls")
		w.want("its members are told", err, access.ErrSuspended)
		_, err = w.orgs.Edit(ctx, w.as("claire"), w.a.ID, 2, org.Details{Name: "X", Kind: org.Clinic})
		w.want("nothing changes", err, access.ErrSuspended)
		_, _, err = w.orgs.Enter(ctx, w.as("odile"), "tilleuls")
		w.want("strangers are not", err, access.ErrNotFound)
		if o, err := w.orgs.Get(ctx, w.as("sofia"), w.a.ID); err != nil || o.Status != org.Suspended {
			w.Errorf("support reads %+v %v", o, err)
		}
		o, err = w.orgs.Resume(ctx, w.as("sofia"), w.a.ID)
		if err != nil || o.Status != org.Active || o.Rev != 3 {
			w.Errorf("resumed %+v %v", o, err)
		}
		_, err = w.orgs.Resume(ctx, w.as("sofia"), w.a.ID)
		w.want("twice", err, org.ErrAlreadyHeld)
		const marked = `select count(*) from audit_event e join audit_payload p on p.chain = e.chain and p.seq = e.seq
			where e.chain = $1 and e.outcome = 'done' and e.verb = $2 and p.payload like '%"support":true%' and p.payload like $3`
		if w.count(marked, w.a.ID.String(), "org.suspend", "%Facture impayée%") != 1 || w.count(marked, w.a.ID.String(), "org.resume", "%") != 1 {
			w.Error("the acts are not in the organisation's trail as support's")
		}
		if n := w.count(`select count(*) from org_state where org_id = $1`, w.a.ID); n != 3 {
			w.Errorf("%d states in the history, want 3", n)
		}
	})
}

func TestGet(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		o, err := w.orgs.Get(ctx, w.as("sofia"), w.a.ID)
		if err != nil || o.Members != 3 || o.Sites != 2 {
			w.Errorf("support: %+v %v", o, err)
		}
		if o, err = w.orgs.Get(ctx, w.as("nadege"), w.a.ID); err != nil || o.Members != 2 || o.Sites != 1 {
			w.Errorf("a site administrator: %+v %v", o, err)
		}
		_, err = w.orgs.Get(ctx, w.as("odile"), w.a.ID)
		w.want("a stranger", err, access.ErrNotFound)
		_, err = w.orgs.Get(ctx, w.as("sofia"), ident.NewOrg())
		w.want("none", err, access.ErrNotFound)
	})
}

// RAC-07: the second of two changes is told; each is kept in the history.
func TestEdit(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		d := org.Details{Name: "  Tilleuls   et Acacias ", Kind: org.Clinic, Enamel: "prune"}
		o, err := w.orgs.Edit(ctx, w.as("claire"), w.a.ID, 1, d)
		if err != nil || o.Name != "Tilleuls et Acacias" || o.Kind != org.Clinic || o.Enamel != "prune" || o.Rev != 2 || o.Slug != "tilleuls" {
			w.Errorf("%+v %v", o, err)
		}
		_, err = w.orgs.Edit(ctx, w.as("claire"), w.a.ID, 1, d)
		w.want("stale", err, org.ErrStale)
		if o, err = w.orgs.Edit(ctx, w.as("claire"), w.a.ID, 2, d); err != nil || o.Rev != 2 {
			w.Errorf("the same again: %+v %v", o, err)
		}
		for _, who := range []string{"nadege", "julie"} { // ORG-3: not the organisation's settings
			_, err = w.orgs.Edit(ctx, w.as(who), w.a.ID, 2, d)
			w.want(who, err, access.ErrForbidden)
		}
		_, err = w.orgs.Edit(ctx, w.as("odile"), w.a.ID, 2, d)
		w.want("odile", err, access.ErrNotFound)
		_, err = w.orgs.Edit(ctx, w.as("claire"), w.a.ID, 2, org.Details{Name: "<script>", Kind: "bank", Enamel: "gold"})
		want := map[string]string{"name": "text.symbol", "kind": "org.kind_unknown", "enamel": "org.enamel_unknown"}
		for _, f := range fault.Of(err).Fields {
			if want[f.Location] != f.Code {
				w.Errorf("%s: %s", f.Location, f.Code)
			}
			delete(want, f.Location)
		}
		if len(want) > 0 {
			w.Errorf("not said: %v", want)
		}
	})
}

// The platform's list: by name, searched without accents, page after page.
func TestAll(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		w.write(func(ctx context.Context, tx *store.Tx) error {
			for _, name := range []string{"Clinique Saint-Aubin", "Écoute", "Zénith"} {
				if _, err := org.Insert(ctx, tx, org.New{Details: org.Details{Name: name, Kind: org.Clinic}}); err != nil {
					return err
				}
			}
			return nil
		})
		slugs := func(f org.Filter) (list []string) {
			for {
				l, err := w.orgs.All(ctx, w.as("sofia"), f)
				w.want("all", err, nil)
				for _, o := range l.Items {
					list = append(list, o.Slug)
				}
				if int(l.Total) < len(l.Items) {
					w.Errorf("total %d of %d", l.Total, len(l.Items))
				}
				if f.After = l.Next; f.After == "" {
					return list
				}
			}
		}
		all := []string{"clinique-saint-aubin", "cpts-des-deux-rives", "ecoute", "tilleuls", "zenith"}
		for what, c := range map[string]struct {
			f    org.Filter
			want []string
		}{
			"all": {org.Filter{}, all}, "two a page": {org.Filter{Limit: 2}, all}, "search": {org.Filter{Search: "ÉCOUTE"}, all[2:3]},
			"slug": {org.Filter{Search: "tilleuls"}, all[3:4]}, "inside": {org.Filter{Search: "aubin clin"}, all[:1]},
			"wildcards": {org.Filter{Search: "%"}, nil}, "suspended": {org.Filter{Status: org.Suspended}, nil}, "active": {org.Filter{Status: org.Active}, all},
		} {
			if got := slugs(c.f); !slices.Equal(got, c.want) {
				w.Errorf("%s: %v, want %v", what, got, c.want)
			}
		}
		for _, who := range []string{"claire", "odile"} {
			_, err := w.orgs.All(ctx, w.as(who), org.Filter{})
			w.want(who, err, access.ErrNotFound)
		}
		for code, f := range map[string]org.Filter{
			"org.limit": {Limit: org.MaxPageSize + 1}, "org.status_unknown": {Status: "gone"}, "text.too_long": {Search: strings.Repeat("x", org.MaxSearch+1)},
		} {
			_, err := w.orgs.All(ctx, w.as("sofia"), f)
			if fs := fault.Of(err).Fields; len(fs) != 1 || fs[0].Code != code {
				w.Errorf("%v, want %s", err, code)
			}
		}
		l, err := w.orgs.All(ctx, w.as("sofia"), org.Filter{Limit: 1})
		w.want("one", err, nil)
		_, err = w.orgs.All(ctx, w.as("sofia"), org.Filter{Limit: 1, Search: "tilleuls", After: l.Next})
		w.want("INJ-04: another list's cursor", err, secret.ErrCursor)
	})
}

// ORG-3, AUZ-01, AUZ-02, AUZ-06: sites are seen by who administers all, and else
// by who belongs to them; others are like those that do not exist.
func TestSites(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		for who, want := range map[string][]string{"claire": {"Écully", "Grand-Pré"}, "nadege": {"Grand-Pré"}, "julie": {"Grand-Pré"}} {
			got, err := w.orgs.Sites(ctx, w.as(who), w.a.ID, "")
			if err != nil || !slices.Equal(names(got), want) {
				w.Errorf("%s: %v %v", who, names(got), err)
			}
		}
		for search, want := range map[string][]string{"ecu": {"Écully"}, "LYON": {"Grand-Pré"}, "690": {"Grand-Pré"}, "ully": {"Écully"}, "ly": {"Grand-Pré"}, "%": nil} {
			got, err := w.orgs.Sites(ctx, w.as("claire"), w.a.ID, search)
			if err != nil || !slices.Equal(names(got), want) {
				w.Errorf("search %s: %v %v", search, names(got), err)
			}
		}
		_, err := w.orgs.Sites(ctx, w.as("claire"), w.a.ID, strings.Repeat("é", org.MaxSearch+1))
		if f := fault.Of(err).Fields; len(f) != 1 || f[0].Code != "text.too_long" {
			w.Errorf("%v", err)
		}
		_, err = w.orgs.Sites(ctx, w.as("odile"), w.a.ID, "")
		w.want("odile", err, access.ErrNotFound)
		for _, id := range []ident.Site{w.site[1].ID, w.site[2].ID, ident.NewSite()} {
			_, err := w.orgs.Site(ctx, w.as("nadege"), w.a.ID, id)
			w.want("nadege reads", err, org.ErrNoSuchSite)
			_, err = w.orgs.EditSite(ctx, w.as("nadege"), w.a.ID, id, 1, org.SiteDetails{Name: "X"})
			w.want("nadege edits", err, org.ErrNoSuchSite)
		}
		s, err := w.orgs.Site(ctx, w.as("julie"), w.a.ID, w.site[0].ID)
		if err != nil || s.SiteDetails != (org.SiteDetails{Name: "Grand-Pré", City: "Lyon", PostalCode: "69003", FINESS: "770816478", Phone: "+33472000000"}) {
			w.Errorf("%+v %v", s, err)
		}
		_, err = w.orgs.Site(ctx, w.as("claire"), w.b.ID, w.site[2].ID)
		w.want("B by its own ID", err, access.ErrNotFound)
	})
}

func TestEditSite(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, id := w.Context(), w.site[0].ID
		s, err := w.orgs.EditSite(ctx, w.as("nadege"), w.a.ID, id, 1, org.SiteDetails{Name: "Grand-Pré Nord"})
		if err != nil || s.Name != "Grand-Pré Nord" || s.City != "" || s.Rev != 2 {
			w.Errorf("%+v %v", s, err)
		}
		_, err = w.orgs.EditSite(ctx, w.as("claire"), w.a.ID, id, 1, org.SiteDetails{Name: "Y"})
		w.want("RAC-07: stale", err, org.ErrStale)
		_, err = w.orgs.EditSite(ctx, w.as("julie"), w.a.ID, id, 2, org.SiteDetails{Name: "Y"})
		w.want("without the right", err, access.ErrForbidden)
		if s, err = w.orgs.EditSite(ctx, w.as("claire"), w.a.ID, id, 2, org.SiteDetails{Name: "Grand-Pré Nord"}); err != nil || s.Rev != 2 {
			w.Errorf("the same again: %+v %v", s, err)
		}
		w.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := org.CloseSite(ctx, tx, w.a.ID, id)
			return err
		})
		_, err = w.orgs.Site(ctx, w.as("claire"), w.a.ID, id)
		w.want("closed", err, org.ErrNoSuchSite)
		if n := w.count(`select count(*) from site_state where site_id = $1`, id); n != 3 {
			w.Errorf("%d states in the history, want 3", n)
		}
	})
}

// A slug is chosen or made, once; the organisation has so many sites.
func TestInsert(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		insert := func(n org.New) (o org.Org, err error) {
			err = w.db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
				o, err = org.Insert(ctx, tx, n)
				return err
			})
			return o, err
		}
		d := org.Details{Name: "CPTS des Deux Rives", Kind: org.CPTS}
		for _, want := range []string{"cpts-des-deux-rives-2", "cpts-des-deux-rives-3"} {
			if o, err := insert(org.New{Details: d}); err != nil || o.Slug != want || o.Enamel != "email" {
				w.Errorf("%+v %v", o, err)
			}
		}
		for _, slug := range []string{"tilleuls", "api", "register"} {
			_, err := insert(org.New{Slug: slug, Details: d})
			w.want(slug, err, org.ErrSlugTaken)
		}
		for _, slug := range []string{"x", "Tilleuls", "a--b", "-a", "a_b", "é", "a b", strings.Repeat("a", 41), "a/b", "org_x"} {
			_, err := insert(org.New{Slug: slug, Details: d})
			if f := fault.Of(err).Fields; len(f) != 1 || f[0].Code != "org.slug_malformed" {
				w.Errorf("%s: %v", slug, err)
			}
		}
		_, err := insert(org.New{Details: org.Details{Name: " ", Kind: org.CPTS}})
		if f := fault.Of(err).Fields; len(f) != 1 || f[0].Code != "text.empty" {
			w.Errorf("%v", err)
		}
		w.write(func(ctx context.Context, tx *store.Tx) error {
			for i := range org.MaxSites - 2 {
				if _, err := org.InsertSite(ctx, tx, w.a.ID, org.SiteDetails{Name: fmt.Sprint("Site ", i)}); err != nil {
					return err
				}
			}
			_, err := org.InsertSite(ctx, tx, w.a.ID, org.SiteDetails{Name: "Un de trop"})
			w.want("one too many", err, org.ErrTooManySites)
			return nil
		})
	})
}
