package store_test

import (
	"context"
	"strings"
	"testing"

	"habilis/internal/store"
	"habilis/internal/storetest"
)

// TestAdvice: the server's room for predicate locks is looked at.
func TestAdvice(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var setting int64
		if db.Engine == store.PostgreSQL {
			err := db.Read(context.Background(), func(tx *store.Tx) error {
				return tx.QueryRow(context.Background(), `select setting::bigint from pg_settings where name = 'max_pred_locks_per_transaction'`).Scan(&setting)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		err := db.Advice(context.Background())
		if low := db.Engine == store.PostgreSQL && setting < store.PredicateLocks; low != (err != nil) {
			t.Errorf("with %d: %v", setting, err)
		} else if low && !strings.Contains(err.Error(), "max_pred_locks_per_transaction") {
			t.Errorf("does not say what to change: %v", err)
		}
	})
}
