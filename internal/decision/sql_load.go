package decision

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// What the index is made of: the rows as they stand. A statement that is about members
// can be narrowed to some of them.

// versionRow is an organisation's version, with the times of its latest changes.
type versionRow struct {
	org     ident.Org
	version int64
	recent  string
}

const selectVersions = `select org_id, version, recent from org_version where org_id in `

func scanVersion(s store.Scan) (versionRow, error) {
	var v versionRow
	return v, s(&v.org, &v.version, &v.recent)
}

func readVersion(ctx context.Context, tx *store.Tx, org ident.Org) (versionRow, error) {
	v, _, err := store.One(ctx, tx, scanVersion, `select org_id, version, recent from org_version where org_id = $1`, org)
	return v, err
}

// reader reads into a builder.
type reader struct {
	ctx context.Context //nolint:containedctx // lives as long as one transaction
	tx  *store.Tx
	b   *builder
	err error
}

// each runs a statement, once one before it has not failed.
func (r *reader) each(fn func(store.Scan) error, query string, args ...any) {
	if r.err == nil {
		r.err = store.Each(r.ctx, r.tx, fn, query, args...)
	}
}

// narrowed adds the members to a statement whose one argument is the organisation.
func (r *reader) narrowed(query, column string, members []ident.Member) (string, []any) {
	var args store.Args
	args.Add(r.b.s.org)
	if members != nil {
		query += ` and ` + column + ` in ` + store.In(&args, members)
	}
	return query, args.List()
}

// organization reads the state and the settings of the organisation.
func (r *reader) organization() {
	r.each(func(s store.Scan) error {
		var status string
		err := s(&status)
		r.b.organization(status)
		return err
	}, `select status from org_state where org_id = $1 and known_until is null`, r.b.s.org)
	r.each(func(s store.Scan) error {
		var name, value string
		if err := s(&name, &value); err != nil {
			return err
		}
		return r.b.setting(name, value)
	}, `select name, value from org_setting where org_id = $1 and name in ($2, $3) and known_until is null`,
		r.b.s.org, setting.DecisionsName, recordsName)
}

func (r *reader) sites() {
	r.each(func(s store.Scan) error {
		var id string
		err := s(&id)
		r.b.site(id)
		return err
	}, `select site_id from site_state where org_id = $1 and known_until is null`, r.b.s.org)
}

// selectMembers gives 'unverified' as the status of a member who would be in force, but whose
// verification is awaited (LST-4).
const selectMembers = `
	select s.member_id,
		case when s.status in ('created', 'active') and s.verification not in ('not_needed', 'verified') then 'unverified' else s.status end,
		coalesce(s.account_id, ''), coalesce(a.status, ''), s.starts_at, s.ends_at, s.function,
		s.messaging_reach
	from member_state s
	left join account_state a on a.account_id = s.account_id and a.known_until is null
	where s.org_id = $1 and s.known_until is null`

func (r *reader) members(of []ident.Member) {
	query, args := r.narrowed(selectMembers, "s.member_id", of)
	r.each(func(s store.Scan) error {
		var m memberRow
		err := s(&m.id, &m.status, &m.account, &m.accountStatus, &m.starts, &m.ends, &m.function, &m.reach)
		r.b.member(m)
		return err
	}, query, args...)
}

const selectPlaces = `select member_id, site_id from member_site where org_id = $1 and known_until is null`

func (r *reader) places(of []ident.Member) {
	query, args := r.narrowed(selectPlaces, "member_id", of)
	r.each(func(s store.Scan) error {
		var m, site string
		err := s(&m, &site)
		r.b.place(m, site)
		return err
	}, query, args...)
}

func (r *reader) roles() {
	r.each(func(s store.Scan) error {
		var id, name string
		err := s(&id, &name)
		r.b.role(id, name)
		return err
	}, `select r.id, coalesce(s.name, '') from role r
		left join role_state s on s.org_id = r.org_id and s.role_id = r.id and s.known_until is null
		where r.org_id = $1`, r.b.s.org)
	r.each(func(s store.Scan) error {
		var id, p string
		err := s(&id, &p)
		r.b.allow(id, p)
		return err
	}, `select role_id, permission from role_permission where org_id = $1 and known_until is null`, r.b.s.org)
}

// rightRow is when a right holds, and who gave it.
type rightRow struct {
	starts, givenAt time.Time
	ends            *time.Time
	by              string
}

const (
	selectHeldRoles = `
	select member_id, role_id, scope, starts_at, ends_at, given_by, known_from from member_role
	where org_id = $1 and known_until is null`
	selectHeldPermissions = `
	select member_id, id, permission, scope, starts_at, ends_at, given_by, known_from from member_permission
	where org_id = $1 and known_until is null`
)

func (r *reader) held(of []ident.Member) {
	query, args := r.narrowed(selectHeldRoles, "member_id", of)
	r.each(func(s store.Scan) error {
		var m, role, scope string
		var t rightRow
		err := s(&m, &role, &scope, &t.starts, &t.ends, &t.by, &t.givenAt)
		r.b.heldRole(m, role, scope, t)
		return err
	}, query, args...)
	query, args = r.narrowed(selectHeldPermissions, "member_id", of)
	r.each(func(s store.Scan) error {
		var m, id, permission, scope string
		var t rightRow
		err := s(&m, &id, &permission, &scope, &t.starts, &t.ends, &t.by, &t.givenAt)
		r.b.heldPermission(m, id, permission, scope, t)
		return err
	}, query, args...)
}

