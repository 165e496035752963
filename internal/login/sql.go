package login

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// administersAnything reports whether an account holds an administration
// permission in force, in whatever organisation: it is found by the account.
func administersAnything(ctx context.Context, tx *store.Tx, account ident.Account) (bool, error) {
	args := new(store.Args)
	args.Add(account)
	args.Add(tx.Now)
	query := `
		select 1 from standing where account_id = $1 and starts_at <= $2 and (ends_at is null or ends_at > $2)
			and (member_ends_at is null or member_ends_at > $2)`
	query += ` and permission in ` + store.In(args, access.Administration) + ` limit 1`
	_, found, err := store.One(ctx, tx, store.Value[int64], query, args.List()...)
	return found, err
}
