package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/credential"
	"habilis/internal/passkeytest"
	"habilis/internal/web/ui"
)

const namedOrigin = "http://localhost:8080"

// withPasskeys makes the server one that is opened by its name: tests open it by an address in
// numbers, for which there are no passkeys.
func (w *world) withPasskeys() *passkeytest.Device {
	w.Helper()
	u, err := url.Parse(namedOrigin)
	if err != nil {
		w.Fatal(err)
	}
	*w.app.App.Logins.Passkeys = *credential.NewPasskeys(u)
	return passkeytest.New(namedOrigin)
}

// options asks for what a page's script asks the device.
func (b *browser) options(path string) []byte {
	b.w.Helper()
	p := b.post(path, url.Values{}).answers(http.StatusOK)
	if got := p.header.Get("Content-Type"); got != "application/json" || p.header.Get("Cache-Control") != "no-store" {
		b.w.Fatalf("%s: %s, %s", path, got, p.header.Get("Cache-Control"))
	}
	return []byte(p.body)
}

// SEC-2, MFA-09, ENU-01: through the pages, a passkey is added, signs in alone in the
// browser that asked, and in no other; it proves its person again for a sensitive act.
func TestPasskeyThroughPages(t *testing.T) {
	each(t, func(w *world) {
		d, b := w.withPasskeys(), w.as(julie)
		b.get(ui.PathPasskeys).answers(http.StatusOK).says("Créer la clé d’accès", "Vos autres connexions seront fermées")
		made := d.Create(t, b.options(ui.PathPasskeyNew))
		b.follow(b.post(ui.PathPasskeys, url.Values{"name": {"Tablette"}, ui.FieldPasskeyMade: {string(made)}})).says("Tablette")

		phone, other := w.browser(), w.browser()
		answer := string(d.Get(t, phone.options(ui.PathPasskeySignIn)))
		other.options(ui.PathPasskeySignIn)
		form := url.Values{ui.FieldPasskey: {answer}, "next": {"/account/sessions"}}
		other.post("/login/passkey", form).answers(http.StatusUnauthorized).says("Cette clé d’accès n’ouvre aucun compte ici")
		phone.post("/login/passkey", form).answers(http.StatusSeeOther).leads("/account/sessions")
		phone.get("/account/sessions").answers(http.StatusOK).says("Ouverte par")
		phone.post("/login/passkey", form).answers(http.StatusUnauthorized)

		w.clock.Add(access.StepUpAge)
		phone.get(ui.PathPasskeys).says("Votre mot de passe", "Confirmer avec une clé d’accès")
		lazy := *d
		lazy.NoVerify = true
		bad := string(lazy.Get(t, phone.options(ui.PathPasskeyStepUp)))
		phone.post(ui.PathPasskeys, url.Values{ui.FieldPasskey: {bad}}).answers(http.StatusUnprocessableEntity).says("celle-ci n’a pas été reconnue")
		before := phone.cookie("s")
		right := string(d.Get(t, phone.options(ui.PathPasskeyStepUp)))
		phone.post(ui.PathPasskeys, url.Values{ui.FieldPasskey: {right}}).answers(http.StatusSeeOther)
		if after := phone.cookie("s"); after == "" || after == before {
			t.Error("the session keeps its value (SES-03)")
		}
		phone.get(ui.PathPasskeys).says("Créer la clé d’accès")
	})
}

// rules.md 10: a server opened by an address in numbers offers none, and says what to do.
func TestNoPasskeysByNumber(t *testing.T) {
	each(t, func(w *world) {
		if p := w.browser().get("/login"); strings.Contains(p.body, "clé d’accès") {
			t.Error("the sign-in page offers a passkey")
		}
		b := w.as(julie)
		b.get(ui.PathPasskeys).answers(http.StatusOK).says("Ouvrez-le par son nom", "Ajouter une application de codes")
		for _, path := range []string{ui.PathPasskeySignIn, ui.PathPasskeyNew} {
			b.post(path, url.Values{}).answers(http.StatusConflict)
		}
	})
}
