package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"habilis/internal/role"
	"habilis/internal/web"
)

// route is one page with an address that can be asked for.
type route struct{ method, path string }

// routes are the pages of the first organisation, with things of it that exist.
func (w *world) routes() (list []route) {
	sample := strings.NewReplacer(
		"{org}", "tilleuls", "{merge}", "acm_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10", "{webhook}", "whk_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10", "{$}", "", "{import}", "imp_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10", "{message}", "mes_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10",
		"{report}", "access", "{review}", "rev_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10", "{export}", "dex_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10", "{dossier}", "dos_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10", "{document}", "doc_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10",
		"{member}", w.id(w.tilleuls, julie).String(), "{site}", w.tilleuls.sites[0].ID.String(),
		"{role}", w.tilleuls.roles[role.Secretary].String(),
		"{id}", w.tilleuls.org.ID.String(), "{delegation}", "dlg_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10", "{group}", "grp_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10", "{factor}", "fct_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10", "{set}", "cst_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10", "{resource}", "agd_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10", "{draft}", "drf_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10", "{event}", "aud_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10", "{invitation}", "inv_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10", "{token}", "inv_"+strings.Repeat("A", 43),
	)
	for _, pattern := range (&web.Server{}).Patterns() {
		method, path, _ := strings.Cut(pattern, " ")
		list = append(list, route{method, sample.Replace(path)})
	}
	return list
}

func (b *browser) visit(r route) *page {
	b.w.Helper()
	if r.method == http.MethodPost {
		return b.post(r.path, url.Values{})
	}
	return b.get(r.path)
}

// Every route: a stranger is sent to sign in, and comes back; what is open answers;
// nothing breaks, whoever asks.
func TestRoutesForStrangers(t *testing.T) {
	each(t, func(w *world) {
		for _, r := range w.routes() {
			p := w.browser().visit(r)
			guarded := strings.HasPrefix(r.path, "/o/") || strings.HasPrefix(r.path, "/platform") || r.path == "/account" || strings.HasPrefix(r.path, "/account/") || r.path == "/organizations"
			switch {
			case guarded && r.method == http.MethodGet:
				p.leads("/login?next=" + url.QueryEscape(r.path))
			case guarded:
				p.leads("/login")
			case p.status >= http.StatusInternalServerError:
				t.Errorf("%s %s answers %d", r.method, r.path, p.status)
			}
		}
	})
}

// AUZ-01, ENU-03: the pages of an organisation and of the platform do not exist for
// whoever does not belong there.
func TestRoutesForOutsiders(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(olivia)
		for _, r := range w.routes() {
			if strings.HasPrefix(r.path, "/o/tilleuls") || strings.HasPrefix(r.path, "/platform/") {
				b.visit(r).answers(http.StatusNotFound).saysNot("Tilleuls", "Delmas")
			}
		}
	})
}

// A member without rights reads no list and does nothing; whoever administers never
// meets a page that breaks.
func TestRoutesForMembers(t *testing.T) {
	each(t, func(w *world) {
		powerless := w.as(yanis)
		for _, r := range w.routes() {
			p := powerless.visit(r)
			admin := strings.Contains(r.path, "/members") || strings.Contains(r.path, "/invitations") || strings.Contains(r.path, "/settings")
			if admin && strings.HasPrefix(r.path, "/o/") && p.status < http.StatusBadRequest && p.header.Get("Location") != "/o/tilleuls/members" {
				t.Errorf("%s %s answers %d to a member without rights", r.method, r.path, p.status)
			}
			if p.status >= http.StatusInternalServerError {
				t.Errorf("%s %s answers %d to a member", r.method, r.path, p.status)
			}
			if r.method == http.MethodPost && !strings.HasPrefix(r.path, "/o/") && powerless.get("/organizations").status != http.StatusOK {
				powerless = w.as(yanis) // it was one that signs out, or locks
			}
		}
		for _, r := range w.routes() {
			if p := w.as(claire).visit(r); p.status >= http.StatusInternalServerError {
				t.Errorf("%s %s answers %d to an administrator:\n%s", r.method, r.path, p.status, p.text())
			}
		}
	})
}

// OP-07: after signing in, one goes to a page of ours or to the organisations.
func TestNext(t *testing.T) {
	s := &web.Server{BaseURL: &url.URL{Scheme: "https", Host: "habilis.example.fr"}}
	s.Handler()
	for path, ours := range map[string]bool{
		"/o/tilleuls/members": true, "/o/tilleuls/members?q=a&page=2": true, "/account": true, "/organizations?stay=1": true,
		"": false, "https://evil.test/": false, "//evil.test": false, "/\\evil.test": false, "/%5Cevil.test": false, "/%09/evil.test": false,
		"/\t/evil.test": false, "javascript:alert(1)": false, "/login/../../evil.test": false, "/o//evil.test": false, "/nowhere": false,
		"/@evil.test": false, "\\\\evil.test": false, "/.evil.test": false, "http:/evil.test": false, "/o/tilleuls/../x": false, "/static/app.css": false,
		"/\r\nLocation: https://evil.test": false, "/logout": false, "https:evil.test": false, "/" + strings.Repeat("a", 2000): false,
	} {
		if got := s.OurPage(path); got != ours {
			t.Errorf("next=%q: %v, want %v", path, got, ours)
		}
	}
	each(t, func(w *world) {
		for next, want := range map[string]string{"/o/tilleuls/members?q=a": "/o/tilleuls/members?q=a", "//evil.test/x": "/organizations", "https://evil.test": "/organizations"} {
			p := w.browser().post("/login", url.Values{"email": {julie}, "password": {good}, "next": {next}})
			if got := p.header.Get("Location"); p.status != http.StatusSeeOther || got != want {
				t.Errorf("next=%q leads to %d %q, want %q", next, p.status, got, want)
			}
			asked := "/login/second-factor" // of whoever owes another proof first, and the way goes on from there
			if want == next {
				asked += "?next=" + url.QueryEscape(next)
			}
			if got := w.browser().post("/login", url.Values{"email": {claire}, "password": {good}, "next": {next}}).header.Get("Location"); got != asked {
				t.Errorf("next=%q leads to %q, want %q", next, got, asked)
			}
		}
	})
}

