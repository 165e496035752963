package member

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/store"
)

func sitesTaken(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, i ident.Invitation) ([]ident.Site, error) {
	return store.All(ctx, tx, store.Value[ident.Site], `
		select distinct b.site_id from member_site b
		join invitation i on i.org_id = b.org_id and i.id = $3
		where b.org_id = $1 and b.member_id = $2 and b.known_until >= i.created_at`, in, id, i)
}

func rolesTaken(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, i ident.Invitation) ([]role.Given, error) {
	return store.All(ctx, tx, func(s store.Scan) (role.Given, error) {
		g := role.Given{Scope: access.OrgScope(in)}
		return g, s(&g.Role, &g.Scope.Site)
	}, `
		select distinct r.role_id, coalesce(r.site_id, '') from member_role r
		join invitation i on i.org_id = r.org_id and i.id = $3
		where r.org_id = $1 and r.member_id = $2 and r.known_until >= i.created_at`, in, id, i)
}

func holderOf(ctx context.Context, tx *store.Tx, in ident.Org, rpps string) (ident.Member, bool, error) {
	return store.One(ctx, tx, store.Value[ident.Member], `
		select member_id from member_state
		where org_id = $1 and rpps = $2 and known_until is null and rpps <> '' and status <> 'left'`, in, rpps)
}
