package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"habilis/internal/fault"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// proxied opens a fresh PostgreSQL database through a proxy, and beside it.
func proxied(t *testing.T) (through, beside *store.DB, p *storetest.Proxy) {
	t.Helper()
	o := storetest.Place(t, store.PostgreSQL)
	beside = open(t, o)
	p, o.URL = storetest.NewProxy(t, o.URL)
	return open(t, o), beside, p
}

func open(t *testing.T, o store.Options) *store.DB {
	t.Helper()
	db, err := store.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// setFact writes one row under one lock, which the tests below then look for.
func setFact(ctx context.Context, db *store.DB, lock store.Lock, name string) error {
	return db.Write(ctx, []store.Lock{lock}, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `insert into installation_fact (name, value, at) values ($1, '', $2)`, name, tx.Now)
		return err
	})
}

func hasFact(t *testing.T, db *store.DB, name string) (found bool) {
	t.Helper()
	ctx := context.Background()
	err := db.Read(ctx, func(tx *store.Tx) (err error) {
		_, found, err = store.Fact(ctx, tx, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestOutcomeOfCommit: what becomes of COMMIT is told as it is, success, failure
// or unknown, and the organisation is free for the next act (fault-plan F2, F5,
// F6, F18). No request to cancel follows a COMMIT: it could make the change
// visible without its replica.
func TestOutcomeOfCommit(t *testing.T) {
	t.Parallel()
	const soon = 4 * time.Second
	var wg sync.WaitGroup // side by side: they wait more than they work
	for _, c := range []outcome{
		{"the answer never comes", "commit", storetest.Swallow, true, true, store.CommitWait, store.CommitWait + 2*time.Second},
		{"the line goes dead", "commit", storetest.Hole, true, false, store.CommitWait, store.CommitWait + 2*time.Second},
		{"the line is cut before COMMIT arrives", "commit", storetest.Cut, true, false, 0, soon},
		{"the line is cut before the answer", "commit", storetest.CutNext, true, true, 0, soon},
		{"the server warns that nothing is replicated", "commit", storetest.Warn, true, true, 0, soon},
		{"the unlock is not answered", "pg_advisory_unlock_all", storetest.Swallow, false, true, 0, soon},
		{"the line is cut at the unlock", "pg_advisory_unlock_all", storetest.Cut, false, true, 0, soon},
		{"the line is cut at the lock", "pg_advisory_lock", storetest.Cut, false, true, 0, soon},
		{"the line is cut at BEGIN", "begin", storetest.Cut, false, true, 0, soon},
		{"the line is cut at a statement", "insert into installation_fact", storetest.Cut, false, true, 0, soon},
		{"the line is cut after a statement", "insert into installation_fact", storetest.CutNext, false, true, 0, soon},
	} {
		wg.Go(func() { t.Run(c.name, c.check) })
	}
	wg.Wait()
}

// outcome is one accident and what must be told of it.
type outcome struct {
	name           string
	at             string // the statement at which it happens
	do             storetest.Do
	unknown, there bool
	min, max       time.Duration
}

func (c outcome) check(t *testing.T) {
	ctx := context.Background()
	db, beside, p := proxied(t)
	fired := p.On(c.at, c.do)
	began := time.Now()
	err := setFact(ctx, db, "a", "x")
	took := time.Since(began)
	if !fired() {
		t.Fatal("the proxy did nothing")
	}
	if c.unknown != errors.Is(err, store.ErrUnknownOutcome) || (!c.unknown && err != nil) {
		t.Errorf("told %v", err)
	}
	if c.unknown && !fault.Is(err, fault.Unavailable) {
		t.Errorf("kind of %v", err)
	}
	if took < c.min || took > c.max {
		t.Errorf("after %v, want %v to %v", took, c.min, c.max)
	}
	began = time.Now()
	if err := setFact(ctx, db, "a", "next"); err != nil {
		t.Errorf("the next act of the organisation: %v", err)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("the next act waited %v", took)
	}
	if got := hasFact(t, beside, "x"); got != c.there {
		t.Errorf("the row is there: %v", got)
	}
	time.Sleep(300 * time.Millisecond) // a cancel would come in the background
	if n := p.Cancels.Load(); c.at == "commit" && n > 0 {
		t.Errorf("%d requests to cancel after COMMIT", n)
	}
}

// TestDeadLine: a line on which nothing passes any more does not hold an act, nor
// its organisation, longer than a statement may take (F18, half-open).
func TestDeadLine(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	for _, at := range []string{"begin", "insert into installation_fact", "rollback"} {
		wg.Go(func() { t.Run(at, func(t *testing.T) { deadAt(t, at) }) })
	}
	wg.Wait()
}

func deadAt(t *testing.T, at string) {
	ctx := context.Background()
	db, _, p := proxied(t)
	refusal := fault.New(fault.Conflict, "test.refused")
	want := error(store.ErrBusy)
	if at == "rollback" {
		want = refusal
	}
	fired := p.On(at, storetest.Hole)
	began := time.Now()
	err := db.Write(ctx, []store.Lock{"a"}, func(tx *store.Tx) error {
		if at == "rollback" { // before any statement: an open snapshot weighs on the whole server
			return refusal
		}
		_, err := tx.Exec(ctx, `insert into installation_fact (name, value, at) values ('x', '', $1)`, tx.Now)
		return err
	})
	took := time.Since(began)
	if !fired() {
		t.Fatal("the proxy did nothing")
	}
	if !errors.Is(err, want) {
		t.Errorf("told %v, want %v", err, want)
	}
	if took > store.StatementTime+2*time.Second {
		t.Errorf("held for %v", took)
	}
	began = time.Now()
	if err := setFact(ctx, db, "a", "next"); err != nil || time.Since(began) > 2*time.Second {
		t.Errorf("the next act: %v after %v", err, time.Since(began))
	}
}

// TestSwallowedError: on PostgreSQL a function that hides the failure of a
// statement does not commit half: COMMIT answers that it rolled back, and that is
// told as a failure, not as unknown.
func TestSwallowedError(t *testing.T) {
	ctx := context.Background()
	db := open(t, storetest.Place(t, store.PostgreSQL))
	err := db.Write(ctx, []store.Lock{"a"}, func(tx *store.Tx) error {
		for range 2 {
			_, _ = tx.Exec(ctx, `insert into installation_fact (name, value, at) values ('twice', '', $1)`, tx.Now)
		}
		return nil
	})
	if err == nil || errors.Is(err, store.ErrUnknownOutcome) || fault.Of(err).Kind != fault.Internal {
		t.Errorf("told %v", err)
	}
	if hasFact(t, db, "twice") {
		t.Error("half was committed")
	}
}

// TestServerGone: without a server each act and consultation is told so at once,
// as something that may work later; with the server back all work again by
// themselves (F2, F18).
func TestServerGone(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, _, p := proxied(t)
	if err := setFact(ctx, db, "a", "before"); err != nil {
		t.Fatal(err)
	}
	p.Stop()
	for i := range 20 {
		began := time.Now()
		w := setFact(ctx, db, "a", fmt.Sprint("gone ", i))
		r := db.Read(ctx, func(tx *store.Tx) error { _, _, err := store.Fact(ctx, tx, "before"); return err })
		if !errors.Is(w, store.ErrBusy) || !errors.Is(r, store.ErrBusy) {
			t.Fatalf("told %v and %v", w, r)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Fatalf("told after %v", took)
		}
	}
	p.Start(t)
	for i := range 40 {
		if err := setFact(ctx, db, "a", fmt.Sprint("back ", i)); err != nil {
			t.Fatalf("with the server back: %v", err)
		}
		if !hasFact(t, db, "before") {
			t.Fatal("the read found nothing")
		}
	}
}

// TestSessionsTerminated: sessions that the server ended while they were idle cost
// nobody a failure (F2: pg_terminate_backend of all sessions).
func TestSessionsTerminated(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := open(t, storetest.Place(t, store.PostgreSQL))
	for round := range 5 {
		fillPools(t, db)
		err := db.Write(ctx, []store.Lock{"killer"}, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `
				select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 2 * store.WriteConns {
			name := fmt.Sprint(round, " ", i)
			if err := setFact(ctx, db, "a", name); err != nil {
				t.Fatalf("act %s: %v", name, err)
			}
			if !hasFact(t, db, name) {
				t.Fatal("not written")
			}
		}
	}
}

// fillPools makes the pools hold as many connections as they may.
func fillPools(t *testing.T, db *store.DB) {
	t.Helper()
	hold(t, store.ReadConns, reading(db))()
	hold(t, store.WriteConns, writing(db))()
}
