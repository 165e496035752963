package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// What belongs to one organisation is found by the schema alone, so that no table is forgotten:
// the rows of each table that has org_id, and those of other tables that hang on one of these.

// ownerColumn says of which organisation a row is.
const ownerColumn = "org_id"

// OwnedTable is a table of which rows belong to organisations.
type OwnedTable struct {
	Table

	Types []string // of each column, as the migrations write them: text, bigint, boolean, datetime, blob
	where string   // the rows of the organisation $1
}

const (
	typesSQLite = `
		select m.name, c.name, lower(c.type) from sqlite_master m join pragma_table_info(m.name) c
		where m.type = 'table' order by m.name, c.cid`
	typesPostgres = `
		select c.table_name::text, c.column_name::text, coalesce(c.domain_name, c.data_type)::text from information_schema.columns c
		where c.table_schema = current_schema() order by c.table_name, c.ordinal_position`
	referencesSQLite = `
		select m.name, f."from", f."table", f."to" from sqlite_master m join pragma_foreign_key_list(m.name) f where m.type = 'table'`
	referencesPostgres = `
		select a.relname::text, x.attname::text, b.relname::text, y.attname::text from pg_constraint c
		join pg_class a on a.oid = c.conrelid join pg_class b on b.oid = c.confrelid
		join lateral unnest(c.conkey, c.confkey) as k (x, y) on true
		join pg_attribute x on x.attrelid = a.oid and x.attnum = k.x
		join pg_attribute y on y.attrelid = b.oid and y.attnum = k.y
		where c.contype = 'f' and a.relnamespace = current_schema()::regnamespace`
)

// reference is a column that points to a row of another table.
type reference struct{ table, column, to, key string }

// Tables lists every table of ours, those that others point to first.
func Tables(ctx context.Context, tx *Tx) ([]Table, error) { return tables(ctx, tx) }

// OwnedTables lists the tables of which rows belong to organisations, those that others point to
// first. The row of the organisation itself is in none of them.
func OwnedTables(ctx context.Context, tx *Tx) ([]OwnedTable, error) {
	all, err := tables(ctx, tx)
	if err != nil {
		return nil, err
	}
	types, err := typesOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	points, err := referencesOf(ctx, tx)
	if err != nil {
		return nil, err
	}
	owned := map[string]OwnedTable{}
	for _, t := range all {
		if slices.Contains(t.Columns, ownerColumn) {
			owned[t.Name] = OwnedTable{Table: t, Types: types[t.Name], where: quote(ownerColumn) + " = $1"}
		}
	}
	direct := maps.Clone(owned)
	for _, p := range points {
		to, ok := direct[p.to]
		if _, has := owned[p.table]; !ok || has || p.key == ownerColumn {
			continue
		}
		i := slices.IndexFunc(all, func(t Table) bool { return t.Name == p.table })
		owned[p.table] = OwnedTable{Table: all[i], Types: types[p.table], where: fmt.Sprintf("%s in (select %s from %s where %s)",
			quote(p.column), quote(p.key), quote(p.to), to.where)}
	}
	var out []OwnedTable
	for _, t := range all {
		if o, ok := owned[t.Name]; ok {
			out = append(out, o)
		}
	}
	return out, nil
}

func typesOf(ctx context.Context, tx *Tx) (map[string][]string, error) {
	query := typesSQLite
	if tx.Engine == PostgreSQL {
		query = typesPostgres
	}
	out := map[string][]string{}
	return out, Each(ctx, tx, func(s Scan) error {
		var table, column, kind string
		if err := s(&table, &column, &kind); err != nil {
			return err
		}
		if kind == "sorttext" {
			kind = "text"
		}
		out[table] = append(out[table], kind)
		return nil
	}, query)
}

func referencesOf(ctx context.Context, tx *Tx) ([]reference, error) {
	query := referencesSQLite
	if tx.Engine == PostgreSQL {
		query = referencesPostgres
	}
	return All(ctx, tx, func(s Scan) (r reference, err error) {
		return r, s(&r.table, &r.column, &r.to, &r.key)
	}, query)
}

// Each reads every row of the table that belongs to an organisation: some of its columns, in the
// order in which they are named.
func (t OwnedTable) Each(ctx context.Context, tx *Tx, org string, columns []string, fn func(values []any) error) error {
	for _, c := range columns {
		if !slices.Contains(t.Columns, c) {
			return fmt.Errorf("store: %s has no column %s", t.Name, c)
		}
	}
	values, places := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		places[i] = &values[i]
	}
	return Each(ctx, tx, func(s Scan) error {
		if err := s(places...); err != nil {
			return err
		}
		return fn(values)
	}, "select "+strings.Join(quoted(columns), ", ")+" from "+quote(t.Name)+" where "+t.where, org)
}

// Count counts the rows of the table that belong to an organisation.
func (t OwnedTable) Count(ctx context.Context, tx *Tx, org string) (int64, error) {
	return Value[int64](tx.QueryRow(ctx, "select count(*) from "+quote(t.Name)+" where "+t.where, org).Scan)
}

// DeleteSome deletes at most n rows of the table that belong to an organisation, and says how many.
func (t OwnedTable) DeleteSome(ctx context.Context, tx *Tx, org string, n int) (int64, error) {
	place := "rowid"
	if tx.Engine == PostgreSQL {
		place = "ctid"
	}
	some := "select " + place + " from " + quote(t.Name) + " where " + t.where + " limit $2"
	return tx.Exec(ctx, "delete from "+quote(t.Name)+" where "+place+" in ("+some+")", org, n)
}

// Measure says what of a table is counted: its rows by the column Of, which names whose they are
// (empty: all of them), and the column of time by which they grow old (empty: they have none).
type Measure struct{ Table, Of, Time string }

func (m Measure) from() string {
	query := " from " + quote(m.Table)
	if m.Of != "" {
		query += " where " + quote(m.Of) + " = $1"
	}
	return query
}

func (m Measure) args(of string) []any {
	if m.Of == "" {
		return nil
	}
	return []any{of}
}

// Weigh counts rows, and finds the time of the oldest; the zero time where there is none.
func (m Measure) Weigh(ctx context.Context, tx *Tx, of string) (n int64, oldest time.Time, err error) {
	if n, err = Value[int64](tx.QueryRow(ctx, "select count(*)"+m.from(), m.args(of)...).Scan); err != nil || n == 0 || m.Time == "" {
		return n, oldest, err
	}
	at, _, err := One(ctx, tx, Value[*time.Time], "select "+quote(m.Time)+m.from()+" order by "+quote(m.Time)+" limit 1", m.args(of)...)
	if err == nil && at != nil && at.After(Never) {
		oldest = at.UTC()
	}
	return n, oldest, err
}

// Before counts the rows whose time is before one.
func (m Measure) Before(ctx context.Context, tx *Tx, of string, before time.Time) (int64, error) {
	query := "select count(*)" + m.from() + " and " + quote(m.Time) + " < $2"
	return Value[int64](tx.QueryRow(ctx, query, of, before).Scan)
}
