package grant_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// spot is a cell of the walk.
type spot struct {
	m ident.Member
	r resource.ID
}

// kept is a level as the model keeps it: what is over stays until somebody changes it.
type kept struct {
	level grant.Level
	from  time.Time
	until *time.Time
}

func (k kept) over(at time.Time) bool { return k.until != nil && !k.until.After(at) }

func (k kept) same(o kept) bool {
	if k.level == grant.None || o.level == grant.None {
		return k.level == o.level
	}
	return k.level == o.level && k.from.Equal(o.from) && (k.until == nil) == (o.until == nil) && (k.until == nil || k.until.Equal(*o.until))
}

func stateOf(s grant.State) kept { return kept{s.Level, s.From, s.Until} }

// levelWalk makes random edits, and keeps beside them a model written from the words of
// product.md: what each cell has, and what each change set did.
type levelWalk struct {
	*levels

	model                 map[spot]kept
	sets                  []walked
	done, refused, undone int
}

// walked is a change set as the model remembers it.
type walked struct {
	id     ident.ChangeSet
	lines  map[spot][2]kept
	at     time.Time
	undone bool
}

// RGT-1 to RGT-5, RGT-8: whatever edits, clones and undos whoever makes, what was looked at
// beforehand is what happens, a cell has what the last edit of it said, and an undo gives
// back what was before where nobody changed it since, and touches nothing else.
func TestRandomLevels(t *testing.T) {
	clock := &storetest.Clock{}
	storetest.EachWith(t, storetest.Options{Clock: clock.Now, NoTwin: true}, func(t *testing.T, db *store.DB) {
		k := &levelWalk{levels: newLevels(t, db, clock), model: map[spot]kept{}}
		rapid.Check(t, func(r *rapid.T) {
			k.model, k.sets = k.rows(r), nil // a failure is looked for again on what the first one left
			for range rapid.IntRange(1, 8).Draw(r, "steps") {
				k.step(r)
				k.compare(r)
			}
		})
		if k.done < 30 || k.refused < 10 || k.undone < 10 {
			t.Errorf("the walk says little: %d done, %d undone, %d refused", k.done, k.undone, k.refused)
		}
		t.Logf("%d edits done, %d undone, %d refused", k.done, k.undone, k.refused)
	})
}

func (k *levelWalk) step(r *rapid.T) {
	switch rapid.IntRange(0, 9).Draw(r, "what") {
	case 0:
		k.clock.Add(time.Duration(rapid.IntRange(1, 40).Draw(r, "hours")) * time.Hour)
	case 1, 2, 3:
		if len(k.sets) > 0 {
			k.undo(r, rapid.IntRange(max(0, len(k.sets)-4), len(k.sets)-1).Draw(r, "set"))
		}
	default:
		k.edit(r)
	}
}

var (
	walkPeople = []string{"julie", "lea", "paul", "ines", "claire"}
	walkThings = []string{"ines", "room", "emile", "desk"}
	walkActors = []string{"claire", "claire", "nadege", "gaelle", "hugo"}
)

func (k *levelWalk) wanted(r *rapid.T) grant.Wanted {
	now := k.db.Now()
	when := func(label string) *time.Time {
		h := rapid.IntRange(-6, 30).Draw(r, label)
		if h <= 0 {
			return nil
		}
		at := now.Add(time.Duration(h) * time.Hour)
		return &at
	}
	var w grant.Wanted
	if rapid.IntRange(0, 5).Draw(r, "clone") == 0 {
		w.Clone = &grant.Clone{
			From: k.member[rapid.SampledFrom(walkPeople).Draw(r, "model")], To: []ident.Member{k.member[rapid.SampledFrom(walkPeople).Draw(r, "to")]},
			Domains: grant.Domains[:rapid.IntRange(1, 2).Draw(r, "domains")],
		}
	}
	for range rapid.IntRange(0, 4).Draw(r, "lines") {
		thing := rapid.SampledFrom(walkThings).Draw(r, "thing")
		id := k.thing[thing]
		c := grant.Change{
			Member: k.member[rapid.SampledFrom(walkPeople).Draw(r, "who")], Resource: id,
			Level: rapid.SampledFrom(grant.LevelsOf(id.Type())).Draw(r, "level"), From: when("from"), Until: when("until"),
		}
		w.Changes = append(w.Changes, c)
	}
	return w
}

