package grant

import (
	"context"

	"habilis/internal/action"
	"habilis/internal/changeset"
	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// What package merge needs of levels and delegations.

// Pass gives a member, who has none yet, every level of another membership of theirs, and every
// delegation received by it, with their dates and by whom they were given, in the act that has the
// one take the place of the other. Delegations in their name stay with their identities. It gives
// the lines of both, for the change set of that act; nobody is told of an end, since nothing ends.
// Whether it may be is the caller's rule.
func Pass(ctx context.Context, tx *action.Tx, in ident.Org, from, to ident.Member, set ident.ChangeSet) ([]changeset.Line, error) {
	lines, err := passLevels(ctx, tx.Tx, in, from, to, set)
	if err != nil {
		return nil, err
	}
	received, err := passDelegations(ctx, tx.Tx, in, from, to)
	return append(lines, received...), err
}

func passLevels(ctx context.Context, tx *store.Tx, in ident.Org, from, to ident.Member, set ident.ChangeSet) ([]changeset.Line, error) {
	rows, err := grantsOf(ctx, tx, in, []ident.Member{from})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids, old := make([]resource.ID, len(rows)), make([]ident.Grant, len(rows))
	for i, r := range rows {
		ids[i], old[i] = r.resource, r.id
	}
	things, err := readThings(ctx, tx, in, once(ids))
	if err != nil {
		return nil, err
	}
	if err := closeRows(ctx, tx, in, old); err != nil {
		return nil, err
	}
	var kept []row
	var lines []changeset.Line
	for _, r := range rows {
		if r.over(tx.Now) {
			continue
		}
		left := Line{Member: from, Resource: things[r.resource], Before: r.State}
		had := Line{Member: to, Resource: things[r.resource], After: r.State}
		lines = append(lines, left.kept(), had.kept())
		r.member = to
		kept = append(kept, r)
	}
	return lines, insertPassed(ctx, tx, in, kept, set)
}

func passDelegations(ctx context.Context, tx *store.Tx, in ident.Org, from, to ident.Member) ([]changeset.Line, error) {
	all, err := delegationsOf(ctx, tx, in, from)
	if err != nil {
		return nil, err
	}
	var lines []changeset.Line
	for i := range all {
		d := &all[i]
		if d.Member != from {
			continue
		}
		if err := gone(closeDelegation(ctx, tx, *d)); err != nil {
			return nil, err
		}
		next := *d
		next.ID, next.Rev, next.Member = ident.NewDelegation(), 1, to
		if err := insertDelegation(ctx, tx, next, next.kept()); err != nil {
			return nil, err
		}
		lines = append(lines, delegationLine(d, nil), delegationLine(nil, &next))
	}
	return lines, nil
}
