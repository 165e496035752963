package access

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// place is a membership in force, whether its organisation is suspended or its
// administration open, and whether the session was opened, or the token made, before the end
// of a deactivation; or the token, before the membership came from another account of its person.
type place struct {
	member              ident.Member
	suspended, outlived bool
	open                bool // the administration space of the organisation
}

func membership(ctx context.Context, tx *store.Tx, by Actor, org ident.Org) (place, bool, error) {
	return store.One(ctx, tx, func(s store.Scan) (place, error) {
		var p place
		return p, s(&p.member, &p.suspended, &p.open, &p.outlived)
	}, `
		select s.member_id, o.status = 'suspended', o.administration, exists (
			select 1 from session e
			join member_state d on d.org_id = s.org_id and d.member_id = s.member_id and d.status in ('deactivated', 'left')
			where e.id = $4 and d.known_until > e.created_at)
			or exists (
			select 1 from token t
			join member_state d on d.org_id = s.org_id and d.member_id = s.member_id
				and (d.status in ('deactivated', 'left') or d.account_id <> s.account_id)
			where t.id = $5 and d.known_until > t.created_at)
		from member_state s
		join org_state o on o.org_id = s.org_id and o.known_until is null
		join account_state a on a.account_id = s.account_id and a.known_until is null and a.status = 'active'
		where s.org_id = $1 and s.account_id = $2 and s.known_until is null and s.status in ('created', 'active') and s.status <> 'left'
			and s.verification in ('not_needed', 'verified')
			and (s.starts_at is null or s.starts_at <= $3) and (s.ends_at is null or s.ends_at > $3)`, org, by.Account, tx.Now, by.Session, by.Token)
}

func standing(ctx context.Context, tx *store.Tx, account ident.Account, org ident.Org) ([]grant, error) {
	return store.All(ctx, tx, scanGrant, `
		select distinct permission, scope from standing
		where org_id = $1 and account_id = $2 and starts_at <= $3 and (ends_at is null or ends_at > $3)
			and (member_starts_at is null or member_starts_at <= $3) and (member_ends_at is null or member_ends_at > $3)`, org, account, tx.Now)
}

// tokenMaker finds a token in force of org, or of the platform when org is zero,
// and who made it: nobody, for one made on the machine itself.
func tokenMaker(ctx context.Context, tx *store.Tx, token ident.Token, org ident.Org) (ident.Account, bool, error) {
	kind := "organization"
	if org.IsZero() {
		kind = "platform"
	}
	return store.One(ctx, tx, store.Value[ident.Account], `
		select coalesce(created_by, '') from token
		where id = $1 and kind = $2 and coalesce(org_id, '') = $3 and revoked_at is null and expires_at > $4`, token, kind, org, tx.Now)
}

func tokenPermissions(ctx context.Context, tx *store.Tx, token ident.Token) ([]grant, error) {
	return store.All(ctx, tx, scanGrant, `
		select p.permission, 'organization' from token t join token_permission p on p.token_id = t.id
		where t.id = $1 and t.revoked_at is null and t.expires_at > $2`, token, tx.Now)
}

func scanGrant(s store.Scan) (grant, error) {
	var g grant
	return g, s(&g.permission, &g.scope)
}

// orgPlace is what of a place is the organisation's.
func orgPlace(ctx context.Context, tx *store.Tx, org ident.Org) (place, bool, error) {
	return store.One(ctx, tx, func(s store.Scan) (place, error) {
		var p place
		return p, s(&p.suspended, &p.open)
	}, `select status = 'suspended', administration from org_state where org_id = $1 and known_until is null`, org)
}

func platformRole(ctx context.Context, tx *store.Tx, account ident.Account) (string, error) {
	role, _, err := store.One(ctx, tx, store.Value[string], `
		select platform_role from account_state where account_id = $1 and known_until is null and status = 'active'`, account)
	return role, err
}

// formerGrants reads what a member had until a moment, as their roles are now.
func formerGrants(ctx context.Context, tx *store.Tx, org ident.Org, member ident.Member, until time.Time) ([]grant, error) {
	return store.All(ctx, tx, scanGrant, `
		select distinct p.permission, r.scope
		from member_role r
		join role_permission p on p.org_id = r.org_id and p.role_id = r.role_id and p.known_until is null
		where r.org_id = $1 and r.member_id = $2 and r.known_until = $3 and (r.ends_at is null or r.ends_at > $4)
		union
		select g.permission, g.scope from member_permission g
		where g.org_id = $1 and g.member_id = $2 and g.known_until = $3 and (g.ends_at is null or g.ends_at > $4)`,
		org, member, until, tx.Now)
}

// memberGrants reads what a member was given, whatever their status: it is what
// they would hold again once reactivated.
func memberGrants(ctx context.Context, tx *store.Tx, org ident.Org, member ident.Member) ([]grant, error) {
	return store.All(ctx, tx, scanGrant, `
		select distinct p.permission, r.scope
		from member_role r
		join role_permission p on p.org_id = r.org_id and p.role_id = r.role_id and p.known_until is null
		where r.org_id = $1 and r.member_id = $2 and r.known_until is null and (r.ends_at is null or r.ends_at > $3)
		union
		select g.permission, g.scope from member_permission g
		where g.org_id = $1 and g.member_id = $2 and g.known_until is null and (g.ends_at is null or g.ends_at > $3)`,
		org, member, tx.Now)
}
