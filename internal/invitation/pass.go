package invitation

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// Pass makes the invitations that wait for a member those of the membership that takes its place, in
// the act of package merge: the letter that was sent goes on opening.
func Pass(ctx context.Context, tx *store.Tx, org ident.Org, from, to ident.Member) error {
	return passPending(ctx, tx, org, from, to)
}

// PassSent has the invitations that wait, and that one account of a person sent up to a moment, stand on
// the authority of another account of theirs, to which the membership goes, in the act of package merge:
// whoever was invited is not told that it is over.
func PassSent(ctx context.Context, tx *store.Tx, org ident.Org, from, to ident.Account, upTo time.Time) error {
	return passSent(ctx, tx, org, from, to, upTo)
}
