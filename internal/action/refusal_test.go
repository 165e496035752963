package action_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// TestRefusedLeavesOnlyItsRecord: a refused act leaves its line in the trail and
// its counter, and not a row else, whichever rule refused (AUD-02).
func TestRefusedLeavesOnlyItsRecord(t *testing.T) {
	each(t, func(w *world) {
		conflict := fault.New(fault.Conflict, "test.conflict")
		stale := w.boss
		stale.StepUp = w.clock.Now().Add(-11 * time.Minute)
		sensitive := w.edit()
		sensitive.StepUp = true
		for _, c := range []struct {
			name, code string
			by         access.Actor
			act        action.Act
			fn         func(*action.Tx) (made, error)
		}{
			{"no right", "access.forbidden", w.nurse, w.edit(), w.does("x")},
			{"a stranger", "access.not_found", w.other, w.edit(), w.does("x")},
			{"nobody", "access.unauthenticated", access.Actor{Kind: access.Anonymous, Address: "192.0.2.1"}, w.edit(), w.does("x")},
			{"an old proof", "access.step_up_required", stale, sensitive, w.does("x")},
			{"a rule, at the end of the act", "test.conflict", w.boss, w.edit(), func(tx *action.Tx) (made, error) {
				if _, err := w.does("x")(tx); err != nil {
					return made{}, err
				}
				return made{}, fmt.Errorf("in the noun: %w", conflict.With("Name", "Julie"))
			}},
		} {
			before, lines := w.dump(), len(w.trail(w.org.String()))
			_, err := w.do(c.by, c.act, c.fn)
			w.code(err, c.code)
			if got := changed(before, w.dump()); got != onlyTheTrail {
				w.Errorf("%s: changed %s", c.name, got)
			}
			trail := w.trail(w.org.String())
			actor := c.by.Account.String()
			want := line{"test.edit", "refused", string(c.by.Kind), actor, "the object", "the subject", c.code}
			if len(trail) != lines+1 || trail[lines] != want {
				w.Errorf("%s: recorded %+v", c.name, trail[lines:])
			}
		}
		if w.woken != 0 {
			w.Error("the worker was called")
		}
		w.verified()
	})
}

// TestChainOfRefusal: a refusal goes to the organisation's trail, to the
// installation's when the act is of none, or of one that does not exist: nobody
// can make chains by making up names.
func TestChainOfRefusal(t *testing.T) {
	each(t, func(w *world) {
		act := w.edit()
		act.Orgs, act.Needs = []ident.Org{ident.NewOrg()}, nil
		w.refused("access.forbidden", w.boss, act)
		act.Orgs, act.Needs = nil, []access.Need{access.OfPlatform(access.PlatformAdminister)}
		w.refused("access.not_found", w.boss, act)
		act.Orgs, act.Needs = []ident.Org{w.b, w.org}, nil
		w.refused("access.forbidden", w.boss, act)
		if got := len(w.trail(audit.Installation)); got != 2 {
			w.Errorf("%d in the installation's trail", got)
		}
		if len(w.trail(w.org.String())) != 0 || len(w.trail(w.b.String())) != 1 {
			w.Error("not in the trail of the first organisation")
		}
		if got := w.number(`select count(*) from audit_head`); got != 2 {
			w.Errorf("%d chains", got)
		}
		w.verified()
	})
}

// TestFlood: of one refusal repeated, ten a minute are written one by one and the
// rest is a count; others are not folded with it: neither another person's, nor
// another rule's, nor another organisation's.
func TestFlood(t *testing.T) {
	each(t, func(w *world) {
		for range 15 {
			w.refused("access.not_found", w.other, w.edit())
		}
		if got := len(w.trail(w.org.String())); got != 10 {
			w.Fatalf("%d lines of 15", got)
		}
		if got := w.number(`select n from counter where name = 'refusal'`); got != 15 {
			w.Errorf("counted %d", got)
		}
		w.refused("access.forbidden", w.nurse, w.edit())
		other := w.edit()
		other.Verb = "test.other"
		w.refused("access.not_found", w.other, other)
		elsewhere := w.edit()
		elsewhere.Orgs = []ident.Org{w.newOrg()}
		w.refused("access.not_found", w.other, elsewhere)
		if got := len(w.trail(w.org.String())); got != 12 {
			w.Errorf("%d lines", got)
		}
		if got := len(w.trail(elsewhere.Orgs[0].String())); got != 1 {
			w.Errorf("%d lines in the other organisation's trail", got)
		}
		w.clock.Add(time.Minute)
		w.refused("access.not_found", w.other, w.edit())
		if got := len(w.trail(w.org.String())); got != 13 {
			w.Errorf("%d lines in the next minute", got)
		}
		w.verified()
	})
}

// TestNoRefusal: what must be corrected, read again or tried later is no refusal
// of a right, and leaves nothing at all.
func TestNoRefusal(t *testing.T) {
	recorded := []fault.Kind{fault.Unauthenticated, fault.Forbidden, fault.NotFound, fault.Conflict, fault.Gone, fault.Limited}
	each(t, func(w *world) {
		for k := fault.Internal; k <= fault.Full; k++ {
			before := w.dump()
			said := fault.New(k, fmt.Sprint("test.kind_", k))
			_, err := w.do(w.boss, w.edit(), func(*action.Tx) (made, error) { return made{}, said })
			if !errors.Is(err, said) {
				w.Errorf("kind %d: told %v", k, err)
			}
			want := ""
			if slices.Contains(recorded, k) {
				want = onlyTheTrail
			}
			if got := changed(before, w.dump()); got != want {
				w.Errorf("kind %d: changed %q, want %q", k, got, want)
			}
		}
	})
}

