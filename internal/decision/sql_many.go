package decision

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// What members hold at a moment, read for many at once. Each statement ends with the list of
// members and its order.

// rightOf is a right, and whose it is.
type rightOf struct {
	Right

	of ident.Member
}

func scanRight(s store.Scan) (rightOf, error) {
	var r rightOf
	return r, s(&r.of, &r.Kind, &r.ID, &r.Name, &r.Level, &r.Scope, &r.GivenBy, &r.GivenAt, &r.StartsAt, &r.Until)
}

// pastRoles are the roles of members.
func pastRoles(ctx context.Context, tx *store.Tx, org ident.Org, members []ident.Member, at time.Time) ([]rightOf, error) {
	args := &store.Args{}
	args.Add(org)
	args.Add(at)
	return store.All(ctx, tx, scanRight, `
		select r.member_id, 'role', r.role_id, case when b.builtin <> '' then 'builtin:' || b.builtin else coalesce(n.name, '') end, '' as level,
			r.scope, r.given_by, r.known_from, r.starts_at, r.ends_at
		from member_role r
		join role b on b.org_id = r.org_id and b.id = r.role_id
		left join role_state n on n.org_id = r.org_id and n.role_id = r.role_id
			and n.known_from <= $2 and (n.known_until is null or n.known_until > $2)
		where r.org_id = $1 and r.known_from <= $2 and (r.known_until is null or r.known_until > $2) and r.member_id in `+
		store.In(args, members)+` order by 4, r.role_id, r.scope`, args.List()...)
}

// pastRoleActs are the permissions of every role, by role.
func pastRoleActs(ctx context.Context, tx *store.Tx, org ident.Org, at time.Time) (map[string][]string, error) {
	list, err := store.All(ctx, tx, scanNameOf, `
		select role_id, permission from role_permission
		where org_id = $1 and known_from <= $2 and (known_until is null or known_until > $2)
		order by role_id, permission`, org, at)
	acts := map[string][]string{}
	for _, n := range list {
		acts[n.id] = append(acts[n.id], n.name)
	}
	return acts, err
}

// pastSingle are the single permissions of members.
func pastSingle(ctx context.Context, tx *store.Tx, org ident.Org, members []ident.Member, at time.Time) ([]rightOf, error) {
	args := &store.Args{}
	args.Add(org)
	args.Add(at)
	return store.All(ctx, tx, scanRight, `
		select member_id, 'permission', id, permission, permission as act, scope, given_by, known_from, starts_at, ends_at
		from member_permission
		where org_id = $1 and known_from <= $2 and (known_until is null or known_until > $2) and member_id in `+
		store.In(args, members)+` order by permission, scope`, args.List()...)
}

// closedCodes say what refuses a resource that is closed.
var closedCodes = map[string]Code{TypeAgenda: AgendaClosed, TypeMessagingProfile: MessagingClosed, TypeIdentity: IdentityClosed}

func scanRightOn(s store.Scan) (rightOf, error) {
	var r rightOf
	var status string
	err := s(&r.of, &r.Kind, &r.ID, &r.Name, &r.Level, &r.GivenBy, &r.GivenAt, &r.StartsAt, &r.Until, &r.Resource.Type, &r.Resource.ID,
		&r.Site, &r.Detail, &r.HolderName, &status)
	if status == statusClosed {
		r.Unused = closedCodes[r.Resource.Type]
	}
	return r, err
}

// pastHoldings are the resources that members hold.
func pastHoldings(ctx context.Context, tx *store.Tx, org ident.Org, members []ident.Member, at time.Time) ([]rightOf, error) {
	args := &store.Args{}
	args.Add(org)
	args.Add(at)
	return store.All(ctx, tx, scanRightOn, `
		select s.holder_id, 'holder', s.resource_id, s.name, 'manage', '', s.known_from, s.known_from as starts_at, null,
			r.type, s.resource_id, coalesce(s.site_id, ''), s.detail, '', s.status
		from resource_state s join resource r on r.org_id = s.org_id and r.id = s.resource_id
		where s.org_id = $1 and s.known_from <= $2 and (s.known_until is null or s.known_until > $2) and s.holder_id in `+
		store.In(args, members)+` order by r.type, s.sort_key, s.resource_id`, args.List()...)
}

// pastLevels are the levels given to members. An agenda that was left without its holder is
// closed (OFF-3).
func pastLevels(ctx context.Context, tx *store.Tx, org ident.Org, members []ident.Member, at time.Time) ([]rightOf, error) {
	args := &store.Args{}
	args.Add(org)
	args.Add(at)
	return store.All(ctx, tx, scanRightOn, `
		select g.member_id, 'grant', g.id, s.name, g.level, g.given_by, g.known_from, g.starts_at, g.ends_at,
			r.type, s.resource_id, coalesce(s.site_id, ''), s.detail, '',
			case when r.type = 'agenda' and s.holder_id is not null and coalesce(h.status, 'left') = 'left' then 'closed' else s.status end
		from access_grant g
		join resource r on r.org_id = g.org_id and r.id = g.resource_id
		join resource_state s on s.org_id = r.org_id and s.resource_id = r.id
			and s.known_from <= $2 and (s.known_until is null or s.known_until > $2)
		left join member_state h on h.org_id = s.org_id and h.member_id = s.holder_id
			and h.known_from <= $2 and (h.known_until is null or h.known_until > $2)
		where g.org_id = $1 and g.known_from <= $2 and (g.known_until is null or g.known_until > $2) and g.member_id in `+
		store.In(args, members)+` order by r.type, s.sort_key, s.resource_id`, args.List()...)
}

