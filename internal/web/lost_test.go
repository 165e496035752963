package web_test

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/login"
	"habilis/internal/setting"
	"habilis/internal/store"
)

const pathLost = "/login/lost"

// SEC-2, rules.md 5: from the page of the second factor, the page says what will happen, asks,
// and says when; on the day the password leads to a new factor and nowhere else.
func TestLost(t *testing.T) {
	each(t, func(w *world) {
		b := w.halfway(claire)
		p := b.get("/login/second-factor?next=%2Fo%2Ftilleuls%2Fmembers").says("J’ai tout perdu")
		if !p.hasLink(pathLost + "?next=%2Fo%2Ftilleuls%2Fmembers") {
			t.Errorf("%v", p.links())
		}
		p = b.get(pathLost+"?next=%2Fo%2Ftilleuls%2Fmembers").answers(http.StatusOK).
			says("Vous avez tout perdu", "Un e-mail vous prévient à "+claire, "Les personnes qui administrent votre organisation sont prévenues", "72 heures",
				"Demandez de vive voix à une personne qui administre votre organisation"). //nolint:misspell // French
			// A password alone is no reason to know where its person works, nor with whom.
			saysNot("Un SMS vous prévient", "Claire Morvan", "Nadège Petit", "Bruno Lacaze", "Tilleuls", "CPTS des Deux-Rives")
		day := w.clock.Now().Add(credential.Delay)
		b.follow(b.post(pathLost, p.form(pathLost)).leads(pathLost+"?next=%2Fo%2Ftilleuls%2Fmembers")).answers(http.StatusOK).
			says("La demande est enregistrée", "Tout sera retiré le").saysNot("Demander le retrait")
		b.follow(b.post(pathLost, nil).leads(pathLost)).says("La demande est enregistrée")
		if n := w.count(`select count(*) from factor_recovery where what = 'lose'`); n != 1 {
			t.Errorf("%d requests", n)
		}

		in := w.as(claire) // in a browser that is remembered
		in.get("/organizations?stay=1").says("Le retrait de tous vos seconds facteurs est demandé")
		in.get(security).answers(http.StatusOK).says("Retrait demandé", "Garder mes seconds facteurs")

		w.clock.Add(day.Sub(w.clock.Now()) + time.Minute)
		w.app.MailAfter(claire, 0)
		until := time.Now().Add(10 * time.Second)
		for w.count(`select count(*) from factor where removed_at is null`) > 0 {
			if time.Now().After(until) {
				t.Fatal("nothing was taken on the day")
			}
			time.Sleep(10 * time.Millisecond)
		}
		in.get(security).answers(http.StatusSeeOther)
		b = w.browser()
		b.follow(b.follow2(b.post("/login", map[string][]string{"email": {claire}, "password": {good}}))).says("Ajoutez un second facteur")
		b.get(pathLost).leads("/login/second-factor/enrol") // login.must_enrol
	})
}

// Whoever is signed in keeps what somebody else asked to take, in one click; so does the link.
func TestLostIsStopped(t *testing.T) {
	each(t, func(w *world) {
		w.halfway(claire).post(pathLost, nil).leads(pathLost)
		before := w.stopLink(claire, "")
		in := w.as(claire)
		in.follow(in.post(security+"/lost/stop", nil).leads(security)).says("vos seconds facteurs sont gardés").saysNot("Retrait demandé")
		in.post(security+"/lost/stop", nil).answers(http.StatusGone)
		w.browser().post(security+"/lost/stop", nil).answers(http.StatusSeeOther)

		w.halfway(claire).post(pathLost, nil).leads(pathLost)
		link := w.stopLink(claire, before)
		b := w.browser()
		b.follow(b.get(link)).answers(http.StatusOK).says("Garder vos seconds facteurs")
		b.follow(b.post("/factors/stop", nil).leads("/login")).says("La demande est annulée")
		b.follow(b.get(link)).answers(http.StatusGone)
	})
}

// The true owner who is asked for the second factor reads what somebody who has the password
// asked, and stops it by giving one; whoever has none, does not.
func TestLostAtTheSecondFactor(t *testing.T) {
	each(t, func(w *world) {
		const page, asked = "/login/second-factor", "quelqu’un qui connaît votre mot de passe a dit avoir tout perdu"
		thief := w.halfway(claire)
		thief.get(page).saysNot(asked)
		thief.post(pathLost, nil).leads(pathLost)
		thief.get(page).says(asked).saysNot("Garder mes seconds facteurs")
		owner := w.halfway(claire)
		p := owner.get(page).answers(http.StatusOK).says(asked, "entrez avec l’un d’eux")
		form := p.form(page)
		form.Set("code", "000000")
		owner.post(page, form).answers(http.StatusUnprocessableEntity).says(asked)
		form.Set("code", w.totp())
		owner.post(page, form).answers(http.StatusSeeOther)
		owner.get(security).says("Vous venez d’en utiliser un", "changez votre mot de passe").saysNot("Retrait demandé")
		thief.get(page).saysNot(asked)
		if n := w.count(`select count(*) from factor_recovery where what = 'lose' and stopped_at is not null`); n != 1 {
			t.Errorf("%d stopped", n)
		}
	})
}

