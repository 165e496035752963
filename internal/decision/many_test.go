package decision_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"habilis/internal/access"
	"habilis/internal/decision"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// TestRightsOfMany: what many members hold, read at once, permits what the second evaluator
// permits, now and before, and nothing else (RGT-10).
func TestRightsOfMany(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		judged := map[bool]int{}
		rapid.Check(t, func(r *rapid.T) {
			w.rand = rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 3))
			w.begin()
			w.populate()
			moments := []time.Time{w.db.Now()}
			for range rapid.IntRange(3, 12).Draw(r, "changes") {
				w.step()
				w.clock.Add(time.Minute)
				moments = append(moments, w.db.Now())
			}
			for range 2 {
				w.weigh(pick(w, moments), judged)
			}
		})
		if judged[true] < 20 || judged[false] < 20 {
			t.Errorf("too few answers to compare: %v", judged)
		}
	})
}

// rightsOf reads the rights of everybody at a moment.
func (w *world) rightsOf(at time.Time) (all map[ident.Member]*decision.Rights) {
	w.Helper()
	err := w.db.Read(context.Background(), func(tx *store.Tx) (err error) {
		all, err = decision.RightsOf(context.Background(), tx, w.org, w.members, at)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return all
}

// weigh compares what the rights of everybody permit on things with what the evaluator says.
func (w *world) weigh(at time.Time, judged map[bool]int) {
	w.Helper()
	all := w.rightsOf(at)
	for _, m := range w.members {
		for typ, list := range map[string][]string{"agenda": w.agendas, "messaging_profile": w.boxes, "identity": w.persons} {
			for _, id := range list {
				for _, act := range actsOn[typ] {
					q := decision.Question{Subject: decision.Entity{Type: "member", ID: m.String()}, Action: act, Resource: decision.Entity{Type: typ, ID: id}}
					want, err := decision.Judge(context.Background(), w.db, w.org, q, at)
					if err != nil {
						w.Fatal(err)
					}
					if want.Code == decision.AddressNotAllowed || want.Code == decision.SecondFactorRequired {
						continue // of the connection, not of what the person holds
					}
					got := opens(all[m], typ, id, act)
					judged[got]++
					if got != want.Allowed {
						w.Errorf("%s %s %s at %s: rights say %v, the evaluator %v (%s)\n%+v", m, act, id, at, got, want.Allowed, want.Code, all[m])
					}
				}
			}
		}
	}
}

var actsOn = map[string][]string{
	"agenda": {"view_availability", "read", "manage"}, "messaging_profile": {"read", "reply", "manage"},
	"identity": {"send", "receive", "draft_consultation"},
}

// opens says by the rights alone whether something may be done.
func opens(r *decision.Rights, typ, id, act string) bool {
	if r == nil || r.Away != "" {
		return false
	}
	levels := map[string][]string{"agenda": {"availability", "read", "manage"}, "messaging_profile": {"read", "reply", "manage"}}[typ]
	return slices.ContainsFunc(r.All(), func(one decision.Right) bool {
		switch {
		case one.Resource.ID != id || one.Unused != "":
			return false
		case one.Kind == decision.FactHolder:
			return true
		case one.Kind == decision.FactDelegation:
			return one.Level == act
		}
		return slices.Index(levels, one.Level) >= slices.Index(actsOn[typ], act)
	})
}

// A right bears who gave it, until when, and where it holds; what has ended is left out, who was
// no member then has no entry.
func TestRightsOfSources(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.begin()
		before := w.db.Now()
		w.clock.Add(time.Minute)
		m := w.addMember(w.sites[0])
		role := w.addRole(access.MembersRead, access.RecordsRead)
		until := w.db.Now().Add(time.Hour)
		w.giveRole(m, role, w.sites[0].String(), w.sites[0], window{w.db.Now(), &until})
		a := w.addResource("agenda", "")
		w.grant(m, a, "read", w.always())
		r := w.rightsOf(time.Time{})[m]
		if r == nil || len(r.Roles) != 1 || len(r.Agendas) != 1 || r.Function != "nurse" || !slices.Equal(r.Sites, w.sites[:1]) {
			t.Fatalf("%+v", r)
		}
		given := r.Roles[0]
		if given.GivenBy != "system" || given.ScopeName != "x" || given.Until == nil || !given.Until.Equal(until) || len(given.Acts) != 2 {
			t.Errorf("%+v", given)
		}
		if r.Agendas[0].Resource.ID != a || r.Agendas[0].Level != "read" || r.Agendas[0].Site.IsZero() {
			t.Errorf("%+v", r.Agendas[0])
		}
		if w.rightsOf(before)[m] != nil {
			t.Error("a member before they were one")
		}
		w.clock.Add(2 * time.Hour)
		if r := w.rightsOf(time.Time{})[m]; len(r.Roles) != 0 {
			t.Errorf("an ended role is shown: %+v", r.Roles)
		}
	})
}
