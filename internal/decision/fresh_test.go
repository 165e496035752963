package decision_test

import (
	"context"
	"errors"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/decision"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// rounds is how often a change is followed by a question: few in `make test`, many in
// `make fault`.
func rounds(t testing.TB) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("HABILIS_FAULT_ROUNDS"))
	if err != nil {
		return 300
	}
	return n
}

// seat is a member and an agenda, and a level that changes from round to round.
type seat struct {
	m      ident.Member
	agenda string
	level  bool
}

// seated makes an organisation with some seats.
func (w *world) seated(n int) []*seat {
	w.begin()
	var seats []*seat
	for range n {
		m := w.addMember(w.sites[0])
		seats = append(seats, &seat{m: m, agenda: w.addResource("agenda", "")})
	}
	return seats
}

// flip gives the level, or takes it; the act is acknowledged when it returns.
func (w *world) flip(s *seat) {
	s.level = !s.level
	level := ""
	if s.level {
		level = "read"
	}
	w.grant(s.m, s.agenda, level, w.always())
}

// mustSay asks about a seat, and counts an answer that is behind.
func (w *world) mustSay(d *decision.Decisions, s *seat, stale *atomic.Int64) {
	q := of(s.m, "read", decision.TypeAgenda, s.agenda)
	a, err := d.Ask(context.Background(), w.org, &q)
	if err != nil {
		w.Error(err)
		return
	}
	if a.Allowed != s.level {
		stale.Add(1)
	}
}

// TestFaultReadYourWrites: an answer never uses a state older than a change acknowledged
// before the question, in one process (Must show 2), while others ask and change too.
func TestFaultReadYourWrites(t *testing.T) {
	eachWorld(t, func(_ *testing.T, w *world) {
		for _, size := range []int{0, 1000} { // patched, and read anew
			w.d.PatchFrom(size)
			w.readYourWrites(w.d)
		}
	})
}

// readYourWrites changes through the world's node and asks d, which may be another.
func (w *world) readYourWrites(d *decision.Decisions) {
	w.Helper()
	const seats = 4
	list := w.seated(seats)
	var stale atomic.Int64
	stop := make(chan struct{})
	var askers, changers sync.WaitGroup
	askers.Go(func() { // somebody asks all the time, so that loads are under way
		q := of(list[0].m, "read", decision.TypeAgenda, list[0].agenda)
		for {
			select {
			case <-stop:
				return
			default:
				if _, err := d.Ask(context.Background(), w.org, &q); err != nil {
					w.Error(err)
					return
				}
			}
		}
	})
	for _, s := range list {
		changers.Go(func() {
			for range rounds(w.TB)/seats/2 + 1 {
				w.flip(s)
				w.mustSay(d, s, &stale)
			}
		})
	}
	changers.Wait()
	close(stop)
	askers.Wait()
	if n := stale.Load(); n > 0 {
		w.Errorf("%d answers were behind", n)
	}
}

// TestFaultTwoNodes: the same with the change made on one node and the question asked on
// another, whether PostgreSQL's announcements arrive or not: they are a hint, the version
// row is the truth (Must show 2).
func TestFaultTwoNodes(t *testing.T) {
	if !storetest.Has(t, store.PostgreSQL) {
		return // SQLite has one node
	}
	for _, told := range []bool{true, false} {
		w := newWorld(t, store.PostgreSQL)
		other := secondNode(t, w)
		if told {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go other.Listen(ctx)
		}
		w.readYourWrites(other)
	}
}

// secondNode is another process on the same database: its own connections, its own index.
func secondNode(t *testing.T, w *world) *decision.Decisions {
	t.Helper()
	db, err := store.Open(t.Context(), w.db.Options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return decision.New(&action.Runner{DB: db, Ring: w.run.Ring, Log: w.run.Log})
}

// TestHint: an announcement has the organisation read before anybody asks.
func TestHint(t *testing.T) {
	if !storetest.Has(t, store.PostgreSQL) {
		return // SQLite has one node
	}
	w := newWorld(t, store.PostgreSQL)
	s := w.seated(1)[0]
	other := secondNode(t, w)
	var stale atomic.Int64
	w.mustSay(other, s, &stale) // it is in memory now
	read := make(chan ident.Org, 100)
	other.OnRead(func(o ident.Org) { read <- o })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go other.Listen(ctx)
	deadline := time.After(20 * time.Second)
	for {
		w.flip(s)
		select {
		case o := <-read:
			if o != w.org {
				t.Errorf("%s was read", o)
			}
			return
		case <-deadline:
			t.Fatal("nothing was read")
		case <-time.After(100 * time.Millisecond): // it was not listening yet
		}
	}
}

// TestUnknownOutcome: when the database did not say whether a change is committed, each
// question looks at the version itself, until a later change is known to be.
func TestUnknownOutcome(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		s := w.seated(1)[0]
		var stale atomic.Int64
		w.mustSay(w.d, s, &stale)
		told := w.run.Committed
		w.run.Committed = func(v map[ident.Org]int64, _ bool) { told(v, false) }
		w.flip(s)
		w.mustSay(w.d, s, &stale)
		// The change may also arrive after the first question that follows it: it is written
		// here behind the index's back, as the end of a COMMIT that nobody waits for.
		w.run.Committed = nil
		w.flip(s)
		w.mustSay(w.d, s, &stale)
		w.run.Committed = told
		w.flip(s)
		w.mustSay(w.d, s, &stale)
		if n := stale.Load(); n > 0 {
			t.Errorf("%d answers were behind", n)
		}
	})
}

