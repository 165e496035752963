package web_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"habilis/internal/store"
)

// numbered gives yanis a wrong number; the address of the page that puts it right.
func (w *world) numbered() (sheet string) {
	w.Helper()
	w.departing()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update member_state set rpps = $2, identity_source = 'declared' where email = $1`, yanis, ninety9)
		return err
	})
	return "/o/tilleuls/members/" + w.id(w.tilleuls, yanis).String()
}

// MEM-3: from the sheet, the number is looked up, what changes and what passes is read, the full name
// is typed, and a new sheet takes the place of the old one; each leads to the other; the way back. What
// is confirmed is the number that was looked at.
func TestReplacementPages(t *testing.T) {
	each(t, func(w *world) {
		w.search(sample())
		sheet := w.numbered()
		path := sheet + "/replacement"
		b := w.as(bruno)
		w.clock.Add(6 * time.Minute) // the proof of the sign-in is over
		if link := b.get(sheet).linkOf("Numéro erroné\u202f? Remplacer ce membre"); link != path {
			t.Fatal(link)
		}
		p := b.get(path).answers(http.StatusOK).says("Remplacer la fiche de Dr Yanis Belkacem", "Bon numéro RPPS").saysNot("Ce qui passe")
		f := p.form(path)
		f.Set("do", "preview")
		f.Set("rpps", ninety9)
		b.post(path, f).answers(http.StatusUnprocessableEntity).says("celui-ci est déjà celui de la fiche") // merge.same_number
		f.Set("rpps", "123")
		b.post(path, f).answers(http.StatusUnprocessableEntity)
		f.Set("rpps", boubacar)
		p = b.post(path, f).answers(http.StatusUnprocessableEntity).says("Masseur-kinésithérapeute", "Cabinet du Port").saysNot("Ce qui passe")
		f = p.form(path)
		f.Set("do", "preview")
		f.Set("activity", "b2")
		p = b.post(path, f).answers(http.StatusOK).says("Boubacar", "Diallo", "Ce qui passe à la nouvelle fiche", "2 établissements", "5 éléments de travail en cours",
			"1 agenda, messagerie ou identité à son nom", "Pour confirmer, écrivez : Yanis Belkacem")
		f = p.form(path)
		f.Set("do", "replace")
		f.Set("full_name", "Yanis Belkacem")
		f.Set("password", good)
		f.Set("rpps", "99700000021") // typed after the look: it is looked at first
		p = b.post(path, f).answers(http.StatusOK).says("L’Annuaire Santé ne confirme pas ce numéro")
		if w.count(`select count(*) from departure where into_member <> ''`) != 0 {
			t.Fatal("another number than the one that was looked at was taken")
		}
		f = p.form(path)
		f.Set("do", "replace")
		f.Set("full_name", "yanis")
		f.Set("password", good)
		b.post(path, f).answers(http.StatusUnprocessableEntity).says("Écrivez exactement")
		f.Set("full_name", "Yanis Belkacem")
		f.Set("password", wrong)
		w.clock.Add(6 * time.Minute)
		b.post(path, f).answers(http.StatusUnprocessableEntity).says("mot de passe")
		f.Set("password", good)
		read := f.Get("version")
		f.Set("version", "999")
		b.post(path, f).answers(http.StatusConflict).says("quelqu’un d’autre vient de modifier cette fiche") // replace.stale
		f.Set("version", read)
		p = b.follow(b.post(path, f).answers(http.StatusSeeOther)).says("a pris la place de l’ancienne", "99 700 000 021", "Remplace la fiche de")
		if link := p.linkOf("Yanis Belkacem"); link != path {
			t.Error("the new sheet does not lead to the old one:", link)
		}
		b.get(sheet).answers(http.StatusNotFound)
		w.comes(0, `select count(*) from work_item where owner_id = $1`, w.id(w.tilleuls, yanis))
		b.get(sheet+"/departure").answers(http.StatusOK).says("Voir le remplacement", "une autre fiche de la même personne a pris cette place")
		p = b.get(path).answers(http.StatusOK).says("Ancienne fiche de Yanis Belkacem", "Nouvelle fiche", "Annuler le remplacement")
		undo := p.form(path + "/undo")
		w.clock.Add(6 * time.Minute)
		b.post(path+"/undo", undo).answers(http.StatusUnprocessableEntity).says("mot de passe")
		undo.Set("password", good)
		undo.Set("version", "7")
		b.post(path+"/undo", undo).answers(http.StatusPreconditionFailed)
		undo.Set("version", "1")
		b.follow(b.post(path+"/undo", undo).leads(sheet)).says("a repris sa place", "99 700 000 013")
	})
}

// AUZ-01, AUZ-06: whoever may not decide of the member has no link and no page; who has no number is
// told so.
func TestReplacementRefused(t *testing.T) {
	each(t, func(w *world) {
		sheet := w.numbered()
		w.as(julie).get(sheet + "/replacement").answers(http.StatusForbidden)
		w.as(julie).get(sheet).saysNot("Remplacer ce membre")
		b := w.as(bruno)
		b.get("/o/tilleuls/members/" + w.id(w.tilleuls, julie).String() + "/replacement").answers(http.StatusConflict).says("Choisissez un membre qui porte un numéro RPPS")
		b.get("/o/tilleuls/members/" + w.id(w.tilleuls, bruno).String() + "/replacement").answers(http.StatusConflict)
	})
}
