package event

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// After gives the events of an organisation that follow a position, the oldest first, n at
// most; of some kinds only where kinds are given. last is how far was looked: the position
// to go on from. Nothing is the position before all that is kept. Errors: ErrGone, ErrAhead.
func After(ctx context.Context, tx *store.Tx, org ident.Org, after *int64, kinds []Kind, n int) (list []Event, last int64, err error) {
	head, swept, err := Head(ctx, tx, org)
	if err != nil {
		return nil, 0, err
	}
	from := swept
	if after != nil {
		from = *after
	}
	switch {
	case from < swept:
		return nil, 0, ErrGone
	case from > head:
		return nil, 0, ErrAhead
	case from > swept && from < head:
		there, err := isPlace(ctx, tx, org, from)
		if err == nil && !there {
			err = ErrGone
		}
		if err != nil {
			return nil, 0, err
		}
	}
	if list, err = eventsAfter(ctx, tx, org, from, kinds, n); err != nil {
		return nil, 0, err
	}
	if len(list) < n {
		return list, head, nil
	}
	return list, list[len(list)-1].Position, nil
}

// Head says how far the feed of an organisation goes, and up to where it is no longer kept.
func Head(ctx context.Context, tx *store.Tx, org ident.Org) (position, swept int64, err error) {
	h, _, err := store.One(ctx, tx, func(s store.Scan) (head, error) {
		var h head
		return h, s(&h.position, &h.swept)
	}, selectHead, org)
	return h.position, h.swept, err
}

type head struct{ position, swept int64 }

// Unsettled are the organisations in which events wait for their position.
func Unsettled(ctx context.Context, db *store.DB) (orgs []ident.Org, err error) {
	err = db.Read(ctx, func(tx *store.Tx) (err error) {
		orgs, err = waitingOrgs(ctx, tx)
		return err
	})
	return orgs, err
}

// Settle gives their positions to the events that wait in an organisation, under its lock.
func Settle(ctx context.Context, db *store.DB, org ident.Org) error {
	for more := true; more; {
		err := db.Write(ctx, []store.Lock{store.Lock(org)}, func(tx *store.Tx) (err error) {
			more, err = settleSome(ctx, tx, org)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Waits reports whether events of an organisation wait for their position.
func Waits(ctx context.Context, tx *store.Tx, org ident.Org) (bool, error) {
	list, err := waiting(ctx, tx, org, 1)
	return len(list) > 0, err
}

// Sweep forgets the events that are no longer kept, with forget, which forgets what others
// keep of the events of an organisation up to a position.
func Sweep(ctx context.Context, db *store.DB, forget func(context.Context, *store.Tx, ident.Org, int64) error) error {
	var old []oldest
	if err := db.Read(ctx, func(tx *store.Tx) (err error) {
		old, err = older(ctx, tx, tx.Now.Add(-Kept))
		return err
	}); err != nil {
		return err
	}
	for _, o := range old {
		if err := sweepIn(ctx, db, o, forget); err != nil {
			return err
		}
	}
	return nil
}

// sweepIn forgets the events of one organisation, some at a time: those that are there, since
// a restore leaves positions of which none is.
func sweepIn(ctx context.Context, db *store.DB, o oldest, forget func(context.Context, *store.Tx, ident.Org, int64) error) error {
	for upTo := int64(0); upTo < o.last; {
		err := db.Write(ctx, []store.Lock{store.Lock(o.org)}, func(tx *store.Tx) (err error) {
			if upTo, err = sweepBound(ctx, tx, o, sweptAtOnce); err != nil {
				return err
			}
			if err := forget(ctx, tx, o.org, upTo); err != nil {
				return err
			}
			return deleteUpTo(ctx, tx, o.org, upTo)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Restored takes every feed past what anybody may have read of it before the backup was put
// back: the same position never means two things. Whoever read further than the backup goes is
// told so (ErrGone), also where it has no event yet.
func Restored(ctx context.Context, tx *store.Tx) error { return leapAll(ctx, tx, leap) }

// oldest are the events of one organisation that are no longer kept.
type oldest struct {
	org  ident.Org
	last int64
}

// place is a membership of an account.
type place struct {
	org    ident.Org
	member ident.Member
}
