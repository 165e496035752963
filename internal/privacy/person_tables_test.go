package privacy

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"habilis/internal/store"
	"habilis/internal/storetest"
)

const textsSQLite = `
	select m.name || '.' || c.name from sqlite_master m join pragma_table_info(m.name) c
	where m.type = 'table' and m.name not like 'sqlite_%' and m.name not like 'goose%' and lower(c.type) in ('text', 'sorttext', 'blob')`

const textsPostgres = `
	select c.table_name || '.' || c.column_name from information_schema.columns c
	join information_schema.tables t on t.table_name = c.table_name and t.table_schema = c.table_schema
	where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.table_name not like 'goose%'
	and coalesce(c.domain_name, c.data_type) in ('text', 'sorttext', 'blob', 'bytea')`

// spoken are the columns that erasure reaches: those that nouns speak of, and those of functions of
// their own (bySpecial).
func spoken() map[string]bool {
	out := map[string]bool{}
	for _, p := range tables {
		lists := [][]string{p.Empty, p.Words, p.Of, p.Key}
		for _, names := range p.Names {
			lists = append(lists, names)
		}
		lists = append(lists, slices.Collect(maps.Keys(p.Names)))
		for _, c := range slices.Concat(lists...) {
			out[p.Table+"."+c] = true
		}
		if p.Gone {
			out[p.Table+".*"] = true
		}
	}
	return out
}

// TestEveryColumn (AUD-4): every column of text or bytes, of both engines, is erased, or declared free
// of personal data with the reason. A new one fails here until somebody says which.
func TestEveryColumn(t *testing.T) {
	reached := spoken()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		query := textsSQLite
		if db.Engine == store.PostgreSQL {
			query = textsPostgres
		}
		var columns []string
		if err := db.Read(context.Background(), func(tx *store.Tx) (err error) {
			columns, err = store.All(context.Background(), tx, store.Value[string], query)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if len(columns) < 300 {
			t.Fatalf("only %d columns: the schema was not read", len(columns))
		}
		used := map[string]bool{}
		for _, c := range columns {
			table, column, _ := strings.Cut(c, ".")
			switch why := free[c]; {
			case why != "":
				used[c] = true
			case free[table+".*"] != "":
				used[table+".*"] = true
			case reached[c] || reached[table+".*"] || bySpecial[c] != "" || bySpecial[table+".*"] != "" || isID(column):
			default:
				t.Errorf("%s: who is erased may stand there; say in the noun's Personal how it goes, or in free why it is nobody's", c)
			}
		}
		for c := range free {
			if !used[c] && !strings.HasPrefix(c, "directory_index_") { // SQLite has it in a side
				t.Errorf("%s is declared free of personal data, and is not there", c)
			}
		}
	})
}

// isID reports whether a column holds an ID of ours by its name: IDs name nobody, and stay.
func isID(column string) bool { return column == "id" || strings.HasSuffix(column, "_id") }

// TestDeclared: what nouns say of their tables is true of the schema: every statement that erasure
// and exports make of it runs, on both engines.
func TestDeclared(t *testing.T) {
	ids := []string{"mbr_x", "acc_x"}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Write(context.Background(), []store.Lock{store.Installation}, func(tx *store.Tx) error {
			for _, p := range tables {
				if _, err := p.Erase(context.Background(), tx, "org_x", ids); err != nil {
					return fmt.Errorf("%s: %w", p.Table, err)
				}
				if len(p.Words) > 0 {
					if _, _, err := p.Look(context.Background(), tx, "org_x", ids, nil, 1, func(store.Worded) ([]string, bool) { return nil, false }); err != nil {
						return fmt.Errorf("%s: %w", p.Table, err)
					}
				}
				if len(p.Export) > 0 {
					if _, err := p.Rows(context.Background(), tx, "org_x", ids, 1); err != nil {
						return fmt.Errorf("%s: %w", p.Table, err)
					}
				}
				if _, err := p.Count(context.Background(), tx, "org_x", ids); err != nil {
					return fmt.Errorf("%s: %w", p.Table, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
