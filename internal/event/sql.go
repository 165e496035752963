package event

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// takePositions takes the next n positions of an organisation, and gives the last of them.
func takePositions(ctx context.Context, tx *store.Tx, org ident.Org, n int64) (int64, error) {
	last, _, err := store.One(ctx, tx, store.Value[int64], `
		insert into event_head (org_id, position, swept) values ($1, $2, 0)
		on conflict (org_id) do update set position = event_head.position + $2
		returning position`, org, n)
	return last, err
}

const selectHead = `select position, swept from event_head where org_id = $1`

func insertEvents(ctx context.Context, tx *store.Tx, events []Event) error {
	return store.InsertAll(ctx, tx, events, `
		insert into event (org_id, position, id, kind, subject, object, site, at) values ($1, $2, $3, $4, $5, $6, $7, $8)`, "",
		func(e *Event) []any {
			return []any{e.Org, e.Position, e.ID, e.Kind, e.Subject, e.Object, e.Site.String(), e.At}
		})
}

func insertWaiting(ctx context.Context, tx *store.Tx, e Event) error {
	_, err := tx.Exec(ctx, `insert into event_waiting (org_id, id, kind, subject, at) values ($1, $2, $3, $4, $5)`,
		e.Org, e.ID, e.Kind, e.Subject, e.At)
	return err
}

// placesOf are the memberships in force of an account: where somebody only waits to be let in,
// nobody learns of them (INV-15).
func placesOf(ctx context.Context, tx *store.Tx, account ident.Account) ([]place, error) {
	return store.All(ctx, tx, func(s store.Scan) (place, error) {
		var p place
		return p, s(&p.org, &p.member)
	}, `
		select org_id, member_id from member_state
		where account_id = $1 and known_until is null and status in ('created', 'active')
			and verification in ('not_needed', 'verified') order by org_id`, account)
}

func waitingOrgs(ctx context.Context, tx *store.Tx) ([]ident.Org, error) {
	return store.All(ctx, tx, store.Value[ident.Org], `select distinct org_id from event_waiting order by org_id`)
}

func waiting(ctx context.Context, tx *store.Tx, org ident.Org, n int) ([]Event, error) {
	return store.All(ctx, tx, func(s store.Scan) (Event, error) {
		e := Event{Org: org}
		return e, s(&e.ID, &e.Kind, &e.Subject, &e.At)
	}, `select id, kind, subject, at from event_waiting where org_id = $1 order by at, id limit $2`, org, n)
}

func deleteWaiting(ctx context.Context, tx *store.Tx, org ident.Org, list []Event) error {
	args := store.Args{}
	args.Add(org)
	ids := make([]ident.OutEvent, len(list))
	for i, e := range list {
		ids[i] = e.ID
	}
	_, err := tx.Exec(ctx, `delete from event_waiting where org_id = $1 and id in `+store.In(&args, ids), args.List()...)
	return err
}

func scan(s store.Scan) (Event, error) {
	var e Event
	var site string
	err := s(&e.Org, &e.Position, &e.ID, &e.Kind, &e.Subject, &e.Object, &site, &e.At)
	e.Site = ident.Site(site)
	return e, err
}

func eventsAfter(ctx context.Context, tx *store.Tx, org ident.Org, after int64, kinds []Kind, n int) ([]Event, error) {
	args := store.Args{}
	args.Add(org)
	args.Add(after)
	args.Add(n)
	of := ""
	if len(kinds) > 0 {
		of = ` and kind in ` + store.In(&args, kinds)
	}
	return store.All(ctx, tx, scan, `
		select org_id, position, id, kind, subject, object, site, at from event
		where org_id = $1 and position > $2`+of+` order by position limit $3`, args.List()...)
}

// Find gives one event.
func Find(ctx context.Context, tx *store.Tx, org ident.Org, id ident.OutEvent) (Event, bool, error) {
	return store.One(ctx, tx, scan, `
		select org_id, position, id, kind, subject, object, site, at from event where org_id = $1 and id = $2`, org, id)
}

// older are the events from before a time, by organisation.
func older(ctx context.Context, tx *store.Tx, before time.Time) ([]oldest, error) {
	return store.All(ctx, tx, func(s store.Scan) (oldest, error) {
		var o oldest
		return o, s(&o.org, &o.last)
	}, `select org_id, max(position) from event where at < $1 group by org_id order by org_id`, before)
}

func deleteUpTo(ctx context.Context, tx *store.Tx, org ident.Org, position int64) error {
	if _, err := tx.Exec(ctx, `delete from event where org_id = $1 and position <= $2`, org, position); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `update event_head set swept = $2 where org_id = $1 and swept < $2`, org, position)
	return err
}

// sweepBound is the position of the n-th event that is still there of those to forget, or that
// of the last of them.
func sweepBound(ctx context.Context, tx *store.Tx, o oldest, n int) (int64, error) {
	upTo, found, err := store.One(ctx, tx, store.Value[int64], `
		select position from event where org_id = $1 and position <= $2 order by position limit 1 offset $3`, o.org, o.last, n-1)
	if !found {
		upTo = o.last
	}
	return upTo, err
}

// isPlace reports whether one can go on from a position between the two ends of the feed: it
// is that of an event, or the one before. A restore leaves positions of which neither is so.
func isPlace(ctx context.Context, tx *store.Tx, org ident.Org, position int64) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[int64], `
		select position from event where org_id = $1 and position in ($2, $3) limit 1`, org, position, position+1)
	return found, err
}

// leapAll moves the feed of every organisation, also of those that have none yet.
func leapAll(ctx context.Context, tx *store.Tx, by int64) error {
	_, err := tx.Exec(ctx, `
		insert into event_head (org_id, position, swept) select id, cast($1 as bigint), 0 from org where true
		on conflict (org_id) do update set position = event_head.position + $1`, by)
	return err
}
