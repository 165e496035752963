package webhook

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// What package departure needs of endpoints.

// OwnedBy are the endpoints that somebody answers for in an organisation, and that are sent
// something.
func OwnedBy(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Account) ([]Webhook, error) {
	list, err := all(ctx, tx, org)
	var own []Webhook
	for _, v := range list {
		if !owner.IsZero() && v.Owner == owner && v.Status == Active {
			own = append(own, v)
		}
	}
	return own, err
}

// MayAnswer reports whether somebody may answer for endpoints of an organisation: whoever edits
// them (rules.md 13).
func MayAnswer(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Account) (bool, error) {
	if owner.IsZero() {
		return false, nil
	}
	held, err := access.HeldByAccount(ctx, tx, owner, org)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil && held.Has(access.WebhooksEdit, access.OrgScope(org)), err
}

// Answerable are the accounts of members in force that may answer for endpoints.
func Answerable(ctx context.Context, tx *store.Tx, org ident.Org) ([]ident.Account, error) {
	return answerable(ctx, tx, org)
}

// HandOver has somebody else answer for an endpoint from now on, in the act of a caller who has
// checked the right, and asked MayAnswer; what is sent goes on being sent. False when somebody
// else answers for it by now, or when it was stopped: it stays as it is.
func HandOver(ctx context.Context, tx *action.Tx, org ident.Org, id ident.Webhook, from, to ident.Account, name string) (bool, error) {
	v, found, err := one(ctx, tx.Tx, org, id)
	if err != nil || !found || v.Owner != from || v.Status != Active {
		return false, err
	}
	e := recorded(v, verbHand, map[string]any{"owner": from.String()}, map[string]any{"owner": to.String()})
	e.Names["subject"] = name
	tx.Record(e)
	return true, setStatus(ctx, tx.Tx, org, id, v.Status, v.Why, to)
}
