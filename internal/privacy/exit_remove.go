package privacy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/org"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// Bounds of one transaction of the work.
const (
	removedAtOnce = 100 // rows: one of them may be 256 KiB of a file
	toldAtOnce    = 100 // accounts
)

// atLast are the tables that say that the organisation is leaving, and keep it closed: they go with
// the organisation itself.
var atLast = []string{"org_exit", "org_state", "org_version"}

// Sweep removes the organisations whose day has come, and goes on with those whose removal stopped;
// the timetable calls it. One that fails keeps no other from going on.
func (e Exits) Sweep(ctx context.Context) error {
	var due []ident.Org
	err := e.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		due, err = dueExits(ctx, tx)
		return err
	})
	failed := []error{err}
	for _, in := range due {
		if err := e.carry(ctx, in); err != nil {
			failed = append(failed, fmt.Errorf("exit of %s: %w", in, err))
		}
	}
	return errors.Join(failed...)
}

// carry does all that can be done now of one leaving.
func (e Exits) carry(ctx context.Context, in ident.Org) error {
	for {
		var x Exit
		var found bool
		err := e.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
			x, found, err = findExit(ctx, tx, in)
			return err
		})
		if err != nil || !found {
			return err
		}
		waits := false
		switch x.stage {
		case stageAsked:
			waits, err = e.begin(ctx, in)
		case stageLetters:
			err = e.write(ctx, x)
		case stageRows:
			err = e.removeRows(ctx, in)
		case stageTrail:
			waits, err = e.forgetTrail(ctx, x)
		}
		if err == nil && e.between != nil {
			err = e.between(x.stage)
		}
		if err != nil || waits {
			return err
		}
	}
}

// byItself is an act of the server itself.
func byItself(verb string, in ident.Org) action.Act {
	return action.Act{Verb: verb, Orgs: []ident.Org{in}, Object: in.String(), Needs: []access.Need{access.Everybody()}}
}

// begin closes the organisation: nobody enters it any more, and no decision permits anything there. It
// waits while the organisation is suspended, and drops what was asked by somebody who might not ask it
// today.
func (e Exits) begin(ctx context.Context, in ident.Org) (waits bool, err error) {
	_, err = action.Run(ctx, e.Run, access.Operator("job"), byItself(verbExitBegin, in), func(tx *action.Tx) (struct{}, error) {
		x, found, err := findExit(ctx, tx.Tx, in)
		if err != nil || !found || x.stage != stageAsked || x.ActsAt.After(tx.Now) {
			return struct{}{}, firstError(err, action.Nothing) // taken back, or begun by another node
		}
		o, err := org.Get(ctx, tx.Tx, in)
		if err != nil || o.Status == org.Suspended { // nobody could take it back now: the day waits
			waits = err == nil
			return struct{}{}, firstError(err, action.Nothing)
		}
		switch may, err := x.mayStill(ctx, tx.Tx); {
		case err != nil:
			return struct{}{}, err
		case !may:
			return struct{}{}, x.drop(ctx, tx)
		}
		if _, err := org.Shut(ctx, tx.Tx, in); err != nil {
			return struct{}{}, err
		}
		tx.Record(audit.Event{
			Org: in, Verb: verbExitBegin, Object: in.String(), After: map[string]any{"asked_at": x.AskedAt.Format(time.RFC3339)},
		})
		return struct{}{}, setStage(ctx, tx.Tx, in, stageLetters)
	})
	return waits, err
}

// mayStill reports whether whoever asked still decides of the whole organisation.
func (x Exit) mayStill(ctx context.Context, tx *store.Tx) (bool, error) {
	held, err := access.HeldByAccount(ctx, tx, x.account, x.Org)
	if err != nil && fault.Of(err).Kind != fault.Internal {
		return false, nil // a member no more, or not in force
	}
	return err == nil && holds(held, x.Org, leavers), err
}

