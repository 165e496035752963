package limit_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"habilis/internal/fault"
	"habilis/internal/limit"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

var ctx = context.Background()

type world struct {
	*testing.T

	db    *store.DB
	clock *storetest.Clock
}

func each(t *testing.T, fn func(w *world)) {
	t.Helper()
	clock := &storetest.Clock{}
	storetest.EachWith(t, storetest.Options{Clock: clock.Now}, func(t *testing.T, db *store.DB) { fn(&world{t, db, clock}) })
}

func (w *world) count(c limit.Counter, subject string) (n int64) {
	w.Helper()
	if err := w.db.Read(ctx, func(tx *store.Tx) (err error) {
		n, err = c.Count(ctx, tx, subject)
		return err
	}); err != nil {
		w.Fatal(err)
	}
	return n
}

func (w *world) wantCount(c limit.Counter, subject string, want int64) {
	w.Helper()
	if got := w.count(c, subject); got != want {
		w.Errorf("%s of %s: counted %d, want %d", c.Name, subject, got, want)
	}
}

// atStart moves the clock to the start of a window.
func (w *world) atStart(c limit.Counter) {
	now := w.db.Now()
	w.clock.Add(now.Truncate(c.Window).Add(c.Window).Sub(now))
}

// TestTake: Max tries pass in each window, the next is refused and says when to
// come back; other subjects and counters are not touched (rules.md 4).
func TestTake(t *testing.T) {
	c := limit.Counter{Name: "test", Window: time.Hour, Max: 3}
	each(t, func(w *world) {
		w.atStart(c)
		w.wantCount(c, "a", 0)
		for range 3 {
			if err := c.Take(ctx, w.db, "a"); err != nil {
				w.Fatal(err)
			}
		}
		for range 5 {
			err := c.Take(ctx, w.db, "a")
			f := fault.Of(err)
			if !errors.Is(err, limit.ErrExceeded) || f.Kind != fault.Limited || f.Wait <= 59*time.Minute || f.Wait > time.Hour {
				w.Errorf("%v, wait %v", err, f.Wait)
			}
		}
		w.wantCount(c, "a", 3) // refused tries do not count
		if err := c.Take(ctx, w.db, "b"); err != nil {
			w.Error(err)
		}
		other := c
		other.Name = "other"
		if err := other.Take(ctx, w.db, "a"); err != nil {
			w.Error(err)
		}
	})
}

// TestTakeN: several at once, all of them or none.
func TestTakeN(t *testing.T) {
	c := limit.Counter{Name: "test", Window: 24 * time.Hour, Max: 200}
	each(t, func(w *world) {
		for _, step := range []struct {
			n, want int64
			refused bool
		}{{190, 190, false}, {50, 190, true}, {11, 190, true}, {10, 200, false}, {1, 200, true}} {
			err := c.TakeN(ctx, w.db, "a", step.n)
			if errors.Is(err, limit.ErrExceeded) != step.refused || (err != nil && !step.refused) {
				w.Errorf("%d more: %v", step.n, err)
			}
			w.wantCount(c, "a", step.want)
		}
	})
}

// TestWithin: counted inside an act, a try too many is refused and undoes the act.
func TestWithin(t *testing.T) {
	c := limit.Counter{Name: "test", Window: time.Hour, Max: 2}
	each(t, func(w *world) {
		w.atStart(c)
		for n := range c.Max + 2 {
			err := w.db.Write(ctx, []store.Lock{"test"}, func(tx *store.Tx) error { return c.Within(ctx, tx, "a") })
			if over := n >= c.Max; over != errors.Is(err, limit.ErrExceeded) || !over && err != nil {
				w.Errorf("try %d: %v", n+1, err)
			}
		}
		w.wantCount(c, "a", c.Max)
	})
}

// TestWindow: a window ends when it says, and the next begins empty; a clock that
// goes back finds the window it left (F7).
func TestWindow(t *testing.T) {
	c := limit.Counter{Name: "test", Window: time.Minute, Max: 1}
	each(t, func(w *world) {
		w.atStart(c)
		if err := c.Take(ctx, w.db, "a"); err != nil {
			w.Fatal(err)
		}
		err := c.Take(ctx, w.db, "a")
		w.clock.Add(fault.Of(err).Wait)
		if err := c.Take(ctx, w.db, "a"); err != nil {
			w.Errorf("after the wait that was told: %v", err)
		}
		w.clock.Add(-time.Minute)
		if err := c.Take(ctx, w.db, "a"); !errors.Is(err, limit.ErrExceeded) {
			w.Errorf("with the clock put back: %v", err)
		}
	})
}

