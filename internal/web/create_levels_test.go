package web_test

import (
	"net/http"
	"testing"

	"habilis/internal/grant"
	"habilis/internal/member"
	"habilis/internal/resource"
)

// RGT-2, RGT-4, RGT-5: the steps about levels copy from a colleague, set several lines or
// one, keep what was chosen, and give it with the creation; what cannot be given is not
// shown, whatever the form says.
func TestCreateLevels(t *testing.T) {
	eachCreation(t, func(w *world, _ *register) {
		site := w.tilleuls.sites[0].ID
		echo := w.thing(w.tilleuls, resource.Agenda, "Échographie", "Salle", site, "")
		room := w.thing(w.tilleuls, resource.Agenda, "Salle de soins", "Salle", site, "")
		desk := w.thing(w.tilleuls, resource.MessagingProfile, "Accueil", "Service", site, "")
		_, err := w.app.App.Grants.Apply(w.Context(), w.actor(bruno), w.tilleuls.org.ID, grant.Wanted{Changes: []grant.Change{
			{Member: w.id(w.tilleuls, julie), Resource: echo, Level: grant.Manage},
		}})
		if err != nil {
			t.Fatal(err)
		}
		c := w.create(w.as(claire), member.NonPractitioner)
		c.leads(c.send("profile", "next", c.secretary()), "rights")
		c.leads(c.send("rights", "next", map[string]string{"admin": "yes"}), "contact")
		c.leads(c.send("contact", "next", map[string]string{"when": "later"}), "agendas")

		c.send("agendas", "ticked", map[string]string{"level": "L"}).answers(http.StatusUnprocessableEntity).says("Cochez au moins une ligne")  // create.nothing_ticked
		c.send("agendas", "alike", map[string]string{"alike": ""}).answers(http.StatusUnprocessableEntity).says("Choisissez une personne dont") // create.no_colleague
		c.send("agendas", "alike", map[string]string{"alike": w.id(w.rives, olivia).String()}).answers(http.StatusUnprocessableEntity).says("Choisissez une personne dont")
		c.leads(c.send("agendas", "alike", map[string]string{"alike": w.id(w.tilleuls, julie).String()}), "agendas")
		if f := c.get(c.at + "/agendas").says("repris sur 1 agenda").form("/agendas"); f.Get("l."+echo.String()) != "G" || f.Get("l."+room.String()) != "A" {
			t.Errorf("%v", f)
		}
		c.leads(c.send("agendas", "ticked", map[string]string{"level": "D", "r": room.String()}), "agendas")
		c.leads(c.send("agendas", "next", nil), "messaging")
		c.leads(c.send("messaging", "every", map[string]string{"level": "L"}), "messaging")
		c.leads(c.send("messaging", "next", map[string]string{"l.msg_019aa0f5-2d71-7c40-8b3f-6a1e9d04c752": "G"}), "settings")
		c.leads(c.send("settings", "next", nil), "check-answers")
		check := c.get(c.at+"/check-answers").says("GestionÉchographie", "DisposSalle de soins", "LectureAccueil", "verra les noms des patients sur 1 agenda")
		c.follow(c.post(c.at+"/check-answers", check.form("/check-answers"))).says("Compte créé : Anne Le Goff")
		var n int
		w.one(`select count(*) from access_grant g join member_state s on s.org_id = g.org_id and s.member_id = g.member_id and s.known_until is null
			where g.org_id = $1 and s.given_name = 'Anne' and g.known_until is null`, w.tilleuls.org.ID, &n)
		if n != 3 {
			t.Errorf("%d levels", n)
		}

		// What was closed since the step was filled in is told at that step.
		c = w.create(w.as(claire), member.NonPractitioner)
		c.leads(c.send("profile", "next", c.secretary()), "rights")
		c.leads(c.send("rights", "next", map[string]string{"admin": "yes"}), "contact")
		c.leads(c.send("contact", "next", map[string]string{"when": "later"}), "agendas")
		c.leads(c.send("agendas", "next", nil), "messaging")
		c.leads(c.send("messaging", "next", map[string]string{"l." + desk.String(): "G"}), "settings")
		c.leads(c.send("settings", "next", nil), "check-answers")
		if _, err := w.app.App.Resources.Close(w.Context(), w.actor(bruno), w.tilleuls.org.ID, desk, resource.AnyVersion); err != nil {
			t.Fatal(err)
		}
		c.get(c.at+"/check-answers").answers(http.StatusUnprocessableEntity).says("Messagerie", "Accueil")
	})
}
