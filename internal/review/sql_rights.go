package review

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/changeset"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// atOnce bounds the members of one statement.
const atOnce = 500

// everybody reads the rights of all members, not of some.
var everybody []ident.Member

// rightsOf reads what members were given and is not over, whatever their status, and what they
// hold; of a site, what holds there, with the roles and permissions of the whole organisation. Of everybody in one statement.
func rightsOf(ctx context.Context, tx *store.Tx, org ident.Org, at ident.Site, members []ident.Member) (map[ident.Member]rights, error) {
	all := map[ident.Member]rights{}
	if members == nil {
		if err := eachRight(ctx, tx, org, at, nil, all); err != nil {
			return nil, err
		}
		return all, fillRoles(ctx, tx, org, all)
	}
	for part := range slices.Chunk(members, atOnce) {
		if err := eachRight(ctx, tx, org, at, part, all); err != nil {
			return nil, err
		}
	}
	return all, fillRoles(ctx, tx, org, all)
}

// fillRoles writes into the roles of rights what they open now.
func fillRoles(ctx context.Context, tx *store.Tx, org ident.Org, all map[ident.Member]rights) error {
	isRole := func(r right) bool { return r.Domain == changeset.Role }
	given := false
	for _, l := range all {
		given = given || l.any(isRole)
	}
	if !given {
		return nil
	}
	roles, err := rolesOf(ctx, tx, org)
	if err != nil {
		return err
	}
	opens := make(map[ident.Role][]access.Permission, len(roles))
	for id, v := range roles {
		opens[id] = slices.Sorted(slices.Values(v.Permissions))
	}
	for _, l := range all {
		for i := range l {
			if isRole(l[i]) {
				l[i].Opens = append([]access.Permission{}, opens[ident.Role(l[i].Object)]...)
			}
		}
	}
	return nil
}

func eachRight(ctx context.Context, tx *store.Tx, org ident.Org, at ident.Site, some []ident.Member, all map[ident.Member]rights) error {
	var args store.Args
	args.Add(org)
	args.Add(tx.Now)
	who := ``
	if some != nil {
		who = ` and v.member_id in ` + store.In(&args, some)
	}
	if !at.IsZero() {
		who += ` and (v.site = ` + args.Add(at) + ` or (v.site = '' and v.domain in ('role', 'permission')))`
	}
	return store.Each(ctx, tx, func(s store.Scan) error {
		var m ident.Member
		var r right
		if err := s(&m, &r.Domain, &r.Object, &r.Detail, &r.Level, &r.Site, &r.By, &r.At, &r.From, &r.Until); err != nil {
			return err
		}
		if r.Domain == changeset.Role || r.Domain == changeset.Permission {
			if r.Detail == access.WholeOrganization {
				r.Site = ""
			}
		}
		all[m] = append(all[m], r)
		return nil
	}, `select v.member_id, v.domain, v.object, v.detail, v.level, v.site, v.given_by, v.given_at, v.starts_at, v.ends_at from (
		select r.org_id, r.member_id, 'role' as domain, r.role_id as object, r.scope as detail, '' as level, coalesce(r.site_id, '') as site,
			r.given_by, r.known_from as given_at, r.starts_at, r.ends_at
		from member_role r where r.org_id = $1 and r.known_until is null
		union all
		select p.org_id, p.member_id, 'permission', p.permission, p.scope, '', coalesce(p.site_id, ''), p.given_by, p.known_from, p.starts_at,
			p.ends_at
		from member_permission p where p.org_id = $1 and p.known_until is null
		union all
		select g.org_id, g.member_id, 'level', g.resource_id, '', g.level, coalesce(s.site_id, ''), g.given_by, g.known_from, g.starts_at,
			g.ends_at
		from access_grant g
		join resource_state s on s.org_id = g.org_id and s.resource_id = g.resource_id and s.known_until is null
		where g.org_id = $1 and g.known_until is null
		union all
		select d.org_id, d.member_id, 'delegation', d.identity_id, d.act, '', coalesce(s.site_id, ''), d.given_by, d.known_from, d.starts_at,
			d.ends_at
		from delegation d
		join resource_state s on s.org_id = d.org_id and s.resource_id = d.identity_id and s.known_until is null
		where d.org_id = $1 and d.known_until is null and d.state = 'active'
		union all
		select m.org_id, m.member_id, 'group_member', m.group_id, '', '', '', m.given_by, m.known_from, m.starts_at, m.ends_at
		from record_group_member m where m.org_id = $1 and m.known_until is null
		union all
		select h.org_id, h.holder_id, 'holds', h.resource_id, '', '', coalesce(h.site_id, ''), '', h.known_from as given_at,
			h.known_from, h.known_until
		from resource_state h where h.org_id = $1 and h.known_until is null and h.holder_id is not null and h.status = 'active'
	) v where v.org_id = $1 and (v.ends_at is null or v.ends_at > $2)`+who+`
		order by v.member_id, v.domain, v.object, v.detail, v.starts_at`, args.List()...)
}
