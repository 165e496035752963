package job

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	mrand "math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"habilis/internal/secret"
	"habilis/internal/store"
)

// Bounds of the work.
const (
	Lease      = 2 * time.Minute // a job whose worker died runs again after this
	Poll       = 2 * time.Second // how often to look when nobody calls
	BatchSize  = 50              // jobs taken and ended at once
	AtOnce     = 4               // jobs of a batch that run at the same time
	MaxPause   = 12 * time.Hour  // the longest pause between two tries
	KeptDone   = 72 * time.Hour  // how long a finished job is kept
	maxErrText = 500
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

// Run works until ctx ends, then finishes the jobs in hand.
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
	results := w.do(ctx, jobs)
	return len(jobs), w.end(context.WithoutCancel(ctx), jobs, lease, results)
}

func (w *Worker) take(ctx context.Context) (jobs []Job, lease string, err error) {
	var any bool
	if err := w.DB.Read(ctx, func(tx *store.Tx) (err error) {
		any, err = ready(ctx, tx)
		return err
	}); err != nil || !any {
		return nil, "", err
	}
	lease = rand.Text()
	err = w.DB.Write(ctx, []store.Lock{lock}, func(tx *store.Tx) (err error) {
		jobs, err = claim(ctx, tx, lease, tx.Now.Add(Lease), BatchSize)
		return err
	})
	return jobs, lease, err
}

func (w *Worker) do(ctx context.Context, jobs []Job) []error {
	results := make([]error, len(jobs))
	slots := make(chan struct{}, AtOnce)
	var wg sync.WaitGroup
	for i, j := range jobs {
		slots <- struct{}{}
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
	h, ok := w.Handlers[j.Kind]
	if !ok {
		return fmt.Errorf("no handler for %q", j.Kind)
	}
	if j.Secret, err = unsealed(w.Ring, j); err != nil {
		return Permanent(err)
	}
	ctx, cancel := context.WithTimeout(ctx, Lease/2)
	defer cancel()
	return h(ctx, j)
}

// end writes what became of a batch, in one transaction.
func (w *Worker) end(ctx context.Context, jobs []Job, lease string, results []error) error {
	return w.DB.Write(ctx, []store.Lock{lock}, func(tx *store.Tx) error {
		for i, j := range jobs {
			if err := w.endOne(ctx, tx, j, lease, results[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (w *Worker) endOne(ctx context.Context, tx *store.Tx, j Job, lease string, result error) error {
	if result == nil {
		return finish(ctx, tx, j.ID, lease, "done", "")
	}
	text := result.Error()
	if len(text) > maxErrText {
		text = text[:maxErrText]
	}
	w.Log.Warn("jobs: failed", "job", j.ID, "kind", j.Kind, "attempt", j.Attempt, "err", text)
	if _, final := errors.AsType[permanent](result); final || j.Attempt >= j.max {
		return finish(ctx, tx, j.ID, lease, "failed", text)
	}
	return again(ctx, tx, j.ID, lease, tx.Now.Add(pause(j.Attempt)), text)
}

// pause grows with the attempts: 1 s, 16 s, 81 s … with some chance in it, so
// that what failed together does not come back together.
func pause(attempt int64) time.Duration {
	d := min(time.Duration(attempt*attempt*attempt*attempt)*time.Second, MaxPause)
	return d + mrand.N(d/4+time.Second) //nolint:gosec // jitter needs no secrecy
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
