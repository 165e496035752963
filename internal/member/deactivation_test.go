package member_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/store"
	"habilis/internal/text"
	"habilis/internal/token"
)

func (w *world) plan(by, name string, days int) error {
	w.Helper()
	_, err := w.members.PlanDeactivation(w.Context(), w.as(by), w.a.org, w.a.ids[name], w.day(days), 0)
	return err
}

// mustPlan plans, and gives what the sheet then says.
func (w *world) mustPlan(by, name string, days int) member.Planned {
	w.Helper()
	if err := w.plan(by, name, days); err != nil {
		w.Fatal(err, fieldCodes(err))
	}
	p := w.planned(name)
	if p == nil {
		w.Fatalf("nothing is planned for %s", name)
	}
	return *p
}

// planned is what the sheet and the list say, which must be the same.
func (w *world) planned(name string) *member.Planned {
	w.Helper()
	s, err := w.members.Get(w.Context(), system, w.a.org, w.a.ids[name])
	w.Want("sheet", err, nil)
	l, err := w.members.List(w.Context(), system, w.a.org, member.Query{Size: member.MaxPageSize})
	w.Want("list", err, nil)
	i := slices.IndexFunc(l.Rows, func(r member.Row) bool { return r.ID == w.a.ids[name] })
	switch row := l.Rows[i].Planned; {
	case (row == nil) != (s.Planned == nil), row != nil && *row != *s.Planned:
		w.Errorf("the list says %+v, the sheet %+v", row, s.Planned)
	}
	return s.Planned
}

func (w *world) status(name string) member.Status {
	w.Helper()
	s, err := w.members.Get(w.Context(), system, w.a.org, w.a.ids[name])
	w.Want("status", err, nil)
	return s.Status
}

// passes lets days of Europe/Paris pass, and the timetable work.
func (w *world) passes(days int) {
	w.Helper()
	w.clock.Add(time.Duration(days) * 24 * time.Hour)
	w.Want("carry out", w.members.CarryOutPlans(w.Context()), nil)
}

func (w *world) jobs(kind string) int {
	return w.Count(`select count(*) from job where kind = $1`, kind)
}

// CHG-4: a deactivation is planned for a day, shown, replaced and carried out at the end of
// that day in Paris, on behalf of who planned last; not a moment before, and once.
func TestPlanDeactivation(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx, julie := w.Context(), w.a.ids["julie"]
		before, err := w.members.Get(ctx, w.as("claire"), w.a.org, julie)
		w.Want("sheet", err, nil)
		if before.Planned != nil || before.May.CancelPlan {
			w.Errorf("%+v", before.Planned)
		}
		p := w.mustPlan("claire", "julie", 3)
		end, _ := time.ParseInLocation(time.DateOnly, w.day(4), text.Zone)
		if p.Day != w.day(3) || !p.At.Equal(end) || p.By != "Claire" || p.Held != "" {
			w.Errorf("planned %+v, to end at %s", p, end)
		}
		after, err := w.members.Get(ctx, w.as("claire"), w.a.org, julie)
		w.Want("sheet", err, nil)
		if after.Status != member.Active || after.Version <= before.Version || !after.May.CancelPlan || !after.May.Deactivate {
			w.Errorf("%+v", after)
		}
		if own, err := w.members.Get(ctx, w.as("julie"), w.a.org, julie); err != nil || own.Planned == nil || own.May.CancelPlan {
			w.Errorf("julie reads %+v, %v", own.Planned, err)
		}
		version := w.Count(`select version from member where org_id = $1 and id = $2`, w.a.org, julie)
		w.Want("the same again", w.plan("claire", "julie", 3), nil)
		if n := w.Count(`select version from member where org_id = $1 and id = $2`, w.a.org, julie); n != version || w.jobs("letter.deactivation_planned") != 1 {
			w.Errorf("asked again: version %d of %d, %d letters", n, version, w.jobs("letter.deactivation_planned"))
		}
		if p := w.mustPlan("bruno", "julie", 2); p.Day != w.day(2) || p.By != "Bruno" {
			w.Errorf("replaced: %+v", p)
		}
		w.clock.Add(w.planned("julie").At.Sub(w.DB.Now()) - time.Minute)
		w.Want("carry out", w.members.CarryOutPlans(ctx), nil)
		if w.status("julie") != member.Active {
			w.Error("deactivated before the end of the day")
		}
		w.clock.Add(time.Minute)
		for range 2 {
			w.Want("carry out", w.members.CarryOutPlans(ctx), nil)
		}
		if w.status("julie") != member.Deactivated || w.planned("julie") != nil {
			w.Errorf("%s %+v", w.status("julie"), w.planned("julie"))
		}
		if n := w.Count(`select count(*) from audit_event where chain = $1 and verb = 'member.deactivate' and outcome = 'done'`, w.a.org.String()); n != 1 {
			w.Errorf("%d deactivations are recorded", n)
		}
		if args := w.text(`select args from job where kind = 'letter.deactivated'`); !strings.Contains(args, `"By":"Bruno"`) {
			w.Errorf("the letter: %s", args)
		}
		if w.reads("julie") != access.ErrNotFound { //nolint:errorlint // a sentinel
			w.Error("she still has access")
		}
	})
}

