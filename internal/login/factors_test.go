package login_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/login"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
)

// member makes a member of an organisation, who has a grace of some days.
func (b *bench) member(address string) account.Account {
	b.Helper()
	a := b.account(address)
	b.join(b.organisation("Les Tilleuls "+address), a, role.Secretary)
	return a
}

// with is a browser of somebody, whose session proved a second factor of a kind.
func (b *bench) with(a account.Account, second string) access.Actor {
	b.Helper()
	var o session.Opened
	b.write(func(tx *store.Tx) (err error) {
		o, _, err = session.Open(b.Context(), tx, session.New{Account: a.ID, Idle: session.Idle, Second: second, UserAgent: "Firefox/140"})
		return err
	})
	by := b.actor(o)
	by.Second = second
	return by
}

// give gives somebody a proved factor of a kind, as if it had been enrolled.
func (b *bench) give(a account.Account, kind credential.FactorKind) (id ident.Factor) {
	b.Helper()
	if kind == credential.TOTP {
		return b.enrolled(a)
	}
	id = ident.NewFactor()
	b.write(func(tx *store.Tx) error {
		_, err := tx.Exec(b.Context(), `insert into factor (id, account_id, kind, name, handle, day_began_at, created_at, proved_at)
			values ($1, $2, $3, '', $4, $5, $5, $5)`, id, a.ID, kind, []byte(id), tx.Now)
		return err
	})
	return id
}

// told does the work whose time has come, and gives the letters about factors.
func (b *bench) told() (changes, links []string) {
	b.Helper()
	keep := func(_ context.Context, j job.Job) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.sent = append(b.sent, j)
		return nil
	}
	handlers := map[string]job.Handler{login.RemovalOrder{}.Kind(): b.logins.DoRemoval}
	for _, k := range []string{"letter.factor", "letter.factor_removal", "letter.session_closed"} {
		handlers[k] = keep
	}
	w := job.Worker{DB: b.db, Ring: b.run.Ring, Log: b.run.Log, Handlers: handlers}
	if err := w.Drain(b.Context()); err != nil {
		b.Fatal(err)
	}
	for _, j := range b.sent {
		var l struct{ Change string }
		if err := j.Decode(&l); err != nil {
			b.Fatal(err)
		}
		if j.Kind == "letter.factor_removal" {
			l.Change = "removal"
			links = append(links, j.Secret.Reveal())
		}
		changes = append(changes, l.Change)
	}
	b.sent = nil
	slices.Sort(changes)
	return changes, links
}

func (b *bench) isTold(want ...string) (links []string) {
	b.Helper()
	got, links := b.told()
	if slices.Sort(want); !slices.Equal(got, want) {
		b.Errorf("told %v, want %v", got, want)
	}
	return links
}

// addTOTP enrols an application of codes as its person does.
func (b *bench) addTOTP(by access.Actor, name string) (login.AddedFactor, secret.Text) {
	b.Helper()
	begun, err := b.logins.BeginTOTP(b.Context(), by)
	if err != nil {
		b.Fatal(err)
	}
	added, err := b.logins.ConfirmTOTP(b.Context(), by, begun.Factor, name, b.shown(begun.Seed), firefox)
	if err != nil {
		b.Fatal(err)
	}
	return added, begun.Seed
}

// shown is what an application shows now.
func (b *bench) shown(seed secret.Text) secret.Text {
	b.Helper()
	c, err := credential.TOTPCode(seed, b.clock.Now())
	if err != nil {
		b.Fatal(err)
	}
	return secret.NewText(c)
}

// SEC-2, SES-02, SES-03: a factor that was added ends every other browser of its person,
// and the letter says so; the session goes on under another token, which proved it.
func TestAddTOTP(t *testing.T) {
	each(t, func(b *bench) {
		a := b.member(julie)
		b.remembered(julie)
		by, before := b.signIn(julie, good)
		elsewhere := b.with(a, "")
		b.write(func(tx *store.Tx) error {
			if _, err := session.OpenHalf(b.Context(), tx, session.Half{Account: a.ID}); err != nil {
				return err
			}
			_, err := session.Remember(b.Context(), tx, session.Device{Account: a.ID}, session.DeviceLife)
			return err
		})
		added, _ := b.addTOTP(by, "Téléphone")
		if s := added.Session; s.Token.IsZero() || s.Session.Second != "totp" || s.Session.ID != by.Session || !b.worth(s.Token) || b.worth(before.Token) {
			b.Errorf("the session: %+v", s)
		}
		for what, query := range map[string]string{
			"session": `select count(*) from session where account_id = $1 and ended_at is null and id <> '` + by.Session.String() + `'`,
			"half":    `select count(*) from half_session where account_id = $1 and ended_at is null`,
			"device":  `select count(*) from device where account_id = $1 and ended_at is null`,
		} {
			if n := b.count(query, a.ID); n != 0 {
				b.Errorf("%d of another %s stay open", n, what)
			}
		}
		if n := b.count(`select count(*) from session where id = $1 and end_reason = 'factors_changed'`, elsewhere.Session); n != 1 {
			b.Error("the other session does not say why it ended")
		}
		b.isTold("added")
		own, err := b.logins.Factors(b.Context(), by)
		if err != nil || own.Count() != 1 || own.Factors[0].Name != "Téléphone" || own.Factors[0].ID != added.Factor {
			b.Errorf("%+v %v", own, err)
		}
		if b.events("factor.add", "done") != 1 {
			b.Error("not in the trail")
		}
	})
}

