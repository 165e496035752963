package credential

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

func wipeFactors(ctx context.Context, tx *store.Tx, account ident.Account, by string) error {
	_, err := tx.Exec(ctx, `update factor set removed_at = $2, removed_by = $3 where account_id = $1 and removed_at is null`,
		account, tx.Now, by)
	return err
}

func wipeRecovery(ctx context.Context, tx *store.Tx, account ident.Account) error {
	_, err := tx.Exec(ctx, `update recovery_set set removed_at = $2 where account_id = $1 and removed_at is null`, account, tx.Now)
	return err
}
