package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/notify"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// killsOfDeparture is how many times the way of a practitioner, out and back, is killed on each engine: before
// each of its parts once. `make fault` asks for more, of as many practitioners as it takes.
const killsOfDeparture = partsOfLeaving + partsOfReturn

// slice is how long the program runs between two looks at how far it is; it does not take mostSlices.
const (
	slice      = time.Millisecond
	mostSlices = 20_000
)

// TestFaultDepartureKill (issue 8, Must show 1; OFF-3, OFF-6): kill -9 of the program while it carries out the
// departure of a practitioner who administers alone, and while it takes it back, between the parts and within
// them. Started again, it goes on where it was; what was done, recorded, told to applications and written to
// people is in the end what happens undisturbed, each once.
func TestFaultDepartureKill(t *testing.T) {
	kills := killsOfDeparture
	if s := os.Getenv(envKills); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(envKills, err)
		}
		kills = n
	}
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) { leavings(t, apptest.Config(t, e), kills) })
	}
}

// way is out of an organisation, or back.
type way struct {
	name, method, end string // the stage that it ends with
	before, parts     int    // recorded
	paul, lise, weber int    // items that they hold in the end
	held              string // who holds paul's agendas and identity then
}

var ways = []way{
	{"departure", http.MethodPost, "finished", 0, partsOfLeaving, 0, tasksHeld, appointmentsHeld, "weber"},
	{"return", http.MethodDelete, "restored", partsOfLeaving, partsOfReturn, tasksHeld + appointmentsHeld, 0, 0, "paul"},
}

// leavings lets one practitioner go and come back undisturbed, and as many others as it takes to kill so often.
func leavings(t *testing.T, c app.Config, kills int) {
	houses := makeHouses(t, c, 1+(kills+killsOfDeparture-1)/killsOfDeparture)
	all, under := kills, 0
	p := program(t, c, "--log-level", "warn")
	calm := leaving{house: houses[0], c: c, p: p}
	var want []map[string]int
	for _, w := range ways {
		want = append(want, calm.whole(w))
	}
	letters := calm.letters()
	for _, h := range houses[1:] {
		l := leaving{house: h, c: c, p: p}
		for i, w := range ways {
			some := moments(w.parts, kills)
			kills -= len(some)
			for _, moment := range some {
				if l.killAt(w, w.before+moment) < w.before+w.parts {
					under++
				}
			}
			if got := l.whole(w); !maps.Equal(got, want[i]) {
				t.Errorf("the %s of %s, killed, left\n%v\nand the undisturbed one\n%v", w.name, l.name, got, want[i])
			}
		}
		l.written(letters)
	}
	if under*3 < all { // on a loaded machine one slice may hold several parts
		t.Errorf("%d of %d kills came before the work was done: the test proves too little", under, all)
	}
	(&world{t: t}).trail(c)
}

