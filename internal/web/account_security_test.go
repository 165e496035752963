package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"habilis/internal/account"
	"habilis/internal/apptest"
	"habilis/internal/session"
)

const newJulie = "julie@port.example"

// SEC-5: «Sécurité du compte» is in the menu of everybody, and holds where one is signed in,
// what was tried, and the way out of each organisation; the pages before it still answer.
func TestAccountSecurity(t *testing.T) {
	each(t, func(w *world) {
		stranger := w.browser()
		stranger.post("/login", url.Values{"email": {julie}, "password": {wrong}})
		for _, b := range []*browser{w.as(julie), w.as(claire), w.platform(account.Support)} {
			if !b.get("/account").answers(http.StatusOK).hasLink("/account/security") {
				t.Error("the menu does not lead there")
			}
			p := b.get("/account/security").answers(http.StatusOK)
			p.says("Adresse e-mail", "Mot de passe", "Appareils et connexions", "Cet ordinateur", "Historique de connexion", "Mes organisations")
		}
		b := w.as(julie)
		b.get("/account/history").answers(http.StatusOK).says("Connexion avec un mot de passe faux", "Refusée", "adresse 127.0.0.1")
		b.get("/account/security").says(julie, "Quitter l’organisation")
		b.get("/account/sessions").answers(http.StatusOK).says("Ouverte par : mot de passe")
		b.get("/account/password").answers(http.StatusOK)
	})
}

// asks requests another address through the page, and gives the page that answers.
func (b *browser) asks(next, again string) *page {
	b.w.Helper()
	return b.post("/account/email", url.Values{"email": {next}, "email_again": {again}, "password": {good}})
}

// CHG-2: the address is asked twice, a link goes to the new one, a notice to the old one; the
// link opens a page with a button, which needs nobody signed in; then only the new one signs in.
func TestChangeEmailPages(t *testing.T) {
	each(t, func(w *world) {
		b, other := w.as(julie), w.as(julie)
		b.get("/account/email").answers(http.StatusOK).says(julie)
		b.asks(newJulie, "autre@port.example").answers(http.StatusUnprocessableEntity).says("1 point à corriger", "à l’identique")
		b.asks(julie, julie).answers(http.StatusUnprocessableEntity).says("déjà la vôtre")
		b.follow(b.asks(newJulie, newJulie).leads("/account/security")).says("Un lien part à l’adresse "+newJulie, "À confirmer par le lien")
		notice := w.app.Mail(julie)
		if !strings.Contains(notice.Text, "j…@port.example") || strings.Contains(notice.Text, newJulie) || strings.Contains(notice.Text, "://") {
			t.Errorf("the notice names the address, or has a link:\n%s", notice.Text)
		}
		link := w.app.Link(w.app.Mail(newJulie), "/email/confirm/")
		token := strings.TrimPrefix(link, "/email/confirm/")
		phone := w.browser()
		for range 3 {
			p := phone.get(link).leads("/email/confirm")
			page := phone.follow(p).answers(http.StatusOK).says("Confirmer la nouvelle adresse", newJulie, "j…@tilleuls.example")
			if strings.Contains(page.body, token) || page.header.Get("Referrer-Policy") != "no-referrer" || p.header.Get("Referrer-Policy") != "no-referrer" {
				t.Error("the page tells the token")
			}
		}
		b.get("/account/security").says(julie, "À confirmer par le lien")
		seen := len(w.app.Mails(julie))
		phone.follow(phone.post("/email/confirm", url.Values{}).leads("/login")).says("vous vous connectez désormais avec " + newJulie) //nolint:dupword // French: a reflexive verb
		phone.get("/email/confirm").answers(http.StatusGone)
		for _, open := range []*browser{b, other} {
			open.get("/account/security").leads("/login?next=%2Faccount%2Fsecurity")
		}
		w.as(newJulie).get("/account/security").says(newJulie)
		w.app.Link(w.app.MailAfter(julie, seen), "/email/undo/")
		w.as(claire).get("/o/tilleuls/members?q=port.example").says("Delmas")
	})
}

// ENU-02: an address that has an account is answered like any other, word for word; its owner
// is told, and nobody else.
func TestEmailTakenPages(t *testing.T) {
	each(t, func(w *world) {
		answers := map[string]string{}
		for _, next := range []string{yanis, "libre.adresse@tilleuls.example"} {
			b := w.as(julie)
			p := b.asks(next, next)
			answers[next] = fmt.Sprint(p.status, p.header.Get("Location"), len(p.header.Values("Set-Cookie")), len(p.body))
			b.follow(p.leads("/account/security")).says("Un lien part à l’adresse "+next, "À confirmer par le lien reçu à cette adresse")
		}
		if answers[yanis] != answers["libre.adresse@tilleuls.example"] || answers[yanis] == "" {
			t.Errorf("%q", answers)
		}
		told := w.app.Mail(yanis)
		if !strings.Contains(told.Text, "Elle a déjà un compte, le vôtre") || strings.Contains(told.Text, "://") || strings.Contains(told.Text, "julie") {
			t.Errorf("%s", told.Text)
		}
	})
}

