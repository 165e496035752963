package grant

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// Given is a level that somebody gets when they come in: with their creation (MEM-1), or
// with their invitation (MEM-9).
type Given struct {
	Resource resource.ID
	Level    Level
	From     *time.Time // nil: from the moment they come in
	Until    *time.Time
}

// Welcome is all the levels that somebody gets when they come in: those of a colleague,
// then those named, which win.
type Welcome struct {
	Given []Given
	Like  *Like
}

// Like is «Utiliser les mêmes droits que» for somebody who is no member yet (RGT-4). Starts
// and Ends, if any, narrow each level: none lasts longer than the colleague's (RGT-8).
type Like struct {
	From    ident.Member
	Domains []resource.Type
	Starts  *time.Time
	Ends    *time.Time
}

// dated narrows what is copied; what would be over before it begins is left out.
func (l *Like) dated(wishes []wish) []wish {
	if l == nil || (l.Starts == nil && l.Ends == nil) {
		return wishes
	}
	var out []wish
	for _, w := range wishes {
		if w.Level == None {
			continue
		}
		if l.Starts != nil && (w.From == nil || w.From.Before(*l.Starts)) {
			w.From = l.Starts
		}
		if l.Ends != nil && (w.Until == nil || w.Until.After(*l.Ends)) {
			w.Until = l.Ends
		}
		over := w.From != nil && w.Until != nil && !w.Until.After(*w.From)
		if !over || (l.Starts != nil && l.Ends != nil && !l.Ends.After(*l.Starts)) { // the second is refused, and told
			out = append(out, w)
		}
	}
	return out
}

// Empty reports whether nothing is given.
func (w Welcome) Empty() bool { return len(w.Given) == 0 && w.Like == nil }

// wanted is the welcome as an edit for the member.
func (w Welcome) wanted(m ident.Member) Wanted {
	var out Wanted
	for _, g := range w.Given {
		out.Changes = append(out.Changes, Change{Member: m, Resource: g.Resource, Level: g.Level, From: g.From, Until: g.Until})
	}
	if w.Like != nil {
		out.Clone = &Clone{From: w.Like.From, To: []ident.Member{m}, Domains: w.Like.Domains}
	}
	return out
}

// Newcomer is what is known of somebody who is no member yet.
type Newcomer struct {
	Name   string
	Sites  []ident.Site
	EndsAt *time.Time // of the membership
}

// Foresee says what a welcome would give, with its warnings: it refuses what ApplyIn would
// refuse, and keeps nothing. Errors: those of Apply.
func Foresee(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, who Newcomer, w Welcome) (ChangeSet, error) {
	if w.Empty() {
		return ChangeSet{Kind: Creation}, nil
	}
	if len(w.Given) > MaxChanges {
		return ChangeSet{}, ErrTooMany
	}
	e, err := lookAs(ctx, tx, by, in)
	if err != nil {
		return ChangeSet{}, err
	}
	nobody := person{ID: ident.NewMember(), Given: who.Name, Status: member.Created, Sites: who.Sites, EndsAt: who.EndsAt}
	wanted := w.wanted(nobody.ID)
	wishes, skipped, err := cloned(ctx, tx, e, wanted.Clone, nobody.ID)
	if err != nil {
		return ChangeSet{}, err
	}
	wishes = append(w.Like.dated(wishes), asked(wanted.Changes)...)
	d := draft{ChangeSet: ChangeSet{Kind: Creation}}
	_, things := subjects(wishes)
	if d.scene, err = readScene(ctx, tx, e, nil, things); err != nil {
		return d.ChangeSet, err
	}
	d.scene.newcomer, d.scene.people[nobody.ID] = nobody.ID, nobody
	if d.Lines, err = d.scene.plan(wishes); err != nil {
		return d.ChangeSet, err
	}
	d.count()
	if skipped > 0 {
		d.warn("clone_partial", "Count", skipped)
	}
	err = d.weigh(ctx, tx)
	return d.ChangeSet, err
}

// Lasting are the levels of a change set as they can be given later to somebody else:
// what began already begins when they come in.
func (c ChangeSet) Lasting(now time.Time) []Given {
	out := make([]Given, 0, len(c.Lines))
	for _, l := range c.Lines {
		g := Given{Resource: l.Resource.ID, Level: l.After.Level, Until: l.After.Until}
		if l.After.From.After(now) {
			from := l.After.From
			g.From = &from
		}
		out = append(out, g)
	}
	return out
}

// Facts are the levels of a change set as a trail keeps them.
func (c ChangeSet) Facts() []any {
	list := make([]any, 0, len(c.Lines))
	for _, l := range c.Lines {
		list = append(list, facts(l, l.After))
	}
	return list
}

// MayGive reports whether by may give all of it now: whoever lost the right to, or does
// not know of a resource any more, may not (rules.md 13).
func MayGive(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, given []Given) (bool, error) {
	if len(given) == 0 {
		return true, nil
	}
	e, err := lookAs(ctx, tx, by, in)
	if err != nil {
		return false, err
	}
	ids := make([]resource.ID, 0, len(given))
	for _, g := range given {
		ids = append(ids, g.Resource)
	}
	things, err := readThings(ctx, tx, in, ids)
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		if r, there := things[id]; !there || !e.knows(r) || !e.edits(r) {
			return false, nil
		}
	}
	return true, nil
}

// Welcomed gives a new member what their invitation promised, on the authority of whoever
// invited, in the transaction in which they come in. What is over, closed, or theirs as
// its holder is left out.
func Welcomed(ctx context.Context, tx *action.Tx, as access.Actor, in ident.Org, m ident.Member, given []Given) error {
	if len(given) == 0 {
		return nil
	}
	ids := make([]resource.ID, 0, len(given))
	for _, g := range given {
		ids = append(ids, g.Resource)
	}
	things, err := readThings(ctx, tx.Tx, in, ids)
	if err != nil {
		return err
	}
	var w Welcome
	for _, g := range given {
		r, there := things[g.Resource]
		if !there || r.Status != resource.Active || r.Holder == m || (g.Until != nil && !g.Until.After(tx.Now)) {
			continue
		}
		if g.From != nil && !g.From.After(tx.Now) {
			g.From = nil
		}
		w.Given = append(w.Given, g)
	}
	_, err = applyAs(ctx, tx, as, in, m, w.wanted(m))
	return err
}
