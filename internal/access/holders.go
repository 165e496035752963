package access

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// Holders reads who holds p somewhere in org, in force, and of each what they hold of
// administration: HeldByAccount for many, in one statement.
func Holders(ctx context.Context, tx *store.Tx, org ident.Org, p Permission) (map[ident.Member]Held, error) {
	rows := map[ident.Member][]grant{}
	if err := holderGrants(ctx, tx, org, p, rows); err != nil {
		return nil, err
	}
	out := make(map[ident.Member]Held, len(rows))
	for m, list := range rows {
		out[m] = newHeld(org, m, list)
	}
	return out, nil
}
