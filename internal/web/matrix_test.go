package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/role"
	"habilis/internal/store"
)

// RGT-2, RGT-5, RGT-8: cells are typed, reviewed with a reason, saved, and undone.
func TestMatrix(t *testing.T) {
	each(t, func(w *world) {
		o := w.office()
		b := w.as(bruno)
		p := b.get(matrixPath).answers(http.StatusOK)
		p.says("Droits d’accès aux agendas", "Dr Morvan", "Généraliste", "Échographie", "Titulaire", "Secrétariat", "Aucun changement en attente")
		if p.hasCell("Morvan Claire, agenda Dr Morvan") {
			t.Error("the holder's own cell can be changed")
		}
		p = b.set(p, "stay", "Delmas Julie, agenda Dr Morvan", "G", "Delmas Julie, agenda Échographie", "D")
		p.pendingCount(2).says("Avant et après : 2 changements à vérifier", "Modifié. Niveau enregistré : Aucun", "Julie Delmas verra les noms des patients sur 1 agenda")
		if w.levelOf(julie, o.claire) != "" {
			t.Error("a cell was saved by typing it")
		}
		b.get(matrixPath).pendingCount(2)           // a reload loses nothing
		w.as(bruno).get(matrixPath).pendingCount(2) // nor does signing in again
		w.as(claire).get(matrixPath).pendingCount(0)
		review := b.set(p, "review").says("Vérifier les changements de droits", "2 changements pour 1 personne", "Enregistrer 2 changements")
		saved := b.follow(b.save(review, "Julie remplace Nadège").leads(matrixPath)).says("2 changements enregistrés.", "Annuler")
		saved.pendingCount(0)
		if got := w.levelOf(julie, o.claire) + " " + w.levelOf(julie, o.room); got != "manage availability" {
			t.Errorf("levels: %s", got)
		}
		b.save(review, "").leads(matrixPath) // sent twice, done once
		if n := w.count(`select count(*) from change_set`); n != 1 {
			t.Errorf("%d change sets", n)
		}
		history := b.get("/o/tilleuls/access/changes").says("Historique des droits", "Modification : 2 niveaux d’accès pour 1 personne", "Julie remplace Nadège", "Bruno Lacaze")
		change := b.get(history.link("/access/changes/cst_")).says("Julie Delmas", "Dr Morvan", "Gestion", "Annuler cette modification", "Julie remplace Nadège")
		undo := change.path + "/undo"
		b.post(undo, url.Values{}).leads(undo) // «Annuler» of the message leads to the page
		form := b.get(undo).says("Annuler 2 changements", "Rien n’est encore enregistré").form("/undo")
		b.follow(b.post(undo, form)).says("2 changements annulés.", "Annule une modification précédente")
		if got := w.levelOf(julie, o.claire) + w.levelOf(julie, o.room); got != "" {
			t.Errorf("levels after undoing: %s", got)
		}
		b.get(undo).answers(http.StatusConflict).says("déjà annulée")
		b.get(change.path).says("Cette modification a été annulée").saysNot("Annuler cette modification")
	})
}

// link is the first address of the page that contains part.
func (p *page) link(part string) string {
	p.w.Helper()
	for _, href := range p.links() {
		if strings.Contains(href, part) {
			return href
		}
	}
	p.w.Fatalf("%s leads to no %q", p.path, part)
	return ""
}

// DESIGN.md 14: one line is given up, then all; a cell put back to what is recorded is no
// change; what the page showed and nobody touched is none either.
func TestMatrixGivingUp(t *testing.T) {
	each(t, func(w *world) {
		o := w.office()
		b := w.as(bruno)
		first := b.get(matrixPath)
		p := b.set(first, "stay", "Delmas Julie, agenda Dr Morvan", "L", "Petit Nadège, agenda Dr Belkacem", "G").pendingCount(2)
		form, action := p.matrixForm()
		form.Set("undo", w.id(w.tilleuls, julie).String()+"."+o.claire.String())
		b.follow(b.post(action, form)).pendingCount(1).saysNot("Julie Delmas verra")
		b.set(first, "stay", "Delmas Julie, agenda Échographie", "G").pendingCount(2) // another tab, opened before
		p = b.get(matrixPath)
		p = b.set(p, "stay", "Petit Nadège, agenda Dr Belkacem", "A").pendingCount(1)
		b.set(p, "reset").pendingCount(0)
		if n := w.count(`select count(*) from draft`); n != 0 {
			t.Errorf("%d drafts are left", n)
		}
		b.get("/o/tilleuls/access/review-changes").says("Aucun changement en attente").saysNot("Enregistrer")
		b.set(p, "stay", "Delmas Julie, agenda Dr Morvan", "L").pendingCount(1)
		w.clock.Add(25 * time.Hour)
		w.as(bruno).get(matrixPath).pendingCount(0) // kept for 24 hours
	})
}

