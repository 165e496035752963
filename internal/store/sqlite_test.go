package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"habilis/internal/fault"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// onSmallDisk opens a migrated SQLite database on a disk with room for 3 MB. Who
// may not mount one gets a database that may not grow instead.
func onSmallDisk(t *testing.T) (db *store.DB, moreRoom func()) {
	t.Helper()
	o := storetest.Place(t, store.SQLite)
	disk := t.TempDir()
	err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=3m")
	switch {
	case errors.Is(err, syscall.EPERM):
		t.Log("no right to mount a disk: bounding the file instead")
		db = open(t, o)
		bound(t, db, 200)
		return db, func() { bound(t, db, 10_000) }
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	b, err := os.ReadFile(o.Path)
	if err != nil {
		t.Fatal(err)
	}
	o.Path = filepath.Join(disk, "habilis.db")
	if err := os.WriteFile(o.Path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, o), func() {
		if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=30m"); err != nil {
			t.Fatal(err)
		}
	}
}

func bound(t *testing.T, db *store.DB, more int64) {
	t.Helper()
	ctx := context.Background()
	err := db.Write(ctx, []store.Lock{"a"}, func(tx *store.Tx) error {
		var pages int64
		if err := tx.QueryRow(ctx, `pragma page_count`).Scan(&pages); err != nil {
			return err
		}
		return tx.QueryRow(ctx, fmt.Sprintf(`pragma max_page_count = %d`, pages+more)).Scan(&pages)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestDiskFull: a full disk is told as such, everything acknowledged before stays,
// reads go on, and with room again so do acts (fault-plan F4, AUD-02).
func TestDiskFull(t *testing.T) {
	if !storetest.Has(t, store.SQLite) {
		return // a run of the other engine
	}
	ctx := context.Background()
	db, moreRoom := onSmallDisk(t)
	written := 0
	var err error
	for ; written < 2000; written++ {
		if err = ballast(ctx, db, fmt.Sprint(written)); err != nil {
			break
		}
	}
	if !errors.Is(err, store.ErrFull) || fault.Of(err).Kind != fault.Full {
		t.Fatalf("after %d rows: %v", written, err)
	}
	for range 5 {
		if err := ballast(ctx, db, "more"); !errors.Is(err, store.ErrFull) {
			t.Errorf("again: %v", err)
		}
	}
	var rows int
	if err := db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `select count(*) from installation_fact`).Scan(&rows)
	}); err != nil || rows != written {
		t.Errorf("%d rows of %d acknowledged (%v)", rows, written, err)
	}
	if damage, err := db.Damage(ctx); err != nil || len(damage) > 0 {
		t.Errorf("damaged: %v (%v)", damage, err)
	}
	moreRoom()
	for i := range 20 {
		if err := ballast(ctx, db, fmt.Sprint("room ", i)); err != nil {
			t.Fatalf("with room again: %v", err)
		}
	}
}

func ballast(ctx context.Context, db *store.DB, name string) error {
	return db.Write(ctx, []store.Lock{"a"}, func(tx *store.Tx) error {
		return store.SetFact(ctx, tx, name, strings.Repeat("x", 10_000))
	})
}

// TestContention: 32 writers beside a reader that reads on and on and a backup's
// long read: nobody is told "busy", nothing is lost, and the log that grew during
// the long read shrinks again (fault-plan F19).
func TestContention(t *testing.T) {
	if !storetest.Has(t, store.SQLite) {
		return // a run of the other engine
	}
	ctx := context.Background()
	o := storetest.Place(t, store.SQLite)
	db := open(t, o)
	const writers, rounds = 32, 12
	release := hold(t, 1, func(_ int, inside func()) error { // a long read that has begun to read
		return db.ReadLong(ctx, func(tx *store.Tx) error {
			_, _, err := store.Fact(ctx, tx, "x")
			inside()
			return err
		})
	})
	var stop atomic.Bool
	var reads sync.WaitGroup
	for range 4 {
		reads.Go(func() {
			for !stop.Load() {
				if err := db.Read(ctx, func(tx *store.Tx) error { _, _, err := store.Fact(ctx, tx, "1-1"); return err }); err != nil {
					t.Errorf("a reader: %v", err)
				}
			}
		})
	}
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for r := range rounds {
				if err := db.Write(ctx, []store.Lock{store.Lock(fmt.Sprint(w))}, func(tx *store.Tx) error {
					return store.SetFact(ctx, tx, fmt.Sprint(w, "-", r), strings.Repeat("x", 200_000))
				}); err != nil {
					t.Errorf("writer %d: %v", w, err)
				}
			}
		})
	}
	wg.Wait()
	stop.Store(true)
	reads.Wait()
	grown := size(t, o.Path+"-wal")
	release()
	checkWritten(t, db, writers*rounds)
	const kept = 64 << 20
	if grown <= kept {
		t.Fatalf("the log grew to %d bytes only: the test proves nothing", grown)
	}
	deadline := time.Now().Add(10 * time.Second)
	for i := 0; size(t, o.Path+"-wal") > kept; i++ {
		if time.Now().After(deadline) {
			t.Fatalf("the log stays at %d bytes", size(t, o.Path+"-wal"))
		}
		if err := setFact(ctx, db, "a", fmt.Sprint("after ", i)); err != nil {
			t.Fatal(err)
		}
	}
}

func checkWritten(t *testing.T, db *store.DB, want int) {
	t.Helper()
	var got int
	if err := db.Read(context.Background(), func(tx *store.Tx) error {
		return tx.QueryRow(context.Background(), `select count(*) from installation_fact`).Scan(&got)
	}); err != nil || got != want {
		t.Errorf("%d rows of %d (%v)", got, want, err)
	}
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
