package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"habilis/internal/preference"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/web"
)

const mySettings = "/o/tilleuls/me/settings"

// CHG-3: a member makes settings their own, each told as such; what they did not touch stays
// inherited; one is given back, and that is undone.
func TestOwnSettings(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(julie)
		b.get(mySettings).answers(http.StatusOK).says("Mes paramètres", "Semaine, de 8 h à 19 h, pas de 15 min", "Celle du compte", "Organisation").
			saysNot("Personnalisé", "Revenir au réglage", "Comptes à autoriser")
		f := b.get(mySettings + "/edit").form("/edit")
		b.follow(b.post(mySettings+"/edit", f)).says("Aucun paramètre n’a changé")
		f.Set("mine.calendar", "yes")
		f.Set("calendar.view", "day")
		f.Set("calendar.day_start", "09:30")
		f.Set("mine.working_hours", "yes")
		f.Set("hours.monday", "8h30-12h et 14:00 à 18 h")
		f.Set("hours.tuesday", "8 h 30 – 12 h, 14 h – 18 h")
		f.Set("hours.thursday", "9-12")
		f.Set("way.work", "none")
		saved := b.follow(b.post(mySettings+"/edit", f))
		saved.says("3 paramètres modifiés", "Annuler", "Jour, de 9 h 30 à 19 h, pas de 15 min", "Personnalisé",
			"Du lundi au mardi : 8 h 30 – 12 h, 14 h – 18 h", "Jeudi : 9 h – 12 h", "Ne pas prévenir")
		s := w.settingsOf(julie)
		if s.Own.Language != nil || s.Own.Session != nil || s.Own.Calendar == nil || len(s.Own.Notifications) != 1 {
			t.Errorf("made their own: %+v", s.Own)
		}
		undo := undoOf(saved)
		back := saved.form("/give-back") // the first: the calendar
		given := b.follow(b.post(mySettings+"/give-back", back)).says("« Affichage de l’agenda » suit de nouveau l’organisation", "Semaine, de 8 h à 19 h")
		b.follow(b.post(undo, url.Values{})).says("Quelqu’un a modifié ces paramètres entre-temps") // of before: it would take more back
		b.follow(b.post(undoOf(given), url.Values{})).says("de nouveau comme avant", "Jour, de 9 h 30 à 19 h")
		b.post(mySettings+"/give-back", url.Values{"part": {"everything"}}).answers(http.StatusBadRequest)
		b.follow(b.post(mySettings+"/give-back", url.Values{"part": {"calendar"}, "version": {"1"}})).says("rien n’a été changé")
	})
}

// undoOf is the address of «Annuler» in the answer to an act.
func undoOf(p *page) string {
	p.w.Helper()
	for _, f := range p.all("form") {
		if strings.Contains(attr(f, "action"), "/settings/undo?draft=") {
			return attr(f, "action")
		}
	}
	p.w.Fatalf("%s: nothing to undo\n%s", p.path, p.text())
	return ""
}

func (w *world) settingsOf(email string) preference.Sheet {
	w.Helper()
	s, err := w.app.App.Preferences.Get(w.Context(), w.actor(email), w.tilleuls.org.ID, w.id(w.tilleuls, email))
	if err != nil {
		w.Fatal(err)
	}
	return s
}

// What cannot be read is told at its field, and what was typed is kept: web.hours_unreadable,
// setting.day_order, web.alert_way, web.alert_sites.
func TestSettingsToCorrect(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(yanis)
		f := b.get(mySettings + "/edit").form("/edit")
		f.Set("mine.working_hours", "yes")
		f.Set("hours.friday", "le matin")
		f.Set("way.work", "pigeon")
		f.Set("where.access", "other")
		wrong := b.post(mySettings+"/edit", f).answers(http.StatusUnprocessableEntity)
		wrong.says("3 points à corriger", "Écrivez les heures ainsi", "Choisissez comment prévenir", "Cochez au moins un établissement")
		if again := wrong.form("/edit"); again.Get("hours.friday") != "le matin" || again.Get("where.access") != "other" {
			t.Errorf("what was typed is lost: %v", again)
		}
		f = b.get(mySettings + "/edit").form("/edit")
		f.Set("mine.calendar", "yes")
		f.Set("calendar.day_start", "19:00")
		f.Set("mine.session", "yes")
		f.Set("session.idle_minutes", "90")
		f.Set("mine.working_hours", "yes")
		f.Set("hours.monday", "14 h – 12 h")
		b.post(mySettings+"/edit", f).answers(http.StatusUnprocessableEntity).says("Choisissez une fin de journée après son début", "Choisissez un nombre de 5 à 30", "Choisissez une fin après le début")
		f = b.get(mySettings + "/edit").form("/edit")
		f.Set("was", "{")
		b.post(mySettings+"/edit", f).answers(http.StatusBadRequest)
	})
}

