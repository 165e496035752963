//go:build bench

package decision

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// The index of decisions, measured (issue 5, "Must show" 3). To run:
//
//	go test -tags bench -run TestBenchDecisions -v -timeout 45m ./internal/decision
//
// BENCH_ONLY chooses parts: process, cold, search, stream, large, million.

// benched is a database with its index, in the manner of a server.
type benched struct {
	*testing.T

	db  *store.DB
	run *action.Runner
	d   *Decisions
}

func TestBenchDecisions(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			if wantedPart("process") || wantedPart("cold") || wantedPart("search") || wantedPart("stream") {
				benchUsual(t, e)
			}
			if wantedPart("large") {
				benchLarge(t, e)
			}
		})
	}
	if wantedPart("million") {
		benchMillion(t)
	}
}

func wantedPart(name string) bool {
	only := os.Getenv("BENCH_ONLY")
	return only == "" || strings.Contains(only, name)
}

func newBenched(t *testing.T, e store.Engine) *benched {
	t.Helper()
	place := storetest.Place(t, e)
	db, err := store.Open(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	b := &benched{T: t, db: db, run: &action.Runner{DB: db, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler)}}
	b.d = New(b.run)
	return b
}

// told prints a measure against its limit, and fails when it is over.
func told[T float64 | time.Duration](t *testing.T, what string, got, limit T) {
	t.Helper()
	word := "ok"
	if got > limit {
		word = "OVER"
		t.Errorf("%s: %v, limit %v", what, got, limit)
	}
	t.Logf("%-62s %12v   limit %10v   %s", what, got, limit, word)
}

func centiles(took []time.Duration) (p50, p99, most time.Duration) {
	slices.Sort(took)
	return took[len(took)/2], took[len(took)*99/100], took[len(took)-1]
}

const usualOrgs = 200

func benchUsual(t *testing.T, e store.Engine) {
	b := newBenched(t, e)
	at := b.db.Now().Add(-time.Hour)
	orgs := make([]*made, usualOrgs)
	for i := range orgs {
		orgs[i] = generate(usual, i, at)
		orgs[i].write(t, b.db)
	}
	if wantedPart("cold") {
		b.cold(orgs)
	}
	if wantedPart("process") {
		b.process(orgs)
	}
	if wantedPart("search") {
		b.search(orgs)
	}
	if wantedPart("stream") {
		b.stream(orgs)
	}
}

// cold answers the first question of each organisation.
func (b *benched) cold(orgs []*made) {
	r := rand.New(rand.NewPCG(1, 1))
	var took []time.Duration
	for _, o := range orgs {
		q := o.asked(r)
		begun := time.Now()
		if _, err := b.d.Ask(b.Context(), o.org, &q); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begun))
	}
	p50, p99, most := centiles(took)
	b.Logf("cold organisation: p50 %v, p99 %v, most %v", p50, p99, most)
	told(b.T, "cold organisation, most", most, 50*time.Millisecond)
}

type askedOf struct {
	o *made
	q Question
}

// process measures one question, a batch of 20, and the reason with its facts.
func (b *benched) process(orgs []*made) {
	r := rand.New(rand.NewPCG(2, 2))
	list := make([]askedOf, 1<<13)
	for i := range list {
		o := orgs[r.IntN(len(orgs))]
		list[i] = askedOf{o, o.asked(r)}
	}
	for _, x := range list { // all are in memory
		if _, err := b.d.Ask(b.Context(), x.o.org, &x.q); err != nil {
			b.Fatal(err)
		}
	}
	ctx := context.Background()
	one := b.measured("one question", 1, func(p *testing.B) {
		p.ReportAllocs()
		for i := range p.N {
			x := &list[i%len(list)]
			if _, err := b.d.Ask(ctx, x.o.org, &x.q); err != nil {
				p.Fatal(err)
			}
		}
	})
	which := make([]*snapshot, len(list))
	for i := range list {
		which[i] = b.d.places.get(list[i].o.org).snap.Load()
	}
	b.measured("the evaluator alone", 1, func(p *testing.B) {
		p.ReportAllocs()
		now := b.db.NowMicro()
		for i := range p.N {
			x := &list[i%len(list)]
			_ = which[i%len(list)].judge(&x.q, now)
		}
	})
	batches := b.batches(orgs, r)
	answers := make([]Answer, 0, 20)
	many := b.measured("batches of 20, each evaluation", 20, func(p *testing.B) {
		p.ReportAllocs()
		for i := range p.N {
			x := &batches[i%len(batches)]
			if _, err := b.d.EvaluateInto(ctx, x.o.org, x.qs, answers[:0]); err != nil {
				p.Fatal(err)
			}
		}
	})
	explained := make([]Explained, 0, 1)
	words := b.measured("with facts", 1, func(p *testing.B) {
		p.ReportAllocs()
		for i := range p.N {
			x := &list[i%len(list)]
			if _, err := b.d.Decide(ctx, x.o.org, []Question{x.q}, nil, explained[:0]); err != nil {
				p.Fatal(err)
			}
		}
	})
	if b.db.Engine == store.SQLite {
		told(b.T, "one question, ns", one.ns, 250)
		told(b.T, "one question, allocations", one.allocs, 0)
		told(b.T, "batch of 20, ns an evaluation", many.ns, 250)
		told(b.T, "with the reason and its facts, ns", words.ns, 2000)
	}
}

