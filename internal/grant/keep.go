package grant

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
)

// keep writes a change set, its record and what follows.
func (d *draft) keep(ctx context.Context, tx *action.Tx) (ChangeSet, error) {
	c := d.ChangeSet
	c.ID, c.MadeAt, c.MadeBy = ident.NewChangeSet(), tx.Now, d.scene.by.Name
	c.UndoTill = c.MadeAt.Add(UndoFor)
	in, by := d.scene.held.Org, giver(d.scene.by)
	if c.MadeBy == "" {
		names, err := member.GiverNames(ctx, tx.Tx, []string{by})
		if err != nil {
			return c, err
		}
		c.MadeBy = names[by]
	}
	var old []ident.Grant
	var given []Line
	for i, l := range c.Lines {
		if r, open := d.scene.rows[cell{l.Member, l.Resource.ID}]; open {
			old = append(old, r.id)
		}
		if l.After.Level != None {
			c.Lines[i].After.GivenBy, c.Lines[i].After.GivenAt = c.MadeBy, tx.Now
			given = append(given, l)
		}
	}
	if err := closeRows(ctx, tx.Tx, in, old); err != nil {
		return c, err
	}
	if err := insertSet(ctx, tx.Tx, in, c, by); err != nil {
		return c, err
	}
	if err := insertRows(ctx, tx.Tx, in, given, by, c.ID); err != nil {
		return c, err
	}
	if err := insertLines(ctx, tx.Tx, in, c.ID, c.Lines); err != nil {
		return c, err
	}
	tx.Record(d.event(c))
	d.tell(tx, c)
	c.MayUndo = true
	return c, nil
}

// namedAtMost bounds the names by which an event is found, and toldAtMost those that its
// sentence tells.
const namedAtMost, toldAtMost = 20, 3

// event is the one record of a change set.
func (d *draft) event(c ChangeSet) audit.Event {
	e := audit.Event{
		Org: d.scene.held.Org, Verb: verbChange, Object: c.ID.String(), Names: map[string]string{},
		Before: map[string]any{}, After: map[string]any{},
	}
	if c.Kind == Undo {
		e.Verb = verbUndo
		e.Before["change_set"], e.After["change_set"] = c.Undoes.String(), c.ID.String()
	}
	if c.People == 1 {
		e.Subject = c.Lines[0].Member.String()
	}
	nameAll(&e, c.Lines)
	if site := c.Lines[0].Resource.Site; !slices.ContainsFunc(c.Lines, func(l Line) bool { return l.Resource.Site != site }) {
		if e.Site = site; !site.IsZero() {
			e.Names["site"] = c.Lines[0].Resource.SiteName
		}
	}
	if c.Reason != "" {
		e.After["reason"] = c.Reason
	}
	var before, after []any
	for _, l := range c.Lines {
		before, after = append(before, facts(l, l.Before)), append(after, facts(l, l.After))
	}
	e.Before["levels"], e.After["levels"] = before, after
	return e
}

// nameAll puts the people of an event into its names: the first few as the sentence tells
// them, and each apart, to be found by.
func nameAll(e *audit.Event, lines []Line) {
	var names []string
	for _, l := range lines {
		if !slices.Contains(names, l.MemberName) {
			names = append(names, l.MemberName)
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
	if len(names) == 1 {
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