// MEM-6: an alert is narrowed to some sites, by that alone; the sites are told.
func TestAlertOfSomeSites(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(yanis)
		f := b.get(mySettings + "/edit").form("/edit")
		f.Set("where.access", "other")
		f.Set("site.access", w.tilleuls.sites[1].ID.String())
		b.follow(b.post(mySettings+"/edit", f)).says("1 paramètre modifié", "Grand-Pré", "Personnalisé")
		again := b.get(mySettings + "/edit").form("/edit")
		if again.Get("way.access") != "both" || again.Get("where.access") != "other" || again.Get("site.access") != w.tilleuls.sites[1].ID.String() {
			t.Errorf("shown: %v", again)
		}
	})
}

// CHG-1, two administrators at once: the second is told what the first saved; what they typed
// stays, what they did not touch is the other's, and nothing is written over in silence.
func TestSettingsConflict(t *testing.T) {
	each(t, func(w *world) {
		path := "/o/tilleuls/members/" + w.id(w.tilleuls, julie).String() + "/settings"
		one, two := w.as(claire), w.as(bruno)
		first, second := one.get(path+"/edit").form("/edit"), two.get(path+"/edit").form("/edit")
		first.Set("mine.language", "yes")
		first.Set("language", "en")
		first.Set("mine.signature", "yes")
		first.Set("signature", "Julie Delmas")
		one.follow(one.post(path+"/edit", first)).says("2 paramètres modifiés", "Anglais", "Julie Delmas")
		second.Set("mine.signature", "yes")
		second.Set("signature", "Secrétariat")
		told := two.post(path+"/edit", second).answers(http.StatusPreconditionFailed).says("Quelqu’un a modifié ces paramètres pendant votre saisie", "Anglais", "Julie Delmas")
		merged := told.form("/edit")
		if merged.Get("signature") != "Secrétariat" || merged.Get("mine.language") != "yes" || merged.Get("language") != "en" {
			t.Errorf("merged: %v", merged)
		}
		two.follow(two.post(path+"/edit", merged)).says("1 paramètre modifié", "Secrétariat", "Anglais")
	})
}

// Who sees and who edits: the member themself, whoever holds members.edit over the whole of them,
// and nobody else; a site's administrator does not see whom they may not see (AUZ-06).
func TestSettingsOfOthers(t *testing.T) {
	each(t, func(w *world) {
		of := func(email string) string {
			return "/o/tilleuls/members/" + w.id(w.tilleuls, email).String() + "/settings"
		}
		w.as(claire).get(of(julie)).answers(http.StatusOK).says("Julie Delmas", "Modifier", "Durée de session", "Délégations")
		w.as(claire).get("/o/tilleuls/members/"+w.id(w.tilleuls, julie).String()).says("Paramètres", "Tout voir", "Affichage de l’agenda")
		w.as(nadege).get(of(julie)).answers(http.StatusNotFound)
		seen := w.as(nadege).get(of(yanis)) // at her site, and at another
		seen.answers(http.StatusOK).saysNot("Durée de session", "Modifier")
		w.as(nadege).get(of(yanis) + "/edit").answers(http.StatusForbidden)
		w.as(nadege).post(of(yanis)+"/give-back", url.Values{"part": {"language"}, "version": {"0"}}).answers(http.StatusForbidden)
		w.as(julie).get(of(claire)).answers(http.StatusForbidden)
		w.as(olivia).get(of(julie)).answers(http.StatusNotFound)
		w.as(claire).post("/o/tilleuls/members/"+w.id(w.tilleuls, yanis).String()+"/settings/undo?draft="+strings.Repeat("x", 9), url.Values{}).answers(http.StatusNotFound)
	})
}

