package changeset

import (
	"context"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// Write keeps a change set with its lines, and gives it its ID and its time. Whoever calls
// it records the event whose object is the set. Set.By and Set.MadeBy are who made it.
func Write(ctx context.Context, tx *store.Tx, in ident.Org, s Set, lines []Line) (Set, error) {
	if s.ID.IsZero() {
		s.ID = ident.NewChangeSet()
	}
	s.MadeAt = tx.Now
	if err := insertSet(ctx, tx, in, s); err != nil {
		return s, err
	}
	if err := insertLines(ctx, tx, in, s.ID, lines); err != nil {
		return s, err
	}
	if s.Undoes.IsZero() {
		return s, nil
	}
	return s, markUndone(ctx, tx, in, s.Undoes, s.ID)
}

// Find reads a change set of an organisation.
func Find(ctx context.Context, tx *store.Tx, in ident.Org, id ident.ChangeSet) (Set, bool, error) {
	return findSet(ctx, tx, in, id)
}

// Lines reads the lines of a change set, in their order.
func Lines(ctx context.Context, tx *store.Tx, in ident.Org, id ident.ChangeSet) ([]Line, error) {
	return linesOf(ctx, tx, in, id)
}

// forgetAtOnce bounds the lines of one statement of Sweep: each may hold a long text.
const forgetAtOnce = 500

// Sweep leaves out the names of records of the change sets that can no longer be undone, of
// every organisation.
func Sweep(ctx context.Context, db *store.DB) error {
	for {
		var n int64
		err := db.Write(ctx, []store.Lock{"change sets"}, func(tx *store.Tx) (err error) {
			n, err = forget(ctx, tx, tx.Now.Add(-UndoFor), forgetAtOnce)
			return err
		})
		if err != nil || n < forgetAtOnce {
			return err
		}
	}
}
