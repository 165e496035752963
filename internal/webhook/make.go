package webhook

import (
	"context"
	"crypto/rand"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/event"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Verbs of the trail.
const (
	verbCreate = "webhook.create"
	verbEdit   = "webhook.edit"
	verbRemove = "webhook.remove"
	verbRotate = "webhook.rotate"
	verbStart  = "webhook.start"
	verbStop   = "webhook.stop"
	verbHand   = "webhook.hand"
	verbTest   = "webhook.test"
	verbReplay = "webhook.replay"
	verbList   = "webhook.list"
	verbFeed   = "event.list"
)

// editing is an act on the endpoints of an organisation: webhooks.edit for the whole of it.
func editing(org ident.Org, verb string, id ident.Webhook) action.Act {
	return action.Act{
		Verb: verb, Orgs: []ident.Org{org}, Object: id.String(), Needs: []access.Need{access.At(access.WebhooksEdit, access.OrgScope(org))},
	}
}

// proven is editing that asks for a fresh proof: who is told what (rules.md 6).
func proven(org ident.Org, verb string, id ident.Webhook) action.Act {
	a := editing(org, verb, id)
	a.StepUp = true
	return a
}

// Make makes an endpoint, which is sent what happens from now on. Errors: fields to correct,
// ErrTooMany.
func (w Webhooks) Make(ctx context.Context, by access.Actor, org ident.Org, d Details) (Made, error) {
	id, mark, plain := ident.NewWebhook(), rand.Text(), newSecret()
	act := proven(org, verbCreate, id)
	made, err := action.Run(ctx, w.Run, by, act, func(tx *action.Tx) (Made, error) {
		d, err := w.checked(d)
		if err != nil {
			return Made{}, err
		}
		if n, err := count(ctx, tx.Tx, org); err != nil || n >= MaxPerOrg {
			return Made{}, firstError(err, ErrTooMany)
		}
		head, _, err := event.Head(ctx, tx.Tx, org)
		if err != nil {
			return Made{}, err
		}
		v := Webhook{
			ID: id, Org: org, Name: d.Name, URL: d.URL, Kinds: d.Kinds, Status: Active, Owner: tx.By.Account, OwnerName: tx.By.Name,
			ReadTo: head, Version: 1, CreatedAt: tx.Now, ChangedAt: tx.Now,
		}
		if err := insert(ctx, tx.Tx, v, tx.Ring.Seal(secretPlace(org, id), []byte(plain.Reveal()))); err != nil {
			return Made{}, err
		}
		tx.Record(recorded(v, verbCreate, nil, facts(d)))
		return Made{Webhook: v, Mark: mark}, nil
	})
	if err == nil && made.Mark == mark {
		made.Secret = plain
	}
	return made, err
}

// Rotate gives an endpoint a new secret; the present one stays good for Overlap. Whoever does it
// answers for it from now on: they alone know the secret.
func (w Webhooks) Rotate(ctx context.Context, by access.Actor, org ident.Org, id ident.Webhook) (Made, error) {
	mark, plain := rand.Text(), newSecret()
	made, err := action.Run(ctx, w.Run, by, proven(org, verbRotate, id), func(tx *action.Tx) (Made, error) {
		if _, err := find(ctx, tx.Tx, org, id); err != nil {
			return Made{}, err
		}
		until := tx.Now.Add(Overlap)
		if err := setSecret(ctx, tx.Tx, org, id, tx.Ring.Seal(secretPlace(org, id), []byte(plain.Reveal())), until, tx.By.Account); err != nil {
			return Made{}, err
		}
		v, err := complete(ctx, tx.Tx, org, id)
		if err != nil {
			return Made{}, err
		}
		tx.Record(recorded(v, verbRotate, nil, map[string]any{"former_secret_until": until}))
		return Made{Webhook: v, Mark: mark}, nil
	})
	if err == nil && made.Mark == mark {
		made.Secret = plain
	}
	return made, err
}

// recorded is the record of an act on an endpoint: never its secret, nor the path of its
// address, which may hold one of the receiver's.
func recorded(v Webhook, verb string, before, after map[string]any) audit.Event {
	return audit.Event{
		Org: v.Org, Verb: verb, Object: v.ID.String(), Names: map[string]string{"webhook": v.Name}, Before: before, After: after,
	}
}

func facts(d Details) map[string]any {
	return map[string]any{"name": d.Name, "host": host(d.URL), "kinds": d.Kinds}
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// find gives an endpoint. Errors: ErrNotFound.
func find(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Webhook) (Webhook, error) {
	v, ok, err := one(ctx, tx, org, id)
	if err == nil && !ok {
		err = ErrNotFound
	}
	return v, err
}