// rules.md 6: the alerts and the sessions of somebody else are changed with the password of whoever does
// it, asked for when it is needed: in the form, on giving one back, on undoing; one's own never.
func TestSettingsOfOthersAskForTheProof(t *testing.T) {
	each(t, func(w *world) {
		path := "/o/tilleuls/members/" + w.id(w.tilleuls, julie).String() + "/settings"
		b, own := w.as(claire), w.as(julie)
		w.clock.Add(6 * time.Minute) // the proof of the sign-in is over
		f := b.get(path + "/edit").says("Elle est prévenue par e-mail").saysNot("Votre mot de passe").form("/edit")
		f.Set("mine.signature", "yes")
		f.Set("signature", "Julie Delmas")
		b.follow(b.post(path+"/edit", f)).says("1 paramètre modifié") // no security in it
		f = b.get(path + "/edit").form("/edit")
		f.Set("mine.session", "yes")
		f.Set("session.idle_minutes", "10")
		f.Set("way.work", "none")
		asked := b.post(path+"/edit", f).answers(http.StatusUnprocessableEntity).says("Votre mot de passe", "Saisissez votre mot de passe", "touchent à sa sécurité")
		again := asked.form("/edit")
		if again.Get("way.work") != "none" || again.Get("session.idle_minutes") != "10" {
			t.Errorf("what was typed is lost: %v", again)
		}
		again.Set("password", wrong)
		b.post(path+"/edit", again).answers(http.StatusUnprocessableEntity)
		if s := w.settingsOf(julie); s.Own.Session != nil || len(s.Own.Notifications) > 0 {
			t.Errorf("changed without the proof: %+v", s.Own)
		}
		again.Set("password", good)
		saved := b.follow(b.post(path+"/edit", again)).says("2 paramètres modifiés", "Ne pas prévenir")

		w.clock.Add(6 * time.Minute)
		undo := b.post(undoOf(saved), url.Values{}).answers(http.StatusOK).says("Modifier les paramètres de Julie Delmas ?", "Votre mot de passe").form(undoOf(saved))
		b.post(undoOf(saved), undo).answers(http.StatusUnprocessableEntity).says("Saisissez votre mot de passe")
		undo.Set("password", good)
		b.follow(b.post(undoOf(saved), undo)).says("de nouveau comme avant")
		f = b.get(path + "/edit").form("/edit")
		f.Set("way.work", "none")
		b.follow(b.post(path+"/edit", f)).says("1 paramètre modifié")

		w.clock.Add(6 * time.Minute)
		back := url.Values{"part": {"notifications.work"}, "version": {strconv.FormatInt(w.settingsOf(julie).Version, 10)}}
		confirm := b.post(path+"/give-back", back).answers(http.StatusOK).says("Cette personne en est prévenue par e-mail", "Votre mot de passe").form("/give-back")
		confirm.Set("password", good)
		b.follow(b.post(path+"/give-back", confirm)).says("suit de nouveau l’organisation")

		f = own.get(mySettings + "/edit").form("/edit")
		f.Set("way.work", "none")
		own.follow(own.post(mySettings+"/edit", f)).says("1 paramètre modifié")
	})
}

