package departure_test

import (
	"context"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/departure"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/workitem"
)

// plan plans paul's departure for the end of the third day from now.
func (w *world) plan(by string, choices ...departure.Choice) departure.Departure {
	w.Helper()
	o := order("paul", choices...)
	o.Day = w.inDays(3)
	d, err := w.start(by, o)
	w.Must(err)
	return d
}

// OFF-6: a planned departure changes nothing until its last day is over, in Paris; the chip and the
// person are told; then it is done, by itself.
func TestPlanned(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		before := w.state()
		d := w.plan("claire", w.all()...)
		end := time.Date(w.DB.Now().In(paris()).Year(), w.DB.Now().In(paris()).Month(), w.DB.Now().In(paris()).Day()+4, 0, 0, 0, 0, paris())
		if d.State != departure.Planned || d.Day != w.inDays(3) || !d.EndsAt.Equal(end) || d.By != full("claire") {
			t.Errorf("%+v, want the end %s", d, end)
		}
		sheet, err := w.members.Get(w.Context(), w.as("claire"), w.a, w.id["paul"])
		if err != nil || sheet.Departure == nil || sheet.Departure.Day != d.Day || sheet.Departure.Confirm {
			t.Errorf("%+v %v", sheet.Departure, err)
		}
		l, err := w.members.List(w.Context(), w.as("claire"), w.a, member.Query{Search: "Paul"})
		if err != nil || len(l.Rows) != 1 || l.Rows[0].Departure == nil || l.Rows[0].Departure.Day != d.Day {
			t.Errorf("%+v %v", l.Rows, err)
		}
		v := w.view("claire")
		if h := line(v, departure.Work, "task"); h.To != w.id["lise"] || h.State != departure.Chosen || !v.May.Cancel || !v.May.Start {
			t.Errorf("%+v", h)
		}
		w.clock.Add(end.Sub(w.DB.Now()) - time.Minute)
		w.sweep()
		if w.state() != before {
			t.Error("something was done before the end of the day")
		}
		w.clock.Add(2 * time.Minute)
		w.sweep()
		w.handedOver()
		v = w.view("claire")
		if v.Departure.State != departure.Done || !v.Departure.Finished || v.Departure.By != full("claire") {
			t.Errorf("%+v", v.Departure)
		}
		for kind, n := range map[string]int{"letter.departure_planned": 1, "letter.departure_done": 1, "departure.work": 2} {
			if w.jobs(kind) != n {
				t.Errorf("%d of %s", w.jobs(kind), kind)
			}
		}
		_, err = w.undo("claire")
		w.Must(err)
		w.sweep()
		if w.state() != before {
			t.Errorf("it was\n%s\nand is\n%s", before, w.state())
		}
	})
}

