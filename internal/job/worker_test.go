package job_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/job"
	"habilis/internal/secret"
)

// TestDone: a job runs once, with its arguments and its secret, which is then gone.
func TestDone(t *testing.T) {
	each(t, func(w *world) {
		w.add(job.Order{Args: letter{"julie"}, Secret: secret.NewText("link")}, job.Order{Args: sweep{3}})
		for _, r := range w.rows() {
			if strings.Contains(fmt.Sprint(r), "link") || r.Attempt != 0 || r.State != "ready" {
				w.Errorf("kept %+v", r)
			}
		}
		w.drain()
		w.drain()
		if len(w.ran) != 2 || !strings.Contains(fmt.Sprint(w.ran), `test.letter{"To":"julie"}link`) || !strings.Contains(fmt.Sprint(w.ran), `test.sweep{"N":3}`) {
			w.Errorf("ran %v", w.ran)
		}
		for _, r := range w.rows() {
			if r.State != "done" || r.Sealed || r.Attempt != 1 {
				w.Errorf("left %+v", r)
			}
		}
	})
}

// TestLater: a job does not run before its time.
func TestLater(t *testing.T) {
	each(t, func(w *world) {
		w.add(job.Order{Args: sweep{1}, At: w.db.Now().Add(time.Hour)})
		w.drain()
		w.wantRan()
		w.clock.Add(time.Hour)
		w.drain()
		w.wantRan(`test.sweep{"N":1}`)
	})
}

// TestPostponed: what has only to wait comes back, with its secret, as often as it takes: that is no
// try, and it is never given up.
func TestPostponed(t *testing.T) {
	each(t, func(w *world) {
		w.then = func(job.Job) error { return fmt.Errorf("closed: %w", job.Later(time.Hour)) }
		w.add(job.Order{Args: letter{"x"}, Secret: secret.NewText("link")})
		for n := range job.MaxAttempts + 5 {
			before := w.db.Now()
			w.drain()
			if r := w.rows()[0]; r.State != "ready" || r.Attempt != 0 || !r.Sealed || r.RunAt.Before(before.Add(time.Hour)) || len(w.ran) != n+1 {
				w.Fatalf("%d: %+v, ran %d times", n, r, len(w.ran))
			}
			w.clock.Add(time.Hour)
		}
		w.then = nil
		w.drain()
		if r := w.rows()[0]; r.State != "done" || r.Sealed || r.Attempt != 1 {
			w.Errorf("left %+v", r)
		}
	})
}

// TestFailure: what fails is tried again after a pause that grows, with its secret;
// after MaxAttempts, about four days, it is given up and the secret wiped.
func TestFailure(t *testing.T) {
	each(t, func(w *world) {
		w.then = func(job.Job) error { return errBoom }
		w.add(job.Order{Args: letter{"x"}, Secret: secret.NewText("link")})
		began, last := w.db.Now(), time.Duration(0)
		for n := int64(1); ; n++ {
			before := w.db.Now()
			w.drain()
			r := w.rows()[0]
			if r.Attempt != n || r.LastError != "boom" {
				w.Fatalf("try %d: %+v", n, r)
			}
			if n == job.MaxAttempts {
				break
			}
			if r.State != "ready" || !r.Sealed {
				w.Fatalf("try %d: %+v", n, r)
			}
			pause := r.RunAt.Sub(before)
			if least := min(time.Duration(n*n*n*n)*time.Second, job.MaxPause); pause < least || pause > least+least/4+30*time.Second {
				w.Errorf("try %d: pause of %v, want about %v", n, pause, least)
			}
			if pause < last && pause < job.MaxPause {
				w.Errorf("try %d: the pause shrinks from %v to %v", n, last, pause)
			}
			last = pause
			w.clock.Add(r.RunAt.Sub(w.db.Now()))
		}
		if r := w.rows()[0]; r.State != "failed" || r.Sealed {
			w.Errorf("given up as %+v", r)
		}
		if took := w.db.Now().Sub(began); took < 72*time.Hour || took > 6*24*time.Hour {
			w.Errorf("given up after %v", took)
		}
		w.drain()
		if len(w.ran) != job.MaxAttempts {
			w.Errorf("ran %d times", len(w.ran))
		}
	})
}

// TestPermanent: what trying again cannot mend is given up at once, its secret
// wiped; arguments that cannot be read are such.
func TestPermanent(t *testing.T) {
	each(t, func(w *world) {
		w.then = func(j job.Job) error {
			var n []int
			if j.Kind == (sweep{}).Kind() {
				return fmt.Errorf("reading: %w", j.Decode(&n))
			}
			return fmt.Errorf("sending: %w", job.Permanent(errBoom))
		}
		w.add(job.Order{Args: letter{"x"}, Secret: secret.NewText("link")}, job.Order{Args: sweep{1}})
		w.drain()
		w.wantStates("map[failed:2]")
		for _, r := range w.rows() {
			if r.Sealed || r.Attempt != 1 {
				w.Errorf("%+v", r)
			}
		}
		if job.Permanent(nil) != nil || !errors.Is(job.Permanent(errBoom), errBoom) || job.Permanent(errBoom).Error() != "boom" {
			w.Error("Permanent")
		}
	})
}

