package merge_test

import (
	"context"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/departure"
	"habilis/internal/member"
	"habilis/internal/merge"
	"habilis/internal/store"
)

// made counts what an account answers for in «tilleuls»: tokens in force and endpoints.
func (w *world) made(name string) int {
	w.Helper()
	return w.count(`select (select count(*) from token where org_id = $1 and created_by = $2 and revoked_at is null)
		+ (select count(*) from webhook where org_id = $1 and owner = $2)`, w.a, w.account[name])
}

// rules.md 13: a membership that was over goes back alone. What the account that was kept made in that
// organisation, by a membership of its own, stays with it, and stands.
func TestWhatIsOverTakesNothingBack(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		w.make()
		_, err := w.d.Start(ctx, w.as("claire"), w.a, w.id["lise"], departure.Order{FullName: full("lise")})
		w.must(err)
		w.sweep()
		w.clock.Add(time.Hour)
		by, m := w.joined("paul", "lise")
		_, err = w.accounts().Undo(ctx, by, m.ID, m.Version)
		w.must(err)
		if now := w.member(w.id["lise"]); now.Account != w.account["lise"] || now.Status != member.Left {
			t.Errorf("%+v", now)
		}
		if his, hers := w.made("paul"), w.made("lise"); his != 2 || hers != 0 {
			t.Errorf("paul answers for %d, lise, who left, for %d", his, hers)
		}
	})
}

// MEM-3: a membership that another took the place of meanwhile goes back with that one, which has all
// that it had: who was taken in by somebody leaves them nothing.
func TestUndoneWhenReplacedMeanwhile(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		w.make()
		by, m := w.joined("odile", "paul")
		w.replaced()
		w.sweep()
		w.clock.Add(time.Hour)
		by.StepUp = w.db.Now()
		list, err := w.accounts().List(ctx, by)
		w.must(err)
		if len(list) != 1 || len(list[0].Members) != 1 || list[0].Members[0].Member != w.id["new"] || list[0].Members[0].Status != member.Active {
			t.Errorf("%+v", list)
		}
		u, err := w.accounts().Undo(ctx, by, m.ID, m.Version)
		w.must(err)
		if u.State != merge.AccountsApart || len(u.Members) != 1 || !u.Members[0].Back || u.Members[0].Member != w.id["new"] {
			t.Errorf("%+v", u)
		}
		for _, name := range []string{"paul", "new"} {
			if now := w.member(w.id[name]); now.Account != w.account["paul"] {
				t.Errorf("%s is of %s (%s)", name, now.Account, now.Status)
			}
		}
		if w.holds("odile") || !w.holds("paul") {
			t.Error("what paul had stays with the account that took him in")
		}
		if his, hers := w.made("paul"), w.made("odile"); his != 2 || hers != 0 {
			t.Errorf("paul answers for %d, odile for %d", his, hers)
		}
	})
}

// rules.md 7: whoever took an account over may have made a token for its organisation, and an endpoint, with
// what it had. The link ends them at once, whether another password is chosen or not; a person who
// undoes it themself keeps them.
func TestTheLinkEndsWhatWasMade(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		w.make()
		by, m := w.joined("odile", "paul")
		_, err := w.accounts().Undo(ctx, by, m.ID, m.Version)
		w.must(err)
		active := func() int {
			return w.count(`select count(*) from webhook where org_id = $1 and owner = $2 and status = 'active'`, w.a, w.account["paul"])
		}
		if w.made("paul") != 2 || active() != 1 {
			t.Errorf("undone by the person: %d, %d", w.made("paul"), active())
		}
		undone := w.link()
		w.joined("odile", "paul")
		stranger := access.Actor{Kind: access.Anonymous, Name: "192.0.2.1", Address: "192.0.2.1", Via: "web"}
		_, err = w.accounts().UndoByLink(ctx, stranger, undone)
		w.want("the link of the one before", err, merge.ErrLinkGone)
		_, err = w.accounts().UndoByLink(ctx, stranger, w.link())
		w.must(err)
		if w.made("paul") != 1 || active() != 0 || w.made("odile") != 0 {
			t.Errorf("undone by the link: %d, %d, %d", w.made("paul"), active(), w.made("odile"))
		}
		if w.trail("token.revoke") != 1 || w.trail("webhook.stop") != 1 {
			t.Error("the organisation is not told")
		}
	})
}

// INV-14: who asked for an account as support, and gave that up, does not decide of it by another account of theirs.
func TestWhatTheOtherAccountAskedFor(t *testing.T) {
	eachWorld(t, func(w *world) {
		waits := func(of string) int {
			return w.count(`select count(*) from approval where org_id = $1 and status = 'waiting' and created_account = $2`, w.a, w.account[of])
		}
		w.write(func(ctx context.Context, tx *store.Tx) error {
			for _, status := range []string{"waiting", "refused"} {
				m, err := member.Insert(ctx, tx, member.New{Org: w.a, Status: member.PendingApproval, GivenName: "Anne", FamilyName: status})
				if err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, `
					insert into approval (org_id, member_id, status, ticket, language, sites, created_by, created_account, created_name, created_at,
						expires_at, decided_by, decided_name, decided_at, reason)
					values ($1, $2, $3, 'HD-1', 'fr', '', '', $4, 'Odile', $5, $6, '', '', $5, '')`,
					w.a, m.ID, status, w.account["odile"], tx.Now, tx.Now.Add(60*24*time.Hour)); err != nil {
					return err
				}
			}
			return nil
		})
		by, m := w.joined("paul", "odile") // paul is of that organisation, odile is not
		if waits("paul") != 1 || waits("odile") != 0 {
			t.Errorf("asked for by paul: %d, by odile: %d", waits("paul"), waits("odile"))
		}
		if n := w.count(`select count(*) from approval where created_account = $1`, w.account["odile"]); n != 1 {
			t.Errorf("%d of what was decided stay with who asked", n)
		}
		_, err := w.accounts().Undo(w.Context(), by, m.ID, m.Version)
		w.must(err)
	})
}
