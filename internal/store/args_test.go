package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"habilis/internal/store"
	"habilis/internal/storetest"
)

// TestArgs: a statement put together binds each value where it stands, and a list
// of none equals nothing.
func TestArgs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		insertFacts(t, db, map[string]string{"a": "1", "b": "2", "c": "3", "d": "4"})
		for _, c := range []struct {
			names []string
			value string
			want  []string
		}{
			{[]string{"a", "c", "nobody"}, "9", []string{"a", "c"}},
			{[]string{"a", "c"}, "1", []string{"a"}},
			{[]string{"' or 1=1 --"}, "9", nil},
			{nil, "9", nil},
		} {
			var a store.Args
			query := `select name from installation_fact where value <= ` + a.Add(c.value)
			query += ` and name in ` + store.In(&a, c.names) + ` order by name`
			var got []string
			err := db.Read(ctx, func(tx *store.Tx) (err error) {
				got, err = store.All(ctx, tx, store.Value[string], query, a.List()...)
				return err
			})
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%v up to %s: %v, want %v (%v)", c.names, c.value, got, c.want, err)
			}
		}
	})
}

func insertFacts(t *testing.T, db *store.DB, facts map[string]string) {
	t.Helper()
	ctx := context.Background()
	err := db.Write(ctx, []store.Lock{"a"}, func(tx *store.Tx) error {
		var args []any
		for name, value := range facts {
			args = append(args, name, value, tx.Now)
		}
		n, err := tx.Exec(ctx, `insert into installation_fact (name, value, at) values `+store.Rows(len(facts), 3), args...)
		if err == nil && n != int64(len(facts)) {
			err = fmt.Errorf("inserted %d of %d", n, len(facts))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRows writes the places of a list of rows.
func TestRows(t *testing.T) {
	for _, c := range []struct {
		n, width int
		want     string
	}{{0, 2, ""}, {1, 1, "($1)"}, {2, 3, "($1, $2, $3), ($4, $5, $6)"}} {
		if got := store.Rows(c.n, c.width); got != c.want {
			t.Errorf("%d × %d: %s", c.n, c.width, got)
		}
	}
}

// TestLike: a search finds what holds the text, letter for letter: no character
// of it stands for others (rules.md 14, "LIKE escaped"). 4,000 pairs of texts made
// of the characters that could, judged beside strings.Contains.
func TestLike(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		random := rand.New(rand.NewPCG(seed, 0))
		facts := map[string]string{}
		for i := range 100 {
			facts[fmt.Sprint(i)] = " " + letters(random, 8)
		}
		insertFacts(t, db, facts)
		for range 40 {
			s := letters(random, 3)
			find(ctx, t, db, facts, store.Like(s), s, func(v string) bool { return strings.Contains(v, s) })
			find(ctx, t, db, facts, store.LikeWord(s), s, func(v string) bool { return strings.Contains(v, " "+s) })
		}
	})
}

func letters(random *rand.Rand, most int) string {
	const alphabet = `%%__\\a b'"$1é`
	all := []rune(alphabet)
	var b strings.Builder
	for range 1 + random.IntN(most) {
		b.WriteRune(all[random.IntN(len(all))])
	}
	return b.String()
}

func find(ctx context.Context, t *testing.T, db *store.DB, facts map[string]string, pattern, s string, holds func(string) bool) {
	t.Helper()
	var want, got []string
	for name, value := range facts {
		if holds(value) {
			want = append(want, name)
		}
	}
	slices.Sort(want)
	err := db.Read(ctx, func(tx *store.Tx) (err error) {
		got, err = store.All(ctx, tx, store.Value[string], `select name from installation_fact where value like $1 escape '\'`, pattern)
		return err
	})
	slices.Sort(got)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%q by %q finds %v, want %v (%v)", s, pattern, got, want, err)
	}
}

// TestOneAndEach: no row, one row, and a reader that stops.
func TestOneAndEach(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		insertFacts(t, db, map[string]string{"a": "1", "b": "2", "c": "3"})
		err := db.Read(ctx, func(tx *store.Tx) error {
			if v, found, err := store.One(ctx, tx, store.Value[string], `select value from installation_fact where name = $1`, "z"); err != nil || found || v != "" {
				t.Errorf("no row: %q %v %v", v, found, err)
			}
			if v, found, err := store.One(ctx, tx, store.Value[string], `select value from installation_fact where name = $1`, "b"); err != nil || !found || v != "2" {
				t.Errorf("one row: %q %v %v", v, found, err)
			}
			seen, enough := 0, fmt.Errorf("enough")
			err := store.Each(ctx, tx, func(store.Scan) error {
				if seen++; seen == 2 {
					return enough
				}
				return nil
			}, `select name from installation_fact order by name`)
			if err == nil || seen != 2 {
				t.Errorf("stopped after %d with %v", seen, err)
			}
			list, err := store.All(ctx, tx, func(store.Scan) (int, error) { return 0, enough }, `select name from installation_fact`)
			if err == nil || list != nil {
				t.Errorf("kept %v with %v", list, err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}
