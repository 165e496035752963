package departure

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/store"
)

// The acts, as the trail names them.
const (
	verbRead   = "departure.read"
	verbPlan   = "departure.plan"
	verbChange = "departure.change"
	verbCancel = "departure.cancel"
	verbStart  = "departure.start"
	verbHold   = "departure.hold"
	verbStep   = "departure.step"
	verbFinish = "departure.finish"
	verbHand   = "departure.hand"
	verbUndo   = "departure.undo"
	verbErase  = "departure.erase"
	verbList   = "departure.list"
	verbRemove = "member.remove"
	verbReturn = "member.return"
	verbLeave  = "member.leave"
)

// Start ends a membership now, or plans its end for a day; a plan that is there is replaced, so
// that one which waits to be confirmed is. Errors: fields to correct (full_name, day,
// reassignments[n].what, reassignments[n].to), member.ErrYourself, member.ErrNotActive for one who
// waits to be authorised, member.ErrLastAdministrator, ErrAlready, ErrReturning, ErrStale, those of member.Over,
// access.ErrStepUp.
func (d Departures) Start(ctx context.Context, by access.Actor, org ident.Org, of ident.Member, o Order) (Departure, error) {
	verb := verbStart
	if o.Day != "" {
		verb = verbPlan
	}
	var m member.Member
	act := deciding(verb, by, org, of, &m)
	return action.Run(ctx, d.Run, by, act, func(tx *action.Tx) (Departure, error) {
		held, err := access.HeldBy(ctx, tx.Tx, by, org)
		if err != nil {
			return Departure{}, err
		}
		s := starting{judging: judging{held: held, member: m, by: authorityOf(tx.By, org)}, order: o}
		if err := s.read(ctx, tx); err != nil {
			return Departure{}, err
		}
		if o.Day == "" {
			return s.now(ctx, tx)
		}
		return s.later(ctx, tx)
	})
}

// deciding is an act on the departure of a member who is there, found as m.
func deciding(verb string, by access.Actor, org ident.Org, of ident.Member, m *member.Member) action.Act {
	act := action.Act{Verb: verb, Orgs: []ident.Org{org}, Object: of.String(), Subject: of.String(), StepUp: true}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		*m, err = member.Over(ctx, tx, by, org, of, access.MembersDelete)
		return []access.Need{access.MemberOf(org)}, err
	}
	return act
}

// isSelf reports whether whoever acts is the member: what a token does, whoever made it does.
func isSelf(held access.Held, by access.Actor, m member.Member) bool {
	return (!held.Member.IsZero() && held.Member == m.ID) || (!m.Account.IsZero() && m.Account == by.Account)
}

// starting is an order that is being judged.
type starting struct {
	judging

	order  Order
	plan   *Departure // the one that is replaced
	things []choice
	day    string
	end    time.Time
}

// read judges the order on what is there.
func (s *starting) read(ctx context.Context, tx *action.Tx) error {
	switch {
	case isSelf(s.held, tx.By, s.member):
		return member.ErrYourself
	case s.member.Status == member.PendingApproval:
		return member.ErrNotActive
	}
	was, planned, err := inForce(ctx, tx.Tx, s.member.Org, s.member.ID)
	switch {
	case err != nil:
		return err
	case planned && was.State != Planned:
		return ErrAlready
	case was.Version != s.order.Version:
		return ErrStale
	case planned:
		s.plan = &was
	}
	if err := settled(ctx, tx.Tx, s.member); err != nil {
		return err
	}
	if err := s.check(tx); err != nil {
		return err
	}
	if s.things, err = held(ctx, tx.Tx, s.member); err != nil {
		return err
	}
	if err := s.keepPlanned(ctx, tx.Tx); err != nil {
		return err
	}
	if err := s.choose(ctx, tx.Tx, s.things, s.order.Choices); err != nil {
		return err
	}
	if err := s.judgeKept(ctx, tx.Tx); err != nil {
		return err
	}
	return missing(ctx, tx.Tx, s.member.Org, s.things)
}

// keepPlanned keeps the receivers of the plan that is replaced who are not for the new decider to
// choose, nor to drop: they stay on the authority of whoever chose them, unless the order names
// another.
func (s *starting) keepPlanned(ctx context.Context, tx *store.Tx) error {
	if s.plan == nil {
		return nil
	}
	chosen, err := choicesOf(ctx, tx, *s.plan)
	if err != nil {
		return err
	}
	for _, c := range chosen {
		n := slices.IndexFunc(s.things, func(t choice) bool { return t.is(c.Choice) })
		if n < 0 || c.state != Chosen {
			continue
		}
		mine, err := s.chooses(ctx, tx, s.things[n], c.To)
		if err != nil {
			return err
		}
		if !mine {
			t := &s.things[n]
			t.To, t.state, t.by, t.kept = c.To, Chosen, c.by, true
		}
	}
	return nil
}

// judgeKept judges, of a departure that is now, what was kept of the plan, as on its day.
func (s *starting) judgeKept(ctx context.Context, tx *store.Tx) error {
	for i := range s.things {
		c := &s.things[i]
		if !c.kept || s.order.Day != "" {
			continue
		}
		by, stands, err := authority(ctx, tx, s.member, c.by)
		if err != nil {
			return err
		}
		if err := (judging{held: by, member: s.member}).keep(ctx, tx, c, c.To, stands); err != nil {
			return err
		}
	}
	return nil
}

