package departure_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/workitem"
)

// returning has paul leave, all done, and come back, of which nothing but the rights is done.
func (w *world) returning(choices func(*world) []departure.Choice) {
	w.Helper()
	w.furnish()
	_, err := w.start("claire", order("paul", choices(w)...))
	w.Must(err)
	w.sweep()
	_, err = w.undo("claire")
	w.Must(err)
}

// OFF-6: no departure begins while the way back from the last one is not done: what is not theirs
// again yet would be left behind.
func TestReturnNotDone(t *testing.T) {
	for name, choices := range map[string]func(*world) []departure.Choice{
		"handed over": (*world).all,
		"left":        func(w *world) []departure.Choice { return []departure.Choice{w.succeeds()} },
	} {
		t.Run(name, func(t *testing.T) {
			eachWorld(t, func(w *world) {
				w.returning(choices)
				_, err := w.start("claire", order("paul"))
				w.Want("at once", err, departure.ErrReturning)
				o := order("paul")
				o.Day = w.inDays(3)
				_, err = w.start("claire", o)
				w.Want("planned", err, departure.ErrReturning)
				w.Want("by oneself", w.d.Leave(w.Context(), w.as("paul"), w.a), departure.ErrReturning)
				w.sweep()
				if w.owned("paul", workitem.Task) != 40 || w.owned("paul", workitem.Appointment) != 25 {
					t.Errorf("%d tasks are back, and %d appointments", w.owned("paul", workitem.Task), w.owned("paul", workitem.Appointment))
				}
				_, err = w.start("claire", order("paul"))
				w.Must(err)
				w.sweep()
				w.hidden()
			})
		})
	}
}

// hidden checks that everything of paul's that nobody took over has its fate.
func (w *world) hidden() {
	w.Helper()
	h := line(w.view("claire"), departure.Work, "task")
	if w.owned("paul", workitem.Task)+w.owned("paul", workitem.Appointment) != 0 || h.Items != 40 || h.State != departure.LeftOver || !h.May {
		w.Errorf("%d tasks are still paul's; %+v", w.owned("paul", workitem.Task), h)
	}
}

// OFF-6: a plan whose day comes while the way back is not done waits for it, and asks nobody.
func TestPlanWaitsForReturn(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.returning(func(w *world) []departure.Choice { return []departure.Choice{w.succeeds()} })
		w.Exec(`update departure set stage = 'restored' where state = 'undone'`) // so that it can be planned
		d := w.plan("claire")
		w.Exec(`update departure set stage = 'back_work' where state = 'undone'`)
		w.clock.Add(5 * 24 * time.Hour)
		killed := w.d.Stopping(func(departure.Stage) error { return errKilled })
		if err := killed.Sweep(w.Context()); !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		if n := w.Count(`select count(*) from departure where id = $1 and state = 'planned' and refused = ''`, d.ID); n != 1 {
			t.Error("it did not wait")
		}
		w.Must(w.holds(w.as("paul")))
		w.sweep()
		w.sweep()
		if v := w.view("claire"); v.Departure.ID != d.ID || v.Departure.State != departure.Done || !v.Departure.Finished {
			t.Errorf("%+v", v.Departure)
		}
		w.hidden()
	})
}

// OFF-6: nothing is given back to whoever is no member any more, by whatever door they went.
func TestReturnOfNobody(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.returning((*world).all)
		w.Exec(`update member_state set status = 'left' where member_id = $1 and known_until is null`, w.id["paul"])
		w.sweep()
		if w.owned("paul", workitem.Task) != 0 || w.owned("lise", workitem.Task) != 42 {
			t.Errorf("paul, who left, has %d tasks", w.owned("paul", workitem.Task))
		}
		if w.Count(`select count(*) from departure where state = 'undone' and stage = 'restored'`) != 1 {
			t.Error("the way back goes on")
		}
	})
}

