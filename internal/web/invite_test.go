package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"habilis/internal/grant"
	"habilis/internal/role"
	"habilis/internal/store"
)

// begin fills the form of «Inviter par e-mail» as Claire would: to these addresses,
// as secretaries of the first site.
func (w *world) begin(b *browser, emails ...string) (*page, url.Values) {
	w.Helper()
	p := b.get("/o/tilleuls/invitations/new").answers(http.StatusOK)
	f := p.form("/invitations/new")
	f["email"] = emails
	f["role"] = []string{w.tilleuls.roles[role.Secretary].String()}
	f["site"] = []string{w.tilleuls.sites[0].ID.String()}
	return p, f
}

// MEM-9, MEM-11: several addresses, typed and pasted; a fate for each before and
// after; sent once; the pending list.
func TestInvite(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		_, f := w.begin(b, "ines.roussel@tilleuls.example", "nom@")
		f.Set("pasted", "Paul Garnier <paul.garnier@tilleuls.example>; "+julie+"\nInes.Roussel@tilleuls.example")
		review := b.follow(b.post("/o/tilleuls/invitations/new", f).leads("/o/tilleuls/invitations/new/review")).answers(http.StatusOK)
		review.says("2 à inviter, 1 déjà membre et 1 adresse à corriger", "Secrétariat (Saint-Aubin)", "Envoyer 2 invitations")
		review.says("Saisissez une adresse e-mail complète", "paul.garnier@tilleuls.example").saysNot("Votre mot de passe")
		if w.count(`select count(*) from invitation where org_id = $1`, w.tilleuls.org.ID) != 0 {
			t.Error("the review sends already")
		}
		again := b.get(review.path).form("/review") // a reload of the review
		sent := b.follow(b.post("/o/tilleuls/invitations/new/review", again).leads("/o/tilleuls/invitations/sent"))
		sent.says("C’est fait : 2 invitations envoyées", "Invitation envoyée", "Déjà membre")
		b.get(sent.path).says("2 invitations envoyées") // a reload of the report
		b.follow(b.post("/o/tilleuls/invitations/new/review", again)).says("2 invitations envoyées")
		b.follow(b.get(review.path)).says("2 invitations envoyées") // the way back after sending
		if n := w.count(`select count(*) from invitation where org_id = $1`, w.tilleuls.org.ID); n != 2 {
			t.Errorf("%d invitations, want 2 (RAC-08)", n)
		}
		list := b.get("/o/tilleuls/invitations").answers(http.StatusOK)
		list.says("Invitations 1 à 2 sur 2", "ines.roussel@tilleuls.example", "Claire Morvan", "Expire dans 30 jours", "Renvoyer", "Supprimer")
		b.get("/o/tilleuls/invitations?q=paul").says("Invitations 1 à 1 sur 1").saysNot("ines.roussel")
		b.get("/o/tilleuls/invitations?q=zzz").says("Aucune invitation ne correspond à « zzz »")
	})
}

