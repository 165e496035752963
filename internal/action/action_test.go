package action_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/store"
)

const onlyTheTrail = "audit_event audit_head audit_payload counter"

// TestTogether: the change, its record, its job and the version commit together,
// and the worker is called once they have (AUD-02).
func TestTogether(t *testing.T) {
	each(t, func(w *world) {
		before := w.dump()
		got := w.mustDo(w.boss, w.edit(), "x")
		if got != (made{Name: "x", Secret: "shown once"}) {
			w.Errorf("answered %+v", got)
		}
		if got := changed(before, w.dump()); got != "audit_event audit_head audit_payload installation_fact job org_version" {
			w.Errorf("changed %s", got)
		}
		want := line{"test.edit", "done", "person", w.boss.Account.String(), "x", "", ""}
		if lines := w.trail(w.org.String()); !slices.Equal(lines, []line{want}) {
			w.Errorf("recorded %+v", lines)
		}
		if w.facts() != 1 || w.jobs() != 1 || w.woken != 1 {
			w.Errorf("%d changes, %d jobs, the worker called %d times", w.facts(), w.jobs(), w.woken)
		}
		if strings.Contains(asJSON(w.T, w.dump()), "a link") {
			w.Error("the secret of the job can be read in the database")
		}
		w.verified()
	})
}

// TestAllOrNothing: whatever fails on the way, nothing of the act is there (AUD-02).
func TestAllOrNothing(t *testing.T) {
	boom := errors.New("boom")
	each(t, func(w *world) {
		for name, c := range map[string]struct {
			spoil func(*action.Tx) error // after the whole act
			sql   string                 // what is broken before it
			mend  string
		}{
			"the act fails at its end": {spoil: func(*action.Tx) error { return boom }},
			"the act panics":           {spoil: func(*action.Tx) error { panic(boom) }},
			"a job cannot be written":  {spoil: func(tx *action.Tx) error { tx.After(job.Order{Args: unwritable{}}); return nil }},
			"an event cannot be written": {spoil: func(tx *action.Tx) error {
				tx.Record(audit.Event{Org: w.org, Verb: "test.edit", After: map[string]any{"x": make(chan int)}})
				return nil
			}},
			"it records where it holds no lock": {spoil: func(tx *action.Tx) error {
				tx.Record(audit.Event{Org: w.b, Verb: "test.edit"})
				return nil
			}},
			"it records in the installation's trail": {spoil: func(tx *action.Tx) error {
				tx.Record(audit.Event{Verb: "test.edit"})
				return nil
			}},
			"it refuses a part where it holds no lock": {spoil: func(tx *action.Tx) error {
				tx.Refuse(audit.Event{Org: w.b, Verb: "test.edit"})
				return nil
			}},
			"the trail cannot be written":   {sql: `alter table audit_payload rename to gone`, mend: `alter table gone rename to audit_payload`},
			"the head cannot be written":    {sql: `alter table audit_head rename to gone`, mend: `alter table gone rename to audit_head`},
			"the version cannot be written": {sql: `alter table org_version rename to gone`, mend: `alter table gone rename to org_version`},
			"the job cannot be written":     {sql: `alter table job rename to gone`, mend: `alter table gone rename to job`},
		} {
			before := w.dump()
			if c.sql != "" {
				w.exec(c.sql)
			}
			_, err := w.do(w.boss, w.edit(), func(tx *action.Tx) (made, error) {
				out, err := w.does("x")(tx)
				if err == nil && c.spoil != nil {
					err = c.spoil(tx)
				}
				return out, err
			})
			if c.mend != "" {
				w.exec(c.mend)
			}
			if err == nil || fault.Of(err).Kind != fault.Internal {
				w.Errorf("%s: told %v", name, err)
			}
			if got := changed(before, w.dump()); got != "" {
				w.Errorf("%s: changed %s", name, got)
			}
		}
		if w.woken != 0 {
			w.Errorf("the worker was called %d times", w.woken)
		}
		w.mustDo(w.boss, w.edit(), "afterwards")
	})
}

type unwritable struct{ C chan int }

func (unwritable) Kind() string { return "test.unwritable" }

