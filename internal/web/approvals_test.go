package web_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/approval"
	"habilis/internal/credential"
	"habilis/internal/enrolment"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/text"
)

// sacha is the platform's support.
const sacha = "sacha.lambert@habilis.example"

func (w *world) support() *browser {
	w.Helper()
	e, _ := account.ParseEmail(sacha)
	w.write(func(ctx context.Context, tx *store.Tx) error {
		a, err := account.Insert(ctx, tx, account.New{
			Email: e, Names: account.Names{GivenName: "Sacha", FamilyName: "Lambert"}, Language: text.FR, PlatformRole: account.Support,
		})
		if err != nil {
			return err
		}
		return credential.SetPassword(ctx, tx, a.ID, w.hash)
	})
	return w.as(sacha)
}

// proposed makes an account for a site of the first organisation.
func (w *world) proposed(site ident.Site) ident.Member {
	w.Helper()
	made, err := w.app.App.Approvals.Ask(w.Context(), access.Operator("cli"), approval.Ask{Ticket: "Demande 48213", Create: enrolment.Create{
		Org: w.tilleuls.org.ID, Sites: []ident.Site{site}, ProfileType: member.NonPractitioner, GivenName: "Romain", FamilyName: "Vidal",
		Function: "secretary", Email: "romain.vidal@ailleurs.example",
	}})
	if err != nil {
		w.Fatal(err)
	}
	return made.Member
}

// APP-1, ORG-7: the support's form keeps what was typed, and makes an account that waits.
func TestSupportForm(t *testing.T) {
	each(t, func(w *world) {
		b, one := w.support(), "/platform/organizations/"+w.tilleuls.org.ID.String()
		b.get(one).answers(http.StatusOK).says("Comptes créés pour cette organisation", "Espace d’administration", "Ouvert")
		form := b.get(one + "/members/new").answers(http.StatusOK).form("/members/new")
		form.Set("given_name", "Romain")
		b.post(one+"/members/new", form).answers(http.StatusUnprocessableEntity).says("Motif : remplissez ce champ", "Nom : ", "E-mail : ")
		form.Set("ticket", "Demande 48213")
		form.Set("family_name", "Vidal")
		form.Set("function", "secretary")
		form.Set("email", "romain.vidal@ailleurs.example")
		form.Set("until", "hier")
		form["site"] = []string{w.tilleuls.sites[0].ID.String()}
		b.post(one+"/members/new", form).answers(http.StatusUnprocessableEntity)
		form.Set("until", w.clock.Now().AddDate(0, 1, 0).Format(time.DateOnly))
		b.follow(b.post(one+"/members/new", form).leads(one)).says("Compte créé : Romain Vidal", "Autorisation en attente", "Demande 48213")
		b.post(one+"/members/new", form).answers(http.StatusUnprocessableEntity) // the address is of somebody who waits

		// To members of the organisation, the platform's pages do not exist (AUD-01).
		j := w.as(claire)
		j.get(one + "/members/new").answers(http.StatusNotFound)
		j.post(one+"/members/new", form).answers(http.StatusNotFound)
		j.post(one+"/features", url.Values{"version": {"1"}, "administration": {"off"}}).answers(http.StatusNotFound)
		if n := w.count(`select count(*) from audit_event where verb = 'org.features' and outcome = 'refused'`); n != 1 {
			w.Errorf("%d lines in the trail", n)
		}
	})
}

