package member

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/store"
)

func peopleOf(ctx context.Context, tx *store.Tx, in ident.Org) ([]PersonOf, error) {
	return store.All(ctx, tx, func(s store.Scan) (PersonOf, error) {
		var p PersonOf
		return p, s(&p.Member, &p.Account, &p.GivenName, &p.FamilyName, &p.AccountSince, &p.Platform)
	}, `
		select s.member_id, s.account_id, s.given_name, s.family_name, a.created_at, t.platform_role <> '' from member_state s
		join account a on a.id = s.account_id
		join account_state t on t.account_id = s.account_id and t.known_until is null and t.status = 'active'
		where s.org_id = $1 and s.known_until is null and s.status in ('created', 'active') and s.verification in ('not_needed', 'verified')
			and (s.starts_at is null or s.starts_at <= $2) and (s.ends_at is null or s.ends_at > $2)
		order by s.sort_key, s.member_id`, in, tx.Now)
}

func administering(ctx context.Context, tx *store.Tx, in ident.Org) ([]ident.Member, error) {
	args := new(store.Args)
	args.Add(in)
	args.Add(tx.Now)
	query := `
		select distinct member_id from standing where org_id = $1 and starts_at <= $2 and (ends_at is null or ends_at > $2)
			and (member_starts_at is null or member_starts_at <= $2) and (member_ends_at is null or member_ends_at > $2)`
	query += ` and permission in ` + store.In(args, access.Administration)
	return store.All(ctx, tx, store.Value[ident.Member], query, args.List()...)
}
