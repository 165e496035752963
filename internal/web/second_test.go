package web_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"habilis/internal/apptest"
	"habilis/internal/credential"
	"habilis/internal/secret"
	"habilis/internal/session"
)

// halfway is a browser in which somebody who administers gave their password and owes the
// second factor.
func (w *world) halfway(email string) *browser {
	w.Helper()
	w.app.Remembered(email) // gives them a code application
	b := w.browser()
	p := b.post("/login", url.Values{"email": {email}, "password": {good}, "next": {"/o/tilleuls/members"}}).answers(http.StatusSeeOther)
	if to := p.header.Get("Location"); to != "/login/second-factor?next=%2Fo%2Ftilleuls%2Fmembers" {
		w.Fatalf("the password of %s leads to %s", email, to)
	}
	return b
}

func (w *world) totp() string {
	w.Helper()
	c, err := credential.TOTPCode(secret.NewText(apptest.Seed), w.clock.Now())
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// cookie is the value of one of our cookies, or nothing.
func (b *browser) cookie(name string) string {
	b.w.Helper()
	for _, k := range b.client.Jar.Cookies(b.w.url) {
		if k.Name == "habilis-"+name {
			return k.Value
		}
	}
	return ""
}

// SEC-2: password, code, and the page that was asked for; a wrong code is said at its field,
// and what was typed elsewhere stays.
func TestSecondFactor(t *testing.T) {
	each(t, func(w *world) {
		b := w.halfway(claire)
		if b.cookie("s") != "" || b.cookie("h") == "" {
			t.Fatal("a session before the second factor")
		}
		p := b.get("/login/second-factor?next=%2Fo%2Ftilleuls%2Fmembers").answers(http.StatusOK).
			says("Entrez votre code", "Code à 6 chiffres", "Connexion de "+claire, "Se souvenir de cet appareil pendant 30 jours") //nolint:misspell // French
		form := p.form("/login/second-factor")
		b.post("/login/second-factor", form).answers(http.StatusUnprocessableEntity).says("Saisissez le code") // login.code_empty
		form.Set("code", "000 000")
		form.Set("remember", "1")
		p = b.post("/login/second-factor", form).answers(http.StatusUnprocessableEntity).says("Recopiez le code qui s’affiche maintenant")
		if again := p.form("/login/second-factor"); again.Get("remember") == "" || again.Get("next") != "/o/tilleuls/members" {
			t.Errorf("what was chosen is lost: %v", again)
		}
		form.Set("code", w.totp())
		p = b.post("/login/second-factor", form).answers(http.StatusSeeOther)
		if to := p.header.Get("Location"); to != "/o/tilleuls/members" || b.cookie("s") == "" || b.cookie("h") != "" || b.cookie("d") == "" {
			t.Fatalf("to %s", to)
		}
		b.follow(p).answers(http.StatusOK)
		b.post("/logout", url.Values{}).answers(http.StatusSeeOther)
		p = b.post("/login", url.Values{"email": {claire}, "password": {good}}).answers(http.StatusSeeOther)
		if to := p.header.Get("Location"); to != "/organizations" {
			t.Errorf("a remembered browser is asked again: %s", to)
		}
	})
}

// MFA-02: five wrong codes lead back to the beginning, which says why.
func TestSecondFactorGuessed(t *testing.T) {
	each(t, func(w *world) {
		b := w.halfway(claire)
		form := url.Values{"way": {"totp"}, "code": {"000000"}}
		for range session.HalfFailures - 1 {
			b.post("/login/second-factor", form).answers(http.StatusUnprocessableEntity)
		}
		b.follow(b.post("/login/second-factor", form)).says("Reprenez la connexion depuis le début : trop de codes faux")
		if b.cookie("h") != "" {
			t.Error("the cookie of the half stays")
		}
		b.follow(b.get("/login/second-factor")).answers(http.StatusOK).saysNot("Entrez votre code")
		b = w.halfway(claire)
		w.clock.Add(session.HalfLife + time.Second)
		b.follow(b.get("/login/second-factor")).says("plus de 10 minutes ont passé")
		b = w.halfway(claire)
		b.follow(b.post("/login/second-factor/leave", url.Values{})).says("Connexion")
		b.follow(b.get("/login/second-factor")).saysNot("Entrez votre code")
	})
}

// Whoever must have a factor and has none makes one, and comes in where they were going.
func TestFirstFactor(t *testing.T) {
	each(t, func(w *world) {
		b := w.browser()
		p := b.post("/login", url.Values{"email": {bruno}, "password": {good}, "next": {"/o/tilleuls/members"}})
		p = b.follow(b.follow2(p)).says("Ajoutez un second facteur", "droits d’administration", "Application de codes")
		b.get("/login/second-factor/enrol/totp").answers(http.StatusSeeOther) // nothing is drawn by looking
		if n := w.count(`select count(*) from factor`); n != 0 {
			t.Fatalf("%d factors", n)
		}
		form := p.form("/login/second-factor/enrol")
		form.Set("way", "totp")
		p = b.follow(b.post("/login/second-factor/enrol", form)).answers(http.StatusOK).says("Ajoutez l’application de codes")
		seed := strings.ReplaceAll(p.at("seed"), " ", "")
		form = p.form("/login/second-factor/enrol/totp")
		form.Set("code", "000000")
		b.post("/login/second-factor/enrol/totp", form).answers(http.StatusUnprocessableEntity).says("Recopiez le code qui s’affiche maintenant")
		code, err := credential.TOTPCode(secret.NewText(seed), w.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		form.Set("code", code)
		p = b.post("/login/second-factor/enrol/totp", form).answers(http.StatusSeeOther)
		if to := p.header.Get("Location"); to != "/o/tilleuls/members" {
			t.Errorf("to %s", to)
		}
		b.follow(p).answers(http.StatusOK).says("Votre second facteur est ajouté")
		b.get("/login/second-factor/enrol").answers(http.StatusSeeOther)
	})
}

// at is the text of the element with an identifier.
func (p *page) at(id string) string {
	p.w.Helper()
	for n := range p.doc.Descendants() {
		for _, a := range n.Attr {
			if a.Key == "id" && a.Val == id && n.FirstChild != nil {
				return n.FirstChild.Data
			}
		}
	}
	p.w.Fatalf("%s has no element %s\n%s", p.path, id, p.text())
	return ""
}

// follow2 goes where a page answered 303, and gives the answer of what is there.
func (b *browser) follow2(p *page) *page {
	b.w.Helper()
	return b.get(p.header.Get("Location"))
}

// Somebody signed in from a remembered browser proves their factor, and comes back.
func TestProveAgain(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		before := b.cookie("s")
		form := b.get("/account/second-factor?next=%2Forganizations").answers(http.StatusOK).says("Entrez votre code").form("/account/second-factor")
		form.Set("code", "000000")
		b.post("/account/second-factor", form).answers(http.StatusUnprocessableEntity)
		form.Set("code", w.totp())
		p := b.post("/account/second-factor", form).answers(http.StatusSeeOther)
		if to := p.header.Get("Location"); to != "/organizations" || b.cookie("s") == before {
			t.Errorf("to %s with the same token: %v", to, b.cookie("s") == before)
		}
		if n := w.count(`select count(*) from session where second = 'totp' and ended_at is null`); n != 1 {
			t.Errorf("%d sessions with the proof", n)
		}
		w.browser().get("/account/second-factor").answers(http.StatusSeeOther)
	})
}

