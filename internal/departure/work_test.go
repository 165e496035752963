package departure_test

import (
	"errors"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/departure"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/workitem"
)

// Must show 1: the departure of a practitioner who is sole administrator, holds 3 agendas, 40 tasks,
// 25 appointments and 2 delegations, everything handed over.
func TestAllHandedOver(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		d, err := w.start("claire", order("paul", w.all()...))
		w.Must(err)
		if d.Finished || d.UndoTill.Sub(d.EndsAt) != departure.UndoFor {
			t.Errorf("%+v", d)
		}
		w.sweep()
		w.handedOver()
		v := w.view("claire")
		if !v.Departure.Finished || v.Departure.Waiting != 0 || !v.May.Undo || !v.May.Hand || v.Steps[0].Stage != departure.StageFinished {
			t.Errorf("%+v", v)
		}
		if h := line(v, departure.Work, "task"); h.Moved != 40 || h.State != departure.Given || h.ToName != full("lise") {
			t.Errorf("%+v", h)
		}
		for verb, n := range map[string]int{"departure.start": 1, "departure.finish": 1, "workitem.reassign": 2, "resource.edit": 5, "webhook.hand": 1} {
			if w.trail(verb) != n {
				t.Errorf("%s: %d times, want %d", verb, w.trail(verb), n)
			}
		}
		if w.jobs("letter.departure_waiting") != 0 {
			t.Error("nothing waits")
		}
		before := w.Count(`select count(*) from audit_event`)
		w.sweep()
		if w.Count(`select count(*) from audit_event`) != before {
			t.Error("a second round did something")
		}
	})
}

// handedOver checks that everything of paul's is where all said, once.
func (w *world) handedOver() {
	w.Helper()
	if n := w.owned("lise", workitem.Task); n != 42 {
		w.Errorf("lise has %d tasks", n)
	}
	if n := w.owned("weber", workitem.Appointment); n != 25 {
		w.Errorf("weber has %d appointments", n)
	}
	if n := w.owned("paul", workitem.Letter); n != 6 || w.owned("paul", workitem.Task)+w.owned("paul", workitem.Appointment) != 0 {
		w.Errorf("paul has %d letters", n)
	}
	for _, key := range []string{"agenda1", "agenda2", "agenda3", "mailbox", "name"} {
		if got := w.holder(key); got != "weber active" {
			w.Errorf("%s: %s", key, got)
		}
	}
	if n := w.Count(`select count(*) from access_grant where resource_id = $1 and member_id = $2 and level = 'manage' and known_until is null`,
		w.thing["room"], w.id["julie"]); n != 1 {
		w.Error("nobody manages the room")
	}
	if n := w.Count(`select count(*) from webhook where id = $1 and owner = $2 and status = 'active'`, w.hook, w.account["claire"]); n != 1 {
		w.Error("nobody answers for the endpoint")
	}
	if n := w.Count(`select count(*) from work_item_sealed`); n != 0 {
		w.Errorf("%d items hidden", n)
	}
}

// left checks what becomes of everything that nobody takes over (OFF-3).
func (w *world) left() {
	w.Helper()
	if w.owned("paul", workitem.Task) != 0 || w.Count(`select count(*) from work_item_sealed where owner_id = $1`, w.id["paul"]) != 40 {
		w.Error("tasks are not hidden")
	}
	if w.owned("paul", workitem.Appointment) != 0 || w.Count(`select count(*) from work_item where owner_id = $1 and detached_at is not null`, w.id["paul"]) != 25 {
		w.Error("appointments are not detached")
	}
	if w.owned("paul", workitem.Letter) != 6 {
		w.Error("letters do not stay")
	}
	for _, key := range []string{"agenda1", "agenda2", "agenda3", "mailbox", "name"} {
		if got := w.holder(key); got != "paul closed" {
			w.Errorf("%s: %s", key, got)
		}
	}
	if n := w.Count(`select count(*) from webhook where id = $1 and status = 'stopped'`, w.hook); n != 1 {
		w.Error("the endpoint is not stopped")
	}
}

