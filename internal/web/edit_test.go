package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"habilis/internal/role"
)

// edit opens the form of a member's details.
func (b *browser) edit(sheet string) url.Values {
	b.w.Helper()
	return b.get(sheet + "/edit").answers(http.StatusOK).form("/edit")
}

// CHG-1: what was changed, and only that, is shown before and after, then saved; the
// member of this organisation only.
func TestEdit(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, yanis).String()
		b.get(sheet).says("Modifier")
		form := b.edit(sheet)
		form.Set("family_name", "Belkacem-Roy")
		form.Set("phone", "06 12 34 56 78")
		review := b.follow(b.post(sheet+"/edit", form)).answers(http.StatusOK)
		review.says("Avant et après", "Belkacem-Roy", "Non renseigné", "06 12 34 56 78", "Enregistrer 2 changements").saysNot("Prénom")
		saved := b.post(sheet+"/edit/review", review.form("/edit/review")).leads(sheet)
		b.follow(saved).says("2 changements enregistrés : Dr Yanis Belkacem.", "Dr Yanis Belkacem-Roy", "06 12 34 56 78")
		b.post(sheet+"/edit/review", review.form("/edit/review")).leads(sheet) // sent twice, done once
		if n := w.count(`select count(*) from audit_event where verb = 'member.edit' and outcome = 'done'`); n != 1 {
			t.Errorf("%d editions", n)
		}
		if n := w.count(`select count(*) from account_state where family_name = 'Belkacem-Roy'`); n != 0 {
			t.Error("the account was changed")
		}
	})
}

// DESIGN.md 10: what must be corrected is said at its field, and what was typed stays;
// nothing changed leads back.
func TestEditErrors(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(bruno)
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, claire).String()
		form := b.edit(sheet)
		b.follow(b.post(sheet+"/edit", form).leads(sheet)).says("Rien n’a été modifié.")
		form.Set("family_name", "")
		form.Set("phone", "12")
		form.Set("siret", "123")
		form.Set("given_name", "Yannis")
		form.Set("locum", "1")
		p := b.post(sheet+"/edit", form).answers(http.StatusUnprocessableEntity).says("6 points à corriger", "Nom : remplissez ce champ", "Premier jour : saisissez une date")
		for _, at := range []string{"#family_name", "#phone", "#siret", "#locum_name", "#locum_from", "#locum_until"} {
			if !p.hasLink(at) {
				t.Errorf("the summary does not lead to %s", at)
			}
		}
		if got := p.form("/edit"); got.Get("given_name") != "Yannis" || got.Get("siret") != "123" {
			t.Errorf("what was typed is lost: %v", got)
		}
	})
}

// MEM-3, CHG-2: an RPPS and the profile type are shown with the reason, and no form
// changes them; nor somebody else's address. A first RPPS warns before it is saved.
func TestEditLocked(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(bruno)
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, claire).String()
		b.get(sheet+"/edit").says("une identité pourrait être usurpée", "Seule la personne change son adresse")
		form := b.edit(sheet)
		if got := plain(form.Get("rpps")); got != "99 700 012 042" {
			t.Errorf("RPPS %q", got)
		}
		form.Set("rpps", "99700004122")
		b.post(sheet+"/edit", form).answers(http.StatusConflict).says("RPPS")
		form = b.edit(sheet)
		form.Set("email", "autre@tilleuls.example")
		b.post(sheet+"/edit", form).answers(http.StatusForbidden).says("adresse")
		form = b.edit(sheet)
		form.Set("profile_type", "non_practitioner")
		b.post(sheet+"/edit", form).leads(sheet) // a field that there is not
		if w.count(`select count(*) from member_state where profile_type = 'regulated' and rpps = '99700012042' and known_until is null`) != 1 {
			t.Error("the identity changed")
		}
		sheet = "/o/tilleuls/members/" + w.id(w.tilleuls, julie).String()
		form = b.edit(sheet)
		form.Set("rpps", "99 700 004 122")
		review := b.follow(b.post(sheet+"/edit", form)).says("ne pourront plus changer", "99 700 004 122")
		b.follow(b.post(sheet+"/edit/review", review.form("/edit/review"))).says("Profession réglementée", "À vérifier")
		b.get(sheet + "/edit").says("Ce numéro ne change plus")
	})
}

// CHG-1: two administrators edit one member. The second is told both versions, field by
// field; they keep theirs, take the other or mix, and nothing is lost.
func TestEditConflict(t *testing.T) {
	each(t, func(w *world) {
		mine, other := w.as(claire), w.as(bruno)
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, yanis).String()
		form := mine.edit(sheet)
		form.Set("family_name", "Roy")
		form.Set("phone", "06 12 34 56 78")
		form.Set("mssante", "y.roy@medecin.mssante.fr")
		review := mine.follow(mine.post(sheet+"/edit", form))

		theirs := other.edit(sheet)
		theirs.Set("family_name", "Martin")
		theirs.Set("phone", "06 99 88 77 66")
		theirs.Set("function", "nurse")
		other.follow(other.post(sheet+"/edit/review", other.follow(other.post(sheet+"/edit", theirs)).form("/edit/review")))

		p := mine.post(sheet+"/edit/review", review.form("/edit/review")).answers(http.StatusPreconditionFailed)
		p.says("Deux versions de cette fiche", "Roy", "Martin", "06 12 34 56 78", "06 99 88 77 66", "Soins infirmiers", "y.roy@medecin.mssante.fr")
		merge := p.form("/edit/merge")
		mine.post(sheet+"/edit/merge", merge).answers(http.StatusUnprocessableEntity).says("Nom : choisissez l’une des deux versions", "Téléphone : choisissez") // web.take
		merge.Set("take_family_name", "mine")
		merge.Set("take_phone", "theirs")
		review = mine.follow(mine.post(sheet+"/edit/merge", merge)).answers(http.StatusOK).says("Martin", "Roy", "y.roy@medecin", "Enregistrer 2 changements")
		review.saysNot("06 12 34 56 78", "Médecin")
		mine.follow(mine.post(sheet+"/edit/review", review.form("/edit/review"))).says("Yanis Roy", "06 99 88 77 66", "Soins infirmiers", "y.roy@medecin.mssante.fr")
	})
}

