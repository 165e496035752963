package merge_test

import (
	"context"
	"testing"
	"time"

	"habilis/internal/account"
	"habilis/internal/departure"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/member"
	"habilis/internal/merge"
	"habilis/internal/store"
	"habilis/internal/text"
)

// planned has paul, who administers nord, plan the departure of weber and the deactivation of lise, both
// for the third day from now, and gives the two as they stand.
func (w *world) planned() (stands func() (leaves, held string)) {
	w.Helper()
	ctx, paul := w.Context(), w.as("paul")
	day := w.db.Now().AddDate(0, 0, 3).Format(time.DateOnly)
	_, err := w.d.Start(ctx, paul, w.a, w.id["weber"], departure.Order{FullName: full("weber"), Day: day})
	w.must(err)
	_, err = w.members.PlanDeactivation(ctx, paul, w.a, w.id["lise"], day, 0)
	w.must(err)
	return func() (leaves, held string) {
		w.Helper()
		w.must(w.db.Read(ctx, func(tx *store.Tx) error {
			err := tx.QueryRow(ctx, `select state || ' ' || refused from departure where org_id = $1 and member_id = $2`, w.a, w.id["weber"]).Scan(&leaves)
			if err != nil {
				return err
			}
			p, err := member.PlannedFor(ctx, tx, w.a, w.id["lise"])
			if err == nil && p != nil {
				held = "planned " + p.Held
			}
			return err
		}))
		return leaves, held
	}
}

// days lets days pass, with what the server does by itself in them.
func (w *world) days(n int) {
	w.Helper()
	w.clock.Add(time.Duration(n) * 24 * time.Hour)
	w.sweep()
	w.must(w.members.CarryOutPlans(w.Context()))
}

// rules.md 13: what the account that gave way had planned rests on its authority, which it has no more:
// on its day nothing is done, and it waits to be confirmed by whoever may, the person themself included.
func TestWhatTheOtherAccountPlannedWaits(t *testing.T) {
	eachWorld(t, func(w *world) {
		stands := w.planned()
		by, _ := w.joined("odile", "paul")
		w.days(5)
		leaves, held := stands()
		if leaves != "planned "+departure.ErrDecider.Code || held != "planned "+member.ErrPlanner.Code {
			t.Fatalf("%q, %q", leaves, held)
		}
		for _, name := range []string{"weber", "lise"} {
			if m := w.member(w.id[name]); m.Status != member.Active {
				t.Errorf("%s is %s, by an account that is closed", name, m.Status)
			}
		}
		if w.trail("departure.hold") != 1 || w.trail("member.hold_deactivation") != 1 ||
			w.count(`select count(*) from job where kind in ('letter.departure_held', 'letter.deactivation_held')`) != 2 {
			t.Error("nobody is told that it waits")
		}
		by.StepUp = w.db.Now()
		ctx := w.Context()
		v, err := w.d.Preview(ctx, by, w.a, w.id["weber"])
		w.must(err)
		done, err := w.d.Start(ctx, by, w.a, w.id["weber"], departure.Order{FullName: full("weber"), Version: v.Departure.Version})
		if err != nil || done.State != departure.Done {
			t.Errorf("confirmed by the person: %+v %v", done, err)
		}
	})
}

// Taken back before the day, the account that planned it may again: it is done on its day.
func TestWhatTheOtherAccountPlannedGoesOn(t *testing.T) {
	eachWorld(t, func(w *world) {
		stands := w.planned()
		by, m := w.joined("odile", "paul")
		_, err := w.accounts().Undo(w.Context(), by, m.ID, m.Version)
		w.must(err)
		w.days(5)
		if leaves, held := stands(); leaves != "done " || held != "" {
			t.Errorf("%q, %q", leaves, held)
		}
		if left, off := w.member(w.id["weber"]).Status, w.member(w.id["lise"]).Status; left != member.Left || off != member.Deactivated {
			t.Errorf("%s, %s", left, off)
		}
	})
}