// OFF-3: nobody takes anything over. A hidden task is like one that was deleted; an appointment stays
// known to its application, detached.
func TestNobodyTakesOver(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		_, err := w.start("claire", order("paul", w.succeeds()))
		w.Must(err)
		w.sweep()
		w.left()
		_, err = w.items.Get(w.Context(), w.as("claire"), w.a, workitem.Ref{Source: "agenda", External: "paul-task-3"})
		w.Want("a hidden task", err, workitem.ErrNotFound)
		i, err := w.items.Get(w.Context(), w.as("claire"), w.a, workitem.Ref{Source: "agenda", External: "paul-appointment-3"})
		if err != nil || i.State != workitem.Detached || i.Version != 2 {
			t.Errorf("%+v %v", i, err)
		}
		l := workitem.Line{Ref: i.Ref, Details: i.Details, Version: i.Version}
		if r, err := w.items.Register(w.Context(), w.as("claire"), w.a, l); err != nil || r.Changed {
			t.Errorf("the same again: %+v %v", r, err)
		}
		l.State = workitem.Open
		_, err = w.items.Register(w.Context(), w.as("claire"), w.a, l)
		w.Wrong("taken up by nobody", err, "owner workitem.owner")
		l.Owner = w.id["weber"]
		_, err = w.items.Register(w.Context(), w.as("claire"), w.a, l)
		w.Must(err)
		if w.owned("weber", workitem.Appointment) != 1 {
			t.Error("the application gives it to another")
		}
		l = workitem.Line{Ref: workitem.Ref{Source: "agenda", External: "new"}, Details: i.Details}
		l.State, l.Owner = workitem.Detached, w.id["weber"]
		_, err = w.items.Register(w.Context(), w.as("claire"), w.a, l)
		w.Wrong("an application detaches nothing", err, "state workitem.state")
		v := w.view("claire")
		h := line(v, departure.Work, "task")
		if h.Items != 40 || h.State != departure.LeftOver || !h.May || !v.May.Hand {
			t.Errorf("%+v", h)
		}
	})
}

var errKilled = errors.New("killed")

// Must show 1: the server is killed after each transaction of the work, again and again: the work
// resumes where it ended, and nothing is done twice.
func TestKilledBetweenSteps(t *testing.T) {
	for name, choices := range map[string]func(*world) []departure.Choice{
		"handed over": (*world).all,
		"left":        func(w *world) []departure.Choice { return []departure.Choice{w.succeeds()} },
	} {
		t.Run(name, func(t *testing.T) {
			eachWorld(t, func(w *world) {
				w.furnish()
				_, err := w.start("claire", order("paul", choices(w)...))
				w.Must(err)
				killed := w.d.Stopping(func(departure.Stage) error { return errKilled })
				rounds := 0
				for ; rounds < 50; rounds++ {
					if err := killed.Sweep(w.Context()); err == nil {
						break
					} else if !errors.Is(err, errKilled) {
						t.Fatal(err)
					}
				}
				if rounds < 7 || rounds == 50 {
					t.Errorf("%d parts", rounds)
				}
				if name == "left" {
					w.left()
				} else {
					w.handedOver()
				}
				if n := w.Count(`select count(*) from departure_step where stage = 'finished'`); n != 1 {
					t.Errorf("finished %d times", n)
				}
				if n := w.Count(`select count(*) - count(distinct stage || what || object) from departure_step`); n != 0 {
					t.Errorf("%d steps were done twice", n)
				}
			})
		})
	}
}

// Two nodes do the same work at once: each part is done once.
func TestTwoNodes(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		_, err := w.start("claire", order("paul", w.all()...))
		w.Must(err)
		done := make(chan error)
		for range 2 {
			go func() { done <- w.d.Sweep(w.Context()) }()
		}
		for range 2 {
			w.Must(<-done)
		}
		w.handedOver()
		if n := w.Count(`select count(*) - count(distinct stage || what || object) from departure_step`); n != 0 {
			t.Errorf("%d steps were done twice", n)
		}
	})
}