// TestWait: the wait that is told is never nothing, and never more than a window,
// also at its very edge and through a change to summer time.
func TestWait(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	edge := time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)
	for _, window := range []time.Duration{time.Minute, time.Hour, 24 * time.Hour} {
		c := limit.Counter{Name: "test", Window: window, Max: 1}
		for _, now := range []time.Time{edge, edge.Add(1), edge.Add(-1), edge.In(paris), edge.Add(-time.Microsecond).In(paris)} {
			if wait := fault.Of(c.Exceeded(now)).Wait; wait <= 0 || wait > window || !now.Add(wait).Equal(now.Add(wait).Truncate(window)) {
				t.Errorf("%v at %v: %v", window, now, wait)
			}
		}
	}
}

// TestExactly: of 16 writers at once that try 80 times together, exactly Max pass;
// none gets another error (RAC-04).
func TestExactly(t *testing.T) {
	c := limit.Counter{Name: "test", Window: 24 * time.Hour, Max: 50}
	each(t, func(w *world) {
		var passed, refused atomic.Int64
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for range 5 {
					switch err := c.Take(ctx, w.db, "a"); {
					case err == nil:
						passed.Add(1)
					case errors.Is(err, limit.ErrExceeded):
						refused.Add(1)
					default:
						w.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if passed.Load() != 50 || refused.Load() != 30 {
			w.Errorf("%d passed, %d refused", passed.Load(), refused.Load())
		}
		w.wantCount(c, "a", 50)
	})
}

// TestAddUnderOtherLocks: counted inside acts that hold other locks, a try is
// counted once, though PostgreSQL makes those acts run again (SERIALIZABLE); what
// is undone does not count.
func TestAddUnderOtherLocks(t *testing.T) {
	c := limit.Counter{Name: "test", Window: 24 * time.Hour, Max: 5}
	undone := errors.New("undone")
	storetest.EachWith(t, storetest.Options{NoTwin: true}, func(t *testing.T, db *store.DB) {
		w := &world{t, db, nil}
		before := store.Retries.Load()
		var counts sync.Map
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				for range 10 {
					var n int64
					err := db.Write(ctx, []store.Lock{store.Lock(fmt.Sprint("org ", i))}, func(tx *store.Tx) (err error) {
						n, err = c.Add(ctx, tx, "a")
						return err
					})
					if err != nil {
						t.Error(err)
					}
					if _, twice := counts.LoadOrStore(n, true); twice {
						t.Errorf("two tries were number %d", n)
					}
					err = db.Write(ctx, []store.Lock{store.Lock(fmt.Sprint("org ", i))}, func(tx *store.Tx) error {
						if _, err := c.AddN(ctx, tx, "a", 7); err != nil {
							return err
						}
						return undone
					})
					if !errors.Is(err, undone) {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		w.wantCount(c, "a", 160)
		if db.Engine == store.PostgreSQL && store.Retries.Load() == before {
			t.Error("nothing was run again: the test proves nothing")
		}
	})
}

// TestSweep: counters of long ago go; no window that may still count does.
func TestSweep(t *testing.T) {
	day := limit.Counter{Name: "day", Window: 24 * time.Hour, Max: 1}
	each(t, func(w *world) {
		w.atStart(day)
		if err := day.Take(ctx, w.db, "a"); err != nil {
			w.Fatal(err)
		}
		rows := func() (n int) {
			if err := w.db.Read(ctx, func(tx *store.Tx) error { return tx.QueryRow(ctx, `select count(*) from counter`).Scan(&n) }); err != nil {
				w.Fatal(err)
			}
			return n
		}
		for _, step := range []struct {
			after time.Duration
			want  int
		}{{day.Window - time.Minute, 1}, {limit.Kept - day.Window, 1}, {2 * time.Minute, 0}} {
			w.clock.Add(step.after)
			if err := limit.Sweep(ctx, w.db); err != nil {
				w.Fatal(err)
			}
			if got := rows(); got != step.want {
				w.Errorf("after %v: %d counters", step.after, got)
			}
		}
	})
}

// TestAway: without a database nothing passes.
func TestAway(t *testing.T) {
	c := limit.Counter{Name: "test", Window: time.Hour, Max: 3}
	each(t, func(w *world) {
		gone, leave := context.WithCancel(ctx)
		leave()
		if err := c.Take(gone, w.db, "a"); err == nil {
			w.Error("passed")
		}
		w.wantCount(c, "a", 0)
	})
}
