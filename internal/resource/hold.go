package resource

import (
	"context"
	"slices"
	"time"

	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// HeldAt reads the active resources that a member holds at one site, by name.
func HeldAt(ctx context.Context, tx *store.Tx, org ident.Org, member ident.Member, site ident.Site) ([]Resource, error) {
	all, err := heldBy(ctx, tx, org, member)
	return slices.DeleteFunc(all, func(r Resource) bool { return r.Site != site }), err
}

// HeldSince says whether a member became the holder of a resource of a site after a moment.
func HeldSince(ctx context.Context, tx *store.Tx, org ident.Org, member ident.Member, site ident.Site, since time.Time) (bool, error) {
	held, err := HeldAt(ctx, tx, org, member, site)
	if err != nil {
		return false, err
	}
	for _, r := range held {
		at, err := holderSince(ctx, tx, r)
		if err != nil || at.After(since) {
			return true, err
		}
	}
	return false, nil
}

// HandOver makes somebody else the holder of an active resource, in the act of a caller who
// has checked the right: a member who receives patients, waits for no decision, has not left,
// and belongs to its site. Errors: ErrReceiver.
func HandOver(ctx context.Context, tx *action.Tx, v Resource, to ident.Member) (Resource, error) {
	p, ok, err := findPerson(ctx, tx.Tx, v.Org, to)
	switch {
	case err != nil:
		return v, err
	case !ok, to == v.Holder, p.profile == nonPractitioner, p.waits, !v.Site.IsZero() && !slices.Contains(p.sites, v.Site):
		return v, ErrReceiver
	}
	next := v
	next.Holder, next.HolderName = to, p.name
	next.Version++
	tx.Record(event(next, "resource.edit", facts(v), facts(next)))
	return next, write(ctx, tx.Tx, next)
}

// CloseLeft closes an active resource that is left without its holder (OFF-3), in the act of a
// caller who has checked the right.
func CloseLeft(ctx context.Context, tx *action.Tx, v Resource) error {
	levels, delegations, err := countEnds(ctx, tx.Tx, v)
	if err != nil {
		return err
	}
	v.Status = Closed
	v.Version++
	tx.Record(event(v, "resource.close",
		map[string]any{factStatus: Active, "levels": levels, "delegations": delegations}, map[string]any{factStatus: Closed}))
	return write(ctx, tx.Tx, v)
}
