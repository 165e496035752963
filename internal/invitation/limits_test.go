package invitation

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/limit"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// take counts n letters and says how many were let through.
func take(t *testing.T, db *store.DB, l Limits, org ident.Org, key func(int) string, n int) (sent int) {
	t.Helper()
	for i := range n {
		err := db.Write(context.Background(), []store.Lock{store.Lock(org)}, func(tx *store.Tx) error {
			err := l.Take(context.Background(), tx, org, key(i))
			if errors.Is(err, limit.ErrExceeded) {
				return nil // a refused letter counts too
			}
			if err == nil {
				sent++
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return sent
}

func same(int) string { return "x@a.example" }

func different(i int) string { return fmt.Sprintf("p%d@a.example", i) }

// INV-10: 200 a day for an organisation, more when the platform raises it; 3 a day
// for an address in an organisation, 10 everywhere; again the next day.
func TestLimits(t *testing.T) {
	clock := &storetest.Clock{}
	storetest.EachWith(t, storetest.Options{Clock: clock.Now, NoTwin: true}, func(t *testing.T, db *store.DB) {
		t.Helper()
		clock.Add(day - time.Duration(clock.Now().Add(time.Hour).Unix()%int64(day/time.Second))*time.Second) // 23 h: not across midnight
		org := ident.NewOrg()
		if n := take(t, db, Limits{}, org, different, MaxPerDayOrg+5); n != MaxPerDayOrg {
			t.Errorf("%d letters of one organisation, want %d", n, MaxPerDayOrg)
		}
		if n := take(t, db, Limits{PerDayOrg: MaxPerDayOrg + 20}, org, different, 100); n != 15 {
			t.Errorf("%d letters once the limit is raised, want 15: the refused ones counted", n)
		}
		if n := take(t, db, Limits{}, ident.NewOrg(), same, 100); n != MaxPerDayAddress {
			t.Errorf("%d letters to one address, want %d", n, MaxPerDayAddress)
		}
		all := 0
		for range 50 {
			all += take(t, db, Limits{}, ident.NewOrg(), same, 1)
		}
		if all != MaxPerDayAnywhere-MaxPerDayAddress {
			t.Errorf("%d more letters to one address from 50 organisations, want %d", all, MaxPerDayAnywhere-MaxPerDayAddress)
		}
		clock.Add(day)
		if n := take(t, db, Limits{}, org, different, 1); n != 1 {
			t.Error("no letter the next day")
		}
	})
}

// A preview says what would be refused, and counts nothing.
func TestForesee(t *testing.T) {
	storetest.EachWith(t, storetest.Options{NoTwin: true}, func(t *testing.T, db *store.DB) {
		t.Helper()
		org := ident.NewOrg()
		l := Limits{PerDayOrg: 5}
		take(t, db, l, org, different, 2)
		for before, refused := range []bool{false, false, false, true, true} {
			for range 3 {
				err := db.Read(context.Background(), func(tx *store.Tx) error {
					return l.Foresee(context.Background(), tx, org, "new@a.example", int64(before))
				})
				if fault.Is(err, fault.Limited) != refused || err != nil && !refused {
					t.Errorf("after 2 letters and %d more: %v", before, err)
				}
			}
		}
	})
}
