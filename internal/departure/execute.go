package departure

import (
	"context"
	"errors"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/store"
)

// execute carries a plan out once its day is over, by the authority of whoever made it, as it is
// now (rules.md 13). What refuses it makes it wait for somebody to confirm it. While the organisation
// is suspended, or the member is still coming back from another departure, it waits for the next
// round, and asks nobody.
func (d Departures) execute(ctx context.Context, v Departure) (waits bool, err error) {
	_, err = action.Run(ctx, d.Run, access.Operator("job"), byItself(v.Org, verbStart, v.ID), func(tx *action.Tx) (struct{}, error) {
		v, found, err := get(ctx, tx.Tx, v.Org, v.ID)
		if err != nil || !found || !v.due(tx.Now) {
			return struct{}{}, firstError(err, action.Nothing) // another node did it meanwhile, or the plan is another
		}
		err = v.carriedOut(ctx, tx, verbRemove)
		if waits = errors.Is(err, access.ErrSuspended) || errors.Is(err, ErrReturning); waits {
			err = action.Nothing
		}
		return struct{}{}, err
	})
	if err == nil {
		return waits, nil
	}
	code, refused := refusalOf(err)
	if !refused {
		return false, err
	}
	return false, d.hold(ctx, v, code)
}

// carriedOut ends the membership as it was planned. Errors: ErrDecider, member.ErrLastAdministrator,
// member.ErrNotFound.
func (d *Departure) carriedOut(ctx context.Context, tx *action.Tx, verb string) error {
	m, err := member.Find(ctx, tx.Tx, d.Org, d.Member)
	if err != nil {
		return err
	}
	things, err := d.asPlanned(ctx, tx, m, verb == verbRemove)
	if err != nil {
		return err
	}
	d.State, d.Refused, d.Name = Done, "", m.Name()
	if verb == verbRemove {
		if err := d.tellDone(ctx, tx, m); err != nil {
			return err
		}
	}
	return d.end(ctx, tx, m, true, things, verb)
}

// asPlanned is what the member holds now, with the receivers that were chosen and that whoever
// chose them may still choose; the others wait. strict: they must still be who may decide it.
func (d *Departure) asPlanned(ctx context.Context, tx *action.Tx, m member.Member, strict bool) ([]choice, error) {
	_, decides, err := authority(ctx, tx.Tx, m, d.decidedBy)
	if err != nil {
		return nil, err
	}
	if strict && !decides {
		return nil, ErrDecider
	}
	things, err := held(ctx, tx.Tx, m)
	if err != nil {
		return nil, err
	}
	chosen, err := choicesOf(ctx, tx.Tx, *d)
	if err != nil {
		return nil, err
	}
	for i := range things {
		n := slices.IndexFunc(chosen, func(c choice) bool { return c.is(things[i].Choice) })
		if n < 0 {
			continue
		}
		by, stands, err := authority(ctx, tx.Tx, m, chosen[n].by)
		if err != nil {
			return nil, err
		}
		things[i].by = chosen[n].by
		if err := (judging{held: by, member: m}).keep(ctx, tx.Tx, &things[i], chosen[n].To, stands); err != nil {
			return nil, err
		}
	}
	return things, nil
}

// keep puts a receiver that was chosen before beside a thing, if they may still be.
func (j judging) keep(ctx context.Context, tx *store.Tx, c *choice, to ident.Member, stands bool) error {
	c.To, c.state = to, Chosen
	err := error(ErrDecider)
	if stands {
		err = j.may(ctx, tx, *c, to)
	}
	if err == nil {
		return nil
	}
	code, refused := refusalOf(err)
	if !refused {
		return err
	}
	switch c.What {
	case Administration, Webhook: // an endpoint is stopped; that somebody administers is judged by ORG-4
		c.To, c.state = "", NotChosen
	case Work, Resource, Management:
		c.state, c.why = Waits, code
	}
	return nil
}

// hold makes a plan wait for somebody to confirm it: nobody loses their access in silence, and
// nothing is forgotten. A plan of somebody who is a member no more is over.
func (d Departures) hold(ctx context.Context, v Departure, code string) error {
	_, err := action.Run(ctx, d.Run, access.Operator("job"), byItself(v.Org, verbHold, v.ID), func(tx *action.Tx) (struct{}, error) {
		v, found, err := get(ctx, tx.Tx, v.Org, v.ID)
		if err != nil || !found || v.State != Planned || v.Refused != "" {
			return struct{}{}, firstError(err, action.Nothing)
		}
		e := v.event(verbHold)
		if code == member.ErrNotFound.Code {
			v.State = Cancelled
			e.Verb = verbCancel
		} else {
			v.Refused = code
			e.After = map[string]any{"refused_because": code}
			tx.After(job.Order{Args: HeldLetter{Org: v.Org, Member: v.Member, Name: v.Name, Day: v.Day, Code: code}, Priority: job.Normal})
		}
		tx.Record(e)
		return struct{}{}, update(ctx, tx.Tx, &v)
	})
	return err
}
