package grant

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/changeset"
	"habilis/internal/ident"
	"habilis/internal/resource"
)

// What package review needs of levels and delegations.

// Less is what one member loses of levels and delegations.
type Less struct {
	Levels      []resource.ID
	Delegations []Received
}

// Received is a delegation that a member has: what they may do in the name of an identity.
type Received struct {
	Identity resource.ID
	Act      Act
}

// Reduce takes levels and delegations from a member in the caller's act, by the rules of whoever
// acts there: those of Apply and of Delegations.End. It gives the lines, for the change set of that
// act; what is there no more is left out. Errors: those of Apply, access.ErrForbidden.
func Reduce(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member, l Less) ([]changeset.Line, error) {
	lines, err := reduceLevels(ctx, tx, in, id, l.Levels)
	if err != nil {
		return nil, err
	}
	ended, err := reduceDelegations(ctx, tx, in, id, l.Delegations)
	return append(lines, ended...), err
}

func reduceLevels(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member, on []resource.ID) ([]changeset.Line, error) {
	if len(on) == 0 {
		return nil, nil
	}
	e, err := lookAs(ctx, tx.Tx, tx.By, in)
	if err != nil {
		return nil, err
	}
	changes := make([]Change, len(on))
	for i, r := range on {
		changes[i] = Change{Member: id, Resource: r, Level: None}
	}
	d, err := drawUp(ctx, tx.Tx, e, Wanted{Changes: changes}, "")
	if err != nil || len(d.Lines) == 0 {
		return nil, err
	}
	return d.write(ctx, tx, &changeset.Set{}) // gives no level: what made it is not asked
}

func reduceDelegations(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member, wanted []Received) ([]changeset.Line, error) {
	if len(wanted) == 0 {
		return nil, nil
	}
	v, err := delegationView(ctx, tx.Tx, tx.By, in)
	if err != nil {
		return nil, err
	}
	all, err := delegationsOf(ctx, tx.Tx, in, id)
	if err != nil {
		return nil, err
	}
	var list []Delegation
	for _, d := range all {
		if d.Member != id || !slices.Contains(wanted, Received{d.Identity.ID, d.Act}) {
			continue
		}
		if !v.sees(d) {
			return nil, access.ErrForbidden.With("Permission", string(access.DelegationsEdit))
		}
		if err := v.mayEnd(d); err != nil {
			return nil, err
		}
		list = append(list, d)
		if d.State == InForce {
			tellEnd(tx, []Delegation{d}, tx.Now) // they are told, as by Delegations.End
		}
	}
	return endDelegations(ctx, tx, id, list)
}
