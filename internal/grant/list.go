package grant

import (
	"context"
	"fmt"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/changeset"
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

// readers of change sets hold one of these, somewhere.
var setReaders = []access.Permission{access.RightsRead, access.RightsEdit, access.DelegationsEdit, access.GroupsEdit}

// readingSets describes a consultation of change sets. Of those who hold none of the
// permissions, whom delegations concern may ask: what they may not know of is not found.
func readingSets(by access.Actor, in ident.Org, verb, object string, e *editor) action.Act {
	act := action.Act{Verb: verb, Orgs: []ident.Org{in}, Object: object}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if *e, err = lookAs(ctx, tx, by, in); err != nil {
			return nil, err
		}
		if !e.held.Member.IsZero() && !slices.ContainsFunc(setReaders, e.held.HasAnywhere) {
			if yes, err := concerns(ctx, tx, e.held); err != nil || yes {
				return []access.Need{access.MemberOf(in)}, err
			}
		}
		return somewhere(e.held, setReaders...), nil
	}
	return act
}

// ChangeSet reads one change set, as far as the actor may know of it. Errors:
// ErrNoSuchSet, also when they may know of none of its lines.
func (g Grants) ChangeSet(ctx context.Context, by access.Actor, in ident.Org, id ident.ChangeSet) (ChangeSet, error) {
	var e editor
	return action.View(ctx, g.Run, by, readingSets(by, in, verbRead, id.String(), &e), func(tx *store.Tx) (ChangeSet, error) {
		set, found, err := changeset.Find(ctx, tx, in, id)
		if err != nil {
			return ChangeSet{}, err
		}
		lines, err := changeset.Lines(ctx, tx, in, id)
		if err != nil {
			return ChangeSet{}, err
		}
		r, err := e.consult(ctx, tx, lines)
		if err != nil {
			return ChangeSet{}, err
		}
		if !found || !slices.ContainsFunc(lines, r.knowsLine) {
			return ChangeSet{}, ErrNoSuchSet
		}
		return r.told(ctx, tx, set, lines)
	})
}

// told makes of a stored change set what the reader may know of it.
func (g *register) told(ctx context.Context, tx *store.Tx, set changeset.Set, lines []changeset.Line) (ChangeSet, error) {
	c := setOf(set)
	c.MayUndo = set.PartOf == "" && c.undoable(tx.Now)
	var known []changeset.Line
	for _, l := range lines {
		if !g.knowsLine(l) {
			c.MayUndo = false
			continue
		}
		c.MayUndo = c.MayUndo && g.mayUndo(l)
		known = append(known, l)
	}
	g.tell(&c, known)
	if !c.MayUndo || len(c.Rights) > 0 {
		return c, nil
	}
	s, stored, err := g.levels(ctx, tx, known)
	if err != nil {
		return c, err
	}
	c.MayUndo = len(s.left(stored)) < len(stored)
	return c, nil
}

// levels reads what lines about levels are judged on.
func (g *register) levels(ctx context.Context, tx *store.Tx, lines []changeset.Line) (*scene, []storedLine, error) {
	stored := make([]storedLine, len(lines))
	for i, l := range lines {
		stored[i] = storedLevel(l)
	}
	s, err := sceneOf(ctx, tx, g.editor, stored)
	return s, stored, err
}

// setOf is a stored change set, without its lines.
func setOf(s changeset.Set) ChangeSet {
	c := ChangeSet{Kind: s.Kind, Reason: s.Reason, Undoes: s.Undoes, UndoneBy: s.UndoneBy}
	keptAs(&c, s)
	return c
}

func (c ChangeSet) undoable(now time.Time) bool { return c.UndoneBy.IsZero() && c.UndoTill.After(now) }

// ChangeSets lists change sets, the latest first: those with a line of which the actor may
// know, counting such lines alone. Errors: ErrQuery, secret.ErrCursor.
func (g Grants) ChangeSets(ctx context.Context, by access.Actor, in ident.Org, q ChangeSetQuery) (ChangeSetList, error) {
	var e editor
	act := reading(by, in, verbList, in.String(), &e)
	resolve := act.Resolve
	act.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		if _, err := resolve(ctx, tx); err != nil {
			return nil, err
		}
		return somewhere(e.held, setReaders...), nil
	}
	return action.View(ctx, g.Run, by, act, func(tx *store.Tx) (ChangeSetList, error) {
		f, err := e.setQuery(g.Run.Ring, q)
		if err != nil {
			return ChangeSetList{}, err
		}
		var l ChangeSetList
		if l.Total, err = changeset.Total(ctx, tx, in, f.Query); err != nil {
			return l, err
		}
		found, err := changeset.List(ctx, tx, in, f.Query)
		if err != nil {
			return l, err
		}
		if size := f.Limit - 1; len(found) > size {
			found = found[:size]
			last := found[size-1]
			if l.Next, err = g.Run.Ring.Cursor(f.name, changeset.Spot{At: last.MadeAt, ID: last.ID}); err != nil {
				return l, err
			}
		}
		l.Sets, err = counted(ctx, tx, in, f.Query, found)
		return l, err
	})
}

// counted are the sets of a page with their counts.
func counted(ctx context.Context, tx *store.Tx, in ident.Org, q changeset.Query, found []changeset.Set) ([]ChangeSet, error) {
	ids := make([]ident.ChangeSet, len(found))
	for i, s := range found {
		ids[i] = s.ID
	}
	counts, err := changeset.Count(ctx, tx, in, q, ids)
	sets := make([]ChangeSet, len(found))
	for i, s := range found {
		n := counts[s.ID]
		sets[i] = setOf(s)
		sets[i].Changes, sets[i].People, sets[i].Resources, sets[i].ByDomain = n.Lines, n.People, n.Things, n.ByDomain
	}
	return sets, err
}

// setQuery is a query of change sets by somebody, with the name of its list.
type setQuery struct {
	changeset.Query

	name string
}

func (e editor) setQuery(ring *secret.Ring, q ChangeSetQuery) (setQuery, error) {
	if q.Size == 0 {
		q.Size = DefaultSets
	}
	if q.Page == 0 {
		q.Page = 1
	}
	f := setQuery{Query: changeset.Query{Sight: e.sights(), Member: q.Member, Object: q.Object}}
	if q.Resource != "" {
		f.Object = q.Resource.String()
	}
	f.name = fmt.Sprintf("change-sets|%s|%s|%s", e.held.Org, f.Member, f.Object)
	if q.Size < 1 || q.Size > MaxSets || q.Page < 1 || q.Page > maxPage {
		return f, ErrQuery
	}
	f.Limit, f.Offset = q.Size+1, (q.Page-1)*q.Size // one more, to tell whether there is another page
	if q.After == "" {
		return f, nil
	}
	f.After, f.Offset = &changeset.Spot{}, 0
	return f, ring.OpenCursor(f.name, q.After, f.After)
}

// maxPage is beyond any list: a mistake.
const maxPage = 1_000_000
