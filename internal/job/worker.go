package job

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"habilis/internal/fault"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// Bounds of the work.
const (
	Lease      = 2 * time.Minute  // a job whose worker died runs again after this
	BeginTime  = 10 * time.Second // what was not begun by then goes back: more urgent work may wait
	JobTime    = time.Minute      // how long one job may take; with BeginTime well within Lease
	StopTime   = 5 * time.Second  // how long a job under way may go on after the worker was stopped
	Poll       = 2 * time.Second  // how often to look when nobody calls
	BatchSize  = 50               // jobs taken and ended at once
	AtOnce     = 4                // jobs of a batch that run at the same time
	MaxPause   = 12 * time.Hour   // the longest pause between two tries
	KeptDone   = 72 * time.Hour   // how long a finished job is kept
	maxErrText = 500              // bytes kept of an error
)

var (
	// errNotBegun is the result of a job that goes back untried.
	errNotBegun = errors.New("not begun")
	// errWorkersDied is the result of a job that its worker never lived to end.
	errWorkersDied = errors.New("every worker that took this job died of it, or outlived its lease")
)

// Lock is held by those who take or end jobs, for the moment of the statement.
const lock store.Lock = "jobs"

// Handler does the work of one kind of job. It may be called twice for one job.
type Handler func(context.Context, Job) error

// Worker takes jobs and hands them to their handlers.
type Worker struct {
	DB       *store.DB
	Ring     *secret.Ring
	Log      *slog.Logger
	Handlers map[string]Handler

	wake chan struct{}
	once sync.Once
}

// Wake calls the worker at once: a transaction that ordered work has committed.
func (w *Worker) Wake() {
	w.init()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *Worker) init() { w.once.Do(func() { w.wake = make(chan struct{}, 1) }) }

// Run works until ctx ends. Then the jobs under way have StopTime to end, and the
// others of the batch go back.
func (w *Worker) Run(ctx context.Context) {
	w.init()
	for ctx.Err() == nil {
		n, err := w.Once(ctx)
		if err != nil && ctx.Err() == nil {
			w.Log.Error("jobs: taking work", "err", err)
		}
		if n == BatchSize && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-w.wake:
		case <-time.After(Poll):
		}
	}
}

// Drain works until nothing is ready, for the command line and tests.
func (w *Worker) Drain(ctx context.Context) error {
	for {
		n, err := w.Once(ctx)
		if err != nil || n == 0 {
			return err
		}
	}
}

// Once takes one batch, does it, and says how many jobs it had.
func (w *Worker) Once(ctx context.Context) (int, error) {
	jobs, lease, err := w.take(ctx)
	if err != nil || len(jobs) == 0 {
		return 0, err
	}
	until := w.DB.Now().Add(Lease)
	results := w.do(ctx, jobs)
	for i, j := range jobs {
		if err := results[i]; err != nil && !errors.Is(err, errNotBegun) && !postponed(err) {
			w.Log.Warn("jobs: failed", "job", j.ID, "kind", j.Kind, "attempt", j.Attempt, "err", told(err))
		}
	}
	return len(jobs), w.end(ctx, jobs, lease, until, results)
}

func (w *Worker) take(ctx context.Context) (jobs []Job, lease string, err error) {
	var some bool
	if err := w.DB.Read(ctx, func(tx *store.Tx) (err error) {
		some, err = ready(ctx, tx)
		return err
	}); err != nil || !some {
		return nil, "", err
	}
	lease = rand.Text()
	err = w.DB.Write(ctx, []store.Lock{lock}, func(tx *store.Tx) (err error) {
		jobs, err = claim(ctx, tx, lease, tx.Now.Add(Lease), BatchSize)
		return err
	})
	return jobs, lease, err
}