// drop takes back what was asked by somebody who might not ask it today: whoever may asks again.
func (x Exit) drop(ctx context.Context, tx *action.Tx) error {
	tx.Record(audit.Event{
		Org: x.Org, Verb: verbExitDrop, Object: x.Org.String(), After: map[string]any{"asked_at": x.AskedAt.Format(time.RFC3339)},
	})
	tx.After(job.Order{Args: ExitDroppedLetter{Org: x.Org, By: x.AskedBy}})
	return deleteExit(ctx, tx.Tx, x.Org)
}

// write orders the letters to those who have no other organisation, some at a time. They name the
// organisation, which is gone when they leave: its name is sealed with the job, and wiped with it.
func (e Exits) write(ctx context.Context, x Exit) error {
	return e.Run.DB.Write(ctx, []store.Lock{store.Lock(x.Org)}, func(tx *store.Tx) error {
		now, found, err := findExit(ctx, tx, x.Org)
		if err != nil || !found || now.stage != stageLetters {
			return err
		}
		o, err := org.Get(ctx, tx, x.Org)
		if err != nil {
			return err
		}
		list, err := accountsAfter(ctx, tx, x.Org, now.told, toldAtOnce)
		if err != nil {
			return err
		}
		var orders []job.Order
		for _, a := range list {
			if !a.elsewhere {
				orders = append(orders, job.Order{Priority: job.Bulk, Args: ExitDoneLetter{Account: a.id}, Secret: secret.NewText(o.Name)})
			}
		}
		if err := job.Add(ctx, tx, e.Run.Ring, orders); err != nil {
			return err
		}
		if len(list) < toldAtOnce {
			return setStage(ctx, tx, x.Org, stageRows)
		}
		return setTold(ctx, tx, x.Org, list[len(list)-1].id)
	})
}