// reads is what the organisation answers to a member.
func (w *world) reads(name string) error {
	return w.DB.Read(w.Context(), func(tx *store.Tx) error {
		_, err := access.HeldBy(w.Context(), tx, w.as(name), w.a.org)
		return err
	})
}

// CHG-4, ORG-4, RGT-1, AUZ-05: who may plan is who may deactivate, and what could not be done
// today is not planned; the day is one that is not over.
func TestPlanDeactivationRefusals(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		for day, code := range map[string]string{
			"": "member.date_required", "2026-02-30": "member.date_malformed", "30/11/2026": "member.date_malformed",
			"9999-12-31": "member.date_malformed", w.day(-1): "member.plan_past",
		} {
			_, err := w.members.PlanDeactivation(ctx, w.as("claire"), w.a.org, w.a.ids["julie"], day, 0)
			if got := fieldCodes(err)["date"]; got != code {
				w.Errorf("%q: %q, want %q", day, got, code)
			}
		}
		w.Want("today", w.plan("claire", "paul", 0), nil)
		w.Want("oneself", w.plan("claire", "claire", 1), member.ErrYourself)
		w.Want("a secretary", w.plan("julie", "sam", 1), access.ErrForbidden)
		w.Want("of another site", w.plan("nadege", "paul", 1), member.ErrNotFound)
		w.Want("of several sites", w.plan("nadege", "yanis", 1), access.ErrForbidden)
		w.Want("who is above", w.plan("nadege", "bruno", 1), member.ErrMorePowerful)
		w.Want("at her site", w.plan("nadege", "julie", 1), nil)
		late := w.as("claire")
		late.StepUp = late.StepUp.Add(-time.Hour)
		_, err := w.members.PlanDeactivation(ctx, late, w.a.org, w.a.ids["sam"], w.day(1), 0)
		w.Want("without a proof", err, access.ErrStepUp)
		_, err = w.members.CancelDeactivation(ctx, late, w.a.org, w.a.ids["julie"], 0)
		w.Want("taken back without a proof", err, access.ErrStepUp)
		_, err = w.members.PlanDeactivation(ctx, w.as("claire"), w.a.org, w.a.ids["sam"], w.day(1), 99)
		w.Want("of another version", err, member.ErrStale)
		_, err = w.members.CancelDeactivation(ctx, w.as("claire"), w.a.org, w.a.ids["sam"], 0)
		w.Want("nothing to take back", err, member.ErrNoPlan)
		w.Want("planned", w.plan("claire", "bruno", 1), nil)
		_, err = w.members.CancelDeactivation(ctx, w.as("bruno"), w.a.org, w.a.ids["bruno"], 0)
		w.Want("one's own", err, member.ErrYourself)
		_, err = w.members.Deactivate(ctx, w.as("claire"), w.a.org, w.a.ids["bruno"], 0)
		w.Want("deactivated", err, nil)
		w.Want("who is deactivated", w.plan("claire", "bruno", 1), member.ErrNotActive)
		_, err = w.members.PlanDeactivation(ctx, system, w.a.org, w.a.ids["claire"], w.day(1), 0)
		w.Want("the last one", err, member.ErrLastAdministrator)
	})
}

