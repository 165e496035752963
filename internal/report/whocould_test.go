package report_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/report"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// Issue 9, «Must show» 3: TestWhoCouldReadAt asks 1,000 times «who could read this agenda on that
// date» (RGT-10) of organisations with random histories, made by the acts of the nouns, and compares
// the report with a replay of what was done. The replay is the test's own: a list of what happened,
// in plain Go, which reads no table.
const (
	histories   = 10
	actsOfEach  = 60
	asksOfEach  = 100
	agendasHere = 4
)

func TestWhoCouldReadAt(t *testing.T) {
	eachWorld(t, func(w *world) {
		answers := map[bool]int{}
		done := map[string]int{}
		for seed := range uint64(histories) {
			h := newHistory(w, seed)
			for range actsOfEach {
				h.act(done)
			}
			for range asksOfEach {
				h.ask(answers)
			}
		}
		if asked := answers[true] + answers[false]; asked != histories*asksOfEach {
			t.Errorf("%d questions", asked)
		}
		if answers[true] < 200 || answers[false] < 50 {
			t.Errorf("with somebody, with nobody: %v", answers)
		}
		for _, name := range historyActs {
			if done[name] == 0 {
				t.Errorf("%s never happened", name)
			}
		}
	})
}

// history is what happened to one organisation, told by the test.
type history struct {
	*world

	rand    *rand.Rand
	people  []string
	agendas []resource.ID
	told    []happening
	begun   time.Time
}

// happening is one thing that became true between two moments: a question is never about the
// moments in between.
type happening struct {
	from, to time.Time
	what     func(*situation)
}

// situation is what is true at a moment, replayed.
type situation struct {
	suspended bool
	status    map[string]string
	ends      map[string]time.Time
	holder    map[resource.ID]string
	closed    map[resource.ID]bool
	level     map[held]levelHeld
}

type held struct {
	person string
	agenda resource.ID
}

type levelHeld struct {
	level       grant.Level
	from, until *time.Time
}

func newHistory(w *world, seed uint64) *history {
	w.Helper()
	h := &history{world: w, rand: rand.New(rand.NewPCG(seed, 9))}
	if _, err := w.orgs.Resume(w.Context(), access.Operator("test"), w.a); fault.Is(err, fault.Internal) { // as the one before left it
		w.Fatal(err)
	}
	for i := range 7 {
		name := fmt.Sprintf("p%d-%d", seed, i)
		h.people = append(h.people, name)
		var ends *time.Time
		if i == 6 {
			end := w.db.Now().Add(30 * time.Hour).UTC().Truncate(time.Microsecond)
			ends = &end
		}
		h.must(h.tell(func(s *situation) {
			s.status[name] = "active"
			if ends != nil {
				s.ends[name] = *ends
			}
		}, func() error {
			return w.db.Write(w.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error {
				return w.join(w.Context(), tx, name, "physician", []string{pick(h, []string{"A1", "A2"})}, member.Gift{Org: w.a, By: "test"}, ends)
			})
		}))
	}
	for i := range agendasHere {
		h.newAgenda(fmt.Sprintf("agenda %d-%d", seed, i))
	}
	h.begun = h.told[0].from
	return h
}

func pick[T any](h *history, list []T) T { return list[h.rand.IntN(len(list))] }

// tell does something, and notes it when it was done; then time passes.
func (h *history) tell(what func(*situation), do func() error) error {
	h.Helper()
	from := h.db.Now()
	err := do()
	if err == nil {
		h.told = append(h.told, happening{from, h.db.Now(), what})
	}
	h.clock.Add(time.Duration(5+h.rand.IntN(90)) * time.Minute)
	return err
}

func (h *history) newAgenda(name string) {
	h.Helper()
	holder := ""
	if h.rand.IntN(2) == 0 {
		holder = pick(h, h.people[:6])
	}
	var id resource.ID
	h.must(h.tell(func(s *situation) { s.holder[id], s.closed[id] = holder, false }, func() error {
		id = h.make(name, pick(h, []string{"A1", "A2"}), holder, resource.Agenda)
		return nil
	}))
	h.agendas = append(h.agendas, id)
}

var historyActs = []string{"level", "none", "deactivate", "reactivate", "holder", "close", "reopen", "suspend", "resume", "leave"}

// act does something by a noun. A refusal is nothing.
func (h *history) act(done map[string]int) {
	h.Helper()
	name := pick(h, slices.Concat(historyActs, []string{"level", "level", "level", "level", "reactivate", "reopen", "resume", "resume"}))
	if name == "leave" && h.rand.IntN(4) > 0 {
		return
	}
	err := h.once(name)
	var refusal *fault.Error
	if err != nil && (!errors.As(err, &refusal) || refusal.Kind == fault.Internal) {
		h.Fatalf("%s: %v", name, err)
	}
	if err == nil {
		done[name]++
	}
}