// CHG-3, OFF-4: sites that were chosen for an alert and count no more are shown as such: a form that is
// saved neither drops them in silence nor widens the alert.
func TestAlertOfSitesThatCountNoMore(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(yanis)
		first, second := w.tilleuls.sites[0].ID.String(), w.tilleuls.sites[1].ID.String()
		f := b.get(mySettings + "/edit").form("/edit")
		f.Set("where.access", "other")
		f.Set("site.access", second)
		b.follow(b.post(mySettings+"/edit", f)).says("1 paramètre modifié")
		w.write(func(ctx context.Context, tx *store.Tx) error { // by a door that forgot the choice
			_, err := tx.Exec(ctx, `update member_site set known_until = $3 where org_id = $1 and member_id = $2 and site_id = $4`,
				w.tilleuls.org.ID, w.id(w.tilleuls, yanis), tx.Now, second)
			return err
		})
		page := b.get(mySettings+"/edit").says("Grand-Pré (ne compte plus)", "Si aucun autre n’est coché")
		f = page.form("/edit")
		if f.Get("where.access") != "other" || f.Get("site.access") != second {
			t.Errorf("shown: %v", f)
		}
		b.follow(b.post(mySettings+"/edit", f)).says("Aucun paramètre n’a changé")
		f.Set("way.access", "email")
		b.follow(b.post(mySettings+"/edit", f)).says("1 paramètre modifié")
		if s := w.settingsOf(yanis).Own.Notifications[setting.AlertAccess]; len(s.Sites) != 1 || s.Sites[0].String() != second || s.Inside {
			t.Errorf("another channel: %+v", s)
		}
		f = b.get(mySettings + "/edit").form("/edit")
		f.Del("site.access")
		b.post(mySettings+"/edit", f).answers(http.StatusUnprocessableEntity).says("Cochez au moins un établissement")
		f.Set("site.access", first)
		b.follow(b.post(mySettings+"/edit", f)).says("1 paramètre modifié")
		b.get(mySettings + "/edit").saysNot("ne compte plus")
	})
}

// CHG-3: a change of what the organisation sets says whom it touches before it is saved, with the
// password (rules.md 6); who has their own keeps it.
func TestDefaultsReview(t *testing.T) {
	each(t, func(w *world) {
		j := w.as(julie)
		own := j.get(mySettings + "/edit").form("/edit")
		own.Set("mine.calendar", "yes")
		own.Set("calendar.slot_minutes", "20")
		j.follow(j.post(mySettings+"/edit", own))
		b, other := w.as(claire), w.as(bruno)
		b.get("/o/tilleuls/settings").says("Paramètres des membres", "Affichage de l’agenda")
		f := b.get("/o/tilleuls/settings/members").form("/settings/members")
		stale := other.get("/o/tilleuls/settings/members").form("/settings/members")
		same := b.follow(b.post("/o/tilleuls/settings/members", f)).says("Aucun réglage ne change")
		if strings.Contains(same.body, "Valider les modifications") {
			t.Error("nothing to save, and a button")
		}
		f.Set("hours.monday", "jamais")
		b.post("/o/tilleuls/settings/members", f).answers(http.StatusUnprocessableEntity).says("Écrivez les heures ainsi")
		f.Set("hours.monday", "8 h – 12 h")
		f.Set("calendar.slot_minutes", "30")
		f.Set("way.departure", "email")
		review := b.follow(b.post("/o/tilleuls/settings/members", f))
		review.says("Qui est concerné", "pas de 15 min", "pas de 30 min", "E-mail seulement", "Lundi : 8 h – 12 h", "4 membres", "1 membre", "Julie Delmas", "5 membres", "Yanis Belkacem")
		w.clock.Add(6 * time.Minute)
		send := b.get(review.path).says("Votre mot de passe").form("/review")
		b.post("/o/tilleuls/settings/members/review", send).answers(http.StatusUnprocessableEntity).says("Saisissez votre mot de passe")
		send.Set("password", good)
		b.follow(b.post("/o/tilleuls/settings/members/review", send)).says("Les paramètres des membres sont enregistrés", "pas de 30 min")
		w.as(yanis).get(mySettings).says("pas de 30 min", "Lundi : 8 h – 12 h")
		w.as(julie).get(mySettings).says("pas de 20 min")

		stale.Set("signature", "Maison de santé")
		over := other.follow(other.post("/o/tilleuls/settings/members", stale)).says("Quelqu’un a changé ces réglages pendant ce temps")
		again := other.get(strings.Replace(over.path, "/review", "", 1)).form("/settings/members")
		if again.Get("signature") != "Maison de santé" {
			t.Errorf("what was typed is lost: %v", again)
		}
		w.as(julie).get("/o/tilleuls/settings/members").answers(http.StatusForbidden)
		w.as(nadege).post("/o/tilleuls/settings/members/review", send).answers(http.StatusForbidden)
	})
}

