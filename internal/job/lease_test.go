package job_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"habilis/internal/job"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// TestLease: the job of a worker that died is taken over when its lease ends, not
// before; and when the first worker comes to an end after all, in success or in
// failure, it changes nothing.
func TestLease(t *testing.T) {
	each(t, func(w *world) {
		for i, late := range []error{nil, errBoom, job.Permanent(errBoom)} {
			held, release := make(chan struct{}), make(chan struct{})
			first := true
			w.ran, w.then = nil, func(job.Job) error {
				w.mu.Lock()
				mine := first
				first = false
				w.mu.Unlock()
				if mine {
					close(held)
					<-release
					return late
				}
				return errBoom // of the second worker: the job waits for its third try
			}
			w.add(job.Order{Args: letter{fmt.Sprint(i)}, Secret: secret.NewText("link")})
			var dead sync.WaitGroup
			dead.Go(func() {
				if _, err := w.worker(w.db).Once(ctx); err != nil {
					w.Error(err)
				}
			})
			<-held
			w.clock.Add(job.Lease - time.Second)
			w.drain()
			if len(w.ran) != 1 {
				w.Fatalf("taken over before the lease ended: %v", w.ran)
			}
			w.clock.Add(2 * time.Second)
			w.drain()
			want := w.rows()[i]
			if len(w.ran) != 2 || want.State != "ready" || want.Attempt != 2 || !want.Sealed {
				w.Fatalf("ran %v, left %+v", w.ran, want)
			}
			close(release)
			dead.Wait()
			if got := w.rows()[i]; got != want {
				w.Errorf("the late end made %+v of %+v", got, want)
			}
			w.then = nil
			w.clock.Add(time.Hour)
			w.drain()
			if got := w.rows()[i]; got.State != "done" || got.Sealed {
				w.Errorf("at last %+v", got)
			}
		}
	})
}

// TestWorkersDie: a job that kills whatever takes it is given up too.
func TestWorkersDie(t *testing.T) {
	each(t, func(w *world) {
		w.add(job.Order{Args: letter{"x"}, Secret: secret.NewText("link")})
		w.exec(`update job set state = 'running', attempt = max_attempts, lease = 'of the dead', lease_until = $1`, w.db.Now().Add(-time.Second))
		w.drain()
		w.wantRan()
		if r := w.rows()[0]; r.State != "failed" || r.Sealed {
			w.Errorf("%+v", r)
		}
	})
}

// TestThreeWorkers: three processes on one server do 300 jobs, each once, though
// every transaction is rolled back once and some are ordered meanwhile, some in
// acts that are undone; what fails the first time runs twice.
func TestThreeWorkers(t *testing.T) {
	w, dbs := onPostgres(t, 3)
	const n = 300
	times := map[string]int{}
	w.then = func(j job.Job) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		times[string(j.Args)]++
		if j.Attempt == 1 && j.Created.Nanosecond()/1000%5 == 0 {
			return errBoom
		}
		return nil
	}
	var orders []job.Order
	for i := range n / 2 {
		orders = append(orders, job.Order{Args: sweep{i}, Priority: job.Priority(i % 3)})
	}
	w.add(orders...)
	var wg sync.WaitGroup
	for _, db := range dbs {
		wg.Go(func() {
			for range 20 {
				if err := w.worker(db).Drain(ctx); err != nil {
					t.Error(err)
				}
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	for i := n / 2; i < n; i++ {
		w.add(job.Order{Args: sweep{i}})
		if err := w.db.Write(ctx, []store.Lock{"acts"}, func(tx *store.Tx) error {
			if err := job.Add(ctx, tx, w.ring, []job.Order{{Args: sweep{-1 - i}}}); err != nil {
				return err
			}
			return errBoom
		}); err == nil {
			t.Error("not undone")
		}
	}
	wg.Wait()
	w.clock.Add(time.Minute)
	w.drain()
	w.wantStates(fmt.Sprintf("map[done:%d]", n))
	for i := range n {
		if got := times[fmt.Sprintf(`{"N":%d}`, i)]; got != 1 && got != 2 {
			t.Errorf("job %d ran %d times", i, got)
		}
	}
	ran := 0
	for _, r := range w.rows() {
		ran += int(r.Attempt)
	}
	if len(times) != n || len(w.ran) != ran {
		t.Errorf("%d jobs ran %d times, their rows say %d", len(times), len(w.ran), ran)
	}
}