type measure struct{ ns, allocs float64 }

// measured gives the nanoseconds of the clock, of which the CPU's are printed beside: on
// a machine that does other things too they differ.
func (b *benched) measured(what string, of float64, fn func(*testing.B)) measure {
	var cpu time.Duration
	r := testing.Benchmark(func(p *testing.B) {
		begun := cpuTime()
		fn(p)
		cpu = cpuTime() - begun
	})
	m := measure{float64(r.T.Nanoseconds()) / float64(r.N) / of, float64(r.AllocsPerOp())}
	b.Logf("%-40s %8.0f ns of the clock, %8.0f ns of CPU, %v allocations", what, m.ns, float64(cpu.Nanoseconds())/float64(r.N)/of, m.allocs)
	return m
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

type batch struct {
	o  *made
	qs []Question
}

func (b *benched) batches(orgs []*made, r *rand.Rand) []batch {
	list := make([]batch, 400)
	for i := range list {
		list[i].o = orgs[r.IntN(len(orgs))]
		for range 20 {
			list[i].qs = append(list[i].qs, list[i].o.asked(r))
		}
	}
	return list
}

// search measures the search for a member's agendas, and for who may read a record.
func (b *benched) search(orgs []*made) {
	r := rand.New(rand.NewPCG(3, 3))
	var agendas, records []time.Duration
	for range 20_000 {
		o := orgs[r.IntN(len(orgs))]
		m := o.members[r.IntN(len(o.members))]
		q := Question{Subject: Entity{TypeMember, m.id}, Action: "read", Resource: Entity{Type: TypeAgenda}}
		begun := time.Now()
		if _, err := b.d.Resources(b.Context(), o.org, q, Page{}); err != nil {
			b.Fatal(err)
		}
		agendas = append(agendas, time.Since(begun))
		q = Question{Subject: Entity{Type: TypeMember}, Action: "read", Resource: Entity{TypePatientRecord, o.records[r.IntN(len(o.records))]}}
		begun = time.Now()
		if _, err := b.d.Subjects(b.Context(), o.org, q, Page{}); err != nil {
			b.Fatal(err)
		}
		records = append(records, time.Since(begun))
	}
	p50, p99, most := centiles(agendas)
	b.Logf("a member's agendas: p50 %v, p99 %v, most %v", p50, p99, most)
	told(b.T, "a member's agendas, p99", p99, time.Millisecond)
	p50, p99, most = centiles(records)
	b.Logf("who may read a record: p50 %v, p99 %v, most %v", p50, p99, most)
}

// grantOne changes one level, in an act.
func (b *benched) grantOne(org ident.Org, m, resource, level string) {
	b.Helper()
	act := action.Act{Verb: "test.change", Orgs: []ident.Org{org}, Needs: []access.Need{access.Everybody()}}
	ctx := context.Background()
	_, err := action.Run(ctx, b.run, access.Operator("test"), act, func(tx *action.Tx) (struct{}, error) {
		tx.Record(audit.Event{Org: org, Verb: "test.change"})
		if _, err := tx.Exec(ctx, `update access_grant set known_until = $4 where org_id = $1 and member_id = $2 and resource_id = $3 and known_until is null`, org, m, resource, tx.Now); err != nil {
			return struct{}{}, err
		}
		_, err := tx.Exec(ctx, `insert into access_grant (org_id, id, member_id, resource_id, level, starts_at, given_by, change_set_id, known_from)
			values ($1, $2, $3, $4, $5, $6, 'system', '', $6)`, org, ident.NewGrant(), m, resource, level, tx.Now)
		return struct{}{}, err
	})
	if err != nil {
		b.Fatal(err)
	}
}

// stream asks while a hundred changes a second are made.
func (b *benched) stream(orgs []*made) {
	stop, done := make(chan struct{}), make(chan int)
	go func() {
		r := rand.New(rand.NewPCG(4, 4))
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		n := 0
		for {
			select {
			case <-stop:
				done <- n
				return
			case <-tick.C:
				o := orgs[r.IntN(len(orgs))]
				b.grantOne(o.org, o.members[r.IntN(len(o.members))].id, o.resources[r.IntN(usual.agendas)].id, "read")
				n++
			}
		}
	}()
	r := rand.New(rand.NewPCG(5, 5))
	var took []time.Duration
	begun := time.Now()
	for time.Since(begun) < 15*time.Second {
		o := orgs[r.IntN(len(orgs))]
		q := o.asked(r)
		t := time.Now()
		if _, err := b.d.Ask(b.Context(), o.org, &q); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(t))
	}
	close(stop)
	changes := <-done
	n := len(took)
	p50, p99, most := centiles(took)
	b.Logf("during %d changes in 15 s: %d questions, p50 %v, p99 %v, p99.9 %v, most %v", changes, n, p50, p99, took[n*999/1000], most)
}