// removeRows removes every row of the organisation, table after table, in the order in which
// nothing points to what goes.
func (e Exits) removeRows(ctx context.Context, in ident.Org) error {
	var list []store.OwnedTable
	err := e.Run.DB.ReadLong(ctx, func(tx *store.Tx) (err error) {
		list, err = store.OwnedTables(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	parts := []func(context.Context, *store.Tx) (int64, error){
		func(ctx context.Context, tx *store.Tx) (int64, error) {
			return job.ForgetOf(ctx, tx, in.String(), removedAtOnce)
		},
		func(ctx context.Context, tx *store.Tx) (int64, error) {
			return credential.ForgetNetwork(ctx, tx, in, removedAtOnce)
		},
	}
	for _, t := range slices.Backward(list) {
		if !slices.Contains(atLast, t.Name) {
			parts = append(parts, func(ctx context.Context, tx *store.Tx) (int64, error) {
				return t.DeleteSome(ctx, tx, in.String(), removedAtOnce)
			})
		}
	}
	for _, part := range parts {
		for n := int64(removedAtOnce); n == removedAtOnce; {
			if n, err = e.removePart(ctx, in, part); err != nil {
				return err
			}
		}
	}
	return e.Run.DB.Write(ctx, []store.Lock{store.Lock(in)}, func(tx *store.Tx) error { return setStage(ctx, tx, in, stageTrail) })
}

// removePart removes some rows, and counts them with it.
func (e Exits) removePart(ctx context.Context, in ident.Org, part func(context.Context, *store.Tx) (int64, error)) (n int64, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	err = e.Run.DB.Write(ctx, []store.Lock{store.Lock(in), store.Installation}, func(tx *store.Tx) (err error) {
		if n, err = part(ctx, tx); err != nil || n == 0 {
			return err
		}
		return addToExit(ctx, tx, in, n)
	})
	if err == nil && e.between != nil && n > 0 {
		err = e.between(stageRows + " some")
	}
	return n, err
}

// forgetTrail removes the details of the organisation's trail, and of what the installation's says
// of it, behind the signed heads; then the organisation itself. What is not signed yet waits: a
// head is signed within the hour.
func (e Exits) forgetTrail(ctx context.Context, x Exit) (waits bool, err error) {
	if e.Signed == nil {
		return true, nil
	}
	signed, err := e.Signed(ctx)
	if err != nil {
		return true, err
	}
	for chain, forget := range map[string]func(context.Context, *store.Tx, audit.Head) (int64, error){
		x.Org.String(): audit.ForgetChain,
		audit.Installation: func(ctx context.Context, tx *store.Tx, h audit.Head) (int64, error) {
			return audit.ForgetAbout(ctx, tx, h, x.Org.String())
		},
	} {
		for n := int64(audit.ForgetAtOnce); n == audit.ForgetAtOnce; {
			if n, err = e.forgetSome(ctx, x.Org, signed[chain], forget); err != nil {
				return true, err
			}
		}
	}
	return e.finish(ctx, x.Org)
}

func (e Exits) forgetSome(ctx context.Context, in ident.Org, signed audit.Head,
	forget func(context.Context, *store.Tx, audit.Head) (int64, error),
) (n int64, err error) {
	if signed.Seq == 0 {
		return 0, nil
	}
	err = e.Run.DB.Write(ctx, []store.Lock{store.Lock(in), store.Installation}, func(tx *store.Tx) error {
		if stands, err := audit.Stands(ctx, tx, signed); err != nil {
			return err
		} else if !stands {
			return fmt.Errorf("%w (%s #%d)", ErrForeignHead, signed.Chain, signed.Seq)
		}
		if n, err = forget(ctx, tx, signed); err != nil || n == 0 {
			return err
		}
		return addToExit(ctx, tx, in, n)
	})
	return n, err
}

// finish removes the organisation, once nothing else of it is left. Its trail ends with that, in
// words that name nobody.
func (e Exits) finish(ctx context.Context, in ident.Org) (waits bool, err error) {
	act := byItself(verbExitFinish, in)
	act.Accounts = true
	_, err = action.Run(ctx, e.Run, access.Operator("job"), act, func(tx *action.Tx) (struct{}, error) {
		x, found, err := findExit(ctx, tx.Tx, in)
		if err != nil || !found {
			return struct{}{}, firstError(err, action.Nothing)
		}
		if waits, err = detailsLeft(ctx, tx.Tx, in); err != nil || waits {
			return struct{}{}, firstError(err, action.Nothing)
		}
		n, err := removeRest(ctx, tx.Tx, in)
		if err != nil {
			return struct{}{}, err
		}
		x.removed += n
		if err := audit.ForgetMarks(ctx, tx.Tx, in.String()); err != nil {
			return struct{}{}, err
		}
		if err := dropRemoved(ctx, tx.Tx, in.String()); err != nil {
			return struct{}{}, err
		}
		after := map[string]any{"count": x.removed}
		tx.Record(audit.Event{Org: in, Verb: verbExitFinish, Object: in.String(), After: after})
		tx.Record(audit.Event{Verb: verbExitFinish, Object: in.String(), After: after})
		return struct{}{}, org.Remove(ctx, tx.Tx, in)
	})
	return waits, err
}

// removeRest deletes what was written since the parts were done, and the last tables; it says how many
// rows.
func removeRest(ctx context.Context, tx *store.Tx, in ident.Org) (removed int64, err error) {
	list, err := store.OwnedTables(ctx, tx)
	if err != nil {
		return 0, err
	}
	for _, t := range slices.Backward(list) {
		for n := int64(removedAtOnce); n == removedAtOnce; removed += n {
			if n, err = t.DeleteSome(ctx, tx, in.String(), removedAtOnce); err != nil {
				return removed, err
			}
		}
	}
	return removed, nil
}

// detailsLeft reports whether the trail still says something of the organisation that was not signed
// when its details went.
func detailsLeft(ctx context.Context, tx *store.Tx, in ident.Org) (bool, error) {
	left, err := audit.HasDetails(ctx, tx, in.String())
	if err != nil || left {
		return left, err
	}
	return audit.HasDetailsAbout(ctx, tx, audit.Installation, in.String())
}
