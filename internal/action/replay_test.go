package action_test

import (
	"context"
	"testing"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

var errNotThere = fault.New(fault.NotFound, "test.not_there")

// remove is an act whose rights depend on a thing that it removes.
func (w *world) remove(name string) (action.Act, func(*action.Tx) (made, error)) {
	act := action.Act{Verb: "test.remove", Orgs: []ident.Org{w.org}}
	act.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		_, found, err := store.Fact(ctx, tx, name)
		if err == nil && !found {
			err = errNotThere
		}
		return []access.Need{access.At(access.MembersEdit, access.OrgScope(w.org))}, err
	}
	return act, func(tx *action.Tx) (made, error) {
		tx.Record(audit.Event{Org: w.org, Verb: "test.remove", Object: name})
		return made{Name: name}, store.DropFact(context.Background(), tx.Tx, name)
	}
}

// TestReplayOfRemoval (F1, rest.md): a removal whose answer was lost is asked for
// again with the same key and gets its answer, not "there is no such thing"; that
// is for the same caller, still in the organisation, with the same request.
func TestReplayOfRemoval(t *testing.T) {
	each(t, func(w *world) {
		w.exec(`insert into installation_fact (name, value, at) values ('thing', '', $1)`, w.db.Now())
		act, fn := w.remove("thing")
		by := once(w.boss, "k", 1)
		for range 2 {
			if got, err := w.do(by, act, fn); err != nil || got.Name != "thing" {
				t.Errorf("%+v %v", got, err)
			}
		}
		check := func(who access.Actor, want string) {
			t.Helper()
			if _, err := w.do(who, act, fn); fault.Of(err).Code != want {
				t.Errorf("%v, not %s", err, want)
			}
		}
		check(w.boss, "test.not_there")
		check(once(w.boss, "another", 1), "test.not_there")
		check(once(w.boss, "k", 2), "idempotency.body_changed")
		check(once(w.nurse, "k", 1), "test.not_there")
		check(once(w.other, "k", 1), "access.not_found")
		w.exec(`update account_state set status = 'blocked' where account_id = $1`, by.Account)
		check(by, "access.not_found")
	})
}
