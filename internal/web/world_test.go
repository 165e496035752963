package web_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/apptest"
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

// good is the password of everybody in these tests, wrong is nobody's.
const (
	good  = "cheval agrafe pile correcte"
	wrong = "ce n’est pas celui-là"
)

// world is an installation served over HTTP, as it is in use: two organisations and
// their people.
type world struct {
	*testing.T
	app   *apptest.Server
	db    *store.DB
	clock *storetest.Clock
	url   *url.URL
	hash  string

	tilleuls, rives place
}

// place is an organisation with its sites and roles.
type place struct {
	org   org.Org
	sites []org.Site
	roles map[string]ident.Role
}

func each(t *testing.T, fn func(w *world)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) { fn(newWorld(t, e)) })
	}
}

func newWorld(t *testing.T, e store.Engine) *world {
	t.Helper()
	s := apptest.Start(t, apptest.Options{Engine: e})
	s.App.Hasher.Cost = credential.Cost{Memory: 64, Time: 1} // these tests are not about hashing
	w := &world{T: t, app: s, db: s.App.DB, clock: s.Clock}
	var err error
	if w.url, err = url.Parse(s.URL); err != nil {
		t.Fatal(err)
	}
	if w.hash, err = s.App.Hasher.Hash(t.Context(), secret.NewText(good)); err != nil {
		t.Fatal(err)
	}
	w.people()
	return w
}

// The people of the tests. Claire and Bruno administer the whole of the first
// organisation, Nadège its second site; Olivia administers the second organisation.
const (
	claire = "claire.morvan@tilleuls.example"
	bruno  = "bruno.lacaze@tilleuls.example"
	nadege = "nadege.petit@tilleuls.example"
	julie  = "julie.delmas@tilleuls.example"
	yanis  = "yanis.belkacem@tilleuls.example"
	olivia = "olivia.garnier@deux-rives.example"
)

func (w *world) people() {
	w.tilleuls = w.place("tilleuls", "Maison de santé des Tilleuls", "Saint-Aubin", "Grand-Pré")
	w.rives = w.place("deux-rives", "CPTS des Deux-Rives", "Les Quais")
	t := w.tilleuls
	w.member(t, person{email: claire, title: "Dr", given: "Claire", family: "Morvan", function: "physician", rpps: "99700012042", sites: t.sites[:1], admin: "organization"})
	w.member(t, person{email: bruno, given: "Bruno", family: "Lacaze", function: "coordinator", sites: t.sites, admin: "organization"})
	w.member(t, person{email: nadege, given: "Nadège", family: "Petit", function: "secretary", sites: t.sites[1:], admin: t.sites[1].ID.String()})
	w.member(t, person{email: julie, given: "Julie", family: "Delmas", function: "secretary", sites: t.sites[:1], role: role.Secretary})
	w.member(t, person{email: yanis, title: "Dr", given: "Yanis", family: "Belkacem", function: "physician", sites: t.sites, role: role.Practitioner})
	w.member(w.rives, person{email: olivia, given: "Olivia", family: "Garnier", function: "manager", sites: w.rives.sites, admin: "organization"})
}

func (w *world) write(fn func(ctx context.Context, tx *store.Tx) error) {
	w.Helper()
	err := w.db.Write(w.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error { return fn(w.Context(), tx) })
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) read(fn func(ctx context.Context, tx *store.Tx) error) {
	w.Helper()
	if err := w.db.Read(w.Context(), func(tx *store.Tx) error { return fn(w.Context(), tx) }); err != nil {
		w.Fatal(err)
	}
}

func (w *world) place(slug, name string, sites ...string) (p place) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) (err error) {
		p = place{roles: map[string]ident.Role{}}
		if p.org, err = org.Insert(ctx, tx, org.New{Slug: slug, Details: org.Details{Name: name, Kind: org.Practice}}); err != nil {
			return err
		}
		if err := role.Seed(ctx, tx, p.org.ID); err != nil {
			return err
		}
		all, err := role.All(ctx, tx, p.org.ID)
		for _, r := range all {
			p.roles[r.BuiltIn] = r.ID
		}
		for _, s := range sites {
			site, e := org.InsertSite(ctx, tx, p.org.ID, org.SiteDetails{Name: s, City: s})
			if e != nil {
				return e
			}
			p.sites = append(p.sites, site)
		}
		return err
	})
	return p
}

// person is somebody to make: an account with a password, and a membership.
type person struct {
	email, title, given, family, function, rpps string
	sites                                       []org.Site
	admin                                       string // scope code, or none
	role                                        string // at every site
	profession                                  string
}

