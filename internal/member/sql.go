package member

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/store"
)

// Members -------------------------------------------------------------------------

const selectMember = `
	select s.org_id, s.member_id, coalesce(s.account_id, ''), m.version, s.status, s.profile_type, s.title, s.given_name, s.family_name,
		s.email, s.function, s.profession_code, s.profession, s.specialty_code, s.specialty, s.rpps, s.identity_source, s.identity_at,
		s.siret, s.am_number, s.phone, s.mssante, s.messaging_reach, s.locum_for, s.locum_name, s.starts_at, s.ends_at, s.verification,
		m.last_sign_in_at, m.created_at, s.rev, g.account_id is not null
	from member_state s
	join member m on m.org_id = s.org_id and m.id = s.member_id
	left join credential_guard g on g.account_id = s.account_id and g.locked_at is not null
	where s.org_id = $1 and s.known_until is null`

func scanMember(s store.Scan) (subject, error) {
	var v subject
	var locum Locum
	m := &v.Member
	err := s(&m.Org, &m.ID, &m.Account, &m.Version, &m.Status, &m.ProfileType, &m.Title, &m.GivenName, &m.FamilyName,
		&m.Email, &m.Function, &m.ProfessionCode, &m.Profession, &m.SpecialtyCode, &m.Specialty, &m.RPPS, &m.Identity.Source, &m.Identity.At,
		&m.SIRET, &m.AMNumber, &m.Phone, &m.MSSante, &m.Reach, &locum.For, &locum.Name, &m.StartsAt, &m.EndsAt, &m.Verification,
		&m.LastSignInAt, &m.CreatedAt, &v.rev, &m.Locked)
	m.Locum = locum.dated(m.StartsAt, m.EndsAt)
	return v, err
}

func findState(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (subject, bool, error) {
	s, ok, err := store.One(ctx, tx, scanMember, selectMember+` and s.member_id = $2 and s.status <> 'left'`, in, id)
	return imported(ctx, tx, s, ok, err)
}

func findByAccount(ctx context.Context, tx *store.Tx, in ident.Org, account ident.Account) (subject, bool, error) {
	s, ok, err := store.One(ctx, tx, scanMember, selectMember+` and s.account_id = $2 and s.status <> 'left'`, in, account)
	return imported(ctx, tx, s, ok, err)
}

// imported reads beside one member what was imported for them: lists do without.
func imported(ctx context.Context, tx *store.Tx, s subject, ok bool, err error) (subject, bool, error) {
	if err != nil || !ok || s.Identity.Source != FromDirectory {
		return s, ok, err
	}
	var body string
	err = tx.QueryRow(ctx, `select identity_body from member_state where org_id = $1 and member_id = $2 and known_until is null`,
		s.Org, s.ID).Scan(&body)
	if err != nil {
		return s, false, err
	}
	s.Identity.Import, err = openImport(body)
	return s, err == nil, err
}

// rppsTaken reports whether another member of the organisation has the number.
func rppsTaken(ctx context.Context, tx *store.Tx, m Member) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[ident.Member], `
		select member_id from member_state
		where org_id = $1 and rpps = $2 and known_until is null and rpps <> '' and status <> 'left' and member_id <> $3`, m.Org, m.RPPS, m.ID)
	return found, err
}

// awaited reports whether an invitation waits for the member.
func awaited(ctx context.Context, tx *store.Tx, m Member) (bool, error) {
	_, found, err := store.One(ctx, tx, store.Value[int64], `
		select 1 from invitation where org_id = $1 and member_id = $2 and status = 'pending' limit 1`, m.Org, m.ID)
	return found, err
}

func onlyMember(s store.Scan) (Member, error) {
	v, err := scanMember(s)
	return v.Member, err
}

// chosen reads some members, by name; those who left too if left says so.
func chosen(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member, left bool) ([]Member, error) {
	var args store.Args
	args.Add(in)
	query := selectMember + ` and s.member_id in ` + store.In(&args, ids)
	if !left {
		query += ` and s.status <> 'left'`
	}
	return store.All(ctx, tx, onlyMember, query+` order by s.sort_key, s.member_id`, args.List()...)
}

