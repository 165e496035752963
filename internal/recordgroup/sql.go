package recordgroup

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/store"
	"habilis/internal/text"
)

// The statuses of a group.
const (
	active  = "active"
	removed = "removed"
)

// counted is the number of members of group s that eye may know of.
func (eye sight) counted(args *store.Args) string {
	return `(select count(*) from record_group_member m
		join member_state p on p.org_id = m.org_id and p.member_id = m.member_id and p.known_until is null and p.status <> 'left'
		where m.org_id = s.org_id and m.group_id = s.group_id and m.known_until is null` + eye.seen(args) + `)`
}

// seen keeps to the members, p, that eye may know of.
func (eye sight) seen(args *store.Args) string {
	if eye.whole {
		return ""
	}
	return ` and (p.member_id = ` + args.Add(eye.self) + ` or exists (select 1 from member_site b
		where b.org_id = p.org_id and b.member_id = p.member_id and b.known_until is null and b.site_id in ` + store.In(args, eye.sites) + `))`
}

const fromGroups = `
	from record_group_state s join record_group g on g.org_id = s.org_id and g.id = s.group_id
	where s.org_id = $1 and s.known_until is null and s.status = 'active'`

func selectGroup(args *store.Args, eye sight, org ident.Org) string {
	args.Add(org)
	return `select s.group_id, g.no, g.version, s.rev, s.name, s.description, g.records, g.created_at, ` + eye.counted(args) + fromGroups
}

func scanGroup(org ident.Org) func(store.Scan) (Group, error) {
	return func(s store.Scan) (Group, error) {
		v := Group{Org: org}
		return v, s(&v.ID, &v.no, &v.Version, &v.rev, &v.Name, &v.Description, &v.Records, &v.CreatedAt, &v.Members)
	}
}

func findGroup(ctx context.Context, tx *store.Tx, eye sight, org ident.Org, id ident.Group) (Group, bool, error) {
	var args store.Args
	query := selectGroup(&args, eye, org) + ` and s.group_id = ` + args.Add(id)
	return store.One(ctx, tx, scanGroup(org), query, args.List()...)
}

// narrow adds what q asks to a statement on record_group_state s.
func (q Query) narrow(args *store.Args, now any) (cond string) {
	for _, w := range q.words {
		cond += ` and s.search like ` + args.Add(org.Pattern(w)) + ` escape '\'`
	}
	if q.Member != "" {
		cond += ` and exists (select 1 from record_group_member m where m.org_id = s.org_id and m.group_id = s.group_id
			and m.member_id = ` + args.Add(q.Member) + ` and m.known_until is null and (m.ends_at is null or m.ends_at > ` + args.Add(now) + `))`
	}
	if q.Record != "" {
		cond += ` and exists (select 1 from record_group_record r where r.org_id = s.org_id and r.record = ` + args.Add(q.Record) + `
			and r.group_no = g.no and r.known_until is null)`
	}
	return cond
}

func countFound(ctx context.Context, tx *store.Tx, org ident.Org, q Query) (n int64, err error) {
	var args store.Args
	args.Add(org)
	query := `select count(*)` + fromGroups + q.narrow(&args, tx.Now)
	err = tx.QueryRow(ctx, query, args.List()...).Scan(&n)
	return n, err
}

func listGroups(ctx context.Context, tx *store.Tx, eye sight, org ident.Org, q Query, limit, offset int) ([]Group, error) {
	var args store.Args
	query := selectGroup(&args, eye, org) + q.narrow(&args, tx.Now)
	if q.after != nil {
		query += ` and (s.sort_key, s.group_id) > (` + args.Add(q.after.Key) + `, ` + args.Add(q.after.ID) + `)`
	}
	query += ` order by s.sort_key, s.group_id limit ` + args.Add(limit) + ` offset ` + args.Add(offset)
	return store.All(ctx, tx, scanGroup(org), query, args.List()...)
}

func countGroups(ctx context.Context, tx *store.Tx, org ident.Org) (n int64, err error) {
	err = tx.QueryRow(ctx, `
		select count(*) from record_group_state where org_id = $1 and known_until is null and status = 'active'`, org).Scan(&n)
	return n, err
}

// nameTaken reports whether another group of the organisation is called so.
func nameTaken(ctx context.Context, tx *store.Tx, v Group, sortKey string) (bool, error) {
	_, taken, err := store.One(ctx, tx, store.Value[string], `
		select group_id from record_group_state
		where org_id = $1 and known_until is null and status = 'active' and sort_key = $2 and group_id <> $3 limit 1`, v.Org, sortKey, v.ID)
	return taken, err
}

// insertGroup writes a new group and gives its number.
func insertGroup(ctx context.Context, tx *store.Tx, v Group) (no int64, err error) {
	if err := tx.QueryRow(ctx, `select coalesce(max(no), 0) + 1 from record_group where org_id = $1`, v.Org).Scan(&no); err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `
		insert into record_group (org_id, id, no, records, version, created_at) values ($1, $2, $3, 0, $4, $5)`,
		v.Org, v.ID, no, v.Version, tx.Now)
	return no, err
}

// writeState closes the state in force and writes the next one.
func writeState(ctx context.Context, tx *store.Tx, v Group, status string) error {
	if _, err := tx.Exec(ctx, `
		update record_group_state set known_until = $3 where org_id = $1 and group_id = $2 and known_until is null`,
		v.Org, v.ID, tx.Now); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		insert into record_group_state (org_id, group_id, rev, name, description, status, sort_key, search, known_from)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		v.Org, v.ID, v.rev, v.Name, v.Description, status, text.SortKey(v.Name), " "+text.Fold(v.Name+" "+v.Description), tx.Now)
	return err
}

// touch writes the version of a group.
func touch(ctx context.Context, tx *store.Tx, v Group) error {
	_, err := tx.Exec(ctx, `update record_group set version = $3 where org_id = $1 and id = $2`, v.Org, v.ID, v.Version)
	return err
}

// bump makes the version of a group grow, whatever it is.
func bump(ctx context.Context, tx *store.Tx, v Group) error {
	_, err := tx.Exec(ctx, `update record_group set version = version + 1 where org_id = $1 and id = $2`, v.Org, v.ID)
	return err
}