// DESIGN.md 10: what must be corrected is said at the field and in the summary, and
// what was typed stays (web.role_required); «Ajouter un autre» works without script.
func TestInviteForm(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		p := b.post("/o/tilleuls/invitations/new", url.Values{"pasted": {" "}, "language": {"fr"}}).answers(http.StatusUnprocessableEntity)
		p.says("3 points à corriger", "Choisissez au moins un rôle")
		if !strings.HasPrefix(p.title(), "Erreur\u00a0: ") {
			t.Errorf("title %q", p.title())
		}
		for _, id := range []string{"#email-1", "#site", "#role"} {
			if !p.hasLink(id) {
				t.Errorf("the summary does not lead to %s: %v", id, p.links())
			}
		}
		_, f := w.begin(b, "ines@tilleuls.example", "paul@tilleuls.example")
		f.Set("add", "1")
		more := b.post("/o/tilleuls/invitations/new", f).answers(http.StatusOK).form("/invitations/new")
		if len(more["email"]) != 3 || more["email"][1] != "paul@tilleuls.example" || more.Get("role") == "" || more.Get("site") == "" {
			t.Errorf("one field more: %v", more)
		}
		f.Del("add")
		review := b.follow(b.post("/o/tilleuls/invitations/new", f))
		back := b.get(strings.Replace(review.path, "/review", "", 1)).answers(http.StatusOK).form("/invitations/new")
		if len(back["email"]) != 2 || back.Get("draft") == "" || back.Get("role") != f.Get("role") {
			t.Errorf("«Modifier» lost something: %v", back)
		}
		w.as(bruno).get(review.path).answers(http.StatusNotFound) // a draft is its owner's alone
		var many strings.Builder
		for n := range 501 {
			fmt.Fprintf(&many, "a%d@tilleuls.example\n", n)
		}
		f.Set("pasted", many.String())
		b.post("/o/tilleuls/invitations/new", f).answers(http.StatusUnprocessableEntity).says("500")
		f.Set("pasted", strings.Repeat("x", 70_000))
		b.post("/o/tilleuls/invitations/new", f).answers(http.StatusUnprocessableEntity).says("1 point à corriger")
	})
}

// INV-08, rules.md 6: administration asks for the password (web.password_empty), and is offered to whoever
// holds it only; a forged role or site is refused field by field, and nothing is done.
func TestInviteAdministration(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		admin := w.tilleuls.roles[role.Administrator].String()
		_, f := w.begin(b, "ines@tilleuls.example")
		f["role"], f["scope_"+admin] = []string{admin}, []string{"organization"}
		w.clock.Add(6 * time.Minute)
		review := b.follow(b.post("/o/tilleuls/invitations/new", f)).answers(http.StatusOK).says("Votre mot de passe", "y compris le vôtre")
		send := review.form("/review")
		b.post("/o/tilleuls/invitations/new/review", send).answers(http.StatusUnprocessableEntity).says("Saisissez votre mot de passe")
		send.Set("password", good)
		b.follow(b.post("/o/tilleuls/invitations/new/review", send)).says("1 invitation envoyée")

		site := w.as(nadege)
		form := site.get("/o/tilleuls/invitations/new").answers(http.StatusOK).says("Secrétariat").saysNot("Toute l’organisation", "Saint-Aubin").form("/invitations/new")
		form["email"], form["role"], form["scope_"+admin] = []string{"paul@tilleuls.example"}, []string{admin}, []string{"organization"}
		site.post("/o/tilleuls/invitations/new", form).answers(http.StatusForbidden)
		form["scope_"+admin] = []string{w.tilleuls.sites[0].ID.String()}
		site.post("/o/tilleuls/invitations/new", form).answers(http.StatusForbidden)
		form["role"] = []string{w.rives.roles[role.Secretary].String()}
		site.post("/o/tilleuls/invitations/new", form).answers(http.StatusForbidden)
		if n := w.count(`select count(*) from invitation where org_id = $1`, w.tilleuls.org.ID); n != 1 {
			t.Errorf("%d invitations", n)
		}
	})
}

