package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"habilis/internal/fault"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// TestRunAgain: a write that asks for it runs again, whatever else its error
// carries, and its earlier tries leave nothing.
func TestRunAgain(t *testing.T) {
	eachPlace(t, func(t *testing.T, o store.Options) {
		ctx := context.Background()
		db := open(t, o)
		if err := setFact(ctx, db, "a", "first"); err != nil {
			t.Fatal(err)
		}
		tries := 0
		err := db.Write(ctx, []store.Lock{"a"}, func(tx *store.Tx) error {
			tries++
			if err := store.SetFact(ctx, tx, fmt.Sprint("try ", tries), ""); err != nil {
				return err
			}
			if tries == 3 {
				return nil
			}
			_, err := tx.Exec(ctx, `insert into installation_fact (name, value, at) values ('first', '', $1)`, tx.Now)
			return fmt.Errorf("somebody was faster: %w: %w", err, store.ErrAgain)
		})
		if err != nil || tries != 3 {
			t.Fatalf("%d tries: %v", tries, err)
		}
		if hasFact(t, db, "try 1") || hasFact(t, db, "try 2") || !hasFact(t, db, "try 3") {
			t.Error("an abandoned try left something")
		}
	})
}

// TestRunAgainForEver: a write that never has enough is told "busy", and has held
// the organisation no longer than a wait for it may last.
func TestRunAgainForEver(t *testing.T) {
	eachPlace(t, func(t *testing.T, o store.Options) {
		ctx := context.Background()
		db := open(t, o)
		tries := 0
		began := time.Now()
		err := db.Write(ctx, []store.Lock{"a"}, func(*store.Tx) error { tries++; return store.ErrAgain })
		if !errors.Is(err, store.ErrBusy) || !fault.Is(err, fault.Unavailable) {
			t.Errorf("told %v", err)
		}
		if tries != store.WriteTries || time.Since(began) > store.LockWait+time.Second {
			t.Errorf("%d tries in %v", tries, time.Since(began))
		}
		if err := setFact(ctx, db, "a", "next"); err != nil {
			t.Error(err)
		}
	})
}

// TestRefusalStands: the refusal of a rule is not tried again, even when it hides
// a failure of the database that would be.
func TestRefusalStands(t *testing.T) {
	eachPlace(t, func(t *testing.T, o store.Options) {
		db := open(t, o)
		tries := 0
		refusal := fault.New(fault.Conflict, "test.refused")
		err := db.Write(context.Background(), []store.Lock{"a"}, func(*store.Tx) error { tries++; return refusal })
		if tries != 1 || !errors.Is(err, refusal) || fault.Of(err) != refusal {
			t.Errorf("%d tries: %v", tries, err)
		}
	})
}

// TestSerializable: writes under different locks that read each other's rows are
// run again until they agree: of two people who may both leave as long as one
// stays, one stays (security/rules.md 13). The conflict comes wrapped, and joined
// to what became of the rollback, and is seen all the same.
func TestSerializable(t *testing.T) {
	storetest.EachWith(t, storetest.Options{NoTwin: true}, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		before := store.Retries.Load()
		for round := range 10 {
			leave(t, db, round)
			var left int64
			err := db.Read(ctx, func(tx *store.Tx) error {
				return tx.QueryRow(ctx, `select count(*) from counter where name = $1 and n = 1`, fmt.Sprint(round)).Scan(&left)
			})
			if err != nil || left != 1 {
				t.Fatalf("round %d: %d stayed (%v)", round, left, err)
			}
		}
		if db.Engine == store.PostgreSQL && store.Retries.Load() == before {
			t.Error("nothing was run again: the test proves nothing")
		}
	})
}

