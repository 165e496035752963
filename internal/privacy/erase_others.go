package privacy

import (
	"context"

	"habilis/internal/action"
	"habilis/internal/decision"
	"habilis/internal/ident"
	"habilis/internal/review"
)

// forgetElsewhere removes what packages keep about a member in a form of their own.
func forgetElsewhere(ctx context.Context, tx *action.Tx, org ident.Org, of ident.Member) error {
	if err := decision.ForgetUses(ctx, tx.Tx, org, of); err != nil {
		return err
	}
	return review.Forget(ctx, tx.Tx, org, of)
}
