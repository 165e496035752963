package invitation

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// EndLinks ends every link and temporary password of an organisation: those of a
// restored backup may have been used, sent again or withdrawn since it was made
// (CFG-03). The invitations stay listed, and can be sent again.
func EndLinks(ctx context.Context, tx *store.Tx, org ident.Org) (int64, error) {
	return tx.Exec(ctx, `
		update invitation set token_hash = null, token_until = $2, temporary_hash = '', temporary_until = $2, version = version + 1
		where org_id = $1 and status = 'pending'`, org, tx.Now)
}
