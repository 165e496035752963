package grant

import (
	"context"
	"slices"

	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// apart is how many warnings of one sort are told one by one: beyond, one tells how many.
const apart = 5

// many ends the code of a warning that stands for several.
const many = "_many"

// weigh says what an edit would do that is worth reading before saving.
func (d *draft) weigh(ctx context.Context, tx *store.Tx) error {
	if slices.ContainsFunc(d.Lines, func(l Line) bool { return l.gains() && d.scene.isSelf(d.scene.people[l.Member]) }) {
		d.warn("yourself")
	}
	d.perPerson("sees_patients", seesPatients)
	d.perPerson("outlives_contract", d.scene.outlives)
	d.perPerson("elsewhere", d.scene.elsewhere)
	d.perPerson("future_only", d.scene.later)
	if err := d.losesAll(ctx, tx); err != nil {
		return err
	}
	return d.unmanaged(ctx, tx)
}

// tally is how many lines of a person, or of a resource, a warning is about.
type tally struct {
	name string
	n    int
}

// perPerson warns of each person of whom some lines are so.
func (d *draft) perPerson(code string, is func(Line) bool) {
	var order []ident.Member
	found := map[ident.Member]tally{}
	for _, l := range d.Lines {
		if !is(l) {
			continue
		}
		t, met := found[l.Member]
		if !met {
			order = append(order, l.Member)
		}
		found[l.Member] = tally{l.MemberName, t.n + 1}
	}
	list := make([]tally, 0, len(order))
	for _, id := range order {
		list = append(list, found[id])
	}
	d.fold(code, list)
}

// fold tells a few one by one, and many as a number.
func (d *draft) fold(code string, list []tally) {
	if len(list) > apart {
		d.warn(code+many, "Count", len(list))
		return
	}
	for _, t := range list {
		d.warn(code, "Name", t.name, "Count", t.n)
	}
}

// seesPatients: names of patients stand on an agenda for whoever reads it.
func seesPatients(l Line) bool {
	t := resource.Agenda
	return l.isOf(t) && Rank(t, l.Before.Level) < Rank(t, Read) && Rank(t, l.After.Level) >= Rank(t, Read)
}

// outlives: the level goes on after the membership, and would come back with it.
func (s *scene) outlives(l Line) bool {
	end := s.people[l.Member].EndsAt
	return end != nil && l.After.Level != None && (l.After.Until == nil || l.After.Until.After(*end))
}

// elsewhere: the member does not work where the resource is.
func (s *scene) elsewhere(l Line) bool {
	return l.gains() && !l.Resource.Site.IsZero() && !slices.Contains(s.people[l.Member].Sites, l.Resource.Site)
}

// later: what is held now ends, and what replaces it begins another day.
func (s *scene) later(l Line) bool { return l.Before.held(s.now) && l.After.From.After(s.now) }

// losesAll warns of who keeps nothing of a domain, as far as the editor knows (AUZ-06).
func (d *draft) losesAll(ctx context.Context, tx *store.Tx) error {
	var losers []ident.Member
	for _, l := range d.Lines {
		if l.After.Level == None && !slices.Contains(losers, l.Member) {
			losers = append(losers, l.Member)
		}
	}
	if len(losers) == 0 {
		return nil
	}
	rows, err := d.scene.knownRows(ctx, tx, losers)
	if err != nil {
		return err
	}
	for _, t := range Domains {
		var list []tally
		for _, id := range losers {
			if lost := d.leftOf(id, t, rows); lost {
				list = append(list, tally{d.scene.people[id].name(), 0})
			}
		}
		d.fold("loses_all."+string(t), list)
	}
	return nil
}

// knownRows are the levels of members on what the editor may know of.
func (s *scene) knownRows(ctx context.Context, tx *store.Tx, members []ident.Member) ([]row, error) {
	rows, err := grantsOf(ctx, tx, s.held.Org, members)
	if err != nil {
		return nil, err
	}
	ids := make([]resource.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.resource
	}
	slices.Sort(ids)
	things, err := readThings(ctx, tx, s.held.Org, slices.Compact(ids))
	return slices.DeleteFunc(rows, func(r row) bool { return !s.knows(things[r.resource]) }), err
}

// leftOf reports whether the edit takes the last levels of a member on a domain.
func (d *draft) leftOf(id ident.Member, t resource.Type, rows []row) bool {
	after := map[resource.ID]State{}
	for _, r := range rows {
		if r.member == id && r.resource.Type() == t && !r.over(d.scene.now) {
			after[r.resource] = r.State
		}
	}
	loses := false
	for _, l := range d.Lines {
		if l.Member == id && l.isOf(t) {
			after[l.Resource.ID] = l.After
			loses = loses || l.After.Level == None
		}
	}
	for _, s := range after {
		if s.Level != None {
			return false
		}
	}
	return loses
}

// unmanaged warns of resources that somebody managed until now, and nobody will.
func (d *draft) unmanaged(ctx context.Context, tx *store.Tx) error {
	after := map[cell]State{}
	var things []resource.ID
	for _, l := range d.Lines {
		after[cell{l.Member, l.Resource.ID}] = l.After
		if l.Before.Level == Manage && (l.After.Level != Manage || !l.After.held(d.scene.now)) && !slices.Contains(things, l.Resource.ID) {
			things = append(things, l.Resource.ID)
		}
	}
	if len(things) == 0 {
		return nil
	}
	managed, err := d.managedAfter(ctx, tx, things, after)
	if err != nil {
		return err
	}
	var list []tally
	for _, id := range things {
		if !managed[id] {
			list = append(list, tally{d.scene.things[id].Name, 0})
		}
	}
	d.fold("unmanaged", list)
	return nil
}

// managedAfter are those of the resources that somebody in force will manage: their
// holder, or who was given it.
func (d *draft) managedAfter(ctx context.Context, tx *store.Tx, things []resource.ID, after map[cell]State) (map[resource.ID]bool, error) {
	in, now := d.scene.held.Org, d.scene.now
	rows, err := managersOf(ctx, tx, in, things)
	if err != nil {
		return nil, err
	}
	held := map[cell]State{}
	var ids []ident.Member
	for _, r := range rows {
		held[r.cell] = r.State
		ids = append(ids, r.member)
	}
	for c, s := range after {
		held[c] = s
		ids = append(ids, c.member)
	}
	for _, id := range things {
		if h := d.scene.things[id].Holder; !h.IsZero() {
			held[cell{h, id}] = State{Level: Manage}
			ids = append(ids, h)
		}
	}
	slices.Sort(ids)
	people, err := readPeople(ctx, tx, in, slices.Compact(ids), false)
	managed := map[resource.ID]bool{}
	for c, s := range held {
		if s.Level == Manage && s.held(now) && people[c.member].inForce(now) {
			managed[c.resource] = true
		}
	}
	return managed, err
}
