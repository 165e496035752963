package store_test

import (
	"context"
	"testing"
	"time"

	"habilis/internal/store"
	"habilis/internal/storetest"
)

// TestTimes proves that an instant written is the instant read, to the
// microsecond on both engines.
func TestTimes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		paris, err := time.LoadLocation("Europe/Paris")
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 3, 29, 2, 30, 0, 123456789, paris)
		err = db.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `insert into installation_fact (name, value, at) values ($1, $2, $3)`, "x", "y", at)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		err = db.Read(ctx, func(tx *store.Tx) error {
			var got time.Time
			if err := tx.QueryRow(ctx, `select at from installation_fact where at <= $1`, at).Scan(&got); err != nil {
				return err
			}
			if !got.Equal(at.Truncate(time.Microsecond)) {
				t.Errorf("wrote %v, read %v", at, got)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
