package workitem

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Register makes an item, or changes it from the version that was read. The same again
// changes nothing. Errors: fields to correct; ErrNoVersion when it is there, is otherwise,
// and no version is named; ErrStale, ErrFull.
func (w Items) Register(ctx context.Context, by access.Actor, org ident.Org, l Line) (Registered, error) {
	act := registering(org, verbRegister, l.String())
	return action.Run(ctx, w.Run, by, act, func(tx *action.Tx) (Registered, error) {
		p, err := prepare(ctx, tx.Tx, org, []Line{l}, func(int) func(string) string { return here })
		if err != nil {
			return Registered{}, err
		}
		s := p.steps[0]
		switch {
		case s.refused != nil:
			return Registered{}, s.refused
		case !s.Changed:
			return s.Registered, action.Nothing
		}
		if err := p.write(ctx, tx.Tx); err != nil {
			return Registered{}, err
		}
		name, err := nameOf(ctx, tx.Tx, org, s.Owner)
		tx.Record(s.event(act.Verb, name))
		return s.Registered, err
	})
}

// RegisterMany registers items, MaxTogether at most, whole or not at all. Errors: fields to
// correct, each at items[n]; ErrFull.
func (w Items) RegisterMany(ctx context.Context, by access.Actor, org ident.Org, lines []Line) (Report, error) {
	act := registering(org, verbRegisterMany, org.String())
	return action.Run(ctx, w.Run, by, act, func(tx *action.Tx) (Report, error) {
		if n := len(lines); n == 0 || n > MaxTogether {
			return Report{}, fault.OnField("items", "workitem.together", "Max", MaxTogether)
		}
		p, err := prepare(ctx, tx.Tx, org, lines, ofLine)
		if err != nil {
			return Report{}, err
		}
		r, err := p.report()
		switch {
		case err != nil:
			return Report{}, err
		case r.Made+r.Changed == 0:
			return r, action.Nothing
		}
		tx.Record(audit.Event{
			Org: org, Verb: act.Verb, Object: org.String(),
			After: map[string]any{"items": len(lines), "items_made": r.Made, "items_changed": r.Changed, "item_sources": p.sources()},
		})
		return r, p.write(ctx, tx.Tx)
	})
}

// plan is what lines come to, on what is there.
type plan struct {
	org   ident.Org
	steps []step
}

// step is one line: the item as it will be, and as it was.
type step struct {
	Registered

	old     *Item
	refused *fault.Error // the version says no
}

func prepare(ctx context.Context, tx *store.Tx, org ident.Org, lines []Line, at func(int) func(string) string) (plan, error) {
	var f fault.Fields
	p := plan{org: org, steps: make([]step, len(lines))}
	lines = slices.Clone(lines)
	seen := map[Ref]bool{}
	for i, l := range lines {
		if enough(&f) {
			break
		}
		lines[i] = l.check(&f, at(i))
		if seen[l.Ref] {
			f.Add(at(i)("external_id"), "workitem.twice")
		}
		seen[l.Ref] = true
	}
	if f.Err() != nil {
		return p, f.Err()
	}
	if err := p.match(ctx, tx, lines); err != nil {
		return p, err
	}
	return p, p.checkPeople(ctx, tx, &f, at)
}

// checkPeople notes in f the owners that are no members in the organisation, and the sites that
// are not their owner's, of what is new or changed: an item of somebody who left may be closed.
func (p plan) checkPeople(ctx context.Context, tx *store.Tx, f *fault.Fields, at func(int) func(string) string) error {
	people, err := p.owners(ctx, tx)
	if err != nil {
		return err
	}
	for i := range p.steps {
		s := &p.steps[i]
		o, known := people[s.Owner]
		switch {
		case enough(f):
		case s.State == Detached && (s.Made || s.old != nil && s.old.State != Detached):
			f.Add(at(i)("state"), "workitem.state") // a departure makes it so, no application
		case (s.newOwner() || s.reopened()) && !known:
			f.Add(at(i)("owner"), "workitem.owner")
		case s.newSite() && !slices.Contains(o.sites, s.Site):
			f.Add(at(i)("site"), "workitem.site")
		}
	}
	return f.Err()
}

// newOwner reports whether the owner is to be one who was not, or takes up again what was detached.
func (s step) newOwner() bool {
	return s.refused == nil && (s.Made || (s.old != nil && (s.old.Owner != s.Owner || s.old.State == Detached && s.State == Open)))
}

// reopened reports whether what was closed is to be open again: somebody must hold it.
func (s step) reopened() bool {
	return s.refused == nil && s.old != nil && s.old.State != Open && s.State == Open
}

// newSite reports whether the site is to be one that was not, or that of another owner.
func (s step) newSite() bool {
	return !s.Site.IsZero() && (s.newOwner() || (s.old != nil && s.old.Site != s.Site))
}

// enough reports whether f tells all that one answer should: a thousand points to correct
// would help nobody.
func enough(f *fault.Fields) bool {
	err := f.Err()
	return err != nil && len(fault.Of(err).Fields) >= maxWrong
}

