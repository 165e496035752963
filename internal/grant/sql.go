package grant

import (
	"context"
	"slices"

	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// maxIn bounds the values of one "in (…)".
const maxIn = 500

// People -------------------------------------------------------------------------------

const selectPeople = `
	select s.member_id, coalesce(s.account_id, ''), s.title, s.given_name, s.family_name, s.function, s.status, s.starts_at, s.ends_at,
		coalesce(a.status, '') = 'active' and s.verification in ('not_needed', 'verified')
	from member_state s
	left join account_state a on a.account_id = s.account_id and a.known_until is null
	where s.org_id = $1 and s.known_until is null`

func scanPerson(s store.Scan) (person, error) {
	var p person
	return p, s(&p.ID, &p.Account, &p.Title, &p.Given, &p.Family, &p.Function, &p.Status, &p.StartsAt, &p.EndsAt, &p.Open)
}

// readPeople reads members of the organisation with their sites; those who left too if
// left says so.
func readPeople(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Member, left bool) (map[ident.Member]person, error) {
	out := make(map[ident.Member]person, len(ids))
	for part := range slices.Chunk(ids, maxIn) {
		var args store.Args
		args.Add(in)
		query := selectPeople + ` and s.member_id in ` + store.In(&args, part)
		if !left {
			query += ` and s.status <> 'left'`
		}
		found, err := store.All(ctx, tx, scanPerson, query, args.List()...)
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			out[p.ID] = p
		}
	}
	sites, err := member.SitesOf(ctx, tx, in, ids)
	for id, p := range out {
		p.Sites = sites[id]
		out[id] = p
	}
	return out, err
}

// Levels -------------------------------------------------------------------------------

// row is a level as it is kept, open: it may be over, or to come.
type row struct {
	State
	cell

	id    ident.Grant
	giver string
}

// cell is one member and one resource.
type cell struct {
	member   ident.Member
	resource resource.ID
}

const selectGrants = `
	select g.id, g.member_id, g.resource_id, g.level, g.starts_at, g.ends_at, g.given_by, g.known_from
	from access_grant g where g.org_id = $1 and g.known_until is null`

func scanRow(s store.Scan) (row, error) {
	var r row
	return r, s(&r.id, &r.member, &r.resource, &r.Level, &r.From, &r.Until, &r.giver, &r.GivenAt)
}

// countEndedByHolding counts the levels of somebody that ended in the act that made them the holder,
// which they are no more since now.
func countEndedByHolding(ctx context.Context, tx *store.Tx, in ident.Org, id resource.ID, of ident.Member) (n int64, err error) {
	err = tx.QueryRow(ctx, `
		select count(*) from access_grant g
		join resource_state r on r.org_id = g.org_id and r.resource_id = g.resource_id and r.holder_id = g.member_id
			and r.known_from = g.known_until and r.known_until = $4
		where g.org_id = $1 and g.resource_id = $2 and g.member_id = $3 and (g.ends_at is null or g.ends_at > g.known_until)`,
		in, id, of, tx.Now).Scan(&n)
	return n, err
}

// grantsOn reads the levels of members on resources.
func grantsOn(ctx context.Context, tx *store.Tx, in ident.Org, members []ident.Member, resources []resource.ID) ([]row, error) {
	var out []row
	for people := range slices.Chunk(members, maxIn) {
		for things := range slices.Chunk(resources, maxIn) {
			var args store.Args
			args.Add(in)
			query := selectGrants + ` and g.member_id in ` + store.In(&args, people) + ` and g.resource_id in ` + store.In(&args, things)
			found, err := store.All(ctx, tx, scanRow, query, args.List()...)
			if err != nil {
				return nil, err
			}
			out = append(out, found...)
		}
	}
	return out, nil
}

// grantsOf reads every level of some members.
func grantsOf(ctx context.Context, tx *store.Tx, in ident.Org, members []ident.Member) ([]row, error) {
	var out []row
	for part := range slices.Chunk(members, maxIn) {
		var args store.Args
		args.Add(in)
		found, err := store.All(ctx, tx, scanRow, selectGrants+` and g.member_id in `+store.In(&args, part), args.List()...)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// managersOf reads who was given the highest level on some resources.
func managersOf(ctx context.Context, tx *store.Tx, in ident.Org, resources []resource.ID) ([]row, error) {
	var out []row
	for part := range slices.Chunk(resources, maxIn) {
		var args store.Args
		args.Add(in)
		query := selectGrants + ` and g.level = 'manage' and g.resource_id in ` + store.In(&args, part)
		found, err := store.All(ctx, tx, scanRow, query, args.List()...)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// closeRows ends rows, known to this moment.
func closeRows(ctx context.Context, tx *store.Tx, in ident.Org, ids []ident.Grant) error {
	for part := range slices.Chunk(ids, maxIn) {
		var args store.Args
		args.Add(in)
		args.Add(tx.Now)
		query := `update access_grant set known_until = $2 where org_id = $1 and known_until is null and id in ` + store.In(&args, part)
		if _, err := tx.Exec(ctx, query, args.List()...); err != nil {
			return err
		}
	}
	return nil
}

// atOnce is how many rows one statement writes.
const atOnce = 200

// insertRows writes the levels of lines after an edit.
func insertRows(ctx context.Context, tx *store.Tx, in ident.Org, lines []Line, by string, set ident.ChangeSet) error {
	for part := range slices.Chunk(lines, atOnce) {
		var args store.Args
		for _, l := range part {
			for _, v := range []any{
				in, ident.NewGrant(), l.Member, l.Resource.ID, l.After.Level, l.After.From, l.After.Until, by, set, tx.Now,
			} {
				args.Add(v)
			}
		}
		_, err := tx.Exec(ctx, `
			insert into access_grant (org_id, id, member_id, resource_id, level, starts_at, ends_at, given_by, change_set_id, known_from)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`+others(&args, len(part)), args.List()...)
		if err != nil {
			return err
		}
	}
	return nil
}

// others writes the rows after the first of n, which the statement writes itself.
func others(args *store.Args, n int) string {
	all := store.Rows(n, len(args.List())/n)
	if n == 1 {
		return ""
	}
	first := store.Rows(1, len(args.List())/n)
	return all[len(first):]
}

// insertPassed writes levels as others had them, with who gave them.
func insertPassed(ctx context.Context, tx *store.Tx, in ident.Org, rows []row, set ident.ChangeSet) error {
	return store.InsertAll(ctx, tx, rows, `
		insert into access_grant (org_id, id, member_id, resource_id, level, starts_at, ends_at, given_by, change_set_id, known_from)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, "", func(r *row) []any {
		return []any{in, ident.NewGrant(), r.member, r.resource, r.Level, r.From, r.Until, r.giver, set, tx.Now}
	})
}
