package account

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// Holder finds whom an address belongs to: the account that has it, or the one that gave it
// up less than EmailUndoLife ago and may still take it back (CHG-2, SEC-5). Nobody else
// gets it meanwhile: Insert and Set answer ErrTaken for both alike. The account comes with
// that address as its Email, so that letters about it reach the mailbox in question. Whoever
// signs in is found by ByEmail: an address given up signs nobody in.
func Holder(ctx context.Context, tx *store.Tx, key string) (Account, bool, error) {
	a, found, err := findByEmail(ctx, tx, key)
	if err != nil || found {
		return a, found, err
	}
	c, found, err := keptChange(ctx, tx, key)
	if err != nil || !found {
		return Account{}, false, err
	}
	a, found, err = find(ctx, tx, c.Account)
	a.Email = c.Old
	return a, found, err
}

// Owned reports whether an address is somebody's who may, or might, sign in with it: its Holder's,
// unless that is pending and has it now. A file that waits in one organisation keeps nobody
// from an invitation of another: whoever opens that has the mailbox, and the account becomes
// theirs as a new one would (VER-1, INV-15).
func Owned(ctx context.Context, tx *store.Tx, key string) (bool, error) {
	a, has, err := Holder(ctx, tx, key)
	if err != nil || !has || a.Status != Pending {
		return has, err
	}
	now, _, err := find(ctx, tx, a.ID)
	return now.Email.Key != key, err
}

// free refuses an address that another account may still take back. The one that an account
// has already stays its own. Errors: ErrTaken.
func free(ctx context.Context, tx *store.Tx, key string, of ident.Account) error {
	c, found, err := keptChange(ctx, tx, key)
	if err != nil || !found || c.Account == of {
		return err
	}
	now, found, err := findByEmail(ctx, tx, key)
	if err == nil && (!found || now.ID != of) {
		err = ErrTaken
	}
	return err
}
