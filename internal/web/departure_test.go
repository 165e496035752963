package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/resource"
	"habilis/internal/store"
	"habilis/internal/text"
	"habilis/internal/workitem"
)

// departing is a member of the Tilleuls with work, an agenda and a colleague of the same function
// and site; the address of their departure.
func (w *world) departing() (path string, agenda resource.ID) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error { // who holds an agenda receives patients
		_, err := tx.Exec(ctx, `update member_state set profile_type = 'regulated' where email = $1`, yanis)
		return err
	})
	w.works(yanis, workitem.Task, 3)
	w.works(yanis, workitem.Appointment, 2)
	agenda = w.thing(w.tilleuls, resource.Agenda, "Cabinet Belkacem", "Généraliste", w.tilleuls.sites[0].ID, yanis)
	return "/o/tilleuls/members/" + w.id(w.tilleuls, yanis).String() + "/departure", agenda
}

// finished waits for the work that follows a departure.
func (b *browser) finished(path string) *page {
	b.w.Helper()
	for range 200 {
		p := b.get(path).answers(http.StatusOK)
		if !strings.Contains(plain(p.text()), "se fait seul") {
			return p
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.w.Fatal("the departure is not finished")
	return nil
}

// comes waits until a query counts so many: what follows an act is done after it.
func (w *world) comes(want int, query string, args ...any) {
	w.Helper()
	n := -1
	for range 200 {
		if n = w.count(query, args...); n == want {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	w.Errorf("%d, not %d: %s", n, want, query)
}

func (p *page) value(name string) string {
	for _, n := range p.all("input") {
		if attr(n, "name") == name {
			return attr(n, "value")
		}
	}
	return ""
}

// OFF-1, OFF-2: what somebody holds is listed with the colleagues who come first; the name is
// typed exactly, a day is chosen, the button says what it does, and a refusal keeps what was
// typed, but for the password.
func TestDepartureForm(t *testing.T) {
	each(t, func(w *world) {
		path, agenda := w.departing()
		b := w.as(bruno)
		w.clock.Add(6 * time.Minute) // the proof of the sign-in is over
		sheet := strings.TrimSuffix(path, "/departure")
		link := b.get(sheet).linkOf("Supprimer le membre…")
		p := b.get(link).answers(http.StatusOK).says("Départ : Dr Yanis Belkacem", "Reste à faire", "3 tâches ouvertes", "1 en retard", "2 rendez-vous à venir",
			"Cabinet Belkacem", "Sans personne : fermeture", "rôles et autorisations", "Pour confirmer, écrivez : Yanis Belkacem", "Programmer le départ")
		f := p.form(path)
		colleague := w.id(w.tilleuls, claire).String()
		if f.Get("to.work.task") != colleague || f.Get("to.work.appointment") != colleague || f.Get("to.resource."+agenda.String()) != colleague {
			t.Error("the colleague of the same function and site is not proposed:", f)
		}
		f.Set("full_name", "yanis Belkacem")
		f.Set("password", good)
		f.Set("to.work.task", w.id(w.tilleuls, julie).String())
		p = b.post(path, f).answers(http.StatusUnprocessableEntity).says("Choisissez le dernier jour", "Écrivez exactement", "2 points à corriger") // web.depart_day, departure.name
		if p.value("full_name") != "yanis Belkacem" || p.form(path).Get("to.work.task") != w.id(w.tilleuls, julie).String() {
			t.Error("what was typed is lost")
		}
		if p.value("password") != "" {
			t.Error("the page gives the password back")
		}
		f.Set("when", "now")
		p = b.post(path, f).answers(http.StatusUnprocessableEntity).says("confirmez avec le bouton « Supprimer le membre »") // web.depart_changed_now
		f = p.form(path)
		f.Set("when", "other")
		f.Set("day", "2026-12-01")
		b.post(path, f).answers(http.StatusUnprocessableEntity).says("confirmez avec le bouton « Programmer le départ »") // web.depart_changed_other
		f.Set("when", "")
		b.post(path, f).answers(http.StatusUnprocessableEntity).says("Choisissez quand l’accès s’arrête") // web.depart_when
		f.Set("when", "now")
		f.Set("full_name", "Yanis  Belkacem")
		f.Set("password", good)
		b.post(path, f).answers(http.StatusUnprocessableEntity).says("Écrivez exactement").saysNot("bouton « Supprimer")
		f.Set("full_name", "Yanis Belkacem")
		f.Set("password", wrong)
		w.clock.Add(6 * time.Minute)
		b.post(path, f).answers(http.StatusUnprocessableEntity).says("mot de passe")
		f.Set("to.work.appointment", w.id(w.tilleuls, julie).String())
		f.Set("password", good)
		b.post(path, f).answers(http.StatusUnprocessableEntity).says("Choisissez un praticien")
		if n := w.count(`select count(*) from departure where org_id = $1`, w.tilleuls.org.ID); n != 0 {
			t.Errorf("%d departures of refused forms", n)
		}
	})
}

// OFF-1: everything goes to one colleague with one button, but administration; the button keeps
// nothing, and what script asks for is the same page.
func TestDepartureToOne(t *testing.T) {
	each(t, func(w *world) {
		path, agenda := w.departing()
		b := w.as(bruno)
		f := b.get(path + "?form=1").form(path)
		for field := range f {
			if strings.HasPrefix(field, "to.") {
				f.Set(field, "")
			}
		}
		f.Set("do", "preview")
		f.Set("when", "now")
		p := b.post(path, f).answers(http.StatusOK).says("Personne ne reprend encore : 3 tâches ouvertes, 2 rendez-vous à venir et Cabinet Belkacem", "0 sur 2 a un repreneur")
		if p.value("shown") != "now" {
			t.Error("the button does not follow the choice")
		}
		f.Set("do", "give_all")
		f.Set("everyone", w.id(w.tilleuls, claire).String())
		got := b.post(path, f).answers(http.StatusOK).says("2 sur 2 ont un repreneur").saysNot("Personne ne reprend encore").form(path)
		for _, field := range []string{"to.work.task", "to.work.appointment", "to.resource." + agenda.String()} {
			if got.Get(field) != w.id(w.tilleuls, claire).String() {
				t.Errorf("%s goes to %q", field, got.Get(field))
			}
		}
		if n := w.count(`select count(*) from departure where org_id = $1`, w.tilleuls.org.ID); n != 0 {
			t.Errorf("%d departures of a form", n)
		}
	})
}

// OFF-3, OFF-6, AUZ-11: at once, everything ends and is handed over; «Partis» lists the person,
// what nobody took can still be handed over, and the way back gives the rest back.
func TestDepartureAtOnceAndBack(t *testing.T) {
	each(t, func(w *world) {
		path, agenda := w.departing()
		b, leaver := w.as(bruno), w.as(yanis)
		leaver.get("/o/tilleuls/home").answers(http.StatusOK)
		f := b.get(path + "?form=1").form(path)
		f.Set("when", "now")
		f.Set("shown", "now")
		f.Set("full_name", "Yanis Belkacem")
		f.Set("to.work.task", "")
		b.follow(b.post(path, f).leads(path)).says("Membre supprimé : Yanis Belkacem.", "Tous les accès ont pris fin")
		leaver.get("/o/tilleuls/home").answers(http.StatusNotFound)
		p := b.finished(path).says("Claire Morvan prend la suite : 2 rendez-vous à venir", "Claire Morvan prend la suite : Agenda Cabinet Belkacem", "À transmettre", "3 tâches ouvertes", "Rétablir le membre")
		b.get("/o/tilleuls/members?q=belkacem").saysNot("Belkacem Yanis")
		gone := b.get("/o/tilleuls/members").linkOf("Partis")
		b.get(gone).answers(http.StatusOK).says("Yanis Belkacem", "Par Bruno Lacaze", "Retour possible jusqu’au")
		b.get(gone + "?q=morvan").says("Aucun départ ne correspond")

		hand := p.form(path + "/hand")
		empty := url.Values{"to.work.task": {""}}
		b.follow(b.post(path+"/hand", empty)).says("Choisissez au moins un repreneur")
		hand.Set("to.work.task", w.id(w.tilleuls, julie).String())
		b.follow(b.post(path+"/hand", hand).leads(path)).says("1 ligne est transmise").saysNot("À transmettre")
		w.comes(3, `select count(*) from work_item where owner_id = $1 and state = 'open'`, w.id(w.tilleuls, julie))

		w.clock.Add(6 * time.Minute)
		undo := b.get(path).form(path + "/undo")
		b.post(path+"/undo", undo).answers(http.StatusUnprocessableEntity)
		undo.Set("password", good)
		b.follow(b.post(path+"/undo", undo).leads(path)).says("Départ annulé : Yanis Belkacem est de nouveau membre")
		b.finished(path).says("Le départ a été annulé")
		b.get("/o/tilleuls/members?q=belkacem").says("Belkacem")
		w.as(yanis).get("/o/tilleuls/home").answers(http.StatusOK)
		if n := w.count(`select count(*) from resource_state where resource_id = $1 and holder_id = $2 and known_until is null`, agenda, w.id(w.tilleuls, yanis)); n != 1 {
			t.Errorf("the agenda is not back: %d", n)
		}
		b.get(gone).says("Personne n’est parti récemment")
	})
}

// OFF-6, LST-4: a departure is planned, shown in the list and on the sheet, changed and given up;
// on its day it takes place.
func TestDeparturePlanned(t *testing.T) {
	each(t, func(w *world) {
		path, _ := w.departing()
		b, sheet := w.as(bruno), strings.TrimSuffix(path, "/departure")
		f := b.get(path + "?form=1").form(path)
		day := w.clock.Now().AddDate(0, 0, 9)
		f.Set("day", day.Format(time.DateOnly))
		f.Set("full_name", "Yanis Belkacem")
		b.follow(b.post(path, f).leads(path)).says("Départ programmé : Yanis Belkacem", "Départ prévu", "Claire Morvan prend la suite", "Annuler le départ")
		b.get("/o/tilleuls/members?q=belkacem").says("Départ prévu Le ")
		b.get(sheet).says("Départ prévu Le ", "Voir le départ")
		w.as(yanis).get("/o/tilleuls/home").answers(http.StatusOK)
		first := b.get(path + "?form=1").form(path)
		if first.Get("day") != day.Format(time.DateOnly) || first.Get("full_name") != "" {
			t.Error("the plan is not in the form:", first)
		}
		second := b.get(path + "?form=1").form(path)
		first.Set("day", day.AddDate(0, 0, 1).Format(time.DateOnly))
		first.Set("full_name", "Yanis Belkacem")
		b.follow(b.post(path, first))
		second.Set("full_name", "Yanis Belkacem")
		b.post(path, second).answers(http.StatusPreconditionFailed).says("Quelqu’un d’autre a changé ce départ") // RAC-07
		b.follow(b.post(path+"/cancel", b.get(path).form(path+"/cancel")).leads(sheet)).says("Départ annulé : Yanis Belkacem").saysNot("Départ prévu")
		b.get(path).says("Programmer le départ")
	})
}

// AUZ-05, AUZ-06, AUZ-10: whoever may not delete finds no link and no page; nobody deletes
// themself; an administrator of one site sees neither the departure nor «Partis» of others.
func TestDepartureIsForWhoeverMay(t *testing.T) {
	each(t, func(w *world) {
		path, _ := w.departing()
		form := url.Values{"when": {"now"}, "shown": {"now"}, "full_name": {"Yanis Belkacem"}}
		own := w.as(julie)
		own.get(path).answers(http.StatusForbidden)
		own.post(path, form).answers(http.StatusForbidden)
		own.get("/o/tilleuls/members/gone").answers(http.StatusForbidden)
		site := w.as(nadege) // administers the second site; Yanis is of both
		site.get(path).answers(http.StatusForbidden)
		site.post(path, form).answers(http.StatusForbidden)
		self := "/o/tilleuls/members/" + w.id(w.tilleuls, bruno).String()
		b := w.as(bruno)
		if b.get(self).hasLink("/departure?form=1") {
			t.Error("one’s own sheet offers a departure")
		}
		b.get(self + "/departure").answers(http.StatusConflict).says("Demandez à une autre personne")
		w.as(olivia).get(strings.Replace(path, "tilleuls", "deux-rives", 1)).answers(http.StatusNotFound)
		if n := w.count(`select count(*) from departure where org_id = $1`, w.tilleuls.org.ID); n != 0 {
			t.Errorf("%d departures", n)
		}
	})
}

// OFF-4, ORG-4: the page of leaving counts what is held, and offers nothing to the last administrator.
func TestLeavePageSaysWhatIsHeld(t *testing.T) {
	each(t, func(w *world) {
		w.works(julie, workitem.Task, 2)
		w.as(julie).get("/o/tilleuls/leave").answers(http.StatusOK).says("2 tâches ouvertes", "L’administration a 30 jours").form("/leave")
		last := w.as(olivia).get("/o/deux-rives/leave").answers(http.StatusOK).says("Vous êtes la dernière personne", "CPTS des Deux-Rives")
		if strings.Contains(last.body, `action="/o/deux-rives/leave"`) {
			t.Error("the last administrator is offered to leave")
		}
	})
}

// OFF-3: a colleague who was to take over and can no longer receive gets nothing: it is said on the page,
// it waits, and another is chosen there.
func TestDepartureReceiverGone(t *testing.T) {
	each(t, func(w *world) {
		path, _ := w.departing()
		b := w.as(bruno)
		f := b.get(path + "?form=1").form(path)
		f.Set("day", w.clock.Now().AddDate(0, 0, 2).Format(time.DateOnly))
		f.Set("full_name", "Yanis Belkacem")
		f.Set("to.work.task", w.id(w.tilleuls, julie).String())
		b.follow(b.post(path, f).leads(path)).says("3 tâches ouvertes Julie Delmas prend la suite")
		if _, err := w.app.App.Members.Deactivate(w.Context(), w.fresh(bruno), w.tilleuls.org.ID, w.id(w.tilleuls, julie), 0); err != nil {
			t.Fatal(err)
		}
		w.clock.Add(4 * 24 * time.Hour)
		if err := w.app.App.Departures.Sweep(w.Context()); err != nil {
			t.Fatal(err)
		}
		b = w.as(bruno)
		p := b.finished(path).says("À transmettre", "3 tâches ouvertes", "Julie Delmas ne peut plus recevoir", "Claire Morvan prend la suite : Agenda Cabinet Belkacem").saysNot("Julie Delmas prend la suite")
		hand := p.form(path + "/hand")
		hand.Set("to.work.task", w.id(w.tilleuls, julie).String())
		b.post(path+"/hand", hand).answers(http.StatusUnprocessableEntity).says("1 point à corriger", "Choisissez un membre dont l’accès est ouvert", "À transmettre")
		hand.Set("to.work.task", w.id(w.tilleuls, claire).String())
		b.follow(b.post(path+"/hand", hand).leads(path)).says("1 ligne est transmise").saysNot("À transmettre", "ne peut plus recevoir")
		w.comes(3, `select count(*) from work_item where owner_id = $1 and kind = 'task' and state = 'open'`, w.id(w.tilleuls, claire))
	})
}

// rules.md 13, OFF-6: a plan whose author may no longer decide of it is not carried out: it waits, the
// list and the page say so and why, and somebody else confirms it.
func TestDepartureToConfirm(t *testing.T) {
	each(t, func(w *world) {
		path, _ := w.departing()
		b, sheet := w.as(bruno), strings.TrimSuffix(path, "/departure")
		f := b.get(path + "?form=1").form(path)
		f.Set("day", w.clock.Now().AddDate(0, 0, 2).Format(time.DateOnly))
		f.Set("full_name", "Yanis Belkacem")
		b.follow(b.post(path, f).leads(path))
		if _, err := w.app.App.Members.Withdraw(w.Context(), w.fresh(claire), w.id(w.tilleuls, bruno), access.OrgScope(w.tilleuls.org.ID), 0); err != nil {
			t.Fatal(err)
		}
		w.clock.Add(4 * 24 * time.Hour)
		if err := w.app.App.Departures.Sweep(w.Context()); err != nil {
			t.Fatal(err)
		}
		c := w.as(claire)
		c.get("/o/tilleuls/members?q=belkacem").says("Départ à confirmer")
		c.get(sheet).says("Départ à confirmer", "Voir le départ")
		c.get(path).answers(http.StatusOK).says("À confirmer", "est passé, et le départ n’a pas eu lieu", "Cette personne a encore accès", "Annuler le départ")
		w.as(yanis).get("/o/tilleuls/home").answers(http.StatusOK)
		form := c.get(path + "?form=1").says("n’a pas eu lieu").form(path)
		if form.Get("when") != "now" || form.Get("day") != "" {
			t.Errorf("the day that went by is proposed: %v", form)
		}
		form.Set("full_name", "Yanis Belkacem")
		c.follow(c.post(path, form).leads(path)).says("Membre supprimé : Yanis Belkacem.")
		c.finished(path).says("Rétablir le membre").saysNot("À confirmer")
	})
}

// LST-4: the end of a membership that has one is told in other words than a departure that somebody
// decided; the page of the departure proposes that day, and says whence it comes.
func TestEndOfMembershipIsNoDeparture(t *testing.T) {
	each(t, func(w *world) {
		path, _ := w.departing()
		now := w.clock.Now().In(text.Zone)
		end := time.Date(now.Year(), now.Month(), now.Day()+9, 0, 0, 0, 0, text.Zone) // midnight: the day before is the last one
		ends := func(at time.Time) {
			w.write(func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.Exec(ctx, `update member_state set ends_at = $2 where email = $1 and known_until is null`, yanis, at)
				return err
			})
		}
		ends(end)
		b, last := w.as(bruno), end.AddDate(0, 0, -1)
		b.get("/o/tilleuls/members?q=belkacem").says("Fin prévue Le " + text.For(text.FR).ShortDate(last)).saysNot("Départ prévu")
		b.get(strings.TrimSuffix(path, "/departure")).says("Fin prévue", text.For(text.FR).Date(last)).saysNot("Départ prévu")
		form := b.get(path + "?form=1").says("Le jour proposé est celui de la fin prévue").form(path)
		if form.Get("day") != last.Format(time.DateOnly) || form.Get("when") != "other" {
			t.Errorf("proposed: %v", form)
		}
		form.Set("full_name", "Yanis Belkacem")
		b.follow(b.post(path, form).leads(path)).says("Départ programmé : Yanis Belkacem")
		b.get("/o/tilleuls/members?q=belkacem").says("Départ prévu Le ").saysNot("Fin prévue")
		ends(end.AddDate(2, 0, 0)) // further ahead than a departure may be planned
		b.follow(b.post(path+"/cancel", b.get(path).form(path+"/cancel")).leads(strings.TrimSuffix(path, "/departure")))
		if form := b.get(path + "?form=1").saysNot("Le jour proposé").form(path); form.Get("day") != "" {
			t.Errorf("proposed: %v", form)
		}
	})
}
