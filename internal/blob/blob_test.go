package blob

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// FIL-07, rules.md 16, 21: what was put comes back, whole, whatever its size; nothing of it
// stands in the clear; deleted, nothing is left.
func TestRoundTrip(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for _, size := range []int{0, 1, ChunkBytes - 1, ChunkBytes, ChunkBytes + 1, 3*ChunkBytes + 7} {
			data := sample(size)
			b := w.put(data)
			if got, err := w.read(b); err != nil || !bytes.Equal(got, data) {
				t.Errorf("%d bytes: %d came back, %v", size, len(got), err)
			}
			w.write(func(tx *store.Tx) error { return Delete(t.Context(), tx, w.org, b.ID) })
			if _, err := w.read(b); size > 0 && !errors.Is(err, ErrDamaged) {
				t.Errorf("deleted, it is read: %v", err)
			}
		}
		if n := w.count(`select count(*) from file_chunk`) + w.count(`select count(*) from file`); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

// sample is text that is easy to find: nothing of it may be in a row.
func sample(size int) []byte { return bytes.Repeat([]byte("carte professionnelle "), size/22+1)[:size] }

// rules.md 21: a chunk that was changed, exchanged, lost, or moved to another file or
// organisation does not open.
func TestDamaged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for name, query := range map[string]string{
			"changed":   `update file_chunk set sealed = (select sealed from file_chunk c where c.file_id = $2 and c.n = 0) where file_id = $1 and n = 1`,
			"exchanged": `update file_chunk set sealed = (select sealed from file_chunk c where c.file_id = $1 and c.n = 0) where file_id = $1 and n = 1 and $2 <> ''`,
			"lost":      `delete from file_chunk where file_id = $1 and n = 1 and $2 <> ''`,
			"shortened": `update file set bytes = 10 where id = $1 and $2 <> ''`,
			"renamed":   `update file set sum = (select sum from file b where b.id = $2) where id = $1`,
		} {
			w := newWorld(t, db)
			b, other := w.put(sample(2*ChunkBytes)), w.put(sample(2*ChunkBytes+5))
			w.write(func(tx *store.Tx) error {
				_, err := tx.Exec(t.Context(), query, b.ID, other.ID)
				return err
			})
			found, _, err := w.get(b.ID)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.read(found); !errors.Is(err, ErrDamaged) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// AUZ, rules.md 12: another organisation does not find the file.
func TestOfOneOrganisation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w, other := newWorld(t, db), newWorld(t, db)
		b := w.put(sample(100))
		if _, found, err := other.get(b.ID); err != nil || found {
			t.Errorf("found %t, %v", found, err)
		}
		other.write(func(tx *store.Tx) error { return Delete(t.Context(), tx, other.org, b.ID) })
		if _, err := w.read(b); err != nil {
			t.Error("another organisation deleted it:", err)
		}
	})
}

// rules.md 21: after a rotation every chunk is sealed again and opens; a second run finds
// nothing.
func TestReseal(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		data := sample((resealBatch + 3) * ChunkBytes)
		b := w.put(data)
		if err := w.ring.Rotate(time.Now()); err != nil {
			t.Fatal(err)
		}
		for _, want := range []int{resealBatch + 3, 0} {
			if n, err := Reseal(t.Context(), db, w.ring); err != nil || n != want {
				t.Errorf("%d chunks, wanted %d: %v", n, want, err)
			}
		}
		if got, err := w.read(b); err != nil || !bytes.Equal(got, data) {
			t.Error("it does not come back:", err)
		}
	})
}

// TestTooLarge: what no file may be is refused before a row is written.
func TestTooLarge(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		err := db.Write(t.Context(), []store.Lock{store.Lock(w.org)}, func(tx *store.Tx) error {
			_, err := Put(t.Context(), tx, w.ring, w.org, "application/pdf", make([]byte, MaxBytes+1))
			return err
		})
		if !errors.Is(err, errTooLarge) || w.count(`select count(*) from file where org_id = $1`, w.org) != 0 {
			t.Error(err)
		}
	})
}

// TestReaderInPieces: however its reader reads, the bytes are the same.
func TestReaderInPieces(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		data := sample(2*ChunkBytes + 100)
		b := w.put(data)
		rapid.Check(t, func(rt *rapid.T) {
			r, got := NewReader(t.Context(), db, w.ring, b), []byte(nil)
			for {
				part := make([]byte, rapid.IntRange(1, 2*ChunkBytes).Draw(rt, "read"))
				n, err := r.Read(part)
				got = append(got, part[:n]...)
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					rt.Fatal(err)
				}
			}
			if !bytes.Equal(got, data) {
				rt.Fatalf("%d bytes", len(got))
			}
		})
	})
}

type world struct {
	*testing.T
	db   *store.DB
	ring *secret.Ring
	org  ident.Org
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	w := &world{T: t, db: db, ring: secret.NewRing(time.Now()), org: ident.NewOrg()}
	w.write(func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into org (id, slug, created_at) values ($1, $3, $2)`, w.org, tx.Now, w.org.String())
		return err
	})
	return w
}

func (w *world) write(fn func(tx *store.Tx) error) {
	w.Helper()
	if err := w.db.Write(w.Context(), []store.Lock{store.Lock(w.org)}, fn); err != nil {
		w.Fatal(err)
	}
}

func (w *world) put(data []byte) (b Blob) {
	w.Helper()
	w.write(func(tx *store.Tx) (err error) {
		b, err = Put(w.Context(), tx, w.ring, w.org, "application/pdf", data)
		return err
	})
	return b
}

func (w *world) get(id ident.Blob) (b Blob, found bool, err error) {
	err = w.db.Read(w.Context(), func(tx *store.Tx) (err error) {
		b, found, err = Get(w.Context(), tx, w.org, id)
		return err
	})
	return b, found, err
}

func (w *world) read(b Blob) ([]byte, error) {
	return io.ReadAll(NewReader(context.WithoutCancel(w.Context()), w.db, w.ring, b))
}

func (w *world) count(query string, args ...any) (n int) {
	w.Helper()
	err := w.db.Read(w.Context(), func(tx *store.Tx) error { return tx.QueryRow(w.Context(), query, args...).Scan(&n) })
	if err != nil {
		w.Fatal(err)
	}
	return n
}

// TestNothingInTheClear: the rows hold nothing of the file.
func TestNothingInTheClear(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.put(sample(1000 + rand.IntN(1000)))
		var sealed []byte
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow(t.Context(), `select sealed from file_chunk where org_id = $1`, w.org).Scan(&sealed)
		})
		if err != nil || bytes.Contains(sealed, []byte("carte")) || len(sealed) < 1000 {
			t.Errorf("%d bytes, %v", len(sealed), err)
		}
	})
}
