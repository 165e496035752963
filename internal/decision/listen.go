package decision

import (
	"context"
	"time"

	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// listenAgain is how long Listen waits before it listens again.
const listenAgain = 2 * time.Second

// Listen has organisations that another node changed read before anybody asks about them,
// until ctx ends. It makes answers faster, never fresher: without it they are the same.
// With SQLite there is no other node, and it returns at once.
func (d *Decisions) Listen(ctx context.Context) {
	if d.run.DB.Engine != store.PostgreSQL {
		return
	}
	for ctx.Err() == nil {
		err := d.run.DB.Listen(ctx, action.Channel, func() {}, func(org string) { d.hint(ctx, ident.Org(org)) })
		if ctx.Err() != nil {
			return
		}
		if d.run.Log != nil {
			d.run.Log.Info("decision: listens again", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(listenAgain):
		}
	}
}

// hint reads an organisation that is in memory anew.
func (d *Decisions) hint(ctx context.Context, org ident.Org) {
	if p := d.places.get(org); p != nil && p.snap.Load() != nil {
		go func() { _, _ = d.refresh(ctx, p) }() // whoever asks is told of an error
	}
}
