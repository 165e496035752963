package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"habilis/internal/account"
	"habilis/internal/session"
	"habilis/internal/store"
)

const (
	merges = "/account/security/accounts"
	begin  = merges + "/new"
	second = begin + "/second-factor"
	review = begin + "/review"
)

// otherAccount is what is typed of the other account.
func otherAccount(email, password string) url.Values {
	return url.Values{"other_email": {email}, "other_password": {password}}
}

// proves gives both proofs of olivia's account, and what is read then.
func (b *browser) proves() *page {
	b.w.Helper()
	b.w.app.Remembered(olivia) // gives her a code application
	p := b.follow(b.post(begin, otherAccount(olivia, good)).leads(second)).answers(http.StatusOK)
	form := p.form(second)
	form.Set("code", b.w.totp())
	return b.follow(b.post(second, form).leads(review)).answers(http.StatusOK)
}

// joins has olivia's account give way.
func (b *browser) joins() *page {
	b.w.Helper()
	b.proves()
	return b.follow(b.post(review, url.Values{}).leads(merges)).answers(http.StatusOK)
}

// unmergeLink is the link in the letter to the account that gave way.
func (w *world) unmergeLink(email string) string {
	w.Helper()
	for until := time.Now().Add(10 * time.Second); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		for _, m := range w.app.Mails(email) {
			for _, l := range m.Links {
				if _, path, found := strings.Cut(l, "/accounts/undo/"); found {
					return "/accounts/undo/" + path
				}
			}
		}
	}
	w.Fatal("no letter came with a link that undoes it")
	return ""
}

// Two accounts of one person: the other one is proved with its password and second factor in a session of this one, what
// becomes of it is read, it gives way, and it is taken back. The proof opens no session and stands in no sign-in.
func TestMergePages(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(bruno)
		if to := b.get("/account/security").says("Réunir deux comptes").linkOf("Réunir un autre compte à celui-ci"); to != begin {
			t.Fatal(to)
		}
		b.get(merges).answers(http.StatusOK).says("Aucun compte réuni")
		b.get(begin).answers(http.StatusOK).
			says("Vous vous connecterez partout avec "+bruno, "Pendant 30 jours, vous pourrez tout annuler", "Adresse e-mail de l’autre compte").
			saysNot("Ce compte-ci") // proved by the sign-in just now
		w.app.Remembered(olivia)
		p := b.follow(b.post(begin, otherAccount(olivia, good)).leads(second)).answers(http.StatusOK).
			says("Prouver que l’autre compte est à vous", olivia, "Code à 6 chiffres").saysNot("J’ai tout perdu", "Se souvenir de cet appareil") //nolint:misspell // French
		if b.cookie("m") == "" || b.cookie("h") != "" {
			t.Fatal("the proof of the other account is kept where that of a sign-in is")
		}
		stranger := w.browser()
		stranger.client.Jar.SetCookies(w.url, []*http.Cookie{{Name: "habilis-h", Value: b.cookie("m"), Path: "/"}})
		stranger.get("/login/second-factor").leads("/login")
		form := p.form(second)
		stranger.post("/login/second-factor", url.Values{"way": {"totp"}, "code": {w.totp()}}).leads("/login")
		b.get(review).leads(second) // nothing is foreseen before both proofs
		b.post(review, url.Values{})
		w.comes(0, `select count(*) from account_merge`)

		b.post(second, form).answers(http.StatusUnprocessableEntity).says("Saisissez le code")
		form.Set("code", "000 000")
		b.post(second, form).answers(http.StatusUnprocessableEntity).says("Recopiez le code qui s’affiche maintenant")
		form.Set("code", w.totp())
		b.get("/o/deux-rives/home").answers(http.StatusNotFound)
		w.as(olivia) // is open in two browsers, by now
		w.as(olivia)
		b.follow(b.post(second, form).leads(review)).answers(http.StatusOK).
			says(olivia+" rejoint "+bruno, "Ce qui passe à ce compte", "CPTS des Deux-Rives", "Ce qui prend fin", "2 connexions ouvertes avec l’autre compte", "Ce qui ne change pas", "Vous aurez 30 jours")
		b.get(second).leads(review)
		b.get("/o/deux-rives/home").answers(http.StatusNotFound)

		w.clock.Add(6 * time.Minute) // the proof of the sign-in is over: that of this account is asked again
		b.get(review).says("Le mot de passe de " + bruno)
		b.post(review, url.Values{"password": {wrong}}).answers(http.StatusUnprocessableEntity).says("mot de passe")
		p = b.follow(b.post(review, url.Values{"password": {good}}).leads(merges)).answers(http.StatusOK).
			says("Vos deux comptes sont réunis", olivia, "CPTS des Deux-Rives", "Peut être annulé jusqu’au")
		b.get("/o/deux-rives/home").answers(http.StatusOK)
		w.browser().post("/login", url.Values{"email": {olivia}, "password": {good}}).answers(http.StatusUnauthorized)
		b.get(review).leads(begin) // it is spent
		b.get("/account/security").says("Voir le compte réuni")

		undo := p.linkOf("Annuler… " + olivia)
		w.clock.Add(6 * time.Minute)
		f := b.get(undo).answers(http.StatusOK).says("Rendre ses organisations au compte "+olivia, "CPTS des Deux-Rives").form("/undo")
		f.Set("password", wrong)
		b.post(undo, f).answers(http.StatusUnprocessableEntity)
		f.Set("password", good)
		w.as(yanis).post(undo, f).answers(http.StatusNotFound) // merge.accounts_not_found
		b.follow(b.post(undo, f).leads(merges)).says(olivia+" a repris ses organisations", "Annulé le").saysNot("Peut être annulé")
		b.post(undo, f).answers(http.StatusSeeOther)
		b.get(undo).leads(merges)
		b.get("/o/deux-rives/home").answers(http.StatusNotFound)
		w.as(olivia).get("/o/deux-rives/home").answers(http.StatusOK)
	})
}

