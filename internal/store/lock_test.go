package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"habilis/internal/store"
	"habilis/internal/storetest"
)

const counterLock store.Lock = "test"

// bump reads a number and writes the next one: two at once lose one, unless the
// lock and the isolation hold.
func bump(ctx context.Context, db *store.DB, name string) error {
	return db.Write(ctx, []store.Lock{counterLock}, func(tx *store.Tx) error {
		n, _, err := store.One(ctx, tx, store.Value[int64], `select n from counter where name = $1 and subject = '' and window_began_at = $2`, name, store.Never)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			insert into counter (name, subject, window_began_at, n) values ($1, '', $2, $3)
			on conflict (name, subject, window_began_at) do update set n = excluded.n`, name, store.Never, n+1)
		return err
	})
}

func read(t *testing.T, db *store.DB, name string) (n int64) {
	t.Helper()
	err := db.Read(context.Background(), func(tx *store.Tx) (err error) {
		n, _, err = store.One(context.Background(), tx, store.Value[int64], `select n from counter where name = $1`, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestWritersOfOneLock: 16 writers on one lock, no failure and nothing lost
// (architecture.md, "The organisation lock").
func TestWritersOfOneLock(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const writers, rounds = 16, 20
		var wg sync.WaitGroup
		var failed atomic.Int64
		for range writers {
			wg.Go(func() {
				for range rounds {
					if err := bump(context.Background(), db, "all"); err != nil {
						failed.Add(1)
						t.Log(err)
					}
				}
			})
		}
		wg.Wait()
		if got := read(t, db, "all"); failed.Load() != 0 || got != writers*rounds {
			t.Errorf("%d failures, counted %d of %d", failed.Load(), got, writers*rounds)
		}
	})
}

// TestUnsafeLoses: without lock and isolation the same work loses updates on
// PostgreSQL, which proves that the test above can fail.
func TestUnsafeLoses(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		if e != store.PostgreSQL {
			continue
		}
		db := storetest.Open(t, e, storetest.Options{Unsafe: true, NoTwin: true})
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for range 20 {
					if err := bump(context.Background(), db, "all"); err != nil {
						t.Log(err)
					}
				}
			})
		}
		wg.Wait()
		if got := read(t, db, "all"); got >= 16*20 {
			t.Errorf("nothing was lost (%d): the lock and the isolation are not what keeps the count", got)
		}
	}
}

// TestLocksInOneOrder: writes that name the same two locks in either order never
// wait for each other for ever.
func TestLocksInOneOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		var wg sync.WaitGroup
		for i := range 8 {
			locks := []store.Lock{"a", "b"}
			if i%2 == 1 {
				locks = []store.Lock{"b", "a", "b"}
			}
			wg.Go(func() {
				for j := range 10 {
					err := db.Write(ctx, locks, func(tx *store.Tx) error {
						_, err := tx.Exec(ctx, `insert into installation_fact (name, value, at) values ($1, '', $2)`, fmt.Sprint(i, "-", j), tx.Now)
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
	})
}

// TestCallerLeaves: a caller who leaves while waiting gives the lock on, and a
// write that began is finished.
func TestCallerLeaves(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		inside, leave := make(chan struct{}), make(chan struct{})
		var once sync.Once
		done := make(chan error, 1)
		go func() {
			done <- db.Write(context.Background(), []store.Lock{counterLock}, func(*store.Tx) error {
				once.Do(func() { close(inside) })
				<-leave
				return nil
			})
		}()
		<-inside
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		if err := bump(ctx, db, "left"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a caller who left got %v", err)
		}
		close(leave)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if err := bump(context.Background(), db, "after"); err != nil {
			t.Errorf("the lock was not given on: %v", err)
		}
	})
}

// TestPanicInWrite: a panic undoes the write and frees its locks.
func TestPanicInWrite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		err := db.Write(ctx, []store.Lock{counterLock}, func(tx *store.Tx) error {
			if _, err := tx.Exec(ctx, `insert into installation_fact (name, value, at) values ('p', '', $1)`, tx.Now); err != nil {
				return err
			}
			panic("boom")
		})
		if err == nil {
			t.Fatal("a panic was swallowed")
		}
		if err := bump(ctx, db, "after"); err != nil {
			t.Errorf("after a panic: %v", err)
		}
	})
}