// A plan is replaced by another that names it, given up, and carried out at once.
func TestPlanChanged(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		d := w.plan("claire", w.all()...)
		again := order("paul", w.succeeds())
		again.Day = w.inDays(5)
		_, err := w.start("bruno", again)
		w.Want("that did not read it", err, departure.ErrStale)
		again.Version = d.Version
		next, err := w.start("bruno", again)
		w.Must(err)
		if next.ID != d.ID || next.Day != again.Day || next.By != full("bruno") || next.Version != d.Version+1 || w.trail("departure.change") != 1 {
			t.Errorf("%+v", next)
		}
		if h := line(w.view("claire"), departure.Work, "task"); h.State != departure.NotChosen {
			t.Errorf("a choice is left of the plan before: %+v", h)
		}
		_, err = w.d.Cancel(w.Context(), w.as("claire"), w.a, w.id["paul"], d.Version)
		w.Want("of one that is another by now", err, departure.ErrStale)
		_, err = w.d.Cancel(w.Context(), w.as("paul"), w.a, w.id["paul"], next.Version)
		w.Want("one's own", err, member.ErrYourself)
		_, err = w.d.Cancel(w.Context(), w.as("lise"), w.a, w.id["paul"], next.Version)
		w.Want("no right", err, access.ErrForbidden)
		gone, err := w.d.Cancel(w.Context(), w.as("claire"), w.a, w.id["paul"], next.Version)
		if err != nil || gone.State != departure.Cancelled || w.jobs("letter.departure_cancelled") != 1 {
			t.Errorf("%+v %v", gone, err)
		}
		_, err = w.d.Cancel(w.Context(), w.as("claire"), w.a, w.id["paul"], departure.AnyVersion)
		w.Want("twice", err, departure.ErrNotPlanned)
		w.clock.Add(10 * 24 * time.Hour)
		before := w.state()
		w.sweep()
		if w.state() != before {
			t.Error("a cancelled plan is carried out")
		}
		d = w.plan("claire", w.succeeds())
		now := order("paul", w.succeeds())
		now.Version = d.Version
		done, err := w.start("claire", now)
		if err != nil || done.ID != d.ID || done.State != departure.Done || done.Day != "" {
			t.Errorf("%+v %v", done, err)
		}
		_, err = w.d.Cancel(w.Context(), w.as("claire"), w.a, w.id["paul"], departure.AnyVersion)
		w.Want("what is done", err, member.ErrNotFound)
		yesterday := order("lise")
		yesterday.Day = w.inDays(-1)
		_, err = w.d.Start(w.Context(), w.as("claire"), w.a, w.id["lise"], yesterday)
		w.Wrong("a day that is over", err, "day member.plan_past")
		yesterday.Day = "demain"
		_, err = w.d.Start(w.Context(), w.as("claire"), w.a, w.id["lise"], yesterday)
		w.Wrong("no day", err, "day member.date_malformed")
	})
}

// rules.md 13, ORG-4: when its day comes and whoever planned it may not decide any more, or the last
// administrator would go, nobody loses their access in silence and nothing is forgotten: it waits to
// be confirmed, and the administrators are told once.
func TestPlanToConfirm(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*world)
		code   string
	}{
		"decider": {func(w *world) { w.Exec(`delete from member_role where member_id = $1`, w.id["bruno"]) }, departure.ErrDecider.Code},
		"decider left": {func(w *world) {
			w.Exec(`update member_state set status = 'left' where member_id = $1`, w.id["bruno"])
		}, departure.ErrDecider.Code},
		"last administrator": {func(w *world) {
			w.Exec(`update member_state set status = 'deactivated' where member_id = $1`, w.id["julie"])
		}, member.ErrLastAdministrator.Code},
	} {
		t.Run(name, func(t *testing.T) {
			eachWorld(t, func(w *world) {
				w.furnish()
				w.plan("bruno", w.succeeds())
				w.clock.Add(5 * 24 * time.Hour)
				c.change(w)
				before := w.state()
				w.sweep()
				w.sweep()
				v := w.view("claire")
				if w.state() != before || !v.Departure.ToConfirm() || v.Departure.Refused != c.code || w.trail("departure.hold") != 1 {
					t.Errorf("%+v", v.Departure)
				}
				if w.jobs("letter.departure_held") != 1 {
					t.Errorf("told %d times", w.jobs("letter.departure_held"))
				}
				sheet, err := w.members.Get(w.Context(), w.as("claire"), w.a, w.id["paul"])
				if err != nil || sheet.Departure == nil || !sheet.Departure.Confirm {
					t.Errorf("%+v %v", sheet.Departure, err)
				}
				heir := w.to(departure.Administration, w.site["nord"].String(), "anne")
				o := order("paul", heir)
				o.Version = v.Departure.Version
				done, err := w.start("claire", o)
				if err != nil || done.State != departure.Done {
					t.Errorf("%+v %v", done, err)
				}
			})
		})
	}
}

