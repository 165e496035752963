package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/recordgroup"
	"habilis/internal/storetest"
)

const groupsHome = "/o/tilleuls/access-groups"

// newGroup makes a group through the page, and gives its address.
func (b *browser) newGroup(name string) string {
	b.w.Helper()
	form := b.get(groupsHome + "/new").answers(http.StatusOK).form("/access-groups/new")
	form.Set("name", name)
	p := b.post(groupsHome+"/new", form)
	p.answers(http.StatusSeeOther)
	return p.header.Get("Location")
}

// addRecords pastes a list into the page.
func (b *browser) addRecords(group, pasted string) *page {
	b.w.Helper()
	form := b.get(group + "/records/add").answers(http.StatusOK).form("/records/add")
	form.Set("records", pasted)
	return b.post(group+"/records/add", form)
}

// RGT-7: a group without a script, from its making to its removal; the pages say that a
// group gives no other right, and what leaving one widens.
func TestGroupPages(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		const only = "Il ne donne aucun autre droit"
		b.get(groupsHome).answers(http.StatusOK).says("Aucun groupe d’accès", only, "visibles de tous ceux qui ont l’autorisation")
		b.post(groupsHome+"/new", url.Values{"name": {" "}}).answers(http.StatusUnprocessableEntity).says("Nom du groupe : remplissez ce champ")
		g := b.newGroup("Pédiatrie")
		b.get(g).answers(http.StatusOK).says("Le groupe « Pédiatrie » est créé", "Aucun membre dans ce groupe", only)
		b.post(groupsHome+"/new", url.Values{"name": {"pédiatrie"}}).answers(http.StatusUnprocessableEntity).says("un autre groupe d’accès le porte déjà")

		add := b.get(g + "/members/add?q=delmas").answers(http.StatusOK).says("Julie Delmas").saysNot("Belkacem")
		form := add.form("/members/add")
		b.post(g+"/members/add", form).answers(http.StatusUnprocessableEntity).says("Cochez au moins un membre")
		form.Set("member", w.id(w.tilleuls, julie).String())
		form.Set("until", "1999-02-31")
		b.post(g+"/members/add", form).answers(http.StatusUnprocessableEntity).says("une date qui existe")
		form.Set("until", w.clock.Now().AddDate(0, 1, 0).Format(time.DateOnly))
		b.follow(b.post(g+"/members/add", form).leads(g)).says("1 membre ajouté", "Delmas", "En cours", "Du ", "Claire Morvan")
		b.get(g + "/members/add?q=delmas").says("Déjà dans le groupe")

		b.follow(b.addRecords(g, "D-1\r\n\r\n  D-2  \nD-1").leads(g+"/records")).says("2 dossiers ajoutés. 2 n’étaient dans aucun groupe", "D-1", "D-2", "2 dossiers affichés sur 2")
		b.follow(b.addRecords(g, "D-2\nD-3")).says("1 dossier ajouté. 1 y était déjà")
		p := b.addRecords(g, "D-4\n\n2 55 08 14 168 025 38\n").answers(http.StatusUnprocessableEntity)
		p.says("Ligne 3 : Donnez le nom du dossier dans votre logiciel, et non un numéro de sécurité sociale")
		b.get(g + "/records?record=D-2").says("D-2").saysNot("D-3")
		b.get(g + "/records?record=d-2").says("Ce dossier n’est pas dans le groupe")
		b.get(groupsHome + "?record=D-2").says("Pédiatrie")
		b.get(groupsHome + "?record=rien").says("Aucun groupe ne correspond")
		b.get(groupsHome+"?q=PEDIA").says("Pédiatrie", "1")

		b.get(w.sheetOf(julie)).says("Groupes d’accès", "Pédiatrie")
		b.get(w.sheetOf(yanis)).says("Dans aucun groupe")

		ask := b.get(g + "/records/remove?record=D-1").answers(http.StatusOK)
		ask.says("Retirer le dossier « D-1 » du groupe « Pédiatrie »", "1 dossier ne sera plus dans aucun groupe : visible de tous ceux qui ont l’autorisation")
		b.follow(b.post(g+"/records/remove", ask.form("/records/remove")).leads(g + "/records")).says("1 dossier retiré. 1 n’est plus dans aucun groupe")
		list := b.get(g + "/records/remove").form("/records/remove")
		list.Set("records", "D-2\nD-3\nD-9")
		b.post(g+"/records/remove", list).answers(http.StatusOK).says("Retirer 2 dossiers", "2 dossiers ne seront plus dans aucun groupe", "1 n’était pas dans le groupe")
		if n := w.count(`select count(*) from record_group_record where known_until is null`); n != 2 {
			t.Errorf("%d records before the question was answered", n)
		}
		other := b.newGroup("Autre")
		b.addRecords(other, "D-3").answers(http.StatusSeeOther)
		agreed := url.Values{"records": {"D-2\r\nD-3\r\nD-9"}, "agreed": {"2"}, "exact": {"1"}}
		again := b.post(g+"/records/remove", agreed).answers(http.StatusConflict).says("l’effet n’est plus le même", "1 dossier ne sera plus")
		again.form("/records/remove")
		agreed.Set("agreed", "1")
		b.follow(b.post(g+"/records/remove", agreed)).says("2 dossiers retirés. 1 n’était pas dans le groupe. 1 n’est plus dans aucun groupe")
		b.follow(b.post(g+"/records/remove", list)).says("il n’y a rien à retirer")

		m := g + "/members/" + w.id(w.tilleuls, julie).String()
		dates := b.get(m).answers(http.StatusOK).form(m)
		b.follow(b.post(m, dates).leads(g)).says("Les dates de Julie Delmas sont enregistrées")
		dates = b.get(m).form(m)
		dates.Set("until", "2001-01-01")
		b.post(m, dates).answers(http.StatusUnprocessableEntity).says("une date de fin")
		ask = b.get(m+"/remove").answers(http.StatusOK).says("Retirer Julie Delmas du groupe « Pédiatrie »", "Ses rôles ne changent pas")
		b.follow(b.post(m+"/remove", ask.form("/remove")).leads(g)).says("n’est plus dans le groupe")
		b.get(m).answers(http.StatusNotFound)

		b.addRecords(g, "D-5").answers(http.StatusSeeOther)
		ask = b.get(g+"/remove").answers(http.StatusOK).says("Supprimer le groupe « Pédiatrie »", "1 dossier ne sera plus dans aucun groupe", "Il n’a aucun membre")
		b.follow(b.post(g+"/remove", ask.form("/remove")).leads(groupsHome)).says("Le groupe « Pédiatrie » est supprimé", "Autre")
		b.get(g).answers(http.StatusNotFound)
	})
}

