package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/grant"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// lend makes Yanis's identity, at both his sites' organisation, and the front desk's.
func (w *world) lend() (own, desk resource.ID) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `update member_state set profile_type = 'regulated' where email = $1`, yanis)
		return err
	})
	site := w.tilleuls.sites[0].ID
	return w.thing(w.tilleuls, resource.Identity, "Dr Belkacem", "Généraliste", site, yanis), w.thing(w.tilleuls, resource.Identity, "Accueil", "", site, "")
}

// fresh is somebody who has just proved who they are.
func (w *world) fresh(email string) access.Actor {
	by := w.actor(email)
	by.StepUp = w.app.Clock.Now()
	return by
}

// filled is the form of new delegations to Julie.
func (w *world) filled(acts []string, on ...resource.ID) url.Values {
	f := url.Values{"member": {w.id(w.tilleuls, julie).String()}, "acts": acts, "do": {"check"}}
	for _, i := range on {
		f.Add("identities", i.String())
	}
	return f
}

const (
	delegationsPath = "/o/tilleuls/delegations"
	ownPath         = "/o/tilleuls/me/delegations"
)

// STP-01, rules.md 6: a delegation asks for the password when the last proof is old, on the
// review; what was typed stays, and nothing is given before.
func TestDelegationAsksForThePassword(t *testing.T) {
	each(t, func(w *world) {
		own, desk := w.lend()
		b := w.as(bruno)
		f := w.filled([]string{"send", "receive"}, own, desk)
		w.app.Clock.Add(6 * time.Minute)
		b.post(delegationsPath+"/new", f).answers(http.StatusOK).says("Vérifier la délégation", "Dr Belkacem", "Accueil", "Votre mot de passe", "Donner 4 délégations")
		f.Set("do", "give")
		b.post(delegationsPath+"/new", f).answers(http.StatusUnprocessableEntity).says("Vérifier la délégation")
		f.Set("password", "non")
		b.post(delegationsPath+"/new", f).answers(http.StatusUnprocessableEntity)
		if n := w.count(`select count(*) from delegation`); n != 0 {
			t.Fatalf("%d delegations", n)
		}
		f.Set("password", good)
		b.follow(b.post(delegationsPath+"/new", f).leads(delegationsPath)).says("4 délégations sont données", "Envoyer des documents")
		if n := w.count(`select count(*) from delegation`); n != 4 {
			t.Errorf("%d delegations", n)
		}
	})
}

// AUZ-10, RAC-07: the holder alone confirms, what they read and no other dates; who comes
// too late is told so on the list.
func TestConfirmingOnPages(t *testing.T) {
	each(t, func(w *world) {
		own, _ := w.lend()
		list, err := w.app.App.Delegations.Give(w.Context(), w.fresh(bruno), w.tilleuls.org.ID, grant.NewDelegations{
			Identities: []resource.ID{own}, Member: w.id(w.tilleuls, julie), Acts: []grant.Act{grant.Draft},
		})
		if err != nil {
			t.Fatal(err)
		}
		one := ownPath + "/" + list[0].ID.String()
		for _, page := range []string{"/confirm", "/refuse"} {
			w.as(bruno).get(one + page).answers(http.StatusForbidden).says("elle seule décide")
			w.as(bruno).post(one+page, url.Values{"version": {"1"}}).answers(http.StatusForbidden)
		}
		y := w.as(yanis)
		form := y.get(one + "/confirm").answers(http.StatusOK).says("Dès votre accord").form("/confirm")
		end := w.app.Clock.Now().Add(240 * time.Hour)
		if _, err = w.app.App.Delegations.Edit(w.Context(), w.fresh(bruno), w.tilleuls.org.ID, list[0].ID, 1, grant.Dates{Until: &end}); err != nil {
			t.Fatal(err)
		}
		y.follow(y.post(one+"/confirm", form).leads(one+"/confirm")).says("modifiée entre-temps", "jusqu’au")
		w.app.Clock.Add(6 * time.Minute)
		form = y.get(one + "/confirm").says("Votre mot de passe").form("/confirm")
		y.post(one+"/confirm", form).answers(http.StatusUnprocessableEntity)
		form.Set("password", good)
		y.follow(y.post(one+"/confirm", form).leads(ownPath)).says("peut rédiger des consultations en votre nom", "En cours")
		y.follow(y.post(one+"/confirm", form).leads(ownPath)).says("a déjà reçu une réponse")
		y.follow(y.get(one + "/refuse").leads(ownPath)).says("a déjà reçu une réponse")
		w.as(bruno).get(delegationsPath + "/" + list[0].ID.String() + "/edit").answers(http.StatusForbidden)
		y.follow(y.post(one+"/end", url.Values{}).leads(ownPath)).says("Délégation retirée")
		y.follow(y.post(one+"/end", url.Values{}).leads(ownPath)).says("déjà terminée")
	})
}

// CHG-1: dates that somebody else changed meanwhile are told; what was typed stays.
func TestDatesOfDelegationConflict(t *testing.T) {
	each(t, func(w *world) {
		_, desk := w.lend()
		b := w.as(bruno)
		f := w.filled([]string{"send"}, desk)
		f.Set("do", "give")
		f.Set("until", "2031-06-30")
		b.follow(b.post(delegationsPath+"/new", f).leads(delegationsPath)).says("au 30 juin 2031")
		edit := ""
		for _, href := range b.get(delegationsPath).links() {
			if strings.HasSuffix(href, "/edit") {
				edit = href
			}
		}
		first, second := b.get(edit).form("/edit"), b.get(edit).form("/edit")
		if first.Get("until") != "2031-06-30" {
			t.Errorf("%v", first)
		}
		first.Set("until", "2031-07-31")
		b.follow(b.post(edit, first).leads(delegationsPath)).says("Dates enregistrées", "au 31 juil. 2031")
		second.Set("until", "2031-08-31")
		p := b.post(edit, second).answers(http.StatusPreconditionFailed).says("entre-temps", "au 31 juil. 2031")
		again := p.form("/edit")
		if again.Get("until") != "2031-08-31" {
			t.Errorf("%v", again)
		}
		b.follow(b.post(edit, again).leads(delegationsPath)).says("au 31 août 2031")
		again = b.get(edit).form("/edit")
		again.Set("until", "2020-01-01")
		b.post(edit, again).says("Choisissez une fin après le début")
		again.Set("until", "jamais")
		b.post(edit, again).answers(http.StatusUnprocessableEntity).says("date qui existe")
		b.get(delegationsPath + "?q=" + strings.Repeat("a", 201)).answers(http.StatusUnprocessableEntity)
		b.get(delegationsPath + "?state=proposed&q=personne").answers(http.StatusOK).says("Aucune délégation ne correspond")
	})
}
