package job

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"
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

// Run keeps the timetable until ctx ends.
func (c Chores) Run(ctx context.Context) {
	for _, r := range c.List {
		go c.keep(ctx, r)
	}
	<-ctx.Done()
}

func (c Chores) keep(ctx context.Context, r Recurring) {
	for {
		wait := r.Every + rand.N(r.Every/10+time.Second) //nolint:gosec // jitter needs no secrecy
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		if err := r.Do(ctx); err != nil && ctx.Err() == nil {
			c.Log.Error("timetable", "chore", r.Name, "err", err)
		}
	}
}
