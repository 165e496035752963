package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/fault"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// hold occupies n connections: each of n goroutines calls use, which calls
// inside, which returns at release. It comes back when all are inside.
func hold(t *testing.T, n int, use func(i int, inside func()) error) (release func()) {
	t.Helper()
	free, failed := make(chan struct{}), make(chan error, n)
	var wg, entered sync.WaitGroup
	entered.Add(n)
	for i := range n {
		wg.Go(func() {
			var once sync.Once
			in := func() {
				once.Do(entered.Done)
				<-free
			}
			if err := use(i, in); err != nil {
				failed <- err
				once.Do(entered.Done)
			}
		})
	}
	entered.Wait()
	return func() {
		t.Helper()
		close(free)
		wg.Wait()
		close(failed)
		for err := range failed {
			t.Error(err)
		}
	}
}

func reading(db *store.DB) func(int, func()) error {
	return func(_ int, inside func()) error {
		return db.Read(context.Background(), func(*store.Tx) error { inside(); return nil })
	}
}

func readingLong(db *store.DB) func(int, func()) error {
	return func(_ int, inside func()) error {
		return db.ReadLong(context.Background(), func(*store.Tx) error { inside(); return nil })
	}
}

func writing(db *store.DB) func(int, func()) error {
	return func(i int, inside func()) error {
		return db.Write(context.Background(), []store.Lock{store.Lock(fmt.Sprint("hold ", i))}, func(*store.Tx) error { inside(); return nil })
	}
}

// readTime of the tests that wait for it: long enough for a busy machine to open
// every connection meanwhile.
const readTime = 2 * time.Second

// aloneTime is the limit of the tests that open one connection and work until it is over.
const aloneTime = 700 * time.Millisecond

// eachPlace runs fn on a place of its own of each engine, beside the other tests that do so: they wait more than they work.
func eachPlace(t *testing.T, fn func(t *testing.T, o store.Options)) {
	t.Helper()
	t.Parallel()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			t.Parallel()
			o := storetest.Place(t, e)
			o.ReadTime = readTime
			fn(t, o)
		})
	}
}

// TestPoolsExhausted: consultations that find no connection are told "busy" in
// time, exports take nothing from them nor from acts, and it all passes (F18).
func TestPoolsExhausted(t *testing.T) {
	eachPlace(t, func(t *testing.T, o store.Options) {
		ctx := context.Background()
		db := open(t, o)
		freeLong := hold(t, store.LongConns, readingLong(db))
		if hasFact(t, db, "x") {
			t.Error("found what is not there")
		}
		if err := setFact(ctx, db, "a", "during exports"); err != nil {
			t.Errorf("an act during exports: %v", err)
		}
		freeReads := hold(t, store.ReadConns, reading(db))
		began := time.Now()
		short, cancel := context.WithTimeout(ctx, readTime/2) // before those inside are at their own limit
		defer cancel()
		err := db.Read(short, func(*store.Tx) error { return nil })
		if took := time.Since(began); !errors.Is(err, store.ErrBusy) || took > readTime+time.Second {
			t.Errorf("the consultation too many: %v after %v", err, took)
		}
		if err := setFact(ctx, db, "a", "during reads"); err != nil {
			t.Errorf("an act during consultations: %v", err)
		}
		freeReads()
		if !hasFact(t, db, "during reads") {
			t.Error("not written")
		}
		late := time.AfterFunc(time.Second, freeLong)
		defer late.Stop()
		if err := db.ReadLong(ctx, func(*store.Tx) error { return nil }); err != nil {
			t.Errorf("an export does not wait for its turn: %v", err)
		}
	})
}

// TestWritesExhausted: the act that finds no connection in LockWait is told
// "busy", and acts go on afterwards (F18).
func TestWritesExhausted(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup // side by side: they wait more than they work
	for _, e := range storetest.Engines(t) {
		wg.Go(func() { t.Run(e.String(), func(t *testing.T) { writesExhausted(t, open(t, storetest.Place(t, e))) }) })
	}
	wg.Wait()
}

func writesExhausted(t *testing.T, db *store.DB) {
	ctx := context.Background()
	n := store.WriteConns
	if db.Engine == store.SQLite {
		n = 1
	}
	release := hold(t, n, writing(db))
	began := time.Now()
	err := setFact(ctx, db, "another", "x")
	if took := time.Since(began); !errors.Is(err, store.ErrBusy) || took < store.LockWait || took > store.LockWait+2*time.Second {
		t.Errorf("%v after %v", err, took)
	}
	if f := fault.Of(err); f.Kind != fault.Unavailable || f.Wait == 0 {
		t.Errorf("%+v does not say when to come back", f)
	}
	release()
	if err := setFact(ctx, db, "another", "y"); err != nil {
		t.Error(err)
	}
	if hasFact(t, db, "x") || !hasFact(t, db, "y") {
		t.Error("the refused act left something, or the next one nothing")
	}
}

