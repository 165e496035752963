package invitation

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// SentTo gives the IDs of the invitations by which somebody came: the trail knows them by these
// (AUD-4).
func SentTo(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) ([]string, error) {
	return store.All(ctx, tx, store.Value[string], `select id from invitation where org_id = $1 and member_id = $2 order by id`, org, of)
}
