package account

import (
	"cmp"
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// The functions below join the caller's transaction. Those that write expect it to
// hold the installation's lock (action.Act's Accounts).

// New is an account to make.
type New struct {
	Email        Email
	Names        Names
	Language     text.Lang
	PlatformRole PlatformRole
	Status       Status // Active by default
}

// Insert makes an account. Errors: ErrTaken when the address has one, whatever
// its case (RAC-02), or may go back to the one that had it (Holder).
func Insert(ctx context.Context, tx *store.Tx, n New) (Account, error) {
	a := Account{
		ID: ident.NewAccount(), Email: n.Email, Title: n.Names.Title, GivenName: n.Names.GivenName, FamilyName: n.Names.FamilyName,
		Language: n.Language, Status: cmp.Or(n.Status, Active), PlatformRole: n.PlatformRole, Rev: 1, LastSignInAt: store.Never,
		CreatedAt: tx.Now,
	}
	if err := free(ctx, tx, a.Email.Key, a.ID); err != nil {
		return Account{}, err
	}
	if err := insert(ctx, tx, a); err != nil {
		return Account{}, err
	}
	return a, taken(insertState(ctx, tx, a))
}

// ByEmail finds the account of a canonical key (Email.Key).
func ByEmail(ctx context.Context, tx *store.Tx, key string) (Account, bool, error) {
	return findByEmail(ctx, tx, key)
}

// Get reads an account as it is now.
func Get(ctx context.Context, tx *store.Tx, id ident.Account) (Account, bool, error) {
	return find(ctx, tx, id)
}

// Set makes a the present state of its account: what was is closed, and a.Rev must
// be what was read. It gives the account with its new Rev. Errors: ErrStale,
// ErrTaken.
func Set(ctx context.Context, tx *store.Tx, a Account) (Account, error) {
	if err := free(ctx, tx, a.Email.Key, a.ID); err != nil {
		return Account{}, err
	}
	closed, err := closeState(ctx, tx, a.ID, a.Rev)
	switch {
	case err != nil:
		return Account{}, err
	case closed == 0:
		return Account{}, ErrStale
	}
	a.Rev++
	return a, taken(insertState(ctx, tx, a))
}

// Open lets a pending account be used, and reports whether it was pending. Any other stays as
// it is: a blocked one stays blocked.
func Open(ctx context.Context, tx *store.Tx, id ident.Account) (bool, error) {
	return move(ctx, tx, id, Pending, Active)
}

// Shut makes an active account pending again, and reports whether it was active.
func Shut(ctx context.Context, tx *store.Tx, id ident.Account) (bool, error) {
	return move(ctx, tx, id, Active, Pending)
}

func move(ctx context.Context, tx *store.Tx, id ident.Account, from, to Status) (bool, error) {
	a, found, err := find(ctx, tx, id)
	if err != nil || !found || a.Status != from {
		return false, err
	}
	a.Status = to
	_, err = Set(ctx, tx, a)
	return err == nil, err
}

// Drop ends a pending account that nothing uses any more: its address is free again. What was
// known of it stays history. Errors: ErrStale when it is not pending.
func Drop(ctx context.Context, tx *store.Tx, id ident.Account) error {
	a, found, err := find(ctx, tx, id)
	if err != nil {
		return err
	}
	if !found || a.Status != Pending {
		return ErrStale
	}
	_, err = closeState(ctx, tx, a.ID, a.Rev)
	return err
}

// TouchSignIn notes that the person signed in now.
func TouchSignIn(ctx context.Context, tx *store.Tx, id ident.Account) error {
	return touchSignIn(ctx, tx, id)
}

// taken tells the one unique index that has a meaning for people.
func taken(err error) error {
	if store.Unique(err, "account_state_email_key_uq") {
		return ErrTaken
	}
	return err
}
