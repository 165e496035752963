package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Table is one table of ours, as the database describes it or as a backup does.
type Table struct {
	Name    string
	Columns []string
}

// query reads all of the table, its columns by name. Names come from the
// database's own catalogue, and are those of our migrations.
func (t Table) query() string {
	return "select " + strings.Join(quoted(t.Columns), ", ") + " from " + quote(t.Name)
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func quoted(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = quote(n)
	}
	return out
}

// columnsOf lists every column of every table of ours, in order; goose's own
// table is made by the migrations, and the index of the national directory from its
// files (PostgreSQL only: SQLite has it in a side).
const (
	columnsSQLite = `
		select m.name, c.name from sqlite_master m join pragma_table_info(m.name) c
		where m.type = 'table' and m.name not like 'sqlite\_%' escape '\' and m.name <> 'goose_db_version'
		order by m.name, c.cid`
	columnsPostgres = `
		select c.table_name::text, c.column_name::text from information_schema.columns c
		join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name and t.table_type = 'BASE TABLE'
		where c.table_schema = current_schema() and c.table_name <> 'goose_db_version' and c.table_name not like 'directory\_index\_%'
		order by c.table_name, c.ordinal_position`
	pointersSQLite   = `select m.name, f."table" from sqlite_master m join pragma_foreign_key_list(m.name) f where m.type = 'table'`
	pointersPostgres = `
		select a.relname::text, b.relname::text from pg_constraint c
		join pg_class a on a.oid = c.conrelid join pg_class b on b.oid = c.confrelid
		where c.contype = 'f' and a.relnamespace = current_schema()::regnamespace`
)

// pair is two names read from the catalogue.
type pair struct{ a, b string }

func readPair(s Scan) (p pair, err error) {
	err = s(&p.a, &p.b)
	return p, err
}

// tables lists the tables, those that others point to first.
func tables(ctx context.Context, tx *Tx) ([]Table, error) {
	columns, pointers := columnsSQLite, pointersSQLite
	if tx.Engine == PostgreSQL {
		columns, pointers = columnsPostgres, pointersPostgres
	}
	cols, err := All(ctx, tx, readPair, columns)
	if err != nil {
		return nil, err
	}
	points, err := All(ctx, tx, readPair, pointers)
	if err != nil {
		return nil, err
	}
	return inOrder(gather(cols), points)
}

func gather(cols []pair) []Table {
	var out []Table
	for _, c := range cols {
		if len(out) == 0 || out[len(out)-1].Name != c.a {
			out = append(out, Table{Name: c.a})
		}
		last := &out[len(out)-1]
		last.Columns = append(last.Columns, c.b)
	}
	return out
}

// inOrder sorts the tables so that a row is written after those it points to.
func inOrder(all []Table, points []pair) ([]Table, error) {
	var out []Table
	done := map[string]bool{}
	for len(out) < len(all) {
		before := len(out)
		for _, t := range all {
			waits := slices.ContainsFunc(points, func(p pair) bool { return p.a == t.Name && p.b != t.Name && !done[p.b] })
			if !done[t.Name] && !waits {
				done[t.Name] = true
				out = append(out, t)
			}
		}
		if len(out) == before {
			return nil, fmt.Errorf("store: the tables point to each other in a circle (after %d of %d)", before, len(all))
		}
	}
	return out, nil
}