// TestUnrecordedRefusal: a refusal that cannot be recorded is told as the failure
// that it is, and still allows nothing.
func TestUnrecordedRefusal(t *testing.T) {
	each(t, func(w *world) {
		w.exec(`alter table audit_head rename to gone`)
		err := w.refused("internal", w.nurse, w.edit())
		if !errors.Is(err, access.ErrForbidden) {
			w.Errorf("the refusal is lost in %v", err)
		}
		w.exec(`alter table gone rename to audit_head`)
		if w.facts() != 0 || len(w.trail(w.org.String())) != 0 {
			w.Error("something was written")
		}
	})
}

// TestRecordRefusal: a refusal from before any transaction is recorded like the
// others, though its caller has left.
func TestRecordRefusal(t *testing.T) {
	each(t, func(w *world) {
		gone, leave := context.WithCancel(context.Background())
		leave()
		if err := w.run.RecordRefusal(gone, w.nurse, w.edit(), "test.password"); err != nil {
			w.Fatal(err)
		}
		want := line{"test.edit", "refused", "person", w.nurse.Account.String(), "the object", "the subject", "test.password"}
		if got := w.trail(w.org.String()); !slices.Equal(got, []line{want}) {
			w.Errorf("recorded %+v", got)
		}
	})
}

// TestStepUpAfterRights: whoever lacks the right is told so and not asked for a
// password; with the right, an old proof is refused without any effect, and after
// a new one the same request works (STP-01).
func TestStepUpAfterRights(t *testing.T) {
	each(t, func(w *world) {
		act := w.edit()
		act.StepUp = true
		for _, by := range []struct {
			access.Actor
			code string
		}{{w.nurse, "access.forbidden"}, {w.other, "access.not_found"}, {w.boss, "access.step_up_required"}} {
			by.StepUp = w.clock.Now().Add(-11 * time.Minute)
			by.Once = access.Once{Key: "k"}
			w.refused(by.code, by.Actor, act)
			if w.facts() != 0 {
				w.Fatalf("%s had an effect", by.code)
			}
		}
		by := w.boss
		by.Once = access.Once{Key: "k"}
		w.mustDo(by, act, "x")
		by.StepUp = time.Time{}
		w.refused("access.step_up_required", by, act) // also to be told the answer again
	})
}

// TestResolve: needs that depend on what is stored are asked like the others, and
// what Resolve says of an object is for members only: to a stranger an
// organisation's objects do not exist (SES-06, AUZ-01).
func TestResolve(t *testing.T) {
	gone := fault.New(fault.Gone, "test.gone")
	each(t, func(w *world) {
		act := w.edit()
		needs := act.Needs
		act.Needs = nil
		act.Resolve = func(context.Context, *store.Tx) ([]access.Need, error) { return needs, nil }
		w.mustDo(w.boss, act, "x")
		w.refused("access.forbidden", w.nurse, act)
		act.Resolve = func(context.Context, *store.Tx) ([]access.Need, error) { return nil, nil }
		w.refused("access.forbidden", w.boss, act) // no need is none held
		act.Needs = needs
		w.mustDo(w.boss, act, "x")
		act.Resolve = func(context.Context, *store.Tx) ([]access.Need, error) { return nil, gone }
		anonymous := access.Actor{Kind: access.Anonymous}
		for _, c := range []struct {
			by   access.Actor
			code string
		}{{w.boss, "test.gone"}, {w.nurse, "test.gone"}, {w.other, "access.not_found"}, {anonymous, "access.unauthenticated"}} {
			w.refused(c.code, c.by, act)
		}
		act.Orgs = nil
		w.refused("test.gone", w.other, act)
		w.exec(`update org_state set status = 'suspended' where org_id = $1`, w.org)
		act.Orgs = []ident.Org{w.org}
		w.refused("org.suspended", w.boss, act)
		w.refused("access.not_found", w.other, act)
	})
}

// TestResolveRunsAgain: a failure of the database in Resolve is not hidden behind
// what is asked of it next: the transaction runs again.
func TestResolveRunsAgain(t *testing.T) {
	each(t, func(w *world) {
		tries := 0
		act := w.edit()
		act.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
			if tries++; tries < 4 {
				_, err := tx.Exec(ctx, `insert into org (id, slug, created_at) values ($1, $1, $2)`, w.org, tx.Now)
				return nil, fmt.Errorf("%w: %w", store.ErrAgain, err)
			}
			return nil, nil
		}
		w.mustDo(w.boss, act, "x")
		if tries < 4 {
			w.Errorf("%d tries", tries)
		}
	})
}

// TestFailClosed: an act or a consultation whose rights cannot be read is not done
// (AUZ-14).
func TestFailClosed(t *testing.T) {
	each(t, func(w *world) {
		before := w.dump()
		ctx, leave := context.WithCancel(context.Background())
		leave()
		if _, err := action.Run(ctx, w.run, w.boss, w.edit(), w.does("x")); err == nil {
			w.Error("done for somebody who left")
		}
		w.exec(`drop view standing`)
		_, err := w.do(w.boss, w.edit(), w.does("x"))
		if err == nil || fault.Of(err).Kind != fault.Internal {
			w.Errorf("told %v", err)
		}
		_, err = action.View(context.Background(), w.run, w.boss, w.edit(), func(*store.Tx) (int, error) {
			w.Error("looked")
			return 0, nil
		})
		if err == nil {
			w.Error("no error")
		}
		if got := changed(before, w.dump()); got != "" {
			w.Errorf("changed %s", got)
		}
	})
}
