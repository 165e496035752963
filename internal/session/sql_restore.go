package session

import (
	"context"

	"habilis/internal/store"
)

// Restored is why sessions end when a backup is restored.
const Restored Reason = "restored"

// EndEverything ends every session of the installation: those of a restored backup
// may have been ended since it was made (CFG-03).
func EndEverything(ctx context.Context, tx *store.Tx) (int64, error) {
	return tx.Exec(ctx, `update session set ended_at = $1, end_reason = $2 where ended_at is null`, tx.Now, Restored)
}
