package departure

import (
	"context"
	"slices"

	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// ErrUnfinished is the refusal of an erasure while things change hands.
var ErrUnfinished = fault.New(fault.Conflict, "privacy.departure_open")

// Conclude gives up the way back of a departure, knowingly and for good: its person is to be erased
// (AUD-4). What still waits has its fate, and what is hidden is deleted, as after UndoFor. Without a
// departure there is nothing to conclude. Errors: ErrUnfinished while the work that follows goes on.
func Conclude(ctx context.Context, tx *action.Tx, org ident.Org, of ident.Member) error {
	d, found, err := inForce(ctx, tx.Tx, org, of)
	switch {
	case err != nil || !found:
		return err
	case d.State != Done || d.underWay():
		return ErrUnfinished
	}
	return conclude(ctx, tx.Tx, d)
}

// Settled says what stands between somebody who left and their erasure: an error while their
// departure goes on; else until when it could be undone. Errors: ErrUnfinished.
func Settled(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) (Departure, bool, error) {
	d, found, err := inForce(ctx, tx, org, of)
	if err == nil && found && (d.State != Done || d.underWay()) {
		err = ErrUnfinished
	}
	return d, found, err
}

// Finish does all that is left of a departure that was concluded. It may stop anywhere, and be
// called again.
func (d Departures) Finish(ctx context.Context, org ident.Org, of ident.Member) error {
	var v Departure
	var found bool
	err := d.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		v, found, err = inForce(ctx, tx, org, of)
		return err
	})
	if err != nil || !found {
		return err
	}
	return d.carry(ctx, key{org, v.ID})
}

// SamePerson lists the other memberships that took the place of one, or gave theirs to it (package
// merge): they are of one person, whatever numbers they bear.
func SamePerson(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) ([]ident.Member, error) {
	all := []ident.Member{of}
	for i := 0; i < len(all); i++ { // it grows
		some, err := replacedWith(ctx, tx, org, all[i])
		if err != nil {
			return nil, err
		}
		for _, id := range some {
			if !slices.Contains(all, id) {
				all = append(all, id)
			}
		}
	}
	return all[1:], nil
}