// MEM-10: nobody is made a member again without being asked, who left by themself.
func TestNotPulledBack(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		w.Must(w.d.Leave(w.Context(), w.as("weber"), w.a))
		w.sweep()
		v, err := w.d.Preview(w.Context(), w.as("claire"), w.a, w.id["weber"])
		w.Must(err)
		if v.May.Undo || v.NoUndo != departure.ErrThemself.Code {
			t.Errorf("%+v, %q", v.May, v.NoUndo)
		}
		_, err = w.d.Undo(w.Context(), w.as("claire"), w.a, w.id["weber"], v.Departure.Version)
		w.Want("undone", err, departure.ErrThemself)
		_, err = w.d.Hand(w.Context(), w.as("claire"), w.a, w.id["weber"], []departure.Choice{w.to(departure.Resource, w.thing["own"].String(), "anne")})
		w.Must(err)
		w.sweep()
		if got := w.holder("own"); got != "anne active" {
			t.Errorf("what was closed is not handed over: %s", got)
		}
	})
}

// CHG-2: who comes back has the address that their account has by now, and it must be free.
func TestReturnAddress(t *testing.T) {
	eachWorld(t, func(w *world) {
		_, err := w.start("claire", order("paul", w.succeeds()))
		w.Must(err)
		w.sweep()
		w.Exec(`update account_state set email = 'neuf@exemple.fr', email_key = 'neuf@exemple.fr' where account_id = $1`, w.account["paul"])
		w.Exec(`update member_state set email = 'neuf@exemple.fr' where member_id = $1 and known_until is null`, w.id["lise"])
		_, err = w.undo("claire")
		w.Want("held by another", err, departure.ErrAddress)
		w.Exec(`update member_state set email = 'lise@exemple.fr' where member_id = $1 and known_until is null`, w.id["lise"])
		_, err = w.undo("claire")
		w.Must(err)
		sheet, err := w.members.Get(w.Context(), w.as("claire"), w.a, w.id["paul"])
		if err != nil || sheet.Email != "neuf@exemple.fr" {
			t.Errorf("%q %v", sheet.Email, err)
		}
	})
}

// rules.md 13: while the organisation is suspended nobody has access, and a plan waits; it is carried
// out in the first round after.
func TestPlanSuspended(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		w.plan("claire", w.all()...)
		w.Exec(`update org_state set status = 'suspended' where org_id = $1 and known_until is null`, w.a)
		w.clock.Add(5 * 24 * time.Hour)
		w.sweep()
		if n := w.Count(`select count(*) from departure where state = 'planned' and refused = ''`); n != 1 || w.jobs("letter.departure_held") != 0 {
			t.Error("somebody is asked to confirm it")
		}
		w.Exec(`update org_state set status = 'active' where org_id = $1 and known_until is null`, w.a)
		w.sweep()
		w.handedOver()
	})
}

// CHG-4: what was planned of their access stands again, until its day; then it is among what did not
// come back.
func TestReturnDeactivation(t *testing.T) {
	eachWorld(t, func(w *world) {
		for _, late := range []bool{false, true} {
			_, err := w.members.PlanDeactivation(w.Context(), w.as("claire"), w.a, w.id["weber"], w.inDays(2), 0)
			w.Must(err)
			_, err = w.d.Start(w.Context(), w.as("claire"), w.a, w.id["weber"], order("weber"))
			w.Must(err)
			w.sweep()
			if late {
				w.clock.Add(5 * 24 * time.Hour)
				w.Must(w.members.CarryOutPlans(w.Context()))
			}
			_, err = w.d.Undo(w.Context(), w.as("claire"), w.a, w.id["weber"], departure.AnyVersion)
			w.Must(err)
			w.sweep()
			sheet, err := w.members.Get(w.Context(), w.as("claire"), w.a, w.id["weber"])
			w.Must(err)
			v, err := w.d.Preview(w.Context(), w.as("claire"), w.a, w.id["weber"])
			w.Must(err)
			listed := slices.ContainsFunc(v.Stays, func(s departure.Stay) bool { return s.What == "deactivation" && s.Code == "over" && s.Name != "" })
			if (sheet.Planned == nil) != late || listed != late || sheet.Status != member.Active {
				t.Errorf("late %v: %s, %+v, %+v", late, sheet.Status, sheet.Planned, v.Stays)
			}
			if !late {
				w.Must(w.cancelDeactivation("weber"))
			}
		}
	})
}

