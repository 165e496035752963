package privacy

import (
	"context"

	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/decision"
	"habilis/internal/dossier"
	"habilis/internal/ident"
	"habilis/internal/merge"
	"habilis/internal/review"
)

// forgetRegistrations removes what the person of an account, and of those merged into it, began of a registration, and did not finish.
func forgetRegistrations(ctx context.Context, tx *action.Tx, of ident.Account) error {
	same, err := merge.Covered(ctx, tx.Tx, of)
	for _, id := range same {
		if err != nil {
			return err
		}
		var proved []account.Proved
		if proved, err = account.ProvedBy(ctx, tx.Tx, id); err == nil {
			err = dossier.ForgetRegistrations(ctx, tx.Tx, proved)
		}
	}
	return err
}

// forgetElsewhere removes what packages keep about a member in a form of their own.
func forgetElsewhere(ctx context.Context, tx *action.Tx, org ident.Org, of ident.Member) error {
	if err := decision.ForgetUses(ctx, tx.Tx, org, of); err != nil {
		return err
	}
	return review.Forget(ctx, tx.Tx, org, of)
}
