package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"habilis/internal/access"
	"habilis/internal/directory"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/identifier"
	"habilis/internal/invitation"
	"habilis/internal/job"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Choices of a person about a line, beside the ID of a member.
const (
	ChoiceNew  = "new"  // it is somebody else than those who are proposed
	ChoiceSkip = "skip" // the line is left out
)

// How far the check is, in hundredths, once each of its parts is done.
const (
	afterLookups = 60
	afterJudging = 75
	whole100     = 100
	lookupsPart  = 200 // numbers looked up between two tellings
	linesPart    = 500 // lines written between two tellings
)

// Check does the work of a CheckOrder. It may run twice: it writes what it finds over what it
// found before.
func (i Imports) Check(ctx context.Context, j job.Job) error {
	var o CheckOrder
	if err := j.Decode(&o); err != nil {
		return err
	}
	var m Import
	var list []kept
	err := i.Run.DB.ReadLong(ctx, func(tx *store.Tx) (err error) {
		var ok bool
		if m, ok, err = get(ctx, tx, o.Org, o.Import); err != nil || !ok {
			m = Import{}
			return err
		}
		list, err = linesAfter(ctx, tx, m, Filter{}, 0, MaxRows)
		return err
	})
	if err != nil || m.State != Checking || m.round != o.Round {
		return err
	}
	err = i.check(ctx, m, list)
	switch f := fault.Of(err); {
	case err == nil || errors.Is(err, ErrChecking): // another round was ordered: this one is of no use
		return nil
	case f.Kind == fault.Forbidden || f.Kind == fault.NotFound || f.Kind == fault.Unauthenticated:
		return i.finish(ctx, m, Failed, f.Code)
	}
	return err
}

