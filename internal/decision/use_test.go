package decision_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/decision"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// useWorld is a world whose uses are noted.
type useWorld struct {
	*world

	uses *decision.Uses
	m    ident.Member
}

func eachUse(t *testing.T, fn func(t *testing.T, w *useWorld)) {
	t.Helper()
	eachWorld(t, func(t *testing.T, w *world) {
		w.begin()
		if err := decision.NoteUsesFrom(t.Context(), w.db); err != nil {
			t.Fatal(err)
		}
		u := &useWorld{world: w, uses: decision.NewUses(w.run)}
		u.m = w.addMember(w.sites[0])
		fn(t, u)
	})
}

// ask puts a question to the index as the door does, and has the answer noted.
func (w *useWorld) ask(typ, id, act string) {
	w.Helper()
	q := decision.Question{Subject: decision.Entity{Type: "member", ID: w.m.String()}, Action: act, Resource: decision.Entity{Type: typ, ID: id}}
	w.put(&q)
}

func (w *useWorld) put(q *decision.Question) {
	w.Helper()
	a, err := w.d.Ask(w.Context(), w.org, q)
	if err != nil {
		w.Fatal(err)
	}
	w.uses.Note(w.org, q, a)
}

func (w *useWorld) last() decision.Used {
	w.Helper()
	if err := w.uses.Flush(w.Context()); err != nil {
		w.Fatal(err)
	}
	return w.read()
}

