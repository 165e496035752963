package recordgroup

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// Names gives the names of groups, removed ones too, for change sets that tell of them.
func Names(ctx context.Context, tx *store.Tx, org ident.Org, ids []ident.Group) (map[string]string, error) {
	if len(ids) == 0 {
		return map[string]string{}, nil
	}
	return namesOf(ctx, tx, org, ids)
}
