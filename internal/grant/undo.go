package grant

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// PreviewUndo says what Undo would do. Errors: those of Undo.
func (g Grants) PreviewUndo(ctx context.Context, by access.Actor, in ident.Org, id ident.ChangeSet) (ChangeSet, error) {
	var e editor
	return action.View(ctx, g.Run, by, editing(by, in, verbUndo, id.String(), &e), func(tx *store.Tx) (ChangeSet, error) {
		d, err := drawUndo(ctx, tx, e, id)
		return d.ChangeSet, err
	})
}

// Undo takes a change set back, by a change set that is its inverse: of each line that
// still stands as it was left, what was before. It is judged as a new edit is. Errors:
// ErrNoSuchSet, ErrUndone, ErrUndoOver, ErrNothingStands, those of Apply with fields
// «lines[3].resource».
func (g Grants) Undo(ctx context.Context, by access.Actor, in ident.Org, id ident.ChangeSet) (ChangeSet, error) {
	var e editor
	return action.Run(ctx, g.Run, by, editing(by, in, verbUndo, id.String(), &e), func(tx *action.Tx) (ChangeSet, error) {
		d, err := drawUndo(ctx, tx.Tx, e, id)
		if err != nil {
			return ChangeSet{}, err
		}
		set, err := d.keep(ctx, tx)
		if err != nil {
			return set, err
		}
		return set, markUndone(ctx, tx.Tx, in, id, set.ID)
	})
}

func drawUndo(ctx context.Context, tx *store.Tx, e editor, id ident.ChangeSet) (draft, error) {
	d := draft{ChangeSet: ChangeSet{Kind: Undo, Undoes: id}}
	in := e.held.Org
	set, found, err := findSet(ctx, tx, in, id)
	if err != nil {
		return d, err
	}
	lines, err := linesOf(ctx, tx, in, id)
	if err != nil {
		return d, err
	}
	if d.scene, err = sceneOf(ctx, tx, e, lines); err != nil {
		return d, err
	}
	switch {
	case !found || !d.scene.knowsOne(lines):
		return d, ErrNoSuchSet
	case !set.UndoneBy.IsZero():
		return d, ErrUndone
	case !set.UndoTill.After(tx.Now):
		return d, ErrUndoOver
	case !d.scene.editsAll(lines):
		return d, ErrNotYours // of the change set one sees a part: the rest is not told
	}
	wishes, moved := d.scene.inverse(lines)
	if d.Lines, err = d.scene.plan(wishes); err != nil {
		if errors.Is(err, ErrUnknown) {
			err = ErrNotYours // a member elsewhere is not told either
		}
		return d, err
	}
	if len(d.Lines) == 0 {
		return d, ErrNothingStands
	}
	d.count()
	if moved > 0 {
		d.warn("changed_since", "Count", moved)
	}
	err = d.weigh(ctx, tx)
	return d, err
}

// sceneOf reads what the lines of a change set are about.
func sceneOf(ctx context.Context, tx *store.Tx, e editor, lines []storedLine) (*scene, error) {
	wishes := make([]wish, len(lines))
	for i, l := range lines {
		wishes[i] = wish{Change: Change{Member: l.member, Resource: l.resource}}
	}
	members, things := subjects(wishes)
	return readScene(ctx, tx, e, members, things)
}

// knowsOne reports whether there is a line of which the editor may read something.
func (s *scene) knowsOne(lines []storedLine) bool {
	for _, l := range lines {
		if r, there := s.things[l.resource]; there && s.knows(r) && s.reads(r) {
			return true
		}
	}
	return false
}

// editsAll reports whether levels on every resource of the lines are the editor's to give.
func (s *scene) editsAll(lines []storedLine) bool {
	return !slices.ContainsFunc(lines, func(l storedLine) bool {
		r, there := s.things[l.resource]
		return !there || !s.knows(r) || !s.edits(r)
	})
}

// inverse asks for what was before, on each line that stands. moved counts the others:
// what was changed since, and what can no longer be given.
func (s *scene) inverse(lines []storedLine) (wishes []wish, moved int) {
	for i, l := range lines {
		if !s.stands(l) || !s.takes(l) {
			moved++
			continue
		}
		back := l.before
		if back.over(s.now) {
			back = State{}
		}
		wishes = append(wishes, wish{
			Change: Change{Member: l.member, Resource: l.resource, Level: back.Level}, exact: &back,
			at: "lines[" + strconv.Itoa(i) + "]",
		})
	}
	return wishes, moved
}

// stands reports whether a cell is as the line left it; what has ended by itself since
// still is.
func (s *scene) stands(l storedLine) bool {
	r, open := s.rows[l.cell]
	if !open {
		return l.after.Level == None
	}
	return r.same(l.after)
}

// takes reports whether the cell can be put back: its member is there and, to be given a
// level, its resource is open and not theirs.
func (s *scene) takes(l storedLine) bool {
	_, there := s.people[l.member]
	r := s.things[l.resource]
	return there && (l.before.Level == None || l.before.over(s.now) || (r.Status == resource.Active && r.Holder != l.member))
}