// placesOf are the organisations in which an account has a membership in force,
// suspended ones included.
func placesOf(ctx context.Context, tx *store.Tx, account ident.Account) ([]ident.Org, error) {
	return store.All(ctx, tx, store.Value[ident.Org], `
		select s.org_id from member_state s
		join account_state a on a.account_id = s.account_id and a.known_until is null and a.status = 'active'
		where s.account_id = $1 and s.known_until is null and s.status in ('created', 'active') and s.verification in ('not_needed', 'verified')
			and (s.starts_at is null or s.starts_at <= $2) and (s.ends_at is null or s.ends_at > $2)`,
		account, tx.Now)
}

func orgsOf(ctx context.Context, tx *store.Tx, account ident.Account) ([]ident.Org, error) {
	return store.All(ctx, tx, store.Value[ident.Org], `
		select org_id from member_state where account_id = $1 and known_until is null and status <> 'left' order by org_id`, account)
}

func standingOrgs(ctx context.Context, tx *store.Tx, account ident.Account) ([]ident.Org, error) {
	return store.All(ctx, tx, store.Value[ident.Org], `
		select s.org_id from member_state s
		where s.account_id = $1 and s.known_until is null and s.status <> 'left' and (s.verification in ('not_needed', 'verified')
			or exists (select 1 from member_state was
				where was.org_id = s.org_id and was.member_id = s.member_id and was.account_id = $1 and was.verification = 'verified'))
		order by s.org_id`, account)
}

func createdOrgs(ctx context.Context, tx *store.Tx, account ident.Account) ([]ident.Org, error) {
	return store.All(ctx, tx, store.Value[ident.Org], `
		select org_id from member_state
		where account_id = $1 and known_until is null and status = 'created' and verification in ('not_needed', 'verified')
			and (starts_at is null or starts_at <= $2) and (ends_at is null or ends_at > $2)
		order by org_id`, account, tx.Now)
}

// setLastSignIn dates the memberships in force: an organisation whose access the person
// lost is told nothing of when they sign in to others.
func setLastSignIn(ctx context.Context, tx *store.Tx, account ident.Account) error {
	_, err := tx.Exec(ctx, `
		update member set last_sign_in_at = $2 where (org_id, id) in (
			select org_id, member_id from member_state
			where account_id = $1 and known_until is null and status in ('created', 'active') and verification in ('not_needed', 'verified')
				and (starts_at is null or starts_at <= $2) and (ends_at is null or ends_at > $2))`, account, tx.Now)
	return err
}

// touch makes the next version of a member: something of theirs changed.
func touch(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) error {
	_, err := tx.Exec(ctx, `update member set version = version + 1 where org_id = $1 and id = $2`, in, id)
	return err
}

func insertState(ctx context.Context, tx *store.Tx, r stateRow) error {
	if _, err := tx.Exec(ctx, `
		update member_state set known_until = $3 where org_id = $1 and member_id = $2 and known_until is null`, r.Org, r.ID, tx.Now); err != nil {
		return err
	}
	return insertStates(ctx, tx, []stateRow{r})
}

// stateRow is a state to be written.
type stateRow struct {
	Member
	rev int64
	columns
}

// insertStates writes present states; those before them are closed.
func insertStates(ctx context.Context, tx *store.Tx, rows []stateRow) error {
	return store.InsertAll(ctx, tx, rows, `
		insert into member_state (org_id, member_id, rev, account_id, email, status, profile_type, title, given_name, family_name, function,
			profession_code, profession, specialty_code, specialty, rpps, identity_source, identity_at, identity_body, siret, am_number, phone,
			mssante, messaging_reach, locum_for, locum_name, starts_at, ends_at, sort_key, search, keywords, verification,
			known_from)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27,
			$28, $29, $30, $31, $32, $33)`, "", func(r *stateRow) []any {
		m, c := &r.Member, &r.columns
		return []any{
			m.Org, m.ID, r.rev, store.Null(m.Account), m.Email, m.Status, m.ProfileType, m.Title, m.GivenName, m.FamilyName, m.Function,
			m.ProfessionCode, m.Profession, m.SpecialtyCode, m.Specialty, m.RPPS, m.Identity.Source, m.Identity.At, c.body, m.SIRET, m.AMNumber,
			m.Phone, m.MSSante, m.Reach, c.locum.For, c.locum.Name, m.StartsAt, m.EndsAt, c.sortKey, c.search, c.keywords,
			m.Verification, tx.Now,
		}
	})
}

