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
		if _, ok, err := (session.Sessions{Run: w.run}).Authenticate(ctx, token.Reveal()); ok || err != nil {
			t.Errorf("the session goes on: %v", err)
		}
		w.must(w.verify(w.a, m.ID, VerifiedAs{}))
		if !w.holds(w.a, m.Account) {
			t.Error("not opened again")
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
