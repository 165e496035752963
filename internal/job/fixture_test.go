package job_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"habilis/internal/job"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

var ctx = context.Background()

// letter and sweep are the two kinds of work of these tests.
type letter struct{ To string }

func (letter) Kind() string { return "test.letter" }

type sweep struct{ N int }

func (sweep) Kind() string { return "test.sweep" }

// world is a database with one worker, whose handler the test writes, and a clock.
type world struct {
	*testing.T

	db    *store.DB
	ring  *secret.Ring
	clock *storetest.Clock

	mu   sync.Mutex
	ran  []string // what the handlers were given, in the order in which they began
	then func(job.Job) error
}

func each(t *testing.T, fn func(w *world)) {
	t.Helper()
	clock := &storetest.Clock{}
	storetest.EachWith(t, storetest.Options{Clock: clock.Now}, func(t *testing.T, db *store.DB) {
		fn(&world{T: t, db: db, ring: secret.NewRing(time.Now()), clock: clock})
	})
}

// onPostgres is for what only several processes on one server show.
func onPostgres(t *testing.T, handles int) (*world, []*store.DB) {
	t.Helper()
	return at(t, storetest.Place(t, store.PostgreSQL), handles)
}

// behindProxy is a world whose server a test can take away.
func behindProxy(t *testing.T) (*storetest.Proxy, *world) {
	t.Helper()
	o := storetest.Place(t, store.PostgreSQL)
	proxy, url := storetest.NewProxy(t, o.URL)
	o.URL = url
	w, _ := at(t, o, 1)
	return proxy, w
}

func at(t *testing.T, o store.Options, handles int) (*world, []*store.DB) {
	t.Helper()
	clock := &storetest.Clock{}
	o.Clock, o.Replay, o.ReadTime = clock.Now, true, time.Minute
	var dbs []*store.DB
	for range handles {
		db, err := store.Open(ctx, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		dbs = append(dbs, db)
	}
	return &world{T: t, db: dbs[0], ring: secret.NewRing(time.Now()), clock: clock}, dbs
}

// worker gives a worker of this world on a database handle.
func (w *world) worker(db *store.DB) *job.Worker {
	return &job.Worker{DB: db, Ring: w.ring, Log: slog.New(slog.DiscardHandler), Handlers: map[string]job.Handler{
		letter{}.Kind(): w.handle, sweep{}.Kind(): w.handle,
	}}
}

func (w *world) handle(_ context.Context, j job.Job) error {
	w.mu.Lock()
	w.ran = append(w.ran, j.Kind+string(j.Args)+j.Secret.Reveal())
	then := w.then
	w.mu.Unlock()
	if then != nil {
		return then(j)
	}
	return nil
}

func (w *world) add(orders ...job.Order) {
	w.Helper()
	if err := w.tryAdd(orders...); err != nil {
		w.Fatal(err)
	}
}

func (w *world) tryAdd(orders ...job.Order) error {
	return w.db.Write(ctx, []store.Lock{"acts"}, func(tx *store.Tx) error { return job.Add(ctx, tx, w.ring, orders) })
}

func (w *world) drain() {
	w.Helper()
	if err := w.worker(w.db).Drain(ctx); err != nil {
		w.Fatal(err)
	}
}

func (w *world) exec(query string, args ...any) {
	w.Helper()
	if err := w.db.Write(ctx, []store.Lock{"test"}, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	}); err != nil {
		w.Fatal(err)
	}
}

// row is one job as it is kept.
type row struct {
	State     string
	Attempt   int64
	Sealed    bool
	Unique    bool
	RunAt     time.Time
	LastError string
}

func (w *world) rows() (rows []row) {
	w.Helper()
	if err := w.db.Read(ctx, func(tx *store.Tx) (err error) {
		rows, err = store.All(ctx, tx, func(s store.Scan) (r row, err error) {
			return r, s(&r.State, &r.Attempt, &r.Sealed, &r.Unique, &r.RunAt, &r.LastError)
		}, `select state, attempt, sealed is not null, unique_key is not null, run_at, last_error from job order by created_at, id`)
		return err
	}); err != nil {
		w.Fatal(err)
	}
	return rows
}

// states counts the jobs of each state.
func (w *world) states() map[string]int {
	w.Helper()
	n := map[string]int{}
	for _, r := range w.rows() {
		n[r.State]++
	}
	return n
}

func (w *world) wantStates(want string) {
	w.Helper()
	if got := fmt.Sprint(w.states()); got != want {
		w.Errorf("%s, want %s", got, want)
	}
}

func (w *world) wantRan(want ...string) {
	w.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if got := fmt.Sprint(w.ran); got != fmt.Sprint(want) {
		w.Errorf("ran %v, want %v", got, want)
	}
}

var errBoom = errors.New("boom")
