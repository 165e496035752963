package web_test

import (
	"net/http"
	"slices"
	"testing"

	"habilis/internal/grant"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/setting"
)

// MEM-1, MEM-6, AUZ-10: the last block is optional; what is chosen there survives a reload and
// «Précédent», stands on the check page, and holds once the member is made. Drafting is but
// proposed: the person confirms.
func TestCreateSettings(t *testing.T) {
	eachCreation(t, func(w *world, _ *register) {
		c := w.create(w.as(claire), member.Unregulated)
		profile := c.secretary()
		profile["function"], profile["specialty"] = "other", "Sophrologie"
		c.leads(c.send("profile", "next", profile), "rights")
		c.leads(c.send("rights", "next", map[string]string{"role": w.tilleuls.roles[role.Practitioner].String()}), "contact")
		c.leads(c.send("contact", "next", map[string]string{"when": "later"}), "agendas")
		c.leads(c.send("agendas", "next", nil), "messaging")
		c.leads(c.send("messaging", "next", nil), "settings")
		step := c.get(c.at+"/settings").answers(http.StatusOK).says("Facultatif", "Comme l’organisation", "Travail reçu", "Rédaction", "Julie Delmas").
			saysNot("Comptes à autoriser", "Durée de session", "Nadège Petit")
		if f := step.form("/settings"); f.Get("mine.calendar") != "no" || f.Get("way.work") != "inherited" || f["drafters"] != nil {
			t.Errorf("as it is first: %v", f)
		}
		chosen := map[string]string{
			"mine.calendar": "yes", "calendar.view": "day", "calendar.day_start": "20:00", "way.work": "inside", "drafters": w.id(w.tilleuls, julie).String(),
		}
		c.send("settings", "next", chosen).answers(http.StatusUnprocessableEntity).says("Choisissez une fin de journée après son début") // setting.day_order
		chosen["calendar.day_start"] = "07:30"
		c.leads(c.send("settings", "back", chosen), "messaging")
		c.leads(c.send("messaging", "next", nil), "settings")
		if f := c.get(c.at + "/settings").form("/settings"); f.Get("calendar.day_start") != "07:30" || f.Get("way.work") != "inside" || f.Get("drafters") != chosen["drafters"] {
			t.Errorf("«Précédent» lost something: %v", f)
		}
		c.leads(c.send("settings", "next", nil), "check-answers")
		check := c.get(c.at+"/check-answers").says("Jour, de 7 h 30 à 19 h", "Travail reçu : Dans Habilis seulement", "Julie Delmas", "la personne devra confirmer", "Personnalisé")
		c.leads(c.post(c.at+"/check-answers", map[string][]string{"do": {"back"}}), "settings")
		made := c.follow(c.post(c.at+"/check-answers", check.form("/check-answers"))).says("Compte créé : Anne Le Goff", "Jour, de 7 h 30 à 19 h")

		s, err := w.app.App.Members.List(w.Context(), w.actor(claire), w.tilleuls.org.ID, member.Query{Search: "Le Goff", Sort: member.ByName, Page: 1, Size: 1})
		if err != nil || len(s.Rows) != 1 {
			t.Fatal(s, err, made.path)
		}
		own, err := w.app.App.Preferences.Get(w.Context(), w.actor(claire), w.tilleuls.org.ID, s.Rows[0].ID)
		if err != nil || own.Own.Calendar == nil || own.Own.Language != nil || own.Own.Notifications[setting.AlertWork].Channels != (setting.Channels{Inside: true}) {
			t.Errorf("theirs: %+v %v", own.Own, err)
		}
		given, err := w.app.App.Delegations.List(w.Context(), w.actor(claire), w.tilleuls.org.ID, grant.DelegationQuery{Page: 1, Size: 20})
		if err != nil || !slices.ContainsFunc(given.List, func(d grant.Delegation) bool {
			return d.Act == grant.Draft && d.State == grant.Proposed && d.Name == "Julie Delmas" && d.Identity.HolderName == "Anne Le Goff"
		}) {
			t.Errorf("proposed: %+v %v", given.List, err)
		}
	})
}

// The block asks for nothing that its creator may not propose, nor of whoever does not practise.
func TestCreateSettingsOffers(t *testing.T) {
	eachCreation(t, func(w *world, _ *register) {
		c := w.create(w.as(claire), member.NonPractitioner)
		c.leads(c.send("profile", "next", c.secretary()), "rights")
		c.leads(c.send("rights", "next", map[string]string{"admin": "yes", "admin_scope": "organization"}), "contact")
		c.leads(c.send("contact", "next", map[string]string{"when": "later"}), "agendas")
		c.leads(c.send("agendas", "next", nil), "messaging")
		c.leads(c.send("messaging", "next", nil), "settings")
		c.get(c.at+"/settings").says("Comptes à autoriser", "Départs").saysNot("Rédaction")
		c.leads(c.send("settings", "next", map[string]string{"drafters": w.id(w.tilleuls, julie).String(), "way.approval": "email"}), "check-answers")
		check := c.get(c.at + "/check-answers").says("Comptes à autoriser : E-mail seulement").saysNot("Julie Delmas")
		c.follow(c.post(c.at+"/check-answers", check.form("/check-answers"))).says("Compte créé : Anne Le Goff")
	})
}
