package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"habilis/internal/store"
	"habilis/internal/storetest"
)

const insertFact = `insert into installation_fact (name, value, at) values ($1, $2, $3)`

// TestInsertAll: however many rows there are, each is written once, in few statements; none
// is none; what the database refuses is told as ever, and undoes all of them.
func TestInsertAll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		write := func(names []string, after string) error {
			return db.Write(ctx, []store.Lock{"a"}, func(tx *store.Tx) error {
				return store.InsertAll(ctx, tx, names, insertFact, after, func(s *string) []any { return []any{*s, *s + "!", tx.Now} })
			})
		}
		count := func() (n int64) {
			t.Helper()
			err := db.Read(ctx, func(tx *store.Tx) error {
				return tx.QueryRow(ctx, `select count(*) from installation_fact where name like 'x%' and value = name || '!'`).Scan(&n)
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		many := make([]string, 3001) // no multiple of what one statement writes
		for n := range many {
			many[n] = fmt.Sprintf("x%d", n)
		}
		for _, step := range []struct {
			names []string
			after string
			fails bool
			want  int64
		}{
			{nil, "", false, 0},
			{many, "", false, 3001},
			{[]string{"x-new", "x3000"}, "", true, 3001},
			{[]string{"x-new", "x3000"}, " on conflict (name) do nothing", false, 3002},
		} {
			err := write(step.names, step.after)
			if (err != nil) != step.fails {
				t.Fatalf("%d rows%s: %v", len(step.names), step.after, err)
			}
			if got := count(); got != step.want {
				t.Errorf("%d rows%s: %d are there, not %d", len(step.names), step.after, got, step.want)
			}
		}
	})
}

// TestRepeatedStatement: a statement that runs again in a transaction is the same statement,
// with other values; on SQLite also after one of its runs was refused.
func TestRepeatedStatement(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		err := db.Write(ctx, []store.Lock{"a"}, func(tx *store.Tx) error {
			for n := range 5 {
				if touched, err := tx.Exec(ctx, insertFact, fmt.Sprint("x", n), "v", tx.Now); err != nil || touched != 1 {
					return fmt.Errorf("run %d: %d rows: %w", n, touched, err)
				}
				if tx.Engine == store.PostgreSQL {
					continue // it ends the transaction at the first refusal
				}
				if _, err := tx.Exec(ctx, insertFact, fmt.Sprint("x", n), "v", tx.Now); err == nil {
					return fmt.Errorf("run %d: twice", n)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// TestReplan: a plan that PostgreSQL made while a table was next to empty is made again once a
// transaction has filled it: else each row that refers to the table has all of it read.
func TestReplan(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		if e != store.PostgreSQL {
			continue
		}
		db, ctx := storetest.Open(t, e, storetest.Options{NoTwin: true}), context.Background()
		err := db.Write(ctx, []store.Lock{"a"}, func(tx *store.Tx) error {
			run := func(query string, args ...any) {
				t.Helper()
				if _, err := tx.Exec(ctx, query, args...); err != nil {
					t.Fatal(err)
				}
			}
			plan := func() string {
				t.Helper()
				lines, err := store.All(ctx, tx, store.Value[string], `explain execute looked ('x1')`)
				if err != nil {
					t.Fatal(err)
				}
				return strings.Join(lines, "\n")
			}
			run(`set local plan_cache_mode = force_generic_plan`)
			run(insertFact, "x", "", tx.Now)
			run(`analyze installation_fact`)
			run(`prepare looked (text) as select value from installation_fact where name = $1`)
			if got := plan(); !strings.Contains(got, "Seq Scan") {
				t.Fatalf("of a table of one line: %s", got)
			}
			many := make([]int, 9600)
			for n := range many {
				many[n] = n
			}
			err := store.InsertAll(ctx, tx, many, insertFact, "", func(n *int) []any { return []any{fmt.Sprint("x", *n), "", tx.Now} })
			if err != nil {
				return err
			}
			if got := plan(); !strings.Contains(got, "Index") {
				t.Errorf("of a table of thousands: %s", got)
			}
			run(`deallocate looked`)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
