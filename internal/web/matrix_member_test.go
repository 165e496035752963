package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"habilis/internal/grant"
)

// field is the name of the control whose label says this.
func (p *page) field(label string) string {
	p.w.Helper()
	for _, n := range p.all("label") {
		if plain(words(n)) == label {
			return attr(n, "for")
		}
	}
	p.w.Fatalf("%s has no field %q:\n%s", p.path, label, p.text())
	return ""
}

// RGT-8: the levels of one member, with their first and last days; the matrix tells them,
// and a level that changes there keeps its end.
func TestMemberLevels(t *testing.T) {
	each(t, func(w *world) {
		o := w.office()
		b := w.as(bruno)
		path := "/o/tilleuls/members/" + w.id(w.tilleuls, julie).String() + "/levels"
		p := b.get(path).says("Agendas", "Messagerie", "Dr Morvan", "Accueil")
		now := w.db.Now()
		last := now.AddDate(0, 1, 0).Format("2006-01-02")
		form := p.form("/levels")
		form.Set(p.field("Niveau : Dr Morvan"), "L")
		form.Set(p.field("Dernier jour Dr Morvan"), last)
		form.Set(p.field("Niveau : Accueil"), "R")
		form.Set("do", "review")
		review := b.follow(b.post(path, form)).says("2 changements pour 1 personne", "jusqu’au")
		b.follow(b.save(review, "").leads(path)).says("2 changements enregistrés.")
		p = b.get(path)
		if got := p.form("/levels").Get(p.field("Dernier jour Dr Morvan")); got != last {
			t.Errorf("last day %q, want %q", got, last)
		}
		b.get(matrixPath).says("jusqu’au")
		b.set(b.get(matrixPath), "review", "Delmas Julie, agenda Dr Morvan", "G")
		b.follow(b.save(b.get("/o/tilleuls/access/review-changes"), ""))
		if w.count(`select count(*) from access_grant where resource_id = $1 and level = 'manage' and ends_at is not null and known_until is null`, o.claire) != 1 {
			t.Error("the end was lost")
		}
		form = b.get(path).form("/levels") // the end alone is taken away
		form.Set(p.field("Dernier jour Dr Morvan"), "")
		form.Set("do", "stay")
		p = b.follow(b.post(path, form)).pendingCount(1)
		form = p.form("/levels") // and put back: there is nothing left to save
		form.Set(p.field("Dernier jour Dr Morvan"), last)
		form.Set("do", "stay")
		b.follow(b.post(path, form)).pendingCount(0)
	})
}

// DESIGN.md 10: dates that cannot be are told at their line, and what was typed stays.
func TestMemberLevelsErrors(t *testing.T) {
	each(t, func(w *world) {
		w.office()
		b := w.as(bruno)
		path := "/o/tilleuls/members/" + w.id(w.tilleuls, julie).String() + "/levels"
		p := b.get(path)
		form := p.form("/levels")
		for label, value := range map[string]string{
			"Niveau : Dr Morvan": "L", "Dernier jour Dr Morvan": "2001-01-01",
			"Niveau : Dr Belkacem": "G", "Premier jour Dr Belkacem": "demain",
			"Niveau : Échographie": "D", "Premier jour Échographie": w.db.Now().AddDate(0, 2, 0).Format("2006-01-02"),
			"Dernier jour Échographie": w.db.Now().AddDate(0, 1, 0).Format("2006-01-02"),
			"Niveau : Accueil":         "G",
		} {
			form.Set(p.field(label), value)
		}
		form.Set("do", "review")
		p = b.post(path, form).answers(http.StatusUnprocessableEntity)
		p.says("3 points à corriger", "Choisissez un dernier jour à venir", "Saisissez une date,", "Choisissez un dernier jour après le premier").pendingCount(1)
		again := p.form("/levels")
		if again.Get(p.field("Premier jour Dr Belkacem")) != "demain" || again.Get(p.field("Niveau : Dr Belkacem")) != "G" {
			t.Error("what was typed is lost")
		}
		if !p.hasLink("#" + p.field("Dernier jour Dr Morvan")) {
			t.Error("the summary does not lead to the field")
		}
		b.post(path, url.Values{"ids": {"agd_x"}}).answers(http.StatusBadRequest)
		form.Set("seen.0", "A")
		b.post(path, form).answers(http.StatusBadRequest)
	})
}

// AUZ-06: a member of another site, or of nobody's sight, is not found; a holder's own
// agenda cannot be changed.
func TestMemberLevelsPermissions(t *testing.T) {
	each(t, func(w *world) {
		o := w.office()
		w.give(bruno, grant.Change{Member: w.id(w.tilleuls, yanis), Resource: o.room, Level: grant.Read})
		path := "/o/tilleuls/members/" + w.id(w.tilleuls, yanis).String() + "/levels"
		p := w.as(nadege).get(path).says("Dr Belkacem", "Titulaire").saysNot("Échographie")
		if strings.Contains(p.body, `class="lvl"`) {
			t.Error("a holder's level can be changed")
		}
		w.as(nadege).get("/o/tilleuls/members/" + w.id(w.tilleuls, julie).String() + "/levels").answers(http.StatusNotFound)
		w.as(julie).get(path).answers(http.StatusForbidden)
	})
}
