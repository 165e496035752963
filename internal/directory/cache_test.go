package directory

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"habilis/internal/outbound"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// A server that fails again and again is left alone, and answers "not checked" at once.
func TestLeftAlone(t *testing.T) {
	a := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	c := a.client(t, nil)
	for range outbound.BreakAfter + 10 {
		if _, err := c.ByRPPS(t.Context(), saucier); !errors.Is(err, ErrUnavailable) {
			t.Error(err)
		}
	}
	if n := a.asked.Load(); n != outbound.BreakAfter || !c.Resting() {
		t.Errorf("%d requests reached it", n)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	other := serve(t, annuaire(t)).client(t, nil)
	for range outbound.BreakAfter + 1 {
		_, _ = other.ByRPPS(gone, saucier)
	}
	if other.Resting() {
		t.Error("callers who left count against the server")
	}
}

// DIR-1: good answers are kept, confirmed by their ETag, and dated; bad ones are not kept.
func TestCache(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			clock := &storetest.Clock{}
			db := storetest.Open(t, e, storetest.Options{Clock: clock.Now})
			healthy, confirmed := true, 0
			good := annuaire(t)
			a := serve(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case !healthy:
					w.WriteHeader(http.StatusInternalServerError)
				case r.Header.Get("If-None-Match") == `W/"1"`:
					confirmed++
					w.WriteHeader(http.StatusNotModified)
				default:
					w.Header().Set("ETag", `W/"1"`)
					good(w, r)
				}
			})
			c := a.client(t, db)
			look := func(want int64, known bool) Answer {
				t.Helper()
				got, err := c.ByRPPS(t.Context(), saucier)
				if (err == nil) != known || (known && got.Practitioners[0].FamilyName != "Saucier") || a.asked.Load() != want {
					t.Errorf("%+v %v after %d requests", got, err, a.asked.Load())
				}
				return got
			}
			healthy = false
			look(1, false)
			healthy = true
			first := look(3, true)
			clock.Add(CacheFresh - time.Minute)
			if again := look(3, true); again.AsOf.Sub(first.AsOf).Abs() > time.Second {
				t.Errorf("%s is not the date of the data, %s", again.AsOf, first.AsOf)
			}
			clock.Add(2 * time.Minute)
			if later := look(5, true); confirmed != 2 || !later.AsOf.After(first.AsOf) {
				t.Errorf("%d confirmed", confirmed)
			}
			healthy = false
			clock.Add(CacheFresh + time.Minute)
			look(6, false) // what is no longer fresh and cannot be confirmed is not shown as checked
			clock.Add(CacheKeep)
			if err := SweepCache(t.Context(), db); err != nil {
				t.Error(err)
			}
			var n int
			if err := db.Read(t.Context(), func(tx *store.Tx) error {
				return tx.QueryRow(t.Context(), `select count(*) from directory_cache`).Scan(&n)
			}); err != nil || n != 0 {
				t.Errorf("%d rows are left, %v", n, err)
			}
		})
	}
}
