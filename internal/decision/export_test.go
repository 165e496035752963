package decision

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// PatchFrom sets the size of organisations from which changes are applied to what is there.
func (d *Decisions) PatchFrom(members int) { d.patchFrom = members }

// MaxMemory sets the bound of memory.
func (d *Decisions) SetMaxMemory(bytes int64) { d.maxMemory = bytes }

// OnRead has fn called before an organisation is read.
func (d *Decisions) OnRead(fn func(ident.Org)) { d.reads = fn }

// Loaded is how many organisations are in memory, and their size.
func (d *Decisions) Loaded() (int, int64) { return len(d.places.all()), d.places.bytes.Load() }

// Patched is how many changes were applied to an organisation since it was read.
func (d *Decisions) Patched(org ident.Org) int {
	if p := d.places.get(org); p != nil && p.snap.Load() != nil {
		return p.snap.Load().patched
	}
	return -1
}

// Judge asks the second evaluator, about any moment.
func Judge(ctx context.Context, db *store.DB, org ident.Org, q Question, at time.Time) (e Explained, err error) {
	err = db.Read(ctx, func(tx *store.Tx) error {
		e, err = past{ctx: ctx, tx: tx, org: org, at: at}.judge(q)
		return err
	})
	return e, err
}
