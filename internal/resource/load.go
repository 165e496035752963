package resource

import (
	"context"
	"slices"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// Load reads resources of an organisation, of any type and status, in the order of ids.
// Those that the organisation does not have are left out: whoever calls it compares.
func Load(ctx context.Context, tx *store.Tx, org ident.Org, ids []ID) ([]Resource, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := byIDs(ctx, tx, org, ids)
	if err != nil {
		return nil, err
	}
	at := make(map[ID]Resource, len(found))
	for _, r := range found {
		at[r.ID] = r
	}
	list := make([]Resource, 0, len(found))
	for _, id := range ids {
		if r, ok := at[id]; ok {
			list = append(list, r)
		}
	}
	return list, nil
}

// All reads the active resources of a type that v may know of, by name. It tells their
// holders as v may know them.
func All(ctx context.Context, tx *store.Tx, org ident.Org, t Type, v Sight) ([]Resource, error) {
	all, err := activeOf(ctx, tx, org, t)
	if err != nil {
		return nil, err
	}
	seen := slices.DeleteFunc(all, func(r Resource) bool { return !v.Of(r) })
	return seen, v.hideHolders(ctx, tx, org, seen)
}

// HeldBy reads the active resources that a member holds, of every type, by name.
func HeldBy(ctx context.Context, tx *store.Tx, org ident.Org, member ident.Member) ([]Resource, error) {
	return heldBy(ctx, tx, org, member)
}

// get reads one resource, whatever its status. Errors: ErrNotFound.
func get(ctx context.Context, tx *store.Tx, org ident.Org, id ID) (Resource, error) {
	found, err := byIDs(ctx, tx, org, []ID{id})
	if err != nil {
		return Resource{}, err
	}
	if len(found) == 0 {
		return Resource{}, ErrNotFound
	}
	return found[0], nil
}
