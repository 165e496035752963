package store_test

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"habilis/internal/store"
	"habilis/internal/storetest"
)

// TestSchemasEqual: both engines have the same tables, columns, nullability,
// keys and unique indexes.
func TestSchemasEqual(t *testing.T) {
	if len(storetest.Engines(t)) < 2 {
		return // a run of one engine has nothing to compare: the one of both does
	}
	lite := shape(t, storetest.Open(t, store.SQLite, storetest.Options{}), sqliteShape)
	pg := shape(t, storetest.Open(t, store.PostgreSQL, storetest.Options{}), postgresShape)
	if len(lite) < 100 {
		t.Fatalf("read only %d facts of the schema", len(lite))
	}
	if d := cmp.Diff(lite, pg); d != "" {
		t.Errorf("SQLite (-) and PostgreSQL (+) differ:\n%s", d)
	}
}

// shape reads a schema as lines "table.column null|not null" and "index name".
func shape(t *testing.T, db *store.DB, query string) []string {
	t.Helper()
	facts := map[string]bool{}
	err := db.Read(context.Background(), func(tx *store.Tx) error {
		lines, err := store.All(context.Background(), tx, store.Value[string], query)
		for _, l := range lines {
			facts[strings.ToLower(l)] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(facts))
}

const sqliteShape = `
	select m.name || '.' || c.name || case when c."notnull" = 1 or c.pk > 0 then ' not null' else ' null' end || ' ' ||
		case lower(c.type) when 'sorttext' then 'text' else lower(c.type) end
	from sqlite_master m join pragma_table_info(m.name) c
	where m.type = 'table' and m.name not like 'sqlite_%' and m.name not like 'goose%'
	union all
	select 'index ' || name from sqlite_master where type = 'index' and name not like 'sqlite_%'
	union all
	select 'view ' || name from sqlite_master where type = 'view'
	union all
	select 'foreign key ' || m.name || ' to ' || f."table" || ' ' || f."from" from sqlite_master m join pragma_foreign_key_list(m.name) f
	where m.type = 'table' and m.name not like 'goose%'`

const postgresShape = `
	select c.table_name || '.' || c.column_name || case c.is_nullable when 'NO' then ' not null' else ' null' end || ' ' ||
		case when c.domain_name = 'sorttext' then 'text' else coalesce(c.domain_name, c.data_type) end
	from information_schema.columns c join information_schema.tables t on t.table_name = c.table_name and t.table_schema = c.table_schema
	where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.table_name not like 'goose%'
	and c.table_name not like 'directory\_index\_%' -- SQLite has it in a side
	union all
	select 'index ' || indexname from pg_indexes where schemaname = 'public' and indexname not like '%_pkey' and indexname not like 'goose%' and indexname not like 'directory\_index\_%'
	union all
	select 'view ' || table_name from information_schema.views where table_schema = 'public'
	union all
	select 'foreign key ' || r.relname || ' to ' || f.relname || ' ' || a.attname
	from pg_constraint k join pg_class r on r.oid = k.conrelid join pg_class f on f.oid = k.confrelid
	join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
	where k.contype = 'f'`

// TestNewerSchemaRefused: an older program does not touch a newer database (CFG-03).
func TestNewerSchemaRefused(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			opts := storetest.Place(t, e)
			db, err := store.Open(context.Background(), opts)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if err := db.CheckSchema(context.Background()); err != nil {
				t.Fatalf("a current schema was refused: %v", err)
			}
			fromTheFuture(t, db)
			if err := db.Migrate(context.Background()); !errors.Is(err, store.ErrNewerSchema) {
				t.Errorf("Migrate: %v", err)
			}
			if err := db.CheckSchema(context.Background()); !errors.Is(err, store.ErrNewerSchema) {
				t.Errorf("CheckSchema: %v", err)
			}
		})
	}
}

func fromTheFuture(t *testing.T, db *store.DB) {
	t.Helper()
	ctx := context.Background()
	err := db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
		applied := any(true)
		if db.Engine == store.SQLite {
			applied = 1
		}
		_, err := tx.Exec(ctx, `insert into goose_db_version (version_id, is_applied) values (9999, $1)`, applied)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestMigrateTwice: migrating a migrated database changes nothing, and eight
// nodes that start at once migrate it once.
func TestMigrateTwice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for range 2 {
			if err := db.Migrate(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestUnique names the index whose violation is met, the same on both engines.
func TestUnique(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		insert := func(id string) error {
			return db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
				_, err := tx.Exec(ctx, `insert into org (id, slug, created_at) values ($1, 'same', $2)`, id, tx.Now)
				return err
			})
		}
		if err := insert("org_1"); err != nil {
			t.Fatal(err)
		}
		err := insert("org_2")
		if !store.Unique(err, "org_slug_uq") || store.Unique(err, "org_other_uq") {
			t.Errorf("not told as org_slug_uq: %v", err)
		}
	})
}

// TestSyncFull: SQLite writes through to the disk at each commit, and readers
// cannot write (architecture.md, SQLite).
func TestSyncFull(t *testing.T) {
	if !storetest.Has(t, store.SQLite) {
		return // a run of the other engine
	}
	db := storetest.Open(t, store.SQLite, storetest.Options{})
	ctx := context.Background()
	err := db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
		for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1"} {
			var got string
			if err := tx.QueryRow(ctx, `pragma `+pragma).Scan(&got); err != nil || got != want {
				t.Errorf("%s = %s (%v), want %s", pragma, got, err, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Read(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `insert into installation_fact (name, value, at) values ('x', '', $1)`, tx.Now)
		return err
	})
	if err == nil || errors.Is(err, sql.ErrNoRows) {
		t.Error("a reader could write")
	}
}