// do runs the jobs, the most urgent first, AtOnce of them at a time.
func (w *Worker) do(ctx context.Context, jobs []Job) []error {
	results := make([]error, len(jobs))
	begin := w.DB.Now().Add(BeginTime)
	slots := make(chan struct{}, AtOnce)
	var wg sync.WaitGroup
	for i, j := range jobs {
		slots <- struct{}{}
		if ctx.Err() != nil || w.DB.Now().After(begin) {
			<-slots
			results[i] = errNotBegun
			continue
		}
		wg.Go(func() {
			defer func() { <-slots }()
			results[i] = w.one(ctx, j)
		})
	}
	wg.Wait()
	return results
}

func (w *Worker) one(ctx context.Context, j Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if j.Attempt > j.max {
		return Permanent(errWorkersDied)
	}
	h, ok := w.Handlers[j.Kind]
	if !ok {
		return fmt.Errorf("no handler for %q", j.Kind)
	}
	if j.Secret, err = unsealed(w.Ring, j); err != nil {
		return err
	}
	longer, cancel := outlast(ctx)
	defer cancel()
	err = h(longer, j)
	if err != nil && ctx.Err() != nil && longer.Err() != nil {
		return errNotBegun // cut off by us: that was no try
	}
	return err
}

// outlast gives the context of a job: it ends after JobTime, or StopTime after ctx.
func outlast(ctx context.Context) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithTimeout(context.WithoutCancel(ctx), JobTime)
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(StopTime, cancel) })
	return longer, func() { stop(); cancel() }
}

// end writes what became of a batch, in one transaction. As long as the lease
// lasts nobody else takes the jobs: a database that is away is waited for, lest
// what was done be done twice.
func (w *Worker) end(ctx context.Context, jobs []Job, lease string, until time.Time, results []error) error {
	for {
		err := w.DB.Write(context.WithoutCancel(ctx), []store.Lock{lock}, func(tx *store.Tx) error {
			for i, j := range jobs {
				if err := endOne(ctx, tx, j, lease, results[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if !fault.Is(err, fault.Unavailable) || !w.DB.Now().Add(Poll).Before(until) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(Poll):
		}
	}
}

func endOne(ctx context.Context, tx *store.Tx, j Job, lease string, result error) error {
	ctx = context.WithoutCancel(ctx)
	if l, waits := errors.AsType[later](result); waits {
		return postpone(ctx, tx, j.ID, lease, tx.Now.Add(l.wait))
	}
	switch {
	case result == nil:
		return finish(ctx, tx, j.ID, lease, "done", "")
	case errors.Is(result, errNotBegun):
		return release(ctx, tx, j.ID, lease)
	case j.Last(result):
		return finish(ctx, tx, j.ID, lease, "failed", told(result))
	}
	return again(ctx, tx, j.ID, lease, tx.Now.Add(pause(j.Attempt)), told(result))
}

func postponed(err error) bool {
	_, waits := errors.AsType[later](err)
	return waits
}

// told is what is kept of an error. Its text may come from another server: what
// a column of text does not take is left out.
func told(err error) string {
	text := strings.ToValidUTF8(strings.ReplaceAll(err.Error(), "\x00", ""), "�")
	if len(text) > maxErrText {
		text = strings.ToValidUTF8(text[:maxErrText], "")
	}
	return text
}

// pause grows with the attempts: 1 s, 16 s, 81 s … with some chance in it, so
// that what failed together does not come back together.
func pause(attempt int64) time.Duration {
	d := min(time.Duration(attempt*attempt*attempt*attempt)*time.Second, MaxPause)
	return d + store.Jitter(d/4+time.Second)
}

// Sweep removes jobs finished long ago; the timetable calls it.
func (w *Worker) Sweep(ctx context.Context) error {
	return w.DB.Write(ctx, []store.Lock{lock}, func(tx *store.Tx) error {
		return sweep(ctx, tx, tx.Now.Add(-KeptDone))
	})
}

// Counts reads how many jobs wait, run and were given up.
func (w *Worker) Counts(ctx context.Context) (c Counts, err error) {
	err = w.DB.Read(ctx, func(tx *store.Tx) (err error) {
		c, err = counts(ctx, tx)
		return err
	})
	return c, err
}
