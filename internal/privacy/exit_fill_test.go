package privacy_test

import (
	"context"
	"strings"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// fill writes a row of an organisation into every table that can hold one, whatever the table means: its
// texts name the organisation's word, and what it points to is there. What a table asks of its
// values by checks is not asked of these.
func (p *place) fill(in ident.Org, word string) {
	p.Helper()
	p.write(func(ctx context.Context, tx *store.Tx) error {
		if err := uncheck(ctx, tx); err != nil {
			return err
		}
		tables, err := store.OwnedTables(ctx, tx)
		if err != nil {
			return err
		}
		points, err := store.All(ctx, tx, readPointer, pointersOf(tx.Engine))
		if err != nil {
			return err
		}
		f := filler{org: in, word: word, account: p.account["paul"], points: points, rows: map[string]map[string]any{}}
		for _, t := range tables {
			if err := f.row(ctx, tx, t); err != nil {
				return err
			}
		}
		return nil
	})
}

// uncheck lets this connection write values that checks would refuse; on PostgreSQL the checks go.
func uncheck(ctx context.Context, tx *store.Tx) error {
	if tx.Engine == store.SQLite {
		_, err := tx.Exec(ctx, `pragma ignore_check_constraints = on`)
		return err
	}
	type check struct{ table, name string }
	list, err := store.All(ctx, tx, func(s store.Scan) (c check, err error) { return c, s(&c.table, &c.name) }, `
		select conrelid::regclass::text, conname::text from pg_constraint where contype = 'c' and conrelid <> 0 and connamespace = current_schema()::regnamespace`)
	if err != nil {
		return err
	}
	for _, c := range list {
		if _, err := tx.Exec(ctx, `alter table `+c.table+` drop constraint "`+c.name+`"`); err != nil {
			return err
		}
	}
	return nil
}

type pointer struct{ table, column, to, key string }

func readPointer(s store.Scan) (r pointer, err error) {
	return r, s(&r.table, &r.column, &r.to, &r.key)
}

func pointersOf(e store.Engine) string {
	if e == store.SQLite {
		return `select m.name, f."from", f."table", f."to" from sqlite_master m join pragma_foreign_key_list(m.name) f where m.type = 'table'`
	}
	return `
		select a.relname::text, x.attname::text, b.relname::text, y.attname::text from pg_constraint c
		join pg_class a on a.oid = c.conrelid join pg_class b on b.oid = c.confrelid
		join lateral unnest(c.conkey, c.confkey) as k (x, y) on true
		join pg_attribute x on x.attrelid = a.oid and x.attnum = k.x
		join pg_attribute y on y.attrelid = b.oid and y.attnum = k.y
		where c.contype = 'f' and a.relnamespace = current_schema()::regnamespace`
}

type filler struct {
	org     ident.Org
	word    string
	account ident.Account
	points  []pointer
	rows    map[string]map[string]any // what was written, by table
}

func (f *filler) row(ctx context.Context, tx *store.Tx, t store.OwnedTable) error {
	row, columns, places := map[string]any{}, []string{}, []string{}
	var args store.Args
	for i, c := range t.Columns {
		v := f.value(tx, t, c, t.Types[i])
		row[c] = v
		columns, places = append(columns, `"`+c+`"`), append(places, args.Add(v))
	}
	f.rows[t.Name] = row
	_, err := tx.Exec(ctx, `insert into "`+t.Name+`" (`+strings.Join(columns, ", ")+`) values (`+strings.Join(places, ", ")+`) on conflict do nothing`,
		args.List()...)
	return err
}

func (f *filler) value(tx *store.Tx, t store.OwnedTable, column, kind string) any {
	for _, p := range f.points {
		if p.table != t.Name || p.column != column {
			continue
		}
		switch p.to {
		case "org":
			return f.org
		case "account":
			return f.account
		}
		if v, ok := f.rows[p.to][p.key]; ok {
			return v
		}
	}
	switch {
	case column == "org_id":
		return f.org
	case kind == "bigint":
		return int64(7)
	case kind == "boolean":
		return true
	case kind == "datetime":
		return tx.Now
	case kind == "blob":
		return []byte(f.word + " " + t.Name)
	}
	return f.word + " " + t.Name + " " + column
}
