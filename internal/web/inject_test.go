package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"habilis/internal/store"
)

// payloads end an element, an attribute, a script or an address, where a page
// forgets to escape.
var payloads = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</title><script>alert(1)</script>`,
	`javascript:alert(1)`, `{{constructor.constructor('alert(1)')()}}`, `⟪%s%n⟫`,
}

// INJ-01: whatever a name holds, every page that shows it shows it as text. The rules
// of names refuse most of it: here it is put in the database behind their back.
func TestStoredScripts(t *testing.T) {
	each(t, func(w *world) {
		w.link("ines@tilleuls.example")
		b := w.as(claire)
		julie := "/o/tilleuls/members/" + w.id(w.tilleuls, julie).String()
		pages := []string{
			"/o/tilleuls/members", "/o/tilleuls/members?q=" + url.QueryEscape("a"), julie, julie + "/deactivate", julie + "/administration",
			julie + "/departure", "/o/tilleuls/members/gone",
			"/o/tilleuls/invitations", "/o/tilleuls/invitations/new", "/o/tilleuls/home", "/o/tilleuls/sites", "/o/tilleuls/settings",
			"/o/tilleuls/leave", "/organizations?stay=1", "/account", "/site-map", "/nowhere",
		}
		for _, x := range payloads {
			w.poison(x)
			for _, path := range pages {
				b.get(path).harmless(x)
			}
			bulk := b.post("/o/tilleuls/members/bulk", url.Values{"act": {"deactivate"}, "member": {strings.TrimPrefix(julie, "/o/tilleuls/members/")}})
			bulk.answers(http.StatusOK).harmless(x)
			if !strings.Contains(bulk.text(), x) {
				t.Errorf("the review does not show %q as it is:\n%s", x, bulk.text())
			}
			if got := b.get(julie); !strings.Contains(got.text(), x) {
				t.Errorf("the sheet does not show %q as it is:\n%s", x, got.text())
			}
		}
	})
}

// poison puts x into every text of the organisation that people type.
func (w *world) poison(x string) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		for _, statement := range []string{
			`update member_state set given_name = $1, family_name = $1, title = $1, profession = $1, specialty = $1, mssante = $1`,
			`update org_state set name = $1`, `update site_state set name = $1, city = $1`, `update account_state set given_name = $1, family_name = $1`,
			`update invitation set invited_by_name = $1`,
		} {
			if _, err := tx.Exec(ctx, statement, x); err != nil {
				return err
			}
		}
		return nil
	})
}

// harmless fails the test when the page holds more elements, attributes or addresses
// than ours because of x.
func (p *page) harmless(x string) *page {
	p.w.Helper()
	if p.status >= http.StatusInternalServerError {
		p.w.Errorf("%s answers %d with %q", p.path, p.status, x)
	}
	csp := p.header.Get("Content-Security-Policy")
	_, rest, _ := strings.Cut(csp, "script-src 'nonce-")
	nonce, _, _ := strings.Cut(rest, "'")
	p.clean(nonce)
	if len(p.all("img")) > 0 && attr(p.all("img")[0], "src") == "x" {
		p.w.Errorf("%s holds the picture of %q", p.path, x)
	}
	return p
}

// INJ-01, INJ-04, INJ-07: what is typed into searches and forms comes back as text.
func TestReflectedScripts(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		for _, x := range append(payloads, `' or 1=1 --`, `%_%_%_%`, strings.Repeat("%", 150)) {
			q := url.QueryEscape(x)
			for _, path := range []string{
				"/o/tilleuls/members?q=" + q + "&keyword=" + q, "/o/tilleuls/members?role=" + q + "&permission=" + q + "&site=" + q + "&function=" + q + "&status=" + q,
				"/o/tilleuls/members?sort=" + q + "&dir=" + q + "&page=" + q + "&size=" + q, "/o/tilleuls/invitations?q=" + q + "&page=" + q,
				"/o/tilleuls/home?q=" + q, "/organizations?q=" + q, "/login?next=" + q + "&email=" + q,
			} {
				p := b.get(path).harmless(x)
				readable := p.status < http.StatusBadRequest || p.status == http.StatusUnprocessableEntity
				if made := strings.Contains(path, "role="); !readable && (!made || p.status != http.StatusBadRequest) {
					t.Errorf("%s answers %d", path, p.status)
				}
			}
			_, f := w.begin(b, x)
			f.Set("pasted", x)
			p := b.post("/o/tilleuls/invitations/new", f)
			if p.status == http.StatusSeeOther {
				p = b.follow(p)
			}
			p.harmless(x)
			if p.status != http.StatusOK && p.status != http.StatusUnprocessableEntity {
				t.Errorf("the invitation of %q answers %d", x, p.status)
			}
		}
	})
}
