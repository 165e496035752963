package resource

import (
	"context"

	"habilis/internal/action"
	"habilis/internal/ident"
)

// Pass makes a member the holder of every resource of another membership of theirs, closed ones too,
// in the act of package merge, which has checked the right: the practitioner is the same. It says how
// many they were.
func Pass(ctx context.Context, tx *action.Tx, org ident.Org, from, to ident.Member) (int, error) {
	all, err := everHeldBy(ctx, tx.Tx, org, from)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	p, ok, err := findPerson(ctx, tx.Tx, org, to)
	if err == nil && !ok {
		err = ErrReceiver
	}
	if err != nil {
		return 0, err
	}
	for _, v := range all {
		next := v
		next.Holder, next.HolderName = to, p.name
		next.Version++
		tx.Record(event(next, "resource.edit", facts(v), facts(next)))
		if err := write(ctx, tx.Tx, next); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}