// RGT-4, RGT-5: the rights of a colleague, one level for several people, and for the
// agendas ticked: all pending, nothing saved.
func TestMatrixBulk(t *testing.T) {
	each(t, func(w *world) {
		o := w.office()
		j, n := w.id(w.tilleuls, julie), w.id(w.tilleuls, nadege)
		w.give(bruno, grant.Change{Member: j, Resource: o.claire, Level: grant.Manage}, grant.Change{Member: j, Resource: o.yanis, Level: grant.Read},
			grant.Change{Member: j, Resource: o.mail, Level: grant.Reply})
		b := w.as(bruno)
		press := func(do string, set url.Values) *page {
			form, action := b.get(matrixPath).matrixForm()
			delete(form, "m")
			delete(form, "r")
			for k, v := range set {
				form[k] = v
			}
			form.Set("do", do)
			return b.post(action, form)
		}
		// matrix.nobody_ticked, matrix.nobody_chosen, matrix.no_column_ticked
		press("clone", url.Values{}).answers(http.StatusUnprocessableEntity).says("Cochez d’abord une ou plusieurs personnes")
		press("clone", url.Values{"m": {n.String()}}).answers(http.StatusUnprocessableEntity).says("Choisissez dans la liste")
		press("columns", url.Values{"to": {"all"}, "column_level": {"L"}}).answers(http.StatusUnprocessableEntity).says("titres de colonne")
		p := b.follow(press("clone", url.Values{"m": {n.String(), w.id(w.tilleuls, claire).String()}, "clone": {j.String()}}))
		p.says("Droits copiés : 3 changements en attente.").pendingCount(3) // Claire holds one of the two
		p.saysNot("Messagerie Accueil")                                     // each domain on its own
		b.follow(press("level", url.Values{"m": {n.String()}, "level": {"D"}, "on": {"room"}})).pendingCount(4)
		b.follow(press("reset", nil)).pendingCount(0)
		p = b.follow(press("columns", url.Values{"r": {o.room.String(), o.claire.String()}, "to": {"all"}, "column_level": {"L"}}))
		p.pendingCount(9).says("les noms des patients") // 5 people × 2, Claire's own left out
		b.follow(press("columns", url.Values{"r": {o.claire.String()}, "to": {"secretary"}, "column_level": {"A"}}))
		b.get("/o/tilleuls/access/review-changes").says("Julie Delmas", "Gestion")
		if w.count(`select count(*) from change_set`) != 1 {
			t.Error("something was saved")
		}
	})
}

// DESIGN.md 14: what somebody else saved meanwhile is told cell by cell; nothing typed is
// lost, and the two are not mixed without a choice.
func TestMatrixConflict(t *testing.T) {
	each(t, func(w *world) {
		o := w.office()
		j := w.id(w.tilleuls, julie)
		b := w.as(bruno)
		review := b.set(b.get(matrixPath), "review", "Delmas Julie, agenda Dr Morvan", "G", "Delmas Julie, agenda Échographie", "D")
		w.give(claire, grant.Change{Member: j, Resource: o.claire, Level: grant.Read})
		again := b.save(review, "remplacement").answers(http.StatusConflict)
		again.says("Rien n’a été enregistré", "Entre-temps : Lecture. Vous aviez vu : Aucun.", "gardez ou annulez", "remplacement").saysNot("Enregistrer 2 changements")
		if w.levelOf(julie, o.room) != "" {
			t.Error("a half was saved")
		}
		b.get(matrixPath).pendingCount(2).says("Une autre personne a modifié entre-temps 1 de ces droits", "Entre-temps : Lecture")
		form := again.form(again.reviewAction())
		form.Set("keep", j.String()+"."+o.claire.String())
		kept := b.follow(b.post(again.reviewAction(), form)).says("Enregistrer 2 changements").saysNot("Entre-temps")
		b.follow(b.save(kept, "").leads(matrixPath)).says("2 changements enregistrés.")
		if w.levelOf(julie, o.claire) != "manage" {
			t.Error("what was kept was not saved")
		}
	})
}

