package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"habilis/internal/credential"
	"habilis/internal/secret"
)

const security = "/account/security"

// shown is what an application shows now, of the seed that a page shows in groups.
func (w *world) shown(p *page) string {
	w.Helper()
	m := regexp.MustCompile(`<code id="seed">([A-Z2-7 ]+)</code>`).FindStringSubmatch(p.body)
	if len(m) != 2 || !regexp.MustCompile(`^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$`).MatchString(m[1]) {
		w.Fatalf("no seed in groups of four: %s", p.text())
	}
	code, err := credential.TOTPCode(secret.NewText(strings.ReplaceAll(m[1], " ", "")), w.clock.Now())
	if err != nil {
		w.Fatal(err)
	}
	return code
}

// SEC-2, rules.md 5: an application of codes is added on one page that can be reloaded: the
// QR code is drawn in the page, and its seed is gone once it was proved.
func TestAddApplication(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(julie)
		const path = security + "/totp/new"
		b.get(security).answers(http.StatusOK).says("Seconds facteurs", "Ajouter une application de codes", "Aucun code de secours")
		if p := b.get(path); strings.Contains(p.body, "<svg viewBox=\"0 0 ") && strings.Contains(p.body, `id="seed"`) {
			t.Error("looking at the page draws a seed")
		}
		b.follow(b.post(path, nil).leads(path))
		p := b.get(path).says("recopiez cette clé")
		if !strings.Contains(p.body, `role="img"`) || strings.Contains(p.body, "data:image") || p.header.Get("Cache-Control") != "no-store" {
			t.Error("the QR code is not drawn in the page")
		}
		form := p.form(path + "/confirm")
		form.Set("code", "12")
		b.post(path+"/confirm", form).answers(http.StatusUnprocessableEntity).says("Recopiez les 6 chiffres")
		form.Set("code", w.shown(p))
		form.Set("name", "Cabinet")
		list := b.follow(b.post(path+"/confirm", form).leads(security)).says("Second facteur ajouté", "Cabinet", "Application de codes")
		if strings.Contains(list.body, `id="seed"`) || strings.Contains(b.get(path).body, `id="seed"`) {
			t.Error("the seed is shown after the proof")
		}
		b.follow(b.post(path+"/confirm", form).leads(path)).says("Recommencez") // factor.enrolment_over
		w.as(claire).get(security + "/factors/fct_nothing/remove").answers(http.StatusNotFound)
	})
}

// Recovery codes stand in the answer that made them and nowhere else; sent twice, the form
// makes no second set.
func TestRecoveryCodesAreShownOnce(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(julie)
		const path, totp = security + "/recovery/new", security + "/totp/new"
		form := b.get(path).form(path)
		b.post(path, form).answers(http.StatusConflict).says("Ajoutez d’abord un second facteur") // factor.none_yet
		p := b.follow(b.post(totp, nil))
		proof := p.form(totp + "/confirm")
		proof.Set("code", w.shown(p))
		b.follow(b.post(totp+"/confirm", proof))
		made := b.post(path, b.get(path).form(path)).answers(http.StatusOK).says("ils ne seront plus jamais montrés", "Je les ai notés")
		codes := regexp.MustCompile(`<code>([0-9a-f-]{19})</code>`).FindAllStringSubmatch(made.body, -1)
		if len(codes) != credential.RecoveryCodes {
			t.Fatalf("%d codes", len(codes))
		}
		form = b.get(path).says("Vos codes actuels ne vaudront plus rien").form(path)
		b.post(path, form).answers(http.StatusOK)
		again := b.follow(b.post(path, form).leads(security)).says("ils ont déjà été montrés", "10 codes restants") // factor.codes_shown
		if strings.Contains(again.body, codes[0][1]) || w.count(`select count(*) from recovery_set`) != 2 {
			t.Error("sent twice")
		}
		b.post(path, nil).answers(http.StatusBadRequest)
	})
}

// MFA-06, STP-01: a session whose proof is old asks for the password first, and nothing is
// done without it.
func TestFactorPagesAskForThePassword(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(julie)
		w.clock.Add(6 * time.Minute)
		const path = security + "/totp/new"
		b.get(path).says("Changer vos seconds facteurs demande votre mot de passe")
		b.post(path, nil).answers(http.StatusUnprocessableEntity)
		b.post(security+"/recovery/new", b.get(security+"/recovery/new").form(security+"/recovery/new")).answers(http.StatusUnprocessableEntity)
		if w.count(`select count(*) from factor f join account_state s on s.account_id = f.account_id where s.email_key = $1`, julie) != 0 {
			t.Error("begun all the same")
		}
	})
}

// SEC-2, rules.md 5: whoever must have a second factor keeps one; whoever proved none in
// this session is asked for it, or waits.
func TestRemoveFactorPage(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire) // who administers, in a browser that is remembered
		link := regexp.MustCompile(security + `/factors/fct_[0-9a-f-]+/remove`).FindString(b.get(security).body)
		if link == "" {
			t.Fatal("no factor to remove")
		}
		p := b.get(link).says("Vous ne l’avez plus", "Prouver un second facteur")
		if strings.Contains(p.text(), "Retirer maintenant") {
			t.Error("offers what it refuses")
		}
		b.post(link, nil).leads(link) // factor.stronger_needed
		b.post(security+"/totp/new", nil).leads("/account/second-factor")
		b.follow(b.post(link+"-later", nil).leads(security)).says("Demande enregistrée", "Sera retiré le")
		keep := strings.TrimSuffix(link, "remove") + "keep"
		b.follow(b.post(keep, nil).leads(security)).says("est gardé")
		b.post(keep, nil).answers(http.StatusGone)
		rename := strings.TrimSuffix(link, "remove") + "rename"
		form := b.get(rename).form(rename)
		form.Set("name", strings.Repeat("x", credential.MaxFactorName+1))
		b.post(rename, form).answers(http.StatusUnprocessableEntity)
		form.Set("name", "Tiroir")
		b.follow(b.post(rename, form).leads(security)).says("Nom modifié", "Tiroir")
		w.as(julie).get(link).answers(http.StatusNotFound) // factor.not_found
	})
}

// A link that stops nothing says so, whatever it is.
func TestStopLinkIsGone(t *testing.T) {
	each(t, func(w *world) {
		b := w.browser()
		b.get("/factors/stop/hl_nothing").leads("/factors/stop")
		b.get("/factors/stop").answers(http.StatusGone).says("Il n’y a plus rien à annuler") // factor.stop_gone
		b.post("/factors/stop", nil).answers(http.StatusGone)
	})
}