// CHG-4: a plan that was taken back does nothing on its day; one that another end overtakes is
// over, and a reactivation finds none.
func TestPlanEnds(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		for _, name := range []string{"julie", "paul", "sam"} {
			w.mustPlan("claire", name, 1)
		}
		_, err := w.members.CancelDeactivation(ctx, w.as("bruno"), w.a.org, w.a.ids["julie"], 0)
		w.Want("taken back", err, nil)
		if w.planned("julie") != nil || w.jobs("letter.deactivation_cancelled") != 1 {
			w.Errorf("%+v, %d letters", w.planned("julie"), w.jobs("letter.deactivation_cancelled"))
		}
		_, err = w.members.Deactivate(ctx, w.as("claire"), w.a.org, w.a.ids["paul"], 0)
		w.Want("at once", err, nil)
		_, err = w.members.Reactivate(ctx, w.as("claire"), w.a.org, w.a.ids["paul"], 0)
		w.Want("reactivated", err, nil)
		_, err = w.members.DeactivateAll(ctx, w.as("claire"), w.a.org, []ident.Member{w.a.ids["sam"]})
		w.Want("together", err, nil)
		w.passes(3)
		if w.status("julie") != member.Active || w.status("paul") != member.Active || w.status("sam") != member.Deactivated {
			w.Errorf("%s %s %s", w.status("julie"), w.status("paul"), w.status("sam"))
		}
		if n := w.Count(`select count(*) from deactivation_plan`); n != 0 {
			w.Errorf("%d plans are left", n)
		}
	})
}

// rules.md 13: what somebody planned is worth what they may do on the day. Whoever lost it
// leaves a plan that waits: nobody loses their access by it, the administrators are told, and
// one of them confirms, plans anew or takes it back.
func TestPlannerLosesAuthority(t *testing.T) {
	lose := map[string]func(w *world, ctx context.Context) error{
		"withdrawn": func(w *world, ctx context.Context) error {
			_, err := w.members.Withdraw(ctx, w.as("claire"), w.a.ids["bruno"], w.a.whole(), 0)
			return err
		},
		"deactivated": func(w *world, ctx context.Context) error {
			_, err := w.members.Deactivate(ctx, w.as("claire"), w.a.org, w.a.ids["bruno"], 0)
			return err
		},
		"blocked": func(w *world, _ context.Context) error {
			w.Exec(`update account_state set status = 'blocked' where account_id = $1`, w.account["bruno"])
			return nil
		},
	}
	for name, fn := range lose {
		t.Run(name, func(t *testing.T) {
			eachWorld(t, func(w *world) {
				ctx := w.Context()
				for _, who := range []string{"julie", "sam", "yanis"} {
					w.mustPlan("bruno", who, 1)
				}
				w.Want(name, fn(w, ctx), nil)
				w.passes(2)
				w.passes(1) // nothing more comes of it
				for _, who := range []string{"julie", "sam", "yanis"} {
					if p := w.planned(who); w.status(who) != member.Active || p == nil || p.Held != "member.planner" {
						w.Errorf("%s: %s %+v", who, w.status(who), p)
					}
				}
				if n := w.jobs("letter.deactivation_held"); n != 3 || w.jobs("letter.deactivated") > 1 {
					w.Errorf("%d letters to the administrators, %d to those deactivated", n, w.jobs("letter.deactivated"))
				}
				if n := w.Count(`select count(*) from audit_event where chain = $1 and verb = 'member.hold_deactivation'`, w.a.org.String()); n != 3 {
					w.Errorf("%d are recorded", n)
				}
				_, err := w.members.Deactivate(ctx, w.as("claire"), w.a.org, w.a.ids["julie"], 0)
				w.Want("confirmed", err, nil)
				if p := w.mustPlan("claire", "sam", 1); p.Held != "" || p.By != "Claire" {
					w.Errorf("planned anew: %+v", p)
				}
				_, err = w.members.CancelDeactivation(ctx, w.as("claire"), w.a.org, w.a.ids["yanis"], 0)
				w.Want("taken back", err, nil)
				w.passes(2)
				if w.status("julie") != member.Deactivated || w.status("sam") != member.Deactivated || w.status("yanis") != member.Active {
					w.Errorf("%s %s %s", w.status("julie"), w.status("sam"), w.status("yanis"))
				}
			})
		})
	}
}