func (w *world) member(p place, who person) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		email, code := account.ParseEmail(who.email)
		if code != "" {
			w.Fatal(code)
		}
		a, found, err := account.ByEmail(ctx, tx, email.Key)
		if err == nil && !found {
			names := account.Names{Title: who.title, GivenName: who.given, FamilyName: who.family}
			a, err = account.Insert(ctx, tx, account.New{Email: email, Names: names, Language: text.FR})
		}
		if err != nil {
			return err
		}
		if err := credential.SetPassword(ctx, tx, a.ID, w.hash); err != nil {
			return err
		}
		_, err = member.Insert(ctx, tx, w.membership(p, a, who))
		return err
	})
}

func (w *world) membership(p place, a account.Account, who person) member.New {
	n := member.New{
		Org: p.org.ID, Account: a.ID, Status: member.Active, Title: who.title, GivenName: who.given, FamilyName: who.family,
		Email: who.email, Function: who.function, RPPS: who.rpps, GivenBy: a.ID.String(), Profession: who.profession,
	}
	if who.rpps != "" {
		n.ProfileType = member.Regulated
	}
	for i := range who.sites {
		s := &who.sites[i]
		n.Sites = append(n.Sites, s.ID)
		if who.role != "" {
			n.Roles = append(n.Roles, role.Given{Role: p.roles[who.role], Scope: access.SiteScope(p.org.ID, s.ID)})
		}
	}
	if who.admin != "" {
		at, ok := access.ParseScope(p.org.ID, who.admin)
		if !ok {
			w.Fatal("scope")
		}
		n.Roles = append(n.Roles, role.Given{Role: p.roles[role.Administrator], Scope: at})
	}
	return n
}

// id is the member of an address in an organisation.
func (w *world) id(p place, email string) (id ident.Member) {
	w.Helper()
	err := w.db.Read(w.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(w.Context(), `select m.id from member m join member_state s on s.org_id = m.org_id and s.member_id = m.id
			where m.org_id = $1 and s.email = $2 and s.known_until is null`, p.org.ID, email).Scan(&id)
	})
	if err != nil {
		w.Fatal(err)
	}
	return id
}

func (w *world) count(query string, args ...any) (n int) {
	w.Helper()
	err := w.db.Read(w.Context(), func(tx *store.Tx) error { return tx.QueryRow(w.Context(), query, args...).Scan(&n) })
	if err != nil {
		w.Fatal(err)
	}
	return n
}

// browser is one person's browser: cookies, and no script.
type browser struct {
	w      *world
	client *http.Client
	lang   string
}

func (w *world) browser() *browser {
	w.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.Fatal(err)
	}
	return &browser{w: w, lang: "fr", client: &http.Client{
		Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// as is a browser in which somebody has just signed in through the page: one that was
// remembered, if a second factor is asked of them.
func (w *world) as(email string) *browser {
	w.Helper()
	b := w.remembers(email)
	p := b.post("/login", url.Values{"email": {email}, "password": {good}})
	if p.status != http.StatusSeeOther || strings.HasPrefix(p.header.Get("Location"), "/login") {
		w.Fatalf("sign-in of %s: %d\n%s", email, p.status, p.text())
	}
	return b
}

// remembers is a browser that somebody said to remember; nobody is signed in there.
func (w *world) remembers(email string) *browser {
	w.Helper()
	b := w.browser()
	if k := w.app.Remembered(email); k != nil {
		b.client.Jar.SetCookies(w.url, []*http.Cookie{k})
	}
	return b
}

func (b *browser) get(path string) *page {
	b.w.Helper()
	return b.do(b.request(http.MethodGet, path, nil))
}

// post sends a form as a browser does from a page of ours.
func (b *browser) post(path string, form url.Values) *page {
	b.w.Helper()
	r := b.request(http.MethodPost, path, form)
	r.Header.Set("Origin", "http://"+b.w.url.Host)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

func (b *browser) request(method, path string, form url.Values) *http.Request {
	b.w.Helper()
	target := b.w.url.JoinPath("/")
	u, err := target.Parse(path)
	if err != nil {
		b.w.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.w.Context(), method, u.String(), strings.NewReader(form.Encode()))
	if err != nil {
		b.w.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept-Language", b.lang)
	return r
}

func (b *browser) do(r *http.Request) *page {
	b.w.Helper()
	res, err := b.client.Do(r)
	if err != nil {
		b.w.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.w.Fatal(err)
	}
	return newPage(b.w, r.URL.RequestURI(), res, body)
}

// follow goes where a page answered 303.
func (b *browser) follow(p *page) *page {
	b.w.Helper()
	if p.status != http.StatusSeeOther {
		b.w.Fatalf("%s answered %d, not 303\n%s", p.path, p.status, p.text())
	}
	return b.get(p.header.Get("Location"))
}
