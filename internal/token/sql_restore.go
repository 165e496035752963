package token

import (
	"context"

	"habilis/internal/store"
)

// RevokeEverything ends every token of the installation: those of a restored
// backup may have been revoked since it was made (CFG-03).
func RevokeEverything(ctx context.Context, tx *store.Tx) (int64, error) {
	return tx.Exec(ctx, `update token set revoked_at = $1, revoked_by = 'restore' where revoked_at is null`, tx.Now)
}