// SEC-5: the old address undoes it for 72 hours, by a page with a button: every session ends,
// and a new password is chosen at once.
func TestUndoEmailPages(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(julie)
		before := len(w.app.Mails(julie))
		b.asks(newJulie, newJulie)
		link := w.app.Link(w.app.Mail(newJulie), "/email/confirm/")
		w.app.MailAfter(julie, before) // the letters to the two addresses leave in any order
		seen := len(w.app.Mails(julie))
		b.follow(b.get(link))
		b.follow(b.post("/email/confirm", url.Values{}).leads("/account/security")).says("vous vous connectez désormais") //nolint:dupword // French: a reflexive verb
		undo := w.app.Link(w.app.MailAfter(julie, seen), "/email/undo/")
		w.clock.Add(account.EmailUndoLife - time.Hour)
		thief := w.as(newJulie)
		victim := w.browser()
		victim.follow(victim.get(undo).leads("/email/undo")).answers(http.StatusOK).says("Annuler le changement d’adresse", julie, "j…@port.example")
		thief.get("/account/security").answers(http.StatusOK)
		reset := victim.follow(victim.post("/email/undo", url.Values{}).leads("/password/reset")).answers(http.StatusOK).says("Votre adresse est rétablie")
		thief.get("/account/security").leads("/login?next=%2Faccount%2Fsecurity")
		form := reset.form("/password/reset")
		form.Set("new_password", "trente girafes dorment au premier étage")
		victim.follow(victim.post("/password/reset", form).leads("/login"))
		victim.get(undo)
		victim.get("/email/undo").answers(http.StatusGone)
		if p := victim.post("/login", url.Values{"email": {newJulie}, "password": {good}}); p.status != http.StatusUnauthorized {
			t.Errorf("the new address still signs in: %d", p.status)
		}
	})
}

// A shared workstation is locked by a button, or when it is left alone: nothing of the session
// opens, neither pages nor the API, until its person proves themselves; then they are where they
// were. Somebody else takes their place at once.
func TestSharedWorkstation(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(julie)
		b.follow(b.post("/account/sessions/shared", url.Values{"shared": {"1"}}).leads("/account/security")).says("Poste partagé").holds("/session/change", "/session/lock")
		b.post("/session/lock", url.Values{"next": {"/o/tilleuls/members?q=a"}}).leads("/locked?next=%2Fo%2Ftilleuls%2Fmembers%3Fq%3Da")
		locked := func() {
			w.Helper()
			b.get("/o/tilleuls/members").leads("/locked?next=%2Fo%2Ftilleuls%2Fmembers") // session.locked
			b.get("/login").leads("/locked?next=%2Flogin")
			b.post("/account", url.Values{"given_name": {"Voleur"}}).leads("/locked")
			b.post("/login", url.Values{"email": {yanis}, "password": {good}}).leads("/locked")
			b.get("/api/v1/me").answers(http.StatusUnauthorized)
		}
		locked()
		page := b.get("/locked?next=/o/tilleuls/members%3Fq%3Da").answers(http.StatusOK).says("Poste verrouillé", "Julie Delmas").holdsNot("person-menu", "session.js")
		form := page.form("/locked")
		form.Set("password", wrong)
		b.post("/locked", form).answers(http.StatusUnprocessableEntity).says("1 point à corriger")
		locked()
		form.Set("password", good)
		b.post("/locked", form).leads("/o/tilleuls/members?q=a")
		b.get("/o/tilleuls/home").answers(http.StatusOK)
		w.clock.Add(session.IdleShared)
		locked()
		b.follow(b.post("/session/change", url.Values{}).leads("/login")).says("La session est fermée").saysNot("Julie", julie).holdsNot("/session/lock", "Julie", julie)
		b.get("/o/tilleuls/members").leads("/login?next=%2Fo%2Ftilleuls%2Fmembers")
		b.get("/login").says("Poste partagé")
		b.follow(b.post("/login", url.Values{"email": {yanis}, "password": {good}, "shared": {"1"}}).leads("/organizations"))
		w.clock.Add(session.IdleShared)
		b.get("/organizations").leads("/locked?next=%2Forganizations")
	})
}

// «Rester connecté» says how long is left; whoever chooses not to share is not locked.
func TestKeepSession(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(julie)
		w.clock.Add(20 * time.Minute)
		p := b.post("/session/keep", url.Values{}).answers(http.StatusNoContent)
		if left := p.header.Get("Session-Left"); left < "1700" || left > "1800" || len(left) != 4 {
			t.Errorf("%s seconds left", left)
		}
		w.clock.Add(session.Idle - time.Minute)
		b.get("/account/security").answers(http.StatusOK).holds(`data-session="1`, "Rester connecté")
		w.clock.Add(session.Idle)
		b.post("/session/keep", url.Values{}).leads("/login")
	})
}

