package privacy

import (
	"context"

	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/decision"
	"habilis/internal/dossier"
	"habilis/internal/ident"
	"habilis/internal/review"
)

// forgetRegistrations removes what the person of an account began of a registration, and did not finish.
func forgetRegistrations(ctx context.Context, tx *action.Tx, of ident.Account) error {
	proved, err := account.ProvedBy(ctx, tx.Tx, of)
	if err != nil {
		return err
	}
	return dossier.ForgetRegistrations(ctx, tx.Tx, proved)
}

// forgetElsewhere removes what packages keep about a member in a form of their own.
func forgetElsewhere(ctx context.Context, tx *action.Tx, org ident.Org, of ident.Member) error {
	if err := decision.ForgetUses(ctx, tx.Tx, org, of); err != nil {
		return err
	}
	return review.Forget(ctx, tx.Tx, org, of)
}