// rules.md 13: a receiver whom whoever planned it may not choose any more gets nothing, and nothing
// is lost.
func TestPlanReceiverGone(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		w.plan("claire", w.all()...)
		w.Exec(`update member_state set status = 'left' where member_id = $1`, w.id["lise"])
		w.clock.Add(5 * 24 * time.Hour)
		w.sweep()
		v := w.view("claire")
		h := line(v, departure.Work, "task")
		if v.Departure.State != departure.Done || v.Departure.Waiting != 1 || h.State != departure.Waits || h.Why != member.ErrNotFound.Code {
			t.Errorf("%+v\n%+v", v.Departure, h)
		}
		if w.owned("weber", workitem.Appointment) == 0 && w.holder("agenda1") != "weber active" {
			t.Error("the others are not given")
		}
	})
}

// A plan of somebody who is a member no more is over; so is one by a token that was revoked to be
// confirmed.
func TestPlanOvertaken(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		w.plan("claire", w.succeeds())
		w.Exec(`update member_state set status = 'left' where member_id = $1 and known_until is null`, w.id["paul"])
		w.clock.Add(5 * 24 * time.Hour)
		w.sweep()
		if w.Count(`select count(*) from departure where state = 'cancelled'`) != 1 || w.jobs("letter.departure_held") != 0 {
			t.Error("the plan is not over")
		}
	})
}

// Leaving by oneself: nothing is handed over, everything ends, and the administrators are told; what
// was planned for the person is done.
func TestLeave(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		paul := w.as("paul")
		stale := paul
		stale.StepUp = time.Time{}
		w.Write(func(ctx context.Context, tx *store.Tx) error { // julie administers nord too
			return w.administers(ctx, tx, "julie")
		})
		w.Want("no fresh proof", w.d.Leave(w.Context(), stale, w.a), access.ErrStepUp)
		w.Want("a token", w.d.Leave(w.Context(), access.Actor{Kind: access.OrgToken, Token: w.token, Org: w.a, Account: w.account["paul"]}, w.a), access.ErrForbidden)
		v, err := w.d.PreviewOwn(w.Context(), paul, w.a)
		if err != nil || v.Blocked != "" || !v.May.Start || len(v.Holdings) == 0 || v.Ends.Tokens != 1 {
			t.Errorf("%+v %v", v, err)
		}
		w.Must(w.d.Leave(w.Context(), paul, w.a))
		w.Want("twice", w.d.Leave(w.Context(), paul, w.a), access.ErrNotFound)
		w.sweep()
		w.left()
		if w.trail("member.leave") != 1 || w.trail("member.remove") != 0 || w.jobs("letter.left") != 1 || w.jobs("letter.leaver") != 1 {
			t.Error("it is not told as it should be")
		}
		d := w.view("claire").Departure
		if d.Kind != departure.Self || d.By != full("paul") {
			t.Errorf("%+v", d)
		}
		_, err = w.d.Hand(w.Context(), w.as("claire"), w.a, w.id["paul"], []departure.Choice{w.to(departure.Work, "task", "lise")})
		w.Must(err)
		w.sweep()
		if w.owned("lise", workitem.Task) != 42 {
			t.Error("the administrators cannot give what was hidden")
		}
	})
}

// administers gives somebody the administration of nord.
func (w *world) administers(ctx context.Context, tx *store.Tx, name string) error {
	_, err := tx.Exec(ctx, `
		insert into member_role (org_id, id, member_id, role_id, scope, site_id, starts_at, given_by, known_from)
		select org_id, $3, $2, role_id, scope, site_id, starts_at, 'test', known_from from member_role
		where member_id = $1 and scope <> 'organization' and known_until is null`, w.id["paul"], w.id[name], ident.NewGrant())
	return err
}

// Whoever leaves before their planned day: what the administrators chose is done.
func TestLeaveAsPlanned(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		d := w.plan("claire", w.all()...)
		w.Must(w.d.Leave(w.Context(), w.as("paul"), w.a))
		w.sweep()
		w.handedOver()
		if v := w.view("claire"); v.Departure.ID != d.ID || v.Departure.Kind != departure.Self || v.Departure.State != departure.Done {
			t.Errorf("%+v", v.Departure)
		}
		w.clock.Add(5 * 24 * time.Hour)
		w.sweep()
		if w.trail("departure.start") != 1 {
			t.Error("it was done twice")
		}
	})
}
