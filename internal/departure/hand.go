package departure

import (
	"context"
	"slices"
	"strconv"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/workitem"
)

// after is an act on a departure that is done: members.delete over the whole of what the member
// was, as for deciding it.
type after struct {
	held   access.Held
	by     string // whoever acts, as package invitation writes it
	d      Departure
	former member.Former
}

func (a *after) act(by access.Actor, org ident.Org, of ident.Member, verb string) action.Act {
	act := action.Act{Verb: verb, Orgs: []ident.Org{org}, Object: of.String(), Subject: of.String(), StepUp: true}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		a.by = authorityOf(by, org)
		if a.held, err = access.HeldBy(ctx, tx, by, org); err != nil {
			return nil, err
		}
		if a.d, a.former, err = done(ctx, tx, a.held, of); err != nil {
			return nil, err
		}
		return []access.Need{access.MemberOf(org)}, a.former.Over(a.held, access.MembersDelete)
	}
	return act
}

// done reads the departure of somebody who left, for whoever may know that they were a member
// (AUZ-06). Errors: ErrNotFound; access.ErrForbidden for who may know of nobody.
func done(ctx context.Context, tx *store.Tx, held access.Held, of ident.Member) (Departure, member.Former, error) {
	refused := func(err error) (Departure, member.Former, error) {
		if err == nil && !held.HasAnywhere(access.MembersRead) {
			err = access.ErrForbidden.With("Permission", string(access.MembersRead))
		}
		return Departure{}, member.Former{}, firstError(err, ErrNotFound)
	}
	d, found, err := inForce(ctx, tx, held.Org, of)
	if err != nil || !found || d.State != Done {
		return refused(err)
	}
	f, err := member.FormerOf(ctx, tx, held.Org, of, d.EndsAt)
	if err != nil || !f.SeenBy(held) {
		return refused(unlessMissing(err))
	}
	f.Email, err = address(ctx, tx, f)
	return d, f, err
}

// address is the address of somebody who left, as it is now: that of who has an account follows it
// (CHG-2).
func address(ctx context.Context, tx *store.Tx, f member.Former) (string, error) {
	if f.Account.IsZero() {
		return f.Email, nil
	}
	a, found, err := account.Get(ctx, tx, f.Account)
	if err != nil || !found {
		return f.Email, err
	}
	return a.Email.Address, nil
}

func unlessMissing(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// Hand gives what waits for another receiver, or what nobody took and is hidden, to somebody, as
// long as the departure can be undone; it is given by the work that follows. Errors: ErrNotFound,
// ErrTooLate, ErrNothing without a choice, fields to correct as for Start, access.ErrStepUp.
func (d Departures) Hand(ctx context.Context, by access.Actor, org ident.Org, of ident.Member, choices []Choice) (Departure, error) {
	var a after
	return action.Run(ctx, d.Run, by, a.act(by, org, of, verbHand), func(tx *action.Tx) (Departure, error) {
		if !a.d.UndoTill.After(tx.Now) {
			return Departure{}, ErrTooLate
		}
		things, err := a.offered(ctx, tx.Tx)
		if err != nil {
			return Departure{}, err
		}
		given, err := a.choose(ctx, tx.Tx, things, choices)
		if err != nil {
			return Departure{}, err
		}
		for _, c := range given {
			if err := updateChoice(ctx, tx.Tx, a.d, c); err != nil {
				return Departure{}, err
			}
		}
		e := a.d.event(verbHand)
		e.After = map[string]any{"choices": len(given)}
		tx.Record(e)
		tx.After(a.d.order(time.Time{}))
		a.d.stage = StageWork
		err = update(ctx, tx.Tx, &a.d)
		return a.d, err
	})
}

// offered are the things that can be given late: what waits, and what is hidden or closed.
func (a *after) offered(ctx context.Context, tx *store.Tx) ([]choice, error) {
	things, err := choicesOf(ctx, tx, a.d)
	if err != nil {
		return nil, err
	}
	var list []choice
	for _, c := range things {
		late, err := a.d.late(ctx, tx, &c)
		if err != nil {
			return nil, err
		}
		if late {
			list = append(list, c)
		}
	}
	return list, placed(ctx, tx, a.d.Org, list)
}

// late reports whether a thing can be given still, and counts what there is of it.
func (d *Departure) late(ctx context.Context, tx *store.Tx, c *choice) (bool, error) {
	switch {
	case c.What == Work && (c.state == Waits || c.state == LeftOver):
		n, err := hiddenOf(ctx, tx, *d, c.kindOf())
		if err != nil {
			return false, err
		}
		held, err := workitem.HeldBy(ctx, tx, d.Org, d.Member)
		for _, h := range held {
			if h.Kind == c.kindOf() {
				n, c.late = n+h.Items, h.Late
			}
		}
		c.items = n
		return n > 0, err
	case c.What == Resource:
		return c.state == Waits || c.state == LeftOver, nil
	case c.What == Management:
		return c.state == Waits, nil
	}
	return false, nil
}

// choose puts receivers beside what is offered, by whoever gives it. Errors: ErrNothing, fields.
func (a *after) choose(ctx context.Context, tx *store.Tx, things []choice, wanted []Choice) ([]choice, error) {
	var f fault.Fields
	var given []choice
	j := judging{held: a.held, member: a.former.Member, by: a.by}
	for i, w := range wanted {
		if w.To.IsZero() {
			continue
		}
		at := "reassignments[" + strconv.Itoa(i) + "]"
		n := slices.IndexFunc(things, func(c choice) bool { return c.is(w) })
		if n < 0 || things[n].state == Chosen {
			f.Add(at+".what", ErrNotHeld.Code)
			continue
		}
		if err := j.may(ctx, tx, things[n], w.To); err != nil {
			code, ok := refusalOf(err)
			if !ok {
				return nil, err
			}
			f.Add(at+".to", code)
		}
		things[n].To, things[n].state, things[n].why, things[n].by = w.To, Chosen, "", j.by
		given = append(given, things[n])
	}
	if len(given) == 0 && f.Err() == nil {
		return nil, ErrNothing
	}
	return given, f.Err()
}
