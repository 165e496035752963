package webhook

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// List gives the endpoints of an organisation, by name.
func (w Webhooks) List(ctx context.Context, by access.Actor, org ident.Org) ([]Webhook, error) {
	return action.View(ctx, w.Run, by, editing(org, verbList, ""), func(tx *store.Tx) ([]Webhook, error) {
		list, err := all(ctx, tx, org)
		if err != nil {
			return nil, err
		}
		return named(ctx, tx, list)
	})
}

// Get gives one endpoint. Errors: ErrNotFound.
func (w Webhooks) Get(ctx context.Context, by access.Actor, org ident.Org, id ident.Webhook) (Webhook, error) {
	return action.View(ctx, w.Run, by, editing(org, verbList, id), func(tx *store.Tx) (Webhook, error) {
		return complete(ctx, tx, org, id)
	})
}

// change runs an act on the endpoint that the version names.
func (w Webhooks) change(ctx context.Context, by access.Actor, act action.Act, id ident.Webhook, version int64,
	fn func(*action.Tx, Webhook) error,
) (Webhook, error) {
	org := act.Orgs[0]
	return action.Run(ctx, w.Run, by, act, func(tx *action.Tx) (Webhook, error) {
		v, err := complete(ctx, tx.Tx, org, id)
		switch {
		case err != nil:
			return Webhook{}, err
		case version != AnyVersion && v.Version != version:
			return Webhook{}, ErrStale
		}
		if err := fn(tx, v); err != nil {
			return v, err
		}
		return complete(ctx, tx.Tx, org, id)
	})
}

// Edit changes what an endpoint is called, where it is, and what it is sent; whoever changes
// where or what answers for it from now on (rules.md 13). Errors: ErrNotFound, ErrStale, fields
// to correct.
func (w Webhooks) Edit(ctx context.Context, by access.Actor, org ident.Org, id ident.Webhook, version int64, edit func(*Details),
) (Webhook, error) {
	return w.change(ctx, by, proven(org, verbEdit, id), id, version, func(tx *action.Tx, v Webhook) error {
		was := Details{Name: v.Name, URL: v.URL, Kinds: v.Kinds}
		d := was
		edit(&d)
		d, err := w.checked(d)
		if err != nil {
			return err
		}
		if d.equal(was) {
			return action.Nothing
		}
		owner, after := v.Owner, facts(d)
		if d.URL != was.URL {
			after["address_changed"] = true // the path itself is not told: it may hold a secret
		}
		if d.URL != was.URL || !slices.Equal(d.Kinds, was.Kinds) {
			owner = tx.By.Account
		}
		tx.Record(recorded(v, verbEdit, facts(was), after))
		return update(ctx, tx.Tx, org, id, d, owner)
	})
}

// Stop has nothing sent any more, until it is started again: what happens meanwhile waits in
// the feed.
func (w Webhooks) Stop(ctx context.Context, by access.Actor, org ident.Org, id ident.Webhook, version int64) (Webhook, error) {
	return w.change(ctx, by, editing(org, verbStop, id), id, version, func(tx *action.Tx, v Webhook) error {
		if v.Status == Stopped {
			return action.Nothing
		}
		tx.Record(recorded(v, verbStop, nil, map[string]any{"stopped_because": ByPerson}))
		return setStatus(ctx, tx.Tx, org, id, Stopped, ByPerson, v.Owner)
	})
}

// Start has an endpoint sent again what it is to be sent, from where it stopped; whoever does
// it answers for it from now on.
func (w Webhooks) Start(ctx context.Context, by access.Actor, org ident.Org, id ident.Webhook, version int64) (Webhook, error) {
	v, err := w.change(ctx, by, proven(org, verbStart, id), id, version, func(tx *action.Tx, v Webhook) error {
		if v.Status == Active && v.Owner == tx.By.Account {
			return action.Nothing
		}
		tx.Record(recorded(v, verbStart, nil, map[string]any{"host": v.Host()}))
		if err := setStatus(ctx, tx.Tx, org, id, Active, "", tx.By.Account); err != nil {
			return err
		}
		return renew(ctx, tx.Tx, org, id)
	})
	w.wake(err)
	return v, err
}

// Remove ends an endpoint with its deliveries.
func (w Webhooks) Remove(ctx context.Context, by access.Actor, org ident.Org, id ident.Webhook) error {
	_, err := action.Run(ctx, w.Run, by, editing(org, verbRemove, id), func(tx *action.Tx) (struct{}, error) {
		v, err := find(ctx, tx.Tx, org, id)
		if err != nil {
			return struct{}{}, err
		}
		tx.Record(recorded(v, verbRemove, facts(Details{v.Name, v.URL, v.Kinds}), nil))
		return struct{}{}, remove(ctx, tx.Tx, org, id)
	})
	return err
}
