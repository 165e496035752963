package credential

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

func sealedFactors(ctx context.Context, tx *store.Tx, after ident.Factor, limit int) ([]sealedFactor, error) {
	return store.All(ctx, tx, func(s store.Scan) (sealedFactor, error) {
		var f sealedFactor
		return f, s(&f.id, &f.account, &f.kind, &f.sealed, &f.handle)
	}, `select id, account_id, kind, secret, handle from factor where id > $1 and secret is not null order by id limit $2`, after, limit)
}

func updateSealed(ctx context.Context, tx *store.Tx, f sealedFactor, sealed, handle []byte) error {
	_, err := tx.Exec(ctx, `update factor set secret = $3, handle = $4 where id = $1 and secret = $2`, f.id, f.sealed, sealed, handle)
	return err
}