// A line that is no longer possible is told, and given up; the others are saved.
func TestMatrixRefusedLine(t *testing.T) {
	each(t, func(w *world) {
		o := w.office()
		b := w.as(bruno)
		b.set(b.get(matrixPath), "stay", "Delmas Julie, agenda Échographie", "G", "Delmas Julie, agenda Dr Morvan", "D")
		r, err := w.app.App.Resources.Get(w.Context(), w.actor(bruno), w.tilleuls.org.ID, o.room)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.app.App.Resources.Close(w.Context(), w.actor(bruno), w.tilleuls.org.ID, o.room, r.Version); err != nil {
			t.Fatal(err)
		}
		review := b.get("/o/tilleuls/access/review-changes").says("Annulez 1 changement", "Échographie").saysNot("Enregistrer")
		form := review.form(review.reviewAction())
		form.Set("undo", w.id(w.tilleuls, julie).String()+"."+o.room.String())
		review = b.follow(b.post(review.reviewAction(), form)).says("Enregistrer 1 changement")
		b.follow(b.save(review, "")).says("1 changement enregistré.")
	})
}

// RGT-1, AUZ-04, AUZ-06: who reads sees words and no control; a site administrator sees
// and gives what is at their site; nobody else opens the page; a forged cell is refused.
func TestMatrixPermissions(t *testing.T) {
	each(t, func(w *world) {
		o := w.office()
		b := w.as(nadege)
		p := b.get(matrixPath).says("Dr Belkacem").saysNot("Échographie")
		if !p.hasCell("Lacaze Bruno, agenda Dr Belkacem") {
			t.Error("a site administrator may not give at their site")
		}
		form, action := p.matrixForm()
		form.Set("rows", w.id(w.tilleuls, bruno).String())
		form.Set("columns", o.claire.String())
		for name := range form {
			if strings.HasPrefix(name, "c.") {
				delete(form, name)
			}
		}
		form.Set("c.0.0.A.A", "G")
		form.Set("do", "review")
		forged := b.follow(b.post(action, form)).says("Annulez 1 changement").saysNot("Dr Morvan", "Enregistrer")
		send := forged.form(forged.reviewAction())
		send.Set("do", "save")
		if p := b.post(forged.reviewAction(), send); p.status != http.StatusNotFound && p.status != http.StatusForbidden {
			t.Errorf("a forged cell answers %d", p.status)
		}
		if w.levelOf(bruno, o.claire) != "" {
			t.Error("a forged cell was saved")
		}
		w.as(julie).get(matrixPath).answers(http.StatusForbidden)
		w.as(olivia).get(matrixPath).answers(http.StatusNotFound)
		w.as(julie).post(matrixPath, url.Values{"do": {"review"}}).answers(http.StatusForbidden)
		w.as(julie).get("/o/tilleuls/access/review-changes").answers(http.StatusForbidden)
		w.as(julie).get("/o/tilleuls/access/changes").answers(http.StatusForbidden)
	})
}

