package merge_test

import (
	"context"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/merge"
	"habilis/internal/session"
	"habilis/internal/store"
	"habilis/internal/text"
	"habilis/internal/token"
)

// proof is a half bound to the session of by that proves the account of a name, wholly unless half.
func (w *world) proof(by access.Actor, name string, half ...bool) string {
	w.Helper()
	var o session.OpenedHalf
	w.write(func(ctx context.Context, tx *store.Tx) (err error) {
		if o, err = session.OpenBound(ctx, tx, session.Half{Account: w.account[name], ForSession: by.Session, UserAgent: "Firefox/140"}); err != nil {
			return err
		}
		if len(half) > 0 {
			return nil
		}
		return session.ProveBound(ctx, tx, o.Half.ID)
	})
	return o.Token.Reveal()
}

func (w *world) accounts() merge.Accounts { return merge.Accounts{Run: w.run} }

// signedIn is somebody in a browser whose session is open.
func (w *world) signedIn(name string) (by access.Actor) {
	w.Helper()
	by = w.as(name)
	w.write(func(ctx context.Context, tx *store.Tx) error {
		o, _, err := session.Open(ctx, tx, session.New{Account: w.account[name], Idle: time.Hour})
		by.Session = o.Session.ID
		return err
	})
	return by
}

// joined has the account of gone give way to that of kept.
func (w *world) joined(kept, gone string) (access.Actor, merge.AccountMerge) {
	w.Helper()
	by := w.signedIn(kept)
	m, err := w.accounts().Merge(w.Context(), by, w.proof(by, gone))
	w.must(err)
	return by, m
}

// link is the one that the account which gave way was sent last.
func (w *world) link() (presented string) {
	w.Helper()
	for _, j := range w.mailed("letter.accounts_merged") {
		if !j.Secret.IsZero() {
			presented = j.Secret.Reveal()
		}
	}
	return presented
}

// holds reports whether an account holds anything in «tilleuls» now.
func (w *world) holds(name string) (is bool) {
	w.Helper()
	w.must(w.db.Read(w.Context(), func(tx *store.Tx) error {
		_, err := access.HeldByAccount(w.Context(), tx, w.account[name], w.a)
		if is = err == nil; fault.Is(err, fault.NotFound) {
			err = nil
		}
		return err
	}))
	return is
}

func (w *world) accountStatus(name string) (s account.Status) {
	w.Helper()
	w.must(w.db.Read(w.Context(), func(tx *store.Tx) error {
		a, _, err := account.Get(w.Context(), tx, w.account[name])
		s = a.Status
		return err
	}))
	return s
}

func (w *world) emailOf(of ident.Member) string { return w.member(of).Email }

