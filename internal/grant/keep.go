package grant

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/changeset"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
)

// keep writes a change set of levels, its record and what follows.
func (d *draft) keep(ctx context.Context, tx *action.Tx) (ChangeSet, error) {
	c := d.ChangeSet
	in, by := d.scene.held.Org, giver(d.scene.by)
	set := changeset.Set{ID: ident.NewChangeSet(), Kind: c.Kind, Reason: c.Reason, By: by, MadeBy: d.scene.by.Name, Undoes: c.Undoes}
	if set.MadeBy == "" {
		names, err := member.GiverNames(ctx, tx.Tx, []string{by})
		if err != nil {
			return c, err
		}
		set.MadeBy = names[by]
	}
	lines, err := d.write(ctx, tx, &set)
	if err != nil {
		return c, err
	}
	if set, err = changeset.Write(ctx, tx.Tx, in, set, lines); err != nil {
		return c, err
	}
	keptAs(&d.ChangeSet, set)
	tx.Record(d.event(d.ChangeSet))
	d.MayUndo = true
	return d.ChangeSet, nil
}

// keptAs says of a change set what was kept of it.
func keptAs(c *ChangeSet, s changeset.Set) {
	c.ID, c.MadeAt, c.MadeBy, c.UndoTill = s.ID, s.MadeAt, s.MadeBy, s.UndoTill()
}

// write writes the levels of a change set and orders its letters; it gives its lines.
func (d *draft) write(ctx context.Context, tx *action.Tx, set *changeset.Set) ([]changeset.Line, error) {
	var old []ident.Grant
	var given []Line
	lines := make([]changeset.Line, len(d.Lines))
	for i, l := range d.Lines {
		if r, open := d.scene.rows[cell{l.Member, l.Resource.ID}]; open {
			old = append(old, r.id)
		}
		if l.After.Level != None {
			d.Lines[i].After.GivenBy, d.Lines[i].After.GivenAt = set.MadeBy, tx.Now
			given = append(given, l)
		}
		lines[i] = l.kept()
	}
	in := d.scene.held.Org
	if err := closeRows(ctx, tx.Tx, in, old); err != nil {
		return nil, err
	}
	if err := insertRows(ctx, tx.Tx, in, given, set.By, set.ID); err != nil {
		return nil, err
	}
	d.tell(tx, d.ChangeSet)
	return lines, nil
}

// kept is the line as package changeset keeps it.
func (l Line) kept() changeset.Line {
	return changeset.Line{
		Key:    changeset.Key{Domain: changeset.Level, Member: l.Member, Object: l.Resource.ID.String()},
		Before: l.Before.kept(), After: l.After.kept(), Site: l.Resource.Site, Count: 1,
	}
}

func (s State) kept() changeset.State {
	if s.Level == None {
		return changeset.State{}
	}
	return changeset.State{Value: string(s.Level), From: s.From, Until: s.Until}
}

// namedAtMost bounds the names by which an event is found, and toldAtMost those that its
// sentence tells.
const namedAtMost, toldAtMost = 20, 3

// event is the one record of a change set of levels.
func (d *draft) event(c ChangeSet) audit.Event {
	e := eventOf(d.scene.held.Org, verbChange, c)
	if site := c.Lines[0].Resource.Site; !slices.ContainsFunc(c.Lines, func(l Line) bool { return l.Resource.Site != site }) {
		if e.Site = site; !site.IsZero() {
			e.Names["site"] = c.Lines[0].Resource.SiteName
		}
	}
	return e
}

// eventOf is the record of a change set, but for where it happened.
func eventOf(in ident.Org, verb string, c ChangeSet) audit.Event {
	e := audit.Event{
		Org: in, Verb: verb, Object: c.ID.String(), Names: map[string]string{}, Before: map[string]any{}, After: map[string]any{},
	}
	if c.People == 1 && c.ByDomain[changeset.GroupRecord] == 0 {
		e.Subject = c.concerned()[0].String()
	}
	for _, m := range c.concerned() {
		e.About = append(e.About, m.String())
	}
	nameAll(&e, c.names())
	if c.Reason != "" {
		e.After["reason"] = c.Reason
	}
	if len(c.Lines) == 0 {
		return e
	}
	var before, after []any
	for _, l := range c.Lines {
		before, after = append(before, facts(l, l.Before)), append(after, facts(l, l.After))
	}
	e.Before["levels"], e.After["levels"] = before, after
	return e
}

// concerned are the members of the lines, each once, and names their names in that order.
func (c ChangeSet) concerned() (ids []ident.Member) {
	c.each(func(id ident.Member, _ string) { ids = append(ids, id) })
	return ids
}

func (c ChangeSet) names() (names []string) {
	c.each(func(_ ident.Member, name string) { names = append(names, name) })
	return names
}

func (c ChangeSet) each(fn func(ident.Member, string)) {
	met := map[ident.Member]bool{"": true}
	one := func(id ident.Member, name string) {
		if !met[id] {
			met[id] = true
			fn(id, name)
		}
	}
	for _, l := range c.Lines {
		one(l.Member, l.MemberName)
	}
	for _, l := range c.Rights {
		one(l.Member, l.MemberName)
	}
}

// nameAll puts the people of an event into its names: the first few as the sentence tells
// them, and each apart, to be found by.
func nameAll(e *audit.Event, all []string) {
	var names []string
	for _, name := range all {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		if len(names) == namedAtMost {
			break
		}
	}
	told := slices.Clone(names[:min(len(names), toldAtMost)])
	if len(names) > toldAtMost {
		told = append(told, "…")
	}
	e.Names["member"] = strings.Join(told, ", ")
	if len(names) <= 1 {
		return
	}
	for i, name := range names {
		e.Names["member"+strconv.Itoa(i+1)] = name
	}
}

// facts are one side of a line as the trail keeps it. The site lets the trail leave out
// what a reader may not know of (AUZ-06).
func facts(l Line, s State) map[string]any {
	f := map[string]any{"member": l.Member.String(), "resource": l.Resource.ID.String(), "name": l.Resource.Name, "level": s.Level.Word()}
	if !l.Resource.Site.IsZero() {
		f["site"] = l.Resource.Site.String()
	}
	if s.Level != None {
		f["from"] = s.From.UTC().Format(time.RFC3339Nano)
		if s.Until != nil {
			f["until"] = s.Until.UTC().Format(time.RFC3339Nano)
		}
	}
	return f
}

// gains reports whether a line gives more than there was.
func (l Line) gains() bool {
	return Rank(l.Resource.Type, l.After.Level) > Rank(l.Resource.Type, l.Before.Level)
}

// typed counts lines by the type of their resource.
func (l Line) isOf(t resource.Type) bool { return l.Resource.Type == t }