func (w *useWorld) read() (u decision.Used) {
	w.Helper()
	err := w.db.Read(w.Context(), func(tx *store.Tx) (err error) {
		u, err = decision.LastUses(w.Context(), tx, w.org, w.members)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return u
}

func (w *useWorld) today() time.Time {
	t := w.db.Now().In(text.Zone)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, text.Zone)
}

// TestLastUses: permitted answers are uses of the right that permitted them, by day; refusals,
// searches and answers about the past are none (AUD-3).
func TestLastUses(t *testing.T) {
	eachUse(t, func(t *testing.T, w *useWorld) {
		used, other := w.addResource("agenda", ""), w.addResource("agenda", "")
		w.grant(w.m, used, "read", w.always())
		w.grant(w.m, other, "read", w.always())
		role := w.addRole(access.RecordsRead, access.StatisticsRead)
		w.giveRole(w.m, role, access.WholeOrganization, nil, w.always())
		w.givePermission(w.m, access.TasksRead, w.sites[0].String(), w.sites[0], w.always())

		w.ask("agenda", used, "read")
		w.ask("agenda", other, "manage") // refused
		w.put(&decision.Question{Subject: decision.Entity{Type: "member", ID: w.m.String()}, Action: "read",
			Resource: decision.Entity{Type: "agenda", ID: other}, At: w.db.Now()})
		u := w.last()
		r := w.rightsOf(time.Time{})[w.m]
		of := func(list []decision.Right, id string) time.Time {
			for _, one := range list {
				if one.Resource.ID == id || one.ID == id {
					return u.Of(w.m, one)
				}
			}
			t.Fatalf("no right %s in %+v", id, list)
			return time.Time{}
		}
		if got := of(r.Agendas, used); !got.Equal(w.today()) {
			t.Errorf("the agenda that was read: %v", got)
		}
		if got := of(r.Agendas, other); !got.IsZero() {
			t.Errorf("the agenda that was refused: %v", got)
		}
		if got := of(r.Roles, role.String()); !got.IsZero() {
			t.Errorf("a role of which nothing was used: %v", got)
		}
		if u.Since.IsZero() || u.Since.After(w.db.Now()) || !u.Last(w.m).Equal(w.today()) {
			t.Errorf("since %v, last %v", u.Since, u.Last(w.m))
		}

		first := w.today()
		w.clock.Add(25 * time.Hour)
		w.ask("patient_record", "dossier-secret-42", "read")
		w.ask("site", w.sites[1].String(), string(access.TasksRead)) // held elsewhere: refused
		u = w.last()
		if got := of(r.Roles, role.String()); !got.Equal(w.today()) || got.Equal(first) {
			t.Errorf("the role by which a record was read: %v", got)
		}
		if got := u.Of(w.m, r.Permissions[0]); !got.IsZero() {
			t.Errorf("a permission used nowhere: %v", got)
		}
		w.ask("site", w.sites[0].String(), string(access.TasksRead))
		if got := w.last().Of(w.m, r.Permissions[0]); !got.Equal(w.today()) {
			t.Errorf("a permission used at its site: %v", got)
		}
		if dump := w.dump(); strings.Contains(dump, "secret-42") {
			t.Errorf("a patient record is named: %s", dump)
		}
	})
}

func (w *useWorld) dump() string {
	w.Helper()
	var out []string
	err := w.db.Read(w.Context(), func(tx *store.Tx) (err error) {
		out, err = store.All(w.Context(), tx, store.Value[string], `
			select member_id || ' ' || type || ' ' || object_id || ' ' || action from right_use order by 1`)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return strings.Join(out, "\n")
}

// The last day wins, whatever comes first; a question about an account is a use of the member.
func TestLastUsesByAccountAndDay(t *testing.T) {
	eachUse(t, func(t *testing.T, w *useWorld) {
		a := w.addResource("agenda", w.m)
		q := decision.Question{
			Subject: decision.Entity{Type: "account", ID: w.accounts[w.m].String()}, Action: "manage", Resource: decision.Entity{Type: "agenda", ID: a},
		}
		w.put(&q)
		w.clock.Add(48 * time.Hour)
		w.put(&q)
		u := w.last()
		if got := u.Last(w.m); !got.Equal(w.today()) {
			t.Errorf("%v, not %v", got, w.today())
		}
		if n := strings.Count(w.dump(), "\n"); n != 0 {
			t.Errorf("one right, one row: %s", w.dump())
		}
	})
}

// Acts in Habilis are uses too, of the permission that they need or that their name tells; what a
// person does with their own sheet is none, nor what the command line and strangers do.
func TestUsesInHabilis(t *testing.T) {
	eachUse(t, func(t *testing.T, w *useWorld) {
		w.givePermission(w.m, access.GroupsEdit, access.WholeOrganization, nil, w.always())
		w.givePermission(w.m, access.MembersRead, access.WholeOrganization, nil, w.always())
		w.givePermission(w.m, access.SitesEdit, w.sites[0].String(), w.sites[0], w.always())
		by := access.Actor{Kind: access.Person, Account: w.accounts[w.m], Name: "x"}
		see := func(by access.Actor, act action.Act) error {
			act.Orgs = []ident.Org{w.org}
			_, err := action.View(w.Context(), w.run, by, act, func(*store.Tx) (struct{}, error) { return struct{}{}, nil })
			return err
		}
		member, whole := []access.Need{access.MemberOf(w.org)}, access.OrgScope(w.org)
		r := w.rightsOf(time.Time{})[w.m]
		of := func(p access.Permission) time.Time {
			for _, one := range r.Permissions {
				if one.Level == string(p) {
					return w.last().Of(w.m, one)
				}
			}
			t.Fatalf("no permission %s", p)
			return time.Time{}
		}

		for _, step := range []struct {
			by  access.Actor
			act action.Act
		}{
			{by, action.Act{Verb: "test.read", Needs: member}},
			{by, action.Act{Verb: "member.read", Needs: member, Subject: w.m.String()}},
			{by, action.Act{Verb: "site.list", Needs: member}},
			{access.Operator("test"), action.Act{Verb: "test.read", Needs: []access.Need{access.At(access.GroupsEdit, whole)}}},
		} {
			if err := see(step.by, step.act); err != nil {
				t.Fatal(err)
			}
		}
		if err := see(by, action.Act{Verb: "test.read", Needs: []access.Need{access.At(access.SitesEdit, whole)}}); err == nil {
			t.Fatal("allowed")
		}
		if d := w.dump(); d != "" || !w.last().Last(w.m).IsZero() {
			t.Fatalf("noted: %s", d)
		}

		if err := see(by, action.Act{Verb: "member.list", Needs: member}); err != nil {
			t.Fatal(err)
		}
		act := action.Act{Verb: "test.change", Orgs: []ident.Org{w.org}, Needs: []access.Need{access.At(access.GroupsEdit, whole)}}
		if _, err := action.Run(w.Context(), w.run, by, act, func(tx *action.Tx) (struct{}, error) {
			tx.Record(audit.Event{Org: w.org, Verb: "test.change"})
			return struct{}{}, nil
		}); err != nil {
			t.Fatal(err)
		}
		if of(access.MembersRead).IsZero() || of(access.GroupsEdit).IsZero() || !of(access.SitesEdit).IsZero() {
			t.Errorf("noted:\n%s", w.dump())
		}
	})
}

// Notes are bounded in memory and in rows; who has left is forgotten, and whoever is erased (AUD-4).
func TestUsesBounded(t *testing.T) {
	eachUse(t, func(t *testing.T, w *useWorld) {
		yes := decision.Answer{Allowed: true}
		n := decision.UseQueue * 2
		for i := range n {
			w.uses.Note(w.org, &decision.Question{Subject: decision.Entity{Type: "member", ID: w.m.String()}, Action: "read",
				Resource: decision.Entity{Type: "agenda", ID: "agd_" + strconv.Itoa(i)}}, yes)
		}
		if d := w.uses.Dropped(); d < decision.UseQueue/2 || d > int64(n) {
			t.Errorf("%d of %d were dropped", d, n)
		}
		w.last()
		if err := decision.SweepUses(t.Context(), w.db); err != nil {
			t.Fatal(err)
		}
		if rows := strings.Count(w.dump(), "\n") + 1; rows != decision.UsesOfMember {
			t.Errorf("%d rows of one member", rows)
		}
		gone := w.addMember()
		w.uses.Note(w.org, &decision.Question{Subject: decision.Entity{Type: "member", ID: gone.String()}, Action: "read",
			Resource: decision.Entity{Type: "agenda", ID: "agd_1"}}, yes)
		w.last()
		w.setMember(gone, memberState{status: "left", function: "nurse", reach: "site"})
		if err := decision.SweepUses(t.Context(), w.db); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(w.dump(), gone.String()) {
			t.Error("uses of somebody who has left")
		}
		if err := w.db.Write(t.Context(), []store.Lock{store.Lock(w.org)}, func(tx *store.Tx) error {
			return decision.ForgetUses(t.Context(), tx, w.org, w.m)
		}); err != nil || w.dump() != "" {
			t.Errorf("%v %s", err, w.dump())
		}
		w.ask("agenda", w.addResource("agenda", w.m), "read")
		w.last()
		w.clock.Add(decision.UseKeep + 48*time.Hour)
		if err := decision.SweepUses(t.Context(), w.db); err != nil || w.dump() != "" {
			t.Errorf("%v %s", err, w.dump())
		}
		if since := w.read().Since; since.Before(w.db.Now().Add(-decision.UseKeep - time.Minute)) {
			t.Errorf("since %v: what is swept is not known", since)
		}
	})
}

// What the database does not take is noted again when it is used again.
func TestUsesNotWritten(t *testing.T) {
	eachUse(t, func(t *testing.T, w *useWorld) {
		a := w.addResource("agenda", w.m)
		w.ask("agenda", a, "read")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := w.uses.Flush(ctx); err == nil {
			t.Fatal("written without a database")
		}
		if !w.read().Last(w.m).IsZero() {
			t.Fatal("written")
		}
		w.ask("agenda", a, "read")
		if w.last().Last(w.m).IsZero() {
			t.Error(fmt.Sprint("not noted again; dropped ", w.uses.Dropped()))
		}
	})
}

// Where nobody said that uses are noted, none is known of before now: no right is called unused.
func TestUsesNeverNoted(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.begin()
		w.addMember()
		u := (&useWorld{world: w}).read()
		if w.db.Now().Sub(u.Since) > time.Minute {
			t.Errorf("%v, not %v", u.Since, w.db.Now())
		}
	})
}