// again is another membership of paul in «tilleuls».
func (w *world) again() (id ident.Member) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		m, err := member.Insert(ctx, tx, member.New{
			Org: w.a, Account: w.account["paul"], Status: member.Active, GivenName: "Paul", FamilyName: "Lefèvre", Email: "paul@exemple.fr",
			Function: "secretary", GivenBy: "test", Sites: []ident.Site{w.site["sud"]},
		})
		id = m.ID
		return err
	})
	return id
}

// FED-02: an organisation that took the account which gave way in again, meanwhile, has two memberships
// then, of two accounts: undone, the one that went over stays where it is, and no account has both.
func TestTakenInAgainMeanwhile(t *testing.T) {
	eachWorld(t, func(w *world) {
		by, m := w.joined("odile", "paul")
		other := w.again()
		had := w.state(w.id["paul"])
		u, err := w.accounts().Undo(w.Context(), by, m.ID, m.Version)
		w.must(err)
		if u.State != merge.AccountsApart || len(u.Members) != 1 || u.Members[0].Back || w.accountStatus("paul") != "active" {
			t.Errorf("%+v", u)
		}
		if now := w.member(w.id["paul"]); now.Account != w.account["odile"] || now.Status != member.Active || now.Email != "odile@exemple.fr" {
			t.Errorf("%+v", now)
		}
		if now := w.member(other); now.Account != w.account["paul"] || now.Status != member.Active {
			t.Errorf("%+v", now)
		}
		w.same("what stays", w.state(w.id["paul"]), had)
		if w.trail("member.account_back") != 0 {
			t.Error("the organisation is told that it went back")
		}
		n := w.count(`select count(*) from member_state where account_id = $1 and status <> 'left' and known_until is null`, w.account["paul"])
		if n != 1 {
			t.Errorf("paul has %d memberships", n)
		}
	})
}

// invited sends an invitation to «tilleuls» on the authority of somebody, and reports whether its link
// opens for as long as that stands.
func (w *world) invited(by, address string) (opens func() bool) {
	w.Helper()
	var link string
	w.write(func(ctx context.Context, tx *store.Tx) error {
		sent, err := invitation.Insert(ctx, tx, invitation.Batch{
			Org: w.a, By: invitation.InviterOf(w.as(by), w.a, false), ByName: full(by), Language: text.FR, Welcome: invitation.ByLink,
			Sites: []ident.Site{w.site["nord"]}, To: []invitation.To{{Email: account.Email{Key: address, Address: address}}},
		})
		if err == nil {
			link = sent[0].Secret.Reveal()
		}
		return err
	})
	return func() (stands bool) {
		w.Helper()
		w.must(w.db.Read(w.Context(), func(tx *store.Tx) error {
			hash, _ := invitation.ParseLink(link)
			i, found, err := invitation.ByToken(w.Context(), tx, hash)
			if err != nil || !found {
				return err
			}
			stands, err = i.Stands(w.Context(), tx)
			return err
		}))
		return stands
	}
}

// rules.md 13: what the account that gave way had sent goes on opening, on the authority of the one that
// was kept, whose membership it is now; undone, what was sent meanwhile opens nothing.
func TestInvitationsOfTheOtherAccountGoOn(t *testing.T) {
	eachWorld(t, func(w *world) {
		before := w.invited("paul", "zoe@exemple.fr")
		if !before() {
			t.Fatal("paul may not invite")
		}
		w.clock.Add(time.Minute)
		by, m := w.joined("odile", "paul")
		w.clock.Add(time.Minute)
		meanwhile := w.invited("odile", "ines@exemple.fr")
		if !before() || !meanwhile() {
			t.Errorf("from before: %v, sent since: %v", before(), meanwhile())
		}
		_, err := w.accounts().Undo(w.Context(), by, m.ID, m.Version)
		w.must(err)
		if !before() || meanwhile() {
			t.Errorf("undone, from before: %v, sent since: %v", before(), meanwhile())
		}
	})
}
