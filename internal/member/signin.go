package member

import (
	"context"
	"slices"

	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// OrgsOf are the organisations in which an account has a membership, whatever its
// status but left: what an act on the account itself must lock.
func OrgsOf(ctx context.Context, tx *store.Tx, account ident.Account) ([]ident.Org, error) {
	return orgsOf(ctx, tx, account)
}

// StandingOrgs are those of them that have let the person in, for ever or until their verification
// is renewed: where somebody only waits to be let in, nobody may act for them, nor learns of
// them (INV-15).
func StandingOrgs(ctx context.Context, tx *store.Tx, account ident.Account) ([]ident.Org, error) {
	return standingOrgs(ctx, tx, account)
}

// CreatedOrgs are the organisations in which an account has never signed in yet:
// those whose lock a sign-in takes (SignedIn).
func CreatedOrgs(ctx context.Context, tx *store.Tx, account ident.Account) ([]ident.Org, error) {
	return createdOrgs(ctx, tx, account)
}

// SignedIn notes that an account signed in: the date on every membership in force, and the
// memberships never used become active (LST-4), in those of the organisations that
// the act has locked. One created since then becomes active at the next sign-in.
func SignedIn(ctx context.Context, tx *action.Tx, account ident.Account, locked []ident.Org) error {
	if err := setLastSignIn(ctx, tx.Tx, account); err != nil {
		return err
	}
	created, err := createdOrgs(ctx, tx.Tx, account)
	if err != nil {
		return err
	}
	for _, in := range created {
		if !slices.Contains(locked, in) {
			continue
		}
		s, ok, err := findByAccount(ctx, tx.Tx, in, account)
		if err != nil || !ok {
			return notFound(err)
		}
		if err := setStatus(ctx, tx, s, Active, "member.activate"); err != nil {
			return err
		}
		if err := touch(ctx, tx.Tx, in, s.ID); err != nil {
			return err
		}
	}
	return nil
}
