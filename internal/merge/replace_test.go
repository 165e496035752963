package merge_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/departure"
	"habilis/internal/enrolment"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/member"
	"habilis/internal/merge"
	"habilis/internal/store"
	"habilis/internal/text"
)

// MEM-3: whoever has a wrong number becomes a new member with the right one, who has everything that
// they had, with its dates and by whom it was given, and nothing more; the old one has nothing.
func TestEverythingPasses(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		before := w.state(w.id["paul"])
		if n := strings.Count(before, "\n"); n < 70 {
			t.Fatalf("paul has little: %d\n%s", n, before)
		}
		others := w.state(w.id["weber"]) + w.state(w.id["lise"]) + w.state(w.id["claire"])
		r := w.replaced()
		if w.may(r.Old, "manage", "agenda", w.thing["agenda"].String(), time.Time{}) {
			t.Error("the old one manages the agenda still")
		}
		for _, q := range [][3]string{{"manage", "agenda", "agenda"}, {"manage", "agenda", "room"}, {"send", "identity", "service"}, {"send", "identity", "name"}} {
			if !w.may(r.New, q[0], q[1], w.thing[q[2]].String(), time.Time{}) {
				t.Errorf("the new one may not %s %s at once (SES-01)", q[0], q[2])
			}
		}
		w.sweep()
		w.same("what passed", w.state(r.New), before)
		w.same("what the old one has", w.state(r.Old), "")
		w.same("what others have", w.state(w.id["weber"])+w.state(w.id["lise"])+w.state(w.id["claire"]), others)
		old, now := w.member(r.Old), w.member(r.New)
		if old.Status != member.Left || old.RPPS != wrong || now.Status != member.Active || now.RPPS != right || now.Account != old.Account ||
			now.Identity.Source != member.Declared || now.Phone != old.Phone || now.Function != "physician" || now.ProfessionCode != "10" {
			t.Errorf("%+v\n%+v", old, now)
		}
		if n := w.count(`select count(*) from token where org_id = $1 and revoked_at is null`, w.a); n != 1 {
			t.Error("the token that they made ended, and they stay")
		}
		if n := w.count(`select count(*) from webhook where status = 'active'`); n != 1 {
			t.Error("the endpoint that they answer for was stopped")
		}
		for verb, n := range map[string]int{"member.replace": 1, "member.give_way": 1, "member.succeed": 1, "resource.edit": 2, "departure.finish": 1} {
			if w.trail(verb) != n {
				t.Errorf("%s: %d times, want %d", verb, w.trail(verb), n)
			}
		}
		if n := w.count(`select count(*) from job where kind = 'letter.member_renumbered'`); n != 1 {
			t.Errorf("the person is told %d times", n)
		}
		if n := w.count(`select count(*) from job where kind in ('letter.delegation_ended', 'letter.work_received')`); n != 0 {
			t.Error("somebody is told of an end that is none")
		}
	})
}

// Questions about the past are answered by the old ID as they were; by the new one, nothing was.
func TestThePastStays(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		past := w.db.Now()
		w.clock.Add(time.Hour)
		r := w.replaced()
		w.clock.Add(time.Hour)
		for _, key := range []string{"agenda", "room"} {
			if !w.may(r.Old, "manage", "agenda", w.thing[key].String(), past) || w.may(r.New, "manage", "agenda", w.thing[key].String(), past) {
				t.Errorf("%s: the past changed", key)
			}
			if w.may(r.Old, "manage", "agenda", w.thing[key].String(), time.Time{}) {
				t.Errorf("%s: the old one has it now", key)
			}
		}
	})
}

