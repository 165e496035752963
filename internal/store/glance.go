package store

import (
	"context"
	"errors"
)

// Glance runs one query without a transaction, for ReadTime at most: on PostgreSQL it is
// one journey. It sees every change committed before it began.
func (db *DB) Glance(ctx context.Context, fn func(Scan) error, query string, args ...any) (err error) {
	ctx, cancel := context.WithTimeout(ctx, db.opts.ReadTime)
	defer cancel()
	rows, err := db.read.QueryContext(ctx, query, bind(args)...)
	if err != nil {
		return translate(err)
	}
	defer func() { err = translate(errors.Join(err, rows.Close())) }()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
