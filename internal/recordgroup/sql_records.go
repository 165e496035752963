package recordgroup

import (
	"context"
	"slices"
	"strings"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// Blocks of statements. SQLite binds the arguments of one statement in a time that grows
// with the square of their number: small blocks are many times as fast as one.
const (
	blockFind   = 200 // names looked for at once
	blockInsert = 50  // rows written at once
)

// What is asked of the table of records, the only large one here: each is answered by an
// index (a test asks both engines). Removing a group leaves its rows as they are, for they
// may be a million: only those of active groups count.
const (
	recordsHere      = `select record from record_group_record where org_id = $1 and group_no = $2 and known_until is null and record in `
	recordsElsewhere = `
		select r.record from record_group_record r
			join record_group g on g.org_id = r.org_id and g.no = r.group_no
			join record_group_state s on s.org_id = g.org_id and s.group_id = g.id and s.known_until is null and s.status = 'active'
		where r.org_id = $1 and r.group_no <> $2 and r.known_until is null and r.record in `

	closeSome = `
		update record_group_record set known_until = $3
		where org_id = $1 and group_no = $2 and known_until is null and record in `

	onlyHere = `
		select count(*) from record_group_record h
		where h.org_id = $1 and h.group_no = $2 and h.known_until is null and not exists (
			select 1 from record_group_record r
			join record_group g on g.org_id = r.org_id and g.no = r.group_no
			join record_group_state s on s.org_id = g.org_id and s.group_id = g.id and s.known_until is null and s.status = 'active'
			where r.org_id = $1 and r.record = h.record and r.known_until is null and r.group_no <> $2)`

	// The same from the other side: records of other groups that are here too.
	alsoHere = `
		select count(distinct r.record) from record_group_record r
			join record_group g on g.org_id = r.org_id and g.no = r.group_no
			join record_group_state s on s.org_id = g.org_id and s.group_id = g.id and s.known_until is null and s.status = 'active'
		where r.org_id = $1 and r.group_no <> $2 and r.known_until is null and exists (
			select 1 from record_group_record h
			where h.org_id = $1 and h.group_no = $2 and h.record = r.record and h.known_until is null)`

	recordsListed = `
		select r.record, r.known_from from record_group_record r
		where r.known_until is null and r.org_id = $1 and r.group_no = $2`
)

// Record is a patient record in a group.
type Record struct {
	Name  string
	Since time.Time
}

// findRecords tells which of the names are in the group.
func findRecords(ctx context.Context, tx *store.Tx, v Group, names []string) (map[string]bool, error) {
	return foundIn(ctx, tx, names, recordsHere, v)
}

// findElsewhere tells which of the names are in another group than v.
func findElsewhere(ctx context.Context, tx *store.Tx, v Group, names []string) (map[string]bool, error) {
	return foundIn(ctx, tx, names, recordsElsewhere, v)
}

func foundIn(ctx context.Context, tx *store.Tx, names []string, query string, v Group) (map[string]bool, error) {
	found := map[string]bool{}
	for block := range slices.Chunk(names, blockFind) {
		var args store.Args
		args.Add(v.Org)
		args.Add(v.no)
		if err := store.Each(ctx, tx, func(s store.Scan) error {
			name, err := store.Value[string](s)
			found[name] = true
			return err
		}, query+store.In(&args, block), args.List()...); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// insertRecords puts records in a group. One that was taken out at this very moment, by
// the clock, is in it again.
func insertRecords(ctx context.Context, tx *store.Tx, v Group, names []string) error {
	const width = 4
	for block := range slices.Chunk(names, blockInsert) {
		var args store.Args
		for _, n := range block {
			for _, x := range []any{v.Org, v.no, n, tx.Now} {
				args.Add(x)
			}
		}
		if _, err := tx.Exec(ctx, `
			insert into record_group_record (org_id, group_no, record, known_from) values ($1, $2, $3, $4)`+others(len(block), width)+`
			on conflict (org_id, group_no, record, known_from) do update set known_until = null`, args.List()...); err != nil {
			return err
		}
	}
	return nil
}

// others writes the rows after the first of n, which the statement writes itself.
func others(n, width int) string {
	return strings.TrimPrefix(store.Rows(n, width), store.Rows(1, width))
}

func closeRecords(ctx context.Context, tx *store.Tx, v Group, names []string) error {
	for block := range slices.Chunk(names, blockFind) {
		var args store.Args
		args.Add(v.Org)
		args.Add(v.no)
		args.Add(tx.Now)
		if _, err := tx.Exec(ctx, closeSome+store.In(&args, block), args.List()...); err != nil {
			return err
		}
	}
	return nil
}

// countRecords keeps the number of records of a group.
func countRecords(ctx context.Context, tx *store.Tx, v Group, more int64) error {
	_, err := tx.Exec(ctx, `update record_group set records = records + $3 where org_id = $1 and id = $2`, v.Org, v.ID, more)
	return err
}

func countAllRecords(ctx context.Context, tx *store.Tx, org ident.Org) (n int64, err error) {
	err = tx.QueryRow(ctx, `select coalesce(sum(records), 0) from record_group where org_id = $1`, org).Scan(&n)
	return n, err
}

// countOnlyHere counts the records of a group that are in no other, from the side that has
// fewer to look at.
func countOnlyHere(ctx context.Context, tx *store.Tx, v Group) (n int64, err error) {
	all, err := countAllRecords(ctx, tx, v.Org)
	if err != nil {
		return 0, err
	}
	switch others := all - v.Records; {
	case others == 0:
		return v.Records, nil
	case others < v.Records:
		err = tx.QueryRow(ctx, alsoHere, v.Org, v.no).Scan(&n)
		return v.Records - n, err
	}
	err = tx.QueryRow(ctx, onlyHere, v.Org, v.no).Scan(&n)
	return n, err
}

func listRecords(ctx context.Context, tx *store.Tx, v Group, q Query, limit, offset int) ([]Record, error) {
	var args store.Args
	args.Add(v.Org)
	args.Add(v.no)
	query := recordsListed
	if q.Record != "" {
		query += ` and r.record = ` + args.Add(q.Record)
	}
	if q.after != nil {
		query += ` and r.record > ` + args.Add(q.after.Key)
	}
	query += ` order by r.record limit ` + args.Add(limit) + ` offset ` + args.Add(offset)
	return store.All(ctx, tx, func(s store.Scan) (Record, error) {
		var r Record
		return r, s(&r.Name, &r.Since)
	}, query, args.List()...)
}
