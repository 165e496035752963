package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
)

// secret is what the page of a new token shows, once.
func (p *page) secret() string {
	p.w.Helper()
	for _, n := range p.all("input") {
		if attr(n, "name") == "secret" {
			return attr(n, "value")
		}
	}
	p.w.Fatalf("%s (%d) shows no secret:\n%s", p.path, p.status, p.text())
	return ""
}

// rules.md 1, RAC-08: the secret of a token stands in the answer that made it and nowhere
// else; the same form sent again makes no other token (token.shown_once).
func TestTokenIsShownOnce(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		form := b.get("/o/tilleuls/tokens/new").answers(http.StatusOK).says("ce jeton lit, change et retire aussi ceux que d’autres ont enregistrés").form("/tokens/new")
		b.post("/o/tilleuls/tokens/new", form).answers(http.StatusUnprocessableEntity).says("Cochez au moins un droit", "Nom du jeton : remplissez ce champ") // web.token_rights
		form.Set("name", "Agenda")
		form.Set("days", "400")
		form["permissions"] = []string{string(access.MembersRead)}
		b.post("/o/tilleuls/tokens/new", form).answers(http.StatusUnprocessableEntity).says("365 jours au plus")
		form.Set("days", "30")
		made := b.post("/o/tilleuls/tokens/new", form).answers(http.StatusOK).says("Il ne sera plus jamais montré")
		secret := made.secret()
		if !strings.HasPrefix(secret, "hat_") || made.header.Get("Cache-Control") != "no-store" || len(made.header.Values("Set-Cookie")) > 0 {
			t.Errorf("%q %v", secret, made.header)
		}
		again := b.follow(b.post("/o/tilleuls/tokens/new", form).leads("/o/tilleuls/tokens")).says("Créez un nouveau jeton si vous avez perdu celui-ci")
		if strings.Contains(again.body, secret) || w.count(`select count(*) from token where kind = 'organization'`) != 1 {
			t.Error("sent twice")
		}
		list := b.get("/o/tilleuls/tokens").says("Agenda", "Voir les membres", "Claire Morvan", "Jamais utilisé", "Actif")
		if strings.Contains(list.body, secret) {
			t.Error("the list shows it")
		}
	})
}

// AUZ-04, STP-01: a token has no right that its maker lacks, and is neither made nor
// revoked without a fresh proof.
func TestTokenWithinItsMaker(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		form := b.get("/o/tilleuls/tokens/new").form("/tokens/new")
		form.Set("name", "Agenda")
		form["permissions"] = []string{"members.read", "platform.administer"}
		b.post("/o/tilleuls/tokens/new", form).answers(http.StatusUnprocessableEntity)
		form["permissions"] = []string{string(access.InvoicesWrite)}
		b.post("/o/tilleuls/tokens/new", form).answers(http.StatusForbidden).says("Retirez les droits que vous n’avez pas")
		form["permissions"] = []string{string(access.MembersRead)}
		w.app.Clock.Add(6 * time.Minute)
		b.post("/o/tilleuls/tokens/new", form).answers(http.StatusUnprocessableEntity).says("Votre mot de passe")
		if n := w.count(`select count(*) from token where kind = 'organization'`); n != 0 {
			t.Fatalf("%d tokens", n)
		}
		form.Set("password", good)
		b.post("/o/tilleuls/tokens/new", form).answers(http.StatusOK).secret()
		w.app.Clock.Add(6 * time.Minute)
		revoke := ""
		for _, href := range b.get("/o/tilleuls/tokens").links() {
			if strings.HasSuffix(href, "/revoke") {
				revoke = href
			}
		}
		b.get(revoke).answers(http.StatusOK).says("Révoquer le jeton Agenda", "Votre mot de passe")
		b.post(revoke, url.Values{}).answers(http.StatusUnprocessableEntity)
		b.post(revoke, url.Values{"password": {"non"}}).answers(http.StatusUnprocessableEntity)
		b.follow(b.post(revoke, url.Values{"password": {good}}).leads("/o/tilleuls/tokens")).says("Le jeton Agenda est révoqué", "Révoqué")
		b.post(revoke, url.Values{"password": {good}}).answers(http.StatusNotFound)
	})
}

// AUZ-05: the tokens of an organisation, of a person and of the platform are on three
// lists; nobody reaches those of another owner by their address.
func TestTokensOfOthers(t *testing.T) {
	each(t, func(w *world) {
		mine := w.as(claire)
		form := mine.get("/account/tokens/new").answers(http.StatusOK).form("/tokens/new")
		form.Set("name", "À moi")
		mine.post("/account/tokens/new", form).answers(http.StatusOK).secret()
		revoke := ""
		for _, href := range mine.get("/account/tokens").says("À moi").links() {
			if strings.HasSuffix(href, "/revoke") {
				revoke = href
			}
		}
		mine.get("/o/tilleuls/tokens").saysNot("À moi")
		mine.get(strings.Replace(revoke, "/account", "/o/tilleuls", 1)).answers(http.StatusNotFound)
		other := w.as(olivia)
		other.get("/account/tokens").says("Aucun jeton")
		other.get(revoke).answers(http.StatusNotFound)
		other.post(revoke, url.Values{}).answers(http.StatusNotFound)
		for _, path := range []string{"/platform/tokens", "/platform/tokens/new"} {
			mine.get(path).answers(http.StatusNotFound)
		}
		w.as(julie).get("/o/tilleuls/tokens").answers(http.StatusForbidden)
		w.platform(account.Administrator).get("/platform/tokens").answers(http.StatusOK).says("Aucun jeton")
	})
}