// «Mes notifications»: the person's own, the latest first, counted until they are read.
func TestNotices(t *testing.T) {
	each(t, func(w *world) {
		b := w.as(julie)
		b.get("/o/tilleuls/me/notifications").answers(http.StatusOK).says("Aucune notification").saysNot("Tout marquer comme lu")
		w.write(func(ctx context.Context, tx *store.Tx) error {
			id := w.id(w.tilleuls, julie)
			return preference.Tell(ctx, tx, w.tilleuls.org.ID, "a job", []preference.Told{
				{To: id, Alert: setting.AlertWork, What: preference.WorkReceived, Count: 3},
				{To: w.id(w.tilleuls, yanis), Alert: setting.AlertAccess, What: preference.AccessChanged, Count: 2},
			})
		})
		w.write(func(ctx context.Context, tx *store.Tx) error {
			return preference.Tell(ctx, tx, w.tilleuls.org.ID, "another", []preference.Told{
				{To: w.id(w.tilleuls, julie), Alert: setting.AlertDelegation, What: preference.DelegationStarts, Count: 1},
			})
		})
		list := b.get("/o/tilleuls/me/notifications").says("vous avez 3 éléments en cours", "Vous pouvez agir au nom de 1 identité", "2 notifications", "Tout marquer comme lu").
			saysNot("L’accès de")
		if !strings.Contains(list.body, "2<span class=\"vh\"> non lues") {
			t.Error("the count is not in the navigation")
		}
		open := list.form("/open")
		if open.Get("next") != "/o/tilleuls/me/delegations" {
			t.Errorf("the latest comes first: %v", open)
		}
		b.post("/o/tilleuls/me/notifications/open", open).leads("/o/tilleuls/me/delegations")
		open.Set("next", "https://elsewhere.example/")
		b.post("/o/tilleuls/me/notifications/open", open).leads("/o/tilleuls/me/notifications")
		b.get("/o/tilleuls/me/notifications?unread=1").says("vous avez 3 éléments", "1 notification").saysNot("agir au nom")
		y := w.as(yanis)
		y.post("/o/tilleuls/me/notifications/read", url.Values{"notice": {open.Get("notice")}}).leads("/o/tilleuls/me/notifications")
		y.get("/o/tilleuls/me/notifications?unread=1").says("L’accès de 2 personnes")
		b.follow(b.post("/o/tilleuls/me/notifications/read", url.Values{})).says("Toutes vos notifications sont marquées comme lues")
		b.get("/o/tilleuls/me/notifications?unread=1").says("Tout est lu")
		b.post("/o/tilleuls/me/notifications/read", url.Values{"notice": {"x"}}).answers(http.StatusBadRequest)
	})
}

// Hours are read as people write them, in both languages, and as pages show them.
func TestParseRanges(t *testing.T) {
	for typed, want := range map[string]string{
		"": "", " ": "", "8h-12h": "08:00-12:00", "8 h 30 – 12 h, 14 h – 18 h": "08:30-12:00 14:00-18:00", "08:30-12:00;14:00-18:15": "08:30-12:00 14:00-18:15",
		"8h30 à 12h et 14h à 18h": "08:30-12:00 14:00-18:00", "9-12": "09:00-12:00", "9:00 – 12:00, 14:00 – 24:00": "09:00-12:00 14:00-24:00",
		"8\u00a0h\u00a030 – 12\u00a0h": "08:30-12:00", "9.30 to 12 and 13 to 17": "09:30-12:00 13:00-17:00",
	} {
		ranges, ok := web.ParseRanges(typed)
		var got []string
		for _, r := range ranges {
			got = append(got, r.From.String()+"-"+r.To.String())
		}
		if !ok || strings.Join(got, " ") != want {
			t.Errorf("%q: %v %v", typed, got, ok)
		}
	}
	for _, typed := range []string{"8h", "matin", "8h-12h, 14h", "25h-26h", "8h-12h le matin", "8h75-9h"} {
		if ranges, ok := web.ParseRanges(typed); ok {
			t.Errorf("%q is read: %v", typed, ranges)
		}
	}
}