// What the directory said for the wrong number was somebody else's: names, mailbox and profession are
// those of the right one.
func TestIdentityOfTheRightNumber(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := member.ApplyImport(ctx, tx, w.a, w.id["paul"], published(wrong, "PAUL", "AUTRE"))
			return err
		})
		o := order("paul", right)
		o.FullName = "Paul Autre"
		o.Import = published(right, "PAUL", "LEFEVRE")
		f, err := w.m.Preview(w.Context(), w.as("claire"), w.a, w.id["paul"], o)
		w.must(err)
		if f.After.Name() != "Paul Lefevre" || f.After.MSSante != "paul.lefevre@medecin.mssante.fr" || f.Before.MSSante != "paul.autre@medecin.mssante.fr" {
			t.Errorf("%+v", f.After)
		}
		if n := w.trail("member.replace"); n != 0 || w.member(w.id["paul"]).Status != member.Active {
			t.Error("a preview did it")
		}
		r, err := w.m.Replace(w.Context(), w.as("claire"), w.a, w.id["paul"], o)
		w.must(err)
		if r.NewName != "Paul Lefevre" || w.member(r.New).Identity.Source != member.FromDirectory {
			t.Errorf("%+v", r)
		}
		back, err := w.undo("claire", r.Old, r.Version)
		w.must(err)
		if m := w.member(back.Old); m.Name() != "Paul Autre" || m.RPPS != wrong || m.MSSante != "paul.autre@medecin.mssante.fr" {
			t.Errorf("%+v", m)
		}
	})
}

// Who may: members.edit and members.delete over the whole member, whose administration is within
// theirs; the name, typed, and a proof. Refused, nothing is done (AUZ-05, STP-01).
func TestWhoMayReplace(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		before := w.state(w.id["paul"])
		try := func(by access.Actor, name string, o merge.Order) error {
			_, err := w.m.Replace(w.Context(), by, w.a, w.id[name], o)
			return err
		}
		w.want("a secretary", try(w.as("lise"), "paul", order("paul", right)), access.ErrForbidden)
		w.want("of another site", try(w.as("tina"), "paul", order("paul", right)), member.ErrNotFound)
		w.want("of another organisation", try(w.as("odile"), "paul", order("paul", right)), access.ErrNotFound)
		w.want("oneself", try(w.as("paul"), "paul", order("paul", right)), member.ErrYourself)
		stale := w.as("claire")
		stale.StepUp = time.Time{}
		w.want("without a proof", try(stale, "paul", order("paul", right)), access.ErrStepUp)
		o := order("paul", right)
		o.FullName = "paul lefèvre"
		w.wrong("another name", try(w.as("claire"), "paul", o), "full_name departure.name")
		w.wrong("no number", try(w.as("claire"), "paul", order("paul", "123")), "rpps identifier.rpps_malformed")
		w.wrong("the same number", try(w.as("claire"), "paul", order("paul", wrong)), "rpps merge.same_number")
		w.want("somebody without a number", try(w.as("claire"), "lise", order("lise", right)), merge.ErrNoNumber)
		o = order("paul", right)
		o.Version = 99
		w.want("another version", try(w.as("claire"), "paul", o), merge.ErrStale)
		o = order("paul", right)
		o.Import = published(fourth, "PAUL", "LEFÈVRE")
		w.wrong("another's identity", try(w.as("claire"), "paul", o), "rpps member.import_other")
		w.same("after all refusals", w.state(w.id["paul"]), before)
		if n := w.count(`select count(*) from audit_event where chain = $1 and verb = 'member.replace' and outcome = 'refused'`, w.a); n < 6 {
			t.Errorf("%d refusals recorded", n)
		}
	})
}

// FED-02, RAC-03, MEM-3: a number that somebody else bears here, or has proved in another
// organisation, is not taken from them.
func TestTakenNumbers(t *testing.T) {
	eachWorld(t, func(w *world) {
		_, err := w.replace("claire", "paul", third)
		w.want("weber's number", err, enrolment.ErrRPPSHeld)
		_, err = w.m.Preview(w.Context(), w.as("claire"), w.a, w.id["paul"], order("paul", third))
		w.wrong("weber's number, looked at", err, "rpps member.rpps_taken")
		w.write(func(ctx context.Context, tx *store.Tx) error {
			return w.join(ctx, tx, person{name: "nora", in: w.b, sites: []string{"est"}, rpps: fourth})
		})
		w.proves("nora", w.b, fourth)
		_, err = w.replace("claire", "paul", fourth)
		w.want("a number proved elsewhere", err, enrolment.ErrRPPSHeld)
	})
}

