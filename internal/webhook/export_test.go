package webhook

import (
	"context"

	"habilis/internal/ident"
)

// Hold claims what an endpoint is to be sent, as a node does that dies before it sends.
func (w Webhooks) Hold(ctx context.Context, org ident.Org, id ident.Webhook) (int, error) {
	d := Dispatcher{Webhooks: w}
	d.init()
	if _, err := d.expand(ctx); err != nil {
		return 0, err
	}
	c, err := w.claim(ctx, key{org: org, id: id}, batchSize)
	return len(c.list), err
}

// ReadAtOnce is how far one transaction reads in the feed.
const ReadAtOnce = readAtOnce

// MaxWaiting is how many deliveries wait for an endpoint before its reading of the feed does.
const MaxWaiting = maxWaiting

// Expand has every endpoint read on once, and says how many have more to read.
func (d *Dispatcher) Expand(ctx context.Context) (int, error) {
	d.init()
	return d.expand(ctx)
}

// Halt stops an endpoint by a rule.
func (w Webhooks) Halt(ctx context.Context, org ident.Org, id ident.Webhook, why Why) error {
	return w.halt(ctx, org, id, why)
}

// Batch sends one batch of what an endpoint is to be sent, in a lane of its own.
func (d *Dispatcher) Batch(ctx context.Context, org ident.Org, id ident.Webhook) error {
	_, _, err := d.batch(ctx, key{org: org, id: id}, d.Webhooks.Run.DB.Now().Add(laneTime), false)
	return err
}
