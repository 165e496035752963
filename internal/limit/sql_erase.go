package limit

import (
	"context"
	"strings"

	"habilis/internal/store"
)

// Forget forgets the counts of whom names tell: an address stands in those of letters sent to it.
func Forget(ctx context.Context, tx *store.Tx, names []string) error {
	for _, n := range names {
		if _, err := tx.Exec(ctx, `delete from counter where lower(subject) like $1 escape '\'`, store.Like(strings.ToLower(n))); err != nil {
			return err
		}
	}
	return nil
}
