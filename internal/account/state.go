package account

import (
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
}

// Insert makes an account. Errors: ErrTaken when the address has one, whatever
// its case (RAC-02).
func Insert(ctx context.Context, tx *store.Tx, n New) (Account, error) {
	a := Account{
		ID: ident.NewAccount(), Email: n.Email, Title: n.Names.Title, GivenName: n.Names.GivenName, FamilyName: n.Names.FamilyName,
		Language: n.Language, Status: Active, PlatformRole: n.PlatformRole, Rev: 1, LastSignInAt: store.Never, CreatedAt: tx.Now,
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