// INV-11, INV-07: an invitation of another organisation or site does not exist;
// resending kills the older link, says so before, and deletion asks first.
func TestResendAndDelete(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		_, f := w.begin(b, "ines@tilleuls.example")
		b.follow(b.post("/o/tilleuls/invitations/new/review", b.follow(b.post("/o/tilleuls/invitations/new", f)).form("/review")))
		var id string
		w.read(func(ctx context.Context, tx *store.Tx) error {
			return tx.QueryRow(ctx, `select id from invitation where org_id = $1`, w.tilleuls.org.ID).Scan(&id)
		})
		for _, act := range []string{"/resend", "/delete"} {
			for _, stranger := range []*browser{w.as(nadege), w.as(olivia)} {
				stranger.get("/o/tilleuls/invitations/" + id + act).answers(http.StatusNotFound)
				stranger.post("/o/tilleuls/invitations/"+id+act, url.Values{}).answers(http.StatusNotFound)
			}
			w.as(olivia).post("/o/deux-rives/invitations/"+id+act, url.Values{}).answers(http.StatusNotFound)
		}
		w.clock.Add(31 * 24 * time.Hour)
		b = w.as(claire)
		b.get("/o/tilleuls/invitations").says("Expirée")
		ask := b.get("/o/tilleuls/invitations/"+id+"/resend").says("L’ancien lien ne marchera plus", "30 jours")
		b.follow(b.post("/o/tilleuls/invitations/"+id+"/resend", ask.form("/resend"))).says("Invitation renvoyée à ines@tilleuls.example.", "Expire dans 30 jours").saysNot("Expirée")
		ask = b.get("/o/tilleuls/invitations/"+id+"/delete").says("Supprimer l’invitation envoyée à ines@tilleuls.example ?", "Garder")
		b.follow(b.post("/o/tilleuls/invitations/"+id+"/delete", ask.form("/delete"))).says("Invitation supprimée", "Aucune invitation en attente")
		b.post("/o/tilleuls/invitations/"+id+"/delete", url.Values{}).answers(http.StatusNotFound)
	})
}

// MEM-12: the welcome by a temporary password is offered where the policy allows it.
func TestTemporaryPasswordOffered(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		w.begin(b, "")
		b.get("/o/tilleuls/invitations/new").saysNot("Mot de passe provisoire")
		b.savePolicy(func(policy url.Values) { policy.Set("temporary_passwords", "1") })
		p, f := w.begin(b, "ines@tilleuls.example")
		p.says("Mot de passe provisoire", "72 heures")
		f.Set("welcome", "temporary_password")
		review := b.follow(b.post("/o/tilleuls/invitations/new", f)).says("Mot de passe provisoire")
		b.follow(b.post("/o/tilleuls/invitations/new/review", review.form("/review"))).says("1 invitation envoyée")
		if w.count(`select count(*) from invitation where welcome = 'temporary_password'`) != 1 {
			t.Error("no temporary password")
		}
	})
}

// MEM-10: whoever has an account joins at once, and the report says so.
func TestInviteJoins(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		_, f := w.begin(b, olivia)
		review := b.follow(b.post("/o/tilleuls/invitations/new", f)).says("1 à inviter") // ENU-02
		b.follow(b.post("/o/tilleuls/invitations/new/review", review.form("/review"))).says("1 personne a rejoint l’organisation", "Voir la fiche")
		w.as(olivia).get("/organizations?stay=1").says("CPTS des Deux-Rives", "Maison de santé des Tilleuls")
	})
}

// MEM-9, RGT-4: all who are invited get the levels of a colleague; the review says which.
// Whoever may give none is not asked.
func TestInviteAlike(t *testing.T) {
	each(t, func(w *world) {
		of := w.office()
		w.give(bruno, grant.Change{Member: w.id(w.tilleuls, julie), Resource: of.room, Level: grant.Manage})
		b := w.as(claire)
		_, f := w.begin(b, "ines.roussel@tilleuls.example")
		f.Set("alike", w.id(w.rives, olivia).String())
		b.post("/o/tilleuls/invitations/new", f).answers(http.StatusForbidden).says("Ce membre n’existe pas")
		f.Set("alike", w.id(w.tilleuls, julie).String())
		review := b.follow(b.post("/o/tilleuls/invitations/new", f).leads("/o/tilleuls/invitations/new/review")).answers(http.StatusOK)
		review.says("Agendas : Gestion", "Échographie")
		b.follow(b.post("/o/tilleuls/invitations/new/review", review.form("/review"))).says("C’est fait")
		if n := w.count(`select count(*) from invitation_level where org_id = $1`, w.tilleuls.org.ID); n != 1 {
			t.Errorf("%d levels", n)
		}
	})
}
