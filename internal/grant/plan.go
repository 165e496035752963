package grant

import (
	"context"
	"slices"
	"strconv"
	"time"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/store"
	"habilis/internal/text"
)

// wish is one cell as somebody wants it, and where it stands in what they sent.
type wish struct {
	Change

	at    string
	exact *State // to be restored as it was
}

func (w wish) cell() cell { return cell{w.Member, w.Resource} }

// scene is what an edit is judged on, read once: a preview and the act see the same.
type scene struct {
	editor

	now    time.Time
	people map[ident.Member]person
	things map[resource.ID]resource.Resource
	rows   map[cell]row
	// newcomer is created in this very transaction, by whom it is already known.
	newcomer ident.Member
}

func readScene(ctx context.Context, tx *store.Tx, e editor, members []ident.Member, resources []resource.ID) (*scene, error) {
	s := &scene{editor: e, now: tx.Now, rows: map[cell]row{}}
	in := e.held.Org
	var err error
	if s.people, err = readPeople(ctx, tx, in, members, false); err != nil {
		return nil, err
	}
	if s.things, err = readThings(ctx, tx, in, resources); err != nil {
		return nil, err
	}
	rows, err := grantsOn(ctx, tx, in, members, resources)
	for _, r := range rows {
		s.rows[r.cell] = r
	}
	return s, err
}

// readThings reads resources of the organisation, closed ones too.
func readThings(ctx context.Context, tx *store.Tx, in ident.Org, ids []resource.ID) (map[resource.ID]resource.Resource, error) {
	things := make(map[resource.ID]resource.Resource, len(ids))
	for part := range slices.Chunk(ids, maxIn) {
		list, err := resource.Load(ctx, tx, in, part)
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			things[r.ID] = r
		}
	}
	return things, nil
}

// state is what a cell has: what is over is none.
func (s *scene) state(c cell) State {
	r, ok := s.rows[c]
	if !ok || r.over(s.now) {
		return State{}
	}
	return r.State
}

// refusals are the lines that cannot be done, by why.
type refusals struct{ unknown, denied, waiting, wrong, changed fault.Fields }

// err tells of one sort of refusal at a time, the one that says least first: who may not
// know of a resource learns nothing else of it.
func (r *refusals) err() error {
	for _, sort := range []struct {
		list    *fault.Fields
		refusal *fault.Error
	}{{&r.unknown, ErrUnknown}, {&r.denied, ErrNotYours}, {&r.waiting, member.ErrNotActive}, {&r.changed, ErrChangedMeanwhile}} {
		if err := sort.list.Err(); err != nil {
			refusal := *sort.refusal
			refusal.Fields = fault.Of(err).Fields
			return &refusal
		}
	}
	return r.wrong.Err()
}

// plan makes of wishes the lines of a change set: those that change something. Errors:
// the faults of levels, with a field for each line refused.
func (s *scene) plan(wishes []wish) ([]Line, error) {
	var no refusals
	lines := make([]Line, 0, len(wishes))
	for _, w := range lastOfEach(wishes) {
		if !s.known(w, &no) {
			continue
		}
		if l, changes := s.line(w, &no); changes {
			lines = append(lines, l)
		}
	}
	if err := no.err(); err != nil {
		return nil, err
	}
	if len(lines) > MaxChanges {
		return nil, ErrTooMany
	}
	return lines, nil
}

// lastOfEach keeps the last wish about each cell, where the first one stood.
func lastOfEach(wishes []wish) []wish {
	place := make(map[cell]int, len(wishes))
	out := make([]wish, 0, len(wishes))
	for _, w := range wishes {
		if i, met := place[w.cell()]; met {
			out[i] = w
			continue
		}
		place[w.cell()] = len(out)
		out = append(out, w)
	}
	return out
}

// known checks that the editor may know of what the line is about, and change it.
func (s *scene) known(w wish, no *refusals) bool {
	p, there := s.people[w.Member]
	if !there || (p.ID != s.newcomer && !s.sees(p)) {
		no.unknown.Add(w.at+".member", "member.not_found")
		return false
	}
	r, there := s.things[w.Resource]
	switch {
	case !there || !s.knows(r):
		no.unknown.Add(w.at+".resource", resource.ErrNotFound.Code)
		return false
	case !s.edits(r):
		no.denied.Add(w.at+".resource", "grant.resource_not_yours", "Resource", r.Name)
		return false
	}
	return true
}

