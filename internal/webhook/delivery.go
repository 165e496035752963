package webhook

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/event"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// State says what became of a delivery.
type State string

// The states.
const (
	Waiting   State = "waiting"
	Delivered State = "delivered"
	Failed    State = "failed" // given up: it can be replayed
)

// Delivery is one event for one endpoint.
type Delivery struct {
	Event   event.Event
	State   State
	Attempt int64     // how often it was tried
	DueAt   time.Time // of one that waits: when it is tried next
	FirstAt time.Time // of the first try since it was to be sent, or again; store.Never before
	TriedAt time.Time // of the last; store.Never before the first
	Result  Result    // of the last try
}

// firstTry is when it was first tried, if it is tried now.
func (d Delivery) firstTry(now time.Time) time.Time {
	if d.FirstAt.After(store.Never) {
		return d.FirstAt
	}
	return now
}

// MaxPage bounds one answer of the log.
const MaxPage = 100

// LogQuery asks for a part of the log of an endpoint.
type LogQuery struct {
	ID     ident.Webhook
	State  State // empty: all of them
	Before int64 // a position: the events before it; 0: from the latest on
	N      int
}

// Deliveries gives the log of an endpoint, the latest event first, and how many there are of
// what is asked. Errors: ErrNotFound.
func (w Webhooks) Deliveries(ctx context.Context, by access.Actor, org ident.Org, q LogQuery) (list []Delivery, total int64, err error) {
	list, err = action.View(ctx, w.Run, by, editing(org, verbList, q.ID), func(tx *store.Tx) (list []Delivery, err error) {
		if _, err := find(ctx, tx, org, q.ID); err != nil {
			return nil, err
		}
		if total, err = countDeliveries(ctx, tx, org, q); err != nil {
			return nil, err
		}
		return deliveries(ctx, tx, org, q)
	})
	return list, total, err
}

// ReplayOne sends one event again to an endpoint, under the same identifier. Errors:
// ErrNotFound, ErrNoDelivery, ErrStopped.
func (w Webhooks) ReplayOne(ctx context.Context, by access.Actor, org ident.Org, id ident.Webhook, of ident.OutEvent) error {
	_, err := action.Run(ctx, w.Run, by, editing(org, verbReplay, id), func(tx *action.Tx) (struct{}, error) {
		v, err := running(ctx, tx.Tx, org, id)
		if err != nil {
			return struct{}{}, err
		}
		e, found, err := event.Find(ctx, tx.Tx, org, of)
		if err != nil || !found {
			return struct{}{}, firstError(err, ErrNoDelivery)
		}
		n, err := again(ctx, tx.Tx, org, id, e.Position)
		if err != nil || n == 0 {
			return struct{}{}, firstError(err, ErrNoDelivery)
		}
		tx.Record(recorded(v, verbReplay, nil, map[string]any{"events_sent": 1, "replayed_after": e.Position - 1}))
		return struct{}{}, nil
	})
	w.wake(err)
	return err
}

// Replay sends again everything of the chosen kinds that follows a position of the feed, and
// says how many events that is: the reading of the endpoint goes back, and on from there. Errors: ErrNotFound, ErrStopped, event.ErrGone,
// event.ErrAhead.
func (w Webhooks) Replay(ctx context.Context, by access.Actor, org ident.Org, id ident.Webhook, after int64) (int64, error) {
	n, err := action.Run(ctx, w.Run, by, editing(org, verbReplay, id), func(tx *action.Tx) (int64, error) {
		v, err := running(ctx, tx.Tx, org, id)
		if err != nil {
			return 0, err
		}
		if _, _, err := event.After(ctx, tx.Tx, org, &after, v.Kinds, 1); err != nil {
			return 0, err
		}
		n, err := countAfter(ctx, tx.Tx, v, after)
		if err == nil && n == 0 {
			err = action.Nothing
		}
		if err != nil {
			return 0, err
		}
		tx.Record(recorded(v, verbReplay, nil, map[string]any{"events_sent": n, "replayed_after": after}))
		return n, setReadTo(ctx, tx.Tx, v, min(after, v.ReadTo))
	})
	w.wake(err)
	return n, err
}

// running gives an endpoint that is sent something. Errors: ErrNotFound, ErrStopped.
func running(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Webhook) (Webhook, error) {
	v, err := find(ctx, tx, org, id)
	if err == nil && v.Status != Active {
		err = ErrStopped
	}
	return v, err
}

// wake calls the dispatcher after a commit that gave it work.
func (w Webhooks) wake(err error) {
	if err == nil && w.Run.Told != nil {
		w.Run.Told()
	}
}