// RGT-5: who may read rights and not edit them sees the same page in words.
func TestMatrixReader(t *testing.T) {
	each(t, func(w *world) {
		o := w.office()
		j := w.id(w.tilleuls, julie)
		w.give(bruno, grant.Change{Member: j, Resource: o.room, Level: grant.Read})
		admin := w.as(bruno)
		sheet := "/o/tilleuls/members/" + j.String()
		form := admin.rights(sheet)
		form["permission"], form["permission_scope"] = []string{"rights.read", "members.read"}, []string{"organization"}
		review := admin.follow(admin.post(sheet+"/rights", form))
		send := review.form("/rights/review")
		send.Set("password", good)
		admin.follow(admin.post(sheet+"/rights/review", send))
		p := w.as(julie).get(matrixPath).answers(http.StatusOK).says("Lecture", "Titulaire", "Vous pouvez lire ces droits").saysNot("Vérifier et enregistrer", "Appliquer")
		if strings.Contains(p.body, `class="lvl"`) || strings.Contains(p.body, `class="tk"`) {
			t.Error("a reader has controls")
		}
		w.as(julie).get("/o/tilleuls/access/changes").says("Modification : 1 niveau d’accès")
		w.as(julie).get(sheet + "/levels").says("Lecture").saysNot("Vérifier et enregistrer")
	})
}

// rules.md 14: the form is bounded; forms that are none of ours are refused.
func TestMatrixForms(t *testing.T) {
	each(t, func(w *world) {
		o := w.office()
		b := w.as(bruno)
		j := w.id(w.tilleuls, julie)
		ok := url.Values{"rows": {j.String()}, "columns": {o.claire.String()}}
		with := func(name, value string) url.Values {
			f := url.Values{name: {value}}
			for k, v := range ok {
				f[k] = v
			}
			return f
		}
		for name, value := range map[string]string{
			"c.0.0.A.A": "Z", "c.1.0.A.A": "G", "c.0.1.A.A": "G", "c.-1.0.A.A": "G", "c.0.0.A": "G", "c.x.0.A.A": "G", "c.0.0.Z.A": "G", "c.0.0.R.A": "G",
			"m": "mbr_x", "r": "agd_x", "undo": "x", "keep": "mbr_x.agd_y",
		} {
			if p := b.post(matrixPath, with(name, value)); p.status != http.StatusBadRequest {
				t.Errorf("%s=%s answers %d", name, value, p.status)
			}
		}
		mail := with("c.0.0.A.A", "R")
		mail.Set("columns", o.mail.String()) // a mailbox in the matrix of agendas
		b.post(matrixPath, mail).answers(http.StatusBadRequest)
		many := url.Values{}
		for n := range 2_001 {
			many.Set("x"+strconv.Itoa(n), "1")
		}
		b.post(matrixPath, many).answers(http.StatusRequestEntityTooLarge)
		b.get(matrixPath + "?q=" + strings.Repeat("a", 201)).answers(http.StatusUnprocessableEntity)
		b.get(matrixPath + "?page=99&part=99&function=x&site=y&place=z").answers(http.StatusOK)
		w.as(bruno).get("/o/tilleuls/access/changes/" + ident.NewChangeSet().String()).answers(http.StatusNotFound)
		w.as(bruno).get("/o/tilleuls/access/changes/x").answers(http.StatusNotFound)
	})
}

// One change set has a bound, and what waits to be one too (matrix.too_many): what was
// kept before stays.
func TestMatrixTooMany(t *testing.T) {
	each(t, func(w *world) {
		w.office()
		b := w.as(bruno)
		send := func() *page {
			var rows, columns []string
			form := url.Values{"do": {"stay"}}
			for n := range 30 {
				rows, columns = append(rows, ident.NewMember().String()), append(columns, ident.NewAgenda().String())
				for m := range 30 {
					form.Set("c."+strconv.Itoa(n)+"."+strconv.Itoa(m)+".A.A", "G")
				}
			}
			form.Set("rows", strings.Join(rows, " "))
			form.Set("columns", strings.Join(columns, " "))
			return b.post(matrixPath, form)
		}
		send().leads(matrixPath)
		send().leads(matrixPath)
		send().answers(http.StatusUnprocessableEntity).says("Enregistrez d’abord les changements en attente").says("Annulez 1 800 changements")
		b.get("/o/tilleuls/access/review-changes").answers(http.StatusOK).says("Annulez 1 800 changements").saysNot("Enregistrer")
	})
}