// benchLarge measures how long a change takes to be seen in a large organisation.
func benchLarge(t *testing.T, e store.Engine) {
	b := newBenched(t, e)
	large := size{members: 5000, agendas: 1000, boxes: 50, groups: 40, records: 50_000, sites: 12, identities: 500, listed: 60, granted: 2}
	o := generate(large, 1, b.db.Now().Add(-time.Hour))
	o.write(t, b.db)
	if _, err := b.db.Skew(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(6, 6))
	q := o.asked(r)
	begun := time.Now()
	if _, err := b.d.Ask(t.Context(), o.org, &q); err != nil {
		t.Fatal(err)
	}
	s := b.d.places.get(o.org).snap.Load()
	t.Logf("5,000 members × 1,000 agendas, %d grants, %d records in groups: read in %v, %d bytes", len(o.grants), s.records.n, time.Since(begun), s.bytes())
	var took []time.Duration
	for i := range 400 {
		m, a := o.members[r.IntN(len(o.members))], o.resources[r.IntN(large.agendas)]
		level := []string{"availability", "manage"}[i%2]
		b.grantOne(o.org, m.id, a.id, level)
		q := Question{Subject: Entity{TypeMember, m.id}, Action: "view_availability", Resource: Entity{TypeAgenda, a.id}}
		begun := time.Now()
		answer, err := b.d.Ask(t.Context(), o.org, &q)
		took = append(took, time.Since(begun))
		if err != nil || (m.status == "active" && !answer.Allowed) {
			t.Fatal(answer, err, m.status)
		}
	}
	p50, p99, most := centiles(took)
	t.Logf("a change is seen after: p50 %v, p99 %v, most %v (%d patches)", p50, p99, most, b.d.places.get(o.org).snap.Load().patched)
	told(t, "a change in 5,000 × 1,000 is seen after, p50", p50, 2*time.Millisecond)
	told(t, "a change in 5,000 × 1,000 is seen after, p99", p99, 2*time.Millisecond)
}

const millionOrgs = 20_000

// benchMillion fills the memory with 20,000 organisations of 50 members each, 500 records
// of each in groups. The rows come from the generator, not from a database.
func benchMillion(t *testing.T) {
	b := newBenched(t, storetest.Engines(t)[0])
	full := usual
	full.listed = 100
	before := resident()
	var kept []*made
	var building time.Duration
	for i := range millionOrgs {
		o := generate(full, i, time.Now().Add(-time.Hour))
		begun := time.Now()
		s := o.compile()
		building += time.Since(begun)
		p := b.d.places.make(o.org)
		p.snap.Store(s)
		b.d.keep(p, s)
		if i%1000 == 0 {
			kept = append(kept, o)
		}
	}
	peak := resident()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("1,000,000 memberships, 10,000,000 records in groups: compiled in %v (%v each)", building, building/millionOrgs)
	n, counted := len(b.d.places.all()), b.d.places.bytes.Load()
	t.Logf("organisations in memory %d, counted %d MiB, live heap %d MiB, resident %d MiB (%d before, %d after the GC gave back)",
		n, counted>>20, m.HeapAlloc>>20, peak>>20, before>>20, giveBack()>>20)
	told(t, "resident memory, MiB", float64(peak>>20), 1024)
	if n != millionOrgs {
		t.Errorf("%d organisations in memory", n)
	}
	r := rand.New(rand.NewPCG(7, 7))
	var qs []askedOf
	for range 100_000 {
		o := kept[r.IntN(len(kept))]
		qs = append(qs, askedOf{o, o.asked(r)})
	}
	now := b.db.NowMicro()
	pure := testing.Benchmark(func(p *testing.B) {
		for i := range p.N {
			x := &qs[i%len(qs)]
			_ = b.d.places.get(x.o.org).snap.Load().judge(&x.q, now)
		}
	})
	t.Logf("the evaluator among them: %v", pure)
}

func giveBack() int64 {
	debug.FreeOSMemory()
	return resident()
}

// resident is how much memory the process has, in bytes.
func resident() int64 {
	text, _ := os.ReadFile("/proc/self/status")
	var kb int64
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			_, _ = fmt.Sscan(rest, &kb)
		}
	}
	return kb << 10
}
