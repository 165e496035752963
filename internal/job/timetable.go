package job

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"habilis/internal/store"
)

// Chores is the timetable: work that comes back, such as sweeping counters.
// Every node runs it; each chore must be harmless when done twice.
type Chores struct {
	Log  *slog.Logger
	List []Recurring
}

// Recurring is one line of the timetable.
type Recurring struct {
	Name  string
	Every time.Duration
	Do    func(context.Context) error
}

// Run keeps the timetable until ctx ends and the chores under way with it.
func (c Chores) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, r := range c.List {
		wg.Go(func() { c.keep(ctx, r) })
	}
	<-ctx.Done()
	wg.Wait()
}

func (c Chores) keep(ctx context.Context, r Recurring) {
	for {
		wait := r.Every + store.Jitter(r.Every/10+time.Second)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		if err := r.do(ctx); err != nil && ctx.Err() == nil {
			c.Log.Error("timetable", "chore", r.Name, "err", err)
		}
	}
}

// do survives a panic: it costs one turn of one chore, not the server.
func (r Recurring) do(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return r.Do(ctx)
}
