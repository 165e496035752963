package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"habilis/internal/web/ui"
)

// INV-02: an invitation at the address of an account that gave way says what to do to its person, signed in with the one
// that was kept; it is spent by nobody, and waits: the merging undone, the account it is for joins.
func TestInvitationOfAnAccountThatGaveWay(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(bruno)
		b.joins()
		link := w.link(olivia)
		p := b.follow(b.get(link)).answers(http.StatusOK)
		p.says("celle d’un compte que vous avez réuni à celui-ci", "Comptes réunis")
		p.says("demandez à Claire Morvan de vous inviter à l’adresse " + bruno)
		p.saysNot(olivia, "Se déconnecter pour l’utiliser", "Rejoindre l’organisation")
		b.post(ui.PathLanguage, url.Values{"lang": {"en"}})
		p = b.get("/activate").answers(http.StatusOK)
		p.says("an account you joined to this one: it cannot be accepted", "ask Claire Morvan to invite you at the address "+bruno)
		b.post("/activate/join", url.Values{}).answers(http.StatusConflict)
		b.post("/activate", url.Values{"given_name": {"Olivia"}, "family_name": {"Garnier"}, "new_password": {good}}).answers(http.StatusConflict)

		other := w.as(claire)
		p = other.follow(other.get(link)).answers(http.StatusOK)
		p.says("est destinée à l’adresse", "Vous êtes connecté avec un autre compte").saysNot("réuni")
		stranger := w.browser()
		stranger.follow(stranger.get(link)).answers(http.StatusOK).saysNot("réuni", bruno)

		w.browser().post("/login", url.Values{"email": {olivia}, "password": {good}}).answers(http.StatusUnauthorized)
		undo := b.get(merges).linkOf("Undo… " + olivia)
		b.post(undo, b.get(undo).answers(http.StatusOK).form("/undo")).leads(merges)
		b.get("/activate").answers(http.StatusOK).says("You are signed in with another account").saysNot("joined to this one")
		again := w.as(olivia)
		again.follow(again.get(link)).answers(http.StatusOK).says("Rejoindre l’organisation")
		again.post("/activate/join", url.Values{}).leads("/o/tilleuls/home")
	})
}

// An account that was merged, taken back and merged again stands twice in the list, and each card has its own title.
func TestAnAccountThatGaveWayTwice(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(bruno)
		undo := b.joins().linkOf("Annuler… " + olivia)
		b.post(undo, b.get(undo).form("/undo")).leads(merges)
		w.clock.Add(time.Minute) // another code
		b.joins().says(olivia, olivia+" (2)").linkOf("Annuler… " + olivia)
	})
}
