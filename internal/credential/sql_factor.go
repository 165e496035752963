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
	err := s(&f.ID, &f.Account, &f.Kind, &f.Name, &network, &f.GivenBy, &f.CreatedAt, &proved, &used, &locked)
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
		select id, account_id, kind, name, network_org, given_by, created_at, proved_at, last_used_at, locked_until from factor
		where account_id = $1 and removed_at is null
		order by case kind when 'passkey' then 1 when 'totp' then 2 when 'sms' then 3 else 4 end, created_at, id`, account)
}