func (w *world) sheetOf(email string) string {
	w.Helper()
	return "/o/tilleuls/members/" + w.id(w.tilleuls, email).String()
}

// RAC-07: somebody else changed the group in between: nothing is lost silently.
func TestGroupConflict(t *testing.T) {
	each(t, func(w *world) {
		mine, other := w.as(claire), w.as(bruno)
		g := mine.newGroup("Un")
		edit, add, remove := other.get(g+"/edit").form("/edit"), other.get(g+"/members/add").form("/members/add"), other.get(g+"/remove").form("/remove")
		first := mine.get(g + "/edit").form("/edit")
		first.Set("name", "Deux")
		mine.follow(mine.post(g+"/edit", first).leads(g)).says("Le groupe « Deux » est enregistré")
		edit.Set("description", "De nuit")
		p := other.post(g+"/edit", edit).answers(http.StatusPreconditionFailed).says("Quelqu’un a modifié ce groupe", "Deux")
		if p.form("/edit").Get("description") != "De nuit" {
			t.Error("what was typed is lost")
		}
		other.follow(other.post(g+"/edit", p.form("/edit"))).says("Un", "De nuit")
		add.Set("member", w.id(w.tilleuls, yanis).String())
		other.follow(other.post(g+"/members/add", add).leads(g)).says("Quelqu’un a modifié ce groupe", "Aucun membre")
		other.follow(other.post(g+"/remove", remove).leads(g)).says("Quelqu’un a modifié ce groupe")
	})
}

