package departure_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/workitem"
)

// walkers are those who come and go in the walk.
var walkers = []string{"claire", "bruno", "paul", "weber", "anne", "julie", "lise"}

// Whatever is done in whatever order, and wherever the server is killed: nobody administers less than
// somebody (ORG-4), who left may do nothing (AUZ-11), no item is lost or counted twice, and one
// departure of a member is in force at most.
func TestWalk(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			for seed := range uint64(3) {
				w := newWorld(t, e)
				w.furnish()
				items := w.Count(`select count(*) from work_item`)
				r := rand.New(rand.NewPCG(seed, 7))
				for n := range 60 {
					what, err := w.stride(r)
					if f := fault.Of(err); err != nil && f.Kind == fault.Internal && !errors.Is(err, errKilled) {
						t.Fatalf("seed %d, %d: %s: %v", seed, n, what, err)
					}
					w.holdsTogether(what, items)
				}
			}
		})
	}
}

// stride does something by chance.
func (w *world) stride(r *rand.Rand) (string, error) {
	one := func() string { return walkers[r.IntN(len(walkers))] }
	ctx, by, of := w.Context(), one(), one()
	switch r.IntN(8) {
	case 0, 1:
		return "start", w.chance(r, by, of, "")
	case 2:
		return "plan", w.chance(r, by, of, w.inDays(1+r.IntN(3)))
	case 3:
		_, err := w.d.End(ctx, w.as(by), w.a, w.id[of], departure.AnyVersion)
		return "end", err
	case 4:
		_, err := w.d.Hand(ctx, w.as(by), w.a, w.id[of], []departure.Choice{w.to(departure.Work, "task", one())})
		return "hand", err
	case 5:
		return "leave", w.d.Leave(ctx, w.as(by), w.a)
	case 6:
		w.clock.Add(time.Duration(r.IntN(40)) * time.Hour)
		left := r.IntN(6)
		return "killed", w.d.Stopping(func(departure.Stage) error {
			if left--; left < 0 {
				return errKilled
			}
			return nil
		}).Sweep(ctx)
	}
	return "sweep", w.d.Sweep(ctx)
}

// chance starts a departure, with receivers by chance.
func (w *world) chance(r *rand.Rand, by, of, day string) error {
	v, err := w.d.Preview(w.Context(), w.as(by), w.a, w.id[of])
	if err != nil {
		return err
	}
	o := order(of)
	o.Day = day
	if v.Departure != nil && v.Departure.State == departure.Planned {
		o.Version = v.Departure.Version
	}
	for _, h := range v.Holdings {
		if len(h.People) > 0 && (h.Fate == departure.Required || r.IntN(3) > 0) {
			o.Choices = append(o.Choices, departure.Choice{What: h.What, Object: h.Object, To: h.People[r.IntN(len(h.People))].Member})
		}
	}
	_, err = w.d.Start(w.Context(), w.as(by), w.a, w.id[of], o)
	return err
}

// holdsTogether checks what is always so.
func (w *world) holdsTogether(what string, items int) {
	w.Helper()
	if n := w.Count(`select count(*) from work_item`) + w.Count(`select count(*) from work_item_sealed`); n != items {
		w.Fatalf("after %s: %d items, want %d", what, n, items)
	}
	if n := w.Count(`select count(*) from work_item_total t where t.items <> (select count(*) from work_item i where i.org_id = t.org_id)`); n != 0 {
		w.Fatalf("after %s: the total is wrong", what)
	}
	for _, name := range walkers {
		w.owned(name, workitem.Task)
		w.owned(name, workitem.Appointment)
	}
	for query, why := range map[string]string{
		`select count(*) from member_role r join member_state s on s.org_id = r.org_id and s.member_id = r.member_id and s.known_until is null
			and s.status = 'left' where r.known_until is null`: "a role of who left",
		`select count(*) from access_grant r join member_state s on s.org_id = r.org_id and s.member_id = r.member_id and s.known_until is null
			and s.status = 'left' where r.known_until is null`: "a level of who left",
		`select count(*) from delegation r join member_state s on s.org_id = r.org_id and s.member_id = r.member_id and s.known_until is null
			and s.status = 'left' where r.known_until is null`: "a delegation of who left",
		`select count(*) - count(distinct member_id) from departure where state in ('planned', 'done')`: "two departures of somebody",
		`select count(*) from departure d join member_state s on s.org_id = d.org_id and s.member_id = d.member_id and s.known_until is null
			where (d.state = 'done') <> (s.status = 'left') and d.state in ('planned', 'done')`: "a departure that is otherwise than the member",
	} {
		if w.Count(query) != 0 {
			w.Fatalf("after %s: %s", what, why)
		}
	}
	w.Must(w.DB.Read(w.Context(), func(tx *store.Tx) error { return w.kept(w.Context(), tx, what) }))
}

// kept checks that the organisation and both sites have an administrator who can sign in (ORG-4).
func (w *world) kept(ctx context.Context, tx *store.Tx, what string) error {
	for _, at := range []access.Scope{access.OrgScope(w.a), access.SiteScope(w.a, w.site["nord"]), access.SiteScope(w.a, w.site["sud"])} {
		list, err := member.Administrators(ctx, tx, at)
		if err != nil {
			return err
		}
		if !at.Site.IsZero() {
			list = slices.DeleteFunc(list, func(m member.Member) bool { return m.ID == w.id["claire"] || m.ID == w.id["bruno"] })
		}
		if len(list) == 0 && at.Site != w.site["sud"] {
			w.Fatalf("after %s: nobody administers %s", what, at.Code())
		}
	}
	return nil
}
