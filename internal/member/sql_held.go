package member

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// heldRoles reads the roles of some members that are not over; of each role, its ID alone.
func heldRoles(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member) ([]HeldRight, error) {
	var args store.Args
	query := `
		select r.member_id, coalesce(r.site_id, ''), r.role_id, r.starts_at, r.ends_at, r.given_by, r.known_from from member_role r
		where r.org_id = ` + args.Add(in) + ` and r.known_until is null and (r.ends_at is null or r.ends_at > ` + args.Add(tx.Now) + `)
			and r.member_id in ` + store.In(&args, ids) + ` order by r.member_id, r.scope, r.role_id`
	return store.All(ctx, tx, func(s store.Scan) (HeldRight, error) {
		h := HeldRight{Scope: access.OrgScope(in)}
		return h, s(&h.Member, &h.Scope.Site, &h.Role.ID, &h.StartsAt, &h.EndsAt, &h.GivenBy, &h.GivenAt)
	}, query, args.List()...)
}

// heldSingly reads the single permissions of some members that are not over.
func heldSingly(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member) ([]HeldRight, error) {
	var args store.Args
	query := `
		select g.member_id, coalesce(g.site_id, ''), g.permission, g.starts_at, g.ends_at, g.given_by, g.known_from from member_permission g
		where g.org_id = ` + args.Add(in) + ` and g.known_until is null and (g.ends_at is null or g.ends_at > ` + args.Add(tx.Now) + `)
			and g.member_id in ` + store.In(&args, ids) + ` order by g.member_id, g.scope, g.permission`
	return store.All(ctx, tx, func(s store.Scan) (HeldRight, error) {
		h := HeldRight{Scope: access.OrgScope(in)}
		var p access.Permission
		err := s(&h.Member, &h.Scope.Site, &p, &h.StartsAt, &h.EndsAt, &h.GivenBy, &h.GivenAt)
		h.Permissions = []access.Permission{p}
		return h, err
	}, query, args.List()...)
}