// WEB-01: a form that another site sends with our cookie does nothing, nor one that
// does not say where it comes from (web.origin).
func TestForeignForms(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, julie).String() + "/deactivate"
		for _, headers := range []map[string]string{
			{"Origin": "https://evil.test", "Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.test"}, {"Origin": "null"},
			{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {},
		} {
			for _, r := range w.routes() {
				if r.method != http.MethodPost || !strings.HasPrefix(r.path, "/o/") && !strings.HasPrefix(r.path, "/account") {
					continue
				}
				req := b.request(http.MethodPost, r.path, url.Values{"version": {"1"}, "scope": {"organization"}, "name": {"x"}})
				for name, value := range headers {
					req.Header.Set(name, value)
				}
				if p := b.do(req); p.status != http.StatusForbidden {
					t.Errorf("%s with %v answers %d", r.path, headers, p.status)
				}
			}
		}
		b.get(strings.TrimSuffix(sheet, "/deactivate")).says("Actif")
	})
}

// rules.md 14: a form of too many fields (web.too_many_fields) is refused, on every
// page; the list of members may have one box a member. What cannot be read is refused
// (web.form).
func TestTooManyFields(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		form := url.Values{"act": {"deactivate"}}
		for range web.MaxFormFields {
			form.Add("member", w.id(w.tilleuls, julie).String())
		}
		for _, path := range []string{"/account", "/o/tilleuls/settings/details", "/language", "/o/tilleuls/invitations/new/review"} {
			b.post(path, form).answers(http.StatusRequestEntityTooLarge).says("C’est trop volumineux", "100")
		}
		b.post("/o/tilleuls/members/bulk", form).answers(http.StatusOK)
		b.post("/language", url.Values{"lang": {"xx"}}).answers(http.StatusBadRequest).says("Rechargez la page, puis recommencez")
		b.post("/account", url.Values{"given_name": {strings.Repeat("a", web.MaxForm)}}).answers(http.StatusRequestEntityTooLarge)
	})
}

// WEB-05, WEB-06, rules.md 8: every page carries the policy, with a nonce of its own
// that its scripts carry too; no page is kept; no inline script or style.
func TestHeaders(t *testing.T) {
	each(t, func(w *world) {
		seen := map[string]bool{}
		for _, b := range []*browser{w.browser(), w.as(claire)} {
			for _, r := range w.routes() {
				if r.method != http.MethodGet {
					continue
				}
				p := b.get(r.path)
				csp := p.header.Get("Content-Security-Policy")
				_, rest, _ := strings.Cut(csp, "script-src 'nonce-")
				nonce, _, _ := strings.Cut(rest, "'")
				for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "object-src 'none'"} {
					if !strings.Contains(csp, want) {
						t.Errorf("%s: no %s in %q", r.path, want, csp)
					}
				}
				if strings.Contains(csp, "unsafe") || len(nonce) < 20 || seen[nonce] {
					t.Errorf("%s: policy %q", r.path, csp)
				}
				seen[nonce] = true
				for name, want := range map[string]string{
					"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin",
					"Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "DENY",
				} {
					if got := p.header.Get(name); got != want {
						t.Errorf("%s: %s %q", r.path, name, got)
					}
				}
				p.clean(nonce)
			}
		}
	})
}

// clean fails the test when the page holds a script without its nonce, a style or a
// handler of its own, or anything from elsewhere.
func (p *page) clean(nonce string) {
	p.w.Helper()
	for n := range p.doc.Descendants() {
		for _, a := range n.Attr {
			local := strings.HasPrefix(a.Val, "/") || !strings.Contains(a.Val, ":") || strings.HasPrefix(a.Val, "mailto:")
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || slices.Contains([]string{"href", "src", "action"}, a.Key) && !local {
				p.w.Errorf("%s: <%s %s=%q>", p.path, n.Data, a.Key, a.Val)
			}
		}
		if n.Data == "style" || n.Data == "script" && (attr(n, "nonce") != nonce || words(n) != "") {
			p.w.Errorf("%s holds <%s>", p.path, n.Data)
		}
	}
}

// Errors speak the reader's language: the account's, else the browser's (web.no_page).
func TestErrorLanguages(t *testing.T) {
	each(t, func(w *world) {
		for lang, want := range map[string]string{"fr": "Cette page n’existe pas ou plus", "en": "This page does not exist", "de": "Cette page n’existe pas ou plus"} {
			b := w.browser()
			b.lang = lang
			p := b.get("/nowhere").answers(http.StatusNotFound).says(want)
			if got := attr(p.all("html")[0], "lang"); got != "en" && lang == "en" || got != "fr" && lang != "en" {
				t.Errorf("the page says it is in %q to a reader of %q", got, lang)
			}
		}
		b := w.as(yanis)
		b.lang = "en"
		b.get("/o/tilleuls/settings").answers(http.StatusForbidden).says("Vous n’avez pas ce droit")
		b.follow(b.post("/language", url.Values{"lang": {"en"}, "next": {"/account"}}))
		b.get("/o/tilleuls/settings").answers(http.StatusForbidden).says("You do not have this right")
		b.get("/o/tilleuls/home").says("Saint-Aubin").saysNot("établissement")
	})
}
