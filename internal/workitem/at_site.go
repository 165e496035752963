package workitem

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// HeldAt says how many items of one site a member holds of each kind, in the order of Kinds:
// what would stay in their hands when they go from it (OFF-4). Whoever calls it has checked that
// they may be told.
func HeldAt(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member, site ident.Site) ([]Holding, error) {
	var held []Holding
	for _, k := range Kinds {
		n, err := countAt(ctx, tx, org, owner, k, site)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			held = append(held, Holding{Kind: k, Items: n})
		}
	}
	return held, nil
}

// ofSite reads what is to be handed over of one site, and how many more there are.
func (h Handover) ofSite(ctx context.Context, tx *store.Tx, org ident.Org, limit int) (items []Item, left int64, err error) {
	held, err := HeldAt(ctx, tx, org, h.From, h.Site)
	if err != nil {
		return nil, 0, err
	}
	for _, k := range held {
		if h.Kind != "" && h.Kind != k.Kind {
			continue
		}
		some, err := listAt(ctx, tx, org, h.From, k.Kind, h.Site, limit-len(items))
		if err != nil {
			return nil, 0, err
		}
		left += k.Items
		items = append(items, some...)
	}
	if len(items) == 0 {
		return nil, 0, ErrNothing
	}
	return items, left - int64(len(items)), nil
}