// check judges what was typed.
func (s *starting) check(tx *action.Tx) error {
	var f fault.Fields
	if len(s.order.FullName) > MaxTyped || !SameName(s.member.Name(), s.order.FullName) {
		f.Add("full_name", ErrName.Code, "Name", s.member.Name())
	}
	if s.order.Day != "" {
		var code string
		s.day, s.end, code = member.LastDay(s.order.Day, tx.Now)
		if code == "" && s.end.After(tx.Now.Add(MaxAhead)) {
			code = "departure.day_far"
		}
		f.Check("day", code)
	}
	return f.Err()
}

// decided makes the departure that was decided now.
func (s *starting) decided(tx *action.Tx, state State) Departure {
	v := Departure{Org: s.member.Org, ID: ident.NewDeparture(), Member: s.member.ID, Name: s.member.Name(), Version: 0}
	if s.plan != nil {
		v = *s.plan
	}
	v.Kind, v.State, v.Name = Decided, state, s.member.Name()
	v.decidedBy, v.By, v.At = authorityOf(tx.By, v.Org), tx.By.Name, tx.Now
	v.Refused, v.stage = "", ""
	return v
}

// later plans the departure.
func (s *starting) later(ctx context.Context, tx *action.Tx) (Departure, error) {
	v := s.decided(tx, Planned)
	v.Day, v.EndsAt = s.day, s.end
	verb, letter := verbPlan, true
	e := v.event(verb)
	if s.plan != nil {
		e.Verb, e.Before = verbChange, map[string]any{"last_day": s.plan.Day}
		letter = s.plan.Day != v.Day
	}
	chosen := onlyChosen(s.things)
	e.After = map[string]any{"last_day": v.Day, "choices": len(chosen)}
	tx.Record(e)
	if letter {
		if err := v.tellPlanned(ctx, tx, s.member); err != nil {
			return v, err
		}
	}
	tx.After(v.order(v.EndsAt))
	err := v.keep(ctx, tx, s.plan != nil, chosen)
	return v, err
}

// tellPlanned tells the person, and those who want to know, of the day.
func (d *Departure) tellPlanned(ctx context.Context, tx *action.Tx, m member.Member) error {
	if !m.Account.IsZero() {
		tx.After(job.Order{Args: PlannedLetter{Org: d.Org, Member: d.Member, By: d.By, Day: d.Day}, Priority: job.Normal})
	}
	return d.news(ctx, tx, m, d.Day)
}

// tellDone tells them that it is done.
func (d *Departure) tellDone(ctx context.Context, tx *action.Tx, m member.Member) error {
	if !m.Account.IsZero() {
		tx.After(job.Order{Args: DoneLetter{Org: d.Org, Account: m.Account, By: d.By}, Priority: job.Normal})
	}
	return d.news(ctx, tx, m, "")
}

func (d *Departure) news(ctx context.Context, tx *action.Tx, m member.Member, day string) error {
	sites, err := member.SitesOf(ctx, tx.Tx, m.Org, []ident.Member{m.ID})
	tx.After(job.Order{Priority: job.Normal, Args: NewsLetter{
		Org: m.Org, Member: m.ID, Sites: sites[m.ID], Name: m.Name(), Day: day, By: d.By,
	}})
	return err
}

func onlyChosen(things []choice) (list []choice) {
	for _, c := range things {
		if c.state == Chosen {
			list = append(list, c)
		}
	}
	return list
}

// keep writes a departure with its choices, as the one that is there or as a new one.
func (d *Departure) keep(ctx context.Context, tx *action.Tx, there bool, things []choice) error {
	var err error
	if there {
		if err = update(ctx, tx.Tx, d); err == nil {
			err = removeChoices(ctx, tx.Tx, *d)
		}
	} else {
		d.Version = 1
		d.settle()
		err = insert(ctx, tx.Tx, *d)
	}
	if err != nil {
		return err
	}
	return insertChoices(ctx, tx.Tx, *d, things)
}

// now ends the membership.
func (s *starting) now(ctx context.Context, tx *action.Tx) (Departure, error) {
	v := s.decided(tx, Done)
	v.Day = ""
	if err := v.tellDone(ctx, tx, s.member); err != nil {
		return v, err
	}
	err := v.end(ctx, tx, s.member, s.plan != nil, s.things, verbRemove)
	return v, err
}

// Cancel gives a plan up: the person, who was told, is told. Errors: ErrNotPlanned, ErrStale, those
// of member.Over.
func (d Departures) Cancel(ctx context.Context, by access.Actor, org ident.Org, of ident.Member, version int64) (Departure, error) {
	var m member.Member
	act := deciding(verbCancel, by, org, of, &m)
	return action.Run(ctx, d.Run, by, act, func(tx *action.Tx) (Departure, error) {
		held, err := access.HeldBy(ctx, tx.Tx, by, org)
		if err != nil {
			return Departure{}, err
		}
		v, found, err := inForce(ctx, tx.Tx, org, of)
		switch {
		case err != nil:
			return v, err
		case isSelf(held, by, m):
			return v, member.ErrYourself
		case !found || v.State != Planned:
			return v, ErrNotPlanned
		case version != AnyVersion && version != v.Version:
			return v, ErrStale
		}
		e := v.event(act.Verb)
		e.Before = map[string]any{"last_day": v.Day}
		tx.Record(e)
		if !m.Account.IsZero() {
			tx.After(job.Order{Args: CancelledLetter{Org: org, Member: of, By: by.Name, Day: v.Day}, Priority: job.Normal})
		}
		v.State = Cancelled
		if err := removeChoices(ctx, tx.Tx, v); err != nil {
			return v, err
		}
		err = update(ctx, tx.Tx, &v)
		return v, err
	})
}