// check judges every line and writes what it finds.
func (i Imports) check(ctx context.Context, m Import, list []kept) error {
	people, err := i.readPeople(ctx, m, list)
	if err != nil {
		return err
	}
	found, err := i.lookUp(ctx, m, people)
	if err != nil {
		return err
	}
	by := invitation.InviterFrom(m.checkedBy, m.Org).Actor
	var out *judged
	err = i.Run.DB.ReadLong(ctx, func(tx *store.Tx) error {
		held, err := access.HeldBy(ctx, tx, by, m.Org)
		if err != nil {
			return err
		}
		m.saw = whereSeen(held)
		of, err := match(ctx, tx, by, m.Org, people, list, found)
		if err != nil {
			return err
		}
		fresh := copies(people)
		if out, err = i.judge(ctx, tx, by, m.Org, fresh, of); err != nil {
			return err
		}
		for n := range of {
			if out.verdicts[n].Fate != Wrong && !of[n].skip {
				out.verdicts[n].Aside = of[n].aside
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := i.tell(ctx, m, afterJudging); err != nil {
		return err
	}
	return i.keep(ctx, m, list, out.verdicts)
}

// readPeople understands lines by the words of the organisation, as whoever ordered the check
// may use them.
func (i Imports) readPeople(ctx context.Context, m Import, list []kept) ([]*person, error) {
	lines := make([]line, len(list))
	for n, k := range list {
		if err := json.Unmarshal([]byte(k.cells), &lines[n]); err != nil {
			return nil, err
		}
		lines[n].No = k.no
	}
	by := invitation.InviterFrom(m.checkedBy, m.Org).Actor
	var l *lists
	err := i.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		l, err = readLists(ctx, tx, by, m.Org, text.For(m.Language))
		return err
	})
	if err != nil {
		return nil, err
	}
	return understand(l, lines, m.Invites, m.Language), nil
}

// copies are people whose points may be added to: what is judged twice begins alike.
func copies(people []*person) []*person {
	out := make([]*person, len(people))
	for n, p := range people {
		c := *p
		c.wrong = slices.Clip(slices.Clone(p.wrong))
		out[n] = &c
	}
	return out
}

// lookUp asks the local index about every RPPS number. What it cannot say is to be verified:
// the watch of the directory asks again, every night (VER-5).
func (i Imports) lookUp(ctx context.Context, m Import, people []*person) ([]Aside, error) {
	found := make([]Aside, len(people))
	for n, p := range people {
		if n%lookupsPart == 0 {
			if err := i.tell(ctx, m, int64(n*afterLookups/len(people))); err != nil {
				return nil, err
			}
		}
		if p.rpps == "" {
			continue
		}
		a, err := i.Index.ByRPPS(ctx, p.rpps)
		if err != nil && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		found[n] = published(a, err)
	}
	return found, nil
}

// published is what the index says of a number.
func published(a directory.Answer, err error) Aside {
	switch {
	case err != nil || a.Origin == directory.NotChecked:
		return Aside{Found: []Point{{Column: RPPS, Code: noteRPPSUnchecked}}}
	case len(a.Practitioners) != 1:
		return Aside{Found: []Point{{Column: RPPS, Code: noteRPPSUnknown}}}
	}
	p := a.Practitioners[0]
	aside := Aside{RPPS: &directory.Import{Origin: a.Origin, AsOf: a.AsOf.UTC(), Practitioner: p}}
	if len(p.Activities) > 0 {
		aside.RPPS.Activity = p.Activities[0].ID
	}
	for _, other := range p.Activities[min(1, len(p.Activities)):] {
		if other.Profession != p.Activities[0].Profession || !slices.Equal(other.Specialties, p.Activities[0].Specialties) {
			aside.Found = []Point{{Column: RPPS, Code: noteActivities, Args: map[string]any{"Profession": p.Activities[0].Profession.Label}}}
			break
		}
	}
	return aside
}

// match finds whose line each is: of a member, by what it holds or by what a person decided,
// or of nobody yet, with those who may be the same.
func match(
	ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, list []*person, lines []kept, found []Aside,
) ([]target, error) {
	all, err := seen(ctx, tx, by, in)
	if err != nil {
		return nil, err
	}
	r := newRoster(all)
	of, names, taken := make([]target, len(list)), map[string]int{}, map[ident.Member]int{}
	for n, p := range list {
		t := target{aside: found[n], member: r.owner(p), skip: lines[n].choice == ChoiceSkip}
		chosen := lines[n].choice
		if t.member.IsZero() && chosen != "" && !t.skip && chosen != ChoiceNew {
			if s := r.byID[ident.Member(chosen)]; s != nil {
				t.member = s.id
			} else {
				p.mark("", codeNoMember, nil)
			}
		}
		if t.member.IsZero() && !t.skip && !p.lone {
			t.aside.Twins = r.twins(p, phoneOf(p), mssanteOf(p))
			t.sameName(p, names)
		}
		if earlier, twice := taken[t.member]; twice && !t.skip {
			p.mark("", codeRepeated, map[string]any{"Line": strconv.Itoa(earlier)})
			p.lone = true
		} else if !t.member.IsZero() && !t.skip {
			taken[t.member] = p.No
		}
		of[n] = t
	}
	return of, nil
}

// sameName notes that an earlier line has the same name: perhaps one person twice.
func (t *target) sameName(p *person, names map[string]int) {
	key := text.Fold(p.FamilyName) + " " + text.Fold(p.GivenName)
	if earlier, twice := names[key]; twice {
		t.aside.Found = append(slices.Clip(t.aside.Found), Point{Code: noteSameName, Args: map[string]any{"Line": strconv.Itoa(earlier)}})
		return
	}
	names[key] = p.No
}

func phoneOf(p *person) string {
	v, err := identifier.ParsePhone(p.Phone)
	if err != nil {
		return ""
	}
	return string(v)
}

func mssanteOf(p *person) string {
	v, err := identifier.ParseMSSante(p.MSSante)
	if err != nil {
		return ""
	}
	return string(v)
}

// seen are the members whom by may see (AUZ-06).
func seen(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org) ([]someone, error) {
	h, err := access.HeldBy(ctx, tx, by, in)
	if err != nil {
		return nil, err
	}
	all, err := people(ctx, tx, in)
	if err != nil {
		return nil, err
	}
	sites, everywhere := h.Sites(access.MembersRead)
	if everywhere {
		return all, nil
	}
	at, err := belonging(ctx, tx, in, sites)
	return slices.DeleteFunc(all, func(s someone) bool { return !at[s.id] && s.id != h.Member }), err
}

// keep writes what was found, a part at a time, and ends the round.
func (i Imports) keep(ctx context.Context, m Import, list []kept, verdicts []Verdict) error {
	for n := range list {
		if err := list[n].judged(&verdicts[n]); err != nil {
			return err
		}
	}
	for from := 0; from < len(list); from += linesPart {
		part := list[from:min(from+linesPart, len(list))]
		err := i.Run.DB.Write(ctx, m.locks(), func(tx *store.Tx) error {
			last, err := advance(ctx, tx, m, int64(afterJudging+(whole100-afterJudging)*from/len(list)))
			if err == nil && !last {
				err = ErrChecking
			}
			if err != nil {
				return err
			}
			return writeLines(ctx, tx, m, part)
		})
		if err != nil {
			return err
		}
	}
	return i.finish(ctx, m, Ready, "")
}

// locks are those of the check: of this import alone.
func (m *Import) locks() []store.Lock { return []store.Lock{store.Lock("import " + m.ID.String())} }

// judged puts a verdict into a line.
func (k *kept) judged(v *Verdict) error {
	var err error
	k.fate, k.letter = v.Fate, letterNone
	k.undecided = v.Fate == Create && len(v.Twins) > 0 && k.choice != ChoiceNew
	switch {
	case v.Fate != Create:
	case v.Letter:
		k.letter = letterGoes
	case slices.ContainsFunc(v.Notes, func(p Point) bool { return p.Code == noteWithheld }):
		k.letter = letterWithheld
	}
	k.verdict, err = v.written()
	return err
}

// tell notes how far the check is.
func (i Imports) tell(ctx context.Context, m Import, progress int64) error {
	return i.Run.DB.Write(ctx, m.locks(), func(tx *store.Tx) error {
		last, err := advance(ctx, tx, m, progress)
		if err == nil && !last {
			err = ErrChecking
		}
		return err
	})
}

func (i Imports) finish(ctx context.Context, m Import, to State, code string) error {
	return i.Run.DB.Write(ctx, m.locks(), func(tx *store.Tx) error { return end(ctx, tx, m, to, code) })
}