func (k *levelWalk) edit(r *rapid.T) {
	by, w := k.as(rapid.SampledFrom(walkActors).Draw(r, "by")), k.wanted(r)
	preview, errPreview := k.grants.Preview(k.Context(), by, k.a, w)
	set, err := k.grants.Apply(k.Context(), by, k.a, w)
	if !sameRefusal(err, errPreview) {
		r.Fatalf("preview %v %s, act %v %s", errPreview, fieldsOf(errPreview), err, fieldsOf(err))
	}
	if err != nil {
		k.refused++
		return
	}
	k.sameSet(r, preview, set)
	for _, c := range w.Changes { // a line of its own wins over the clone, and the last over the others
		k.obeyed(r, lastOf(w.Changes, c), set)
	}
	k.remember(set)
	k.done++
}

func lastOf(all []grant.Change, c grant.Change) grant.Change {
	for _, o := range all {
		if o.Member == c.Member && o.Resource == c.Resource {
			c = o
		}
	}
	return c
}

// obeyed checks what became of one line.
func (k *levelWalk) obeyed(r *rapid.T, c grant.Change, set grant.ChangeSet) {
	now := k.db.Now()
	at := spot{c.Member, c.Resource}
	before := k.model[at]
	if before.over(now) {
		before = kept{}
	}
	want := kept{level: c.Level, until: c.Until}
	switch {
	case c.Level == grant.None:
		want = kept{}
	case c.From != nil:
		want.from = *c.From
	case before.level == c.Level && !before.from.After(now):
		want.from = before.from
	}
	i := slices.IndexFunc(set.Lines, func(l grant.Line) bool { return l.Member == c.Member && l.Resource.ID == c.Resource })
	if i < 0 {
		if !want.same(before) {
			r.Fatalf("no line for %+v, before %+v", want, before)
		}
		return
	}
	got := stateOf(set.Lines[i].After)
	if want.level != grant.None && want.from.IsZero() {
		if now.Sub(got.from).Abs() > time.Minute {
			r.Fatalf("begins %v, now is %v", got.from, now)
		}
		want.from = got.from
	}
	if !got.same(want) || !stateOf(set.Lines[i].Before).same(before) {
		r.Fatalf("%+v, want %+v after %+v", set.Lines[i], want, before)
	}
}

func (k *levelWalk) remember(set grant.ChangeSet) {
	if set.ID.IsZero() {
		return
	}
	w := walked{id: set.ID, lines: map[spot][2]kept{}, at: k.db.Now()}
	for _, l := range set.Lines {
		at := spot{l.Member, l.Resource.ID}
		w.lines[at] = [2]kept{stateOf(l.Before), stateOf(l.After)}
		k.set(at, stateOf(l.After))
	}
	k.sets = append(k.sets, w)
}

func (k *levelWalk) set(at spot, v kept) {
	if v.level == grant.None {
		delete(k.model, at)
		return
	}
	k.model[at] = v
}

// undo takes a set back, and the model with it.
func (k *levelWalk) undo(r *rapid.T, i int) {
	s, now := &k.sets[i], k.db.Now()
	preview, errPreview := k.grants.PreviewUndo(k.Context(), k.as("claire"), k.a, s.id)
	set, err := k.grants.Undo(k.Context(), k.as("claire"), k.a, s.id)
	if !sameRefusal(err, errPreview) {
		r.Fatalf("preview %v, act %v", errPreview, err)
	}
	back := map[spot]kept{}
	for at, l := range s.lines {
		before := l[0]
		if before.over(now) {
			before = kept{}
		}
		shown := k.model[at]
		if !shown.same(l[1]) {
			continue
		}
		if shown.over(now) {
			shown = kept{}
		}
		if !shown.same(before) {
			back[at] = before
		}
	}
	switch {
	case s.undone || now.Sub(s.at) >= grant.UndoFor || len(back) == 0:
		if err == nil {
			r.Fatalf("undone %v, %d to put back: it was undone again", s.undone, len(back))
		}
		k.refused++
		return
	case err != nil:
		r.Fatalf("%v %s, want %v", err, fieldsOf(err), back)
	}
	k.sameSet(r, preview, set)
	if len(set.Lines) != len(back) {
		r.Fatalf("%s, want %d lines", told(set), len(back))
	}
	for _, l := range set.Lines {
		if want, stands := back[spot{l.Member, l.Resource.ID}]; !stands || !stateOf(l.After).same(want) {
			r.Fatalf("%+v, want %+v", l, want)
		}
	}
	s.undone = true
	k.remember(set)
	k.undone++
}

