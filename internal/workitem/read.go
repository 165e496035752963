package workitem

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Query chooses a page of what a member holds: by cursor for a program; of one kind, by
// number on a page.
type Query struct {
	Kind  Kind // empty: all of them
	Page  int  // from 1; of one kind
	Size  int
	After string // cursor; Page is then ignored

	after *place
}

func (q Query) clean() (Query, error) {
	if q.Size == 0 {
		q.Size = DefaultPageSize
	}
	if q.Page == 0 {
		q.Page = 1
	}
	_, known := q.Kind.Rule()
	if q.Size < 1 || q.Size > MaxPageSize || q.Page < 1 || q.Page > MaxPage || (q.Kind != "" && !known) || (q.Kind == "" && q.Page > 1) {
		return q, ErrQuery
	}
	return q, nil
}

// List is one page, with the exact total.
type List struct {
	Items []Item
	Held  []Holding // by kind, whatever the query's
	Total int64
	Next  string // cursor, empty at the end
}

// Get reads an item. Errors: ErrNotFound, also for one of another organisation, or of
// somebody the actor may not know of (AUZ-01, AUZ-06).
func (w Items) Get(ctx context.Context, by access.Actor, org ident.Org, ref Ref) (Item, error) {
	var i Item
	var eye sight
	act := action.Act{Verb: verbRead, Orgs: []ident.Org{org}, Object: ref.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		i, eye, err = findFor(ctx, tx, by, org, ref)
		if err != nil || eye.whole { // then the owner may have left since
			return []access.Need{access.MemberOf(org)}, err
		}
		return over(ctx, tx, by, org, i.Owner, false)
	}
	return action.View(ctx, w.Run, by, act, func(*store.Tx) (Item, error) { return eye.shown(i), nil })
}

// findFor reads an item for whoever may read some; to others all are forbidden, those that
// are not there too (ENU-03).
func findFor(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org, ref Ref) (Item, sight, error) {
	held, err := access.HeldBy(ctx, tx, by, org)
	if err != nil {
		return Item{}, sight{}, err
	}
	i, err := find(ctx, tx, org, ref)
	mine := err == nil && !held.Member.IsZero() && held.Member == i.Owner
	if !mine && !held.HasAnywhere(access.WorkitemsEdit) {
		return Item{}, sight{}, access.ErrForbidden.With("Permission", string(access.WorkitemsEdit))
	}
	var eye sight
	eye.sites, eye.whole = held.Sites(access.WorkitemsEdit)
	eye.whole = eye.whole || mine
	return i, eye, err
}

// shown is an item as the eye may see it: the site that its owner has left since may be
// one that nothing tells of (AUZ-06).
func (eye sight) shown(i Item) Item {
	if !eye.knows(i.Site) {
		i.Site = ""
	}
	return i
}

// List lists what a member holds, by kind and date. Errors: ErrQuery, member.ErrNotFound,
// secret.ErrCursor.
func (w Items) List(ctx context.Context, by access.Actor, org ident.Org, owner ident.Member, q Query) (List, error) {
	return action.View(ctx, w.Run, by, onMember(by, org, verbList, owner, true), func(tx *store.Tx) (List, error) {
		q, err := q.clean()
		if err != nil {
			return List{}, err
		}
		name := "work items|" + org.String() + "|" + owner.String() + "|" + string(q.Kind)
		if q.After != "" {
			q.after, q.Page = &place{}, 1
			if err := w.Run.Ring.OpenCursor(name, q.After, q.after); err != nil {
				return List{}, err
			}
		}
		var l List
		if l.Held, err = HeldBy(ctx, tx, org, owner); err != nil {
			return List{}, err
		}
		for _, h := range l.Held {
			if q.Kind == "" || q.Kind == h.Kind {
				l.Total += h.Items
			}
		}
		if l.Items, err = q.rows(ctx, tx, org, owner); err != nil {
			return List{}, err
		}
		if len(l.Items) > q.Size {
			l.Items = l.Items[:q.Size]
			last := l.Items[q.Size-1]
			l.Next, err = w.Run.Ring.Cursor(name, place{last.Kind, dueOf(last.Due), last.No})
		}
		return l, firstError(err, w.hide(ctx, tx, by, org, owner, l.Items))
	})
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// hide takes off the items the sites that the actor may not know of.
func (w Items) hide(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org, owner ident.Member, items []Item) error {
	held, err := access.HeldBy(ctx, tx, by, org)
	if err != nil || held.Member == owner {
		return err
	}
	eye, err := look(ctx, tx, by, org)
	for i := range items {
		items[i] = eye.shown(items[i])
	}
	return err
}

// rows reads one more item than the page has, when others follow.
func (q Query) rows(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member) ([]Item, error) {
	var all []Item
	begun := q.after == nil
	for _, k := range Kinds {
		var after *place
		if !begun && k == q.after.Kind {
			begun, after = true, q.after
		}
		if !begun || (q.Kind != "" && q.Kind != k) {
			continue
		}
		some, err := listHeld(ctx, tx, org, owner, k, after, q.Size+1-len(all), (q.Page-1)*q.Size)
		if err != nil {
			return nil, err
		}
		if all = append(all, some...); len(all) > q.Size {
			break
		}
	}
	return all, nil
}

// HeldBy says how many items a member holds of each kind, in the order of Kinds; none of
// which they hold nothing. Whoever calls it has checked that they may be told.
func HeldBy(ctx context.Context, tx *store.Tx, org ident.Org, owner ident.Member) ([]Holding, error) {
	open, err := openItems(ctx, tx, org, owner)
	if err != nil {
		return nil, err
	}
	var held []Holding
	for _, k := range Kinds {
		h := Holding{Kind: k, Items: open[k]}
		if h.Items == 0 {
			continue
		}
		switch r := rules[k]; {
		case r.Timed:
			h.Items, err = countDated(ctx, tx, countFrom, org, owner, k)
		case r.Expires:
			h.Late, err = countDated(ctx, tx, countBefore, org, owner, k)
		}
		if err != nil {
			return nil, err
		}
		if h.Items > 0 {
			held = append(held, h)
		}
	}
	return held, nil
}

// Standing is what the sheet of a member says of what they hold.
type Standing struct {
	Shown bool // else nothing is told
	May   bool // reassign it
	Held  []Holding
}

// OfMember reads what a member holds for their sheet: nothing for whoever may not be told.
func (w Items) OfMember(ctx context.Context, by access.Actor, org ident.Org, owner ident.Member) (Standing, error) {
	act := action.Act{
		Verb: verbList, Orgs: []ident.Org{org}, Object: owner.String(), Subject: owner.String(), Needs: []access.Need{access.MemberOf(org)},
	}
	return action.View(ctx, w.Run, by, act, func(tx *store.Tx) (Standing, error) {
		held, err := access.HeldBy(ctx, tx, by, org)
		if err != nil {
			return Standing{}, err
		}
		s := Standing{Shown: !held.Member.IsZero() && held.Member == owner}
		sites, ok, err := sitesOf(ctx, tx, org, owner)
		if err != nil || !ok {
			return Standing{}, err
		}
		s.May = !slices.ContainsFunc(scopes(org, sites), func(at access.Scope) bool { return !held.Has(access.WorkitemsEdit, at) })
		if s.Shown = s.Shown || s.May; s.Shown {
			s.Held, err = HeldBy(ctx, tx, org, owner)
		}
		return s, err
	})
}
