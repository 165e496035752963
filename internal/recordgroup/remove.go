package recordgroup

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// Effect says what leaving a group would do to who sees the records.
type Effect struct {
	Ungrouped int64 // records that would be in no group any more
	Closed    bool  // records of no group are closed here: nobody would see these
	Members   int64 // of a group to remove: how many would no longer have it
	Records   int64 // of a group to remove: how many it holds
}

// PreviewRemove says what removing a group would do. Errors: ErrNotFound.
func (g Groups) PreviewRemove(ctx context.Context, by access.Actor, org ident.Org, id ident.Group) (Effect, error) {
	act := editing(org, verbPreview, id)
	return action.ViewLong(ctx, g.Run, by, act, func(tx *store.Tx) (Effect, error) {
		eye, err := look(ctx, tx, by, org)
		if err != nil {
			return Effect{}, err
		}
		v, err := find(ctx, tx, eye, org, id)
		if err != nil {
			return Effect{}, err
		}
		return v.effect(ctx, tx)
	})
}

func (v Group) effect(ctx context.Context, tx *store.Tx) (Effect, error) {
	s, err := setting.ReadRecords(ctx, tx, v.Org)
	if err != nil {
		return Effect{}, err
	}
	n, err := countOnlyHere(ctx, tx, v)
	return Effect{Ungrouped: n, Closed: s.UnlistedClosed, Members: v.Members, Records: v.Records}, err
}

// Remove removes a group with all that it holds, for good. ungrouped is how many records
// the person was told would be in no group any more; nil agrees to whatever it does.
// Errors: ErrNotFound, ErrStale, ErrEffect when it would now do something else.
func (g Groups) Remove(ctx context.Context, by access.Actor, org ident.Org, id ident.Group, version int64, ungrouped *int64,
) (Effect, error) {
	act := editing(org, verbRemove, id)
	return edit(ctx, g, by, act, id, version, func(tx *action.Tx, _ sight, v Group) (Effect, error) {
		effect, err := v.effect(ctx, tx.Tx)
		if err != nil {
			return Effect{}, err
		}
		if ungrouped != nil && *ungrouped != effect.Ungrouped {
			return effect, ErrEffect
		}
		before := facts(v.Details)
		before["records"] = v.Records
		tx.Record(event(v, act.Verb, before, map[string]any{"records_ungrouped": effect.Ungrouped}))
		held, err := heldMembers(ctx, tx.Tx, v)
		if err != nil {
			return Effect{}, err
		}
		for _, m := range held {
			tx.Record(memberEvent(v, m, verbRemoveMember, m.facts(), nil))
		}
		return effect, remove(ctx, tx.Tx, v)
	})
}

// remove closes the group and its memberships. Its records are those of no group from now
// on, though their rows stay open: whoever reads them looks whether the group is there.
func remove(ctx context.Context, tx *store.Tx, v Group) error {
	if err := closeMembers(ctx, tx, v); err != nil {
		return err
	}
	if err := countRecords(ctx, tx, v, -v.Records); err != nil {
		return err
	}
	v.Version++
	v.rev++
	if err := touch(ctx, tx, v); err != nil {
		return err
	}
	return writeState(ctx, tx, v, removed)
}