// AUZ-01, AUZ-02, AUZ-06: the pages of groups are for whoever edits them, or reads rights,
// in this organisation; others change nothing and learn nothing.
func TestGroupPagesAreClosed(t *testing.T) {
	each(t, func(w *world) {
		mine := w.as(claire)
		g := mine.newGroup("Un")
		mine.addRecords(g, "D-1").answers(http.StatusSeeOther)
		id := strings.TrimPrefix(g, groupsHome+"/")
		m := w.id(w.tilleuls, julie).String()
		before := w.count(`select count(*) from record_group_state`) + w.count(`select count(*) from record_group_record where known_until is null`) +
			w.count(`select count(*) from record_group_member`)
		pages := []string{"", "/edit", "/remove", "/members/add", "/records", "/records/add", "/records/remove", "/records/remove?record=D-1"}
		posts := map[string]url.Values{
			"/edit": {"name": {"Pris"}, "version": {"1"}}, "/remove": {"version": {"1"}, "agreed": {"1"}},
			"/members/add": {"member": {m}, "version": {"1"}}, "/records/add": {"records": {"x"}},
			"/records/remove": {"records": {"D-1"}, "agreed": {"1"}, "exact": {"1"}}, "/members/" + m: {"version": {"1"}}, "/members/" + m + "/remove": {"version": {"1"}},
		}
		for _, who := range []string{nadege, julie} {
			b := w.as(who)
			for _, at := range []string{g, groupsHome + "/" + ident.NewGroup().String()} {
				for _, page := range pages {
					b.get(at+page).answers(http.StatusForbidden).saysNot("Pédiatrie", "D-1")
				}
				for page, form := range posts {
					b.post(at+page, form).answers(http.StatusForbidden)
				}
			}
			b.get(groupsHome).answers(http.StatusForbidden)
			b.get(groupsHome + "/new").answers(http.StatusForbidden)
			b.post("/o/tilleuls/settings/records", url.Values{"records_unlisted_closed": {"1"}, "version": {"0"}}).answers(http.StatusForbidden)
			b.get(w.sheetOf(julie)).saysNot("Groupes d’accès")
		}
		b := w.as(olivia)
		theirs := "/o/deux-rives/access-groups/" + id // AUZ-02: the organisation and the group disagree
		for _, page := range pages {
			b.get(g + page).answers(http.StatusNotFound)
			b.get(theirs + page).answers(http.StatusNotFound)
		}
		for page, form := range posts {
			b.post(g+page, form).answers(http.StatusNotFound)
			b.post(theirs+page, form).answers(http.StatusNotFound)
		}
		after := w.count(`select count(*) from record_group_state`) + w.count(`select count(*) from record_group_record where known_until is null`) +
			w.count(`select count(*) from record_group_member`)
		if before != after {
			t.Error("something changed")
		}
	})
}

// The setting «dossiers hors groupe fermés»: it asks for the password, and says what it does.
func TestRecordsSetting(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		form := b.get("/o/tilleuls/settings").says("Dossiers de patients", "5 membres ne sont dans aucun groupe").form("/settings/records")
		form.Set("records_unlisted_closed", "1")
		w.clock.Add(access.StepUpAge + time.Minute)
		b.post("/o/tilleuls/settings/records", form).answers(http.StatusUnprocessableEntity).says("Saisissez votre mot de passe")
		form.Set("password", good)
		b.follow(b.post("/o/tilleuls/settings/records", form).leads("/o/tilleuls/settings")).says("Les dossiers hors groupe sont fermés. 5 membres")
		b.get(groupsHome).says("personne ne les voit", "Les dossiers hors groupe sont fermés : tant qu’aucun groupe n’existe")
		b.post("/o/tilleuls/settings/records", form).answers(http.StatusPreconditionFailed)
		g := b.newGroup("Un")
		b.addRecords(g, "D-1").answers(http.StatusSeeOther)
		b.get(g + "/records/remove?record=D-1").says("plus personne ne le verra")
		b.get(w.sheetOf(yanis)).says("cette personne ne voit aucun dossier")
	})
}

// Records are listed page after page; a name is shown and taken out exactly.
func TestManyRecordsPages(t *testing.T) {
	w := newWorld(t, storetest.Engines(t)[0])
	b := w.as(claire)
	g := b.newGroup("Un")
	var list []string
	for i := range 45 {
		list = append(list, fmt.Sprintf("DOS-%03d", i))
	}
	b.addRecords(g, strings.Join(list, "\n")).answers(http.StatusSeeOther)
	p := b.get(g+"/records").says("DOS-000", "DOS-019", "20 dossiers affichés sur 45").saysNot("DOS-020")
	for _, want := range []string{"DOS-020", "DOS-040"} {
		next := ""
		for _, href := range p.links() {
			if strings.Contains(href, "cursor=") {
				next = href
			}
		}
		p = b.get(next).answers(http.StatusOK).says(want)
	}
	b.get(g + "/records?cursor=faux").leads(g + "/records")
	strange := `<b>"x"&</b> é/..%2F`
	b.addRecords(g, strange).answers(http.StatusSeeOther)
	ask := b.get(g + "/records/remove?" + url.Values{"record": {strange}}.Encode()).answers(http.StatusOK).says("« " + strange + " »")
	b.follow(b.post(g+"/records/remove", ask.form("/records/remove"))).says("1 dossier retiré")
	b.get(g + "/records/remove?record=%00").answers(http.StatusUnprocessableEntity)
	if len(list) > recordgroup.DefaultPageSize*3 {
		t.Error("the pages of this test are counted wrongly")
	}
}
