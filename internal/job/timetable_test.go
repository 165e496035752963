package job_test

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"habilis/internal/job"
	"habilis/internal/store"
)

// TestChores: each chore comes back, whatever became of it the time before, and
// the timetable does not end before them.
func TestChores(t *testing.T) {
	t.Parallel()
	var log lines
	var panics, fails, over atomic.Int64
	running, stop := context.WithCancel(ctx)
	chores := job.Chores{Log: slog.New(slog.NewTextHandler(&log, nil)), List: []job.Recurring{
		{Name: "panics", Every: time.Millisecond, Do: func(context.Context) error { panics.Add(1); panic("boom") }},
		{Name: "fails", Every: time.Millisecond, Do: func(context.Context) error {
			if fails.Add(1) >= 3 && panics.Load() >= 1 && running.Err() == nil { // both came, on a busy machine too
				stop()
				time.Sleep(200 * time.Millisecond)
				over.Store(1)
			}
			return errBoom
		}},
		{Name: "never", Every: time.Hour, Do: func(context.Context) error { t.Error("too early"); return nil }},
	}}
	chores.Run(running)
	if over.Load() != 1 || panics.Load() < 1 {
		t.Errorf("over: %d, panics: %d", over.Load(), panics.Load())
	}
	for _, want := range []string{"chore=panics", "panic: boom", "chore=fails"} {
		if !strings.Contains(log.text(), want) {
			t.Errorf("the log does not say %q: %s", want, log.text())
		}
	}
}

// lines is a log that several write.
type lines struct{ all atomic.Pointer[string] }

func (l *lines) Write(b []byte) (int, error) {
	for {
		old := l.all.Load()
		next := string(b)
		if old != nil {
			next = *old + next
		}
		if l.all.CompareAndSwap(old, &next) {
			return len(b), nil
		}
	}
}

func (l *lines) text() string {
	if s := l.all.Load(); s != nil {
		return *s
	}
	return ""
}

// TestSweepAndCounts: finished jobs go after a while, others stay; and the numbers
// for the metrics are right.
func TestSweepAndCounts(t *testing.T) {
	each(t, func(w *world) {
		worker := w.worker(w.db)
		w.then = func(j job.Job) error {
			if j.Kind == (letter{}).Kind() {
				return job.Permanent(errBoom)
			}
			return nil
		}
		w.add(job.Order{Args: sweep{1}}, job.Order{Args: letter{"x"}})
		w.drain()
		w.add(job.Order{Args: sweep{2}}, job.Order{Args: sweep{3}, At: w.db.Now().Add(1000 * time.Hour)})
		w.exec(`update job set state = 'running' where args = '{"N":2}'`)
		if c, err := worker.Counts(ctx); err != nil || c != (job.Counts{Ready: 1, Running: 1, Failed: 1}) {
			w.Errorf("%+v, %v", c, err)
		}
		if err := w.db.Read(ctx, func(tx *store.Tx) error {
			n, err := job.Pending(ctx, tx, "test.sweep")
			if n != 2 {
				w.Errorf("%d pending", n)
			}
			return err
		}); err != nil {
			w.Error(err)
		}
		for _, c := range []struct {
			after time.Duration
			want  string
		}{{job.KeptDone - time.Minute, "map[done:1 failed:1 ready:1 running:1]"}, {2 * time.Minute, "map[ready:1 running:1]"}} {
			w.clock.Add(c.after)
			if err := worker.Sweep(ctx); err != nil {
				w.Fatal(err)
			}
			w.wantStates(c.want)
		}
	})
}
