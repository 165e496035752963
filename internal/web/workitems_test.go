package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/workitem"
)

// works registers so many tasks of a member of the Tilleuls; the first is late.
func (w *world) works(email string, kind workitem.Kind, n int) {
	w.Helper()
	lines := make([]workitem.Line, n)
	for i := range lines {
		due := w.app.Clock.Now().Add(time.Duration(24*i-1) * time.Hour)
		if kind == workitem.Appointment {
			due = due.Add(48 * time.Hour)
		}
		name := strings.ToUpper(string(kind[:1])) + "-" + string(rune('a'+i))
		lines[i] = workitem.Line{
			Ref:     workitem.Ref{Source: "agenda", External: name},
			Details: workitem.Details{Kind: kind, Title: "Relire " + name, Owner: w.id(w.tilleuls, email), Due: &due, State: workitem.Open},
		}
	}
	if _, err := w.app.App.WorkItems.RegisterMany(w.Context(), access.Operator("cli"), w.tilleuls.org.ID, lines); err != nil {
		w.Fatal(err, fault.Of(err).Fields)
	}
}

// OFF-1, OFF-5: the sheet counts what a member holds, by kind, and marks what is late; the
// list gives it to a colleague, some or all, who is proposed by function and site.
func TestWorkInProgress(t *testing.T) {
	each(t, func(w *world) {
		b, sheet := w.as(bruno), "/o/tilleuls/members/"+w.id(w.tilleuls, yanis).String()
		b.get(sheet).answers(http.StatusOK).says("Travail en cours", "Aucune application n’a enregistré de travail")
		b.get(sheet+"/work-items").answers(http.StatusOK).says("Aucun travail en cours", "tâches, rendez-vous, courriers")
		w.works(yanis, workitem.Task, 3)
		w.works(yanis, workitem.Appointment, 2)
		b.get(sheet).answers(http.StatusOK).says("3 tâches ouvertes", "1 en retard", "2 rendez-vous à venir", "Tout voir du travail en cours")
		list := sheet + "/work-items"
		b.get(list).answers(http.StatusOK).says("Travail en cours : Dr Yanis Belkacem", "Relire T-a", "En retard", "Tâches : éléments 1 à 3 sur 3",
			"ce qu’elle en a encore est supprimé", "Tout réattribuer…").saysNot("Relire A-a")
		b.get(list+"?kind=appointment").answers(http.StatusOK).says("Relire A-a", "reste dans le dossier du patient").saysNot("Relire T-a", "En retard")
		b.get(list + "?kind=task&page=9").leads(list + "?kind=task")
		b.follow(b.post(list, url.Values{"kind": {"task"}})).says("Cochez au moins un élément")

		ticked := b.post(list, url.Values{"kind": {"task"}, "item": {"1", "2"}})
		ask := ticked.header.Get("Location")
		form := b.follow(ticked).answers(http.StatusOK).says("Réattribuer le travail : Dr Yanis Belkacem", "Tâches (2 éléments)", "Claire Morvan",
			"même fonction, même établissement", "Julie Delmas").form(list + "/reassign")
		if form.Get("member") != w.id(w.tilleuls, claire).String() {
			t.Error("the colleague of the same function and site is not proposed:", form)
		}
		b.get(ask + "&q=delmas").answers(http.StatusOK).says("Julie Delmas").saysNot("Claire Morvan")
		b.get(ask + "&q=zzz").answers(http.StatusOK).says("Aucun collègue de ce nom")
		none := url.Values{"kind": {"task"}, "item": {"1", "2"}}
		b.post(list+"/reassign", none).answers(http.StatusUnprocessableEntity).says("Choisissez qui prend la suite") // workitem.receiver_missing
		b.follow(b.post(list+"/reassign", form).leads(list)).says("2 éléments sont réattribués à Claire Morvan", "Relire T-c").saysNot("Relire T-a")
		b.follow(b.post(list+"/reassign", form)).says("au moins un de ces éléments a changé de mains")

		whole := b.get(list+"/reassign").answers(http.StatusOK).says("3 éléments", "Claire Morvan").saysNot("Julie Delmas").form(list + "/reassign")
		b.follow(b.post(list+"/reassign", whole)).says("3 éléments sont réattribués", "Aucun travail en cours")
		b.get(sheet).says("Aucune application n’a enregistré de travail")
		if n := w.count(`select count(*) from work_item where owner_id = $1`, w.id(w.tilleuls, claire)); n != 5 {
			t.Errorf("claire holds %d items", n)
		}
		b.get("/o/tilleuls/journal").says("a réattribué à Claire Morvan du travail en cours de Yanis Belkacem")
	})
}

// AUZ-06: what a member holds is shown to whoever may reassign it, and to the member, who may
// not; to others there is no card, and no page.
func TestWorkInProgressIsPrivate(t *testing.T) {
	each(t, func(w *world) {
		w.works(julie, workitem.Task, 2)
		sheet := "/o/tilleuls/members/" + w.id(w.tilleuls, julie).String()
		own := w.as(julie)
		own.get(sheet).answers(http.StatusOK).says("2 tâches ouvertes")
		own.get(sheet + "/work-items").answers(http.StatusOK).says("Relire T-a").saysNot("Réattribuer")
		own.get(sheet + "/work-items/reassign").answers(http.StatusForbidden)
		form := url.Values{"member": {w.id(w.tilleuls, claire).String()}}
		own.post(sheet+"/work-items/reassign", form).answers(http.StatusForbidden)
		both := w.as(nadege) // administers the second site alone: Julie is of the first
		both.get(sheet + "/work-items").answers(http.StatusNotFound)
		both.post(sheet+"/work-items/reassign", form).answers(http.StatusNotFound)
		w.as(olivia).get(strings.Replace(sheet, "tilleuls", "deux-rives", 1) + "/work-items").answers(http.StatusNotFound)
		if n := w.count(`select count(*) from work_item where owner_id = $1`, w.id(w.tilleuls, julie)); n != 2 {
			t.Errorf("julie holds %d items", n)
		}
	})
}
