package api_test

import (
	"testing"
	"time"

	rest "habilis/client"
	"habilis/internal/departure"
	"habilis/internal/text"
)

// OFF-1 to OFF-6: a program reads what a departure ends, plans it, changes the plan, carries it out,
// gives late what was hidden, lists who left, and takes it back.
func TestDeparture(t *testing.T) {
	each(t, func(w *world) {
		ctx, bruno, app := w.Context(), w.bruno.rest(), w.agenda().rest()
		tina, julie := w.member("tina@tilleuls.example"), w.member("julie@tilleuls.example")
		work := departure.Departures{Run: w.run}
		for _, id := range []string{"1", "2", "3"} {
			_, err := app.PutWorkItem(ctx, w.a, agendaApp, id, 0, rest.WorkItemDetails{Kind: "task", Owner: julie})
			w.good(err)
		}
		v, err := bruno.GetDeparture(ctx, w.a, julie)
		w.good(err)
		if !v.May.Start || v.Departure != nil || len(v.Holds) != 1 || v.Holds[0].Items != 3 || v.Holds[0].Without != "deleted" || v.Ends.Roles == 0 ||
			len(v.Holds[0].Receivers) == 0 || v.FullName == "" {
			t.Errorf("%+v", v)
		}
		order := rest.DepartureOrder{FullName: v.FullName + " ", Day: time.Now().In(text.Zone).AddDate(0, 0, 3).Format(time.DateOnly)}
		_, err = bruno.StartDeparture(ctx, w.a, julie, 0, order)
		w.refusedBy(err, 422, "invalid", "body.full_name departure.name")
		order.FullName = v.FullName
		order.Reassignments = []rest.DepartureChoice{{What: "work", Object: "patient", To: tina}}
		_, err = bruno.StartDeparture(ctx, w.a, julie, 0, order)
		w.refusedBy(err, 422, "invalid", "body.reassignments[0].what departure.not_held")
		order.Reassignments = nil
		d, err := bruno.StartDeparture(ctx, w.a, julie, 0, order)
		w.good(err)
		if d.State != "planned" || d.Day != order.Day || d.Finished || d.UndoUntil != nil {
			t.Errorf("%+v", d)
		}
		if m, err := bruno.GetMember(ctx, w.a, julie); err != nil || m.PlannedDeparture == nil || m.PlannedDeparture.Day != order.Day || !m.May.Depart {
			t.Error(m, err)
		}
		_, err = bruno.StartDeparture(ctx, w.a, julie, 0, order)
		w.refusedBy(err, 412, "api.version_stale")
		for range 2 { // asked again under the same key: the same answer (rest.md)
			if over, err := bruno.Once("cancel").EndDeparture(ctx, w.a, julie, d.Version); err != nil || over.State != "cancelled" {
				t.Error(over, err)
			}
		}
		_, err = bruno.EndDeparture(ctx, w.a, julie, 0)
		w.refusedBy(err, 409, "departure.not_planned")
		order.Day = ""
		for range 2 {
			_, err = bruno.Once("start").StartDeparture(ctx, w.a, julie, 0, order)
			w.good(err)
		}
		w.good(work.Sweep(ctx))
		_, err = app.GetWorkItem(ctx, w.a, agendaApp, "2")
		w.refusedBy(err, 404, "workitem.not_found")
		gone := collect(w, bruno.Departures(ctx, w.a, rest.GoneQuery{Search: "julie"}))
		if len(gone) != 1 || gone[0].Member != julie || !gone[0].MayOpen || len(gone[0].Sites) != 1 || gone[0].UndoUntil == nil {
			t.Errorf("%+v", gone)
		}
		v, err = bruno.GetDeparture(ctx, w.a, julie)
		w.good(err)
		if v.Departure == nil || !v.Departure.Finished || !v.May.Undo || !v.May.HandOver || v.Holds[0].State != "left" || len(v.Steps) == 0 {
			t.Errorf("%+v", v)
		}
		_, err = bruno.HandOverLate(ctx, w.a, julie, rest.LateHandover{Reassignments: []rest.DepartureChoice{{What: "work", Object: "task", To: tina}}})
		w.good(err)
		w.good(work.Sweep(ctx))
		if i, err := app.GetWorkItem(ctx, w.a, agendaApp, "2"); err != nil || i.Owner != tina {
			t.Error(i, err)
		}
		_, err = app.GetDeparture(ctx, w.a, julie)
		w.refusedBy(err, 403, "access.forbidden")
		_, err = bruno.EndDeparture(ctx, w.a, julie, 0)
		w.refusedBy(err, 428, "api.version_missing")
		v, err = bruno.GetDeparture(ctx, w.a, julie)
		w.good(err)
		for range 2 {
			if d, err = bruno.Once("undo").EndDeparture(ctx, w.a, julie, v.Departure.Version); err != nil || d.State != "undone" {
				t.Error(d, err)
			}
		}
		_, err = bruno.Once("another").EndDeparture(ctx, w.a, julie, 0)
		w.refusedBy(err, 409, "departure.not_planned")
		w.good(work.Sweep(ctx))
		if i, err := app.GetWorkItem(ctx, w.a, agendaApp, "2"); err != nil || i.Owner != julie {
			t.Error(i, err)
		}
	})
}