func (w *world) cancelDeactivation(name string) error {
	_, err := w.members.CancelDeactivation(w.Context(), w.as("claire"), w.a, w.id[name], 0)
	return err
}

// OFF-2: the name that stays is the one that was typed, and then the one on the day.
func TestNameOfPlan(t *testing.T) {
	eachWorld(t, func(w *world) {
		d := w.plan("claire", w.succeeds())
		named := func() int { return w.Count(`select count(*) from departure where name = 'Paul Nouveau'`) }
		w.Exec(`update member_state set family_name = 'Nouveau' where member_id = $1`, w.id["paul"])
		o := departure.Order{FullName: "Paul Nouveau", Day: w.inDays(4), Version: d.Version, Choices: []departure.Choice{w.succeeds()}}
		_, err := w.start("claire", o)
		w.Must(err)
		if named() != 1 {
			t.Error("the plan keeps the old name")
		}
		w.Exec(`update member_state set family_name = 'Dernier' where member_id = $1`, w.id["paul"])
		w.clock.Add(6 * 24 * time.Hour)
		w.sweep()
		if named() != 0 || w.view("claire").Departure.Name != "Paul Dernier" {
			t.Errorf("%+v", w.view("claire").Departure)
		}
	})
}

// AUZ-06: who may know of nobody who left hears the same of who left as of who never was; a departure
// is undone by whoever says which one they read.
func TestEndTellsNothing(t *testing.T) {
	eachWorld(t, func(w *world) {
		d, err := w.start("claire", order("paul", w.succeeds()))
		w.Must(err)
		w.sweep()
		_, left := w.d.End(w.Context(), w.as("tina"), w.a, w.id["paul"], d.Version)
		_, never := w.d.End(w.Context(), w.as("tina"), w.a, w.id["odile"], d.Version)
		if fault.Of(left).Code != fault.Of(never).Code || !errors.Is(left, member.ErrNotFound) {
			t.Errorf("%v, and %v", left, never)
		}
		_, err = w.d.End(w.Context(), w.as("claire"), w.a, w.id["paul"], departure.AnyVersion)
		w.Want("whatever there is", err, departure.ErrVersion)
		_, err = w.d.End(w.Context(), w.as("claire"), w.a, w.id["paul"], d.Version)
		w.Must(err)
	})
}

// OFF-2: nobody deletes themself, by a token that they made for the organisation neither.
func TestOneselfByToken(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		by := access.Actor{Kind: access.Person, Account: w.account["claire"], Name: "Jeton", Session: w.as("claire").Session, StepUp: w.DB.Now(), Via: "test"}
		if !departure.IsSelf(access.Held{}, access.Actor{Kind: access.OrgToken, Account: by.Account}, member.Member{ID: w.id["claire"], Account: by.Account}) {
			t.Error("what a token does, whoever made it does")
		}
		if departure.IsSelf(access.Held{}, access.Actor{Kind: access.OrgToken}, member.Member{ID: w.id["claire"]}) {
			t.Error("two without an account are not the same")
		}
		_, err := w.d.Start(w.Context(), by, w.a, w.id["claire"], order("claire"))
		w.Want("a person", err, member.ErrYourself)
	})
}

// One round does all that is due, the oldest first, however much there is: what cannot be done yet
// keeps nothing behind it waiting.
func TestNothingStarves(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.plan("claire", w.succeeds())
		const before = 120
		for range before {
			w.Exec(`insert into departure (org_id, id, member_id, name, kind, state, stage, version, day, ends_at, decided_by, decided_name,
					decided_at, refused, change_set_id, undone_name, undone_at)
				values ($1, $2, $3, '', 'decided', 'undone', 'back_work', 1, '', $4, 'system', '', $4, '', '', '', $4)`,
				w.b, ident.NewDeparture(), w.id["odile"], w.DB.Now())
		}
		w.clock.Add(5 * 24 * time.Hour)
		w.sweep()
		if n := w.Count(`select count(*) from departure where stage = 'restored'`); n != before {
			t.Errorf("%d of %d", n, before)
		}
		if w.view("claire").Departure.State != departure.Done {
			t.Error("the last one waits")
		}
	})
}
