package limit

import (
	"context"
	"time"

	"habilis/internal/fault"
	"habilis/internal/store"
)

// Counter is one kind of try: at most Max of one subject in each Window. Windows
// follow one another from midnight UTC; none is longer than Kept.
type Counter struct {
	Name   string
	Window time.Duration
	Max    int64
}

// ErrExceeded is the refusal of one try too many; Wait says when the next may come.
var ErrExceeded = fault.New(fault.Limited, "limit.exceeded")

// Take counts one try of subject, in a transaction of its own. Errors:
// ErrExceeded, and the store's.
func (c Counter) Take(ctx context.Context, db *store.DB, subject string) error {
	return c.TakeN(ctx, db, subject, 1)
}

// TakeN counts n tries at once: all of them, or none when they would not fit.
func (c Counter) TakeN(ctx context.Context, db *store.DB, subject string, n int64) error {
	return db.Write(ctx, []store.Lock{c.lock(subject)}, func(tx *store.Tx) error {
		return c.WithinN(ctx, tx, subject, n) // a refusal undoes what was added
	})
}

// Within counts one try within the caller's transaction, which a refusal undoes. Errors:
// ErrExceeded, and the store's.
func (c Counter) Within(ctx context.Context, tx *store.Tx, subject string) error {
	return c.WithinN(ctx, tx, subject, 1)
}

// WithinN counts n tries at once, as Within: all of them, or none when they would not fit.
func (c Counter) WithinN(ctx context.Context, tx *store.Tx, subject string, n int64) error {
	count, err := c.AddN(ctx, tx, subject, n)
	if err == nil && count > c.Max {
		err = c.Exceeded(tx.Now)
	}
	return err
}

// Add counts one try within the caller's transaction and gives the count so far.
func (c Counter) Add(ctx context.Context, tx *store.Tx, subject string) (int64, error) {
	return c.AddN(ctx, tx, subject, 1)
}

// AddN counts n tries within the caller's transaction and gives the count so far.
func (c Counter) AddN(ctx context.Context, tx *store.Tx, subject string, n int64) (int64, error) {
	return add(ctx, tx, c.Name, subject, tx.Now.Truncate(c.Window), n)
}

// Count gives the count so far, without counting.
func (c Counter) Count(ctx context.Context, tx *store.Tx, subject string) (int64, error) {
	return count(ctx, tx, c.Name, subject, tx.Now.Truncate(c.Window))
}

// Exceeded is the fault that says when the window of now ends.
func (c Counter) Exceeded(now time.Time) error {
	return ErrExceeded.After(now.Truncate(c.Window).Add(c.Window).Sub(now))
}

func (c Counter) lock(subject string) store.Lock {
	return store.Lock("limit " + c.Name + " " + subject)
}

// Kept is how long a counter is kept after its window began.
const Kept = 48 * time.Hour

// Sweep removes the counters of long ago; the timetable calls it.
func Sweep(ctx context.Context, db *store.DB) error {
	return db.Write(ctx, []store.Lock{"limit sweep"}, func(tx *store.Tx) error {
		return sweep(ctx, tx, tx.Now.Add(-Kept))
	})
}