// Whatever is wrong of the other account is said in the words of the sign-in, and what was typed stays, but for the passwords.
func TestMergeIsRefusedOnItsPage(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(bruno)
		stays := func(p *page, email string) {
			t.Helper()
			f := p.form(begin)
			if f.Get("other_email") != email || f.Get("other_password") != "" || f.Get("password") != "" {
				t.Errorf("%v", f)
			}
		}
		p := b.post(begin, otherAccount("", "")).answers(http.StatusUnprocessableEntity).says("2 points à corriger")
		if !p.hasLink("#other_email") || !p.hasLink("#other_password") {
			t.Errorf("%v", p.links())
		}
		words := w.browser().post("/login", url.Values{"email": {olivia}, "password": {wrong}}).text()
		for _, who := range []string{olivia, "personne@nulle-part.example"} {
			p = b.post(begin, otherAccount(who, wrong)).answers(http.StatusUnprocessableEntity).says("Vérifiez l’adresse et le mot de passe")
			stays(p, who)
		}
		if !strings.Contains(plain(words), "Vérifiez l’adresse et le mot de passe") {
			t.Error(words)
		}
		if b.cookie("m") != "" || b.cookie("s") == "" {
			t.Error("a refused password left a proof, or ended the session")
		}
		stays(b.post(begin, otherAccount(bruno, good)).answers(http.StatusConflict).says("celle-ci est celle du compte que vous utilisez"), bruno) // login.merge_same
		w.browser().post("/login", url.Values{"email": {olivia}, "password": {good}}).leads("/login/second-factor")
		stays(b.post(begin, otherAccount(olivia, good)).answers(http.StatusConflict).says("Connectez-vous d’abord une fois avec l’autre compte"), olivia) // login.merge_unready
		w.clock.Add(6 * time.Minute)
		b.get(begin).says("Ce compte-ci", "Le mot de passe de "+bruno)
		p = b.post(begin, otherAccount(olivia, good)).answers(http.StatusUnprocessableEntity).says("Saisissez votre mot de passe pour confirmer")
		stays(p, olivia)
		f := otherAccount(olivia, good)
		f.Set("password", wrong)
		if p = b.post(begin, f).answers(http.StatusUnprocessableEntity); !p.hasLink("#password") || p.hasLink("#other_password") {
			t.Errorf("%v", p.links())
		}
		stays(p, olivia)
		w.app.Remembered(olivia)
		f.Set("password", good)
		b.post(begin, f).leads(second)
		b.post(begin+"/leave", url.Values{}).leads("/account/security")
		if b.cookie("m") != "" {
			t.Error("what was begun is not over")
		}
		b.get(second).leads(begin)
		w.as(nadege).get(second).leads(begin)
	})
}

