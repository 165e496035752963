package member

import (
	"cmp"
	"context"
	"errors"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Planned is a deactivation that waits for its day, or for somebody's confirmation (CHG-4).
type Planned struct {
	Day   string    // the last day of access, ISO 8601: "2026-11-30", by the calendar of metropolitan France
	At    time.Time // the end of that day: the first moment without access
	By    string    // name of who answers for it
	Since time.Time // when they planned it
	Held  string    // code of the rule that refused it on its day; empty: it waits for its day

	by string // the account or the token of By
}

// Faults of planned deactivations.
var (
	ErrNoPlan = fault.New(fault.Conflict, "member.no_plan")
	// ErrPlanner: who planned it may not deactivate this member any more (rules.md 13).
	ErrPlanner = fault.New(fault.Conflict, "member.planner")
)

// fieldDate is the day of a plan, as refusals name it.
const fieldDate = "date"

const (
	verbDeactivate = "member.deactivate"
	verbPlan       = "member.plan_deactivation"
	verbUnplan     = "member.cancel_deactivation"
	verbHold       = "member.hold_deactivation"
)

// PlanDeactivation has a member deactivated at the end of a day, ISO 8601, of Europe/Paris;
// there is one plan of a member, which another replaces, and whoever planned last answers for
// it. The person is told. version as for Deactivate. Errors: the field date, and those of
// Deactivate.
func (m Members) PlanDeactivation(ctx context.Context, by access.Actor, in ident.Org, id ident.Member, day string, version int64,
) (Sheet, error) {
	d := deed{verb: verbPlan, in: in, id: id, version: version, stepUp: true, rights: overWhole(access.MembersDeactivate)}
	d.do = func(ctx context.Context, tx *action.Tx, v viewer, s subject) error { return v.plan(ctx, tx, s, day) }
	return perform(ctx, m.Run, by, d, m.sheet(by, in, id))
}

func (v viewer) plan(ctx context.Context, tx *action.Tx, s subject, day string) error {
	if err := v.mayDeactivate(s); err != nil {
		return err
	}
	p, err := planned(day, tx.Now)
	if err != nil {
		return err
	}
	if err := goesWithout(ctx, tx.Tx, s); err != nil {
		return err
	}
	was, err := PlannedFor(ctx, tx.Tx, s.Org, s.ID)
	if err != nil {
		return err
	}
	p.by, p.By, p.Since = giver(tx.By), tx.By.Name, tx.Now
	if was != nil && was.Day == p.Day && was.by == p.by && was.Held == "" {
		return action.Nothing
	}
	e := event(s.Member, verbPlan)
	e.Before, e.After = was.facts(), p.facts()
	tx.Record(e)
	write(tx, s.Member, PlannedLetter{Org: s.Org, Member: s.ID, By: p.By, Day: p.Day})
	return writePlan(ctx, tx.Tx, s.Org, s.ID, p)
}

// planned reads the day of a plan. Errors: the field date.
func planned(typed string, now time.Time) (Planned, error) {
	var wrong fault.Fields
	day := dayAt(&wrong, fieldDate, typed)
	end := day.AddDate(0, 0, 1)
	if !day.IsZero() && !end.After(now) {
		wrong.Add(fieldDate, "member.plan_past")
	}
	return Planned{Day: day.Format(time.DateOnly), At: end.UTC()}, wrong.Err()
}

// dayOf is the first moment of a date, or the code of what is wrong with it.
func dayOf(typed string) (day time.Time, code string) {
	var wrong fault.Fields
	if day = dayAt(&wrong, fieldDate, typed); day.IsZero() {
		code = fault.Of(wrong.Err()).Fields[0].Code
	}
	return day, code
}

// goesWithout refuses to plan what could not be done today (ORG-4): another administrator is
// named first. Errors: ErrLastAdministrator.
func goesWithout(ctx context.Context, tx *store.Tx, s subject) error {
	kept, err := ReadCoverage(ctx, tx, s.Org)
	if err != nil {
		return err
	}
	if scope, lost := kept.lost(kept.without(s.ID)); lost {
		return lastAdministrator(ctx, tx, s.Org, scope)
	}
	return nil
}

// facts are a plan as the trail shows it.
func (p *Planned) facts() map[string]any {
	if p == nil {
		return nil
	}
	return map[string]any{"last_day": p.Day}
}

// PlannedFor reads what is planned for a member, in the caller's transaction; nil when nothing is.
func PlannedFor(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (*Planned, error) {
	list, err := plansOf(ctx, tx, in, []ident.Member{id})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0].Planned, nil
}

// CancelDeactivation takes a plan back, whether its day is to come or it waits for a
// confirmation: the member goes on, and is told. Nobody does it for themself. It asks for what planning asks for. version
// as for Deactivate. Errors: ErrNoPlan, ErrYourself, ErrMorePowerful, ErrStale.
func (m Members) CancelDeactivation(ctx context.Context, by access.Actor, in ident.Org, id ident.Member, version int64) (Sheet, error) {
	d := deed{verb: verbUnplan, in: in, id: id, version: version, stepUp: true, rights: overWhole(access.MembersDeactivate)}
	d.do = func(ctx context.Context, tx *action.Tx, v viewer, s subject) error {
		was, err := PlannedFor(ctx, tx.Tx, in, id)
		switch {
		case err != nil:
			return err
		case v.isSelf(s):
			return ErrYourself
		case was == nil:
			return ErrNoPlan
		}
		e := event(s.Member, verbUnplan)
		e.Before = was.facts()
		tx.Record(e)
		write(tx, s.Member, UnplannedLetter{Org: in, Member: id, By: tx.By.Name, Day: was.Day})
		return endPlan(ctx, tx.Tx, in, id)
	}
	return perform(ctx, m.Run, by, d, m.sheet(by, in, id))
}

// mayUnplan reports whether v may take back what is planned for a member.
func (v viewer) mayUnplan(s subject, p *Planned) bool {
	return p != nil && !v.isSelf(s) && v.overWhole(s, access.MembersDeactivate) == nil
}

// plansAtOnce bounds what one round carries out.
const plansAtOnce = 100

// CarryOutPlans deactivates the members whose day has ended; the timetable calls it. What one
// of them meets keeps no other waiting.
func (m Members) CarryOutPlans(ctx context.Context) error {
	var due []duePlan
	err := m.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		due, err = duePlans(ctx, tx, plansAtOnce)
		return err
	})
	for _, d := range due {
		err = errors.Join(err, m.carryOut(ctx, d))
	}
	return err
}