// MEM-3, SES-01, SES-02: what the second account had is the first one's at the next question, with its
// IDs and its rights; the second opens nothing; everybody concerned is told. Undone, it is as it was.
func TestTwoAccountsBecomeOne(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.furnish()
		a, ctx := w.accounts(), w.Context()
		paul := w.id["paul"]
		had, others := w.state(paul), w.state(w.id["weber"])+w.state(w.id["lise"])+w.state(w.id["claire"])
		before := w.signedIn("paul")
		w.write(func(ctx context.Context, tx *store.Tx) error {
			if _, err := session.Remember(ctx, tx, session.Device{Account: w.account["paul"]}, time.Hour); err != nil {
				return err
			}
			_, err := credential.NewReset(ctx, tx, w.account["paul"])
			return err
		})
		own, err := token.Tokens{Run: w.run}.Make(ctx, before, token.New{Kind: token.OfPerson, Account: w.account["paul"], Name: "a", Permissions: nil})
		w.must(err)
		by := w.signedIn("odile")
		old, err := token.Tokens{Run: w.run}.Make(ctx, by, token.New{Kind: token.OfPerson, Account: w.account["odile"], Name: "b"})
		w.must(err)
		w.clock.Add(time.Minute)
		by.StepUp = w.db.Now()
		half := w.proof(by, "paul")
		f, err := a.Preview(ctx, by, half)
		w.must(err)
		if f.Refused != nil || len(f.Members) != 1 || f.Members[0].Member != paul || f.Members[0].OrgName != "Maison tilleuls" || f.Sessions != 1 || f.Tokens != 1 ||
			f.Gone.ID != w.account["paul"] {
			t.Fatalf("%+v", f)
		}
		m, err := a.Merge(ctx, by, half)
		w.must(err)
		again, err := a.Merge(ctx, by, half)
		if err != nil || again.ID != m.ID || w.count(`select count(*) from account_merge`) != 1 {
			t.Errorf("asked again: %+v %v", again, err)
		}
		if m.State != merge.AccountsMerged || !m.MayUndo || m.GoneEmail != "paul@exemple.fr" || m.UndoTill.Sub(m.At) != departure.UndoFor || len(m.Members) != 1 {
			t.Errorf("%+v", m)
		}
		now := w.member(paul)
		if now.Account != w.account["odile"] || now.Email != "odile@exemple.fr" || now.RPPS != wrong || now.Status != member.Active {
			t.Errorf("%+v", now)
		}
		w.same("what the membership has", w.state(paul), had)
		w.same("what others have", w.state(w.id["weber"])+w.state(w.id["lise"])+w.state(w.id["claire"]), others)
		if !w.holds("odile") || w.holds("paul") || !w.may(paul, "manage", "agenda", w.thing["agenda"].String(), time.Time{}) {
			t.Error("decisions answer for another account")
		}
		if w.accountStatus("paul") != account.Blocked {
			t.Error("the account that gave way is open")
		}
		for _, query := range []string{
			`select count(*) from session where account_id = $1 and ended_at is null`, `select count(*) from device where account_id = $1 and ended_at is null`,
			`select count(*) from half_session where account_id = $1 and ended_at is null`, `select count(*) from token where account_id = $1 and revoked_at is null`,
			`select count(*) from token where created_by = $1 and org_id is not null`, `select count(*) from webhook where owner = $1`,
			`select count(*) from password_reset where account_id = $1 and used_at is null`,
		} {
			if n := w.count(query, w.account["paul"]); n != 0 {
				t.Errorf("%d left: %s", n, query)
			}
		}
		if n := w.count(`select count(*) from token where created_by = $1 and org_id = $2 and revoked_at is null`, w.account["odile"], w.a); n != 1 {
			t.Error("the token of the organisation ended, or is nobody's")
		}
		w.tokenWorks(own, false)
		w.tokenHere(old, w.a, access.ErrOutlived)
		w.tokenHere(old, w.b, nil)
		if w.trail("member.account") != 1 || w.installed("account.merge") != 1 {
			t.Error("it is not in the trails")
		}
		if n := w.count(`select count(*) from event where org_id = $1 and kind = 'member.edited' and subject = $2`, w.a, paul); n == 0 {
			t.Error("other systems are not told")
		}
		for kind, n := range map[string]int{"letter.accounts_merged": 2, "letter.member_account": 1} {
			if got := w.count(`select count(*) from job where kind = $1`, kind); got != n {
				t.Errorf("%s: %d letters, want %d", kind, got, n)
			}
		}
		w.undone(by, m, had)
	})
}

// undone takes a merging of paul into odile back.
func (w *world) undone(by access.Actor, m merge.AccountMerge, had string) {
	w.Helper()
	a, ctx := w.accounts(), w.Context()
	_, err := a.Undo(ctx, by, m.ID, m.Version+1)
	w.want("another version", err, merge.ErrStale)
	_, err = a.Undo(ctx, w.as("lise"), m.ID, m.Version)
	w.want("somebody else", err, merge.ErrAccountsNotFound)
	late := by
	late.StepUp = w.db.Now().Add(-time.Hour)
	_, err = a.Undo(ctx, late, m.ID, m.Version)
	w.want("an old proof", err, access.ErrStepUp)
	list, err := a.List(ctx, by)
	if err != nil || len(list) != 1 || list[0].ID != m.ID || !list[0].MayUndo {
		w.Errorf("%+v %v", list, err)
	}
	u, err := a.Undo(ctx, by, m.ID, m.Version)
	w.must(err)
	if u.State != merge.AccountsApart || u.MayUndo || u.Version != m.Version+1 || !u.Members[0].Back || !u.Reset.IsZero() {
		w.Errorf("%+v", u)
	}
	_, err = a.Undo(ctx, by, m.ID, u.Version)
	w.want("undone twice", err, merge.ErrAccountsLate)
	if w.holds("odile") || !w.holds("paul") || w.accountStatus("paul") != account.Active || w.emailOf(w.id["paul"]) != "paul@exemple.fr" {
		w.Error("it is not as it was")
	}
	w.same("after the undoing", w.state(w.id["paul"]), had)
	if n := w.count(`select count(*) from token where created_by = $1 and org_id = $2 and revoked_at is null`, w.account["paul"], w.a); n != 1 {
		w.Error("the token of the organisation did not come back")
	}
	if n := w.count(`select count(*) from session where account_id = $1 and ended_at is null`, w.account["odile"]); n != 1 {
		w.Error("undone by the person, their session ended")
	}
	_, err = a.ByLink(ctx, access.Actor{Kind: access.Anonymous}, w.link())
	w.want("the link of what was undone", err, merge.ErrLinkGone)
}

