package decision

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// The second evaluator reads history rows as they were known at a moment ($2 or the last
// argument of each statement), and nothing else: no index, no view, no cache.

type pastMember struct {
	id              ident.Member
	status          string
	account         string
	blocked         bool
	starts, ends    *time.Time
	function, reach string
}

func scanPastMember(s store.Scan) (pastMember, error) {
	var m pastMember
	return m, s(&m.id, &m.status, &m.account, &m.blocked, &m.starts, &m.ends, &m.function, &m.reach)
}

func pastOrg(ctx context.Context, tx *store.Tx, org ident.Org, at time.Time) (string, bool, error) {
	return store.One(ctx, tx, store.Value[string], `
		select status from org_state where org_id = $1 and known_from <= $2 and (known_until is null or known_until > $2)`, org, at)
}

func pastMemberByID(ctx context.Context, tx *store.Tx, org ident.Org, id string, at time.Time) (pastMember, bool, error) {
	return store.One(ctx, tx, scanPastMember, `
		select s.member_id,
			case when s.status in ('created', 'active') and s.verification not in ('not_needed', 'verified') then 'unverified' else s.status end,
			coalesce(s.account_id, ''),
			coalesce(a.status, '') <> 'active', s.starts_at, s.ends_at, s.function, s.messaging_reach
		from member_state s
		left join account_state a on a.account_id = s.account_id and a.known_from <= $3 and (a.known_until is null or a.known_until > $3)
		where s.org_id = $1 and s.member_id = $2 and s.known_from <= $3 and (s.known_until is null or s.known_until > $3)`, org, id, at)
}

func pastMemberByAccount(ctx context.Context, tx *store.Tx, org ident.Org, account string, at time.Time) (pastMember, bool, error) {
	return store.One(ctx, tx, scanPastMember, `
		select s.member_id,
			case when s.status in ('created', 'active') and s.verification not in ('not_needed', 'verified') then 'unverified' else s.status end,
			coalesce(s.account_id, ''),
			coalesce(a.status, '') <> 'active', s.starts_at, s.ends_at, s.function, s.messaging_reach
		from member_state s
		left join account_state a on a.account_id = s.account_id and a.known_from <= $3 and (a.known_until is null or a.known_until > $3)
		where s.org_id = $1 and s.account_id = $2 and s.status <> 'left'
			and s.known_from <= $3 and (s.known_until is null or s.known_until > $3)`, org, account, at)
}

// pastPlaces counts the organisations in which an account had a place: none where its
// verification was awaited.
func pastPlaces(ctx context.Context, tx *store.Tx, account string, at time.Time) (n int64, err error) {
	err = tx.QueryRow(ctx, `
		select count(*) from member_state
		where account_id = $1 and status <> 'left' and verification in ('not_needed', 'verified')
			and known_from <= $2 and (known_until is null or known_until > $2)`, account, at).Scan(&n)
	return n, err
}

type pastResource struct {
	typ, site, holder, status, name string
}

func pastResourceByID(ctx context.Context, tx *store.Tx, org ident.Org, id string, at time.Time) (pastResource, bool, error) {
	return store.One(ctx, tx, func(s store.Scan) (pastResource, error) {
		var r pastResource
		return r, s(&r.typ, &r.site, &r.holder, &r.status, &r.name)
	}, `
		select r.type, coalesce(s.site_id, ''), coalesce(s.holder_id, ''), s.status, s.name
		from resource r join resource_state s on s.org_id = r.org_id and s.resource_id = r.id
		where r.org_id = $1 and r.id = $2 and s.known_from <= $3 and (s.known_until is null or s.known_until > $3)`, org, id, at)
}

// given is one source of a right: a fact with when it begins.
type given struct {
	Fact

	starts time.Time
}

// holds reports whether it is in force at a moment.
func (g given) holds(at time.Time) bool {
	return !g.starts.After(at) && (g.Until == nil || g.Until.After(at))
}

