package departure

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
)

// What package review needs of departures.

// ErrHolding is the refusal of a departure that names no receiver, of somebody who holds something:
// nobody is removed in silence. Its page says what, and who may take it over.
var ErrHolding = fault.New(fault.Conflict, "departure.holding")

// StartIn ends a membership now, in the caller's act, which has asked for a fresh proof and for
// the decision, by the right of whoever acts there: of somebody who holds nothing that another
// could take over. A plan of theirs is brought forward. Errors: ErrHolding with how much, those of
// Start but for fields.
func StartIn(ctx context.Context, tx *action.Tx, org ident.Org, of ident.Member) (Departure, error) {
	m, err := member.Over(ctx, tx.Tx, tx.By, org, of, access.MembersDelete)
	if err != nil {
		return Departure{}, err
	}
	held, err := access.HeldBy(ctx, tx.Tx, tx.By, org)
	if err != nil {
		return Departure{}, err
	}
	s := starting{judging: judging{held: held, member: m, by: authorityOf(tx.By, org)}, order: Order{FullName: m.Name()}}
	if was, planned, err := inForce(ctx, tx.Tx, org, of); err != nil {
		return Departure{}, err
	} else if planned {
		s.order.Version = was.Version
	}
	if n, err := HoldingsOf(ctx, tx.Tx, m); err != nil || n > 0 {
		return Departure{}, firstError(err, ErrHolding.With("Count", n))
	}
	if err := s.read(ctx, tx); err != nil {
		return Departure{}, err
	}
	return s.now(ctx, tx)
}

// HoldingsOf counts the things that a member holds, and that another may take over.
func HoldingsOf(ctx context.Context, tx *store.Tx, m member.Member) (int, error) {
	things, err := held(ctx, tx, m)
	return len(things), err
}
