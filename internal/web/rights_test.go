package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"habilis/internal/role"
)

func (b *browser) rights(sheet string) url.Values {
	b.w.Helper()
	return b.get(sheet + "/rights").answers(http.StatusOK).form("/rights")
}

func without(list []string, part string) (kept []string) {
	for _, s := range list {
		if s != part {
			kept = append(kept, s)
		}
	}
	return kept
}

// RGT-1, CHG-1: sites, roles and single permissions are given and taken together, with
// what that opens and closes said before.
func TestRights(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, julie).String()
		one, two := w.tilleuls.sites[0].ID.String(), w.tilleuls.sites[1].ID.String()
		reader := w.tilleuls.roles[role.Reader].String()
		form := b.rights(sheet)
		b.follow(b.post(sheet+"/rights", form).leads(sheet)).says("Rien n’a été modifié.")
		form["right"] = append(form["right"], "site:"+two)
		form["role"], form["scope_"+reader] = []string{reader}, []string{two}
		form["permission"], form["permission_scope"] = []string{"statistics.read", "tasks.read"}, []string{one}
		review := b.follow(b.post(sheet+"/rights", form)).answers(http.StatusOK)
		review.says("Établissement Grand-Pré", "Rôle Lecture seule · Grand-Pré", "Voir les statistiques · Saint-Aubin", "Cette personne pourra",
			"lire les dossiers des patients", "Enregistrer 4 changements").saysNot("Votre mot de passe", "ne pourra plus")
		b.follow(b.post(sheet+"/rights/review", review.form("/rights/review")).leads(sheet)).
			says("4 changements enregistrés", "Lecture seule", "Grand-Pré", "Voir les statistiques", "par Claire Morvan")

		form = b.rights(sheet)
		form["right"] = without(form["right"], "site:"+two)
		review = b.follow(b.post(sheet+"/rights", form)).says("Cette personne ne pourra plus", "lire les dossiers des patients", "Rôle Lecture seule · Grand-Pré")
		b.follow(b.post(sheet+"/rights/review", review.form("/rights/review"))).says("2 changements enregistrés")
		if w.count(`select count(*) from member_role where role_id = $1 and known_until is null`, reader) != 0 {
			t.Error("the right at the site stayed")
		}
	})
}

// RGT-1, SEC-3, ORG-4: administration asks for the password; the last administrator
// stays one, and the page says why.
func TestRightsAdministration(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, bruno).String()
		admin := "role:" + w.tilleuls.roles[role.Administrator].String() + "@organization"
		form := b.rights(sheet)
		form["right"] = without(form["right"], admin)
		w.clock.Add(10 * time.Minute)
		review := b.follow(b.post(sheet+"/rights", form)).says("touche à l’administration", "Votre mot de passe")
		send := review.form("/rights/review")
		b.post(sheet+"/rights/review", send).answers(http.StatusUnprocessableEntity).says("Saisissez votre mot de passe")
		send.Set("password", good)
		b.follow(b.post(sheet+"/rights/review", send).leads(sheet)).says("1 changement enregistré")
		own := "/o/tilleuls/members/" + w.id(w.tilleuls, claire).String()
		form = b.rights(own)
		form["right"] = without(form["right"], admin)
		b.post(own+"/rights", form).answers(http.StatusConflict).says("Donnez d’abord l’administration à une autre personne")
	})
}

// AUZ-04, AUZ-06: a site administrator changes what is at their site; the rest is shown
// as not theirs, and a forged form is refused.
func TestRightsOfSite(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(nadege)
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, yanis).String()
		one, two := w.tilleuls.sites[0].ID.String(), w.tilleuls.sites[1].ID.String()
		b.get(sheet+"/rights").says("Grand-Pré").saysNot("Saint-Aubin", "Toute l’organisation")
		admin := w.tilleuls.roles[role.Administrator].String()
		for _, at := range []string{"organization", one} {
			form := b.rights(sheet)
			form["role"], form["scope_"+admin] = []string{admin}, []string{at}
			if p := b.post(sheet+"/rights", form); p.status != http.StatusForbidden && p.status != http.StatusNotFound {
				t.Errorf("administration at %s answers %d", at, p.status)
			}
		}
		form := b.rights(sheet)
		form["permission"], form["permission_scope"] = []string{"security.edit"}, []string{"organization"}
		b.post(sheet+"/rights", form).answers(http.StatusForbidden)
		form = b.rights(sheet)
		form["permission"], form["permission_scope"] = []string{"letters.read"}, []string{two}
		form["right"] = without(form["right"], "role:"+w.tilleuls.roles[role.Practitioner].String()+"@"+two)
		review := b.follow(b.post(sheet+"/rights", form)).says("Enregistrer 2 changements")
		b.follow(b.post(sheet+"/rights/review", review.form("/rights/review")).leads(sheet)).says("Lire les courriers")
		w.as(claire).get(sheet).says("Soins", "Saint-Aubin") // what nadege does not see stayed
	})
}

// CHG-1: rights that somebody changed meanwhile are told, and both changes stand.
func TestRightsConflict(t *testing.T) {
	each(t, func(w *world) {
		mine, other := w.as(claire), w.as(bruno)
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, julie).String()
		one := w.tilleuls.sites[0].ID.String()
		give := func(b *browser, p string) *page {
			form := b.rights(sheet)
			form["permission"], form["permission_scope"] = []string{p}, []string{one}
			return b.follow(b.post(sheet+"/rights", form))
		}
		review := give(mine, "statistics.read")
		theirs := give(other, "prescriptions.read")
		other.post(sheet+"/rights/review", theirs.form("/rights/review")).leads(sheet)
		again := mine.post(sheet+"/rights/review", review.form("/rights/review")).answers(http.StatusPreconditionFailed)
		again.says("a modifié ces droits entre-temps", "Lire les ordonnances · Saint-Aubin", "Voir les statistiques · Saint-Aubin")
		mine.follow(mine.post(sheet+"/rights/review", again.form("/rights/review")).leads(sheet)).says("Lire les ordonnances", "Voir les statistiques")
	})
}
