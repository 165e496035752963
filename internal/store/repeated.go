package store

import (
	"context"
	"database/sql"
	"slices"
)

// A transaction that writes thousands of rows runs few statements, each again and again. What
// each engine makes of that is here, so that the writer is held for as short as it can be.

// How many values a statement that writes many rows has at most. SQLite finds each of its
// variables by going through those before it, so that twice as many take four times as long,
// and runs a statement again for little. PostgreSQL is asked over a network.
const (
	valuesSQLite   = 120
	valuesPostgres = 4800
)

// AtOnce is how many rows of so many values one statement treats best.
func (tx *Tx) AtOnce(width int) int {
	most := valuesSQLite
	if tx.Engine == PostgreSQL {
		most = valuesPostgres
	}
	return max(1, most/width)
}

// InsertAll writes a row for each of list with few statements. insert writes the first of them,
// "insert into … values ($1, $2)"; after ends the statement, and may be empty; values are those
// of a row, as many for each.
func InsertAll[T any](ctx context.Context, tx *Tx, list []T, insert, after string, values func(*T) []any) error {
	if len(list) == 0 {
		return nil
	}
	width := len(values(&list[0]))
	for part := range slices.Chunk(list, tx.AtOnce(width)) {
		args := Args{list: make([]any, 0, width*len(part))}
		for i := range part {
			args.list = append(args.list, values(&part[i])...)
		}
		if _, err := tx.Exec(ctx, insert+MoreRows(&args, len(part))+after, args.list...); err != nil {
			return err
		}
	}
	return nil
}

// replanAt is how many rows a transaction has written with one statement when PostgreSQL plans
// anew. It plans once a session how to look up what a row refers to, for the size that the
// table had then: where that was next to nothing it goes on to read every row.
const replanAt = 500

const replanPostgres = `discard plans`

// again is what a transaction knows of a statement that it runs more than once.
type again struct {
	rows int64     // that it wrote
	kept *sql.Stmt // by SQLite, understood once: from its second run on
}

// run runs a statement, and gives the number of rows that it touched.
func (tx *Tx) run(ctx context.Context, query string, args []any) (int64, error) {
	a := tx.again[query]
	r, err := tx.exec(ctx, a, query, args)
	if err != nil {
		return 0, err
	}
	n, err := r.RowsAffected()
	if err != nil {
		return 0, err
	}
	if a == nil {
		a = new(again)
		if tx.again == nil {
			tx.again = map[string]*again{}
		}
		tx.again[query] = a
	}
	before := a.rows
	a.rows += n
	if tx.Engine == PostgreSQL && before < replanAt && a.rows >= replanAt {
		_, err = tx.sql.ExecContext(ctx, replanPostgres)
	}
	return n, err
}

func (tx *Tx) exec(ctx context.Context, a *again, query string, args []any) (sql.Result, error) {
	if a == nil || tx.Engine != SQLite {
		return tx.sql.ExecContext(ctx, query, args...)
	}
	if a.kept == nil {
		var err error
		if a.kept, err = tx.sql.PrepareContext(ctx, query); err != nil { // the end of the transaction closes it
			return nil, err
		}
	}
	return a.kept.ExecContext(ctx, args...)
}