// makeHouses makes the organisations, before the program runs.
func makeHouses(t *testing.T, c app.Config, n int) (list []*house) {
	t.Helper()
	a, err := app.New(t.Context(), c, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		list = append(list, newHouse(t, a, fmt.Sprintf("maison%d", i)))
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return list
}

// moments are at most n of the numbers of parts that may be done when the program is killed, in their order.
func moments(parts, n int) (list []int) {
	for moment := range parts {
		if rand.IntN(parts-moment) < n-len(list) {
			list = append(list, moment)
		}
	}
	return list
}

// leaving is the way of one practitioner.
type leaving struct {
	*house

	c     app.Config
	p     *process
	asked string // the way that was asked for, and acknowledged
}

// killAt has the program go on until so many parts are done, in slices of its time, and kills it then.
// Whatever work it held is free at once: nobody waits two minutes (job.Lease). It tells how many were done.
func (l *leaving) killAt(w way, moment int) (done int) {
	l.t.Helper()
	answered := make(chan bool, 1)
	asking, cancel := context.WithCancel(l.t.Context())
	defer cancel()
	if l.asked == w.name {
		l.p.launch()
		l.signal(syscall.SIGSTOP)
		answered <- true
	} else {
		l.p.start()
		l.signal(syscall.SIGSTOP)
		go func() { answered <- l.request(asking, w) }()
	}
	l.open(func(ctx context.Context, db *store.DB) {
		var slices int
		done, slices = l.creep(ctx, db, moment, w.before)
		l.p.kill()
		l.t.Logf("%s, %s: killed after %d parts (meant: %d), %d slices", l.name, w.name, done, moment, slices)
	})
	cancel()
	if <-answered {
		l.asked = w.name
	}
	l.open(func(ctx context.Context, db *store.DB) {
		l.must(db.Write(ctx, []store.Lock{"jobs"}, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update job set lease_until = $1 where state = 'running' and kind = 'departure.work'`, tx.Now.Add(-time.Second))
			return err
		}))
	})
	return done
}

// creep lets the program go on until so many parts are done, and leaves it stopped: before the first
// part of a way, anywhere.
func (l *leaving) creep(ctx context.Context, db *store.DB, moment, before int) (done, slices int) {
	l.t.Helper()
	few := 1 + rand.IntN(10)
	for {
		done = l.count(ctx, db, `select count(*) from departure_step where org_id = $1`, l.id)
		if done >= max(moment, before+1) || (moment == before && slices >= few) {
			return done, slices
		}
		if slices++; slices > mostSlices {
			l.t.Fatalf("%s: only %d parts are done\n%s", l.name, done, l.p.log.String())
		}
		l.signal(syscall.SIGCONT)
		time.Sleep(slice)
		l.signal(syscall.SIGSTOP)
	}
}

func (l *leaving) signal(s syscall.Signal) {
	l.t.Helper()
	l.must(l.p.cmd.Process.Signal(s))
}

// whole has the program, which is down, go the rest of a way, and tells what is left behind.
func (l *leaving) whole(w way) map[string]int {
	l.t.Helper()
	l.p.start()
	if l.asked != w.name && !l.request(l.t.Context(), w) {
		l.t.Fatalf("%s: no answer\n%s", l.name, l.p.log.String())
	}
	l.asked = w.name
	l.finish(w)
	l.right(w)
	out := l.left()
	l.p.stop()
	return out
}

// request asks for a way, always with the same key; false when no answer came.
func (l *leaving) request(ctx context.Context, w way) bool {
	e := entry{
		key: w.name, token: l.token, method: w.method,
		path: "/api/v1/organizations/" + l.id.String() + "/members/" + l.who["paul"].String() + "/departure",
	}
	if w.method == http.MethodDelete {
		e.version = `"1"` // of a departure that was not planned, by no other
	} else {
		e.body = l.order()
	}
	answer, body, err := (&world{base: l.p.base, http: http.DefaultClient}).send(ctx, &e)
	if err != nil || answer.StatusCode >= http.StatusInternalServerError {
		return false
	}
	if answer.StatusCode >= http.StatusMultipleChoices {
		l.t.Errorf("%s: %s: %d %s", l.name, w.name, answer.StatusCode, body)
	}
	return true
}

// open opens the database beside the program, or while it is down.
func (l *leaving) open(fn func(context.Context, *store.DB)) {
	l.t.Helper()
	db, err := store.Open(l.t.Context(), store.Options{URL: l.c.DatabaseURL.Reveal(), Path: l.c.DatabasePath()})
	l.must(err)
	defer db.Close()
	fn(l.t.Context(), db)
}

func (l *leaving) count(ctx context.Context, db *store.DB, query string, args ...any) (n int) {
	l.t.Helper()
	l.must(db.Read(ctx, func(tx *store.Tx) error { return tx.QueryRow(ctx, query, args...).Scan(&n) }))
	return n
}

// finish waits until the work is done, and the letters of it are written that need not wait.
func (l *leaving) finish(w way) {
	l.t.Helper()
	l.open(func(ctx context.Context, db *store.DB) {
		for _, wanted := range []struct {
			n     int
			query string
			args  []any
		}{
			{1, `select count(*) from departure where org_id = $1 and stage = $2`, []any{l.id, w.end}},
			{0, `select count(*) from job where state = 'ready' and run_at <= $1`, []any{time.Now()}},
		} {
			deadline := time.Now().Add(30 * time.Second)
			for l.count(ctx, db, wanted.query, wanted.args...) != wanted.n {
				if time.Now().After(deadline) {
					l.t.Fatalf("%s: it does not end: %s\n%s", l.name, wanted.query, l.p.log.String())
				}
				time.Sleep(10 * time.Millisecond)
			}
		}
	})
}

// right checks that everything is where it was to go, by parts done once.
func (l *leaving) right(w way) {
	l.t.Helper()
	const (
		parts  = `select count(*) from departure_step where org_id = $1`
		each   = `select count(distinct stage || what || object) from departure_step where org_id = $1`
		owned  = `select count(*) from work_item where org_id = $1 and owner_id = $2 and state = 'open'`
		held   = `select count(*) from resource_state where org_id = $1 and holder_id = $2 and known_until is null`
		admins = `select count(*) from member_role where org_id = $1 and member_id = $2 and known_until is null`
	)
	l.open(func(ctx context.Context, db *store.DB) {
		for _, x := range []struct {
			n     int
			query string
			args  []any
		}{
			{1, `select count(*) from departure where org_id = $1`, []any{l.id}},
			{w.before + w.parts, parts, []any{l.id}}, {w.before + w.parts, each, []any{l.id}},
			{w.paul, owned, []any{l.id, l.who["paul"]}}, {w.lise, owned, []any{l.id, l.who["lise"]}}, {w.weber, owned, []any{l.id, l.who["weber"]}},
			{agendasHeld + 1, held, []any{l.id, l.who[w.held]}}, {1, admins, []any{l.id, l.who["julie"]}},
		} {
			if got := l.count(ctx, db, x.query, x.args...); got != x.n {
				l.t.Errorf("%s, %s: %d, want %d: %s %v", l.name, w.name, got, x.n, x.query, x.args)
			}
		}
	})
}

// left is what the departure left behind, counted: parts, rows of the trail, events for applications, orders of letters.
func (l *leaving) left() map[string]int {
	l.t.Helper()
	out := map[string]int{}
	l.open(func(ctx context.Context, db *store.DB) {
		l.must(db.ReadLong(ctx, func(tx *store.Tx) error {
			add := func(s store.Scan) error {
				var what string
				err := s(&what)
				out[what]++
				return err
			}
			for _, query := range []string{
				`select 'part ' || stage || ' ' || what || ' ' || cast(items as text) || ' ' || cast(left_over as text) || code
					from departure_step where org_id = $1`,
				`select 'act ' || verb || ' ' || outcome from audit_event where chain = $1`,
				`select 'event ' || kind from event where org_id = $1`,
			} {
				if err := store.Each(ctx, tx, add, query, l.id); err != nil {
					return err
				}
			}
			return l.orders(ctx, tx, out)
		}))
	})
	return out
}

// orders counts the letters ordered. Those that gather an hour count once, however many hours it took.
func (l *leaving) orders(ctx context.Context, tx *store.Tx, out map[string]int) error {
	gathered := map[string]bool{}
	return store.Each(ctx, tx, func(s store.Scan) error {
		var kind, args string
		if err := s(&kind, &args); err != nil || !strings.Contains(args, l.id.String()) {
			return err
		}
		var fields map[string]any
		if err := json.Unmarshal([]byte(args), &fields); err != nil {
			return err
		}
		if _, hourly := fields["From"]; hourly {
			delete(fields, "From")
			same := kind + string(must(json.Marshal(fields)))
			if gathered[same] {
				return nil
			}
			gathered[same] = true
		}
		out["job "+kind]++
		return nil
	}, `select kind, args from job`)
}

// letters counts the letters that were written, by name and subject.
func (l *leaving) letters() map[string]int {
	l.t.Helper()
	all, err := notify.ReadOutbox(l.c.Data)
	l.must(err)
	out := map[string]int{}
	for _, k := range all {
		if name, here := strings.CutSuffix(k.To, "@"+l.name+".example"); here {
			out[name+" "+strings.ReplaceAll(k.Subject, l.name, "…")]++
		}
	}
	return out
}

// written compares the letters with those of the undisturbed departure: none more, and none less but
// for those that a killed worker took with it, to be written when its lease is over.
func (l *leaving) written(want map[string]int) {
	l.t.Helper()
	taken := 0
	l.open(func(ctx context.Context, db *store.DB) {
		taken = l.count(ctx, db, `select count(*) from job where state = 'running' and args like '%' || $1 || '%'`, l.id)
	})
	got := l.letters()
	for what, n := range got {
		if n > want[what] {
			l.t.Errorf("%s: %d letters «%s», the undisturbed departure wrote %d", l.name, n, what, want[what])
		}
	}
	missing := 0
	for what, n := range want {
		missing += n - min(n, got[what])
	}
	if missing > taken || len(want) == 0 {
		l.t.Errorf("%s: %d letters are missing, a killed worker took %d: %v, want %v", l.name, missing, taken, got, want)
	}
}
