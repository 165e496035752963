package access

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

func administrationGrants(ctx context.Context, tx *store.Tx, org ident.Org, members []ident.Member, out map[ident.Member][]grant) error {
	var args store.Args
	args.Add(org)
	args.Add(tx.Now)
	list, kinds := store.In(&args, members), store.In(&args, Administration)
	return store.Each(ctx, tx, func(s store.Scan) error {
		var m ident.Member
		var g grant
		err := s(&m, &g.permission, &g.scope)
		out[m] = append(out[m], g)
		return err
	}, `select distinct r.member_id, p.permission, r.scope
		from member_role r
		join role_permission p on p.org_id = r.org_id and p.role_id = r.role_id and p.known_until is null
		where r.org_id = $1 and r.known_until is null and (r.ends_at is null or r.ends_at > $2)`+
		` and r.member_id in `+list+` and p.permission in `+kinds+`
		union
		select g.member_id, g.permission, g.scope from member_permission g
		where g.org_id = $1 and g.known_until is null and (g.ends_at is null or g.ends_at > $2)`+
		` and g.member_id in `+list+` and g.permission in `+kinds, args.List()...)
}

func holderGrants(ctx context.Context, tx *store.Tx, org ident.Org, p Permission, out map[ident.Member][]grant) error {
	var args store.Args
	args.Add(org)
	args.Add(tx.Now)
	args.Add(p)
	return store.Each(ctx, tx, func(s store.Scan) error {
		var m ident.Member
		var g grant
		err := s(&m, &g.permission, &g.scope)
		out[m] = append(out[m], g)
		return err
	}, `select distinct v.member_id, v.permission, v.scope from standing v
		where v.org_id = $1 and v.starts_at <= $2 and (v.ends_at is null or v.ends_at > $2)
			and (v.member_starts_at is null or v.member_starts_at <= $2) and (v.member_ends_at is null or v.member_ends_at > $2)
			and v.member_id in (
				select w.member_id from standing w
				where w.org_id = $1 and w.permission = $3 and w.starts_at <= $2 and (w.ends_at is null or w.ends_at > $2)
					and (w.member_starts_at is null or w.member_starts_at <= $2) and (w.member_ends_at is null or w.member_ends_at > $2))
			and v.permission in `+store.In(&args, Administration), args.List()...)
}
