package access

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// AdministrationOf reads what of administration members were given in org, in force or not:
// of each, what Covers asks about. It is GivenTo for many, in one statement.
func AdministrationOf(ctx context.Context, tx *store.Tx, org ident.Org, members []ident.Member) (map[ident.Member]Held, error) {
	rows := map[ident.Member][]grant{}
	if err := administrationGrants(ctx, tx, org, members, rows); err != nil {
		return nil, err
	}
	out := make(map[ident.Member]Held, len(members))
	for _, m := range members {
		out[m] = newHeld(org, m, rows[m])
	}
	return out, nil
}