// CHG-4, OFF-6: whoever is deactivated, waits, leaves or is to be deactivated is not revived by it, and
// no planned day is forgotten.
func TestNotRevived(t *testing.T) {
	eachWorld(t, func(w *world) {
		weber := func() error { _, err := w.replace("claire", "weber", right); return err }
		_, err := w.members.Deactivate(w.Context(), w.as("claire"), w.a, w.id["weber"], 0)
		w.must(err)
		w.want("deactivated", weber(), member.ErrNotActive)
		_, err = w.members.Reactivate(w.Context(), w.as("claire"), w.a, w.id["weber"], 0)
		w.must(err)
		day := w.db.Now().AddDate(0, 0, 7).Format(time.DateOnly)
		_, err = w.members.PlanDeactivation(w.Context(), w.as("claire"), w.a, w.id["weber"], day, 0)
		w.must(err)
		w.want("to be deactivated", weber(), merge.ErrPlanned)
		_, err = w.members.CancelDeactivation(w.Context(), w.as("claire"), w.a, w.id["weber"], 0)
		w.must(err)
		_, err = w.d.Start(w.Context(), w.as("claire"), w.a, w.id["weber"], departure.Order{FullName: full("weber"), Day: day})
		w.must(err)
		w.want("to leave", weber(), departure.ErrPlanned)
		_, err = w.d.Cancel(w.Context(), w.as("claire"), w.a, w.id["weber"], departure.AnyVersion)
		w.must(err)
		w.must(weber())
	})
}

// ORG-4: who administers alone is replaced, and administers alone; nothing is left without.
func TestLastAdministrator(t *testing.T) {
	eachWorld(t, func(w *world) {
		r := w.replaced()
		if n := w.count(`select count(*) from member_role where member_id = $1 and scope = $2 and known_until is null`, r.New, w.site["nord"]); n != 1 {
			t.Error("nobody administers nord")
		}
		w.sweep()
		_, err := w.d.Start(w.Context(), w.as("claire"), w.a, r.New, departure.Order{FullName: full("paul")})
		w.want("the last administrator leaves", err, member.ErrLastAdministrator)
	})
}

// OFF-6, AUZ-11: the one that gave way is gone like whoever leaves, comes back by no other door, and
// what remains of it is erased after 30 days; the new one keeps everything.
func TestGoneLikeOthers(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		r := w.replaced()
		w.sweep()
		before := w.state(r.New)
		_, err := w.d.Undo(w.Context(), w.as("claire"), w.a, r.Old, departure.AnyVersion)
		w.want("undone as a departure", err, departure.ErrReplaced)
		v, err := w.d.Preview(w.Context(), w.as("claire"), w.a, r.Old)
		w.must(err)
		if v.May.Undo || v.NoUndo != departure.ErrReplaced.Code || v.Departure.Into != r.New || !v.Departure.Finished {
			t.Errorf("%+v", v)
		}
		gone, err := w.d.Gone(w.Context(), w.as("claire"), w.a, departure.GoneQuery{})
		w.must(err)
		if len(gone.Rows) != 1 || gone.Rows[0].Into != r.New {
			t.Errorf("%+v", gone.Rows)
		}
		w.clock.Add(departure.UndoFor + time.Hour)
		w.sweep()
		if m := w.member(r.Old); m.RPPS != "" || m.Phone != "" || m.Email != "" {
			t.Errorf("the old one is not erased: %+v", m)
		}
		_, err = w.undo("claire", r.Old, r.Version)
		w.want("too late", err, merge.ErrNotFound)
		w.same("the new one", w.state(r.New), before)
		if m := w.member(r.New); m.RPPS != right {
			t.Errorf("%+v", m)
		}
	})
}

// RAC-01: of two who replace somebody at once, one does; there is one new member.
func TestTwoAtOnce(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		before := w.state(w.id["paul"])
		errs := make([]error, 4)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() {
				by, rpps := []string{"claire", "bruno"}[i%2], []string{right, fourth}[i/2]
				_, errs[i] = w.replace(by, "paul", rpps)
			})
		}
		all.Wait()
		done := 0
		for _, err := range errs {
			if err == nil {
				done++
			} else if !errors.Is(err, member.ErrNotFound) {
				t.Error(err)
			}
		}
		w.sweep()
		n := w.count(`select count(*) from member_state where account_id = $1 and known_until is null and status <> 'left'`, w.account["paul"])
		if done != 1 || n != 1 {
			t.Errorf("%d were done, %d memberships", done, n)
		}
		w.write(func(ctx context.Context, tx *store.Tx) error {
			m, _, err := member.ByAccount(ctx, tx, w.a, w.account["paul"])
			w.id["new"] = m.ID
			return err
		})
		w.same("what passed", w.state(w.id["new"]), before)
	})
}

