package dossier_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"

	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/papertest"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// FIL-07, AUD-02: a full disk in the middle of a paper leaves neither its row nor a part of its
// bytes; what was kept before stays whole, and with room again it is taken.
func TestDocumentDiskFull(t *testing.T) {
	if !storetest.Has(t, store.SQLite) {
		return // a run of the other engine
	}
	w := newDocumentWorld(t)
	of, linh := w.registrant("linh")
	kept := w.give(linh, of, card(papertest.PDF("/N (kept)")))
	room := func(more int64) {
		w.write(func(tx *store.Tx) error {
			var pages int64
			if err := tx.QueryRow(t.Context(), `pragma page_count`).Scan(&pages); err != nil {
				return err
			}
			return tx.QueryRow(t.Context(), fmt.Sprintf(`pragma max_page_count = %d`, pages+more)).Scan(&pages)
		})
	}
	room(300) // some chunks
	large := card(papertest.LargePDF(5 << 20))
	files, chunks := w.kept()
	if _, err := w.documents().Add(t.Context(), linh, w.org, of, large); !fault.Is(err, fault.Full) {
		t.Fatal(err)
	}
	if f, c := w.kept(); f != files || c != chunks || len(w.listOf(linh, of)) != 1 {
		t.Errorf("%d files and %d chunks, %d and %d before", f, c, files, chunks)
	}
	if got := w.bytesOf(linh, kept); len(got) != int(kept.Bytes) {
		t.Error("what was kept is not whole")
	}
	room(1 << 20)
	d := w.give(linh, of, large)
	if got := w.bytesOf(linh, d); !bytes.Equal(got, large.Data) {
		t.Error("it is not whole")
	}
	if damage, err := w.db.Damage(t.Context()); err != nil || len(damage) > 0 {
		t.Errorf("damaged: %v (%v)", damage, err)
	}
}

// FIL-07, rules.md 16: a backup holds the papers, whichever engine reads it; and nothing of
// them in the clear.
func TestDocumentsInBackup(t *testing.T) {
	each(t, func(w *world) {
		of, linh := w.registrant("linh")
		data := papertest.LargePDF(600_000)
		d := w.give(linh, of, card(data))
		var file bytes.Buffer
		if _, err := w.db.Backup(t.Context(), &file, w.run.Ring); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(file.Bytes(), data[1000:2000]) {
			t.Error("the backup shows it")
		}
		for _, e := range storetest.Engines(t) {
			db := storetest.Open(t, e, storetest.Options{NoTwin: true})
			if _, err := db.Restore(t.Context(), bytes.NewReader(file.Bytes()), w.run.Ring, func(*store.Tx, store.BackupInfo) error { return nil }); err != nil {
				t.Fatal(err)
			}
			back := *w
			run := *w.run
			run.DB = db
			back.db, back.run = db, &run
			if got := back.bytesOf(linh, d); !bytes.Equal(got, data) {
				t.Errorf("to %s: %d bytes", e, len(got))
			}
		}
	})
}

// newDocumentWorld is a world on SQLite alone.
func newDocumentWorld(t *testing.T) *world {
	t.Helper()
	clock := &storetest.Clock{}
	db := storetest.Open(t, store.SQLite, storetest.Options{Clock: clock.Now})
	w := &world{T: t, db: db, clock: clock, dir: &published{}, run: &action.Runner{DB: db, Ring: secret.NewRing(db.Now()), Log: slog.New(slog.DiscardHandler)}}
	w.found()
	return w
}
