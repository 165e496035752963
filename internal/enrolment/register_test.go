package enrolment

import (
	"errors"
	"testing"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
	"habilis/internal/text"
)

// transit runs a transition as an administrator's act in an organisation.
func (w *world) transit(at place, fn func(tx *action.Tx) error) error {
	w.Helper()
	act := action.Act{Verb: "test.transition", Orgs: []ident.Org{at.org}, Accounts: true, Needs: []access.Need{access.Everybody()}}
	_, err := action.Run(ctx, w.run, access.Operator("test"), act, func(tx *action.Tx) (struct{}, error) {
		err := fn(tx)
		return struct{}{}, err
	})
	return err
}

// register makes a registered member of one organisation, as the public door does.
func (w *world) register(at place, address string, of ident.Account) (m member.Member) {
	w.Helper()
	w.must(w.transit(at, func(tx *action.Tx) (err error) {
		m, err = Register(ctx, tx, Registrant{
			Org: at.org, Account: of, Email: email(address), PasswordHash: "hash", Language: text.FR,
			Names: account.Names{GivenName: "Rosa", FamilyName: "Vidal"}, Function: "nurse", ProfessionCode: "60",
		})
		return err
	}))
	return m
}

func (w *world) accountStatus(id ident.Account) (s account.Status) {
	w.Helper()
	w.read(func(tx *store.Tx) error {
		a, _, err := account.Get(ctx, tx, id)
		s = a.Status
		return err
	})
	return s
}

func (w *world) verification(at place, id ident.Member) (v member.Verification) {
	w.Helper()
	w.read(func(tx *store.Tx) error {
		m, err := member.Find(ctx, tx, at.org, id)
		v = m.Verification
		return err
	})
	return v
}

// holds reports whether an account is let into an organisation at all.
func (w *world) holds(at place, id ident.Account) (yes bool) {
	w.Helper()
	w.read(func(tx *store.Tx) error {
		_, err := access.HeldByAccount(ctx, tx, id, at.org)
		yes = err == nil
		return nil
	})
	return yes
}

func (w *world) verify(at place, id ident.Member, as VerifiedAs) error {
	return w.transit(at, func(tx *action.Tx) error { return Verified(ctx, tx, at.org, id, as) })
}

func (w *world) unverify(at place, id ident.Member) error {
	return w.transit(at, func(tx *action.Tx) error { return Unverified(ctx, tx, at.org, id) })
}

// VER-1, LST-4, INV-15: who registered is a member created and unchecked, with a pending
// account, in force in nothing; Verified opens both, Unverified closes them again.
func TestRegister(t *testing.T) {
	each(t, func(w *world) {
		m := w.register(w.a, "rosa@exemple.fr", "")
		if m.Status != member.Created || m.Verification != member.Unchecked || w.accountStatus(m.Account) != account.Pending {
			t.Fatalf("%+v, account %s", m, w.accountStatus(m.Account))
		}
		if w.holds(w.a, m.Account) {
			t.Error("in force before anybody looked")
		}
		w.must(w.verify(w.a, m.ID, VerifiedAs{}))
		if w.accountStatus(m.Account) != account.Active || !w.holds(w.a, m.Account) {
			t.Error("verified, and not in force")
		}
		token := w.session(m.Account)
		w.must(w.unverify(w.a, m.ID))
		if w.verification(w.a, m.ID) != member.Incomplete || w.accountStatus(m.Account) != account.Pending || w.holds(w.a, m.Account) {
			t.Error("still open after Unverified")
		}
		if w.opens(token) {
			t.Error("the session goes on")
		}
		w.must(w.verify(w.a, m.ID, VerifiedAs{}))
		if !w.holds(w.a, m.Account) {
			t.Error("not opened again")
		}
	})
}

// opens reports whether a session is in force.
func (w *world) opens(token secret.Text) bool {
	w.Helper()
	_, ok, err := (session.Sessions{Run: w.run}).Authenticate(ctx, token.Reveal())
	w.must(err)
	return ok
}

// VER-1: no member is made of an account that is gone: it could never sign in.
func TestRegisterWithoutAccount(t *testing.T) {
	each(t, func(w *world) {
		gone := w.register(w.a, "rosa@exemple.fr", "")
		w.must(w.transit(w.a, func(tx *action.Tx) error { return Abandon(ctx, tx, w.a.org, gone.ID) }))
		members := w.count(`select count(*) from member`)
		err := w.transit(w.b, func(tx *action.Tx) error {
			_, err := Register(ctx, tx, Registrant{
				Org: w.b.org, Account: gone.Account, Email: email("rosa@exemple.fr"), Language: text.FR,
				Names: account.Names{GivenName: "Rosa", FamilyName: "Vidal"}, Function: "nurse",
			})
			return err
		})
		w.refused("of nobody", err, account.ErrNotFound)
		if n := w.count(`select count(*) from member`); n != members {
			w.Errorf("%d members, %d before", n, members)
		}
	})
}

func (w *world) session(of ident.Account) (token secret.Text) {
	w.Helper()
	w.write(func(tx *store.Tx) error {
		opened, _, err := session.Open(ctx, tx, session.New{Account: of, Idle: session.Idle, Absolute: session.Absolute, First: session.ByPassword})
		token = opened.Token
		return err
	})
	return token
}

