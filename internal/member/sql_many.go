package member

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

func holdersOf(ctx context.Context, tx *store.Tx, in ident.Org, numbers []string, out map[string]ident.Member) error {
	var args store.Args
	args.Add(in)
	return store.Each(ctx, tx, func(s store.Scan) error {
		var rpps string
		var id ident.Member
		err := s(&rpps, &id)
		out[rpps] = id
		return err
	}, `select rpps, member_id from member_state
		where org_id = $1 and known_until is null and rpps <> '' and status <> 'left' and rpps in `+store.In(&args, numbers), args.List()...)
}

func membersOf(ctx context.Context, tx *store.Tx, in ident.Org, accounts []ident.Account, out map[ident.Account]ident.Member) error {
	var args store.Args
	args.Add(in)
	return store.Each(ctx, tx, func(s store.Scan) error {
		var account ident.Account
		var id ident.Member
		err := s(&account, &id)
		out[account] = id
		return err
	}, `select account_id, member_id from member_state
		where org_id = $1 and known_until is null and status <> 'left' and account_id in `+store.In(&args, accounts), args.List()...)
}

// statesOf reads members who have not left, with what was imported for them.
func statesOf(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member) ([]subject, error) {
	var args store.Args
	args.Add(in)
	list := store.In(&args, ids)
	all, err := store.All(ctx, tx, scanMember, selectMember+` and s.status <> 'left' and s.member_id in `+list, args.List()...)
	if err != nil {
		return nil, err
	}
	bodies := map[ident.Member]string{}
	err = store.Each(ctx, tx, func(s store.Scan) error {
		var id ident.Member
		var body string
		err := s(&id, &body)
		bodies[id] = body
		return err
	}, `select member_id, identity_body from member_state
		where org_id = $1 and known_until is null and identity_source = 'directory' and member_id in `+list, args.List()...)
	for i := range all {
		if body, ok := bodies[all[i].ID]; ok && err == nil {
			all[i].Identity.Import, err = openImport(body)
		}
	}
	return all, err
}

func insertMembers(ctx context.Context, tx *store.Tx, list []Member) error {
	return store.InsertAll(ctx, tx, list, `
		insert into member (org_id, id, version, last_sign_in_at, created_at) values ($1, $2, $3, $4, $5)`, "",
		func(m *Member) []any { return []any{m.Org, m.ID, m.Version, m.LastSignInAt, m.CreatedAt} })
}

func insertSites(ctx context.Context, tx *store.Tx, list []newSite) error {
	return store.InsertAll(ctx, tx, list, `
		insert into member_site (org_id, member_id, site_id, given_by, known_from) values ($1, $2, $3, $4, $5)`, "",
		func(r *newSite) []any { return []any{r.org, r.member, r.site, r.by, tx.Now} })
}

func insertRoles(ctx context.Context, tx *store.Tx, list []newRole) error {
	return store.InsertAll(ctx, tx, list, `
		insert into member_role (org_id, id, member_id, role_id, scope, site_id, starts_at, given_by, known_from)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, "", func(r *newRole) []any {
		at := r.given.Scope
		return []any{at.Org, newGrant(), r.member, r.given.Role, at.Code(), store.Null(at.Site), tx.Now, r.by, tx.Now}
	})
}

func closeStates(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member) error {
	var args store.Args
	args.Add(in)
	args.Add(tx.Now)
	_, err := tx.Exec(ctx, `update member_state set known_until = $2 where org_id = $1 and known_until is null and member_id in `+
		store.In(&args, ids), args.List()...)
	return err
}

func touchAll(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member) error {
	var args store.Args
	args.Add(in)
	_, err := tx.Exec(ctx, `update member set version = version + 1 where org_id = $1 and id in `+store.In(&args, ids), args.List()...)
	return err
}

// analysePostgres counts what the tables of members hold.
const analysePostgres = `analyze member, member_state, member_site, member_role`

// Analyse has PostgreSQL count the members anew, after many were written: until it does so by
// itself, a minute later, it plans for the few that there were, and finding what somebody may do
// takes seconds. SQLite plans without counting.
func Analyse(ctx context.Context, tx *store.Tx) error {
	if tx.Engine != store.PostgreSQL {
		return nil
	}
	_, err := tx.Exec(ctx, analysePostgres)
	return err
}

// formerBelongings are the belongings of members that ended after a moment, to sites that they do
// not belong to now.
func formerBelongings(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member, since time.Time) ([]belonging, error) {
	var args store.Args
	query := `select distinct b.member_id, b.site_id from member_site b
		where b.org_id = ` + args.Add(in) + ` and b.known_until > ` + args.Add(since) + ` and not exists (
			select 1 from member_site h
			where h.org_id = b.org_id and h.member_id = b.member_id and h.site_id = b.site_id and h.known_until is null)
		and b.member_id in ` + store.In(&args, ids) + ` order by b.member_id, b.site_id`
	return store.All(ctx, tx, func(s store.Scan) (belonging, error) {
		var b belonging
		return b, s(&b.member, &b.site)
	}, query, args.List()...)
}
