package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"habilis/internal/role"
)

// link invites an address to the first organisation, through the pages, as Claire
// does, and gives the link of the letter.
func (w *world) link(address string) string {
	w.Helper()
	b := w.as(claire)
	_, f := w.begin(b, address)
	f["role"], f["function"] = []string{w.tilleuls.roles[role.Practitioner].String()}, []string{"nurse"}
	review := b.follow(b.post("/o/tilleuls/invitations/new", f))
	b.follow(b.post("/o/tilleuls/invitations/new/review", review.form("/review"))).says("1 invitation envoyée")
	return w.app.Link(w.app.Mail(address), "/activate/")
}

// INV-12: the token leaves the address at once, no referrer is sent, and no page
// shows it. INV-09, MEM-13: opening, however often, spends nothing.
func TestActivationLink(t *testing.T) {
	each(t, func(w *world) {
		link := w.link("ines@tilleuls.example")
		token := strings.TrimPrefix(link, "/activate/")
		for range 20 {
			scanner := w.browser()
			p := scanner.get(link).leads("/activate")
			if p.header.Get("Referrer-Policy") != "no-referrer" || strings.Contains(p.header.Get("Location"), token) {
				t.Errorf("%v", p.header)
			}
			page := scanner.follow(p).answers(http.StatusOK).says("Claire Morvan vous invite", "Maison de santé des Tilleuls", "Soins", "Saint-Aubin")
			if page.header.Get("Referrer-Policy") != "no-referrer" || strings.Contains(page.body, token) {
				t.Error("the page tells the token")
			}
			req := scanner.request(http.MethodHead, link, nil)
			scanner.do(req)
		}
		b := w.browser()
		form := b.follow(b.get(link)).form("/activate")
		form.Set("new_password", "court")
		b.post("/activate", form).answers(http.StatusUnprocessableEntity).says("3 points à corriger", "Prénom : remplissez ce champ", "Nom : remplissez ce champ")
		form.Set("given_name", "Inès")
		form.Set("family_name", "Roussel")
		p := b.post("/activate", form).answers(http.StatusUnprocessableEntity).says("1 point à corriger")
		if got := p.form("/activate"); got.Get("given_name") != "Inès" || got.Get("new_password") != "" {
			t.Errorf("what was typed: %v", got)
		}
		form.Set("new_password", good)
		b.follow(b.post("/activate", form).leads("/o/tilleuls/home")).says("Votre compte est actif", "Saint-Aubin")
		again := w.browser()
		again.follow(again.get(link)).answers(http.StatusGone).says("Ce n’est plus possible") // INV-01
	})
}

// INV-02: whoever is signed in with another address sees whom the invitation is for,
// masked, and spends nothing.
func TestActivationAsSomebodyElse(t *testing.T) {
	each(t, func(w *world) {
		link := w.link("ines.roussel@tilleuls.example")
		b := w.as(olivia)
		b.follow(b.get(link)).answers(http.StatusOK).says("est destinée à l’adresse", "Olivia Garnier").saysNot("ines.roussel")
		form := url.Values{"given_name": {"Inès"}, "family_name": {"Roussel"}, "new_password": {good}}
		b.post("/activate", form).answers(http.StatusConflict)
		b.post("/activate/join", url.Values{}).answers(http.StatusConflict)
		b.get("/o/tilleuls/home").answers(http.StatusNotFound)
		fresh := w.browser()
		fresh.follow(fresh.get(link)).answers(http.StatusOK).says("Activer mon compte")
	})
}

// INV-03: another token, a truncated one, another organisation's, extra fields: one
// answer, and organisation and roles come from what is stored.
func TestActivationForged(t *testing.T) {
	each(t, func(w *world) {
		link := w.link("ines@tilleuls.example")
		for _, forged := range []string{link[:len(link)-1], link + "A", "/activate/x", "/activate/inv_" + strings.Repeat("A", 43), strings.ToUpper(link)} {
			b := w.browser()
			if p := b.get(forged); p.status == http.StatusSeeOther {
				b.follow(p).answers(http.StatusGone)
			} else {
				p.answers(http.StatusNotFound)
			}
		}
		b := w.browser()
		b.get("/activate").answers(http.StatusGone)
		form := b.follow(b.get(link)).form("/activate")
		form.Set("given_name", "Inès")
		form.Set("family_name", "Roussel")
		form.Set("new_password", good)
		extra := map[string]string{
			"org": w.rives.org.ID.String(), "role": w.tilleuls.roles[role.Administrator].String(), "email": claire, "is_admin": "1", "site_id": w.tilleuls.sites[1].ID.String(),
			"function": "physician",
		}
		for name, value := range extra {
			kept, had := form[name]
			form.Set(name, value)
			b.post("/activate", form).answers(http.StatusUnprocessableEntity).says("sans rien y ajouter") // web.extra_fields
			form.Del(name)
			if had {
				form[name] = kept
			}
		}
		b.follow(b.get(link)).answers(http.StatusOK).says("Activer mon compte") // nothing was spent
		b.follow(b.post("/activate", form).leads("/o/tilleuls/home"))
		b.get("/o/tilleuls/members").answers(http.StatusForbidden)
		b.get("/o/deux-rives/home").answers(http.StatusNotFound)
	})
}
