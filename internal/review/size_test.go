package review_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"habilis/internal/grant"
	"habilis/internal/review"
	"habilis/internal/store"
)

// AUD-3: of 600 people a page, a decision and the end are quick. The bounds are generous: the tests share
// a small machine.
func TestSixHundred(t *testing.T) {
	eachWorld(t, func(w *world) {
		const people, others = 600, 7
		w.write(func(ctx context.Context, tx *store.Tx) error {
			for i := range people - others {
				name := fmt.Sprintf("personne%03d", i)
				if err := w.join(ctx, tx, name, "secretary", w.a, "", "nord"); err != nil {
					return err
				}
			}
			return nil
		})
		var changes []grant.Change
		for name, id := range w.id {
			if len(name) > len("personne") {
				changes = append(changes, grant.Change{Member: id, Resource: w.thing["salle"], Level: grant.Read})
			}
		}
		_, err := w.grants.Apply(w.Context(), w.as("claire"), w.a, grant.Wanted{Changes: changes})
		w.must(err)
		timed := func(what string, most time.Duration, fn func()) {
			began := time.Now()
			fn()
			if took := time.Since(began); took > most {
				t.Errorf("%s took %s", what, took)
			} else {
				t.Logf("%s: %s", what, took)
			}
		}
		var c review.Campaign
		timed("opening", 20*time.Second, func() { c = w.open("claire", "") })
		if c.Counts.People != people {
			t.Fatalf("%+v", c.Counts)
		}
		timed("a page", 2*time.Second, func() {
			_, err := w.r.People(w.Context(), w.as("claire"), w.a, c.ID, review.PeopleQuery{Size: 50, Page: 6})
			w.must(err)
		})
		d := w.decision("claire", c, "julie", review.Keep)
		timed("a decision", time.Second, func() { w.must(w.say("claire", c, d)) })
		for after := ""; ; {
			l, err := w.r.People(w.Context(), w.as("claire"), w.a, c.ID, review.PeopleQuery{Filter: review.FUndecided, Size: 100, After: after})
			w.must(err)
			var list []review.Decision
			for _, p := range l.Rows {
				if p.Together {
					list = append(list, review.Decision{Member: p.Member, Choice: review.Keep, Version: p.Version})
				}
			}
			if len(list) > 0 {
				timed("together", 10*time.Second, func() { w.must(w.say("claire", c, list...)) })
			}
			if after = l.Next; after == "" {
				break
			}
		}
		timed("what the end would do", 5*time.Second, func() {
			v, err := w.r.Preview(w.Context(), w.as("claire"), w.a, c.ID)
			w.must(err)
			if v.Kept != people-4 { // claire, bruno, tina and marc are reviewed one by one
				t.Errorf("%d kept, %d undecided", v.Kept, len(v.Undecided))
			}
		})
		w.must(w.decide("claire", c, "personne007", review.Reduce, "salle"))
		w.close("claire", c)
		if n, err := w.r.Left(w.Context(), w.a, c.ID); err != nil || n != 1 {
			t.Errorf("a step about one person reads %d: %v", n, err)
		}
		most := 0
		counted := w.r.Stopping(func(review.Stage) error {
			n, err := w.r.Left(w.Context(), w.a, c.ID)
			most = max(most, n)
			return err
		})
		timed("the end", 60*time.Second, func() { w.must(counted.Sweep(w.Context())) })
		if most > 200 {
			t.Errorf("a step reads %d people", most)
		}
		timed("the file", 10*time.Second, func() {
			f, err := w.r.File(w.Context(), w.as("claire"), w.a, c.ID)
			w.must(err)
			t.Logf("%d bytes", len(f.Bytes))
		})
	})
}