// A receiver who can no longer receive when their turn comes: nothing is lost, the administrators
// are told, and another is chosen.
func TestReceiverGone(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		_, err := w.start("claire", order("paul", w.all()...))
		w.Must(err)
		w.Exec(`update member_state set status = 'deactivated' where member_id in ($1, $2)`, w.id["weber"], w.id["lise"])
		w.sweep()
		if w.owned("paul", workitem.Task) != 40 || w.owned("paul", workitem.Appointment) != 25 || w.holder("agenda1") != "paul active" {
			t.Error("something that waits is lost")
		}
		v := w.view("claire")
		h := line(v, departure.Work, "task")
		if v.Departure.Waiting != 7 || !v.Departure.Finished || h.State != departure.Waits || h.Why != "workitem.receiver_not_in_force" || h.Items != 40 {
			t.Errorf("%+v\n%+v", v.Departure, h)
		}
		if w.jobs("letter.departure_waiting") != 1 {
			t.Error("the administrators are not told")
		}
		claire := w.as("claire")
		_, err = w.d.Hand(w.Context(), claire, w.a, w.id["paul"], nil)
		w.Want("nothing chosen", err, departure.ErrNothing)
		_, err = w.d.Hand(w.Context(), claire, w.a, w.id["paul"], []departure.Choice{w.to(departure.Work, "task", "weber"), w.to(departure.Work, "letter", "anne")})
		w.Wrong("who cannot", err, "reassignments[0].to workitem.receiver_not_in_force")
		_, err = w.d.Hand(w.Context(), w.as("tina"), w.a, w.id["paul"], nil)
		w.Want("of another site (AUZ-06)", err, departure.ErrNotFound)
		_, err = w.d.Hand(w.Context(), w.as("julie"), w.a, w.id["paul"], []departure.Choice{w.to(departure.Work, "task", "anne")})
		w.Want("who administers nord by now, and less than paul did (AUZ-05)", err, member.ErrMorePowerful)
		_, err = w.d.Hand(w.Context(), w.as("bruno"), w.a, w.id["paul"], []departure.Choice{w.to(departure.Work, "task", "anne")})
		w.Must(err)
		w.sweep()
		if w.owned("anne", workitem.Task) != 40 {
			t.Error("the tasks were not given")
		}
		list := []departure.Choice{w.to(departure.Work, "appointment", "anne")}
		for _, key := range []string{"agenda1", "agenda2", "agenda3", "mailbox", "name"} {
			list = append(list, w.to(departure.Resource, w.thing[key].String(), "anne"))
		}
		_, err = w.d.Hand(w.Context(), claire, w.a, w.id["paul"], list)
		w.Must(err)
		w.sweep()
		if w.owned("anne", workitem.Appointment) != 25 || w.holder("agenda2") != "anne active" || w.view("claire").Departure.Waiting != 0 {
			t.Errorf("%+v", w.view("claire").Departure)
		}
	})
}

// OFF-6: what is hidden, detached or closed can be given to somebody as long as the departure can be
// undone; what was made anew by its application stays hidden.
func TestHandLate(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		_, err := w.start("claire", order("paul", w.succeeds()))
		w.Must(err)
		w.sweep()
		again := workitem.Line{Ref: workitem.Ref{Source: "agenda", External: "paul-task-1"}, Details: workitem.Details{Kind: workitem.Task, Owner: w.id["anne"]}}
		_, err = w.items.Register(w.Context(), w.as("claire"), w.a, again)
		w.Must(err)
		_, err = w.d.Hand(w.Context(), w.as("claire"), w.a, w.id["paul"], []departure.Choice{
			w.to(departure.Work, "task", "lise"), w.to(departure.Work, "appointment", "weber"), w.to(departure.Resource, w.thing["agenda1"].String(), "weber"),
		})
		w.Must(err)
		w.sweep()
		if w.owned("lise", workitem.Task) != 2+39 || w.owned("anne", workitem.Task) != 1 || w.owned("weber", workitem.Appointment) != 25 ||
			w.holder("agenda1") != "weber active" || w.holder("agenda2") != "paul closed" {
			t.Errorf("%d tasks, %d appointments, %s", w.owned("lise", workitem.Task), w.owned("weber", workitem.Appointment), w.holder("agenda1"))
		}
		w.clock.Add(departure.UndoFor)
		_, err = w.d.Hand(w.Context(), w.as("claire"), w.a, w.id["paul"], []departure.Choice{w.to(departure.Resource, w.thing["agenda2"].String(), "weber")})
		w.Want("too late", err, departure.ErrTooLate)
	})
}

