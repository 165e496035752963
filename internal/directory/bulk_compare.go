package directory

import (
	"context"
	"errors"
	"io/fs"
	"iter"

	"habilis/internal/store"
)

// digest is one person's lines in one number, whatever their order.
type digest struct {
	person int64
	sum    uint64
}

// hashesOf gives the lines of an index, person by person.
type hashesOf func(fn func(store.Scan) error) error

// errEnough ends a walk whose rest nobody wants.
var errEnough = errors.New("directory: enough")

// digests adds the lines of each person up.
func digests(each hashesOf) iter.Seq2[digest, error] {
	return func(yield func(digest, error) bool) {
		var d digest
		begun := false
		err := each(func(s store.Scan) error {
			person, hash, err := readHash(s)
			if err != nil {
				return err
			}
			if begun && person != d.person {
				if !yield(d, nil) {
					return errEnough
				}
				d = digest{}
			}
			begun = true
			d.person = person
			d.sum += uint64(hash) | 1 //nolint:gosec // 64 bits either way; so that no line counts nothing
			return nil
		})
		switch {
		case errors.Is(err, errEnough):
		case err != nil:
			yield(d, err)
		case begun:
			yield(d, nil)
		}
	}
}

// compare counts who is new, changed or gone since the former load.
func (w *work) compare(ctx context.Context) error {
	fresh := hashes
	if w.Place.postgres() {
		fresh = hashesNextPostgres
	}
	now := digests(func(fn func(store.Scan) error) error { return w.b.Each(ctx, fn, fresh) })
	return w.former(ctx, func(each hashesOf) error { return w.difference(digests(each), now) })
}

// former opens the index that stands; of none it gives no line.
func (w *work) former(ctx context.Context, fn func(hashesOf) error) error {
	db := w.Place.DB
	if !w.Place.postgres() {
		var err error
		db, err = store.OpenSide(ctx, w.Place.path(indexFile))
		if errors.Is(err, fs.ErrNotExist) {
			return fn(func(func(store.Scan) error) error { return nil })
		}
		if err != nil {
			return err
		}
		defer db.Close() //nolint:errcheck // it was only read
	}
	return db.ReadLong(ctx, func(tx *store.Tx) error {
		return fn(func(row func(store.Scan) error) error { return store.Each(ctx, tx, row, hashes) })
	})
}

// difference walks both, in step.
func (w *work) difference(then, now iter.Seq2[digest, error]) error {
	next, stop := iter.Pull2(then)
	defer stop()
	old, err, more := next()
	for d, failed := range now {
		if failed != nil {
			return failed
		}
		w.about.Practitioners++
		for more && err == nil && old.person < d.person {
			w.about.Removed++
			old, err, more = next()
		}
		if err != nil {
			return err
		}
		if !more || old.person != d.person {
			w.about.Added++
			continue
		}
		if old.sum != d.sum {
			w.about.Changed++
		}
		old, err, more = next()
	}
	for ; more && err == nil; _, err, more = next() {
		w.about.Removed++
	}
	return err
}