// Of a departure and a replacement at once, one happens, whole.
func TestWhileDeparting(t *testing.T) {
	eachWorld(t, func(w *world) {
		var leaves, replaces error
		var all sync.WaitGroup
		all.Go(func() {
			_, leaves = w.d.Start(w.Context(), w.as("bruno"), w.a, w.id["weber"], departure.Order{FullName: full("weber")})
		})
		all.Go(func() { _, replaces = w.replace("claire", "weber", right) })
		all.Wait()
		w.sweep()
		if (leaves == nil) == (replaces == nil) {
			t.Fatalf("departure: %v, replacement: %v", leaves, replaces)
		}
		there := w.count(`select count(*) from member_state where account_id = $1 and known_until is null and status <> 'left'`, w.account["weber"])
		if (replaces == nil) != (there == 1) {
			t.Errorf("%d memberships", there)
		}
	})
}

// MEM-1, MEM-11: whoever waits for their account is replaced too, and the invitation that they were sent
// goes on opening: the new membership, not the old one.
func TestWhoeverWaits(t *testing.T) {
	eachWorld(t, func(w *world) {
		var id ident.Member
		w.write(func(ctx context.Context, tx *store.Tx) error {
			m, err := member.Insert(ctx, tx, member.New{
				Org: w.a, GivenName: "Zoé", FamilyName: "Petit", Email: "zoe@exemple.fr", Function: "physician", RPPS: fourth,
				ProfileType: member.Regulated, Sites: []ident.Site{w.site["nord"]}, GivenBy: "test",
			})
			if err != nil {
				return err
			}
			id = m.ID
			_, err = invitation.Insert(ctx, tx, invitation.Batch{
				Org: w.a, By: invitation.InviterOf(w.as("claire"), w.a, false), ByName: "Claire", Language: text.FR, Welcome: invitation.ByLink,
				Sites: []ident.Site{w.site["nord"]},
				To:    []invitation.To{{Email: account.Email{Key: "zoe@exemple.fr", Address: "zoe@exemple.fr"}, Member: id}},
			})
			return err
		})
		o := merge.Order{FullName: "Zoé Petit", Renumbered: member.Renumbered{RPPS: right, GivenName: "Zoë"}}
		r, err := w.m.Replace(w.Context(), w.as("claire"), w.a, id, o)
		w.must(err)
		if n := w.count(`select count(*) from invitation where member_id = $1 and status = 'pending'`, r.New); n != 1 {
			t.Error("the invitation is not the new membership's")
		}
		if m := w.member(r.New); m.Status != member.Created || !m.Account.IsZero() || m.Name() != "Zoë Petit" || !m.Waiting() {
			t.Errorf("%+v", m)
		}
		_, err = w.undo("claire", r.Old, r.Version)
		w.must(err)
		if n := w.count(`select count(*) from invitation where member_id = $1 and status = 'pending'`, r.Old); n != 1 {
			t.Error("the invitation is not the old one's again")
		}
	})
}

// A right that was taken, or ended, before does not come back with the new membership.
func TestNothingComesBack(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		w.level("paul", "room", grant.None)
		until := w.db.Now().Add(time.Hour)
		_, err := w.grants.Apply(w.Context(), w.as("claire"), w.a, grant.Wanted{Changes: []grant.Change{
			{Member: w.id["paul"], Resource: w.thing["room"], Level: grant.Read, Until: &until},
		}})
		w.must(err)
		w.clock.Add(2 * time.Hour)
		r := w.replaced()
		if w.may(r.New, "read", "agenda", w.thing["room"].String(), time.Time{}) {
			t.Error("what had ended is given again")
		}
	})
}
