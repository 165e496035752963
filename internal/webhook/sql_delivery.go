package webhook

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// enqueue has an endpoint sent the events of its kinds between two positions, also those that
// it was sent before.
func enqueue(ctx context.Context, tx *store.Tx, v Webhook, after, upTo int64) error {
	args := store.Args{}
	for _, a := range []any{v.Org, v.ID, after, upTo, tx.Now, store.Never} {
		args.Add(a)
	}
	_, err := tx.Exec(ctx, `
		insert into webhook_delivery (org_id, webhook_id, position, state, attempt, due_at, lease, lease_until, first_at, tried_at, outcome,
			status, took_ms, said)
		select org_id, cast($2 as text), position, 'waiting', 0, $5, '', $6, $6, $6, '', 0, 0, '' from event
		where org_id = $1 and position > $3 and position <= $4 and kind in `+store.In(&args, v.Kinds)+`
		on conflict (org_id, webhook_id, position) do update
			set state = 'waiting', attempt = 0, due_at = excluded.due_at, first_at = excluded.first_at`, args.List()...)
	return err
}

// countAfter counts the events of an endpoint's kinds that follow a position.
func countAfter(ctx context.Context, tx *store.Tx, v Webhook, after int64) (n int64, err error) {
	args := store.Args{}
	args.Add(v.Org)
	args.Add(after)
	err = tx.QueryRow(ctx, `select count(*) from event where org_id = $1 and position > $2 and kind in `+store.In(&args, v.Kinds),
		args.List()...).Scan(&n)
	return n, err
}

// again has one event sent again.
func again(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Webhook, position int64) (int64, error) {
	return tx.Exec(ctx, `
		update webhook_delivery set state = 'waiting', attempt = 0, due_at = $4, first_at = $5
		where org_id = $1 and webhook_id = $2 and position = $3`, org, id, position, tx.Now, store.Never)
}

// dueEndpoints are those that have something to be sent now, those that are well first.
func dueEndpoints(ctx context.Context, tx *store.Tx) ([]key, error) {
	return store.All(ctx, tx, func(s store.Scan) (key, error) {
		var k key
		return k, s(&k.org, &k.id, &k.failing)
	}, `
		select w.org_id, w.id, w.failing_since is not null as failing from webhook w
		where w.status = 'active' and exists (
			select 1 from webhook_delivery d
			where d.org_id = w.org_id and d.webhook_id = w.id and d.state = 'waiting' and d.due_at <= $1 and d.lease_until <= $1)
		order by failing, w.org_id, w.id`, tx.Now)
}

// lease claims what is due to one endpoint, the oldest event first. Each statement names its
// rows: PostgreSQL knows nothing of a table that has just filled, and would compare them all.
func lease(ctx context.Context, tx *store.Tx, k key, name string, until time.Time, n int) ([]Delivery, error) {
	due, err := store.All(ctx, tx, store.Value[int64], `
		select position from webhook_delivery
		where org_id = $1 and webhook_id = $2 and state = 'waiting' and due_at <= $3 and lease_until <= $3
		order by position limit $4`, k.org, k.id, tx.Now, n)
	if err != nil || len(due) == 0 {
		return nil, err
	}
	args := store.Args{}
	for _, a := range []any{k.org, k.id, name, until} {
		args.Add(a)
	}
	if _, err := tx.Exec(ctx, `
		update webhook_delivery set lease = $3, lease_until = $4 where org_id = $1 and webhook_id = $2 and position in `+store.In(&args, due),
		args.List()...); err != nil {
		return nil, err
	}
	args = store.Args{}
	args.Add(k.org)
	args.Add(k.id)
	return store.All(ctx, tx, scanDelivery, `
		select e.org_id, e.position, e.id, e.kind, e.subject, e.object, e.site, e.at, d.state, d.attempt, d.due_at, d.first_at, d.tried_at,
			d.outcome, d.status, d.took_ms, d.said
		from webhook_delivery d join event e on e.org_id = d.org_id and e.position = d.position
		where d.org_id = $1 and d.webhook_id = $2 and d.position in `+store.In(&args, due)+` order by d.position`, args.List()...)
}