// TestUnknownOutcomeUnloaded: the same of an organisation that was not in memory then.
func TestUnknownOutcomeUnloaded(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		s := w.seated(1)[0]
		told := w.run.Committed
		w.run.Committed = func(v map[ident.Org]int64, _ bool) { told(v, false) }
		w.flip(s)
		w.run.Committed = nil
		var stale atomic.Int64
		w.mustSay(w.d, s, &stale)
		w.flip(s)
		w.mustSay(w.d, s, &stale)
		if n := stale.Load(); n > 0 {
			t.Errorf("%d answers were behind", n)
		}
	})
}

// TestFailClosed: without a database nothing is permitted; a panic of the loader is no
// answer either, and what comes after it is right (AUZ-14).
func TestFailClosed(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		s := w.seated(1)[0]
		w.flip(s)
		q := of(s.m, "read", decision.TypeAgenda, s.agenda)
		if a := w.ask(q); !a.Allowed {
			t.Fatal(a)
		}
		broken := true
		w.d.OnRead(func(ident.Org) {
			if broken {
				panic("the loader is killed")
			}
		})
		w.flip(s)
		if a, err := w.d.Ask(t.Context(), w.org, &q); a.Allowed || !fault.Is(err, fault.Unavailable) {
			t.Errorf("with a broken index: %+v %v", a, err)
		}
		broken = false
		if a := w.ask(q); a.Allowed || a.Code != decision.LevelNone {
			t.Errorf("after it: %+v", a)
		}
		w.flip(s)
		if a := w.ask(q); !a.Allowed {
			t.Errorf("after it: %+v", a)
		}
		if err := w.db.Close(); err != nil {
			t.Fatal(err)
		}
		for name, q := range map[string]decision.Question{"now": q, "past": {Subject: q.Subject, Action: q.Action, Resource: q.Resource, At: time.Now().Add(-time.Minute)}} {
			a, err := w.d.Ask(context.Background(), w.org, &q)
			if a.Allowed || !fault.Is(err, fault.Unavailable) {
				t.Errorf("%s, without a database: %+v %v", name, a, err)
			}
		}
		if list, err := w.d.Evaluate(context.Background(), w.org, []decision.Question{q}); len(list) > 0 && list[0].Allowed || !fault.Is(err, fault.Unavailable) {
			t.Errorf("a batch: %+v %v", list, err)
		}
		if r, err := w.d.Subjects(context.Background(), w.org, q, decision.Page{}); len(r.Entities) > 0 || !fault.Is(err, fault.Unavailable) {
			t.Errorf("a search: %+v %v", r, err)
		}
	})
}

// TestLease: in one process answers come from memory, but do not go on for long without a
// look at the database.
func TestLease(t *testing.T) {
	w := newWorld(t, store.SQLite)
	s := w.seated(1)[0]
	w.flip(s)
	q := of(s.m, "read", decision.TypeAgenda, s.agenda)
	w.ask(q)
	lost := false
	w.d.OnRead(func(ident.Org) {
		if lost {
			panic("no database")
		}
	})
	lost = true
	w.clock.Add(2 * time.Second)
	if a, err := w.d.Ask(t.Context(), w.org, &q); a.Allowed || !fault.Is(err, fault.Unavailable) {
		t.Errorf("%+v %v", a, err)
	}
	lost = false
	w.clock.Add(-time.Hour) // a clock that goes back is no reason to believe
	w.ask(q)
}

// TestNowhere: an organisation that does not exist is not answered for, and takes no
// memory.
func TestNowhere(t *testing.T) {
	w := newWorld(t, storetest.Engines(t)[0])
	s := w.seated(1)[0]
	q := of(s.m, "read", decision.TypeAgenda, s.agenda)
	w.ask(q)
	before, _ := w.d.Loaded()
	for range 10 {
		if _, err := w.d.Ask(t.Context(), ident.NewOrg(), &q); !errors.Is(err, access.ErrNotFound) {
			t.Error(err)
		}
	}
	if after, _ := w.d.Loaded(); after != before {
		t.Errorf("%d organisations in memory, %d before", after, before)
	}
}

// TestEviction: what is in memory stays below its bound, and what was put aside is right
// when it comes back.
func TestEviction(t *testing.T) {
	w := newWorld(t, storetest.Engines(t)[0])
	w.d.SetMaxMemory(20_000)
	type home struct {
		org ident.Org
		s   *seat
	}
	var homes []home
	for range 12 {
		s := w.seated(2)[0]
		homes = append(homes, home{w.org, s})
	}
	for range 3 {
		for _, h := range homes {
			w.org = h.org
			w.flip(h.s)
			w.clock.Add(2 * time.Second)
			var stale atomic.Int64
			if w.mustSay(w.d, h.s, &stale); stale.Load() > 0 {
				t.Error("an answer was behind")
			}
			if _, bytes := w.d.Loaded(); bytes > 40_000 {
				t.Fatalf("%d bytes in memory", bytes)
			}
		}
	}
	if n, _ := w.d.Loaded(); n >= len(homes) {
		t.Errorf("nothing was put aside: %d", n)
	}
}
