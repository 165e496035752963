package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"
)

// ORG-5, CHG-4: the sheet shows who the person is, what they may do and who gave
// it, and only the acts that would succeed.
func TestSheet(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, yanis).String()
		p := b.get(sheet).answers(http.StatusOK).says("Dr Yanis Belkacem", "Médecin", "Soins", "Saint-Aubin", "Grand-Pré", yanis, "Actif", "Nommer admin", "Désactiver…")
		if p.title() != "Dr\u00a0Yanis Belkacem – Maison de santé des Tilleuls" {
			t.Errorf("title %q", p.title())
		}
		p.saysNot("Réactiver…", "Révoquer les droits administrateurs")
		own := w.as(yanis).get(sheet).answers(http.StatusOK).says("Accueil").saysNot("Nommer admin", "Désactiver…") // one's own
		if own.hasLink("/o/tilleuls/members") {
			t.Error("a member without rights is led to the list")
		}
		b.get("/o/tilleuls/members/"+w.id(w.tilleuls, claire).String()).says("RPPS 99 700 012 042", "Toute l’organisation").saysNot("Désactiver…")
	})
}

// CHG-4, SEC-3: deactivation asks for the password, keeps what it asked after a
// wrong one, and says it is done; reactivation gives the rights back.
func TestDeactivate(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, julie).String()
		w.clock.Add(6 * time.Minute) // the proof of signing in is old
		ask := b.get(sheet+"/deactivate").answers(http.StatusOK).says("Désactiver Julie Delmas ?", "Votre mot de passe")
		form := ask.form("/deactivate")
		form.Set("password", wrong)
		p := b.post(sheet+"/deactivate", form).answers(http.StatusUnprocessableEntity).says("1 point à corriger")
		if p.title()[:len("Erreur")] != "Erreur" {
			t.Errorf("title %q", p.title())
		}
		form.Set("password", good)
		done := b.follow(b.post(sheet+"/deactivate", form).leads(sheet)).says("Membre désactivé : Julie Delmas.", "Désactivé", "Réactiver…")
		done.saysNot("Désactiver…")
		b.post(sheet+"/deactivate", form).answers(http.StatusPreconditionFailed).says("Revoir la fiche") // stale version
		form = b.get(sheet + "/reactivate").says("Réactiver Julie Delmas ?").form("/reactivate")
		b.follow(b.post(sheet+"/reactivate", form)).says("Membre réactivé : Julie Delmas.", "Actif", "Secrétariat")
	})
}

// ORG-4: the last administrator cannot be deactivated nor lose the role, through
// the page either; the refusal says what to do and stays on the page.
func TestLastAdministrator(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		bruno, claire := w.id(w.tilleuls, bruno).String(), w.id(w.tilleuls, claire).String()
		form := b.get("/o/tilleuls/members/" + bruno + "/administration/withdraw").answers(http.StatusOK).form("/withdraw")
		b.follow(b.post("/o/tilleuls/members/"+bruno+"/administration/withdraw", form)).says("Droits administrateurs révoqués pour Bruno Lacaze : Toute l’organisation.")
		b.get("/o/tilleuls/members/" + claire).answers(http.StatusOK).saysNot("Révoquer les droits administrateurs")
		form = url.Values{}
		form.Set("scope", "organization")
		form.Set("version", "0") // whatever it is: the rule refuses, not the version
		p := b.post("/o/tilleuls/members/"+claire+"/administration/withdraw", form).answers(http.StatusConflict)
		p.says("Révoquer les droits administrateurs : Dr Claire Morvan ?")
		if w.count(`select count(*) from audit_event where verb = 'member.withdraw' and outcome <> 'done'`) == 0 {
			t.Error("the refusal is not recorded")
		}
	})
}

// ORG-5: «Nommer admin» at a site or for the organisation, with the consequence,
// effective at once; where must be chosen (web.scope).
func TestAppoint(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, yanis).String()
		ask := b.get(sheet+"/administration").answers(http.StatusOK).says("Toute l’organisation", "Saint-Aubin", "Grand-Pré", "y compris le vôtre")
		b.post(sheet+"/administration", ask.form("/administration")).answers(http.StatusUnprocessableEntity).says("Choisissez l’organisation ou un établissement")
		form := ask.form("/administration")
		form.Set("scope", w.tilleuls.sites[1].ID.String())
		b.follow(b.post(sheet+"/administration", form)).says("maintenant : Grand-Pré.", "Révoquer les droits administrateurs")
		w.as(yanis).get("/o/tilleuls/members").answers(http.StatusOK).says("Petit Nadège").saysNot("Delmas")
	})
}

// AUZ-01, AUZ-06, ENU-03: a member of another organisation, of another site, or made
// up, is one and the same 404, on every page and act.
func TestForeignMember(t *testing.T) {
	each(t, func(w *world) {
		mine, other := w.as(olivia), w.as(nadege)
		for _, act := range []string{"", "/deactivate", "/reactivate", "/administration", "/administration/withdraw"} {
			julie := w.id(w.tilleuls, julie).String()
			mine.get("/o/tilleuls/members/" + julie + act).answers(http.StatusNotFound)
			mine.get("/o/deux-rives/members/" + julie + act).answers(http.StatusNotFound).saysNot("Delmas")
			other.get("/o/tilleuls/members/" + julie + act).answers(http.StatusNotFound).saysNot("Delmas")
			other.get("/o/tilleuls/members/nobody" + act).answers(http.StatusNotFound)
			if act != "" {
				other.post("/o/tilleuls/members/"+julie+act, url.Values{"scope": {"organization"}, "version": {"1"}}).answers(http.StatusNotFound)
			}
		}
	})
}

// AUZ-05: a site administrator cannot touch somebody who administers more.
func TestMorePowerful(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(nadege)
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, bruno).String()
		b.get(sheet).answers(http.StatusOK).saysNot("Désactiver…")
		b.get(sheet + "/deactivate").answers(http.StatusForbidden)
		b.post(sheet+"/deactivate", url.Values{"version": {"1"}}).answers(http.StatusForbidden)
		b.post(sheet+"/administration", url.Values{"scope": {w.tilleuls.sites[1].ID.String()}, "version": {"1"}}).answers(http.StatusForbidden)
	})
}
