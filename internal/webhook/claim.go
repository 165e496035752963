package webhook

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/store"
)

// claimed are deliveries that this server alone sends, until its lease is over.
type claimed struct {
	to     target
	lease  string
	list   []Delivery
	closed bool // nothing may be sent now
}

// claim takes the deliveries of an endpoint that are due, the oldest event first. An endpoint
// whose owner may no longer have one is stopped instead (rules.md 13).
func (w Webhooks) claim(ctx context.Context, k key, n int) (claimed, error) {
	c := claimed{lease: rand.Text()}
	disowned := false
	err := w.Run.DB.Write(ctx, []store.Lock{lockOf(k.id)}, func(tx *store.Tx) error {
		c.list, c.closed, disowned = nil, false, false
		v, found, err := one(ctx, tx, k.org, k.id)
		if err != nil || !found || v.Status != Active {
			return err
		}
		if err := owned(ctx, tx, v); err != nil {
			disowned, c.closed = errors.Is(err, errDisowned), closed(err)
			if disowned || c.closed {
				return nil
			}
			return err
		}
		if c.to, err = w.target(ctx, tx, k.org, k.id); err != nil {
			return err
		}
		c.list, err = lease(ctx, tx, k, c.lease, tx.Now.Add(leaseTime), n)
		return err
	})
	if err == nil && disowned {
		err = w.halt(ctx, k.org, k.id, ByOwner)
	}
	return c, err
}

// unchanged reports whether what was claimed may go on being sent: nobody stopped the endpoint
// or changed it since, and its owner may still have it.
func (w Webhooks) unchanged(ctx context.Context, c claimed) (is bool, err error) {
	err = w.Run.DB.Read(ctx, func(tx *store.Tx) error {
		v, found, err := one(ctx, tx, c.to.Org, c.to.ID)
		if err != nil || !found || v.Status != Active || v.Version != c.to.Version {
			return err
		}
		err = owned(ctx, tx, v)
		is = err == nil
		if closed(err) || errors.Is(err, errDisowned) {
			return nil // the next claim sees to it
		}
		return err
	})
	return is, err
}

// errDisowned: who answers for the endpoint may no longer have one.
var errDisowned = errors.New("webhook: its owner may not edit endpoints")

// closed reports whether an error says that nothing is sent for now: the organisation is
// suspended, or its administration space is closed, so that nobody there could stop it (ORG-6).
func closed(err error) bool {
	return errors.Is(err, access.ErrSuspended) || errors.Is(err, access.ErrFeatureOff)
}

// owned checks that the owner of an endpoint still holds what it takes to have one, and that
// endpoints are had there now. Errors: errDisowned, and those that closed knows.
func owned(ctx context.Context, tx *store.Tx, v Webhook) error {
	if err := access.Opened(ctx, tx, v.Org); err != nil || v.Owner.IsZero() {
		return err
	}
	held, err := access.HeldByAccount(ctx, tx, v.Owner, v.Org)
	switch {
	case fault.Is(err, fault.NotFound):
		return errDisowned
	case err != nil:
		return err
	case !held.Has(access.WebhooksEdit, access.OrgScope(v.Org)):
		return errDisowned
	}
	return nil
}

// end writes what became of a batch, and reports whether its endpoint has failed for too
// long. A success after failures has what waits sent at once.
func (w Webhooks) end(ctx context.Context, c claimed, results []Result) (lost bool, err error) {
	err = w.Run.DB.Write(context.WithoutCancel(ctx), []store.Lock{lockOf(c.to.ID)}, func(tx *store.Tx) error {
		lost = false
		v, found, err := one(ctx, tx, c.to.Org, c.to.ID)
		if err != nil || !found {
			return err
		}
		good, bad := false, false
		for i, r := range results {
			if err := endOne(ctx, tx, c, c.list[i], r); err != nil {
				return err
			}
			good, bad = good || r.OK(), bad || r.Outcome != "" && !r.OK()
		}
		switch {
		case good && v.FailingSince != nil:
			err := setFailing(ctx, tx, v.Org, v.ID, nil)
			if err != nil || bad {
				return err // what fails by itself is not tried the sooner because the rest is taken
			}
			return hasten(ctx, tx, v.Org, v.ID)
		case good || !bad:
			return nil
		case v.FailingSince == nil:
			return setFailing(ctx, tx, v.Org, v.ID, &tx.Now)
		}
		lost = v.lost(tx.Now)
		return nil
	})
	return lost, err
}

// lost reports whether an endpoint has failed for too long.
func (v Webhook) lost(now time.Time) bool {
	return v.FailingSince != nil && !now.Before(v.FailingSince.Add(GiveUpAfter))
}

// endOne writes what became of one delivery.
func endOne(ctx context.Context, tx *store.Tx, c claimed, d Delivery, r Result) error {
	switch {
	case r.Outcome == "":
		return release(ctx, tx, c, d)
	case r.OK():
		return finish(ctx, tx, c, d, Delivered, tx.Now, r)
	case !tx.Now.Before(d.firstTry(tx.Now).Add(GiveUpAfter)):
		return finish(ctx, tx, c, d, Failed, tx.Now, r)
	}
	pause := Schedule[min(int(d.Attempt), len(Schedule)-1)]
	return finish(ctx, tx, c, d, Waiting, tx.Now.Add(pause+store.Jitter(pause/jitterPart)), r)
}

// jitterPart: up to a fifth more than the schedule says.
const jitterPart = 5
