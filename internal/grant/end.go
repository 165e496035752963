package grant

import (
	"context"
	"maps"
	"slices"
	"time"

	"habilis/internal/action"
	"habilis/internal/changeset"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// EndAtSite ends what a member was given on the resources of a site, and the delegations
// there, received and in their name, in the act that ends their belonging to it (OFF-4). It
// gives the lines, for the change set of that act; the delegates lose what they had, and are
// told. Whether it may be is the caller's rule.
func EndAtSite(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member, site ident.Site) ([]changeset.Line, error) {
	at, err := heldAt(ctx, tx.Tx, in, id, site)
	if err != nil {
		return nil, err
	}
	d, err := ending(ctx, tx, in, id, at.rows)
	if err != nil {
		return nil, err
	}
	var lines []changeset.Line
	if len(d.Lines) > 0 {
		if lines, err = d.write(ctx, tx, &changeset.Set{}); err != nil { // gives no level: what made it is not asked
			return nil, err
		}
	}
	ended, err := endDelegations(ctx, tx, id, at.delegations)
	return append(lines, ended...), err
}

// EndDelegationsOf ends every delegation received by a member who leaves, or in their name, in
// the caller's act; the rest is as for EndAtSite.
func EndDelegationsOf(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member) ([]changeset.Line, error) {
	list, err := delegationsOf(ctx, tx.Tx, in, id)
	if err != nil {
		return nil, err
	}
	return endDelegations(ctx, tx, id, list)
}

// endDelegations ends delegations that concern one member: who goes is told by the caller.
func endDelegations(ctx context.Context, tx *action.Tx, of ident.Member, list []Delegation) ([]changeset.Line, error) {
	lines := make([]changeset.Line, 0, len(list))
	told := map[ident.Member][]Delegation{}
	for i := range list {
		d := &list[i]
		if d.Member != of && d.State == InForce {
			told[d.Member] = append(told[d.Member], *d)
		}
		if err := gone(closeDelegation(ctx, tx.Tx, *d)); err != nil {
			return nil, err
		}
		lines = append(lines, delegationLine(d, nil))
	}
	for _, to := range slices.Sorted(maps.Keys(told)) {
		tellEnd(tx, told[to], tx.Now)
	}
	return lines, nil
}

// AtSite is what a member holds by levels and delegations on the resources of one site.
type AtSite struct {
	Levels []Line // as they are before
	// Received are delegations of the member on identities there; Given those in the member's name.
	Received, Given []Delegation
	// Unmanaged are the resources that nobody in force would manage without them, by name.
	Unmanaged []resource.Resource
}

// HeldAtSite reads what EndAtSite would end. Whoever calls it has checked that it may be told.
func HeldAtSite(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, site ident.Site) (AtSite, error) {
	var out AtSite
	at, err := heldAt(ctx, tx, in, id, site)
	if err != nil {
		return out, err
	}
	for _, d := range at.delegations {
		if d.Member == id {
			out.Received = append(out.Received, d)
		} else {
			out.Given = append(out.Given, d)
		}
	}
	after := map[cell]State{}
	var managed []resource.ID
	for _, r := range at.rows {
		if r.over(tx.Now) {
			continue
		}
		thing := at.things[r.resource]
		out.Levels = append(out.Levels, Line{Member: id, Resource: thing, Before: r.State})
		after[r.cell] = State{}
		if r.Level == Manage && thing.Status == resource.Active {
			managed = append(managed, r.resource)
		}
	}
	d := draft{scene: &scene{editor: editor{}.of(in), now: tx.Now, things: at.things}}
	kept, err := d.managedAfter(ctx, tx, managed, after)
	for _, id := range managed {
		if !kept[id] {
			out.Unmanaged = append(out.Unmanaged, at.things[id])
		}
	}
	return out, err
}

// heldThere are the rows behind AtSite.
type heldThere struct {
	rows        []row
	things      map[resource.ID]resource.Resource
	delegations []Delegation
}

func heldAt(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, site ident.Site) (heldThere, error) {
	var out heldThere
	all, err := grantsOf(ctx, tx, in, []ident.Member{id})
	if err != nil {
		return out, err
	}
	ids := make([]resource.ID, len(all))
	for i, r := range all {
		ids[i] = r.resource
	}
	if out.things, err = readThings(ctx, tx, in, once(ids)); err != nil {
		return out, err
	}
	for _, r := range all {
		if out.things[r.resource].Site == site {
			out.rows = append(out.rows, r)
		}
	}
	list, err := delegationsOf(ctx, tx, in, id)
	for _, d := range list {
		if d.Identity.Site == site {
			out.delegations = append(out.delegations, d)
		}
	}
	return out, err
}

// usedSince says whether a member was given something on the resources of a site, or one of
// them, after a moment.
func usedSince(since time.Time) member.InUse {
	return func(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, site ident.Site) (bool, error) {
		at, err := heldAt(ctx, tx, in, id, site)
		if err != nil {
			return false, err
		}
		level := func(r row) bool { return !r.over(tx.Now) && r.GivenAt.After(since) }
		delegation := func(d Delegation) bool { return d.GivenAt.After(since) }
		if slices.ContainsFunc(at.rows, level) || slices.ContainsFunc(at.delegations, delegation) {
			return true, nil
		}
		return resource.HeldSince(ctx, tx, in, id, site, since)
	}
}
