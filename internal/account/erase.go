package account

import (
	"context"
	"slices"
	"time"

	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// PersonOf is how the person of one or several accounts is known, in every version of them (AUD-4).
//
// namesake: an account of somebody else bears one of the names.
func PersonOf(ctx context.Context, tx *store.Tx, ids ...ident.Account) (p text.Person, namesake bool, err error) {
	for _, id := range ids {
		versions, err := versionsOf(ctx, tx, id)
		if err != nil {
			return p, false, err
		}
		for _, a := range versions {
			if name := [2]string{a.GivenName, a.FamilyName}; a.FamilyName != "" && !slices.Contains(p.Names, name) {
				p.Names = append(p.Names, name)
			}
			if e := a.Email.Address; e != "" && !slices.Contains(p.Emails, e) {
				p.Emails = append(p.Emails, e)
			}
		}
	}
	namesake, err = others(ctx, tx, ids, p.Names)
	return p, namesake, err
}

// PlatformUntil says until when the person of an account last had a role on the platform; zero: they
// never had one.
func PlatformUntil(ctx context.Context, tx *store.Tx, id ident.Account) (time.Time, error) {
	return platformUntil(ctx, tx, id)
}

// Proved is an address that the person of an account proved to be theirs, until when: they gave it up
// then, and have it now when Until is now.
type Proved struct {
	Key   string
	Until time.Time
}

// ProvedBy lists the addresses that the person of an account ever proved. One that another account has
// now, or whose change was undone, was not theirs, or is no longer.
func ProvedBy(ctx context.Context, tx *store.Tx, id ident.Account) ([]Proved, error) {
	return provedBy(ctx, tx, id)
}

// Close closes an account that is to be erased: it opens nothing any more. The caller ends its
// sessions, and records it.
func Close(ctx context.Context, tx *action.Tx, id ident.Account) error {
	a, found, err := find(ctx, tx.Tx, id)
	if err != nil || !found {
		return err
	}
	if _, err := closeState(ctx, tx.Tx, id, a.Rev); err != nil {
		return err
	}
	a.Rev, a.Status = a.Rev+1, Blocked
	return insertState(ctx, tx.Tx, a)
}

// Reopen opens an account again that was closed, when it gave way to another of the same person or was to
// be erased, and reports whether it was closed. The caller records it.
func Reopen(ctx context.Context, tx *store.Tx, id ident.Account) (bool, error) {
	return move(ctx, tx, id, Blocked, Active)
}

// Free gives the address of a closed account up for good: who its person is stays known, nothing opens
// it, and whoever asks for the address may have it.
func Free(ctx context.Context, tx *store.Tx, id ident.Account) error {
	a, found, err := find(ctx, tx, id)
	if err != nil || !found || a.Status != Blocked {
		return err
	}
	a.Email = Email{Key: "merged " + id.String()}
	_, err = Set(ctx, tx, a)
	return err
}

// Erase erases who the person of an account was, in every version of it. It is never used again:
// its ID stays, and names nobody.
func Erase(ctx context.Context, tx *store.Tx, id ident.Account) error { return erase(ctx, tx, id) }
