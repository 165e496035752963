package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"
)

// DESIGN.md 8 and 12, rules.md 13: the selection is reviewed, who is skipped is told
// why, the password is asked, and all of it is done or none.
func TestBulk(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(bruno)
		var ids []string
		for _, e := range []string{julie, yanis, bruno} {
			ids = append(ids, w.id(w.tilleuls, e).String())
		}
		w.clock.Add(6 * time.Minute)
		b.get("/o/tilleuls/members").answers(http.StatusOK).says("Pour les membres cochés", "Désactiver…")
		p := b.post("/o/tilleuls/members/bulk", url.Values{"act": {"deactivate"}, "member": ids}).answers(http.StatusOK)
		p.says("2 personnes seront désactivées", "Julie Delmas", "1 personne restera comme elle est", "Bruno Lacaze", "C’est vous", "Votre mot de passe")
		f := p.form("/members/bulk")
		if len(f["member"]) != 2 {
			t.Errorf("the form names %v", f["member"])
		}
		f.Set("password", wrong)
		b.post("/o/tilleuls/members/bulk", f).answers(http.StatusUnprocessableEntity).says("1 point à corriger", "Julie Delmas")
		f.Set("password", good)
		f.Add("member", w.id(w.tilleuls, bruno).String()) // forged: oneself
		b.post("/o/tilleuls/members/bulk", f).answers(http.StatusConflict)
		if n := w.count(`select count(*) from member_state where status = 'deactivated'`); n != 0 {
			t.Errorf("%d deactivated by an act that was refused", n)
		}
		f["member"] = f["member"][:2]
		b.follow(b.post("/o/tilleuls/members/bulk", f).leads("/o/tilleuls/members")).says("2 membres désactivés.")
		again := b.post("/o/tilleuls/members/bulk", url.Values{"act": {"deactivate"}, "member": ids[:1]}).answers(http.StatusOK)
		again.says("Il n’y a personne à désactiver", "Déjà désactivé")
	})
}

// ORG-4: of all administrators, one stays; of a whole filter, everybody else goes.
func TestBulkEveryone(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		p := b.post("/o/tilleuls/members/bulk", url.Values{"act": {"deactivate"}, "everyone": {"1"}, "list": {"q=e&admin=1"}}).answers(http.StatusOK)
		p.says("Bruno Lacaze", "Dernière personne", "Grand-Pré").saysNot("Delmas")
		b.post("/o/tilleuls/members/bulk", url.Values{"act": {"deactivate"}, "everyone": {"1"}, "list": {"q=%zz"}}).answers(http.StatusBadRequest)
	})
}

// AUZ-06, AUZ-01: nobody learns of, or touches, members they may not see.
func TestBulkForeign(t *testing.T) {
	each(t, func(w *world) {
		julie := w.id(w.tilleuls, julie).String()
		for _, b := range []*browser{w.as(nadege), w.as(olivia)} {
			slug := "tilleuls"
			if b.get("/o/tilleuls/home").status == http.StatusNotFound {
				slug = "deux-rives"
			}
			p := b.post("/o/"+slug+"/members/bulk", url.Values{"act": {"deactivate"}, "member": {julie}}).answers(http.StatusOK)
			p.says("Personne introuvable").saysNot("Delmas")
			b.post("/o/"+slug+"/members/bulk", url.Values{"act": {"deactivate"}, "confirm": {"1"}, "member": {julie}}).answers(http.StatusNotFound)
		}
		b := w.as(claire)
		b.follow(b.post("/o/tilleuls/members/bulk", url.Values{"act": {"deactivate"}}).leads("/o/tilleuls/members")).says("Cochez d’abord au moins un membre.")
		b.post("/o/tilleuls/members/bulk", url.Values{"act": {"delete"}, "member": {julie}}).answers(http.StatusBadRequest)
		b.get("/o/tilleuls/members/bulk").leads("/o/tilleuls/members")
	})
}