// Both transitions do nothing the second time, and nothing to whoever needs no verification.
func TestTransitionsAreIdempotent(t *testing.T) {
	each(t, func(w *world) {
		m := w.register(w.a, "rosa@exemple.fr", "")
		w.must(w.verify(w.a, m.ID, VerifiedAs{}))
		for name, again := range map[string]func() error{
			"verified":       func() error { return w.verify(w.a, m.ID, VerifiedAs{}) },
			"not needed":     func() error { return w.verify(w.a, w.julie.member, VerifiedAs{}) },
			"not needed too": func() error { return w.unverify(w.a, w.julie.member) },
		} {
			before := w.count(`select count(*) from member_state`)
			if err := again(); err == nil { // an act that records nothing is refused by action.Run
				t.Errorf("%s: something was recorded", name)
			}
			if after := w.count(`select count(*) from member_state`); after != before {
				t.Errorf("%s: %d rows more", name, after-before)
			}
		}
	})
}

// VER-3, INV-15: somebody who has an account waits in this organisation only, and what is
// decided here changes nothing of the other one.
func TestRegisterWithAccount(t *testing.T) {
	each(t, func(w *world) {
		token := w.session(w.olga.account.ID)
		m := w.register(w.a, "olga@barbe.example", w.olga.account.ID)
		if w.accountStatus(w.olga.account.ID) != account.Active || w.holds(w.a, w.olga.account.ID) || !w.holds(w.b, w.olga.account.ID) {
			t.Error("the membership alone should wait")
		}
		w.must(w.verify(w.a, m.ID, VerifiedAs{}))
		w.must(w.unverify(w.a, m.ID))
		if w.accountStatus(w.olga.account.ID) != account.Active || !w.holds(w.b, w.olga.account.ID) {
			t.Error("the other organisation was touched")
		}
		if _, ok, _ := (session.Sessions{Run: w.run}).Authenticate(ctx, token.Reveal()); !ok {
			t.Error("the session of the other organisation ended")
		}
	})
}

// INV-13: an address that has an account, and a number that somebody holds, are taken from nobody.
func TestRegisterTakesNothing(t *testing.T) {
	each(t, func(w *world) {
		err := w.transit(w.a, func(tx *action.Tx) error {
			_, err := Register(ctx, tx, Registrant{
				Org: w.a.org, Email: email("olga@barbe.example"), PasswordHash: "x", Language: text.FR,
				Names: account.Names{GivenName: "O", FamilyName: "X"}, Function: "nurse",
			})
			return err
		})
		if !errors.Is(err, account.ErrTaken) {
			t.Errorf("an address: %v", err)
		}
		first, second := w.register(w.a, "un@exemple.fr", ""), w.register(w.a, "deux@exemple.fr", "")
		if err := w.verify(w.a, first.ID, VerifiedAs{RPPS: "10002345675"}); err != nil {
			t.Fatal(err, fault.Of(err).Fields)
		}
		if err := w.verify(w.a, second.ID, VerifiedAs{RPPS: "10002345675"}); !errors.Is(err, ErrRPPSHeld) {
			t.Errorf("a number: %v", err)
		}
		third := w.register(w.b, "trois@exemple.fr", "")
		bears := func(id ident.Member, rpps, source string) {
			w.write(func(tx *store.Tx) error {
				_, err := tx.Exec(ctx, `
					update member_state set rpps = $1, identity_source = $2, profile_type = 'regulated' where member_id = $3 and known_until is null`,
					rpps, source, id)
				return err
			})
		}
		bears(first.ID, "10002345675", "directory")
		bears(third.ID, "10002345675", "declared")
		w.write(func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `
				insert into registration (org_id, id, language, email_key, email, account_id, member_id, rpps, version, created_at, expires_at)
				values ($1, $2, 'fr', $3, $3, $4, $5, '10002345675', 1, $6, $6)`,
				w.a.org, ident.NewRegistration(), first.Email, first.Account, first.ID, tx.Now)
			return err
		})
		if err := w.verify(w.b, third.ID, VerifiedAs{RPPS: "10002345675"}); !errors.Is(err, ErrRPPSHeld) { // enrolment.rpps_held
			t.Errorf("a number that they bear, and that is verified elsewhere: %v", err)
		}
		if err := w.verify(w.b, third.ID, VerifiedAs{RPPS: "10002345675", Settled: true}); err != nil || !w.holds(w.b, third.Account) {
			t.Errorf("support has decided that it is theirs: %v", err)
		}
		bears(second.ID, "10003456789", "declared")
		for name, as := range map[string]VerifiedAs{"another": {RPPS: "10001234567"}, "none": {}} {
			if err := w.verify(w.a, second.ID, as); !errors.Is(err, ErrRPPSOther) { // enrolment.rpps_other
				t.Errorf("%s than they bear: %v", name, err)
			}
		}
		if w.verification(w.a, second.ID) != member.Unchecked || w.accountStatus(second.Account) != account.Pending {
			t.Error("refused, and changed all the same")
		}
	})
}

// VER-1: what an abandoned registration made goes with it, and its address is free again; whoever
// was let in stays.
func TestAbandon(t *testing.T) {
	each(t, func(w *world) {
		gone, stays := w.register(w.a, "un@exemple.fr", ""), w.register(w.a, "deux@exemple.fr", "")
		w.must(w.verify(w.a, stays.ID, VerifiedAs{}))
		w.must(w.transit(w.a, func(tx *action.Tx) error {
			return errors.Join(Abandon(ctx, tx, w.a.org, gone.ID), Abandon(ctx, tx, w.a.org, stays.ID))
		}))
		w.read(func(tx *store.Tx) error {
			_, has, err := account.ByEmail(ctx, tx, "un@exemple.fr")
			if has {
				t.Error("the account is still there")
			}
			return err
		})
		if !w.holds(w.a, stays.Account) {
			t.Error("a verified member was removed")
		}
		if again := w.register(w.a, "un@exemple.fr", ""); again.Account == gone.Account {
			t.Error("an account's ID came back")
		}
	})
}
