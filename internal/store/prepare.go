package store

import (
	"context"
	"errors"
)

// Prepare reports whether the database accepts the statement, without running
// it: a test does so for every statement of the tree.
func (db *DB) Prepare(ctx context.Context, query string) (err error) {
	stmt, err := db.write.PrepareContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stmt.Close()) }()
	return nil
}