// CHG-2: an administrator corrects an address where the organisation lets them, by a page that
// says what happens; elsewhere the page says why not.
func TestCorrectEmailPages(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, julie).String()
		if b.get(sheet).answers(http.StatusOK).hasLink(sheet + "/email") {
			t.Error("the correction is offered though the policy forbids it")
		}
		b.get(sheet + "/email").answers(http.StatusForbidden).says("changer elle-même son adresse")
		w.allowEmails()
		if !b.get(sheet).hasLink(sheet + "/email") {
			t.Error("the correction is not offered")
		}
		b.get(sheet+"/email").answers(http.StatusOK).says(julie, "Julie Delmas")
		b.post(sheet+"/email", url.Values{"email": {newJulie}, "email_again": {"x"}, "password": {good}}).answers(http.StatusUnprocessableEntity)
		b.follow(b.post(sheet+"/email", url.Values{"email": {newJulie}, "email_again": {newJulie}, "password": {good}}).leads(sheet)).says("Un lien part à l’adresse")
		if told := w.app.Mail(julie); !strings.Contains(told.Text, "Claire Morvan") {
			t.Errorf("%s", told.Text)
		}
		phone := w.browser()
		phone.follow(phone.get(w.app.Link(w.app.Mail(newJulie), "/email/confirm/"))).says("Votre administration a corrigé")
		phone.follow(phone.post("/email/confirm", url.Values{}).leads("/password/reset")).says("Choisissez maintenant un mot de passe")
		if p := w.browser().post("/login", url.Values{"email": {newJulie}, "password": {good}}); p.status != http.StatusUnauthorized {
			t.Errorf("rules.md 11: the password from before the proof opens: %d", p.status)
		}
	})
}

// SEC-5, OFF-4: leaving says what happens, asks for a proof, tells the person and the
// administrators; the last administrator may not.
func TestLeavePages(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(julie)
		w.clock.Add(6 * time.Minute)
		b.get("/o/tilleuls/leave").answers(http.StatusOK).says("prennent fin tout de suite", "jetons d’API")
		b.post("/o/tilleuls/leave", url.Values{"password": {wrong}}).answers(http.StatusUnprocessableEntity)
		b.follow(b.post("/o/tilleuls/leave", url.Values{"password": {good}}).leads("/organizations")).says("Vous avez quitté l’organisation")
		b.get("/o/tilleuls/members").answers(http.StatusNotFound)
		if told := w.app.Mail(julie); !strings.Contains(told.Subject, "Vous avez quitté") {
			t.Errorf("%s", told.Subject)
		}
		if told := w.app.Mail(claire); !strings.Contains(told.Subject, "Julie Delmas a quitté") {
			t.Errorf("%s", told.Subject)
		}
		olivia := w.as(olivia)
		olivia.post("/o/deux-rives/leave", url.Values{"password": {good}}).answers(http.StatusConflict)
		olivia.get("/o/deux-rives/members").answers(http.StatusOK)
	})
}

// MEM-10, SEC-4, SEC-5: an organisation that lets people in from its own network only keeps
// nobody in: whoever is elsewhere leaves from «Sécurité du compte», and sees its name alone.
func TestLeaveFromElsewhere(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(julie)
		w.policy(w.tilleuls, onlyFrom("203.0.113.0/24"))
		b.get("/o/tilleuls/home").answers(http.StatusForbidden)
		leave := b.get("/account/security").linkOf("Quitter l’organisation")
		f := b.get(leave).answers(http.StatusOK).says("Maison de santé des Tilleuls").saysNot("Établissements", "Journal").form("/leave")
		b.follow(b.post("/o/tilleuls/leave", f).leads("/organizations")).says("Vous avez quitté l’organisation")
		w.as(olivia).get("/o/tilleuls/leave").answers(http.StatusNotFound)
	})
}

// allowEmails lets the administrators of the first organisation correct addresses.
func (w *world) allowEmails() {
	w.Helper()
	s := w.app.App.Settings
	now, err := s.Security(w.Context(), apptest.Operator, w.tilleuls.org.ID)
	if err == nil {
		now.EmailByAdministrators = true
		_, err = s.SetSecurity(w.Context(), apptest.Operator, w.tilleuls.org.ID, now.Rev, now)
	}
	if err != nil {
		w.Fatal(err)
	}
}

// holds finds texts anywhere in the document: frame, dialogs, attributes.
func (p *page) holds(list ...string) *page {
	p.w.Helper()
	for _, s := range list {
		if !strings.Contains(p.body, s) {
			p.w.Errorf("%s does not hold %q", p.path, s)
		}
	}
	return p
}

func (p *page) holdsNot(list ...string) *page {
	p.w.Helper()
	for _, s := range list {
		if strings.Contains(p.body, s) {
			p.w.Errorf("%s holds %q", p.path, s)
		}
	}
	return p
}