func scanDelivery(s store.Scan) (Delivery, error) {
	var d Delivery
	var site string
	var took int64
	err := s(&d.Event.Org, &d.Event.Position, &d.Event.ID, &d.Event.Kind, &d.Event.Subject, &d.Event.Object, &site, &d.Event.At,
		&d.State, &d.Attempt, &d.DueAt, &d.FirstAt, &d.TriedAt, &d.Result.Outcome, &d.Result.Status, &took, &d.Result.Said)
	d.Event.Site, d.Result.Took = ident.Site(site), time.Duration(took)*time.Millisecond
	return d, err
}

// finish writes what came of a try, while the lease is still ours.
func finish(ctx context.Context, tx *store.Tx, c claimed, d Delivery, to State, due time.Time, r Result) error {
	_, err := tx.Exec(ctx, `
		update webhook_delivery set state = $5, attempt = attempt + 1, due_at = $6, lease = '', lease_until = $7, tried_at = $8, outcome = $9,
			status = $10, took_ms = $11, said = $12, first_at = $13
		where org_id = $1 and webhook_id = $2 and position = $3 and lease = $4`,
		c.to.Org, c.to.ID, d.Event.Position, c.lease, to, due, store.Never, tx.Now, r.Outcome, r.Status, r.Took.Milliseconds(), r.Said,
		d.firstTry(tx.Now))
	return err
}

// release gives back what was not tried.
func release(ctx context.Context, tx *store.Tx, c claimed, d Delivery) error {
	_, err := tx.Exec(ctx, `
		update webhook_delivery set lease = '', lease_until = $5 where org_id = $1 and webhook_id = $2 and position = $3 and lease = $4`,
		c.to.Org, c.to.ID, d.Event.Position, c.lease, store.Never)
	return err
}

// hasten has what waits for its next try sent now: the receiver is back.
func hasten(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Webhook) error {
	_, err := tx.Exec(ctx, `
		update webhook_delivery set due_at = $3 where org_id = $1 and webhook_id = $2 and state = 'waiting' and due_at > $3`, org, id, tx.Now)
	return err
}

// renew has what waits sent now, as if it had never been tried: somebody started its endpoint
// again.
func renew(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Webhook) error {
	_, err := tx.Exec(ctx, `
		update webhook_delivery set due_at = $3, first_at = $4
		where org_id = $1 and webhook_id = $2 and state = 'waiting' and (due_at > $3 or first_at <> $4)`, org, id, tx.Now, store.Never)
	return err
}

func deliveries(ctx context.Context, tx *store.Tx, org ident.Org, q LogQuery) ([]Delivery, error) {
	return store.All(ctx, tx, scanDelivery, `
		select e.org_id, e.position, e.id, e.kind, e.subject, e.object, e.site, e.at, d.state, d.attempt, d.due_at, d.first_at, d.tried_at,
			d.outcome, d.status, d.took_ms, d.said
		from webhook_delivery d join event e on e.org_id = d.org_id and e.position = d.position
		where d.org_id = $1 and d.webhook_id = $2 and (cast($3 as text) = '' or d.state = $3) and (cast($4 as bigint) = 0 or d.position < $4)
		order by d.position desc limit $5`, org, q.ID, q.State, q.Before, min(q.N, MaxPage))
}

func countDeliveries(ctx context.Context, tx *store.Tx, org ident.Org, q LogQuery) (n int64, err error) {
	err = tx.QueryRow(ctx, `
		select count(*) from webhook_delivery where org_id = $1 and webhook_id = $2 and (cast($3 as text) = '' or state = $3)`,
		org, q.ID, q.State).Scan(&n)
	return n, err
}

// forgetUpTo forgets the deliveries of events that are no longer kept.
func forgetUpTo(ctx context.Context, tx *store.Tx, org ident.Org, position int64) error {
	_, err := tx.Exec(ctx, `delete from webhook_delivery where org_id = $1 and position <= $2`, org, position)
	return err
}
