package departure

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/member"
	"habilis/internal/preference"
	"habilis/internal/workitem"
)

// erase deletes for good what was hidden, and the personal details of the membership, once the
// departure can no longer be undone (OFF-6). What waits for a receiver until then has the fate of
// what nobody takes over, first.
func (d Departures) erase(ctx context.Context, v Departure) error {
	_, err := action.Run(ctx, d.Run, access.Operator("job"), byItself(v.Org, verbErase, v.ID), func(tx *action.Tx) (struct{}, error) {
		v, found, err := get(ctx, tx.Tx, v.Org, v.ID)
		if err != nil || !found || v.State != Done || v.UndoTill.After(tx.Now) || v.underWay() {
			return struct{}{}, firstError(err, action.Nothing)
		}
		if v.Waiting > 0 {
			return struct{}{}, v.giveUp(ctx, tx)
		}
		hidden, more, err := v.eraseSome(ctx, tx)
		if err != nil || more {
			return struct{}{}, err
		}
		if !v.concluded { // package privacy finds all else by what they were, and erases that last
			if err := member.Forget(ctx, tx.Tx, v.Org, v.Member); err != nil {
				return struct{}{}, err
			}
		}
		if err := preference.Erase(ctx, tx.Tx, v.Org, v.Member); err != nil {
			return struct{}{}, err
		}
		e := v.event(verbErase)
		e.After = map[string]any{"count": hidden}
		tx.Record(e)
		v.State = Erased
		return struct{}{}, update(ctx, tx.Tx, &v)
	})
	return err
}

// eraseSome deletes a block of what was hidden, and of the list of what was given. While more is left it
// is a recorded step, and the next transaction goes on; then it says how many were deleted in all.
func (d *Departure) eraseSome(ctx context.Context, tx *action.Tx) (hidden int64, more bool, err error) {
	n, err := workitem.ForgetSome(ctx, tx.Tx, d.Org, d.Member, atOnce)
	if err != nil {
		return 0, false, err
	}
	given, err := takenOf(ctx, tx.Tx, *d, atOnce)
	if err == nil && len(given) > 0 {
		err = removeTaken(ctx, tx.Tx, *d, given[len(given)-1].No)
	}
	if err != nil {
		return 0, false, err
	}
	if n < atOnce && len(given) < atOnce {
		before, err := itemsOfStage(ctx, tx.Tx, *d, StageErase)
		return before + n, false, err
	}
	s := step{stage: StageErase, what: Work, items: n}
	w := working{d: d}
	w.tell(tx, s)
	return n, true, insertStep(ctx, tx.Tx, *d, s)
}

// giveUp leaves what still waits to its fate: the work goes on with it.
func (d *Departure) giveUp(ctx context.Context, tx *action.Tx) error {
	things, err := choicesOf(ctx, tx.Tx, *d)
	if err != nil {
		return err
	}
	for _, c := range things {
		if c.state != Waits {
			continue
		}
		c.state, c.To = NotChosen, ""
		if err := updateChoice(ctx, tx.Tx, *d, c); err != nil {
			return err
		}
	}
	d.stage = StageRemains
	e := d.event(verbStep)
	e.After = map[string]any{"stage": string(StageRemains), "waiting": d.Waiting}
	tx.Record(e)
	return update(ctx, tx.Tx, d)
}