// A proof is worth something for ten minutes, and five wrong codes end it: the page says so and nothing has changed.
func TestMergeProofEnds(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(bruno)
		w.app.Remembered(olivia)
		b.post(begin, otherAccount(olivia, good)).leads(second)
		b.post(second+"/sms", url.Values{}).answers(http.StatusNotFound)                // no number
		b.post(second+"/passkey", url.Values{}).answers(http.StatusUnprocessableEntity) // and no passkey: a wrong answer, counted
		form := b.get(second).form(second)
		form.Set("code", "000000")
		for range session.HalfFailures - 2 {
			b.post(second, form).answers(http.StatusUnprocessableEntity)
		}
		b.follow(b.post(second, form).leads(begin)).says("Trop de codes faux")
		b.post(second+"/passkey/options", url.Values{}).answers(http.StatusGone) // the script is told, too
		b.post(begin, otherAccount(olivia, good)).leads(second)
		w.clock.Add(session.HalfLife + time.Second)
		b.follow(b.get(second).leads(begin)).says("Plus de 10 minutes ont passé")
		other := w.as(bruno)
		other.proves()
		stolen := w.as(julie)
		stolen.client.Jar.SetCookies(w.url, []*http.Cookie{{Name: "habilis-m", Value: other.cookie("m"), Path: "/"}})
		stolen.get(review).leads(begin)
		stolen.post(review, url.Values{}).leads(begin)
		w.comes(0, `select count(*) from account_merge`)
	})
}

// merge.same_organisation: the page names the organisation and what to do; nothing can be confirmed.
// merge.platform_role: the card is not there, and the act is refused.
func TestMergeThatCannotBe(t *testing.T) {
	each(t, func(w *world) {
		w.member(w.tilleuls, person{email: olivia, given: "Olivia", family: "Garnier", function: "manager", sites: w.tilleuls.sites})
		b := w.as(bruno)
		b.proves().says("les deux comptes sont membres de la même organisation", "Maison de santé des Tilleuls", "Bruno Lacaze", "Olivia Garnier", "par « Départ »").
			saysNot("Réunir ces deux comptes")
		b.post(review, url.Values{}).answers(http.StatusConflict).says("les deux comptes sont membres de la même organisation")
		w.comes(0, `select count(*) from account_merge`)
		p := w.platform(account.Support)
		p.get("/account/security").saysNot("Réunir deux comptes")
		w.app.Remembered(claire)
	})
}

// The link in the mailbox of the account that gave way undoes it without signing in: opening it does nothing, its button
// once; the sessions of the account that was kept end.
func TestMergeIsUndoneByLink(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(bruno)
		b.joins()
		link := w.unmergeLink(olivia)
		token := strings.TrimPrefix(link, "/accounts/undo/")
		reader := w.browser()
		p := reader.get(link).leads("/accounts/undo")
		if p.header.Get("Referrer-Policy") != "no-referrer" || strings.Contains(p.header.Get("Location"), token) {
			t.Errorf("%v", p.header)
		}
		p = reader.follow(p).answers(http.StatusOK).says("Séparer de nouveau ces deux comptes", olivia, "b…@tilleuls.example", "CPTS des Deux-Rives").saysNot(bruno)
		if strings.Contains(p.body, token) {
			t.Error("the page shows the token")
		}
		b.get("/o/deux-rives/home").answers(http.StatusOK)
		reader.follow(reader.post("/accounts/undo", url.Values{}).leads("/password/reset")).says("ce compte est de nouveau ouvert", "nouveau mot de passe")
		b.get("/account").leads("/login")
		w.browser().post("/login", url.Values{"email": {olivia}, "password": {good}}).answers(http.StatusUnauthorized) // whoever merged it knows it
		reader.post("/password/reset", url.Values{"new_password": {"bicyclette lavande orage minuit"}}).answers(http.StatusSeeOther)
		w.browser().post("/login", url.Values{"email": {olivia}, "password": {"bicyclette lavande orage minuit"}}).leads("/login/second-factor")
		again := w.browser()
		again.follow(again.get(link)).answers(http.StatusGone).says("ce lien a déjà servi") // merge.link_gone
		again.post("/accounts/undo", url.Values{}).answers(http.StatusGone)
		forged := w.browser()
		forged.follow(forged.get("/accounts/undo/hm_" + strings.Repeat("A", 43))).answers(http.StatusGone)
		w.as(bruno).get("/o/deux-rives/home").answers(http.StatusNotFound)
	})
}

// A number of the RPPS on each side is two people: merge.two_numbers.
func TestMergeOfTwoPeople(t *testing.T) {
	each(t, func(w *world) {
		w.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update member_state set rpps = $2 where email = $1`, olivia, ninety9)
			return err
		})
		b := w.as(claire) // bears another one
		b.proves().says("numéros RPPS différents").saysNot("Réunir ces deux comptes")
	})
}
