package account

import (
	"context"

	"habilis/internal/store"
)

// ByEmails finds the accounts of some canonical keys, by key; whoever calls it asks about few
// enough for one statement.
func ByEmails(ctx context.Context, tx *store.Tx, keys []string) (map[string]Account, error) {
	found, err := findByEmails(ctx, tx, keys)
	out := make(map[string]Account, len(found))
	for _, a := range found {
		out[a.Email.Key] = a
	}
	return out, err
}
