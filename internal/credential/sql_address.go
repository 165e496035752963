package credential

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

func insertAddress(ctx context.Context, tx *store.Tx, f Factor) error {
	_, err := tx.Exec(ctx, `
		insert into factor (id, account_id, kind, name, network_org, given_by, day_began_at, created_at)
		values ($1, $2, 'address', '', $3, $4, $5, $5)`, f.ID, f.Account, f.Network, f.GivenBy, tx.Now)
	return err
}

func proveAddress(ctx context.Context, tx *store.Tx, account ident.Account, id ident.Factor) error {
	_, err := tx.Exec(ctx, `
		update factor set proved_at = $3, last_used_at = $3
		where id = $1 and account_id = $2 and kind = 'address' and proved_at is null and removed_at is null`, id, account, tx.Now)
	return err
}

func resetFactors(ctx context.Context, tx *store.Tx, account ident.Account, by string) (int64, error) {
	return tx.Exec(ctx, `
		update factor set removed_at = $2, removed_by = $3, secret = null, handle = null, body = ''
		where account_id = $1 and removed_at is null`, account, tx.Now, by)
}

func wereReset(ctx context.Context, tx *store.Tx, account ident.Account) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[int64], `
		select 1 from factor
		where account_id = $1 and proved_at is not null and removed_by <> '' and removed_by <> account_id
			and not exists (select 1 from factor f where f.account_id = $1 and f.proved_at is not null and f.removed_at is null)
		limit 1`, account)
	return found, err
}

type provedRow struct {
	ProvedKind

	account ident.Account
}

func provedKinds(ctx context.Context, tx *store.Tx, accounts []ident.Account) ([]provedRow, error) {
	args := new(store.Args)
	query := `
		select account_id, kind, coalesce(network_org, '') from factor
		where proved_at is not null and removed_at is null and account_id in `
	query += store.In(args, accounts)
	return store.All(ctx, tx, func(s store.Scan) (provedRow, error) {
		var r provedRow
		return r, s(&r.account, &r.Kind, &r.Network)
	}, query, args.List()...)
}

func forgetNetwork(ctx context.Context, tx *store.Tx, org ident.Org, n int) (int64, error) {
	return tx.Exec(ctx, `delete from factor where id in (select id from factor where network_org = $1 limit $2)`, org, n)
}
