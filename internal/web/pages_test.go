package web_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/store"
	"habilis/internal/text"
)

// platform is a browser in which somebody of the platform has just signed in.
func (w *world) platform(role account.PlatformRole) *browser {
	w.Helper()
	const address = "admin@habilis.example"
	w.write(func(ctx context.Context, tx *store.Tx) error {
		email, _ := account.ParseEmail(address)
		a, err := account.Insert(ctx, tx, account.New{
			Email: email, Names: account.Names{GivenName: "Anne", FamilyName: "Fabre"}, Language: text.FR, PlatformRole: role,
		})
		if err != nil {
			return err
		}
		return credential.SetPassword(ctx, tx, a.ID, w.hash)
	})
	return w.as(address)
}

// ORG-7: the platform creates an organisation and invites its first administrator,
// suspends it and opens it again; what must be corrected is said at its field.
func TestPlatform(t *testing.T) {
	each(t, func(w *world) {
		b := w.platform(account.Administrator)
		b.get("/platform/organizations").answers(http.StatusOK).says("Maison de santé des Tilleuls", "CPTS des Deux-Rives")
		form := b.get("/platform/organizations/new").answers(http.StatusOK).form("/platform/organizations/new")
		p := b.post("/platform/organizations/new", form).answers(http.StatusUnprocessableEntity)
		p.says("3 points à corriger", "Nom de l’organisation : remplissez ce champ", "Nom de l’établissement : remplissez ce champ")
		for _, id := range []string{"#name", "#site_name", "#email"} {
			if !p.hasLink(id) {
				t.Errorf("the summary does not lead to %s", id)
			}
		}
		form.Set("name", "Cabinet du Port")
		form.Set("site_name", "Le Port")
		form.Set("email", "lea.martin@port.example")
		made := b.follow(b.post("/platform/organizations/new", form)).says("Organisation créée : Cabinet du Port.", "Active")
		w.app.Link(w.app.Mail("lea.martin@port.example"), "/activate/")
		tilleuls := "/platform/organizations/" + w.tilleuls.org.ID.String()
		member := w.as(claire)
		b.follow(b.post(tilleuls+"/suspend", url.Values{"reason": {"Impayés"}})).says("Organisation suspendue", "Rouvrir l’organisation")
		member.get("/o/tilleuls/members").answers(http.StatusForbidden).saysNot("Delmas")
		b.follow(b.post(tilleuls+"/resume", url.Values{}))
		member.get("/o/tilleuls/members").answers(http.StatusOK)
		b.get("/o/tilleuls/members").answers(http.StatusNotFound) // ORG-7: no more than the job needs
		made.answers(http.StatusOK)
	})
}

// CHG-1: somebody else saved in between: the second is told, sees both, loses nothing.
func TestSiteConflict(t *testing.T) {
	each(t, func(w *world) {
		mine, other := w.as(claire), w.as(bruno)
		path := "/o/tilleuls/sites/" + w.tilleuls.sites[0].ID.String()
		first, second := mine.get(path).form(path), other.get(path).form(path)
		first.Set("name", "Saint-Aubin Nord")
		mine.follow(mine.post(path, first)).says("Établissement enregistré : Saint-Aubin Nord.")
		second.Set("city", "Ailleurs")
		p := other.post(path, second).answers(http.StatusPreconditionFailed).says("Saint-Aubin Nord", "la vôtre est gardée")
		if p.form(path).Get("city") != "Ailleurs" {
			t.Error("what was typed is lost")
		}
		other.follow(other.post(path, p.form(path)))
		empty := other.get(path).form(path)
		empty.Set("name", "")
		other.post(path, empty).answers(http.StatusUnprocessableEntity).says("Nom de l’établissement : remplissez ce champ")
	})
}