func scanGiven(s store.Scan) (given, error) {
	var g given
	return g, s(&g.Kind, &g.ID, &g.Name, &g.Level, &g.Scope, &g.GivenBy, &g.GivenAt, &g.starts, &g.Until)
}

func pastGrant(ctx context.Context, tx *store.Tx, org ident.Org, member ident.Member, resource string,
	at time.Time) (given, bool, error) {
	return store.One(ctx, tx, scanGiven, `
		select 'grant', id, '', level, '', given_by, known_from, starts_at, ends_at from access_grant
		where org_id = $1 and member_id = $2 and resource_id = $3
			and known_from <= $4 and (known_until is null or known_until > $4)`, org, member, resource, at)
}

type pastDelegated struct {
	given

	state string
}

func pastDelegation(ctx context.Context, tx *store.Tx, org ident.Org, member ident.Member, identity, act string,
	at time.Time) (pastDelegated, bool, error) {
	return store.One(ctx, tx, func(s store.Scan) (pastDelegated, error) {
		var d pastDelegated
		return d, s(&d.Kind, &d.ID, &d.Name, &d.Level, &d.Scope, &d.GivenBy, &d.GivenAt, &d.starts, &d.Until, &d.state)
	}, `
		select 'delegation', id, '', act, '', given_by, known_from, starts_at, ends_at, state from delegation
		where org_id = $1 and member_id = $2 and identity_id = $3 and act = $4
			and known_from <= $5 and (known_until is null or known_until > $5)`,
		org, member, identity, act, at)
}

// pastPermissions are the sources of one permission of a member, in force or not. A
// source by a role bears the role's permission as its level.
func pastPermissions(ctx context.Context, tx *store.Tx, org ident.Org, member ident.Member, permission string,
	at time.Time) ([]given, error) {
	return store.All(ctx, tx, scanGiven, `
		select 'role', r.role_id, coalesce(n.name, ''), p.permission, r.scope, r.given_by, r.known_from, r.starts_at, r.ends_at
		from member_role r
		join role_permission p on p.org_id = r.org_id and p.role_id = r.role_id and p.permission = $3
			and p.known_from <= $4 and (p.known_until is null or p.known_until > $4)
		left join role_state n on n.org_id = r.org_id and n.role_id = r.role_id
			and n.known_from <= $4 and (n.known_until is null or n.known_until > $4)
		where r.org_id = $1 and r.member_id = $2 and r.known_from <= $4 and (r.known_until is null or r.known_until > $4)
		union all
		select 'permission', id, '', permission, scope, given_by, known_from, starts_at, ends_at from member_permission
		where org_id = $1 and member_id = $2 and permission = $3 and known_from <= $4 and (known_until is null or known_until > $4)
		order by 1, 2, 5`, org, member, permission, at)
}

func pastRecordGroups(ctx context.Context, tx *store.Tx, org ident.Org, record string, at time.Time) ([]string, error) {
	return store.All(ctx, tx, store.Value[string], `
		select g.id from record_group_record r
		join record_group g on g.org_id = r.org_id and g.no = r.group_no
		join record_group_state s on s.org_id = g.org_id and s.group_id = g.id and s.status = 'active'
			and s.known_from <= $3 and (s.known_until is null or s.known_until > $3)
		where r.org_id = $1 and r.record = $2 and r.known_from <= $3
			and (r.known_until is null or r.known_until > $3) order by g.id`, org, record, at)
}

func pastMemberGroups(ctx context.Context, tx *store.Tx, org ident.Org, member ident.Member, at time.Time) ([]given, error) {
	return store.All(ctx, tx, scanGiven, `
		select 'group', m.group_id, s.name, '', '', m.given_by, m.known_from, m.starts_at, m.ends_at from record_group_member m
		join record_group_state s on s.org_id = m.org_id and s.group_id = m.group_id and s.status = 'active'
			and s.known_from <= $3 and (s.known_until is null or s.known_until > $3)
		where m.org_id = $1 and m.member_id = $2 and m.known_from <= $3
			and (m.known_until is null or m.known_until > $3) order by m.group_id`, org, member, at)
}

