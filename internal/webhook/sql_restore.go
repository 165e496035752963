package webhook

import (
	"context"

	"habilis/internal/store"
)

// StopEverything stops every endpoint of the installation: those of a restored backup may have
// been removed since it was made (CFG-03). Whoever starts one again says that it is still to be
// told.
func StopEverything(ctx context.Context, tx *store.Tx) (int64, error) {
	return tx.Exec(ctx, `
		update webhook set status = 'stopped', why = 'restore', failing_since = null, version = version + 1, changed_at = $1
		where status = 'active'`, tx.Now)
}
