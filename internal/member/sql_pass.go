package member

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/store"
)

func heldSites(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) ([]heldSite, error) {
	return store.All(ctx, tx, func(s store.Scan) (heldSite, error) {
		var h heldSite
		return h, s(&h.id, &h.by, &h.since)
	}, `
		select site_id, given_by, known_from from member_site
		where org_id = $1 and member_id = $2 and known_until is null order by site_id`, in, id)
}

func rolesHeld(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) ([]leftRole, error) {
	return store.All(ctx, tx, func(s store.Scan) (leftRole, error) {
		h := leftRole{leftRight: leftRight{at: access.OrgScope(in)}}
		return h, s(&h.role, &h.at.Site, &h.starts, &h.ends, &h.by)
	}, `
		select role_id, coalesce(site_id, ''), starts_at, ends_at, given_by from member_role
		where org_id = $1 and member_id = $2 and known_until is null order by scope, role_id`, in, id)
}

func permissionsHeld(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) ([]leftPermission, error) {
	return store.All(ctx, tx, func(s store.Scan) (leftPermission, error) {
		h := leftPermission{leftRight: leftRight{at: access.OrgScope(in)}}
		return h, s(&h.permission, &h.at.Site, &h.starts, &h.ends, &h.by)
	}, `
		select permission, coalesce(site_id, ''), starts_at, ends_at, given_by from member_permission
		where org_id = $1 and member_id = $2 and known_until is null order by scope, permission`, in, id)
}
