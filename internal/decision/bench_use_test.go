//go:build bench

package decision_test

import (
	"testing"

	"habilis/internal/decision"
	"habilis/internal/store"
)

// What noting a use costs the door of decisions, beside the log of decisions which it writes
// already. To run:
//
//	go test -tags bench -run '^$' -bench 'Use|Log' -benchmem ./internal/decision
func BenchmarkUse(b *testing.B) {
	w, q, a := benchUse(b)
	uses := decision.NewUses(w.run)
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			uses.Note(w.org, &q, a)
		}
	})
}

func BenchmarkLog(b *testing.B) {
	w, q, a := benchUse(b)
	log := decision.NewLog(w.run)
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			log.Note(w.org, "tok", "x", &q, a)
		}
	})
}

func BenchmarkUseAsk(b *testing.B) {
	w, q, _ := benchUse(b)
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if a, err := w.d.Ask(b.Context(), w.org, &q); err != nil || !a.Allowed {
				b.Fatal(err, a)
			}
		}
	})
}

func benchUse(b *testing.B) (*world, decision.Question, decision.Answer) {
	b.Helper()
	w := newWorld(b, store.SQLite)
	w.begin()
	m := w.addMember(w.sites[0])
	agenda := w.addResource("agenda", m)
	q := decision.Question{Subject: decision.Entity{Type: "member", ID: m.String()}, Action: "read", Resource: decision.Entity{Type: "agenda", ID: agenda}}
	a, err := w.d.Ask(b.Context(), w.org, &q)
	if err != nil || !a.Allowed {
		b.Fatal(err, a)
	}
	return w, q, a
}