// MFA-03: the cookie of a half opens nothing on any route of the pages, the REST API and the
// Authorization API: each answers as it does to a stranger. Presented as a session's, it is
// worth nothing either.
func TestHalfOpensNothing(t *testing.T) {
	each(t, func(w *world) {
		half := w.halfway(claire).cookie("h")
		visitors := map[string]func() *browser{
			"as a half":     func() *browser { return w.with("h", half) },
			"as a session":  func() *browser { return w.with("s", half) },
			"as a device":   func() *browser { return w.with("d", half) },
			"as a link":     func() *browser { return w.with("a", half) },
			"as everything": func() *browser { return w.with("s", half, "h", half, "d", half) },
		}
		for _, pattern := range w.everyRoute() {
			method, path, _ := strings.Cut(pattern, " ")
			if strings.HasPrefix(path, "/login/second-factor") || path == "/login/lost" || path == "/login" || path == "/logout" {
				continue
			}
			want := w.answerTo(w.browser(), method, path)
			for how, visitor := range visitors {
				if how == "as a link" && (path == "/activate" || strings.HasPrefix(path, "/password/reset") || path == "/setup") {
					continue
				}
				if got := w.answerTo(visitor(), method, path); got != want {
					t.Errorf("%s %s with the half's token %s: %s, a stranger gets %s", method, path, how, got, want)
				}
			}
		}
		if n := w.count(`select count(*) from session`); n != 0 {
			t.Errorf("%d sessions", n)
		}
		if n := w.count(`select failures from half_session`); n != 0 {
			t.Errorf("%d failures of the half", n)
		}
	})
}

// with is a browser that holds these cookies: name, value, and so on.
func (w *world) with(pairs ...string) *browser {
	w.Helper()
	b := w.browser()
	for i := 0; i < len(pairs); i += 2 {
		b.client.Jar.SetCookies(w.url, []*http.Cookie{{Name: "habilis-" + pairs[i], Value: pairs[i+1], Path: "/"}})
	}
	return b
}

// answerTo is what a door says to a request without a body: its status, where it leads, and
// the code of its problem.
func (w *world) answerTo(b *browser, method, path string) string {
	w.Helper()
	r := b.request(method, path, nil)
	r.Header.Set("Origin", "http://"+w.url.Host)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/access/") {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := b.client.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	var problem struct{ Code string }
	if strings.Contains(res.Header.Get("Content-Type"), "json") {
		_ = json.Unmarshal(body, &problem)
	}
	return res.Status + " " + res.Header.Get("Location") + " " + problem.Code
}

// everyRoute lists the routes of the three doors, their variables filled in with what
// exists: a person who may would find something there.
func (w *world) everyRoute() []string {
	w.Helper()
	fill := strings.NewReplacer("{org}", w.tilleuls.org.ID.String(), "{member}", w.id(w.tilleuls, julie).String())
	list := []string{
		"POST /access/v1/evaluation", "POST /access/v1/evaluations", "POST /access/v1/search/subject",
		"POST /access/v1/search/resource", "POST /access/v1/search/action",
	}
	for _, r := range w.routes() {
		list = append(list, r.method+" "+r.path)
	}
	var doc struct{ Paths map[string]map[string]any }
	res := w.browser().get("/api/openapi.json").answers(http.StatusOK)
	if err := json.Unmarshal([]byte(res.body), &doc); err != nil {
		w.Fatal(err)
	}
	for path, methods := range doc.Paths {
		for method := range methods {
			switch method := strings.ToUpper(method); method {
			case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
				list = append(list, method+" /api/v1"+strings.TrimPrefix(fill.Replace(path), "/api/v1"))
			}
		}
	}
	if len(list) < 200 {
		w.Fatalf("%d routes", len(list))
	}
	return list
}
