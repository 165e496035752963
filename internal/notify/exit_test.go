package notify

import (
	"strings"
	"testing"
	"time"

	"habilis/internal/privacy"
	"habilis/internal/store"
	"habilis/internal/text"
)

// exitSamples are the letters of an organisation that leaves.
func exitSamples(lang text.Lang) map[string]func() (Letter, error) {
	to := aicha(lang)
	f := ExitFacts{Org: tilleuls, By: "Bruno Lacaze", Day: time.Date(2026, 12, 22, 9, 0, 0, 0, text.Zone), Contact: bruno}
	return map[string]func() (Letter, error){
		"exit_asked":      func() (Letter, error) { return WriteExitAsked(to, f) },
		"exit_taken_back": func() (Letter, error) { return WriteExitTakenBack(to, f) },
		"exit_dropped":    func() (Letter, error) { return WriteExitDropped(to, f) },
		"exit_done":       func() (Letter, error) { return WriteExitDone(to, tilleuls.Name) },
		"org_export":      func() (Letter, error) { return WriteOrgExport(to, f) },
	}
}

// AUD-4: every administrator of the whole organisation is told that it is to be deleted, and that it
// is not; whoever ordered the export that it is ready; whoever has no other organisation that it is gone.
func TestExitLetters(t *testing.T) {
	eachWorld(t, func(w *world) {
		exits := privacy.Exits{Run: w.run, Address: base}
		by := w.by(w.bruno)
		x, err := exits.Ask(ctx, by, w.org.ID, w.org.Name)
		w.must(err)
		w.toBoth("a demandé la suppression", "asked for the deletion")
		w.must(exits.TakeBack(ctx, by, w.org.ID, x.Version))
		w.toBoth("a renoncé à la suppression", "took the deletion")
		_, err = exits.OrderExport(ctx, by, w.org.ID)
		w.must(err)
		w.must(exits.SweepExports(ctx))
		w.says(w.letter(), "L’export complet de l’organisation", w.org.Name)
		_, err = exits.Ask(ctx, by, w.org.ID, w.org.Name)
		w.must(err)
		w.toBoth("a demandé la suppression", "asked for the deletion")
		w.clock.Add(privacy.ExitAfter + time.Minute)
		w.must(exits.Sweep(ctx)) // without signed heads the trail waits; the letters do not
		letters := w.work()
		for _, l := range letters {
			w.says(l, w.org.Name)
		}
		if len(letters) != 3 {
			t.Errorf("%d of 3 persons are told that the organisation is gone", len(letters))
		}
	})
}

// AUD-4: when whoever asked administers the organisation no more on the day, those who do are told that
// it is not deleted.
func TestExitDroppedLetter(t *testing.T) {
	eachWorld(t, func(w *world) {
		exits := privacy.Exits{Run: w.run, Address: base}
		_, err := exits.Ask(ctx, w.by(w.bruno), w.org.ID, w.org.Name)
		w.must(err)
		w.work()
		w.must(w.db.Write(ctx, []store.Lock{store.Installation, store.Lock(w.org.ID)}, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update member_state set status = 'deactivated' where org_id = $1 and account_id = $2 and known_until is null`,
				w.org.ID, w.bruno.account.ID)
			return err
		}))
		w.clock.Add(privacy.ExitAfter + time.Minute)
		w.must(exits.Sweep(ctx))
		letters := w.work()
		if len(letters) != 1 {
			t.Fatalf("%d letters, wanted that to the other administrator", len(letters))
		}
		w.says(letters[0], "no longer administers the whole of it", w.org.Name)
	})
}

// toBoth reads the letters to the two administrators of the whole organisation, in their languages.
func (w *world) toBoth(fr, en string) {
	w.Helper()
	list := w.work()
	if len(list) != 2 {
		w.Fatalf("%d letters, wanted two: %v", len(list), list)
	}
	for _, l := range list {
		if strings.HasPrefix(l.To, "bruno") {
			w.says(l, fr)
		} else {
			w.says(l, en)
		}
	}
}