func sameRefusal(a, b error) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return fault.Of(a).Code == fault.Of(b).Code && fieldsOf(a) == fieldsOf(b)
}

// sameSet compares what was foreseen with what was done: the same lines, but for the
// moment that «now» was, and the same words.
func (k *levelWalk) sameSet(r *rapid.T, preview, set grant.ChangeSet) {
	say := func(c grant.ChangeSet) string {
		var lines []string
		for _, l := range c.Lines {
			lines = append(lines, fmt.Sprint(l.Member, l.Resource.ID, k.when(l.Before), k.when(l.After)))
		}
		return strings.Join(lines, "\n") + warned(c) + fmt.Sprint(c.Kind, c.Changes, c.People, c.Resources)
	}
	if a, b := say(preview), say(set); a != b {
		r.Fatalf("foreseen:\n%s\ndone:\n%s", a, b)
	}
}

func (k *levelWalk) when(s grant.State) string {
	from := s.From.Format(time.RFC3339)
	if k.db.Now().Sub(s.From).Abs() < time.Minute {
		from = "now"
	}
	return fmt.Sprint(s.Level, from, s.Until)
}

// compare holds the rows against the model.
func (k *levelWalk) compare(r *rapid.T) {
	if rows := k.rows(r); !maps.EqualFunc(rows, k.model, kept.same) {
		r.Fatalf("rows  %+v\nmodel %+v", rows, k.model)
	}
}

func (k *levelWalk) rows(r *rapid.T) map[spot]kept {
	rows := map[spot]kept{}
	err := k.db.Read(k.Context(), func(tx *store.Tx) error {
		return store.Each(k.Context(), tx, func(s store.Scan) error {
			var at spot
			var v kept
			err := s(&at.m, &at.r, &v.level, &v.from, &v.until)
			rows[at] = v
			return err
		}, `select member_id, resource_id, level, starts_at, ends_at from access_grant where org_id = $1 and known_until is null`, k.a)
	})
	if err != nil {
		r.Fatal(err)
	}
	return rows
}

// Two administrators edit the same cells from what they both saw, and undo the same set:
// of each pair exactly one succeeds, and the cells are as that one left them (RAC-07).
func TestLevelRaces(t *testing.T) {
	clock := &storetest.Clock{}
	storetest.EachWith(t, storetest.Options{Clock: clock.Now, NoTwin: true}, func(t *testing.T, db *store.DB) {
		w := newLevels(t, db, clock)
		levels := []grant.Level{grant.Read, grant.Manage}
		actors := []string{"claire", "nadege"}
		for round := range 25 {
			was := w.level("julie", "room")
			var errs [2]error
			var sets [2]grant.ChangeSet
			atOnce(func(i int) {
				a, b := w.to("julie", "room", levels[i]), w.to("lea", "room", levels[i])
				a.Was, b.Was = &was, &was
				sets[i], errs[i] = w.grants.Apply(w.Context(), w.as(actors[i]), w.a, edit(a, b))
			})
			won := slices.IndexFunc(errs[:], func(err error) bool { return err == nil })
			if won < 0 || !errors.Is(errs[1-won], grant.ErrChangedMeanwhile) {
				t.Fatalf("round %d: %v", round, errs)
			}
			if w.level("julie", "room") != levels[won] || w.level("lea", "room") != levels[won] {
				t.Fatalf("round %d: not as %s left it", round, actors[won])
			}
			atOnce(func(i int) { _, errs[i] = w.grants.Undo(w.Context(), w.as(actors[i]), w.a, sets[won].ID) })
			won = slices.IndexFunc(errs[:], func(err error) bool { return err == nil })
			if won < 0 || !errors.Is(errs[1-won], grant.ErrUndone) || w.level("julie", "room") != was {
				t.Fatalf("round %d: undo %v", round, errs)
			}
		}
	})
}

func atOnce(fn func(i int)) {
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() { fn(i) })
	}
	wg.Wait()
}