// statusBefore is the status that a member had when they were deactivated.
func statusBefore(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) (Status, error) {
	var s Status
	err := tx.QueryRow(ctx, `
		select status from member_state where org_id = $1 and member_id = $2 and status in ('created', 'active') order by rev desc limit 1`,
		in, id).Scan(&s)
	return s, err
}

// Sites ---------------------------------------------------------------------------

func activeSites(ctx context.Context, tx *store.Tx, in ident.Org) ([]ident.Site, error) {
	return store.All(ctx, tx, store.Value[ident.Site], `
		select site_id from site_state where org_id = $1 and known_until is null and status = 'active' order by sort_key, site_id`, in)
}

// SiteNames names the sites of an organisation, closed ones too.
func SiteNames(ctx context.Context, tx *store.Tx, in ident.Org) (map[ident.Site]string, error) {
	names := map[ident.Site]string{}
	err := store.Each(ctx, tx, func(s store.Scan) error {
		var id ident.Site
		var name string
		err := s(&id, &name)
		names[id] = name
		return err
	}, `select site_id, name from site_state where org_id = $1 and known_until is null`, in)
	return names, err
}

func sitesOf(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) ([]ident.Site, error) {
	return store.All(ctx, tx, store.Value[ident.Site], `
		select site_id from member_site where org_id = $1 and member_id = $2 and known_until is null`, in, id)
}

func belongings(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member) ([]belonging, error) {
	var args store.Args
	query := `select b.member_id, b.site_id from member_site b where b.org_id = ` + args.Add(in) + ` and b.known_until is null
		and b.member_id in ` + store.In(&args, ids) + ` order by b.member_id, b.site_id`
	return store.All(ctx, tx, func(s store.Scan) (belonging, error) {
		var b belonging
		return b, s(&b.member, &b.site)
	}, query, args.List()...)
}

func insertSite(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, site ident.Site, by string) error {
	_, err := tx.Exec(ctx, `
		insert into member_site (org_id, member_id, site_id, given_by, known_from) values ($1, $2, $3, $4, $5)
		on conflict (org_id, member_id, site_id, known_from) do update set known_until = null`, in, id, site, by, tx.Now)
	return err
}

// countStranded counts the members who belong to no other open site.
func countStranded(ctx context.Context, tx *store.Tx, in ident.Org, site ident.Site) (n int64, err error) {
	err = tx.QueryRow(ctx, `
		select count(*) from member_site b
		where b.org_id = $1 and b.site_id = $2 and b.known_until is null and not exists (
			select 1 from member_site o
			where o.org_id = b.org_id and o.member_id = b.member_id and o.site_id <> b.site_id and o.known_until is null)`, in, site).Scan(&n)
	return n, err
}

func touchSite(ctx context.Context, tx *store.Tx, in ident.Org, site ident.Site) error {
	_, err := tx.Exec(ctx, `
		update member set version = version + 1 where org_id = $1 and id in (
			select member_id from member_site where org_id = $1 and site_id = $2 and known_until is null)`, in, site)
	return err
}

// closeWholeSite ends every right at a site and every belonging to it, and says
// how many members belonged to it.
func closeWholeSite(ctx context.Context, tx *store.Tx, in ident.Org, site ident.Site) (int64, error) {
	return closeRows(ctx, tx, []string{
		`update member_role set known_until = $3 where org_id = $1 and site_id = $2 and known_until is null`,
		`update member_permission set known_until = $3 where org_id = $1 and site_id = $2 and known_until is null`,
		`update member_site set known_until = $3 where org_id = $1 and site_id = $2 and known_until is null`,
	}, in, site, tx.Now)
}

// closeAtSite ends a member's rights at a site, and their belonging to it.
func closeAtSite(ctx context.Context, tx *store.Tx, in ident.Org, site ident.Site, id ident.Member) error {
	_, err := closeRows(ctx, tx, []string{
		`update member_role set known_until = $4 where org_id = $1 and site_id = $2 and member_id = $3 and known_until is null`,
		`update member_permission set known_until = $4 where org_id = $1 and site_id = $2 and member_id = $3 and known_until is null`,
		`update member_site set known_until = $4 where org_id = $1 and site_id = $2 and member_id = $3 and known_until is null`,
	}, in, site, id, tx.Now)
	return err
}