// delegationOf is a delegation, with what decides whether it opens anything.
type delegationOf struct {
	rightOf

	state  string
	holder pastMember // of the identity; without ID: nobody
}

func scanDelegationOf(s store.Scan) (delegationOf, error) {
	var d delegationOf
	var status string
	h := &d.holder
	err := s(&d.of, &d.Kind, &d.ID, &d.Name, &d.Level, &d.GivenBy, &d.GivenAt, &d.StartsAt, &d.Until, &d.Resource.Type, &d.Resource.ID,
		&d.Site, &d.Detail, &d.HolderName, &status, &d.state, &h.id, &h.status, &h.account, &h.blocked, &h.starts, &h.ends)
	if status == statusClosed {
		d.Unused = IdentityClosed
	}
	return d, err
}

// pastDelegations are the delegations of members.
func pastDelegations(ctx context.Context, tx *store.Tx, org ident.Org, members []ident.Member, at time.Time) ([]delegationOf, error) {
	args := &store.Args{}
	args.Add(org)
	args.Add(at)
	return store.All(ctx, tx, scanDelegationOf, `
		select d.member_id, 'delegation', d.id, s.name, d.act, d.given_by, d.known_from, d.starts_at, d.ends_at, 'identity', s.resource_id,
			coalesce(s.site_id, ''), s.detail, coalesce(h.given_name || ' ' || h.family_name, ''), s.status, d.state, coalesce(s.holder_id, ''),
			case when h.member_id is null then 'left'
				when h.status in ('created', 'active') and h.verification not in ('not_needed', 'verified') then 'unverified' else h.status end,
			coalesce(h.account_id, ''), coalesce(a.status, '') <> 'active', h.starts_at, h.ends_at
		from delegation d
		join resource_state s on s.org_id = d.org_id and s.resource_id = d.identity_id
			and s.known_from <= $2 and (s.known_until is null or s.known_until > $2)
		left join member_state h on h.org_id = s.org_id and h.member_id = s.holder_id
			and h.known_from <= $2 and (h.known_until is null or h.known_until > $2)
		left join account_state a on a.account_id = h.account_id and a.known_from <= $2 and (a.known_until is null or a.known_until > $2)
		where d.org_id = $1 and d.known_from <= $2 and (d.known_until is null or d.known_until > $2) and d.member_id in `+
		store.In(args, members)+` order by s.sort_key, s.resource_id, d.act`, args.List()...)
}

// pastGroupsOf are the access groups of members.
func pastGroupsOf(ctx context.Context, tx *store.Tx, org ident.Org, members []ident.Member, at time.Time) ([]rightOf, error) {
	args := &store.Args{}
	args.Add(org)
	args.Add(at)
	return store.All(ctx, tx, scanRight, `
		select m.member_id, 'group', m.group_id, s.name, '' as level, '' as scope, m.given_by, m.known_from, m.starts_at, m.ends_at
		from record_group_member m
		join record_group_state s on s.org_id = m.org_id and s.group_id = m.group_id and s.status = 'active'
			and s.known_from <= $2 and (s.known_until is null or s.known_until > $2)
		where m.org_id = $1 and m.known_from <= $2 and (m.known_until is null or m.known_until > $2) and m.member_id in `+
		store.In(args, members)+` order by s.sort_key, m.group_id`, args.List()...)
}

// pastMembersByID are members as they were; who was none then is left out.
func pastMembersByID(ctx context.Context, tx *store.Tx, org ident.Org, members []ident.Member, at time.Time) ([]pastMember, error) {
	args := &store.Args{}
	args.Add(org)
	args.Add(at)
	return store.All(ctx, tx, scanPastMember, `
		select s.member_id,
			case when s.status in ('created', 'active') and s.verification not in ('not_needed', 'verified') then 'unverified' else s.status end,
			coalesce(s.account_id, ''), coalesce(a.status, '') <> 'active', s.starts_at, s.ends_at, s.function, s.messaging_reach
		from member_state s
		left join account_state a on a.account_id = s.account_id and a.known_from <= $2 and (a.known_until is null or a.known_until > $2)
		where s.org_id = $1 and s.known_from <= $2 and (s.known_until is null or s.known_until > $2) and s.member_id in `+
		store.In(args, members)+` order by s.member_id`, args.List()...)
}

// siteOf is a site of a member.
type siteOf struct {
	member ident.Member
	site   ident.Site
}

func pastSitesOf(ctx context.Context, tx *store.Tx, org ident.Org, members []ident.Member, at time.Time) ([]siteOf, error) {
	args := &store.Args{}
	args.Add(org)
	args.Add(at)
	return store.All(ctx, tx, func(s store.Scan) (v siteOf, err error) { return v, s(&v.member, &v.site) }, `
		select member_id, site_id from member_site
		where org_id = $1 and known_from <= $2 and (known_until is null or known_until > $2) and member_id in `+
		store.In(args, members)+` order by site_id`, args.List()...)
}