// DESIGN.md 14: never more than 12 agendas and 40 people on a page; filters and pages keep
// what was typed; names that hurt stay text.
func TestMatrixScale(t *testing.T) {
	each(t, func(w *world) {
		for n := range 14 {
			w.thing(w.tilleuls, resource.Agenda, "Salle "+strconv.Itoa(n+10), []string{"Kiné", "Salle"}[n%2], w.tilleuls.sites[n%2].ID, "")
		}
		hostile := `"><script>alert(1)</script> c.0.0`
		bad := w.thing(w.tilleuls, resource.Agenda, "Salle 99", "Salle", w.tilleuls.sites[0].ID, "")
		w.member(w.tilleuls, person{email: "x@tilleuls.example", given: "Marie-Ségolène", family: "N’Guyen", function: "other", sites: w.tilleuls.sites, role: role.Reader})
		w.write(func(ctx context.Context, tx *store.Tx) error { // whatever a name may become one day
			if _, err := tx.Exec(ctx, `update member_state set family_name = $1 where email = 'x@tilleuls.example'`, `N’Guyen "<b>`+"\u0645"); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `update resource_state set name = $1, detail = $2 where resource_id = $3`, hostile, `{{.Name}} %s`, bad)
			return err
		})
		b := w.as(bruno)
		b.get(matrixPath+"?part=2").says(hostile, "{{.Name}} %s")
		p := b.get(matrixPath).says("12 agendas affichés sur 15")
		if n := len(p.all("select")); n > 12*6+10 {
			t.Errorf("%d controls", n)
		}
		if body := b.get(matrixPath + "?part=2").body; strings.Contains(body, "<script>alert") || strings.Contains(body, "<b>\u0645") {
			t.Error("a name became a tag")
		}
		form, action := p.matrixForm()
		form.Set(p.cell("Delmas Julie, agenda Salle 10"), "G")
		form.Set("part", "2")
		form.Del("do")
		p = b.follow(b.post(action, form)).pendingCount(1).says("3 agendas affichés sur 15", "Salle 10")
		form, action = p.matrixForm()
		form.Set("detail", "Kiné")
		form.Set("do", "filter")
		p = b.follow(b.post(action, form)).pendingCount(1).says("Salle 10", "Salle 22").saysNot("Salle 11")
		form, action = p.matrixForm()
		form.Set("q", "nguyen")
		form.Set("do", "filter")
		p = b.follow(b.post(action, form)).says("1 personne affichée sur 1", `N’Guyen "<b>`)
		if attr(p.all("form")[0], "action") == "" {
			t.Error("no form")
		}
		form, action = p.matrixForm()
		form.Set("do", "unfilter")
		b.follow(b.post(action, form)).says("12 agendas affichés sur 15")
	})
}

// The script's answer is the pending part alone.
func TestMatrixKept(t *testing.T) {
	each(t, func(w *world) {
		w.office()
		b := w.as(bruno)
		p := b.get(matrixPath)
		form, action := p.matrixForm()
		name := p.cell("Delmas Julie, agenda Dr Morvan")
		form.Del(name)
		form.Set(name[:len(name)-1]+"*", "G")
		form.Set("do", "keep")
		kept := b.post(action, form).answers(http.StatusOK)
		if !strings.Contains(kept.body, `id="pending"`) || !strings.Contains(kept.body, "Julie Delmas") || strings.Contains(kept.body, "Raccourcis") {
			t.Errorf("answer: %s", kept.body)
		}
		form.Set(name[:len(name)-1]+"*", "A") // back to what is recorded
		b.post(action, form)
		b.get(matrixPath).pendingCount(0)
	})
}

// RGT-3: the same for mailboxes, with their own levels.
func TestMatrixOfMailboxes(t *testing.T) {
	each(t, func(w *world) {
		o := w.office()
		b := w.as(bruno)
		path := "/o/tilleuls/access/messaging-profiles"
		p := b.get(path).says("Droits d’accès à la messagerie", "Lire et répondre")
		review := b.set(p, "review", "Delmas Julie, messagerie Accueil", "R").says("Messagerie Accueil", "Réponse")
		b.follow(b.save(review, "").leads(path)).says("1 changement enregistré.")
		if w.levelOf(julie, o.mail) != "reply" {
			t.Error("not saved")
		}
	})
}
