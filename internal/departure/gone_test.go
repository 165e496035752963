package departure_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/departure"
	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// gone are the names that somebody finds in «Partis».
func (w *world) gone(by string, q departure.GoneQuery) []string {
	w.Helper()
	l, err := w.d.Gone(w.Context(), w.as(by), w.a, q)
	w.Must(err)
	var names []string
	for _, r := range l.Rows {
		names = append(names, r.Name)
	}
	if int64(len(names)) != l.Total && q.Size == 0 {
		w.Errorf("%d of %d", len(names), l.Total)
	}
	return names
}

// leaves has some leave, one after another.
func (w *world) leaves(names ...string) {
	w.Helper()
	for _, name := range names {
		_, err := w.d.Start(w.Context(), w.as("claire"), w.a, w.id[name], order(name))
		w.Must(err)
		w.clock.Add(time.Minute)
	}
	w.sweep()
}

// OFF-3, AUZ-06: «Partis» lists those who left in the last 30 days, to each those of their sites.
func TestGone(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.leaves("lise", "marc", "anne")
		if got := w.gone("claire", departure.GoneQuery{}); !slices.Equal(got, []string{full("anne"), full("marc"), full("lise")}) {
			t.Errorf("%q", got)
		}
		if got := w.gone("tina", departure.GoneQuery{}); !slices.Equal(got, []string{full("marc")}) {
			t.Errorf("of sud: %q", got)
		}
		if got := w.gone("claire", departure.GoneQuery{Search: "lis"}); !slices.Equal(got, []string{full("lise")}) {
			t.Errorf("searched: %q", got)
		}
		l, err := w.d.Gone(w.Context(), w.as("claire"), w.a, departure.GoneQuery{Size: 2})
		w.Must(err)
		rest, err := w.d.Gone(w.Context(), w.as("claire"), w.a, departure.GoneQuery{Size: 2, After: l.Next})
		if err != nil || len(l.Rows) != 2 || len(rest.Rows) != 1 || rest.Rows[0].Name != full("lise") || rest.Next != "" || l.Total != 3 {
			t.Errorf("%+v %+v %v", l, rest, err)
		}
		if r := l.Rows[0]; !slices.Equal(r.Sites, []string{"nord"}) || r.Function != "physician" || !r.MayOpen || r.UndoTill.IsZero() {
			t.Errorf("%+v", r)
		}
		_, err = w.d.Gone(w.Context(), w.as("julie"), w.a, departure.GoneQuery{})
		w.Want("no right", err, access.ErrForbidden)
		_, err = w.d.Gone(w.Context(), w.as("odile"), w.a, departure.GoneQuery{})
		w.Want("another organisation", err, access.ErrNotFound)
		_, err = w.d.Gone(w.Context(), w.as("claire"), w.a, departure.GoneQuery{Size: departure.MaxPageSize + 1})
		w.Want("a size that there is not", err, departure.ErrQuery)
		_, err = w.d.Preview(w.Context(), w.as("tina"), w.a, w.id["lise"])
		w.Want("of another site", err, member.ErrNotFound)
		_, err = w.d.Undo(w.Context(), w.as("claire"), w.a, w.id["marc"], departure.AnyVersion)
		w.Must(err)
		if got := w.gone("claire", departure.GoneQuery{}); len(got) != 2 {
			t.Errorf("who came back is listed: %q", got)
		}
		w.clock.Add(departure.UndoFor)
		if got := w.gone("claire", departure.GoneQuery{}); len(got) != 0 {
			t.Errorf("after 30 days: %q", got)
		}
	})
}

// RAC-01, ORG-4: the two administrators of an organisation delete each other at the same time, or
// leave: one of them stays, always.
func TestDuel(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			for round := range 6 {
				duel(t, e, round)
			}
		})
	}
}

func duel(t *testing.T, e store.Engine, round int) {
	t.Helper()
	w := newWorld(t, e)
	w.Exec(`delete from member_role where member_id = $1`, w.id["tina"])
	acts := []func() error{
		func() error {
			_, err := w.d.Start(w.Context(), w.as("claire"), w.a, w.id["bruno"], order("bruno"))
			return err
		},
		func() error {
			_, err := w.d.Start(w.Context(), w.as("bruno"), w.a, w.id["claire"], order("claire"))
			return err
		},
	}
	if round%2 == 1 {
		acts[1] = func() error { return w.d.Leave(w.Context(), w.as("claire"), w.a) }
	}
	errs := make([]error, len(acts))
	var all sync.WaitGroup
	for i, act := range acts {
		all.Add(1)
		go func() {
			defer all.Done()
			errs[i] = act()
		}()
	}
	all.Wait()
	lost := 0
	for _, err := range errs {
		if err == nil {
			continue
		}
		lost++
		if !errors.Is(err, member.ErrLastAdministrator) && !errors.Is(err, access.ErrNotFound) && !errors.Is(err, member.ErrNotFound) {
			t.Errorf("round %d: %v", round, err)
		}
	}
	if lost != 1 {
		t.Errorf("round %d: %v", round, errs)
	}
	w.Must(w.DB.Read(w.Context(), func(tx *store.Tx) error {
		list, err := member.Administrators(w.Context(), tx, access.OrgScope(w.a))
		if len(list) != 1 {
			t.Errorf("round %d: %d administrators", round, len(list))
		}
		return err
	}))
}