// TestRecordedNothing: a change that records nothing does not commit.
func TestRecordedNothing(t *testing.T) {
	each(t, func(w *world) {
		before := w.dump()
		_, err := w.do(w.boss, w.edit(), func(tx *action.Tx) (made, error) {
			return made{}, store.SetFact(context.Background(), tx.Tx, "x", "")
		})
		if err == nil || fault.Of(err).Kind != fault.Internal || !strings.Contains(err.Error(), "test.edit recorded nothing") {
			w.Errorf("told %v", err)
		}
		if got := changed(before, w.dump()); got != "" {
			w.Errorf("changed %s", got)
		}
	})
}

// TestNothing: an act that finds nothing to change is content, and leaves nothing:
// neither what it wrote all the same, nor a record, a job or a new version.
func TestNothing(t *testing.T) {
	each(t, func(w *world) {
		before := w.dump()
		content := func(tx *action.Tx) (made, error) {
			if _, err := w.does("x")(tx); err != nil {
				return made{}, err
			}
			return made{Name: "as it was"}, action.Nothing
		}
		for range 2 {
			got, err := w.do(w.boss, w.edit(), content)
			if err != nil || got.Name != "as it was" {
				w.Errorf("answered %+v, %v", got, err)
			}
		}
		if got := changed(before, w.dump()); got != "" || w.woken != 0 {
			w.Errorf("changed %s, the worker called %d times", got, w.woken)
		}
		by := w.boss
		by.Once = access.Once{Key: "k", Body: [32]byte{1}}
		for range 2 {
			if got, err := w.do(by, w.edit(), content); err != nil || got.Name != "as it was" {
				w.Errorf("with a key: %+v, %v", got, err)
			}
		}
		if got := changed(before, w.dump()); got != "idempotency" {
			w.Errorf("with a key: changed %s", got)
		}
		got, err := w.do(by, w.edit(), w.does("later")) // the first answer stands
		if err != nil || got.Name != "as it was" {
			w.Errorf("repeated: %+v, %v", got, err)
		}
	})
}

// TestRefuseAPart: a part of an act may be refused and recorded while the rest goes
// on, and when the rest is nothing too.
func TestRefuseAPart(t *testing.T) {
	each(t, func(w *world) {
		part := audit.Event{Org: w.org, Verb: "test.edit", Object: "line 2", Code: "test.line"}
		w.mustDoFn(func(tx *action.Tx) (made, error) {
			tx.Refuse(part)
			return w.does("line 1")(tx)
		})
		w.mustDoFn(func(tx *action.Tx) (made, error) {
			tx.Refuse(part)
			return made{}, action.Nothing
		})
		me := w.boss.Account.String()
		refused := line{"test.edit", "refused", "person", me, "line 2", "", "test.line"}
		want := []line{refused, {"test.edit", "done", "person", me, "line 1", "", ""}, refused}
		if got := w.trail(w.org.String()); !slices.Equal(got, want) {
			w.Errorf("recorded %+v", got)
		}
		if w.facts() != 1 || w.version(w.org) != 1 {
			w.Errorf("%d changes, version %d", w.facts(), w.version(w.org))
		}
		w.verified()
	})
}

func (w *world) mustDoFn(fn func(*action.Tx) (made, error)) {
	w.Helper()
	if _, err := w.do(w.boss, w.edit(), fn); err != nil {
		w.Fatal(err)
	}
}

// TestVersion: the version of every organisation an act touches grows by one with
// each commit, however often the organisation is named, and with nothing else.
func TestVersion(t *testing.T) {
	each(t, func(w *world) {
		for i := 1; i <= 3; i++ {
			w.mustDo(w.boss, w.edit(), "x")
			if got := w.version(w.org); got != i {
				w.Fatalf("version %d after %d acts", got, i)
			}
		}
		w.refused("access.forbidden", w.nurse, w.edit())
		w.refused("access.not_found", w.other, w.edit())
		if _, err := w.do(w.boss, w.edit(), func(*action.Tx) (made, error) { return made{}, errors.New("no") }); err == nil {
			w.Error("no error")
		}
		w.mustDoFn(func(*action.Tx) (made, error) { return made{}, action.Nothing })
		if w.version(w.org) != 3 || w.version(w.b) != 0 {
			w.Errorf("versions %d and %d", w.version(w.org), w.version(w.b))
		}
		both := w.edit()
		both.Orgs = []ident.Org{w.org, w.b, w.org}
		w.mustDo(w.boss, both, "x")
		if w.version(w.org) != 4 || w.version(w.b) != 1 {
			w.Errorf("versions %d and %d after an act on both", w.version(w.org), w.version(w.b))
		}
	})
}