// match finds what is there of each line.
func (p plan) match(ctx context.Context, tx *store.Tx, lines []Line) error {
	refs := make([]Ref, len(lines))
	for i := range lines {
		refs[i] = lines[i].Ref
	}
	there, err := findAll(ctx, tx, p.org, refs)
	if err != nil {
		return err
	}
	for i, l := range lines {
		old, ok := there[l.Ref]
		s := &p.steps[i]
		s.Item = Item{Ref: l.Ref, Details: l.Details, Org: p.org, Version: 1, CreatedAt: tx.Now, ChangedAt: tx.Now}
		switch {
		case !ok && l.Version != 0:
			s.refused = ErrStale
		case !ok:
			s.Made, s.Changed = true, true
		case l.Version != 0 && l.Version != old.Version:
			s.refused = ErrStale
		case old.equal(l.Details):
			s.Item = old
		case l.Version == 0:
			s.refused = ErrNoVersion
		default:
			s.old, s.Changed = &old, true
			s.No, s.Version, s.CreatedAt = old.No, old.Version+1, old.CreatedAt
		}
	}
	return nil
}

func (p plan) report() (r Report, err error) {
	var f fault.Fields
	for i := range p.steps {
		s := &p.steps[i]
		switch {
		case s.refused != nil && !enough(&f):
			f.Add(ofLine(i)("version"), s.refused.Code)
		case s.Made:
			r.Made++
		case s.Changed:
			r.Changed++
		default:
			r.Unchanged++
		}
	}
	return r, f.Err()
}

func (p plan) sources() []string {
	var list []string
	for i := range p.steps {
		list = append(list, p.steps[i].Source)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// write makes and changes the items, and counts them.
func (p plan) write(ctx context.Context, tx *store.Tx) error {
	counts := tally{}
	var made []Item
	total, err := readTotal(ctx, tx, p.org)
	if err != nil {
		return err
	}
	for i := range p.steps {
		s := &p.steps[i]
		switch {
		case s.Made:
			total.lastNo++
			s.No = total.lastNo
			made = append(made, s.Item)
		case s.Changed:
			if err := update(ctx, tx, s.Item); err != nil {
				return err
			}
			counts.add(*s.old, -1)
		default:
			continue
		}
		counts.add(s.Item, 1)
	}
	if total.items += int64(len(made)); total.items > MaxItems && len(made) > 0 {
		return ErrFull
	}
	if err := insert(ctx, tx, made); err != nil {
		return err
	}
	if err := writeTotal(ctx, tx, p.org, total); err != nil {
		return err
	}
	return counts.write(ctx, tx, p.org)
}

// event is the record of what was registered of one item; no title is kept in it.
func (s step) event(verb, owner string) audit.Event {
	e := event(s.Item, verb, owner)
	e.After = s.facts()
	if s.old == nil {
		return e
	}
	e.Before = s.old.facts()
	if s.Title != s.old.Title {
		e.After["title_changed"] = true
	}
	for k, v := range e.Before {
		if e.After[k] == v {
			delete(e.Before, k)
			delete(e.After, k)
		}
	}
	return e
}

func event(i Item, verb, owner string) audit.Event {
	return audit.Event{
		Org: i.Org, Verb: verb, Object: i.String(), Site: i.Site, Names: map[string]string{"member": owner, "item": i.String()},
	}
}

func (i Item) facts() map[string]any {
	m := map[string]any{
		"item_kind": string(i.Kind), "item_state": string(i.State), "owner": i.Owner.String(), "site": i.Site.String(), "due_at": "",
	}
	if i.Due != nil {
		m["due_at"] = i.Due.UTC().Format(time.RFC3339)
	}
	return m
}

// Remove takes an item out; version is the one that was read, 0: whichever is there.
// Errors: ErrNotFound, ErrStale.
func (w Items) Remove(ctx context.Context, by access.Actor, org ident.Org, ref Ref, version int64) error {
	act := registering(org, verbRemove, ref.String())
	_, err := action.Run(ctx, w.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		old, err := find(ctx, tx.Tx, org, ref)
		switch {
		case err != nil:
			return struct{}{}, err
		case version != 0 && version != old.Version:
			return struct{}{}, ErrStale
		}
		name, err := nameOf(ctx, tx.Tx, org, old.Owner)
		if err != nil {
			return struct{}{}, err
		}
		e := event(old, act.Verb, name)
		e.Before = old.facts()
		tx.Record(e)
		return struct{}{}, remove(ctx, tx.Tx, old)
	})
	return err
}

func find(ctx context.Context, tx *store.Tx, org ident.Org, ref Ref) (Item, error) {
	all, err := findAll(ctx, tx, org, []Ref{ref})
	if err != nil {
		return Item{}, err
	}
	i, ok := all[ref]
	if !ok {
		return Item{}, ErrNotFound
	}
	return i, nil
}