// line judges one wish; the second value is false when nothing changes.
func (s *scene) line(w wish, no *refusals) (Line, bool) {
	p, r := s.people[w.Member], s.things[w.Resource]
	before := s.state(w.cell())
	after := s.wanted(w, before)
	l := Line{Member: p.ID, MemberName: p.name(), Resource: r, Before: before, After: after}
	switch {
	case Rank(r.Type, w.Level) < 0:
		no.wrong.Add(w.at+".level", "grant.level_unknown", "Resource", r.Name)
		return l, false
	case s.misdated(w, after, no):
		return l, false
	case before.same(after):
		return l, false
	case w.Was != nil && *w.Was != before.Level:
		no.changed.Add(w.at, "grant.cell_changed", "Name", p.name(), "Resource", r.Name,
			"Was", word(r.Type, *w.Was), "Now", word(r.Type, before.Level))
		return l, false
	case after.Level == None:
	case p.waits():
		no.waiting.Add(w.at+".member", member.ErrNotActive.Code)
		return l, false
	case r.Holder == p.ID:
		no.wrong.Add(w.at+".level", "grant.holder", "Name", p.name(), "Resource", r.Name)
		return l, false
	case r.Status != resource.Active:
		no.wrong.Add(w.at+".resource", "grant.closed", "Resource", r.Name)
		return l, false
	}
	return l, true
}

// wanted is the state that a wish asks for. A level that is held already goes on from its
// beginning, unless another is asked for.
func (s *scene) wanted(w wish, before State) State {
	switch {
	case w.exact != nil:
		return *w.exact
	case w.Level == None:
		return State{}
	}
	after := State{Level: w.Level, From: s.now, Until: utc(w.Until)}
	switch {
	case w.From != nil && !s.begun(*w.From):
		after.From = *utc(w.From)
	case before.Level == w.Level && !before.From.After(s.now):
		after.From = before.From
	}
	return after
}

// oneDay is how long ago a beginning may be to mean now: a day of the calendar begins at
// midnight, and is chosen later.
const oneDay = 24 * time.Hour

// begun reports whether a beginning is that of a day under way: it means now.
func (s *scene) begun(from time.Time) bool { return !from.After(s.now) && s.now.Sub(from) < oneDay }

// utc is a time as the database keeps it, so that what is asked equals what is read back.
func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC().Truncate(time.Microsecond)
	return &u
}

// maxYears is until when a level may be dated: beyond is a slip of the keyboard.
const maxYears = 10

// misdated refuses dates that cannot be: an end before the beginning or in the past, a
// beginning in the past other than the one of the level held.
func (s *scene) misdated(w wish, after State, no *refusals) bool {
	if w.exact != nil || after.Level == None {
		return false
	}
	before, far := s.state(w.cell()), s.now.AddDate(maxYears, 0, 0)
	switch {
	case after.From.Before(s.now) && (before.Level != after.Level || !before.From.Equal(after.From)):
		no.wrong.Add(w.at+".from", "grant.starts_in_past")
	case after.From.After(far):
		no.wrong.Add(w.at+".from", "grant.too_far", "Years", maxYears)
	case after.Until != nil && !after.Until.After(s.now):
		no.wrong.Add(w.at+".until", "grant.ends_in_past")
	case after.Until != nil && !after.Until.After(after.From):
		no.wrong.Add(w.at+".until", "grant.ends_before_start")
	case after.Until != nil && after.Until.After(far):
		no.wrong.Add(w.at+".until", "grant.too_far", "Years", maxYears)
	default:
		return false
	}
	return true
}

// word is the text of a level: "Lecture".
func word(t resource.Type, l Level) text.Word {
	return text.Word("level." + string(t) + "." + l.Word())
}

// Word writes the level as documents and forms do: none is WordNone.
func (l Level) Word() string {
	if l == None {
		return WordNone
	}
	return string(l)
}

// ParseLevel reads what Word writes. The second value is false for a text that is no
// level of any type.
func ParseLevel(s string) (Level, bool) {
	if s == WordNone {
		return None, true
	}
	l := Level(s)
	return l, slices.Contains([]Level{Availability, Read, Reply, Manage}, l)
}

// asked are the wishes of a list of changes.
func asked(changes []Change) []wish {
	out := make([]wish, len(changes))
	for i, c := range changes {
		out[i] = wish{Change: c, at: "changes[" + strconv.Itoa(i) + "]"}
	}
	return out
}

// members and resources of wishes, each once.
func subjects(wishes []wish) (members []ident.Member, resources []resource.ID) {
	met, seen := map[ident.Member]bool{}, map[resource.ID]bool{}
	for _, w := range wishes {
		if !met[w.Member] {
			met[w.Member] = true
			members = append(members, w.Member)
		}
		if !seen[w.Resource] {
			seen[w.Resource] = true
			resources = append(resources, w.Resource)
		}
	}
	return members, resources
}
