package merge_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/merge"
	"habilis/internal/role"
	"habilis/internal/session"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Somebody merged an account that is not theirs: the mailbox of its person takes it back, without
// signing in, and once. The browsers of the other end; the password, which they know, opens nothing.
func TestUndoneByTheLink(t *testing.T) {
	eachWorld(t, func(w *world) {
		a, ctx := w.accounts(), w.Context()
		thief, m := w.joined("odile", "paul")
		link, nobody := w.link(), access.Actor{Kind: access.Anonymous, Address: "192.0.2.1", Via: "web"}
		if link == "" || w.count(`select count(*) from account_merge where undo_hash is not null`) != 1 {
			t.Fatal("no link")
		}
		w.clock.Add(10 * time.Minute)
		got, err := a.ByLink(ctx, nobody, link)
		if err != nil || got.ID != m.ID || !got.MayUndo || w.holds("paul") {
			t.Errorf("%+v %v", got, err)
		}
		_, err = a.UndoByLink(ctx, nobody, "hm_"+link)
		w.want("made up", err, merge.ErrLinkGone)
		u, err := a.UndoByLink(ctx, nobody, link)
		w.must(err)
		if u.State != merge.AccountsApart || u.Reset.IsZero() {
			t.Errorf("%+v", u)
		}
		if w.holds("odile") || w.accountStatus("paul") != account.Active || w.member(w.id["paul"]).Account != w.account["paul"] {
			t.Error("it is not as it was")
		}
		if n := w.count(`select count(*) from session where account_id = $1 and ended_at is null`, thief.Account); n != 0 {
			t.Error("the browser of whoever merged them is signed in still")
		}
		if n := w.count(`select count(*) from credential_guard where account_id = $1 and locked_at is not null`, w.account["paul"]); n != 1 {
			t.Error("the password that they know opens the account again")
		}
		_, err = a.UndoByLink(ctx, nobody, link)
		w.want("twice", err, merge.ErrLinkGone)
		if n := w.count(`select count(*) from job where kind = 'letter.accounts_unmerged'`); n != 2 {
			t.Errorf("%d letters", n)
		}
	})
}

// After AccountsUndoFor the account that gave way is no more: nothing proves it, its address is free, and
// whose it was stays known.
func TestMergedForGood(t *testing.T) {
	eachWorld(t, func(w *world) {
		a, ctx := w.accounts(), w.Context()
		by, m := w.joined("odile", "paul")
		w.clock.Add(departure.UndoFor - time.Second)
		w.must(a.Finish(ctx))
		if w.count(`select count(*) from account_merge where state = 'merged'`) != 1 {
			t.Fatal("finished before its time")
		}
		w.clock.Add(time.Second)
		by.StepUp = w.db.Now()
		link := w.link()
		_, err := a.Undo(ctx, by, m.ID, m.Version)
		w.want("too late", err, merge.ErrAccountsLate)
		_, err = a.UndoByLink(ctx, access.Actor{Kind: access.Anonymous}, link)
		w.want("the link, too late", err, merge.ErrLinkGone)
		w.must(a.Finish(ctx))
		w.must(a.Finish(ctx))
		if n := w.installed("account.finish_merge"); n != 1 {
			t.Errorf("finished %d times", n)
		}
		if n := w.count(`select count(*) from credential where account_id = $1 and removed_at is null`, w.account["paul"]); n != 0 {
			t.Error("the password is there still")
		}
		w.write(func(ctx context.Context, tx *store.Tx) error {
			same, err := merge.Covered(ctx, tx, w.account["odile"])
			if err != nil || !slices.Equal(same, []ident.Account{w.account["odile"], w.account["paul"]}) {
				t.Errorf("%v %v", same, err)
			}
			_, err = account.Insert(ctx, tx, account.New{Email: account.Email{Key: "paul@exemple.fr", Address: "paul@exemple.fr"}, Language: text.FR})
			return err
		})
		list, err := a.List(ctx, by)
		if err != nil || len(list) != 1 || list[0].State != merge.AccountsFinished || list[0].GoneName == "" || list[0].GoneEmail != "" || list[0].NoUndo != merge.ErrAccountsLate.Code {
			t.Errorf("%+v %v", list, err)
		}
		if !w.holds("odile") {
			t.Error("odile lost what became hers")
		}
	})
}

// Of two who merge with one half, one does; a merging and a departure at once leave one of the two whole.
func TestMergingRaces(t *testing.T) {
	eachWorld(t, func(w *world) {
		a, ctx := w.accounts(), w.Context()
		by := w.signedIn("odile")
		half := w.proof(by, "paul")
		both := func(f, g func() error) (errs [2]error) {
			var wait sync.WaitGroup
			for i, fn := range []func() error{f, g} {
				wait.Go(func() { errs[i] = fn() })
			}
			wait.Wait()
			return errs
		}
		join := func() error { _, err := a.Merge(ctx, by, half); return err }
		for _, err := range both(join, join) {
			if err != nil && !errors.Is(err, session.ErrHalfGone) && !fault.Is(err, fault.Conflict) {
				t.Error(err)
			}
		}
		if n := w.count(`select count(*) from account_merge`); n != 1 || w.count(`select count(*) from account_merge_member`) != 1 || !w.holds("odile") {
			t.Fatalf("%d mergings", n)
		}
		w.write(func(ctx context.Context, tx *store.Tx) error { return w.more(ctx, tx) })
		by = w.signedIn("seul")
		half = w.proof(by, "weber")
		errs := both(join, func() error {
			_, err := w.d.Start(ctx, w.as("claire"), w.a, w.id["weber"], departure.Order{FullName: full("weber")})
			return err
		})
		m := w.member(w.id["weber"])
		if errs[0] != nil && errs[1] != nil {
			t.Error(errs)
		}
		if errs[0] == nil && m.Account != w.account["seul"] || errs[1] == nil && m.Status != member.Left {
			t.Errorf("%v: %+v", errs, m)
		}
	})
}

// Rights given after the merging go back with the membership; what the other account has elsewhere stays.
func TestUndoneWithWhatThereIsByThen(t *testing.T) {
	eachWorld(t, func(w *world) {
		a, ctx := w.accounts(), w.Context()
		by, m := w.joined("odile", "lise")
		w.write(func(ctx context.Context, tx *store.Tx) error {
			r, err := role.BuiltIn(ctx, tx, w.a, role.Secretary)
			if err != nil {
				return err
			}
			return member.Give(ctx, tx, member.Gift{
				Org: w.a, Member: w.id["lise"], Roles: []role.Given{{Role: r.ID, Scope: access.SiteScope(w.a, w.site["nord"])}}, By: "test",
			})
		})
		then, elsewhere := w.state(w.id["lise"]), w.state(w.id["odile"])
		_, err := a.Undo(ctx, by, m.ID, m.Version)
		w.must(err)
		w.same("what went back", w.state(w.id["lise"]), then)
		w.same("what odile has", w.state(w.id["odile"]), elsewhere)
		if _, err := (setting.Settings{Run: w.run}).Security(ctx, by, w.a); err == nil {
			t.Error("odile reads what is of tilleuls")
		}
	})
}
