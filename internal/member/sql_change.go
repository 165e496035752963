package member

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// belongsSince reads since when a member belongs to a site; the second value is false when
// they do not.
func belongsSince(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, site ident.Site) (time.Time, bool, error) {
	return store.One(ctx, tx, store.Value[time.Time], `
		select known_from from member_site where org_id = $1 and member_id = $2 and site_id = $3 and known_until is null`, in, id, site)
}

// roleRow and permissionRow are rights as they are kept.
type roleRow struct {
	grant
	role ident.Role
}

type permissionRow struct {
	grant
	permission access.Permission
}

// rowsAtSite reads what a member holds at one site by itself, over or not.
func rowsAtSite(ctx context.Context, tx *store.Tx, id ident.Member, at access.Scope) ([]roleRow, []permissionRow, error) {
	roles, err := store.All(ctx, tx, func(s store.Scan) (roleRow, error) {
		var r roleRow
		return r, s(&r.role, &r.starts, &r.ends)
	}, `
		select role_id, starts_at, ends_at from member_role
		where org_id = $1 and member_id = $2 and site_id = $3 and known_until is null order by id`, at.Org, id, at.Site)
	if err != nil {
		return nil, nil, err
	}
	permissions, err := store.All(ctx, tx, func(s store.Scan) (permissionRow, error) {
		var p permissionRow
		return p, s(&p.permission, &p.starts, &p.ends)
	}, `
		select permission, starts_at, ends_at from member_permission
		where org_id = $1 and member_id = $2 and site_id = $3 and known_until is null order by permission`, at.Org, id, at.Site)
	return roles, permissions, err
}