// CHG-1: all of one version in one press; and a third who saves before the choice is told too.
func TestEditConflictWhole(t *testing.T) {
	each(t, func(w *world) {
		mine, other := w.as(claire), w.as(bruno)
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, yanis).String()
		change := func(b *browser, name string) *page {
			form := b.edit(sheet)
			form.Set("family_name", name)
			return b.follow(b.post(sheet+"/edit", form))
		}
		review := change(mine, "Roy")
		save := func(b *browser, p *page) *page { return b.post(sheet+"/edit/review", p.form("/edit/review")) }
		save(other, change(other, "Martin")).leads(sheet)
		merge := save(mine, review).answers(http.StatusPreconditionFailed).form("/edit/merge")
		save(other, change(other, "Petit")).leads(sheet)
		merge.Set("all", "mine")
		merge = mine.post(sheet+"/edit/merge", merge).answers(http.StatusPreconditionFailed).says("Petit").form("/edit/merge")
		merge.Set("all", "theirs")
		mine.follow(mine.post(sheet+"/edit/merge", merge).leads(sheet)).says("comme elle a été enregistrée entre-temps", "Yanis Petit")
		save(mine, change(mine, "Roy")).leads(sheet)
	})
}

// CHG-1, AUZ-01: the draft of a form belongs to its member and to its person.
func TestEditDraft(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, yanis).String()
		form := b.edit(sheet)
		form.Set("family_name", "Roy")
		to := b.post(sheet+"/edit", form).header.Get("Location")
		query := to[len(sheet+"/edit/review"):]
		again := w.as(claire).get(sheet + "/edit" + query).answers(http.StatusOK).form("/edit")
		if again.Get("family_name") != "Roy" || again.Get("draft") == "" {
			t.Errorf("the draft is lost: %v", again)
		}
		w.as(bruno).get(to).answers(http.StatusNotFound)
		b.get("/o/tilleuls/members/" + w.id(w.tilleuls, julie).String() + "/edit/review" + query).answers(http.StatusNotFound)
		b.get(sheet + "/rights/review" + query).answers(http.StatusNotFound)
		form.Set("base", "not JSON")
		b.post(sheet+"/edit", form).answers(http.StatusBadRequest)
	})
}

// AUZ-05, AUZ-06: who may not change a member finds neither link nor form.
func TestEditWithoutRight(t *testing.T) {
	each(t, func(w *world) {
		own := "/o/tilleuls/members/" + w.id(w.tilleuls, julie).String()
		w.as(julie).get(own).saysNot("Modifier")
		for _, act := range []string{"/edit", "/rights"} {
			w.as(julie).get(own + act).answers(http.StatusForbidden)
			w.as(nadege).get(own + act).answers(http.StatusNotFound)
			more := "/o/tilleuls/members/" + w.id(w.tilleuls, bruno).String()
			w.as(nadege).get(more + act).answers(http.StatusForbidden)
			w.as(nadege).post(more+act, url.Values{"base": {"{}"}, "family_name": {"X"}}).answers(http.StatusForbidden)
		}
	})
}

// MEM-1: «Inviter» waits on the sheet of whoever has an address but neither account nor
// invitation.
func TestInviteMember(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		who := person{email: "", given: "Inès", family: "Roussel", function: "secretary", sites: w.tilleuls.sites[:1], role: role.Secretary}
		sheet := "/o/tilleuls/members/" + w.waiting(w.tilleuls, who, false).String()
		b.get(sheet).saysNot("Inviter").says("Aucune adresse")
		b.get(sheet + "/invite").leads(sheet)
		form := b.edit(sheet)
		form.Set("email", "ines@tilleuls.example")
		review := b.follow(b.post(sheet+"/edit", form)).says("ines@tilleuls.example")
		b.follow(b.post(sheet+"/edit/review", review.form("/edit/review"))).says("Inviter…")
		ask := b.get(sheet+"/invite").says("Inviter Inès Roussel ?", "ines@tilleuls.example")
		b.follow(b.post(sheet+"/invite", ask.form("/invite")).leads(sheet)).says("Invitation envoyée à ines@tilleuls.example", "Renvoyer").saysNot("Inviter…")
		b.get(sheet + "/edit").says("Une invitation attend à cette adresse")
		w.app.Link(w.app.Mail("ines@tilleuls.example"), "/activate/")
	})
}