// TestAccidents: a panic, a kind without a handler and an error that no column of
// text would take each cost one try of one job; the rest of the batch ends.
func TestAccidents(t *testing.T) {
	long := strings.Repeat("é", 600)
	each(t, func(w *world) {
		w.then = func(j job.Job) error {
			switch string(j.Args) {
			case `{"N":1}`:
				panic("boom")
			case `{"N":2}`:
				return errors.New("550 bo\xeete inconnue\x00" + long)
			case `{"N":3}`:
				return errors.New(strings.Repeat("a", 499) + "é")
			}
			return nil
		}
		for n := range 5 {
			w.add(job.Order{Args: sweep{n}})
		}
		w.add(job.Order{Args: unheard{}})
		w.drain()
		w.wantStates("map[done:2 ready:4]")
		rows := w.rows()
		for n, want := range map[int]string{1: "panic: boom", 2: "550 bo�te inconnueéé", 3: "aaa", 5: `no handler for "test.unheard"`} {
			if r := rows[n]; !strings.Contains(r.LastError, want) || len(r.LastError) > 500 || r.Attempt != 1 {
				w.Errorf("%d: %+v", n, r)
			}
		}
	})
}

type unheard struct{}

func (unheard) Kind() string { return "test.unheard" }

// TestSealedStays: a sealed secret opens in the row it was sealed for and nowhere
// else (rules.md 21): a job whose secret came from another is given up unread.
func TestSealedStays(t *testing.T) {
	each(t, func(w *world) {
		w.add(job.Order{Args: letter{"julie"}, Secret: secret.NewText("julie's")}, job.Order{Args: letter{"marc"}, Secret: secret.NewText("marc's")})
		w.exec(`update job set sealed = (select o.sealed from job o where o.args like '%marc%') where args like '%julie%'`)
		w.exec(`update job set sealed = $1 where args like '%marc%'`, []byte("made up, and long enough to be an envelope: it has a key, a nonce and a tag"))
		w.drain()
		w.wantRan()
		w.wantStates("map[failed:2]")
	})
}

// TestKeyOfTomorrow: a secret sealed with a key that this process has not read yet
// is kept for when it has (rules.md 21, rotation).
func TestKeyOfTomorrow(t *testing.T) {
	each(t, func(w *world) {
		path := filepath.Join(w.TempDir(), "keys.json")
		rotated, err := secret.LoadOrCreate(path, time.Now())
		if err != nil {
			w.Fatal(err)
		}
		stale, err := secret.Load(path)
		if err != nil {
			w.Fatal(err)
		}
		if err := rotated.Rotate(time.Now()); err != nil {
			w.Fatal(err)
		}
		w.ring = rotated
		w.add(job.Order{Args: letter{"x"}, Secret: secret.NewText("link")})
		w.ring = stale
		w.drain()
		w.wantRan()
		if r := w.rows()[0]; r.State != "ready" || !r.Sealed {
			w.Fatalf("%+v", r)
		}
		if err := stale.Reload(); err != nil {
			w.Fatal(err)
		}
		w.clock.Add(time.Minute)
		w.drain()
		w.wantRan(`test.letter{"To":"x"}link`)
	})
}

// TestPriority: codes and resets go before mass letters, whatever was ordered
// first, within a batch and between batches.
func TestPriority(t *testing.T) {
	each(t, func(w *world) {
		var mu sync.Mutex
		var order []int
		w.then = func(j job.Job) error {
			var s sweep
			err := j.Decode(&s)
			mu.Lock()
			order = append(order, s.N)
			mu.Unlock()
			time.Sleep(2 * time.Millisecond) // so that those begun together run together
			return err
		}
		levels := []job.Priority{job.Chore, job.Bulk, job.Normal, job.Urgent}
		for range 30 {
			for _, p := range levels {
				w.add(job.Order{Args: sweep{int(p)}, Priority: p})
			}
		}
		w.drain()
		if len(order) != 120 {
			w.Fatalf("ran %d", len(order))
		}
		for i, p := range order { // AtOnce of them begin together
			for j := i + job.AtOnce; j < len(order); j++ {
				if order[j] < p {
					w.Fatalf("%d began before %d: %v", p, order[j], order)
				}
			}
		}
	})
}

