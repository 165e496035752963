package credential

import (
	"context"

	"habilis/internal/store"
)

// EndLinks ends every reset and set-up link of the installation: those of a
// restored backup may have been used since it was made (CFG-03).
func EndLinks(ctx context.Context, tx *store.Tx) (int64, error) {
	resets, err := tx.Exec(ctx, `update password_reset set used_at = $1 where used_at is null`, tx.Now)
	if err != nil {
		return 0, err
	}
	links, err := tx.Exec(ctx, `update setup_link set used_at = $1 where used_at is null`, tx.Now)
	return resets + links, err
}
