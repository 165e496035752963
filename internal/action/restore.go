package action

import (
	"context"

	"habilis/internal/store"
)

// versionLeap is more changes than an organisation sees between a backup and its use.
const versionLeap = 1_000_000_000

// Restored makes every organisation's version one that no server has answered by: a
// backup takes versions back, and the same number would then mean two things.
func Restored(ctx context.Context, tx *store.Tx) error { return leap(ctx, tx, versionLeap) }