const selectResources = `
	select r.id, r.type, coalesce(s.site_id, ''), coalesce(s.holder_id, ''), s.status
	from resource_state s join resource r on r.org_id = s.org_id and r.id = s.resource_id
	where s.org_id = $1 and s.known_until is null`

func (r *reader) resources() {
	r.each(func(s store.Scan) error {
		var v resourceRow
		err := s(&v.id, &v.typ, &v.site, &v.holder, &v.status)
		r.b.resource(v)
		return err
	}, selectResources, r.b.s.org)
}

const selectGrants = `
	select member_id, id, resource_id, level, starts_at, ends_at, given_by, known_from from access_grant
	where org_id = $1 and known_until is null`

func (r *reader) grants(of []ident.Member) {
	query, args := r.narrowed(selectGrants, "member_id", of)
	r.each(func(s store.Scan) error {
		var m, id, resource, level string
		var t rightRow
		err := s(&m, &id, &resource, &level, &t.starts, &t.ends, &t.by, &t.givenAt)
		r.b.grant(m, id, resource, level, t)
		return err
	}, query, args...)
}

const selectDelegations = `
	select member_id, id, identity_id, act, state, starts_at, ends_at, given_by, known_from from delegation
	where org_id = $1 and known_until is null`

func (r *reader) delegations(of []ident.Member) {
	query, args := r.narrowed(selectDelegations, "member_id", of)
	r.each(func(s store.Scan) error {
		var m, id, identity, act, state string
		var t rightRow
		err := s(&m, &id, &identity, &act, &state, &t.starts, &t.ends, &t.by, &t.givenAt)
		r.b.delegation(m, id, identity, act, state, t)
		return err
	}, query, args...)
}

func (r *reader) groups() {
	r.each(func(s store.Scan) error {
		var no int64
		var g groupFact
		err := s(&no, &g.id, &g.name, &g.active)
		r.b.group(no, g)
		return err
	}, `select g.no, g.id, s.name, s.status = 'active' from record_group g
		join record_group_state s on s.org_id = g.org_id and s.group_id = g.id and s.known_until is null
		where g.org_id = $1`, r.b.s.org)
}

const selectShared = `
	select m.member_id, g.no, m.starts_at, m.ends_at, m.given_by, m.known_from
	from record_group_member m join record_group g on g.org_id = m.org_id and g.id = m.group_id
	where m.org_id = $1 and m.known_until is null`

func (r *reader) shared(of []ident.Member) {
	query, args := r.narrowed(selectShared, "m.member_id", of)
	r.each(func(s store.Scan) error {
		var m string
		var no int64
		var t rightRow
		err := s(&m, &no, &t.starts, &t.ends, &t.by, &t.givenAt)
		r.b.sharedGroup(m, no, t)
		return err
	}, query, args...)
}

func (r *reader) records() {
	r.each(r.record, selectRecords+` order by record`, r.b.s.org)
}

func (r *reader) record(s store.Scan) error {
	var name string
	var no int64
	err := s(&name, &no)
	r.b.record(name, no)
	return err
}

// tokens reads the tokens in force; what expired or was revoked is looked for elsewhere.
func (r *reader) tokens() {
	r.each(func(s store.Scan) error {
		var t tokenRow
		err := s(&t.id, &t.name, &t.hash, &t.maker, &t.expires, &t.trusted)
		r.b.token(t)
		return err
	}, `select id, name, token_hash, coalesce(created_by, ''), expires_at, trusted from token
		where org_id = $1 and kind = 'organization' and revoked_at is null and expires_at > $2`, r.b.s.org, r.tx.Now)
	r.each(func(s store.Scan) error {
		var id, p string
		err := s(&id, &p)
		r.b.tokenMay(id, p)
		return err
	}, `select p.token_id, p.permission from token t join token_permission p on p.token_id = t.id
		where t.org_id = $1 and t.kind = 'organization' and t.revoked_at is null and t.expires_at > $2`, r.b.s.org, r.tx.Now)
}

type tokenRow struct {
	id, name, maker string
	hash            secret.Hash
	expires         time.Time
	trusted         bool
}

// countPlaces counts the organisations in which an account has a place now: where its
// verification is awaited it has none.
func countPlaces(ctx context.Context, tx *store.Tx, account string) (n int64, err error) {
	err = tx.QueryRow(ctx, `select count(*)
		from member_state where account_id = $1 and known_until is null and status <> 'left'
			and verification in ('not_needed', 'verified')`, account).Scan(&n)
	return n, err
}

// accountsOfSeveral are the accounts of an organisation that have a place in another.
func accountsOfSeveral(ctx context.Context, tx *store.Tx, org ident.Org) ([]string, error) {
	return store.All(ctx, tx, store.Value[string], `
		select s.account_id from member_state s
		where s.org_id = $1 and s.known_until is null and s.status <> 'left' and s.verification in ('not_needed', 'verified') and exists (
			select 1 from member_state o where o.account_id = s.account_id and o.org_id <> $1 and o.known_until is null
				and o.status <> 'left' and o.verification in ('not_needed', 'verified'))`, org)
}

// recordsAfter are records of a group, after one, in the order of the names.
func recordsAfter(ctx context.Context, tx *store.Tx, org ident.Org, group uint32, after string, n int) ([]string, error) {
	return store.All(ctx, tx, store.Value[string], `
		select record from record_group_record
		where org_id = $1 and group_no = $2 and record > $3 and known_until is null order by record limit $4`, org, group, after, n)
}