// leave lets 8 people leave at once, each under a lock of their own.
func leave(t *testing.T, db *store.DB, round int) {
	t.Helper()
	ctx := context.Background()
	name := fmt.Sprint(round)
	err := db.Write(ctx, []store.Lock{"setting up"}, func(tx *store.Tx) error {
		for i := range 8 {
			if _, err := tx.Exec(ctx, `insert into counter (name, subject, window_began_at, n) values ($1, $2, $3, 1)`,
				name, fmt.Sprint(i), store.Never); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			err := db.Write(ctx, []store.Lock{store.Lock(fmt.Sprint("person ", i))}, func(tx *store.Tx) error {
				var others int64
				if err := tx.QueryRow(ctx, `select count(*) from counter where name = $1 and n = 1`, name).Scan(&others); err != nil {
					return fmt.Errorf("counting: %w", err)
				}
				if others < 2 {
					return nil
				}
				_, err := tx.Exec(ctx, `update counter set n = 0 where name = $1 and subject = $2`, name, fmt.Sprint(i))
				if err != nil {
					return fmt.Errorf("leaving: %w", err)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// TestReplayRunsTwice: what the tests rely on, each write run, rolled back and run
// again, is so; without it a write runs once.
func TestReplayRunsTwice(t *testing.T) {
	for twin, want := range map[bool]int{true: 2, false: 1} {
		storetest.EachWith(t, storetest.Options{NoTwin: !twin}, func(t *testing.T, db *store.DB) {
			ctx := context.Background()
			runs := 0
			err := db.Write(ctx, []store.Lock{"a"}, func(tx *store.Tx) error {
				runs++
				_, err := tx.Exec(ctx, `insert into installation_fact (name, value, at) values ('x', '', $1)`, tx.Now)
				return err
			})
			if err != nil || runs != want || !hasFact(t, db, "x") {
				t.Errorf("ran %d times, want %d (%v)", runs, want, err)
			}
		})
	}
}

// TestCallerLeavesInside: when the caller leaves in the middle of a write nothing
// of it is kept, and the lock is free.
func TestCallerLeavesInside(t *testing.T) {
	eachPlace(t, func(t *testing.T, o store.Options) {
		db := open(t, o)
		ctx, leave := context.WithCancel(context.Background())
		err := db.Write(ctx, []store.Lock{"a"}, func(tx *store.Tx) error {
			if err := store.SetFact(ctx, tx, "x", ""); err != nil {
				return err
			}
			leave()
			return store.SetFact(ctx, tx, "y", "")
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("told %v", err)
		}
		if hasFact(t, db, "x") || hasFact(t, db, "y") {
			t.Error("half a write was kept")
		}
		began := time.Now()
		if err := setFact(context.Background(), db, "a", "next"); err != nil || time.Since(began) > 2*time.Second {
			t.Errorf("the next act: %v after %v", err, time.Since(began))
		}
	})
}

// TestCallerLeavesAtCommit: once the work is done the act is finished, whoever is
// left to hear of it: it is never cancelled halfway (architecture.md, Commit).
func TestCallerLeavesAtCommit(t *testing.T) {
	eachPlace(t, func(t *testing.T, o store.Options) {
		db := open(t, o)
		ctx, leave := context.WithCancel(context.Background())
		err := db.Write(ctx, []store.Lock{"a"}, func(tx *store.Tx) error {
			err := store.SetFact(ctx, tx, "x", "")
			leave()
			return err
		})
		if err != nil || !hasFact(t, db, "x") {
			t.Errorf("told %v, there: %v", err, hasFact(t, db, "x"))
		}
	})
}

// TestPanicIsTold: the cause of a panic, with where it happened, is for the log.
func TestPanicIsTold(t *testing.T) {
	if !storetest.Has(t, store.SQLite) {
		return // a run of the other engine
	}
	db := storetest.Open(t, store.SQLite, storetest.Options{})
	err := db.Write(context.Background(), []store.Lock{"a"}, func(*store.Tx) error { panic("boom") })
	f := fault.Of(err)
	if f.Kind != fault.Internal || f.Code != "internal" || f.Err == nil {
		t.Fatalf("told %v", err)
	}
	for _, want := range []string{"boom", "retry_test.go"} {
		if !strings.Contains(f.Err.Error(), want) {
			t.Errorf("the log would not say %q: %.200s", want, f.Err)
		}
	}
}

// TestNoLock: a write that names nothing to lock is a mistake.
func TestNoLock(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var ran atomic.Bool
		err := db.Write(context.Background(), nil, func(*store.Tx) error { ran.Store(true); return nil })
		if err == nil || ran.Load() {
			t.Errorf("ran: %v, told %v", ran.Load(), err)
		}
	})
}

// TestInTurn: writes of one process come to SQLite's one writer in the order in
// which they asked, whatever they lock: none starves (F19).
func TestInTurn(t *testing.T) {
	if !storetest.Has(t, store.SQLite) {
		return // a run of the other engine
	}
	ctx := context.Background()
	db := storetest.Open(t, store.SQLite, storetest.Options{NoTwin: true})
	release := hold(t, 1, writing(db))
	const n = 24
	var mu sync.Mutex
	var got []int
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			err := db.Write(ctx, []store.Lock{store.Lock(fmt.Sprint("lock ", i))}, func(*store.Tx) error {
				mu.Lock()
				defer mu.Unlock()
				got = append(got, i)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
		time.Sleep(5 * time.Millisecond) // so that the next one asks after this one
	}
	release()
	wg.Wait()
	for i, v := range got {
		if i != v {
			t.Fatalf("served in the order %v", got)
		}
	}
}