// closeAll ends every right and every belonging of a member.
func closeAll(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) error {
	_, err := closeRows(ctx, tx, []string{
		`update member_role set known_until = $3 where org_id = $1 and member_id = $2 and known_until is null`,
		`update member_permission set known_until = $3 where org_id = $1 and member_id = $2 and known_until is null`,
		`update member_site set known_until = $3 where org_id = $1 and member_id = $2 and known_until is null`,
	}, in, id, tx.Now)
	return err
}

// closeRows runs each statement with the same arguments, and says how many rows
// the last one closed.
func closeRows(ctx context.Context, tx *store.Tx, statements []string, args ...any) (n int64, err error) {
	for _, statement := range statements {
		if n, err = tx.Exec(ctx, statement, args...); err != nil {
			return n, err
		}
	}
	return n, nil
}

// Rights --------------------------------------------------------------------------

func findGrant(ctx context.Context, tx *store.Tx, at access.Scope, id ident.Member, r ident.Role) (grant, bool, error) {
	return store.One(ctx, tx, func(s store.Scan) (grant, error) {
		var g grant
		return g, s(&g.starts, &g.ends)
	}, `
		select starts_at, ends_at from member_role
		where org_id = $1 and member_id = $2 and role_id = $3 and scope = $4 and known_until is null`, at.Org, id, r, at.Code())
}

func closeGrant(ctx context.Context, tx *store.Tx, at access.Scope, id ident.Member, r ident.Role) error {
	_, err := tx.Exec(ctx, `
		update member_role set known_until = $5 where org_id = $1 and member_id = $2 and role_id = $3 and scope = $4 and known_until is null`,
		at.Org, id, r, at.Code(), tx.Now)
	return err
}

