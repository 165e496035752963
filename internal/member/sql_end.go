package member

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/store"
)

func findLeft(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (subject, bool, error) {
	s, ok, err := store.One(ctx, tx, scanMember, selectMember+` and s.member_id = $2 and s.status = 'left'`, in, id)
	return imported(ctx, tx, s, ok, err)
}

// statusLeft is the status that a member had before they left.
func statusLeft(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (s Status, err error) {
	err = tx.QueryRow(ctx, `
		select status from member_state where org_id = $1 and member_id = $2 and status <> 'left' order by rev desc limit 1`, in, id).Scan(&s)
	return s, err
}

func sitesLeft(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, at time.Time) ([]ident.Site, error) {
	return store.All(ctx, tx, store.Value[ident.Site], `
		select site_id from member_site where org_id = $1 and member_id = $2 and known_until = $3 order by site_id`, in, id, at)
}

// siteGivers says who had given the sites that a member belonged to until a moment.
func siteGivers(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, at time.Time) (map[ident.Site]string, error) {
	givers := map[ident.Site]string{}
	return givers, store.Each(ctx, tx, func(s store.Scan) error {
		var site ident.Site
		var by string
		err := s(&site, &by)
		givers[site] = by
		return err
	}, `select site_id, given_by from member_site where org_id = $1 and member_id = $2 and known_until = $3`, in, id, at)
}

// leftRight is a right that ended with a membership.
type leftRight struct {
	grant

	at access.Scope
	by string
}

type leftRole struct {
	leftRight

	role   ident.Role
	name   string
	active bool // the role is there still
}

type leftPermission struct {
	leftRight

	permission access.Permission
}

func rolesLeft(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, at time.Time) ([]leftRole, error) {
	return store.All(ctx, tx, func(s store.Scan) (leftRole, error) {
		h := leftRole{leftRight: leftRight{at: access.OrgScope(in)}}
		return h, s(&h.role, &h.at.Site, &h.starts, &h.ends, &h.by, &h.name, &h.active)
	}, `
		select r.role_id, coalesce(r.site_id, ''), r.starts_at, r.ends_at, r.given_by, t.name, t.status = 'active'
		from member_role r
		join role_state t on t.org_id = r.org_id and t.role_id = r.role_id and t.known_until is null
		where r.org_id = $1 and r.member_id = $2 and r.known_until = $3 order by r.scope, r.role_id`, in, id, at)
}

func permissionsLeft(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, at time.Time) ([]leftPermission, error) {
	return store.All(ctx, tx, func(s store.Scan) (leftPermission, error) {
		h := leftPermission{leftRight: leftRight{at: access.OrgScope(in)}}
		return h, s(&h.permission, &h.at.Site, &h.starts, &h.ends, &h.by)
	}, `
		select permission, coalesce(site_id, ''), starts_at, ends_at, given_by from member_permission
		where org_id = $1 and member_id = $2 and known_until = $3 order by scope, permission`, in, id, at)
}

// heirs are members in force who can sign in, and belong to the site of the scope, by name.
func heirs(ctx context.Context, tx *store.Tx, at access.Scope) ([]ident.Member, error) {
	var args store.Args
	args.Add(at.Org)
	args.Add(tx.Now)
	query := `
		select s.member_id from member_state s
		join account_state a on a.account_id = s.account_id and a.known_until is null and a.status = 'active'
		join credential c on c.account_id = s.account_id and c.kind = 'password' and c.removed_at is null
		left join credential_guard g on g.account_id = s.account_id and g.locked_at is not null
		where s.org_id = $1 and s.known_until is null and s.status in ('created', 'active') and s.verification in ('not_needed', 'verified')
			and s.ends_at is null and (s.starts_at is null or s.starts_at <= $2) and g.account_id is null`
	if !at.Site.IsZero() {
		query += ` and exists (select 1 from member_site b where b.org_id = s.org_id and b.member_id = s.member_id
			and b.known_until is null and b.site_id = ` + args.Add(at.Site) + `)`
	}
	return store.All(ctx, tx, store.Value[ident.Member], query+` order by s.sort_key, s.member_id`, args.List()...)
}

// forget leaves of a member their name and function. The number and the address go from what
// lists are searched by too.
func forget(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) error {
	_, err := tx.Exec(ctx, `
		update member_state set email = '', rpps = '', siret = '', am_number = '', phone = '', mssante = '', identity_body = '',
			search = '', keywords = '' where org_id = $1 and member_id = $2`, in, id)
	return err
}

func eachDeparture(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member, fn func(ident.Member, PlannedDeparture)) error {
	var args store.Args
	query := `select member_id, day, refused <> '' from departure where org_id = ` + args.Add(in) + `
		and state in ('planned', 'done') and state = 'planned' and member_id in ` + store.In(&args, ids)
	return store.Each(ctx, tx, func(s store.Scan) error {
		var id ident.Member
		var p PlannedDeparture
		err := s(&id, &p.Day, &p.Confirm)
		fn(id, p)
		return err
	}, query, args.List()...)
}
