package store

import "context"

// Prepare reports whether the database accepts the statement, without running
// it: a test does so for every statement of the tree.
func (db *DB) Prepare(ctx context.Context, query string) error {
	stmt, err := db.write.PrepareContext(ctx, query)
	if err != nil {
		return err
	}
	return stmt.Close()
}