// AUZ-05: on the day the member must still be within who planned, whose own site they may
// deactivate at all the same.
func TestPlannerNoLongerAbove(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.mustPlan("nadege", "julie", 1)
		w.mustPlan("nadege", "sam", 1)
		w.give(w.a, "julie", w.a.holds(role.Administrator, w.a.whole()))
		w.passes(2)
		if p := w.planned("julie"); w.status("julie") != member.Active || p == nil || p.Held != "member.planner" {
			w.Errorf("%s %+v", w.status("julie"), p)
		}
		if w.status("sam") != member.Deactivated {
			w.Error("what she may do was not done")
		}
	})
}

// ORG-4, rules.md 13: a token plans as long as it is in force; on the day the last
// administrator stays, whoever planned, and it waits.
func TestPlanOfToken(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		tokens := token.Tokens{Run: w.members.Run}
		made, err := tokens.Make(ctx, w.as("claire"), token.New{Kind: token.OfOrganization, Org: w.a.org, Name: "agenda"})
		w.Want("token", err, nil)
		by := access.Actor{Kind: access.OrgToken, Token: made.Token.ID, Account: w.account["claire"], Org: w.a.org, Name: "agenda", Via: "api"}
		for _, name := range []string{"julie", "bruno"} {
			_, err = w.members.PlanDeactivation(ctx, by, w.a.org, w.a.ids[name], w.day(map[string]int{"julie": 0, "bruno": 2}[name]), 0)
			w.Want("planned by a token", err, nil)
		}
		_, err = w.members.PlanDeactivation(ctx, system, w.a.org, w.a.ids["claire"], w.day(3), 0)
		w.Want("planned by the operator", err, nil)
		w.passes(1)
		if w.status("julie") != member.Deactivated {
			w.Error("what a token planned was not done")
		}
		w.Exec(`update token set revoked_at = created_at where id = $1`, made.Token.ID)
		w.passes(2)
		if p := w.planned("bruno"); w.status("bruno") != member.Active || p == nil || p.Held != "member.planner" {
			w.Errorf("%+v", p)
		}
		_, err = w.members.Deactivate(ctx, w.as("claire"), w.a.org, w.a.ids["bruno"], 0)
		w.Want("confirmed", err, nil)
		w.passes(2)
		if p := w.planned("claire"); w.status("claire") != member.Active || p == nil || p.Held != "member.last_administrator" {
			w.Errorf("%s %+v", w.status("claire"), p)
		}
		if bad := w.unattended(w.a.org); len(bad) > 0 {
			w.Error(bad)
		}
	})
}

// ORG-7: while an organisation is suspended nobody has access; what is planned waits, and is
// carried out once it is resumed.
func TestPlanWhileSuspended(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.mustPlan("claire", "julie", 0)
		w.Exec(`update org_state set status = 'suspended' where org_id = $1`, w.a.org)
		w.passes(2)
		if n := w.Count(`select count(*) from deactivation_plan where held = ''`); n != 1 {
			w.Error("the plan does not wait")
		}
		w.Exec(`update org_state set status = 'active' where org_id = $1`, w.a.org)
		w.passes(0)
		if w.status("julie") != member.Deactivated {
			w.Error("the plan was forgotten")
		}
	})
}