// TestPanicInRead: a panic is told as an internal fault and keeps no connection.
func TestPanicInRead(t *testing.T) {
	eachPlace(t, func(t *testing.T, o store.Options) {
		ctx := context.Background()
		db := open(t, o)
		for range 2 * (store.ReadConns + store.LongConns) {
			for _, read := range []func(context.Context, func(*store.Tx) error) error{db.Read, db.ReadLong} {
				err := read(ctx, func(tx *store.Tx) error {
					return store.Each(ctx, tx, func(store.Scan) error { panic("boom") }, `select 1 union all select 2`)
				})
				if f := fault.Of(err); f.Kind != fault.Internal || f.Err == nil || !strings.Contains(f.Err.Error(), "boom") {
					t.Fatalf("told %v", err)
				}
			}
		}
	})
}

// counting is a query that takes n steps on either engine.
const counting = `with recursive c (n) as (select cast(1 as bigint) union all select n + 1 from c where n < cast($1 as bigint)) select count(*) from c`

func countTo(ctx context.Context, n int64) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		var got int64
		err := tx.QueryRow(ctx, counting, n).Scan(&got)
		if err == nil && got != n {
			err = fmt.Errorf("counted %d of %d", got, n)
		}
		return err
	}
}

// TestReadTime: a consultation ends at its limit and says so; an export has none,
// even when its caller has a deadline (rules.md 14, statement timeout).
func TestReadTime(t *testing.T) {
	eachPlace(t, func(t *testing.T, o store.Options) {
		o.ReadTime = aloneTime
		db := open(t, o)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		began := time.Now()
		err := db.Read(ctx, countTo(ctx, 1<<40))
		if took := time.Since(began); !errors.Is(err, store.ErrBusy) || took > 10*readTime {
			t.Errorf("a read without end: %v after %v", err, took)
		}
		steps, took := int64(1<<18), time.Duration(0)
		for ; took < 2*aloneTime; steps *= 2 {
			began = time.Now()
			if err := db.ReadLong(ctx, countTo(ctx, steps)); err != nil {
				t.Fatalf("a long read, after %v: %v", time.Since(began), err)
			}
			took = time.Since(began)
		}
		if err := db.Read(ctx, countTo(ctx, 10)); err != nil {
			t.Errorf("a read afterwards: %v", err)
		}
	})
}

// TestReadTimeBetween: a read whose time runs out between two statements is told busy,
// and one whose caller left is told so, whatever the driver says of its transaction.
func TestReadTimeBetween(t *testing.T) {
	eachPlace(t, func(t *testing.T, o store.Options) {
		o.ReadTime = aloneTime
		db := open(t, o)
		idle := func(ctx context.Context, d time.Duration) func(*store.Tx) error {
			return func(tx *store.Tx) error {
				time.Sleep(d)
				return countTo(ctx, 10)(tx)
			}
		}
		ctx := context.Background()
		if err := db.Read(ctx, idle(ctx, aloneTime+200*time.Millisecond)); !errors.Is(err, store.ErrBusy) {
			t.Errorf("out of time: %v", err)
		}
		leaving, leave := context.WithCancel(ctx)
		err := db.Read(leaving, func(tx *store.Tx) error {
			leave()
			return idle(ctx, 200*time.Millisecond)(tx)
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the caller left: %v", err)
		}
	})
}

// TestReadersDoNotWrite: neither kind of read can change anything.
func TestReadersDoNotWrite(t *testing.T) {
	eachPlace(t, func(t *testing.T, o store.Options) {
		ctx := context.Background()
		db := open(t, o)
		for name, read := range map[string]func(context.Context, func(*store.Tx) error) error{"short": db.Read, "long": db.ReadLong} {
			if err := read(ctx, func(tx *store.Tx) error { return store.SetFact(ctx, tx, name, "") }); err == nil {
				t.Errorf("a %s read wrote", name)
			}
			if hasFact(t, db, name) {
				t.Errorf("what a %s read wrote is there", name)
			}
		}
	})
}

// TestOneSnapshot: what a read sees does not change while it reads.
func TestOneSnapshot(t *testing.T) {
	eachPlace(t, func(t *testing.T, o store.Options) {
		ctx := context.Background()
		db := open(t, o)
		err := db.ReadLong(ctx, func(tx *store.Tx) error {
			for range 2 {
				if _, found, err := store.Fact(ctx, tx, "x"); err != nil || found {
					return fmt.Errorf("found %v: %w", found, err)
				}
				if err := setFact(ctx, db, "a", fmt.Sprint(time.Now().UnixNano())); err != nil {
					return err
				}
				if err := db.Write(ctx, []store.Lock{"a"}, func(w *store.Tx) error { return store.SetFact(ctx, w, "x", "") }); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// TestURLOfThePrimary: a URL that asks for the server that takes writes, as a pair
// of servers needs it, serves reads too (F5).
func TestURLOfThePrimary(t *testing.T) {
	o := storetest.Place(t, store.PostgreSQL)
	o.URL += "&target_session_attrs=read-write"
	db := open(t, o)
	if err := setFact(context.Background(), db, "a", "x"); err != nil {
		t.Fatal(err)
	}
	if !hasFact(t, db, "x") {
		t.Error("not read")
	}
}
