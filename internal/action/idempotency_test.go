package action_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

func once(by access.Actor, key string, body byte) access.Actor {
	by.Once = access.Once{Key: key, Body: [32]byte{body}}
	return by
}

// TestIdempotency: one key of one caller has one effect in a day and one answer,
// without what is shown once; another body is refused; another caller, another act
// or another part of a request has an effect of its own (RAC-08, rest.md).
func TestIdempotency(t *testing.T) {
	each(t, func(w *world) {
		by := once(w.boss, "k", 1)
		first := w.mustDo(by, w.edit(), "x")
		again := w.mustDo(by, w.edit(), "x")
		if first.Secret != "shown once" || again.Secret != "" {
			w.Errorf("shown %q then %q", first.Secret, again.Secret)
		}
		if again.Secret = first.Secret; again != first || w.facts() != 1 || w.jobs() != 1 || w.version(w.org) != 1 || w.woken != 1 {
			w.Errorf("first %+v, then %+v: %d effects, %d jobs, version %d", first, again, w.facts(), w.jobs(), w.version(w.org))
		}
		w.refused("idempotency.body_changed", once(w.boss, "k", 2), w.edit())
		if got := len(w.trail(w.org.String())); got != 1 || w.facts() != 1 {
			w.Errorf("%d lines, %d effects", got, w.facts())
		}
		colleague := w.person(w.org, access.MembersEdit)
		w.mustDo(once(colleague, "k", 1), w.edit(), "y")
		w.mustDo(once(w.boss, "other", 1), w.edit(), "y")
		other, part := w.edit(), w.edit()
		other.Verb, part.Part = "test.other", " 2"
		w.mustDo(by, other, "y")
		w.mustDo(by, part, "y")
		w.mustDo(w.boss, w.edit(), "y")
		w.mustDo(w.boss, w.edit(), "y") // no key: each has its effect
		if w.facts() != 7 {
			w.Errorf("%d effects", w.facts())
		}
	})
}

// TestKeyKept: a key is remembered for a day, then it is new; the sweep forgets
// only old ones.
func TestKeyKept(t *testing.T) {
	each(t, func(w *world) {
		by := once(w.boss, "k", 1)
		w.mustDo(by, w.edit(), "x")
		w.clock.Add(action.KeyKept - time.Minute)
		w.sweep(1)
		w.mustDo(by, w.edit(), "x")
		if w.facts() != 1 {
			w.Fatalf("%d effects within the day", w.facts())
		}
		w.clock.Add(time.Minute)
		w.mustDo(once(w.boss, "k", 2), w.edit(), "x") // another body too: it is a new key
		if w.facts() != 2 {
			w.Errorf("%d effects after a day", w.facts())
		}
		w.clock.Add(action.KeyKept + time.Minute)
		w.sweep(0)
	})
}

func (w *world) sweep(left int) {
	w.Helper()
	if err := action.SweepKeys(context.Background(), w.db); err != nil {
		w.Fatal(err)
	}
	if got := w.number(`select count(*) from idempotency`); got != left {
		w.Errorf("%d keys left, want %d", got, left)
	}
}

// TestRightsBeforeReplay: the answer of before is for whoever may still have it
// (rules.md, principles: rights are read again when something is used).
func TestRightsBeforeReplay(t *testing.T) {
	each(t, func(w *world) {
		by := once(w.boss, "k", 1)
		w.mustDo(by, w.edit(), "x")
		w.exec(`update member_permission set known_until = $1`, w.db.Now())
		w.refused("access.forbidden", by, w.edit())
		w.exec(`update account_state set status = 'blocked' where account_id = $1`, by.Account)
		w.refused("access.not_found", by, w.edit())
	})
}

// TestRefusalNotRemembered: a request that was refused may be made again with the
// same key, and then have its effect.
func TestRefusalNotRemembered(t *testing.T) {
	each(t, func(w *world) {
		by := once(w.boss, "k", 1)
		no := fault.New(fault.Conflict, "test.conflict")
		for _, err := range []error{no, errors.New("boom")} {
			if _, e := w.do(by, w.edit(), func(*action.Tx) (made, error) { return made{}, err }); !errors.Is(e, err) {
				w.Errorf("told %v", e)
			}
		}
		w.refused("access.forbidden", once(w.nurse, "k", 1), w.edit())
		if got := w.number(`select count(*) from idempotency`); got != 0 {
			w.Errorf("%d keys kept", got)
		}
		w.mustDo(by, w.edit(), "x")
		if w.facts() != 1 {
			w.Errorf("%d effects", w.facts())
		}
	})
}

// TestParallelKey: sixteen times the same request at once is one effect and one
// answer; and with sixteen bodies, one effect and fifteen refusals (RAC-08).
func TestParallelKey(t *testing.T) {
	each(t, func(w *world) {
		const n = 16
		for round, same := range []bool{true, false} {
			key := []string{"same", "different"}[round]
			answers, errs := make([]made, n), make([]error, n)
			var wg sync.WaitGroup
			w.run.Wake = nil
			for i := range n {
				body := byte(0)
				if !same {
					body = byte(i)
				}
				wg.Go(func() { answers[i], errs[i] = w.do(once(w.boss, key, body), w.edit(), w.does(key)) })
			}
			wg.Wait()
			done := 0
			for i, err := range errs {
				switch {
				case err == nil:
					if done++; answers[i].Name != key || answers[i].N != round {
						w.Errorf("%s: answered %+v", key, answers[i])
					}
				case same || !errors.Is(err, action.ErrBodyChanged):
					w.Errorf("%s: %v", key, err)
				}
			}
			if want := map[bool]int{true: n, false: 1}[same]; done != want || w.facts() != round+1 || w.jobs() != round+1 || w.version(w.org) != round+1 {
				w.Errorf("%s: %d answers, %d effects, %d jobs, version %d", key, done, w.facts(), w.jobs(), w.version(w.org))
			}
		}
		w.verified()
	})
}

// TestUnknownSettledByKey: when the answer of COMMIT is lost the act is told as
// unknown; the same request again gets its answer, and there is one effect, whether
// the first was committed or not (fault-plan F2, F5; RAC-08).
func TestUnknownSettledByKey(t *testing.T) {
	for _, do := range []storetest.Do{storetest.Cut, storetest.CutNext} {
		o := storetest.Place(t, store.PostgreSQL)
		proxy, url := storetest.NewProxy(t, o.URL)
		o.URL = url
		db, err := store.Open(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		w := newWorld(t, db, &storetest.Clock{})
		by := once(w.boss, "k", 1)
		fired := proxy.On("commit", do)
		_, err = w.do(by, w.edit(), w.does("x"))
		if !errors.Is(err, store.ErrUnknownOutcome) || !fired() {
			t.Errorf("told %v", err)
		}
		for range 2 {
			if got := w.mustDo(by, w.edit(), "x"); got.Name != "x" || got.N != 0 {
				t.Errorf("answered %+v", got)
			}
		}
		if w.facts() != 1 || w.jobs() != 1 || w.version(w.org) != 1 || len(w.trail(w.org.String())) != 1 {
			t.Errorf("%d effects, %d jobs, version %d, %d lines", w.facts(), w.jobs(), w.version(w.org), len(w.trail(w.org.String())))
		}
		w.verified()
	}
}