// An administrator reads on the sheet and on the page of its security that everything is to be
// taken, and keeps it; two at once are told (factor.stop_gone).
func TestLossIsStoppedByAdministrator(t *testing.T) {
	each(t, func(w *world) {
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, julie).String()
		b := w.as(claire)
		b.get(sheet + "/security").saysNot("Retrait demandé")
		w.factor(julie, credential.TOTP)
		w.halfway(julie).post(pathLost, nil).leads(pathLost)
		b.get(sheet).says("Retrait demandé", "Tous ses seconds facteurs, le")
		to := b.get(sheet+"/security").says("Retrait demandé", "a dit avoir tout perdu").linkOf("Garder ses seconds facteurs")
		form := b.get(to).answers(http.StatusOK).says("Garder les seconds facteurs de Julie Delmas").form("/loss")
		b.follow(b.post(to, form)).says("Seconds facteurs gardés", "Julie Delmas en est prévenu").saysNot("Retrait demandé")
		b.post(to, form).answers(http.StatusGone).says("Il n’y a plus rien à annuler")
		w.as(yanis).get(to).answers(http.StatusForbidden)
	})
}

// stopLink waits for a letter whose link keeps the second factors, other than one.
func (w *world) stopLink(email, but string) string {
	w.Helper()
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		for _, m := range w.app.Mails(email) {
			for _, l := range m.Links {
				if _, path, found := strings.Cut(l, "/factors/stop/"); found && "/factors/stop/"+path != but {
					return "/factors/stop/" + path
				}
			}
		}
	}
	w.Fatal("no letter came with a link that stops it")
	return ""
}

// The platform's people are told whom to ask, and are refused: login.lost_platform.
func TestLostOfPlatform(t *testing.T) {
	each(t, func(w *world) {
		b := w.halfway(claire)
		w.write(func(ctx context.Context, tx *store.Tx) error {
			e, _ := account.ParseEmail(claire)
			a, _, err := account.ByEmail(ctx, tx, e.Key)
			if err != nil {
				return err
			}
			a.PlatformRole = account.Administrator
			_, err = account.Set(ctx, tx, a)
			return err
		})
		b.get(pathLost).answers(http.StatusOK).says("Demandez à une autre personne qui administre la plateforme").saysNot("Demander le retrait") //nolint:misspell // French
		b.post(pathLost, nil).answers(http.StatusForbidden).says("Demandez à une autre personne qui administre la plateforme")                   //nolint:misspell // French
	})
}

// Without the first proof there is no page; asking too often is said on it.
func TestLostRefused(t *testing.T) {
	each(t, func(w *world) {
		w.browser().get(pathLost).leads("/login")
		w.browser().post(pathLost, nil).leads("/login")
		b := w.halfway(claire)
		for range login.LossesPerAddress {
			b.post(pathLost, nil).leads(pathLost)
		}
		in := w.as(claire)
		in.post(security+"/lost/stop", nil).leads(security)
		b.post(pathLost, nil).answers(http.StatusTooManyRequests).says("Vous avez tout perdu")
	})
}

// Somebody whose only factor is the network of their organisation, and who is elsewhere, is
// told where to go, and has the way back; inside, nothing is asked.
func TestNoWayHere(t *testing.T) {
	each(t, func(w *world) {
		w.policy(w.tilleuls, func(s *setting.Security) {
			s.Networks, s.NetworkFactor = []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}, true
		})
		w.factor(julie, credential.Address)
		b := w.browser()
		b.post("/login", map[string][]string{"email": {julie}, "password": {good}}).leads("/login/second-factor")
		p := b.get("/login/second-factor").answers(http.StatusOK).
			says("Aucun de vos moyens ne peut servir ici", "Connectez-vous depuis le réseau de votre organisation", "J’ai tout perdu").saysNot("Code à 6 chiffres")
		if !p.hasLink(pathLost) {
			t.Error("no way back")
		}
		b.get(pathLost).answers(http.StatusOK).says("Demander le retrait dans 72 heures")
	})
}
