package webhook

import (
	"context"
	"errors"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/event"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Page is a part of the feed. Next is the position to go on from, More whether there is more
// now.
type Page struct {
	Events []event.Event
	Next   int64
	More   bool
}

// FeedQuery asks for a part of the feed.
type FeedQuery struct {
	From  *int64       // the events that follow this position; nil: from the oldest that is kept
	Kinds []event.Kind // none: all of them
	N     int          // at most
}

// Feed gives events of an organisation, the oldest first. What is read of it is what endpoints
// are sent. Errors: event.ErrGone, event.ErrAhead.
func (w Webhooks) Feed(ctx context.Context, by access.Actor, org ident.Org, q FeedQuery) (Page, error) {
	q.N = max(1, min(q.N, event.MaxPage))
	p, waits, err := w.page(ctx, by, org, q)
	if err != nil || !waits {
		return p, err
	}
	soon, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	if err := event.Settle(soon, w.Run.DB, org); err != nil {
		if ctx.Err() == nil && (soon.Err() != nil || fault.Is(err, fault.Unavailable)) {
			return p, nil // the organisation is in the middle of a long act: they come with the next page
		}
		return Page{}, err
	}
	p, _, err = w.page(ctx, by, org, q)
	return p, err
}

// settleTime is how long whoever reads the feed waits for an organisation that is busy.
const settleTime = time.Second

// page reads a part of the feed, and reports whether events wait for their place in it.
func (w Webhooks) page(ctx context.Context, by access.Actor, org ident.Org, q FeedQuery) (p Page, waits bool, err error) {
	p, err = action.View(ctx, w.Run, by, editing(org, verbFeed, ""), func(tx *store.Tx) (p Page, err error) {
		if waits, err = event.Waits(ctx, tx, org); err != nil {
			return p, err
		}
		if p.Events, p.Next, err = event.After(ctx, tx, org, q.From, q.Kinds, q.N); err != nil {
			return p, err
		}
		p.More = len(p.Events) == q.N
		return p, nil
	})
	return p, waits, err
}

// Sweep forgets events that are no longer kept, with their deliveries, and former secrets that
// are good no longer.
func (w Webhooks) Sweep(ctx context.Context) error {
	err := w.Run.DB.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error { return forgetFormer(ctx, tx) })
	return errors.Join(err, event.Sweep(ctx, w.Run.DB, forgetUpTo))
}
