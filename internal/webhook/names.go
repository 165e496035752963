package webhook

import (
	"context"
	"strings"

	"habilis/internal/account"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// named completes endpoints with the names of who answers for them.
func named(ctx context.Context, tx *store.Tx, list []Webhook) ([]Webhook, error) {
	for i := range list {
		if list[i].Owner.IsZero() {
			continue
		}
		a, found, err := account.Get(ctx, tx, list[i].Owner)
		if err != nil {
			return nil, err
		}
		if found {
			list[i].OwnerName = strings.TrimSpace(a.Name())
		}
	}
	return list, nil
}

// complete gives an endpoint with the name of who answers for it. Errors: ErrNotFound.
func complete(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Webhook) (Webhook, error) {
	v, err := find(ctx, tx, org, id)
	if err != nil {
		return v, err
	}
	list, err := named(ctx, tx, []Webhook{v})
	if err != nil {
		return v, err
	}
	return list[0], nil
}
