package store

import "context"

// InBatches treats rows some at a time, each batch in a transaction of its own under lock, so
// that others write in between. step gets the last row of the batch before, the zero value at
// first; it gives the rows that it read, of which fewer than size are the last, and how many
// it changed. A transaction that is retried calls it again. It says how many were changed.
func InBatches[T any](
	ctx context.Context, db *DB, lock Lock, size int, step func(tx *Tx, last T) (batch []T, changed int, err error),
) (all int, err error) {
	var last T
	for {
		var batch []T
		var changed int
		err = db.Write(ctx, []Lock{lock}, func(tx *Tx) (err error) {
			batch, changed, err = step(tx, last)
			return err
		})
		if err != nil {
			return all, err
		}
		all += changed
		if len(batch) < size {
			return all, nil
		}
		last = batch[len(batch)-1]
	}
}