// carryOut deactivates one member whose day has ended, on the authority of who planned it, as
// it is now; what a rule refuses waits for somebody to confirm, and the administrators are
// told.
func (m Members) carryOut(ctx context.Context, d duePlan) error {
	act := action.Act{
		Verb: verbDeactivate, Orgs: []ident.Org{d.org}, Needs: []access.Need{access.Everybody()},
		Object: d.member.String(), Subject: d.member.String(),
	}
	_, err := action.Run(ctx, m.Run, access.Operator("job"), act, func(tx *action.Tx) (struct{}, error) {
		s, ok, err := findSubject(ctx, tx.Tx, d.org, d.member)
		if err != nil || !ok {
			return struct{}{}, cmp.Or(err, action.Nothing)
		}
		p, err := PlannedFor(ctx, tx.Tx, d.org, d.member)
		if err != nil || p == nil || p.Held != "" || p.At.After(tx.Now) { // done, taken back or put off meanwhile
			return struct{}{}, cmp.Or(err, action.Nothing)
		}
		switch err := p.stands(ctx, tx.Tx, s); {
		case errors.Is(err, access.ErrSuspended): // nobody has access now: it waits
			return struct{}{}, action.Nothing
		case err != nil:
			return struct{}{}, p.hold(ctx, tx, s, err)
		}
		return struct{}{}, Keeping(ctx, tx.Tx, d.org, func() error {
			if err := deactivate(ctx, tx, s, p.By); err != nil {
				return err
			}
			return touch(ctx, tx.Tx, d.org, d.member)
		})
	})
	return err
}

// stands reports whether who planned it could deactivate the member now. Errors: ErrPlanner,
// ErrLastAdministrator, ErrNotActive.
func (p *Planned) stands(ctx context.Context, tx *store.Tx, s subject) error {
	v, err := p.planner(ctx, tx, s.Org)
	if err == nil && !v.sees(s) {
		err = ErrPlanner
	}
	if err == nil {
		err = v.overWhole(s, access.MembersDeactivate)
	}
	switch {
	case errors.Is(err, access.ErrSuspended):
		return err
	case err != nil && Refusal(err):
		return ErrPlanner
	case err == nil:
		err = v.mayDeactivate(s)
	}
	if err != nil {
		return err
	}
	return goesWithout(ctx, tx, s)
}

// planner is who planned, with what they hold now. Errors: those of access.HeldBy.
func (p *Planned) planner(ctx context.Context, tx *store.Tx, in ident.Org) (viewer, error) {
	by := access.Operator("job") // planned on the machine itself
	if t, err := ident.ParseToken(p.by); err == nil {
		by = access.Actor{Kind: access.OrgToken, Token: t, Org: in}
	} else if a, err := ident.ParseAccount(p.by); err == nil {
		held, err := access.HeldByAccount(ctx, tx, a, in)
		return viewer{held: held}, err
	}
	held, err := access.HeldBy(ctx, tx, by, in)
	return viewer{by: by, held: held}, err
}

// hold has a plan wait for somebody's confirmation: nobody loses their access without an
// administrator who may take it, and nothing is forgotten.
func (p *Planned) hold(ctx context.Context, tx *action.Tx, s subject, refusal error) error {
	if !Refusal(refusal) {
		return refusal
	}
	why := fault.Of(refusal)
	e := event(s.Member, verbHold)
	e.Before, e.After = p.facts(), map[string]any{"held_by": why.Code}
	tx.Record(e)
	tellAdministrators(tx, HeldLetter{Org: s.Org, Member: s.ID, Name: s.Name(), Day: p.Day, By: p.By, Code: why.Code})
	if err := holdPlan(ctx, tx.Tx, s.Org, s.ID, why.Code); err != nil {
		return err
	}
	return touch(ctx, tx.Tx, s.Org, s.ID)
}
