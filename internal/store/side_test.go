package store_test

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"habilis/internal/store"
	"habilis/internal/storetest"
)

// numbered gives rows of a number, a text and bytes.
func numbered(n int) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		row := make([]any, 3)
		for i := range n {
			row[0], row[1], row[2] = int64(i), "é|\"'", []byte{0, byte(i)}
			if !yield(row) {
				return
			}
		}
	}
}

// sum reads a table of numbered rows back.
func sumOf(t *testing.T, b *store.Builder) (count, total int) {
	t.Helper()
	err := b.Each(t.Context(), func(s store.Scan) error {
		var n int
		var text string
		var bytes []byte
		if err := s(&n, &text, &bytes); err != nil {
			return err
		}
		if text != "é|\"'" || len(bytes) != 2 || bytes[1] != byte(n) {
			t.Errorf("row %d: %q %v", n, text, bytes)
		}
		count, total = count+1, total+n
		return nil
	}, `select n, t, b from directory_index_try`)
	if err != nil {
		t.Fatal(err)
	}
	return count, total
}

// TestBuilder: rows come back as they went, however many fit into one statement.
func TestBuilder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, n := range []int{0, 1, 15, 16, 17, 1000} {
			var b *store.Builder
			var err error
			blob := "blob"
			if db.Engine == store.PostgreSQL {
				blob = "bytea"
				b, err = db.Builder(t.Context())
			} else {
				b, err = store.NewSide(t.Context(), filepath.Join(t.TempDir(), "side"))
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := b.Exec(t.Context(), `create table directory_index_try (n bigint not null, t text not null, b `+blob+` not null)`); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := b.Copy(t.Context(), "directory_index_try", []string{"n", "t", "b"}, numbered(n)); err != nil {
					t.Fatal(err)
				}
			}
			if count, total := sumOf(t, b); count != 2*n || total != n*(n-1) {
				t.Errorf("%d rows twice: %d, %d", n, count, total)
			}
			if err := errors.Join(b.Exec(t.Context(), `drop table directory_index_try`), b.Close()); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestSide: a side is its owner's alone, is not begun where something is, and cannot be
// written once it stands; a reader keeps the one it opened when another takes its name.
func TestSide(t *testing.T) {
	dir := t.TempDir()
	side := func(name string, n int64) string {
		path := filepath.Join(dir, name)
		b, err := store.NewSide(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Exec(t.Context(), `create table one (n integer)`); err != nil {
			t.Fatal(err)
		}
		if err := b.Exec(t.Context(), `insert into one values ($1)`, n); err != nil {
			t.Fatal(err)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		return path
	}
	first := side("a", 1)
	if info, err := os.Stat(first); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if _, err := store.NewSide(t.Context(), first); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over another: %v", err)
	}
	if _, err := store.OpenSide(t.Context(), filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("none: %v", err)
	}
	db, err := store.OpenSide(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := os.Rename(side("b", 2), first); err != nil {
		t.Fatal(err)
	}
	if n := one(t, db); n != 1 {
		t.Errorf("the one that was opened says %d", n)
	}
	err = db.Write(t.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `update one set n = 3`)
		return err
	})
	if err == nil {
		t.Error("a side was written")
	}
}

func one(t *testing.T, db *store.DB) (n int) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *store.Tx) error { return tx.QueryRow(t.Context(), `select n from one`).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestSwapWaitsLittle: a swap of tables that somebody uses gives up at once, so that those
// who come after do not wait behind it, and works when it is tried again.
func TestSwapWaitsLittle(t *testing.T) {
	if !storetest.Has(t, store.PostgreSQL) {
		return // SQLite swaps files
	}
	db := storetest.Open(t, store.PostgreSQL, storetest.Options{})
	b, err := db.Builder(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	swap := []string{`set local lock_timeout = '20ms'`, `alter table directory_index_load rename to directory_index_other`}
	err = db.Read(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(t.Context(), `lock table directory_index_load in access share mode`); err != nil {
			return err
		}
		if err := b.Swap(context.Background(), swap...); !errors.Is(err, store.ErrHeld) {
			t.Errorf("while it is used: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Swap(t.Context(), swap...); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