// rules.md 5: the seed is shown while it waits, in its own session, and never again.
func TestTOTPIsShownOnce(t *testing.T) {
	each(t, func(b *bench) {
		a := b.member(julie)
		by, elsewhere := b.with(a, ""), b.with(a, "")
		begun, err := b.logins.BeginTOTP(b.Context(), by)
		if err != nil {
			b.Fatal(err)
		}
		if again, err := b.logins.PendingTOTP(b.Context(), by); err != nil || !again.Seed.Equal(begun.Seed) || again.Factor != begun.Factor {
			b.Errorf("reloaded: %v", err)
		}
		_, err = b.logins.PendingTOTP(b.Context(), elsewhere)
		b.wants("in another browser", err, credential.ErrEnrolmentOver)
		_, err = b.logins.ConfirmTOTP(b.Context(), elsewhere, begun.Factor, "", b.shown(begun.Seed), firefox)
		b.wants("proved in another browser", err, credential.ErrEnrolmentOver)
		_, err = b.logins.ConfirmTOTP(b.Context(), by, begun.Factor, "", secret.NewText("12"), firefox)
		if f := fault.Of(err); !fault.Is(err, fault.Invalid) || f.Fields[0].Location != login.FieldCode || f.Fields[0].Code != "factor.code_wrong" {
			b.Errorf("a wrong code: %v", err)
		}
		_, err = b.logins.ConfirmTOTP(b.Context(), by, begun.Factor, strings.Repeat("x", credential.MaxFactorName+1), b.shown(begun.Seed), firefox)
		if !fault.Is(err, fault.Invalid) {
			b.Errorf("a name too long: %v", err)
		}
		if _, err := b.logins.ConfirmTOTP(b.Context(), by, begun.Factor, "", b.shown(begun.Seed), firefox); err != nil {
			b.Fatal(err)
		}
		_, err = b.logins.PendingTOTP(b.Context(), by)
		b.wants("after the proof", err, credential.ErrEnrolmentOver)
	})
}

// MFA-06, STP-01: on a session two hours old, every change of factors is refused without a
// trace of it but the refusal.
func TestFactorsNeedStepUp(t *testing.T) {
	each(t, func(b *bench) {
		a := b.administrator(zoe, true)
		id := b.give(a, credential.SMS)
		by := b.with(a, "totp")
		begun, err := b.logins.BeginTOTP(b.Context(), by)
		if err != nil {
			b.Fatal(err)
		}
		by.StepUp = b.clock.Now().Add(-2 * time.Hour)
		state := func() string {
			return fmt.Sprint(
				b.count(`select count(*) from factor where removed_at is null`), b.count(`select count(*) from factor where proved_at is not null`),
				b.count(`select count(*) from factor where name <> 'essai'`), b.count(`select count(*) from recovery_set`),
				b.count(`select count(*) from factor_recovery`), b.count(`select count(*) from job`),
			)
		}
		before := state()
		for name, act := range map[string]func() error{
			"begin": func() error { _, err := b.logins.BeginTOTP(b.Context(), by); return err },
			"confirm": func() error {
				_, err := b.logins.ConfirmTOTP(b.Context(), by, begun.Factor, "", b.shown(begun.Seed), firefox)
				return err
			},
			"rename":  func() error { return b.logins.RenameFactor(b.Context(), by, id, "x") },
			"remove":  func() error { return b.logins.RemoveFactor(b.Context(), by, id, firefox) },
			"later":   func() error { _, err := b.logins.AskRemoval(b.Context(), by, id, firefox); return err },
			"recover": func() error { _, err := b.logins.MakeRecovery(b.Context(), by, firefox); return err },
		} {
			b.wants(name, act(), access.ErrStepUp)
		}
		if after := state(); after != before {
			b.Errorf("changed from %s to %s", before, after)
		}
	})
}