func (h *history) once(name string) error {
	ctx, by, person, agenda := context.Background(), access.Operator("test"), pick(h, h.people), pick(h, h.agendas)
	id := h.id[person]
	status := func(to string) func(*situation) { return func(s *situation) { s.status[person] = to } }
	switch name {
	case "level", "none":
		return h.level(name, person, agenda)
	case "deactivate":
		return h.tell(status("deactivated"), func() error { _, err := h.members.Deactivate(ctx, by, h.a, id, 0); return err })
	case "reactivate":
		return h.tell(status("active"), func() error { _, err := h.members.Reactivate(ctx, by, h.a, id, 0); return err })
	case "leave":
		return h.tell(status("left"), func() error { return h.leaving.Leave(ctx, h.as(person), h.a) })
	case "holder":
		return h.hold(person, agenda, id)
	case "close":
		return h.tell(func(s *situation) { s.closed[agenda] = true }, func() error { _, err := h.things.Close(ctx, by, h.a, agenda, 0); return err })
	case "reopen":
		return h.tell(func(s *situation) { s.closed[agenda] = false }, func() error { _, err := h.things.Reopen(ctx, by, h.a, agenda, 0); return err })
	case "suspend":
		return h.tell(func(s *situation) { s.suspended = true }, func() error { _, err := h.orgs.Suspend(ctx, by, h.a, ""); return err })
	}
	return h.tell(func(s *situation) { s.suspended = false }, func() error { _, err := h.orgs.Resume(ctx, by, h.a); return err })
}

// level gives a level, or takes it, sometimes from a day on and until another.
func (h *history) level(name, person string, agenda resource.ID) error {
	c := grant.Change{Member: h.id[person], Resource: agenda, Level: pick(h, []grant.Level{grant.Availability, grant.Read, grant.Read, grant.Manage})}
	if name == "none" {
		c.Level = grant.None
	}
	now := h.db.Now().UTC().Truncate(time.Microsecond)
	if c.Level != grant.None && h.rand.IntN(3) == 0 {
		from := now.Add(time.Duration(1+h.rand.IntN(20)) * time.Hour)
		c.From = &from
	}
	if c.Level != grant.None && h.rand.IntN(3) == 0 {
		until := now.Add(time.Duration(21+h.rand.IntN(20)) * time.Hour)
		c.Until = &until
	}
	return h.tell(func(s *situation) { s.level[held{person, agenda}] = levelHeld{c.Level, c.From, c.Until} }, func() error {
		_, err := h.grants.Apply(context.Background(), access.Operator("test"), h.a, grant.Wanted{Changes: []grant.Change{c}})
		return err
	})
}

// hold makes an agenda somebody's, or a service's. Whoever becomes its holder has no level on it
// any more.
func (h *history) hold(person string, agenda resource.ID, id ident.Member) error {
	v, err := h.things.Get(context.Background(), access.Operator("test"), h.a, agenda)
	if err != nil {
		return err
	}
	d := v.Details()
	d.Kind, d.Holder = resource.OfPractitioner, id
	if h.rand.IntN(3) == 0 {
		d.Kind, d.Holder, person = resource.OfService, "", ""
	}
	if d.Holder == v.Holder {
		return fault.New(fault.Conflict, "test.same")
	}
	return h.tell(func(s *situation) {
		s.holder[agenda] = person
		delete(s.level, held{person, agenda})
	}, func() error {
		_, err := h.things.Edit(context.Background(), access.Operator("test"), h.a, agenda, 0, d)
		return err
	})
}

// ask compares one answer of the report with the replay.
func (h *history) ask(answers map[bool]int) {
	h.Helper()
	agenda, at := pick(h, h.agendas), h.moment()
	l, err := h.r.Access(context.Background(), access.Operator("test"), h.a, report.AccessQuery{
		At: at, Resource: agenda, Act: "read", Size: report.MaxPage,
	})
	if err != nil {
		h.Fatal(err)
	}
	got := map[string]bool{}
	for _, line := range l.Lines {
		got[line.Member.String()] = true
	}
	want := h.couldRead(agenda, at)
	same := len(got) == len(want)
	for _, p := range want {
		same = same && got[h.id[p].String()]
	}
	if !same {
		h.Errorf("who could read %s at %s: %v\nreplayed: %v", agenda, at, h.said(l.Lines), want)
	}
	answers[len(want) > 0]++
}

// moment draws a moment of the history, and none in the middle of an act.
func (h *history) moment() time.Time {
	for {
		at := h.begun.Add(time.Duration(h.rand.Int64N(int64(h.db.Now().Sub(h.begun))))).UTC().Truncate(time.Microsecond)
		if !slices.ContainsFunc(h.told, func(t happening) bool {
			return at.After(t.from.Add(-time.Second)) && at.Before(t.to.Add(time.Second))
		}) {
			return at
		}
	}
}

// couldRead replays what happened up to a moment, and says who could read an agenda then.
func (h *history) couldRead(agenda resource.ID, at time.Time) (people []string) {
	s := situation{
		status: map[string]string{}, ends: map[string]time.Time{}, holder: map[resource.ID]string{}, closed: map[resource.ID]bool{},
		level: map[held]levelHeld{},
	}
	for _, t := range h.told {
		if t.to.Before(at) {
			t.what(&s)
		}
	}
	holder, there := s.holder[agenda]
	if !there || s.suspended || s.closed[agenda] || holder != "" && s.status[holder] == "left" {
		return nil
	}
	for _, p := range h.people {
		if end, ends := s.ends[p]; s.status[p] != "active" || ends && !end.After(at) {
			continue
		}
		l := s.level[held{p, agenda}]
		reads := (l.level == grant.Read || l.level == grant.Manage) && (l.from == nil || !l.from.After(at)) && (l.until == nil || l.until.After(at))
		if holder == p || reads {
			people = append(people, p)
		}
	}
	return people
}
