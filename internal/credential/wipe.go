package credential

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// Wipe takes every way to prove oneself from an account, in the caller's transaction, which
// holds the installation's lock: the mailbox that the account belongs to was proved, and what
// was made before may be somebody else's (rules.md 11). by is who caused it. Its person
// chooses a password through a reset link.
func Wipe(ctx context.Context, tx *store.Tx, account ident.Account, by string) error {
	if err := closePassword(ctx, tx, account); err != nil {
		return err
	}
	if err := EndResets(ctx, tx, account); err != nil {
		return err
	}
	if _, err := ResetFactors(ctx, tx, account, by); err != nil {
		return err
	}
	return dropGuard(ctx, tx, account)
}
