package grant

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/changeset"
	"habilis/internal/fault"
	"habilis/internal/ident"
)

// Edit changes when a delegation holds; rev is the version that was read. Errors:
// ErrNoDelegation, ErrDelegationStale, ErrDelegationOver, ErrNotHolder for drafting that
// its holder gave, fields to correct.
func (x Delegations) Edit(ctx context.Context, by access.Actor, in ident.Org, id ident.Delegation, rev int64, to Dates,
) (Delegation, error) {
	return x.perform(ctx, by, delegationDeed{
		verb: verbDelegationEdit, in: in, id: id, rev: rev, stepUp: true, rights: delegationViewer.mayEdit,
		do: func(ctx context.Context, tx *action.Tx, _ delegationViewer, d Delegation) error {
			next := d
			if err := next.redate(tx, to); err != nil {
				return err
			}
			if next.From.Equal(d.From) && sameMoment(next.Until, d.Until) {
				return action.Nothing
			}
			next.giver = giverOf(by)
			if err := replace(ctx, tx, d, next); err != nil {
				return err
			}
			if err := keepDelegation(ctx, tx, &d, &next, delegationEvent(d, verbDelegationEdit, d.facts(), next.facts())); err != nil {
				return err
			}
			if !next.offered {
				announce(tx, []Delegation{next}, !next.From.Equal(d.From), !sameMoment(next.Until, d.Until))
			}
			return nil
		},
	})
}

// redate gives d other dates. What has begun cannot begin at another time.
func (d *Delegation) redate(tx *action.Tx, to Dates) error {
	var f fault.Fields
	begun := !d.offered && !d.From.After(tx.Now)
	switch {
	case to.From == nil, to.From.Equal(d.From):
		settleDates(&f, nil, &to.Until, tx.Now)
		if to.Until != nil && !f.Has("until") && !to.Until.After(d.From) {
			f.Add("until", "delegation.until_before")
		}
	case begun:
		f.Add("from", "delegation.begun")
	default:
		d.From = settleDates(&f, to.From, &to.Until, tx.Now)
	}
	d.Until = to.Until
	return f.Err()
}

// Confirm makes a proposal a delegation: the holder alone may (AUZ-10). rev is the
// version that they read, so that nobody confirms dates they did not see; 0: whatever it
// is. Errors: ErrNoDelegation, ErrDelegationStale, ErrNotHolder, ErrNotProposed,
// ErrDelegationOver, ErrNoIdentity.
func (x Delegations) Confirm(ctx context.Context, by access.Actor, in ident.Org, id ident.Delegation, rev int64) (Delegation, error) {
	return x.perform(ctx, by, delegationDeed{
		verb: verbDelegationConfirm, in: in, id: id, rev: rev, stepUp: true, rights: delegationViewer.mayAnswer,
		do: func(ctx context.Context, tx *action.Tx, _ delegationViewer, d Delegation) error {
			switch {
			case !d.offered:
				return ErrNotProposed
			case d.Identity.Closed:
				return ErrNoIdentity.With("Name", d.Identity.Name)
			}
			next := d
			next.offered, next.giver = false, giverOf(by)
			if next.From.Before(tx.Now) {
				next.From = tx.Now // what was proposed before begins when it is confirmed (RGT-6)
			}
			if err := replace(ctx, tx, d, next); err != nil {
				return err
			}
			if err := keepDelegation(ctx, tx, &d, &next, delegationEvent(d, verbDelegationConfirm, nil, next.facts())); err != nil {
				return err
			}
			announce(tx, []Delegation{next}, true, true)
			return nil
		},
	})
}

// Refuse ends a proposal: the holder alone may. Errors: ErrNoDelegation, ErrNotHolder,
// ErrNotProposed, ErrDelegationOver.
func (x Delegations) Refuse(ctx context.Context, by access.Actor, in ident.Org, id ident.Delegation) error {
	_, err := x.perform(ctx, by, delegationDeed{
		verb: verbDelegationRefuse, in: in, id: id, rights: delegationViewer.mayAnswer,
		do: func(ctx context.Context, tx *action.Tx, _ delegationViewer, d Delegation) error {
			if !d.offered {
				return ErrNotProposed
			}
			if err := gone(closeDelegation(ctx, tx.Tx, d)); err != nil {
				return err
			}
			return keepDelegation(ctx, tx, &d, nil, delegationEvent(d, verbDelegationRefuse, d.facts(), nil))
		},
	})
	return err
}

// End ends a delegation, or takes a proposal back, at once: who administers it, the
// holder in whose name it is, or the delegate. Errors: ErrNoDelegation,
// ErrDelegationOver, access.ErrForbidden.
func (x Delegations) End(ctx context.Context, by access.Actor, in ident.Org, id ident.Delegation) error {
	return x.end(ctx, by, in, id, delegationViewer.mayEnd)
}

// EndMine is End for what is done in the actor's own name, or by them in another's.
func (x Delegations) EndMine(ctx context.Context, by access.Actor, in ident.Org, id ident.Delegation) error {
	return x.end(ctx, by, in, id, func(v delegationViewer, d Delegation) error {
		if v.holds(d.Identity) || v.receives(d) {
			return nil
		}
		return ErrNotHolder
	})
}

func (x Delegations) end(ctx context.Context, by access.Actor, in ident.Org, id ident.Delegation,
	rights func(delegationViewer, Delegation) error,
) error {
	_, err := x.perform(ctx, by, delegationDeed{
		verb: verbDelegationEnd, in: in, id: id, rights: rights,
		do: func(ctx context.Context, tx *action.Tx, v delegationViewer, d Delegation) error {
			if d.State == InForce && !v.receives(d) {
				tellEnd(tx, []Delegation{d}, tx.Now)
			}
			if err := gone(closeDelegation(ctx, tx.Tx, d)); err != nil {
				return err
			}
			return keepDelegation(ctx, tx, &d, nil, delegationEvent(d, verbDelegationEnd, d.facts(), nil))
		},
	})
	return err
}

// keepDelegation is keepDelegations of one; after is nil when it is ended.
func keepDelegation(ctx context.Context, tx *action.Tx, before, after *Delegation, e audit.Event) error {
	return keepDelegations(ctx, tx, []changeset.Line{delegationLine(before, after)}, []audit.Event{e})
}

// replace closes the row of old and writes next as its next revision.
func replace(ctx context.Context, tx *action.Tx, old, next Delegation) error {
	if err := gone(closeDelegation(ctx, tx.Tx, old)); err != nil {
		return err
	}
	next.Rev = old.Rev + 1
	return insertDelegation(ctx, tx.Tx, next, next.kept())
}

// gone is the error of a row that is no longer the known one.
func gone(ok bool, err error) error {
	if err == nil && !ok {
		return ErrDelegationOver
	}
	return err
}
