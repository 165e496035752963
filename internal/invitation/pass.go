package invitation

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// Pass makes the invitations that wait for a member those of the membership that takes its place, in
// the act of package merge: the letter that was sent goes on opening.
func Pass(ctx context.Context, tx *store.Tx, org ident.Org, from, to ident.Member) error {
	return passPending(ctx, tx, org, from, to)
}
