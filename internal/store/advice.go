package store

import (
	"context"
	"fmt"
)

// PredicateLocks is the least max_pred_locks_per_transaction of a PostgreSQL
// server that we advise: with the default of 64, one transaction left open makes
// the server run out of memory for predicate locks after a thousand writes, with
// 512 it did not within six thousand (measured).
const PredicateLocks = 512

// Advice says what the operator should change in the server's settings; nil when
// there is nothing to say.
func (db *DB) Advice(ctx context.Context) error {
	if db.Engine != PostgreSQL {
		return nil
	}
	var have int64
	err := db.Read(ctx, func(tx *Tx) error {
		return tx.QueryRow(ctx, `select setting::bigint from pg_settings where name = 'max_pred_locks_per_transaction'`).Scan(&have)
	})
	if err == nil && have < PredicateLocks {
		err = fmt.Errorf("set max_pred_locks_per_transaction to 1024 in PostgreSQL: it is %d", have)
	}
	return err
}