// APP-1, DESIGN.md 16: the account stands first in the list, is counted in the navigation,
// shown with what it would give, and decided of with the person's own password.
func TestDecideOnPage(t *testing.T) {
	each(t, func(w *world) {
		id := w.proposed(w.tilleuls.sites[0].ID)
		b := w.as(claire)
		list := b.get("/o/tilleuls/members").answers(http.StatusOK).says("1 compte créé par le support attend votre autorisation", "Autorisation en attente")
		one := "/o/tilleuls/approvals/" + id.String()
		if !list.hasLink(one) || !list.hasLink("/o/tilleuls/approvals") {
			w.Errorf("no way to %s", one)
		}
		b.get("/o/tilleuls/approvals").says("Comptes créés par le support", "Romain Vidal", "Examiner")
		p := b.get(one).answers(http.StatusOK).says("Demande 48213", "romain.vidal@ailleurs.example", "Secrétariat", "Saint-Aubin", "Sans date de fin", "Votre décision")
		form := p.form(one)
		b.post(one, form).answers(http.StatusUnprocessableEntity).says("Choisissez d’autoriser ou de refuser")
		form.Set("decision", "refuse")
		b.post(one, form).answers(http.StatusUnprocessableEntity).says("Message à la personne")
		w.clock.Add(access.StepUpAge)
		form.Set("reason", "Nous n’avons\r\nrien demandé")
		b.post(one, form).answers(http.StatusUnprocessableEntity).says("Confirmez que c’est bien vous")
		form.Set("password", good)
		form.Set("version", "9")
		b.post(one, form).answers(http.StatusConflict).says("Relisez la fiche") // INV-16
		form.Set("version", "1")
		b.follow(b.post(one, form).leads("/o/tilleuls/approvals")).says("Accès refusé : Romain Vidal", "Tout est traité", "Refusé", "Claire Morvan")
		b.get(one).says("Nous n’avons rien demandé").saysNot("Votre décision")
		b.post(one, form).answers(http.StatusConflict).says("quelqu’un a déjà répondu")

		// Of another site, and without the right: it is not there, or not theirs to see.
		other := w.proposed(w.tilleuls.sites[0].ID)
		w.as(nadege).get("/o/tilleuls/approvals/" + other.String()).answers(http.StatusNotFound)
		w.as(nadege).get("/o/tilleuls/approvals").saysNot("Vidal")
		w.as(julie).get("/o/tilleuls/approvals").answers(http.StatusForbidden)
		w.as(olivia).get("/o/tilleuls/approvals").answers(http.StatusNotFound)
		b.get("/o/tilleuls/approvals/nobody").answers(http.StatusNotFound)
		form = b.get("/o/tilleuls/approvals/" + other.String()).form(other.String())
		form.Set("decision", "authorize")
		b.follow(b.post("/o/tilleuls/approvals/"+other.String(), form)).says("Accès autorisé : Romain Vidal. Invitation envoyée à romain.vidal@ailleurs.example")
	})
}

// ORG-6: closed, every page of the administration says so and whom to ask; the home of
// members goes on.
func TestClosedAdministrationOnPages(t *testing.T) {
	each(t, func(w *world) {
		s, one := w.support(), "/platform/organizations/"+w.tilleuls.org.ID.String()
		form := s.get(one + "/features").says("Fermer l’espace d’administration de Maison de santé des Tilleuls").form("/features")
		s.follow(s.post(one+"/features", form).leads(one)).says("Espace d’administration fermé", "Fermé")
		b := w.as(claire)
		for _, page := range []string{"members", "members/new", "invitations/new", "approvals", "settings", "settings/security", "journal", "roles", "access/agendas", "tokens"} {
			b.get("/o/tilleuls/"+page).answers(http.StatusForbidden).says("L’espace d’administration est fermé", "support")
		}
		b.get("/o/tilleuls/home").answers(http.StatusOK).says("Le travail des membres continue").saysNot("À valider", "Réglages")
		w.as(julie).get("/o/tilleuls/home").answers(http.StatusOK).saysNot("Le travail des membres continue")
		w.as(julie).get("/o/tilleuls/members").answers(http.StatusForbidden).saysNot("L’espace d’administration est fermé")
		s.post(one+"/features", form).answers(http.StatusPreconditionFailed) // the same form again: the version is another
		open := s.get(one + "/features").form("/features")
		s.follow(s.post(one+"/features", open).leads(one)).says("Espace d’administration ouvert")
		b.get("/o/tilleuls/members").answers(http.StatusOK)
	})
}