// TestNotBegun: work that could not begin in time goes back untried, and what is
// more urgent comes first.
func TestNotBegun(t *testing.T) {
	each(t, func(w *world) {
		slow := true
		w.then = func(job.Job) error {
			w.mu.Lock()
			if slow {
				slow = false
				w.clock.Add(job.BeginTime + time.Second)
			}
			w.mu.Unlock()
			time.Sleep(2 * time.Millisecond) // so that those begun together run together
			return nil
		}
		for n := range 20 {
			w.add(job.Order{Args: sweep{n}, Priority: job.Bulk})
		}
		if n, err := w.worker(w.db).Once(ctx); err != nil || n != 20 {
			w.Fatal(n, err)
		}
		begun := len(w.ran)
		if begun > 2*job.AtOnce {
			w.Errorf("%d were begun", begun)
		}
		w.wantStates(fmt.Sprintf("map[done:%d ready:%d]", begun, 20-begun))
		for _, r := range w.rows() {
			if r.State == "ready" && r.Attempt != 0 {
				w.Errorf("%+v", r)
			}
		}
		w.add(job.Order{Args: letter{"code"}, Priority: job.Urgent})
		w.drain()
		if !strings.Contains(fmt.Sprint(w.ran[begun:begun+job.AtOnce]), "code") {
			w.Errorf("the urgent one is not among the first of %v", w.ran[begun:])
		}
		w.wantStates("map[done:21]")
	})
}

// TestWake: a worker that is called looks at once, and does not wait for its turn
// of Poll. The best of five counts: the machine may be busy.
func TestWake(t *testing.T) {
	each(t, func(w *world) {
		running, stop := context.WithCancel(ctx)
		worker, over, began := w.worker(w.db), make(chan struct{}), make(chan struct{}, 1)
		w.then = func(job.Job) error { began <- struct{}{}; return nil }
		go func() {
			worker.Run(running)
			close(over)
		}()
		best := time.Hour
		for n := range 5 {
			time.Sleep(100 * time.Millisecond) // it has looked, and waits
			w.add(job.Order{Args: sweep{n}})
			called := time.Now()
			worker.Wake()
			<-began
			best = min(best, time.Since(called))
		}
		stop()
		<-over
		if best > job.Poll/2 {
			w.Errorf("came after %v", best)
		}
	})
}

// TestStopped: a worker that is stopped ends what it does and gives back the rest
// untried (F22).
func TestStopped(t *testing.T) {
	each(t, func(w *world) {
		running, stop := context.WithCancel(ctx)
		began, finish := make(chan struct{}, 50), make(chan struct{})
		w.then = func(job.Job) error {
			began <- struct{}{}
			<-finish
			return nil
		}
		for n := range 10 {
			w.add(job.Order{Args: sweep{n}})
		}
		go func() {
			for range job.AtOnce {
				<-began
			}
			stop()
			close(finish)
		}()
		w.worker(w.db).Run(running)
		w.wantStates(fmt.Sprintf("map[done:%d ready:%d]", job.AtOnce, 10-job.AtOnce))
		for _, r := range w.rows() {
			if r.State == "ready" && r.Attempt != 0 {
				w.Errorf("%+v", r)
			}
		}
	})
}

// TestStopTime: a job that goes on after the worker was stopped is cut off in time,
// and that was no try.
func TestStopTime(t *testing.T) {
	t.Parallel()
	w, _ := onPostgres(t, 1)
	worker := w.worker(w.db)
	running, stop := context.WithCancel(ctx)
	began := make(chan struct{})
	worker.Handlers[letter{}.Kind()] = func(ctx context.Context, _ job.Job) error {
		close(began)
		<-ctx.Done()
		return ctx.Err()
	}
	w.add(job.Order{Args: letter{"x"}, Secret: secret.NewText("link")})
	go func() {
		<-began
		stop()
	}()
	start := time.Now()
	worker.Run(running)
	if took := time.Since(start); took < job.StopTime-time.Second || took > job.StopTime+3*time.Second {
		t.Errorf("stopped after %v", took)
	}
	if r := w.rows()[0]; r.State != "ready" || r.Attempt != 0 || !r.Sealed {
		t.Errorf("%+v", r)
	}
}

// TestDatabaseAway: when the database is away as a job ends its end is written once
// it is back, and the job does not run twice (F2, F8).
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	proxy, w := behindProxy(t)
	w.then = func(job.Job) error {
		proxy.Stop()
		time.AfterFunc(time.Second, func() { proxy.Start(t) })
		return nil
	}
	w.add(job.Order{Args: sweep{1}})
	w.drain()
	w.wantRan(`test.sweep{"N":1}`)
	w.wantStates("map[done:1]")
}

// TestTimes: the bounds leave no job running when its lease ends.
func TestTimes(t *testing.T) {
	if job.BeginTime+job.JobTime+job.Poll >= job.Lease {
		t.Errorf("%v to begin and %v to run, under a lease of %v", job.BeginTime, job.JobTime, job.Lease)
	}
}
