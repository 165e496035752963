package account

import (
	"context"

	"habilis/internal/store"
)

// OfRole gives the active accounts of a platform role.
func OfRole(ctx context.Context, tx *store.Tx, r PlatformRole) ([]Account, error) {
	return ofRole(ctx, tx, r)
}
