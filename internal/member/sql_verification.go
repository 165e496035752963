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

// rppsHeld asks about every organisation. Without an account (mine is zero) nobody who has one, and
// nobody who has none, is oneself. Elsewhere a number counts once it is the one that was judged with
// the file of its member: typed on their sheet it is worth nothing there. What proves it more than
// an organisation's own word is support's validation, or a mailbox of the directory.
func rppsHeld(ctx context.Context, tx *store.Tx, in ident.Org, rpps string, mine ident.Account) (Hold, error) {
	h, _, err := store.One(ctx, tx, store.Value[Hold], `
		select coalesce(max(case
			when s.org_id = $1 and s.account_id is not null then 3
			when s.org_id = $1 then 2
			when exists (select 1 from dossier_ruling u where u.org_id = r.org_id and u.member_id = r.member_id and u.version = r.version
					and u.decision = 'validated' and u.ended_at is null)
				or exists (select 1 from registration_mailbox b where b.org_id = r.org_id and b.registration_id = r.id and b.rpps = r.rpps
					and b.proved_at is not null and b.ended_at is null) then 3
			else 1 end), 0)
		from member_state s
		left join registration r on r.org_id = s.org_id and r.member_id = s.member_id and r.rpps = s.rpps
		where s.rpps = $2 and s.rpps <> '' and s.known_until is null and s.status <> 'left'
			and (s.account_id is null or s.account_id <> $3)
			and (s.org_id = $1 or (r.id is not null and s.account_id is not null and s.identity_source = 'directory'
				and s.status in ('created', 'active') and s.verification = 'verified'))`, in, rpps, mine)
	return h, err
}
