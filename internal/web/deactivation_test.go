package web_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/text"
)

// CHG-4, LST-4: a deactivation is planned for the end of a day; list and sheet show it beside the
// status, and it can be changed and cancelled.
func TestPlanDeactivation(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, julie).String()
		day := func(n int) time.Time { return w.clock.Now().In(text.Zone).AddDate(0, 0, n) }
		fr := text.For(text.FR)
		form := b.get(sheet+"/deactivate").answers(http.StatusOK).says("Quand ?", "Tout de suite", "À la fin d’un jour choisi", "Dernier jour d’accès").form("/deactivate")
		if form.Get("when") != "now" {
			t.Errorf("chosen beforehand: %q", form.Get("when"))
		}
		for _, c := range []struct{ when, day, says string }{
			{"", "", "Choisissez quand l’accès s’arrête"},
			{"other", "", "saisissez une date"},
			{"other", "2026-02-30", "saisissez une date qui existe"},
			{"other", day(-1).Format(time.DateOnly), "Choisissez un jour qui n’est pas passé"},
		} {
			form.Set("when", c.when)
			form.Set("day", c.day)
			b.post(sheet+"/deactivate", form).answers(http.StatusUnprocessableEntity).says("1 point à corriger", c.says)
		}
		form.Set("when", "other")
		form.Set("day", day(8).Format(time.DateOnly))
		p := b.follow(b.post(sheet+"/deactivate", form).leads(sheet))
		p.says("Désactivation prévue à la fin du "+fr.Date(day(8))+" : Julie Delmas.", "Le "+fr.ShortDate(day(8)), "Prévue par Claire Morvan", "Changer ou annuler")
		b.get("/o/tilleuls/members").says("Désactivation prévue", "Le "+fr.ShortDate(day(8)))
		w.as(julie).get(sheet).says("À la fin du " + fr.Date(day(8))).saysNot("Changer ou annuler")
		b.post(sheet+"/deactivate", form).answers(http.StatusPreconditionFailed).says("Revoir la fiche")

		form = b.get(sheet+"/deactivate").says("La désactivation est prévue à la fin du "+fr.Date(day(8))+", par Claire Morvan", "Annuler la désactivation prévue…").form("/deactivate")
		if form.Get("when") != "other" || form.Get("day") != day(8).Format(time.DateOnly) {
			t.Errorf("the form has %v", form)
		}
		form.Set("day", day(9).Format(time.DateOnly))
		b.follow(b.post(sheet+"/deactivate", form).leads(sheet)).says("Le " + fr.ShortDate(day(9)))
		cancel := b.get(sheet+"/deactivate/cancel").answers(http.StatusOK).says("Annuler la désactivation prévue de Julie Delmas ?", "À la fin du "+fr.Date(day(9)))
		b.follow(b.post(sheet+"/deactivate/cancel", cancel.form("/cancel")).leads(sheet)).says("Désactivation annulée : Julie Delmas.").saysNot("Désactivation prévue")
		b.get(sheet + "/deactivate/cancel").leads(sheet)
	})
}

// CHG-4, rules.md 13: what was not done on its day asks for somebody, says why, and is confirmed
// or cancelled.
func TestHeldDeactivation(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, julie).String()
		form := b.get(sheet + "/deactivate").form("/deactivate")
		form.Set("when", "other")
		form.Set("day", w.clock.Now().In(text.Zone).Format(time.DateOnly))
		b.post(sheet+"/deactivate", form).leads(sheet)
		for code, says := range map[string]string{
			member.ErrPlanner.Code:           "Claire Morvan, qui l’avait prévue, ne peut plus désactiver ce membre",
			member.ErrLastAdministrator.Code: "plus personne n’aurait pu administrer", //nolint:misspell // French
			member.ErrYourself.Code:          "la situation avait changé",
		} {
			w.write(func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.Exec(ctx, `update deactivation_plan set held = $2 where org_id = $1`, w.tilleuls.org.ID, code)
				return err
			})
			b.get(sheet).says("Désactivation à confirmer", "Confirmer ou annuler")
			b.get(sheet+"/deactivate").says("n’a pas été faite", says, "Annuler la désactivation prévue…")
		}
		b.get("/o/tilleuls/members").says("Désactivation à confirmer")
		form = b.get(sheet + "/deactivate").form("/deactivate")
		if form.Get("when") != "now" {
			t.Errorf("the form has %v", form)
		}
		b.follow(b.post(sheet+"/deactivate", form).leads(sheet)).says("Membre désactivé : Julie Delmas.").saysNot("Désactivation à confirmer")
	})
}

// CHG-4: reactivation shows what changed meanwhile before it is confirmed, and afterwards; and
// what does not come back.
func TestReactivationShowsChanges(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(claire)
		id := w.id(w.tilleuls, julie)
		sheet := "/o/tilleuls/members/" + id.String()
		b.get(sheet + "/reactivate").answers(http.StatusConflict)
		form := b.get(sheet + "/deactivate").form("/deactivate")
		b.post(sheet+"/deactivate", form).leads(sheet)
		b.get(sheet+"/reactivate").answers(http.StatusOK).says("Rien n’a changé entre-temps", "Ses sessions d’avant")
		w.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update member_role set known_until = $3 where org_id = $1 and member_id = $2 and known_until is null`,
				w.tilleuls.org.ID, id, tx.Now)
			return err
		})
		p := b.get(sheet+"/reactivate").answers(http.StatusOK).says("Réactiver Julie Delmas ?", "1 chose ne sera pas comme avant", "Rôle Secrétariat", "Retiré entre-temps", "Oui", "Non")
		done := b.follow(b.post(sheet+"/reactivate", p.form("/reactivate")).leads(sheet + "/reactivate"))
		done.says("Membre réactivé : Julie Delmas.", "1 chose n’est plus comme avant", "Rôle Secrétariat", "Revenir à la fiche").saysNot("Votre mot de passe")
		w.as(nadege).post(sheet+"/reactivate", url.Values{"version": {"1"}}).answers(http.StatusNotFound)
	})
}
