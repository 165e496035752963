package credential

import (
	"testing"

	"habilis/internal/store"
	"habilis/internal/storetest"
)

// ENU-01: the failures of an address without account end in the same notes as those of
// an account: one at the 25th of a day, and none after. A note at every further failure
// would cost a transaction more, and tell the two apart by the time.
func TestTypedGuardIsNotedOnce(t *testing.T) {
	clock := &storetest.Clock{}
	storetest.EachWith(t, storetest.Options{Clock: clock.Now}, func(t *testing.T, db *store.DB) {
		var noted []int64
		for n := int64(1); n <= LockAt+4; n++ {
			var a Attempt
			if err := db.Write(t.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) (err error) {
				a, err = Begin(t.Context(), tx, Subject{Typed: "digest"})
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if a.Wait > 0 {
				t.Fatalf("attempt %d: %+v", n, a)
			}
			if a.Locks {
				noted = append(noted, n)
			}
			clock.Add(waitAfter(n))
		}
		if len(noted) != 1 || noted[0] != LockAt {
			t.Errorf("noted at %v", noted)
		}
	})
}