// TestInstallation: an act on no organisation, or on accounts besides one, holds
// the installation and may record in its trail.
func TestInstallation(t *testing.T) {
	each(t, func(w *world) {
		record := func(e audit.Event) func(*action.Tx) (made, error) {
			return func(tx *action.Tx) (made, error) { tx.Record(e); return made{}, nil }
		}
		own := action.Act{Verb: "test.sign", Needs: []access.Need{access.Myself(w.boss.Account)}}
		if _, err := w.do(w.boss, own, record(audit.Event{Verb: "test.sign"})); err != nil {
			w.Error(err)
		}
		both := w.edit()
		both.Accounts = true
		if _, err := w.do(w.boss, both, record(audit.Event{Verb: "test.sign"})); err != nil {
			w.Error(err)
		}
		if got := len(w.trail(audit.Installation)); got != 2 || len(w.trail(w.org.String())) != 0 {
			w.Errorf("%d lines in the installation's trail", got)
		}
	})
}

// TestView: a consultation writes nothing, not even when it tries; its refusal is
// recorded; the long one has the same rights.
func TestView(t *testing.T) {
	each(t, func(w *world) {
		ctx := context.Background()
		before := w.dump()
		for name, view := range map[string]func(context.Context, *action.Runner, access.Actor, action.Act, func(*store.Tx) (int, error)) (int, error){
			"View": action.View[int], "ViewLong": action.ViewLong[int],
		} {
			if n, err := view(ctx, w.run, w.boss, w.edit(), func(*store.Tx) (int, error) { return 7, nil }); err != nil || n != 7 {
				w.Errorf("%s: %d, %v", name, n, err)
			}
			n, err := view(ctx, w.run, w.boss, w.edit(), func(tx *store.Tx) (int, error) { return 7, store.SetFact(ctx, tx, "x", "") })
			if err == nil || n != 0 {
				w.Errorf("%s wrote: %d, %v", name, n, err)
			}
		}
		if got := changed(before, w.dump()); got != "" {
			w.Errorf("changed %s", got)
		}
		for name, view := range map[string]func(context.Context, *action.Runner, access.Actor, action.Act, func(*store.Tx) (int, error)) (int, error){
			"View": action.View[int], "ViewLong": action.ViewLong[int],
		} {
			n, err := view(ctx, w.run, w.nurse, w.edit(), func(*store.Tx) (int, error) {
				w.Errorf("%s: looked without the right", name)
				return 7, nil
			})
			if w.code(err, "access.forbidden"); n != 0 {
				w.Errorf("%s: %d", name, n)
			}
		}
		if got := changed(before, w.dump()); got != onlyTheTrail {
			w.Errorf("refused: changed %s", got)
		}
		if got := len(w.trail(w.org.String())); got != 2 {
			w.Errorf("%d refusals recorded", got)
		}
	})
}

// TestSystem: the machine itself may do everything, and its failures are no
// refusals.
func TestSystem(t *testing.T) {
	each(t, func(w *world) {
		system := access.Operator("cli")
		act := w.edit()
		act.StepUp = true
		w.mustDo(system, act, "x")
		if got := w.trail(w.org.String())[0]; got.Kind != "system" || got.Actor != "" {
			w.Errorf("recorded %+v", got)
		}
		conflict := fault.New(fault.Conflict, "test.conflict")
		if _, err := w.do(system, act, func(*action.Tx) (made, error) { return made{}, conflict }); !errors.Is(err, conflict) {
			w.Errorf("told %v", err)
		}
		if got := len(w.trail(w.org.String())); got != 1 {
			w.Errorf("%d lines", got)
		}
	})
}
