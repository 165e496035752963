package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/text"
)

// waiting makes a member who has no account yet, with an invitation or without.
func (w *world) waiting(p place, who person, invited bool) (id ident.Member) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		n := w.membership(p, account.Account{ID: ident.Account("usr_test")}, who)
		n.Account, n.Status = "", member.Created
		m, err := member.Insert(ctx, tx, n)
		id = m.ID
		if err != nil || !invited {
			return err
		}
		email, _ := account.ParseEmail(who.email)
		_, err = invitation.Insert(ctx, tx, invitation.Batch{
			Org: p.org.ID, By: invitation.InviterOf(access.Operator("test"), p.org.ID, false), Language: text.FR, Function: who.function,
			Welcome: invitation.ByLink, Roles: n.Roles, Sites: n.Sites, To: []invitation.To{{Email: email, Member: m.ID}},
		})
		return err
	})
	return id
}

// DESIGN.md 10: a search that is too long is a point to correct at its field, with what
// was typed; the list stands below.
func TestSearchTooLong(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		typed := strings.Repeat("a", 201)
		p := b.get("/o/tilleuls/members?q="+typed).answers(http.StatusUnprocessableEntity).says("1 point à corriger", "Raccourcissez ce texte", "Delmas Julie")
		if !p.hasLink("#q") || !strings.Contains(p.body, `value="`+typed+`"`) {
			t.Error("the field is not led to, or what was typed is lost")
		}
		b.get("/o/tilleuls/members?keyword=" + typed).answers(http.StatusUnprocessableEntity)
	})
}

// MEM-12, AUZ-06: «Renvoyer» stands in a line only for whoever could invite with all
// that the invitation gives.
func TestResendInLine(t *testing.T) {
	each(t, func(w *world) {
		w.waiting(w.tilleuls, person{email: "ines@tilleuls.example", given: "Inès", family: "Roussel", function: "secretary", sites: w.tilleuls.sites, role: role.Secretary}, true)
		w.as(claire).get("/o/tilleuls/members?q=ines").says("Roussel", "Renvoyer")
		w.as(nadege).get("/o/tilleuls/members?q=ines").says("Roussel").saysNot("Renvoyer")
	})
}

// DESIGN.md 4, 10: the page of a refusal names the right, and who can give it.
func TestRefusalNamesHelpers(t *testing.T) {
	each(t, func(w *world) {
		w.as(julie).get("/o/tilleuls/members").answers(http.StatusForbidden).
			says("Cette page demande l’autorisation « Voir les membres ». Bruno Lacaze et Claire Morvan peuvent vous la donner.")
		w.as(nadege).get("/o/tilleuls/settings").answers(http.StatusForbidden).says("Bruno Lacaze et Claire Morvan peuvent")
		w.as(olivia).get("/o/tilleuls/members").answers(http.StatusNotFound).saysNot("Lacaze")
	})
}

// DESIGN.md 10: an empty sign-in form says both points (login.password_empty); nothing was tried.
func TestEmptySignIn(t *testing.T) {
	each(t, func(w *world) {
		p := w.browser().post("/login", url.Values{}).answers(http.StatusUnprocessableEntity)
		p.says("2 points à corriger", "Saisissez l’adresse e-mail professionnelle", "Saisissez votre mot de passe")
		w.browser().post("/login", url.Values{"email": {claire}}).answers(http.StatusUnauthorized).saysNot("Saisissez votre mot de passe") // ENU-01
	})
}
