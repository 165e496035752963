package privacy

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// ofOrg is the column by which the rows of an organisation are known; created says since when they are.
const ofOrg, created = "org_id", "created_at"

func orgsAfter(ctx context.Context, tx *store.Tx, after ident.Org, n int) ([]ident.Org, error) {
	return store.All(ctx, tx, store.Value[ident.Org], `select id from org where id > $1 order by id limit $2`, after, n)
}

func addRemoved(ctx context.Context, tx *store.Tx, chain, kind string, n int64) error {
	_, err := tx.Exec(ctx, `
		insert into retention_removed (chain, kind, removed) values ($1, $2, $3)
		on conflict (chain, kind) do update set removed = retention_removed.removed + excluded.removed`, chain, kind, n)
	return err
}

// removedRow is how much of a kind went.
type removedRow struct {
	kind string
	n    int64
}

func removedOf(ctx context.Context, tx *store.Tx, chain string) ([]removedRow, error) {
	return store.All(ctx, tx, func(s store.Scan) (r removedRow, err error) {
		return r, s(&r.kind, &r.n)
	}, `select kind, removed from retention_removed where chain = $1 order by kind`, chain)
}

func dropRemoved(ctx context.Context, tx *store.Tx, chain string) error {
	_, err := tx.Exec(ctx, `delete from retention_removed where chain = $1`, chain)
	return err
}
