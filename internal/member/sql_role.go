package member

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// administrationOfHolders reads all that those who hold a role were given, by any role or
// singly, in force or not: who touches the role touches them. The one left out is but.
func administrationOfHolders(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Role, but ident.Member) ([]GivenPermission, error) {
	return store.All(ctx, tx, func(s store.Scan) (GivenPermission, error) {
		g := GivenPermission{Scope: access.OrgScope(in)}
		return g, s(&g.Permission, &g.Scope.Site)
	}, `
		with holder as (
			select h.member_id from member_role h
			where h.org_id = $1 and h.role_id = $2 and h.known_until is null and (h.ends_at is null or h.ends_at > $3) and h.member_id <> $4)
		select p.permission, coalesce(r.site_id, '')
		from member_role r
		join role_permission p on p.org_id = r.org_id and p.role_id = r.role_id and p.known_until is null
		where r.org_id = $1 and r.known_until is null and (r.ends_at is null or r.ends_at > $3)
			and r.member_id in (select member_id from holder)
		union
		select g.permission, coalesce(g.site_id, '') from member_permission g
		where g.org_id = $1 and g.known_until is null and (g.ends_at is null or g.ends_at > $3)
			and g.member_id in (select member_id from holder)`, in, id, tx.Now, but)
}
