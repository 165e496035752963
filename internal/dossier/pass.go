package dossier

import (
	"context"

	"habilis/internal/directory"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Renumber makes the file of a member that of the membership that takes its place with another
// number, in the act of package merge: what they declared and their papers stay, what was judged was
// so of the other number. found is what the directory says of the new one. False: there is no file.
func Renumber(ctx context.Context, tx *store.Tx, org ident.Org, from, to ident.Member, rpps string, found *directory.Import) (bool, error) {
	r, ok, err := findRegistrationOf(ctx, tx, org, from)
	if err != nil || !ok {
		return false, err
	}
	r.Member, r.RPPS, r.NoRPPS, r.Found = to, rpps, "", found
	if err := writeRegistration(ctx, tx, r); err != nil {
		return false, err
	}
	return true, passDocuments(ctx, tx, org, from, to)
}

// Revert gives the file back to the membership that had it, as it was judged there
// unless something else was declared since.
func Revert(ctx context.Context, tx *store.Tx, org ident.Org, from, to ident.Member, rpps string, found *directory.Import) error {
	ok, err := Renumber(ctx, tx, org, from, to, rpps, found)
	if err != nil || !ok {
		return err
	}
	return asJudged(ctx, tx, org, to)
}