func insertGrant(ctx context.Context, tx *store.Tx, id ident.Member, g role.Given, when grant, by string) error {
	_, err := tx.Exec(ctx, `
		insert into member_role (org_id, id, member_id, role_id, scope, site_id, starts_at, ends_at, given_by, known_from)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		g.Scope.Org, newGrant(), id, g.Role, g.Scope.Code(), store.Null(g.Scope.Site), when.starts, when.ends, by, tx.Now)
	return err
}

func insertPermission(ctx context.Context, tx *store.Tx, id ident.Member, p GivenPermission, when grant, by string) error {
	_, err := tx.Exec(ctx, `
		insert into member_permission (org_id, id, member_id, permission, scope, site_id, starts_at, ends_at, given_by, known_from)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		on conflict (org_id, member_id, permission, scope) where known_until is null do nothing`,
		p.Scope.Org, newGrant(), id, p.Permission, p.Scope.Code(), store.Null(p.Scope.Site), when.starts, when.ends, by, tx.Now)
	return err
}

func findPermission(ctx context.Context, tx *store.Tx, id ident.Member, p GivenPermission) (grant, bool, error) {
	return store.One(ctx, tx, func(s store.Scan) (grant, error) {
		var g grant
		return g, s(&g.starts, &g.ends)
	}, `
		select starts_at, ends_at from member_permission
		where org_id = $1 and member_id = $2 and permission = $3 and scope = $4 and known_until is null`,
		p.Scope.Org, id, p.Permission, p.Scope.Code())
}

// closePermission ends a single permission, and says how many rows told of it.
func closePermission(ctx context.Context, tx *store.Tx, id ident.Member, p GivenPermission) (int64, error) {
	return tx.Exec(ctx, `
		update member_permission set known_until = $5
		where org_id = $1 and member_id = $2 and permission = $3 and scope = $4 and known_until is null`,
		p.Scope.Org, id, p.Permission, p.Scope.Code(), tx.Now)
}

// rolesOf reads the roles that some members hold and that have not ended; GivenBy
// is the ID of the giver.
func rolesOf(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member) ([]heldRole, error) {
	var args store.Args
	query := `
		select r.member_id, r.role_id, o.builtin, n.name, coalesce(r.site_id, ''), r.given_by, r.known_from, r.ends_at
		from member_role r
		join role o on o.org_id = r.org_id and o.id = r.role_id
		join role_state n on n.org_id = r.org_id and n.role_id = r.role_id and n.known_until is null
		where r.org_id = ` + args.Add(in) + ` and r.known_until is null and (r.ends_at is null or r.ends_at > ` + args.Add(tx.Now) + `)
			and r.member_id in ` + store.In(&args, ids)
	return store.All(ctx, tx, func(s store.Scan) (heldRole, error) {
		h := heldRole{ref: RoleRef{Scope: access.OrgScope(in)}}
		r := &h.ref
		return h, s(&h.member, &r.Role, &r.BuiltIn, &r.Name, &r.Scope.Site, &r.GivenBy, &r.GivenAt, &r.EndsAt)
	}, query, args.List()...)
}

func singlePermissions(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member) ([]PermissionRef, error) {
	return store.All(ctx, tx, func(s store.Scan) (PermissionRef, error) {
		p := PermissionRef{Scope: access.OrgScope(in)}
		return p, s(&p.Permission, &p.Scope.Site, &p.GivenBy, &p.GivenAt, &p.EndsAt)
	}, `
		select permission, coalesce(site_id, ''), given_by, known_from, ends_at from member_permission
		where org_id = $1 and member_id = $2 and known_until is null and (ends_at is null or ends_at > $3)`, in, id, tx.Now)
}

// giversAtOnce bounds the IDs of one statement.
const giversAtOnce = 500

// GiverNames names those of the IDs that are accounts or tokens: who gave a right, as it is
// shown (RGT-8).
func GiverNames(ctx context.Context, tx *store.Tx, ids []string) (map[string]string, error) {
	names := map[string]string{}
	for part := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(ids))), giversAtOnce) {
		var args store.Args
		query := `
			select a.account_id, a.given_name || ' ' || a.family_name from account_state a
			where a.known_until is null and a.account_id in ` + store.In(&args, part) + `
			union all select t.id, t.name from token t where t.id in ` + store.In(&args, part)
		err := store.Each(ctx, tx, func(s store.Scan) error {
			var id, name string
			err := s(&id, &name)
			names[id] = name
			return err
		}, query, args.List()...)
		if err != nil {
			return nil, err
		}
	}
	return names, nil
}

// readAdministrators reads the members who hold the administrator role, in force
// and without an end, and can sign in or will (ORG-4).
func readAdministrators(ctx context.Context, tx *store.Tx, in ident.Org) ([]administrator, error) {
	var out []administrator
	err := store.Each(ctx, tx, func(s store.Scan) error {
		var a administrator
		var scope string
		if err := s(&a.member, &scope, &a.able); err != nil {
			return err
		}
		if n := len(out); n > 0 && out[n-1].member == a.member {
			out[n-1].scopes = append(out[n-1].scopes, scope)
			return nil
		}
		a.scopes = []string{scope}
		out = append(out, a)
		return nil
	}, `
		select r.member_id, r.scope, c.account_id is not null and g.account_id is null
		from member_role r
		join member_state s on s.org_id = r.org_id and s.member_id = r.member_id and s.known_until is null
			and s.status in ('created', 'active') and s.verification in ('not_needed', 'verified')
			and s.ends_at is null and (s.starts_at is null or s.starts_at <= $2)
		join account_state a on a.account_id = s.account_id and a.known_until is null and a.status = 'active'
		left join credential c on c.account_id = s.account_id and c.kind = 'password' and c.removed_at is null
		left join credential_guard g on g.account_id = s.account_id and g.locked_at is not null
		where r.org_id = $1 and r.role_id = (select id from role where org_id = $1 and builtin = 'administrator')
			and r.known_until is null and r.ends_at is null and r.starts_at <= $2
		order by r.member_id`, in, tx.Now)
	if err != nil {
		return nil, err
	}
	return out, administratorSites(ctx, tx, in, out)
}

// administratorSites fills the sites to which administrators belong.
func administratorSites(ctx context.Context, tx *store.Tx, in ident.Org, list []administrator) error {
	at := map[ident.Member]int{}
	for i, a := range list {
		at[a.member] = i
	}
	return store.Each(ctx, tx, func(s store.Scan) error {
		var b belonging
		if err := s(&b.member, &b.site); err != nil {
			return err
		}
		if i, ok := at[b.member]; ok {
			list[i].sites = append(list[i].sites, b.site)
		}
		return nil
	}, `
		select b.member_id, b.site_id from member_site b
		where b.org_id = $1 and b.known_until is null and b.member_id in (
			select r.member_id from member_role r
			where r.org_id = $1 and r.known_until is null
				and r.role_id = (select id from role where org_id = $1 and builtin = 'administrator'))`, in)
}
