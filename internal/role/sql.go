package role

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/store"
)

func insert(ctx context.Context, tx *store.Tx, r Role) error {
	if _, err := tx.Exec(ctx, `insert into role (org_id, id, builtin, created_at) values ($1, $2, $3, $4)`,
		r.Org, r.ID, r.BuiltIn, tx.Now); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		insert into role_state (org_id, role_id, rev, name, status, known_from) values ($1, $2, $3, $4, 'active', $5)`,
		r.Org, r.ID, r.Rev, r.Name, tx.Now); err != nil {
		return err
	}
	return insertPermissions(ctx, tx, r, r.Permissions)
}

func insertPermissions(ctx context.Context, tx *store.Tx, r Role, permissions []access.Permission) error {
	for _, p := range permissions {
		if _, err := tx.Exec(ctx, `
			insert into role_permission (org_id, role_id, permission, known_from) values ($1, $2, $3, $4)
			on conflict (org_id, role_id, permission, known_from) do update set known_until = null`, r.Org, r.ID, p, tx.Now); err != nil {
			return err
		}
	}
	return nil
}

func closePermissions(ctx context.Context, tx *store.Tx, r Role, permissions []access.Permission) error {
	for _, p := range permissions {
		if _, err := tx.Exec(ctx, `
			update role_permission set known_until = $4
			where org_id = $1 and role_id = $2 and permission = $3 and known_until is null`, r.Org, r.ID, p, tx.Now); err != nil {
			return err
		}
	}
	return nil
}

// nextState closes what a role was and writes what it is.
func nextState(ctx context.Context, tx *store.Tx, r Role, status string) error {
	if _, err := tx.Exec(ctx, `
		update role_state set known_until = $3 where org_id = $1 and role_id = $2 and known_until is null`, r.Org, r.ID, tx.Now); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		insert into role_state (org_id, role_id, rev, name, status, known_from) values ($1, $2, $3, $4, $5, $6)`,
		r.Org, r.ID, r.Rev, r.Name, status, tx.Now)
	return err
}

func rewrite(ctx context.Context, tx *store.Tx, before, after Role) error {
	if err := nextState(ctx, tx, after, "active"); err != nil {
		return err
	}
	if err := closePermissions(ctx, tx, after, Without(before.Permissions, after.Permissions)); err != nil {
		return err
	}
	return insertPermissions(ctx, tx, after, Without(after.Permissions, before.Permissions))
}

func remove(ctx context.Context, tx *store.Tx, r Role) error {
	r.Rev++
	if err := nextState(ctx, tx, r, "removed"); err != nil {
		return err
	}
	return closePermissions(ctx, tx, r, r.Permissions)
}

// countUse counts the members who hold a role or will, whatever their status (who left
// holds nothing), and the invitations that carry it, expired ones too: they can be sent
// again.
func countUse(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Role) (u Use, err error) {
	err = tx.QueryRow(ctx, `
		select
			(select count(distinct r.member_id) from member_role r
				where r.org_id = $1 and r.role_id = $2 and r.known_until is null and (r.ends_at is null or r.ends_at > $3)),
			(select count(distinct i.id) from invitation_role w
				join invitation i on i.org_id = w.org_id and i.id = w.invitation_id and i.status = 'pending'
				where w.org_id = $1 and w.role_id = $2)`, org, id, tx.Now).Scan(&u.Members, &u.Invitations)
	return u, err
}

func customNames(ctx context.Context, tx *store.Tx, org ident.Org, but ident.Role) ([]string, error) {
	return store.All(ctx, tx, store.Value[string], `
		select name from role_state where org_id = $1 and role_id <> $2 and known_until is null and status = 'active' and name <> ''`, org, but)
}

func countCustom(ctx context.Context, tx *store.Tx, org ident.Org) (n int64, err error) {
	err = tx.QueryRow(ctx, `
		select count(*) from role r join role_state s on s.org_id = r.org_id and s.role_id = r.id and s.known_until is null
		where r.org_id = $1 and r.builtin = '' and s.status = 'active'`, org).Scan(&n)
	return n, err
}

func activeRoles(ctx context.Context, tx *store.Tx, org ident.Org) ([]Role, error) {
	return store.All(ctx, tx, func(s store.Scan) (Role, error) {
		var r Role
		return r, s(&r.Org, &r.ID, &r.BuiltIn, &r.Name, &r.Rev)
	}, `
		select r.org_id, r.id, r.builtin, s.name, s.rev
		from role r join role_state s on s.org_id = r.org_id and s.role_id = r.id and s.known_until is null and s.status = 'active'
		where r.org_id = $1 order by r.id`, org)
}

func permissionsOf(ctx context.Context, tx *store.Tx, org ident.Org) (map[ident.Role][]access.Permission, error) {
	out := map[ident.Role][]access.Permission{}
	err := store.Each(ctx, tx, func(s store.Scan) error {
		var id ident.Role
		var p access.Permission
		err := s(&id, &p)
		out[id] = append(out[id], p)
		return err
	}, `select role_id, permission from role_permission where org_id = $1 and known_until is null`, org)
	return out, err
}

type held struct {
	role ident.Role
	n    int64
}

func scanHeld(s store.Scan) (held, error) {
	var h held
	return h, s(&h.role, &h.n)
}

func countHolders(ctx context.Context, tx *store.Tx, org ident.Org) ([]held, error) {
	return store.All(ctx, tx, scanHeld, `
		select role_id, count(distinct member_id) from member_role
		where org_id = $1 and known_until is null and (ends_at is null or ends_at > $2) group by role_id`, org, tx.Now)
}

// countHoldersAt counts the members of some sites who hold each role in the whole
// organisation or at a site of the sight: what they hold elsewhere is not told (AUZ-06).
func countHoldersAt(ctx context.Context, tx *store.Tx, in ident.Org, sites []ident.Site, sight org.Sight) ([]held, error) {
	var args store.Args
	query := `
		select r.role_id, count(distinct r.member_id) from member_role r
		where r.org_id = ` + args.Add(in) + ` and r.known_until is null and (r.ends_at is null or r.ends_at > ` + args.Add(tx.Now) + `)
			and exists (select 1 from member_site b where b.org_id = r.org_id and b.member_id = r.member_id and b.known_until is null
				and b.site_id in ` + store.In(&args, sites) + `)`
	if !sight.Whole {
		query += ` and (r.site_id is null or r.site_id in ` + store.In(&args, sight.Sites()) + `)`
	}
	return store.All(ctx, tx, scanHeld, query+` group by r.role_id`, args.List()...)
}
