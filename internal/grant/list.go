package grant

import (
	"context"
	"fmt"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// reading describes a consultation of levels.
func reading(by access.Actor, in ident.Org, verb, object string, e *editor) action.Act {
	act := action.Act{Verb: verb, Orgs: []ident.Org{in}, Object: object}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if *e, err = lookAs(ctx, tx, by, in); err != nil {
			return nil, err
		}
		return somewhere(e.held, access.RightsRead, access.RightsEdit), nil
	}
	return act
}

// ChangeSet reads one change set, as far as the actor may know of it. Errors:
// ErrNoSuchSet, also when they may know of none of its lines.
func (g Grants) ChangeSet(ctx context.Context, by access.Actor, in ident.Org, id ident.ChangeSet) (ChangeSet, error) {
	var e editor
	return action.View(ctx, g.Run, by, reading(by, in, verbRead, id.String(), &e), func(tx *store.Tx) (ChangeSet, error) {
		set, found, err := findSet(ctx, tx, in, id)
		if err != nil {
			return ChangeSet{}, err
		}
		lines, err := linesOf(ctx, tx, in, id)
		if err != nil {
			return ChangeSet{}, err
		}
		s, err := sceneOf(ctx, tx, e, lines)
		if err != nil {
			return ChangeSet{}, err
		}
		if !found || !s.knowsOne(lines) {
			return ChangeSet{}, ErrNoSuchSet
		}
		return s.told(ctx, tx, set, lines)
	})
}

// told makes of a stored change set what the reader may know of it.
func (s *scene) told(ctx context.Context, tx *store.Tx, set storedSet, lines []storedLine) (ChangeSet, error) {
	c := set.ChangeSet
	var ids []ident.Member
	for _, l := range lines {
		ids = append(ids, l.member)
	}
	people, err := readPeople(ctx, tx, s.held.Org, ids, true) // those who left are named too
	if err != nil {
		return c, err
	}
	c.MayUndo = c.undoable(s.now)
	for _, l := range lines {
		r, there := s.things[l.resource]
		if !there || !s.knows(r) || !s.reads(r) {
			c.MayUndo = false
			continue
		}
		p := people[l.member]
		c.MayUndo = c.MayUndo && s.edits(r)
		c.Lines = append(c.Lines, Line{Member: l.member, MemberName: p.name(), Resource: r, Before: l.before, After: l.after})
	}
	countLinesOf(&c)
	if c.MayUndo {
		_, moved := s.inverse(lines)
		c.MayUndo = moved < len(lines)
	}
	return c, nil
}

func (c ChangeSet) undoable(now time.Time) bool { return c.UndoneBy.IsZero() && c.UndoTill.After(now) }

// ChangeSets lists change sets, the latest first: those with a line about a resource whose
// rights the actor may read, counting such lines alone. Errors: ErrQuery, secret.ErrCursor.
func (g Grants) ChangeSets(ctx context.Context, by access.Actor, in ident.Org, q ChangeSetQuery) (ChangeSetList, error) {
	var e editor
	return action.View(ctx, g.Run, by, reading(by, in, verbList, in.String(), &e), func(tx *store.Tx) (ChangeSetList, error) {
		f, err := newSetFinder(g.Run.Ring, e, q)
		if err != nil {
			return ChangeSetList{}, err
		}
		var l ChangeSetList
		if l.Total, err = countSets(ctx, tx, f); err != nil {
			return l, err
		}
		found, err := findSets(ctx, tx, f)
		if err != nil {
			return l, err
		}
		if len(found) > f.Size {
			found = found[:f.Size]
			last := found[f.Size-1]
			if l.Next, err = g.Run.Ring.Cursor(f.name(), setSpot{last.MadeAt, last.ID}); err != nil {
				return l, err
			}
		}
		for _, c := range found {
			l.Sets = append(l.Sets, c.ChangeSet)
		}
		return l, countLines(ctx, tx, f, l.Sets)
	})
}

// setSpot is where a page of change sets ended.
type setSpot struct {
	At time.Time
	ID ident.ChangeSet
}

// setFinder is a query of change sets, by somebody.
type setFinder struct {
	ChangeSetQuery

	org   ident.Org
	whole bool // reads rights in the whole organisation
	sites []ident.Site
	after *setSpot
}

func newSetFinder(ring *secret.Ring, e editor, q ChangeSetQuery) (*setFinder, error) {
	f := &setFinder{ChangeSetQuery: q, org: e.held.Org}
	if f.Size == 0 {
		f.Size = DefaultSets
	}
	if f.Page == 0 {
		f.Page = 1
	}
	if f.Size < 1 || f.Size > MaxSets || f.Page < 1 || f.Page > maxPage {
		return nil, ErrQuery
	}
	for _, p := range []access.Permission{access.RightsRead, access.RightsEdit} {
		sites, whole := e.held.Sites(p)
		f.whole, f.sites = f.whole || whole, append(f.sites, sites...)
	}
	if q.After != "" {
		f.after, f.Page = &setSpot{}, 1
		return f, ring.OpenCursor(f.name(), q.After, f.after)
	}
	return f, nil
}

// maxPage is beyond any list: a mistake.
const maxPage = 1_000_000

// name tells the list apart from every other, for its cursors.
func (f *setFinder) name() string {
	return fmt.Sprintf("change-sets|%s|%s|%s", f.org, f.Member, f.Resource)
}
