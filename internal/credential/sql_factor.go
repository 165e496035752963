package credential

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

func scanFactor(s store.Scan) (Factor, error) {
	var f Factor
	var network *ident.Org
	var proved, used, locked *time.Time
	err := s(&f.ID, &f.Account, &f.Kind, &f.Name, &f.Hint, &network, &f.GivenBy, &f.CreatedAt, &proved, &used, &locked)
	if network != nil {
		f.Network = *network
	}
	for at, v := range map[*time.Time]*time.Time{&f.ProvedAt: proved, &f.LastUsedAt: used, &f.LockedUntil: locked} {
		if v != nil {
			*at = *v
		}
	}
	return f, err
}

func factorsOf(ctx context.Context, tx *store.Tx, account ident.Account) ([]Factor, error) {
	return store.All(ctx, tx, scanFactor, `
		select id, account_id, kind, name, case when kind = 'sms' then body else '' end, network_org, given_by,
			created_at, proved_at, last_used_at, locked_until from factor
		where account_id = $1 and removed_at is null
		order by case kind when 'passkey' then 1 when 'totp' then 2 when 'sms' then 3 else 4 end, created_at, id`, account)
}

func countFactors(ctx context.Context, tx *store.Tx, account ident.Account) (int64, error) {
	n, _, err := store.One(ctx, tx, store.Value[int64],
		`select count(*) from factor where account_id = $1 and removed_at is null`, account)
	return n, err
}

func restFactor(ctx context.Context, tx *store.Tx, id ident.Factor, until time.Time) error {
	_, err := tx.Exec(ctx, `update factor set locked_until = $2 where id = $1`, id, until)
	return err
}

func restSince(ctx context.Context, tx *store.Tx, account ident.Account, since, until time.Time) error {
	_, err := tx.Exec(ctx, `
		update factor set locked_until = $3 where account_id = $1 and created_at >= $2 and removed_at is null`, account, since, until)
	return err
}

func renameFactor(ctx context.Context, tx *store.Tx, account ident.Account, id ident.Factor, name string) error {
	_, err := tx.Exec(ctx, `update factor set name = $3 where id = $1 and account_id = $2 and removed_at is null`, id, account, name)
	return err
}

func removeFactor(ctx context.Context, tx *store.Tx, account ident.Account, id ident.Factor, by ident.Account) error {
	_, err := tx.Exec(ctx, `
		update factor set removed_at = $3, removed_by = $4, secret = null, handle = null, body = ''
		where id = $1 and account_id = $2 and removed_at is null`, id, account, tx.Now, by)
	return err
}