// tokenWorks reports whether a personal token is worth anything.
func (w *world) tokenWorks(made token.Made, want bool) {
	w.Helper()
	_, ok, err := token.Tokens{Run: w.run}.Authenticate(w.Context(), made.Secret.Reveal())
	w.must(err)
	if ok != want {
		w.Errorf("the token works: %v", ok)
	}
}

// tokenHere reads what a personal token may do in an organisation.
func (w *world) tokenHere(made token.Made, in ident.Org, want error) {
	w.Helper()
	by, ok, err := token.Tokens{Run: w.run}.Authenticate(w.Context(), made.Secret.Reveal())
	w.must(err)
	if !ok {
		w.Fatal("the token is worth nothing")
	}
	err = w.db.Read(w.Context(), func(tx *store.Tx) error {
		_, err := access.HeldBy(w.Context(), tx, by, in)
		return err
	})
	if want == nil {
		w.must(err)
	} else {
		w.want("a token from before", err, want)
	}
}

// installed counts the done acts of a verb in the trail of the installation.
func (w *world) installed(verb string) int {
	w.Helper()
	return w.count(`select count(*) from audit_event where chain = 'installation' and verb = $1 and outcome = 'done'`, verb)
}

// What keeps two accounts from becoming one, each with its own answer, which Preview gives too; nothing
// changes then.
func TestWhoIsNotMerged(t *testing.T) {
	eachWorld(t, func(w *world) {
		a, ctx := w.accounts(), w.Context()
		w.write(func(ctx context.Context, tx *store.Tx) error { return w.more(ctx, tx) })
		refused := func(what, kept, gone string, want error) {
			t.Helper()
			by := w.signedIn(kept)
			half := w.proof(by, gone)
			f, err := a.Preview(ctx, by, half)
			if err != nil || f.Refused == nil || f.Refused.Code != fault.Of(want).Code {
				t.Errorf("%s, foreseen: %+v %v", what, f.Refused, err)
			}
			_, err = a.Merge(ctx, by, half)
			w.want(what, err, want)
			if fault.Of(want).Code == merge.ErrShared.Code && (len(f.Shared) != 1 || f.Shared[0].Name != "Maison tilleuls") {
				t.Errorf("%+v", f.Shared)
			}
		}
		refused("the same account", "odile", "odile", merge.ErrSameAccount)
		refused("the same organisation", "claire", "lise", merge.ErrShared)
		refused("two numbers", "autre", "paul", merge.ErrTwoPeople)
		w.platform("bruno", account.Support)
		refused("a platform role, of the other", "odile", "bruno", merge.ErrPlatformRole)
		refused("a platform role, of one's own", "bruno", "odile", merge.ErrPlatformRole)
		w.platform("bruno", account.NoRole)
		w.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `insert into email_change (id, account_id, old_key, old_email, new_key, new_email, asked_by, token_hash, created_at, expires_at,
				confirmed_at, undo_until) values ('eml_x', $1, 'a', 'a', 'b', 'b', $1, $2, $3, $3, $3, $4)`, w.account["lise"], []byte("x"), tx.Now, tx.Now.Add(time.Hour))
			return err
		})
		refused("an address changed lately", "odile", "lise", merge.ErrMoved)
		w.clock.Add(time.Hour)
		_, err := w.members.PlanDeactivation(ctx, w.as("claire"), w.a, w.id["lise"], w.db.Now().AddDate(0, 0, 9).Format(time.DateOnly), 0)
		w.must(err)
		refused("a planned deactivation", "odile", "lise", merge.ErrUnsettled)
		_, err = w.d.Start(ctx, w.as("claire"), w.a, w.id["weber"], departure.Order{
			FullName: full("weber"), Day: w.db.Now().AddDate(0, 0, 9).Format(time.DateOnly),
		})
		w.must(err)
		refused("a planned departure", "odile", "weber", merge.ErrUnsettled)
		w.joined("odile", "tina")
		refused("what another gave way to", "seul", "odile", merge.ErrChain)
		by := w.signedIn("odile")
		if _, err := a.Merge(ctx, by, w.proof(by, "paul")); err == nil {
			t.Error("tina and paul are both of tilleuls")
		}
		// Nobody but a person in a browser, with a fresh proof, and a half that is wholly proved.
		by = w.signedIn("seul")
		half := w.proof(by, "claire")
		stale, tok := by, by
		stale.StepUp, tok.Token = w.db.Now().Add(-access.StepUpAge), ident.NewToken()
		_, err = a.Merge(ctx, stale, half)
		w.want("an old proof", err, access.ErrStepUp)
		_, err = a.Merge(ctx, tok, half)
		w.want("a token", err, merge.ErrNotInPerson)
		_, err = a.Merge(ctx, w.signedIn("seul"), half)
		w.want("another session of the same person", err, session.ErrHalfGone)
		_, err = a.Merge(ctx, by, w.proof(by, "claire", true))
		w.want("half proved", err, session.ErrHalfGone)
		_, err = a.Preview(ctx, by, w.proof(by, "claire", true))
		w.want("half proved, looked at", err, session.ErrHalfGone)
		half = w.proof(by, "claire")
		w.clock.Add(session.ProofLife)
		by.StepUp = w.db.Now()
		_, err = a.Merge(ctx, by, half)
		w.want("proved too long ago", err, session.ErrHalfGone)
		if n := w.count(`select count(*) from account_merge`); n != 1 {
			t.Errorf("%d were merged", n)
		}
		if n := w.count(`select count(*) from audit_event where chain <> 'installation' and verb = 'account.merge'`); n != 0 {
			t.Error("an organisation's trail tells of a refusal")
		}
	})
}