// rules.md 5: a factor is managed by whoever proved one as strong in this session.
func TestStrengthToManage(t *testing.T) {
	type c = credential.FactorKind
	each(t, func(b *bench) {
		for n, x := range []struct {
			holds  []c
			second string
			add    error // of an application of codes
			remove error // of the strongest factor held
		}{
			{nil, "", nil, nil},
			{[]c{credential.SMS}, "sms", nil, nil},
			{[]c{credential.SMS}, "", login.ErrStronger, login.ErrStronger},
			{[]c{credential.SMS}, session.ByDevice, login.ErrStronger, login.ErrStronger},
			{[]c{credential.TOTP, credential.SMS}, "sms", login.ErrStronger, login.ErrStronger},
			{[]c{credential.TOTP, credential.SMS}, "recovery", login.ErrStronger, login.ErrStronger},
			{[]c{credential.TOTP, credential.SMS}, "address", login.ErrStronger, login.ErrStronger},
			{[]c{credential.TOTP, credential.SMS}, session.ByDevice, login.ErrStronger, login.ErrStronger},
			{[]c{credential.TOTP, credential.SMS}, "totp", nil, nil},
			{[]c{credential.TOTP, credential.SMS}, "passkey", nil, nil},
			{[]c{credential.Passkey, credential.TOTP}, "totp", nil, login.ErrStronger},
			{[]c{credential.Passkey, credential.SMS}, "sms", login.ErrStronger, login.ErrStronger},
			{[]c{credential.Passkey, credential.TOTP}, "passkey", nil, nil},
		} {
			a := b.account(fmt.Sprintf("personne%d@tilleuls.example", n)) // of no organisation: nobody wants a factor
			var ids []ident.Factor
			for _, k := range x.holds {
				ids = append(ids, b.give(a, k))
			}
			by := b.with(a, x.second)
			_, err := b.logins.BeginTOTP(b.Context(), by)
			b.wants(fmt.Sprintf("%v by %q: add", x.holds, x.second), err, x.add)
			if len(ids) > 0 {
				b.wants(fmt.Sprintf("%v by %q: remove", x.holds, x.second), b.logins.RemoveFactor(b.Context(), by, ids[0], firefox), x.remove)
			}
		}
	})
}

// Between the beginning and the proof of an application, a stronger factor came: the proof
// asks for it (rules.md, principles: read again when used).
func TestStrengthIsReadAgain(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account(julie)
		by := b.with(a, "")
		begun, err := b.logins.BeginTOTP(b.Context(), by)
		if err != nil {
			b.Fatal(err)
		}
		b.give(a, credential.Passkey)
		_, err = b.logins.ConfirmTOTP(b.Context(), by, begun.Factor, "", b.shown(begun.Seed), firefox)
		b.wants("confirm", err, login.ErrStronger)
	})
}

// SEC-2: the new one is added before the old one is removed; never none where the rules
// want one.
func TestAddThenRemove(t *testing.T) {
	each(t, func(b *bench) {
		a := b.administrator(zoe, false)
		old := b.enrolled(a)
		by := b.with(a, "totp")
		b.wants("the last one", b.logins.RemoveFactor(b.Context(), by, old, firefox), login.ErrLastFactor)
		added, _ := b.addTOTP(by, "Nouveau")
		if !added.Session.Token.IsZero() {
			b.Error("the session proved nothing more, and changed")
		}
		if err := b.logins.RemoveFactor(b.Context(), by, old, firefox); err != nil {
			b.Fatal(err)
		}
		b.wants("then the new one", b.logins.RemoveFactor(b.Context(), by, added.Factor, firefox), login.ErrLastFactor)
		b.wants("the removed one", b.logins.RemoveFactor(b.Context(), by, old, firefox), credential.ErrFactorNotFound)
		b.isTold("added", "removed")
		_, err := b.second(b.half(zoe), b.totp()) // what the removed application shows
		b.wants("the removed one opens", err, login.ErrSecond)
	})
}

// A second factor that is not the person's is as if it did not exist.
func TestFactorOfSomebodyElse(t *testing.T) {
	each(t, func(b *bench) {
		id := b.enrolled(b.account(zoe))
		a := b.account(julie)
		b.enrolled(a)
		by := b.with(a, "passkey")
		_, err := b.logins.AskRemoval(b.Context(), by, id, firefox)
		b.wants("later", err, credential.ErrFactorNotFound)
		b.wants("remove", b.logins.RemoveFactor(b.Context(), by, id, firefox), credential.ErrFactorNotFound)
		b.wants("rename", b.logins.RenameFactor(b.Context(), by, id, "x"), credential.ErrFactorNotFound)
		b.wants("keep", b.logins.KeepFactor(b.Context(), by, id, firefox), credential.ErrNoDelayed)
		if n := b.count(`select count(*) from factor where removed_at is null and name = 'essai'`); n != 2 {
			b.Errorf("%d factors left", n)
		}
	})
}

func TestRenameFactor(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account(julie)
		id := b.enrolled(a)
		by := b.with(a, "")
		for range 2 { // the second time changes nothing
			if err := b.logins.RenameFactor(b.Context(), by, id, " Cabinet "); err != nil {
				b.Error(err)
			}
		}
		if err := b.logins.RenameFactor(b.Context(), by, id, "a\nb"); !fault.Is(err, fault.Invalid) {
			b.Errorf("two lines: %v", err)
		}
		f, err := b.logins.Factor(b.Context(), by, id)
		if err != nil || f.Name != "Cabinet" || b.events("factor.rename", "done") != 1 {
			b.Errorf("%+v %v", f, err)
		}
	})
}

// TestTooManyFactors: an account has so many factors and no more.
func TestTooManyFactors(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account(julie)
		for range credential.MaxFactors {
			b.give(a, credential.SMS)
		}
		_, err := b.logins.BeginTOTP(b.Context(), b.with(a, "sms"))
		b.wants("one more", err, credential.ErrTooManyFactors)
	})
}