func pastSites(ctx context.Context, tx *store.Tx, org ident.Org, member ident.Member, at time.Time) ([]string, error) {
	return store.All(ctx, tx, store.Value[string], `
		select site_id from member_site
		where org_id = $1 and member_id = $2 and known_from <= $3
			and (known_until is null or known_until > $3) order by site_id`, org, member, at)
}

func pastSiteKnown(ctx context.Context, tx *store.Tx, org ident.Org, site string, at time.Time) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[string], `
		select status from site_state where org_id = $1 and site_id = $2
			and known_from <= $3 and (known_until is null or known_until > $3)`, org, site, at)
	return found, err
}

func pastSetting(ctx context.Context, tx *store.Tx, org ident.Org, name string, at time.Time) (string, bool, error) {
	return store.One(ctx, tx, store.Value[string], `
		select value from org_setting where org_id = $1 and name = $2
			and known_from <= $3 and (known_until is null or known_until > $3)`, org, name, at)
}

// What a search of the past looks through, after a place, in the order of the names.

func pastMembersAfter(ctx context.Context, tx *store.Tx, org ident.Org, after string, at time.Time) ([]string, error) {
	return store.All(ctx, tx, store.Value[string], `
		select member_id from member_state
		where org_id = $1 and member_id > $2 and status <> 'left' and known_from <= $3 and (known_until is null or known_until > $3)
		order by member_id`, org, after, at)
}

func pastResourcesAfter(ctx context.Context, tx *store.Tx, org ident.Org, typ, after string, at time.Time) ([]string, error) {
	return store.All(ctx, tx, store.Value[string], `
		select s.resource_id from resource_state s join resource r on r.org_id = s.org_id and r.id = s.resource_id and r.type = $2
		where s.org_id = $1 and s.resource_id > $3 and s.known_from <= $4 and (s.known_until is null or s.known_until > $4)
		order by s.resource_id`, org, typ, after, at)
}

func pastSitesAfter(ctx context.Context, tx *store.Tx, org ident.Org, after string, at time.Time) ([]string, error) {
	return store.All(ctx, tx, store.Value[string], `
		select site_id from site_state
		where org_id = $1 and site_id > $2 and known_from <= $3 and (known_until is null or known_until > $3)
		order by site_id`, org, after, at)
}

func pastAccountsAfter(ctx context.Context, tx *store.Tx, org ident.Org, after string, at time.Time) ([]string, error) {
	return store.All(ctx, tx, store.Value[string], `
		select account_id from member_state
		where org_id = $1 and account_id is not null and status <> 'left' and known_from <= $3 and (known_until is null or known_until > $3)
			and member_id > coalesce((
				select max(l.member_id) from member_state l
				where l.org_id = $1 and l.account_id = $2 and l.status <> 'left'
					and l.known_from <= $3 and (l.known_until is null or l.known_until > $3)), '')
		order by member_id`, org, after, at)
}

// pastRecordsAfter are the records that were in the groups of a member.
func pastRecordsAfter(ctx context.Context, tx *store.Tx, org ident.Org, member ident.Member, after string,
	at time.Time) ([]string, error) {
	return store.All(ctx, tx, store.Value[string], `
		select distinct r.record from record_group_record r
		join record_group g on g.org_id = r.org_id and g.no = r.group_no
		join record_group_member m on m.org_id = g.org_id and m.group_id = g.id and m.member_id = $2
			and m.known_from <= $4 and (m.known_until is null or m.known_until > $4)
		where r.org_id = $1 and r.record > $3 and r.known_from <= $4 and (r.known_until is null or r.known_until > $4)
		order by r.record`, org, member, after, at)
}
