package decision_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/decision"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// logWorld is an organisation and the log of its decisions.
type logWorld struct {
	*testing.T
	db    *store.DB
	clock *storetest.Clock
	log   *decision.Log
	org   ident.Org
}

func eachLog(t *testing.T, fn func(w *logWorld)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			clock := &storetest.Clock{}
			db := storetest.Open(t, e, storetest.Options{Clock: clock.Now})
			run := &action.Runner{DB: db, Ring: secret.NewRing(db.Now()), Log: slog.New(slog.DiscardHandler)}
			w := &logWorld{T: t, db: db, clock: clock, log: decision.NewLog(run), org: ident.NewOrg()}
			w.exec(`insert into org (id, slug, created_at) values ($1, $1, $2)`, w.org, db.Now())
			w.exec(`insert into org_state (org_id, rev, name, kind, status, enamel, sort_key, search, known_from) values ($1, 1, 'x', 'other', 'active', '', '', '', $2)`,
				w.org, db.Now())
			fn(w)
		})
	}
}

func (w *logWorld) exec(query string, args ...any) {
	w.Helper()
	if err := w.db.Write(w.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error {
		_, err := tx.Exec(w.Context(), query, append([]any{}, args...)...)
		return err
	}); err != nil {
		w.Fatal(err)
	}
}

func (w *logWorld) note(n int, allowed bool) {
	q := decision.Question{Subject: decision.Entity{Type: "member", ID: "mbr_1"}, Action: "read", Resource: decision.Entity{Type: "agenda", ID: "agd_1"}}
	a := decision.Answer{Allowed: allowed, Code: decision.LevelNone, Version: 3}
	if allowed {
		a.Code = decision.GrantAgenda
	}
	for range n {
		w.log.Note(w.org, "tok_1", "Agenda", &q, a)
	}
}

func (w *logWorld) list(q decision.LogQuery) decision.LogPage {
	w.Helper()
	if err := w.log.Flush(w.Context()); err != nil {
		w.Fatal(err)
	}
	p, err := w.log.List(w.Context(), access.Operator("test"), w.org, q)
	if err != nil {
		w.Fatal(err)
	}
	return p
}

// Issue 5: a bounded, sampled log of decisions. Refusals are kept more often than
// permissions, and what is kept says how many it stands for.
func TestLogSample(t *testing.T) {
	eachLog(t, func(w *logWorld) {
		w.note(3000, true)
		w.note(1000, false)
		permits, refusals := w.list(decision.LogQuery{Outcome: "permit", Size: 100}), w.list(decision.LogQuery{Outcome: "refusal", Size: 100})
		if permits.Total != 12 || refusals.Total != 59 {
			t.Errorf("%d permits and %d refusals kept", permits.Total, refusals.Total)
		}
		stood := int64(0)
		for _, e := range refusals.Entries {
			stood += e.StandsFor
		}
		if stood != 950 {
			t.Errorf("the refusals kept stand for %d", stood)
		}
		w.clock.Add(time.Minute)
		w.note(1, true)
		if all := w.list(decision.LogQuery{}); all.Total != 72 || all.Entries[0].StandsFor != 1 || all.Entries[0].Answer.Code != decision.GrantAgenda {
			t.Errorf("in the next minute: %d, %+v", all.Total, all.Entries[0])
		}
	})
}

// The log is read page by page, the latest first, and narrowed.
func TestLogPages(t *testing.T) {
	eachLog(t, func(w *logWorld) {
		for range 25 {
			w.note(1, false)
			w.clock.Add(time.Second)
		}
		first := w.list(decision.LogQuery{})
		second := w.list(decision.LogQuery{After: first.Next})
		if len(first.Entries) != 20 || len(second.Entries) != 5 || second.Next != "" || first.Total != 25 ||
			!second.Entries[0].At.Before(first.Entries[19].At) {
			t.Errorf("%d and %d entries", len(first.Entries), len(second.Entries))
		}
		if n := w.list(decision.LogQuery{Subject: "mbr_2"}).Total + w.list(decision.LogQuery{Resource: "agd_2"}).Total; n != 0 {
			t.Errorf("%d entries of others", n)
		}
		if n := w.list(decision.LogQuery{Subject: "mbr_1", Resource: "agd_1"}).Total; n != 25 {
			t.Errorf("%d entries", n)
		}
		if _, err := w.log.List(w.Context(), access.Operator("test"), w.org, decision.LogQuery{After: first.Next, Outcome: "permit"}); err != secret.ErrCursor { //nolint:errorlint // the very value
			t.Errorf("a cursor of another list: %v", err)
		}
	})
}

// A log that nobody empties slows no answer: what finds no room is dropped and counted.
func TestLogFull(t *testing.T) {
	eachLog(t, func(w *logWorld) {
		began := time.Now()
		for range decision.LogQueue / 50 * 2 {
			w.note(50, false)
			w.clock.Add(time.Minute)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("%v for %d notes", took, decision.LogQueue*2)
		}
		if n := w.log.Dropped(); n < decision.LogQueue/2 {
			t.Errorf("%d dropped", n)
		}
		if n := w.list(decision.LogQuery{}).Total; n != decision.LogQueue {
			t.Errorf("%d kept", n)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		before := w.log.Dropped()
		w.note(1, true)
		if err := w.log.Flush(ctx); err == nil || w.log.Dropped() != before+1 {
			t.Errorf("what could not be written is counted: %v, %d", err, w.log.Dropped()-before)
		}
	})
}

// The log forgets: by age, and by number.
func TestLogSweep(t *testing.T) {
	eachLog(t, func(w *logWorld) {
		w.note(1, true)
		w.list(decision.LogQuery{})
		w.clock.Add(decision.LogKeep + time.Minute)
		for range 3 {
			w.note(1, false)
			w.clock.Add(time.Second)
		}
		w.list(decision.LogQuery{})
		if err := decision.SweepLog(t.Context(), w.db); err != nil {
			t.Fatal(err)
		}
		if p := w.list(decision.LogQuery{}); p.Total != 3 {
			t.Errorf("%d left", p.Total)
		}
	})
}
