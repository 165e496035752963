package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/store"
	"habilis/internal/text"
)

// lone makes an account that is a member nowhere.
func (w *world) lone(address string) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		email, _ := account.ParseEmail(address)
		a, err := account.Insert(ctx, tx, account.New{Email: email, Names: account.Names{GivenName: "Rose", FamilyName: "Ferrand"}, Language: text.FR})
		if err != nil {
			return err
		}
		return credential.SetPassword(ctx, tx, a.ID, w.hash)
	})
}

// keepLink waits for the letter whose link keeps an account, other than one.
func (w *world) keepLink(email, but string) string {
	w.Helper()
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		for _, m := range w.app.Mails(email) {
			for _, l := range m.Links {
				if _, path, found := strings.Cut(l, "/erasure/stop/"); found && "/erasure/stop/"+path != but {
					return "/erasure/stop/" + path
				}
			}
		}
	}
	w.Fatal("no letter came with a link that keeps the account")
	return ""
}

// AUD-4: an administrator of the platform finds an account by its address and asks for its erasure; what must be
// corrected is said at its field, what stands in the way before the form; it waits, is taken back, and is stopped by
// whoever has the letter, without signing in. To the support and to others the page does not exist.
func TestErasureByPlatform(t *testing.T) {
	each(t, func(w *world) {
		const path, rose = "/platform/erasures", "rose.ferrand@exemple.fr"
		w.lone(rose)
		b := w.platform(account.Administrator)
		if !b.get("/platform/organizations").hasLink(path) {
			t.Error("the platform does not lead to it")
		}
		f := b.get(path).answers(http.StatusOK).says("Aucun effacement n’attend").form(path)
		f.Set("email", "personne@exemple.fr")
		b.post(path, f).answers(http.StatusUnprocessableEntity).says("aucun compte ne l’utilise")
		f.Set("email", julie)
		b.post(path, f).answers(http.StatusOK).says("Ce compte doit d’abord quitter ses organisations", "Membre de", "Maison de santé des Tilleuls").
			saysNot("Pour confirmer")
		f.Set("email", "admin@habilis.example")
		b.post(path, f).answers(http.StatusOK).says("Demandez l’effacement de votre propre compte") // privacy.erase_self
		ask := func() {
			f.Set("email", rose)
			w.clock.Add(6 * time.Minute)
			g := b.post(path, f).answers(http.StatusOK).says("Effacer le compte de Rose Ferrand", "N’écrivez aucun nom").form(path + "/ask")
			g.Set("password", good)
			b.post(path+"/ask", g).answers(http.StatusUnprocessableEntity).says("Référence de la demande écrite : remplissez ce champ", "exactement comme")
			g.Set("full_name", "Rose Ferrand")
			g.Set("ground", "nº 7")
			b.post(path+"/ask", g).answers(http.StatusUnprocessableEntity).says("Écrivez au moins 10 caractères") // privacy.ground_short
			g.Set("ground", "Demande de Rose Ferrand")
			b.post(path+"/ask", g).answers(http.StatusUnprocessableEntity).says("Retirez le nom") // privacy.ground_names
			g.Set("ground", "Courrier 2026-118")
			b.follow(b.post(path+"/ask", g).leads(path)).says("commence dans 7 jours", "Rose Ferrand", rose)
			b.post(path, f).answers(http.StatusOK).says("l’effacement de ce compte est déjà demandé") // privacy.erasure_waits
		}
		ask()
		before := w.keepLink(rose, "")
		var stop string
		for _, form := range b.get(path).all("form") {
			if action := attr(form, "action"); strings.HasSuffix(action, "/stop") {
				stop = action
			}
		}
		b.follow(b.post(stop, nil).leads(path)).says("L’effacement est annulé", "Aucun effacement n’attend")
		b.post(stop, nil).answers(http.StatusNotFound)
		ask()
		link := w.keepLink(rose, before)
		other := w.browser()
		other.get(link).leads("/erasure/stop")
		other.get("/erasure/stop").answers(http.StatusOK).says("Garder votre compte", "il ne vous connecte pas")
		other.follow(other.post("/erasure/stop", nil).leads("/login")).says("Votre compte est gardé")
		other.get(link).leads("/erasure/stop")
		other.get("/erasure/stop").answers(http.StatusGone).says("Il n’y a plus rien à arrêter") // privacy.stay_gone
		b.get(path).says("Aucun effacement n’attend")
		ask()
		w.as(rose)
		b.get(path).says("Aucun effacement n’attend")
		w.as(claire).get(path).answers(http.StatusNotFound)
	})
}

// The support of the platform does not erase.
func TestErasureNotBySupport(t *testing.T) {
	each(t, func(w *world) {
		b := w.platform(account.Support)
		if b.get("/platform/organizations").hasLink("/platform/erasures") {
			t.Error("the support is led to it")
		}
		b.get("/platform/erasures").answers(http.StatusNotFound)
		b.post("/platform/erasures/ask", nil).answers(http.StatusNotFound)
	})
}
