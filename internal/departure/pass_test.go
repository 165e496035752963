package departure_test

import (
	"errors"
	"strings"
	"testing"

	"habilis/internal/departure"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/merge"
	"habilis/internal/workitem"
)

// The work that follows a replacement (package merge) is a departure's. Stopped between any two steps,
// it goes on where it was: nothing twice, nothing forgotten; the new member can neither leave nor be
// replaced before it is done. Undone in the middle of it, everything is the old one's.
func TestPassingStops(t *testing.T) {
	stop := errors.New("killed")
	stopping := func(departure.Stage) error { return stop }
	eachWorld(t, func(w *world) {
		w.furnish()
		w.numbered()
		for _, k := range []workitem.Kind{workitem.Invoice, workitem.Patient, workitem.Setting} {
			w.work("paul", k, 900)
		}
		before := w.state()
		m := merge.Replacements{Run: w.run}
		r := w.renumbered(m)
		if got := w.stateOf(r.New); strings.Contains(got, "item ") {
			t.Fatal("items passed at once: there is nothing to stop")
		}
		for n := 0; ; n++ {
			err := w.d.Stopping(stopping).Sweep(w.Context())
			if err == nil {
				break
			}
			if !errors.Is(err, stop) || n > 20 {
				t.Fatal(n, err)
			}
			if n == 1 {
				_, err := w.d.Start(w.Context(), w.as("claire"), w.a, r.New, order("paul"))
				w.Want("a departure meanwhile", err, departure.ErrReturning)
				_, err = m.Replace(w.Context(), w.as("claire"), w.a, r.New, merge.Order{
					FullName: full("paul"), Renumbered: member.Renumbered{RPPS: "10007770141"},
				})
				w.Want("another replacement meanwhile", err, departure.ErrReturning)
			}
		}
		if got := strings.ReplaceAll(w.stateOf(r.New), r.New.String(), r.Old.String()); got != before {
			t.Errorf("%s\n--- want ---\n%s", got, before)
		}
		if n := w.Count(`select count(*) from departure_step where stage = 'pass'`); n < 3 {
			t.Errorf("%d steps", n)
		}
	})
	eachWorld(t, func(w *world) {
		w.furnish()
		w.numbered()
		for _, k := range []workitem.Kind{workitem.Invoice, workitem.Patient, workitem.Setting} {
			w.work("paul", k, 900)
		}
		before := w.state()
		m := merge.Replacements{Run: w.run}
		r := w.renumbered(m)
		w.Want("killed", w.d.Stopping(stopping).Sweep(w.Context()), stop)
		_, err := m.Undo(w.Context(), w.as("claire"), w.a, r.Old, r.Version)
		w.Must(err)
		w.sweep()
		if got := w.state(); got != before {
			t.Errorf("%s\n--- want ---\n%s", got, before)
		}
		if got := w.stateOf(r.New); got != "state left" {
			t.Errorf("the new one has %s", got)
		}
	})
}

// numbered makes of paul a physician with a wrong number.
func (w *world) numbered() {
	w.Helper()
	w.Exec(`update member_state set rpps = '10007770117', profile_type = 'regulated' where member_id = $1 and known_until is null`, w.id["paul"])
}

func (w *world) renumbered(m merge.Replacements) merge.Replacement {
	w.Helper()
	r, err := m.Replace(w.Context(), w.as("claire"), w.a, w.id["paul"], merge.Order{
		FullName: full("paul"), Renumbered: member.Renumbered{RPPS: "10007770125"},
	})
	w.Must(err)
	return r
}

// stateOf is state of another.
func (w *world) stateOf(id ident.Member) string {
	w.Helper()
	defer func(was ident.Member) { w.id["paul"] = was }(w.id["paul"])
	w.id["paul"] = id
	return w.state()
}