// OFF-6: after 30 days what was hidden and the personal details are gone for good, and the name
// stays; what still waited has the fate of what nobody takes over.
func TestErased(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		w.Exec(`insert into member_setting (org_id, member_id, rev, value, known_from) values ($1, $2, 1, '{"signature":"Paul"}', $3)`, w.a, w.id["paul"], w.DB.Now())
		_, err := w.start("claire", order("paul", w.succeeds(), w.to(departure.Work, "task", "lise"),
			w.to(departure.Resource, w.thing["agenda1"].String(), "weber")))
		w.Must(err)
		w.Exec(`update member_state set status = 'deactivated' where member_id in ($1, $2)`, w.id["weber"], w.id["lise"])
		w.sweep()
		w.clock.Add(departure.UndoFor - time.Hour)
		w.sweep()
		if w.holder("agenda1") != "paul active" || w.owned("paul", workitem.Task) != 40 || w.trail("departure.erase") != 0 {
			t.Error("before the time")
		}
		w.clock.Add(2 * time.Hour)
		w.sweep()
		if w.holder("agenda1") != "paul closed" || w.owned("paul", workitem.Task) != 0 || w.Count(`select count(*) from work_item_sealed`) != 0 {
			t.Error("what waited is still there")
		}
		if n := w.Count(`select count(*) from member_state where member_id = $1 and (email <> '' or phone <> '' or rpps <> '' or search like '%paul%')`,
			w.id["paul"]); n != 0 {
			t.Errorf("%d rows with details", n)
		}
		if n := w.Count(`select count(*) from member_state where member_id = $1 and given_name = 'Paul' and known_until is null`, w.id["paul"]); n != 1 {
			t.Error("the name is gone")
		}
		if n := w.Count(`select count(*) from member_setting where member_id = $1`, w.id["paul"]); n != 0 {
			t.Error("what was their own is still there")
		}
		if w.trail("departure.erase") != 1 || w.Count(`select count(*) from departure where state = 'erased'`) != 1 {
			t.Error("it is not erased")
		}
		_, err = w.d.Undo(w.Context(), w.as("claire"), w.a, w.id["paul"], departure.AnyVersion)
		w.Want("undone", err, departure.ErrNotFound)
		_, err = w.d.Preview(w.Context(), w.as("claire"), w.a, w.id["paul"])
		if err == nil {
			t.Error("it is still shown")
		}
		w.sweep()
		if w.trail("departure.erase") != 1 {
			t.Error("erased twice")
		}
	})
}

// What is asked of somebody's departure while it goes on is asked of whoever may decide of it.
func TestHandingRefused(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		_, err := w.start("claire", order("paul", w.succeeds()))
		w.Must(err)
		w.sweep()
		c := []departure.Choice{w.to(departure.Resource, w.thing["agenda1"].String(), "julie")}
		_, err = w.d.Hand(w.Context(), w.as("claire"), w.a, w.id["paul"], c)
		w.Wrong("no practitioner", err, "reassignments[0].to "+resource.ErrReceiver.Code)
		stale := w.as("claire")
		stale.StepUp = time.Time{}
		_, err = w.d.Hand(w.Context(), stale, w.a, w.id["paul"], c)
		w.Want("no fresh proof", err, access.ErrStepUp)
		_, err = w.d.Hand(w.Context(), w.as("lise"), w.a, w.id["paul"], c)
		w.Want("no right", err, access.ErrForbidden)
		_, err = w.d.Hand(w.Context(), w.as("claire"), w.a, w.id["weber"], c)
		w.Want("who has not left", err, departure.ErrNotFound)
	})
}
