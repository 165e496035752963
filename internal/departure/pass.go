package departure

import (
	"context"
	"time"

	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/workitem"
)

// What package merge needs of departures: a membership whose place another one of the same person
// takes is gone like any other, is hidden for as long, and is erased after that. Each of these works
// in the act of its caller, which has checked the right, records it, and runs inside member.Keeping.

// MayPass refuses to have another membership take the place of one that is to leave, or that has not
// all that is its own yet. Errors: ErrPlanned, ErrReturning.
func MayPass(ctx context.Context, tx *store.Tx, m member.Member) error {
	_, planned, err := inForce(ctx, tx, m.Org, m.ID)
	if err == nil && planned {
		err = ErrPlanned
	}
	if err != nil {
		return err
	}
	return settled(ctx, tx, m)
}

// ErrPlanned is the refusal of what cannot be done while a departure is planned.
var ErrPlanned = fault.New(fault.Conflict, "departure.is_planned")

// Pass ends a membership whose place another takes; set is the change set of the rights that passed.
// The work that follows gives the other one the work items.
func Pass(ctx context.Context, tx *action.Tx, m member.Member, into ident.Member, set ident.ChangeSet) (Departure, error) {
	v := Departure{
		Org: m.Org, ID: ident.NewDeparture(), Member: m.ID, Name: m.Name(), Kind: Decided, State: Done, EndsAt: tx.Now, Into: into,
		By: tx.By.Name, At: tx.Now, decidedBy: authorityOf(tx.By, m.Org), stage: StagePass, changeSet: set,
	}
	if err := v.keep(ctx, tx, false, nil); err != nil {
		return v, err
	}
	tx.After(v.order(time.Time{}))
	return v, insertStep(ctx, tx.Tx, v, step{stage: StageAccess, to: into})
}

// PassedOf reads the departure of a membership whose place another took; false: none did, or it is
// undone, or erased.
func PassedOf(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) (Departure, bool, error) {
	d, found, err := inForce(ctx, tx, org, of)
	return d, found && d.State == Done && !d.Into.IsZero(), err
}

// PassedInto reads the departure of the membership, the last one, whose place a member took; one that
// was undone is none.
func PassedInto(ctx context.Context, tx *store.Tx, org ident.Org, into ident.Member) (Departure, bool, error) {
	return passedInto(ctx, tx, org, into)
}

// Unpass takes a departure made by Pass back: what had not passed yet stays where it is. Errors:
// ErrTooLate.
func Unpass(ctx context.Context, tx *action.Tx, d Departure) (Departure, error) {
	if !d.UndoTill.After(tx.Now) {
		return d, ErrTooLate
	}
	d.State, d.stage, d.UndoneBy, d.UndoneAt = Undone, StageRestored, tx.By.Name, tx.Now
	if err := insertStep(ctx, tx.Tx, d, step{stage: StageRestored, to: d.Into}); err != nil {
		return d, err
	}
	err := update(ctx, tx.Tx, &d)
	return d, err
}

// pass gives the next work items to the membership that took the place; when none are left, the work
// is done.
func (w *working) pass(ctx context.Context, tx *action.Tx) error {
	taken, left, err := workitem.Pass(ctx, tx, w.d.Org, w.d.Member, w.d.Into, atOnce)
	if err != nil {
		return err
	}
	if len(taken) == 0 {
		return w.finish(ctx, tx)
	}
	s := step{stage: StagePass, what: Work, to: w.d.Into, items: int64(len(taken)), left: left}
	w.tell(tx, s)
	return insertStep(ctx, tx.Tx, *w.d, s)
}
