package preference

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// Pass gives a membership what another one of the same person has of its own, with its notices, in
// the act of package merge.
func Pass(ctx context.Context, tx *store.Tx, org ident.Org, from, to ident.Member) error {
	own, rev, err := current(ctx, tx, org, from)
	if err != nil {
		return err
	}
	if rev > 0 {
		last, err := lastRevision(ctx, tx, org, to)
		if err == nil {
			err = replace(ctx, tx, org, to, last+1, own, "")
		}
		if err == nil {
			err = closeOwn(ctx, tx, org, from)
		}
		if err != nil {
			return err
		}
	}
	return passNotices(ctx, tx, org, from, to)
}
