package action_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// told is what Committed was called with.
type told struct {
	versions map[ident.Org]int64
	known    bool
}

// TestCommitted: whoever answers from memory is told of the versions before the act
// returns, and of nothing when nothing was changed (Must show 2).
func TestCommitted(t *testing.T) {
	each(t, func(w *world) {
		var calls []told
		w.run.Committed = func(v map[ident.Org]int64, known bool) { calls = append(calls, told{maps.Clone(v), known}) }
		for n := range 3 {
			w.mustDo(w.boss, w.edit(), "x")
			if len(calls) != n+1 || !calls[n].known || len(calls[n].versions) != 1 || calls[n].versions[w.org] != int64(w.version(w.org)) {
				t.Fatalf("%+v, version %d", calls, w.version(w.org))
			}
		}
		if _, err := w.do(w.nurse, w.edit(), w.does("x")); err == nil {
			t.Error("a nurse may edit")
		}
		if _, err := w.do(w.boss, w.edit(), func(*action.Tx) (made, error) { return made{}, action.Nothing }); err != nil {
			t.Error(err)
		}
		again := w.boss
		again.Once = access.Once{Key: "k"}
		w.mustDo(again, w.edit(), "y")
		w.mustDo(again, w.edit(), "y") // its answer is remembered: nothing is done
		if len(calls) != 4 {
			t.Errorf("%d calls for four changes", len(calls))
		}
	})
}

// TestTouch: what an act changes of other organisations makes their next version too, and
// the row says that no time tells what it was.
func TestTouch(t *testing.T) {
	each(t, func(w *world) {
		var last told
		w.run.Committed = func(v map[ident.Org]int64, known bool) { last = told{maps.Clone(v), known} }
		before := w.version(w.b)
		_, err := w.do(w.boss, w.edit(), func(tx *action.Tx) (made, error) {
			tx.Touch(w.b, w.b, ident.NewOrg())
			return w.does("x")(tx)
		})
		if err != nil {
			t.Fatal(err)
		}
		if w.version(w.b) != before+1 || last.versions[w.b] != int64(before+1) || len(last.versions) != 2 {
			t.Errorf("version %d, was %d, told %+v", w.version(w.b), before, last)
		}
		if at := w.recent(w.b); len(at) == 0 || !at[0].IsZero() {
			t.Errorf("of the organisation touched: %v", at)
		}
		if at := w.recent(w.org); len(at) == 0 || at[0].IsZero() {
			t.Errorf("of the act's own: %v", at)
		}
	})
}

func (w *world) recent(org ident.Org) (list []time.Time) {
	w.Helper()
	w.read(func(ctx context.Context, tx *store.Tx) error {
		var text string
		err := tx.QueryRow(ctx, `select recent from org_version where org_id = $1`, org).Scan(&text)
		list = action.Recent(text)
		return err
	})
	return list
}

// TestRecent: the version row tells the times of the latest changes, the last one first,
// and forgets the others.
func TestRecent(t *testing.T) {
	each(t, func(w *world) {
		var want []time.Time
		for range 40 {
			w.clock.Add(time.Second)
			_, err := w.do(w.boss, w.edit(), func(tx *action.Tx) (made, error) {
				if n := len(want); n == 0 || tx.Now.Sub(want[n-1]) > 500*time.Millisecond { // once of the two runs
					want = append(want, tx.Now)
				} else {
					want[n-1] = tx.Now
				}
				return w.does("x")(tx)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		slices.Reverse(want)
		if got := w.recent(w.org); len(got) != 32 || !slices.EqualFunc(got, want[:32], time.Time.Equal) {
			t.Errorf("%d times\n%v\nwant\n%v", len(got), got, want[:32])
		}
	})
	for _, s := range []string{"", "zz", "0000000000000000", "zzzzzzzzzzzzzzzz"} {
		if got := action.Recent(s); slices.ContainsFunc(got, func(t time.Time) bool { return !t.IsZero() }) {
			t.Errorf("%q: %v", s, got)
		}
	}
}

// TestCommittedUnknown: when COMMIT is not answered, Committed is told so.
func TestCommittedUnknown(t *testing.T) {
	if !storetest.Has(t, store.PostgreSQL) {
		return // SQLite answers
	}
	p, url := storetest.NewProxy(t, storetest.Place(t, store.PostgreSQL).URL)
	db, err := store.Open(t.Context(), store.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w := newWorld(t, db, &storetest.Clock{})
	w.run.Ring = secret.NewRing(time.Now())
	var calls []told
	w.run.Committed = func(v map[ident.Org]int64, known bool) { calls = append(calls, told{maps.Clone(v), known}) }
	fired := p.On("commit", storetest.Swallow)
	_, err = w.do(w.boss, w.edit(), w.does("x"))
	if !errors.Is(err, store.ErrUnknownOutcome) || !fired() {
		t.Fatal(err)
	}
	if len(calls) != 1 || calls[0].known || calls[0].versions[w.org] == 0 {
		t.Errorf("%+v", calls)
	}
}
