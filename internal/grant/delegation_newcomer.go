package grant

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/resource"
)

// ProposeDrafting proposes to the holder of an identity that these members draft consultations in
// their name, by the rules of Give: nobody but the holder confirms it (MEM-6, AUZ-10). It joins the
// transaction of whoever makes the holder a member. Errors: those of Give, at "member".
func ProposeDrafting(ctx context.Context, tx *action.Tx, in ident.Org, identity resource.ID, to []ident.Member) error {
	v, err := delegationView(ctx, tx.Tx, tx.By, in)
	if err != nil {
		return err
	}
	var lines []Delegation
	for _, m := range to {
		n := NewDelegations{Identities: []resource.ID{identity}, Member: m, Acts: []Act{Draft}}
		needs, err := v.mayGive(ctx, tx.Tx, n)
		if err != nil {
			return err
		}
		if err := access.Check(ctx, tx.Tx, tx.By, needs...); err != nil {
			return err
		}
		g, err := v.giving(ctx, tx.Tx, n)
		if err != nil {
			return err
		}
		if err := g.write(ctx, tx); err != nil {
			return err
		}
		lines = append(lines, g.lines...)
	}
	v.letters(tx, lines)
	return nil
}