// more are «autre», a physician of «rives» with a number of their own, and «seul», a member of nothing.
func (w *world) more(ctx context.Context, tx *store.Tx) error {
	if err := w.join(ctx, tx, person{name: "autre", in: w.b, sites: []string{"est"}, rpps: fourth}); err != nil {
		return err
	}
	a, err := account.Insert(ctx, tx, account.New{
		Email: account.Email{Key: "seul@exemple.fr", Address: "seul@exemple.fr"}, Names: account.Names{GivenName: "seul", FamilyName: "Lefèvre"}, Language: text.FR,
	})
	w.account["seul"] = a.ID
	if err != nil {
		return err
	}
	return credential.SetPassword(ctx, tx, a.ID, "$argon2id$test")
}

func (w *world) platform(name string, r account.PlatformRole) {
	w.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		a, _, err := account.Get(ctx, tx, w.account[name])
		if err != nil {
			return err
		}
		a.PlatformRole = r
		_, err = account.Set(ctx, tx, a)
		return err
	})
}

// ORG-4: an organisation does not end with an administrator who cannot sign in.
func TestMergingKeepsAdministrators(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.write(func(ctx context.Context, tx *store.Tx) error {
			if err := w.more(ctx, tx); err != nil {
				return err
			}
			return credential.Lock(ctx, tx, w.account["seul"])
		})
		by := w.signedIn("seul")
		_, err := w.accounts().Merge(w.Context(), by, w.proof(by, "odile"))
		w.want("whose password is locked", err, member.ErrLastAdministrator)
		if w.accountStatus("odile") != account.Active || w.count(`select count(*) from account_merge`) != 0 {
			t.Error("something stayed of it")
		}
	})
}

// A membership that was over goes with the others, and is over since the same moment; its departure is
// undone for the account that was kept.
func TestWhatIsOverGoesToo(t *testing.T) {
	eachWorld(t, func(w *world) {
		ctx := w.Context()
		d, err := w.d.Start(ctx, w.as("claire"), w.a, w.id["lise"], departure.Order{FullName: full("lise")})
		w.must(err)
		w.sweep()
		w.clock.Add(time.Hour)
		w.joined("odile", "lise")
		w.must(w.db.Read(ctx, func(tx *store.Tx) error {
			at, err := member.LeftAt(ctx, tx, w.a, w.id["lise"])
			if !at.Equal(d.EndsAt) {
				t.Errorf("they left at %v, and it is said: %v", d.EndsAt, at)
			}
			return err
		}))
		if w.holds("odile") {
			t.Error("odile is a member of what lise left")
		}
		if m := w.member(w.id["lise"]); m.Account != w.account["odile"] || m.Status != member.Left {
			t.Errorf("%+v", m)
		}
		if n := w.count(`select count(*) from job where kind = 'letter.member_account'`); n != 0 {
			t.Error("administrators are told of somebody who left")
		}
	})
}
