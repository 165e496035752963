package member

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// usable asks about every organisation: the account is the person's in all of them.
func usable(ctx context.Context, tx *store.Tx, account ident.Account) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[int64], `
		select 1 from member_state
		where account_id = $1 and known_until is null and status in ('created', 'active') and verification in ('not_needed', 'verified')
			and (ends_at is null or ends_at > $2) limit 1`, account, tx.Now)
	return found, err
}

func belongs(ctx context.Context, tx *store.Tx, account ident.Account) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[int64], `
		select 1 from member_state
		where account_id = $1 and known_until is null and status <> 'left' and verification in ('not_needed', 'verified') limit 1`, account)
	return found, err
}

// rppsHeld asks about every organisation: a number that was verified is one person's.
func rppsHeld(ctx context.Context, tx *store.Tx, in ident.Org, rpps string, mine ident.Account) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[int64], `
		select 1 from member_state
		where rpps = $2 and rpps <> '' and known_until is null and status <> 'left' and coalesce(account_id, '') <> $3
			and (org_id = $1 or (account_id is not null and identity_source = 'directory' and status in ('created', 'active')
				and verification in ('not_needed', 'verified'))) limit 1`, in, rpps, mine)
	return found, err
}
