package session

import (
	"context"

	"habilis/internal/store"
)

// Restored is why sessions end when a backup is restored.
const Restored Reason = "restored"

// EndEverything ends every session, half and remembered browser of the installation:
// those of a restored backup may have been ended since it was made (CFG-03). It counts
// the sessions.
func EndEverything(ctx context.Context, tx *store.Tx) (int64, error) {
	if _, err := tx.Exec(ctx, `update half_session set ended_at = $1, end_reason = $2 where ended_at is null`, tx.Now, Restored); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `update device set ended_at = $1, end_reason = $2 where ended_at is null`, tx.Now, Restored); err != nil {
		return 0, err
	}
	return tx.Exec(ctx, `update session set ended_at = $1, end_reason = $2 where ended_at is null`, tx.Now, Restored)
}
