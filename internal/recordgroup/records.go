package recordgroup

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// Change is what a request asks of the records of one group, MaxChange names at most.
type Change struct{ Add, Remove []string }

// Changed says what became of a change, in records.
type Changed struct {
	Added     int64 // now in the group
	AlreadyIn int64
	Removed   int64
	NotIn     int64 // to be removed, and not in it
	Grouped   int64 // of those added, those that were in no group: only its members see them now
	Ungrouped int64 // of those removed, those that are in no group now
	Closed    bool  // records of no group are closed here: nobody sees these
}

// PreviewRecords says what a change would do. Errors: those of ChangeRecords.
func (g Groups) PreviewRecords(ctx context.Context, by access.Actor, org ident.Org, id ident.Group, c Change) (Changed, error) {
	act := editing(org, verbPreview, id)
	return action.View(ctx, g.Run, by, act, func(tx *store.Tx) (Changed, error) {
		v, err := find(ctx, tx, sight{}, org, id)
		if err != nil {
			return Changed{}, err
		}
		p, err := v.plan(ctx, tx, c)
		return p.Changed, err
	})
}

// ChangeRecords puts records in a group and takes others out, whole or not at all;
// version is the group's that was read, which records never change. ungrouped is how many
// the person was told would be in no group any more; nil agrees to whatever it does.
// Errors: ErrNotFound, ErrStale, ErrFull, ErrEffect, fields to correct.
func (g Groups) ChangeRecords(ctx context.Context, by access.Actor, org ident.Org, id ident.Group, version int64, c Change,
	ungrouped *int64,
) (Changed, error) {
	act := editing(org, verbRecords, id)
	return edit(ctx, g, by, act, id, version, func(tx *action.Tx, _ sight, v Group) (Changed, error) {
		p, err := v.plan(ctx, tx.Tx, c)
		if err != nil {
			return Changed{}, err
		}
		switch {
		case ungrouped != nil && *ungrouped != p.Ungrouped:
			return p.Changed, ErrEffect
		case p.Added == 0 && p.Removed == 0:
			return p.Changed, action.Nothing
		}
		if err := p.fits(ctx, tx.Tx, org); err != nil {
			return Changed{}, err
		}
		if err := keep(ctx, tx, v, event(v, act.Verb, p.before(), p.after()), v.recordLines(p, tx.Tx)); err != nil {
			return Changed{}, err
		}
		return p.Changed, v.apply(ctx, tx.Tx, p)
	})
}

// plan is what a change comes to, on what is there.
type plan struct {
	Changed
	add, remove []string
}

func (v Group) plan(ctx context.Context, tx *store.Tx, c Change) (plan, error) {
	n, err := c.check()
	if err != nil {
		return plan{}, err
	}
	here, err := findRecords(ctx, tx, v, slices.Concat(n.add, n.remove))
	if err != nil {
		return plan{}, err
	}
	var p plan
	for _, r := range n.add {
		if !here[r] {
			p.add = append(p.add, r)
		}
	}
	for _, r := range n.remove {
		if here[r] {
			p.remove = append(p.remove, r)
		}
	}
	p.Added, p.Removed = int64(len(p.add)), int64(len(p.remove))
	p.AlreadyIn, p.NotIn = int64(len(n.add))-p.Added, int64(len(n.remove))-p.Removed
	elsewhere, err := findElsewhere(ctx, tx, v, slices.Concat(p.add, p.remove))
	if err != nil {
		return plan{}, err
	}
	p.Grouped, p.Ungrouped = without(p.add, elsewhere), without(p.remove, elsewhere)
	s, err := setting.ReadRecords(ctx, tx, v.Org)
	p.Closed = s.UnlistedClosed
	return p, err
}

// without counts the records that are in no other group.
func without(records []string, elsewhere map[string]bool) (n int64) {
	for _, r := range records {
		if !elsewhere[r] {
			n++
		}
	}
	return n
}

// fits bounds what the groups of an organisation hold together.
func (p plan) fits(ctx context.Context, tx *store.Tx, org ident.Org) error {
	n, err := countAllRecords(ctx, tx, org)
	if err == nil && p.Added > 0 && n+p.Added-p.Removed > MaxRecords {
		err = ErrFull
	}
	return err
}

func (v Group) apply(ctx context.Context, tx *store.Tx, p plan) error {
	if err := closeRecords(ctx, tx, v, p.remove); err != nil {
		return err
	}
	if err := insertRecords(ctx, tx, v, p.add); err != nil {
		return err
	}
	return countRecords(ctx, tx, v, p.Added-p.Removed)
}

// before and after are what the trail keeps: the name of a single record; of many, how
// many and a digest, by which a list kept elsewhere can be proved to be the one.
func (p plan) before() map[string]any { return told(p.remove, "records_ungrouped", p.Ungrouped) }
func (p plan) after() map[string]any  { return told(p.add, "records_grouped", p.Grouped) }

func told(records []string, effect string, n int64) map[string]any {
	switch len(records) {
	case 0:
		return nil
	case 1:
		return map[string]any{"record": records[0], effect: n}
	}
	return map[string]any{"records": len(records), "records_digest": Digest(records), effect: n}
}

// Digest is the SHA-256 of records, each preceded by its length (8 bytes, big end first),
// in the order of their bytes.
func Digest(records []string) string {
	h := sha256.New()
	for _, r := range slices.Sorted(slices.Values(records)) {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(r))))
		h.Write([]byte(r))
	}
	return hex.EncodeToString(h.Sum(nil))
}
