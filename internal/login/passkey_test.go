package login_test

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/limit"
	"habilis/internal/login"
	"habilis/internal/passkeytest"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

const (
	origin   = "https://habilis.example.fr"
	aBrowser = "browser 1"
)

var firefox = login.Client{UserAgent: "Firefox/140"}

// eachPasskey is each, on a server that has passkeys.
func eachPasskey(t *testing.T, o storetest.Options, fn func(b *bench)) {
	t.Helper()
	eachWith(t, o, func(b *bench) {
		u, err := url.Parse(origin)
		if err != nil {
			b.Fatal(err)
		}
		b.logins.Passkeys = credential.NewPasskeys(u)
		fn(b)
	})
}

// options calls a Begin, which must not fail.
func (b *bench) options(given []byte, err error) []byte {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
	return given
}

// addPasskey adds a passkey in a session that was just opened with the password, and gives
// the session as it is then.
func (b *bench) addPasskey(by access.Actor, d *passkeytest.Device) (access.Actor, login.AddedFactor) {
	b.Helper()
	made := d.Create(b, b.options(b.logins.BeginPasskey(b.Context(), by)))
	added, err := b.logins.AddPasskey(b.Context(), by, "Téléphone", made, firefox)
	if err != nil || added.Factor.IsZero() || added.Session.Token.IsZero() {
		b.Fatalf("%+v, %v", added, err)
	}
	now := b.actor(added.Session)
	now.Second = added.Session.Session.Second
	return now, added
}

// withPasskey makes an account whose person has a passkey on a device.
func (b *bench) withPasskey(address string) (account.Account, *passkeytest.Device) {
	b.Helper()
	a, d := b.account(address), passkeytest.New(origin)
	by, _ := b.signIn(address, good)
	b.addPasskey(by, d)
	return a, d
}

func (b *bench) byPasskey(d *passkeytest.Device, from string) (login.Result, error) {
	b.Helper()
	given := b.options(b.logins.BeginPasskeySignIn(b.Context(), stranger(from), aBrowser))
	return b.logins.SignInPasskey(b.Context(), stranger(from), aBrowser, d.Get(b, given), firefox)
}

// SEC-2, SES-02, MFA-06: a passkey is added by a person proved lately, in this session;
// their other browsers end, they are told, and the session has proved it.
func TestAddPasskey(t *testing.T) {
	eachPasskey(t, storetest.Options{}, func(b *bench) {
		b.account("julie@tilleuls.example")
		_, elsewhere := b.signIn("julie@tilleuls.example", good)
		by, before := b.signIn("julie@tilleuls.example", good)
		now, added := b.addPasskey(by, passkeytest.New(origin))
		if b.worth(elsewhere.Token) || b.worth(before.Token) || added.Session.Session.ID != before.Session.ID || now.Second != "passkey" {
			b.Errorf("after adding: elsewhere %v, the old token %v, proved %q", b.worth(elsewhere.Token), b.worth(before.Token), now.Second)
		}
		if b.events("factor.add", "done") != 1 || b.count(`select count(*) from job where kind = 'letter.factor'`) != 1 {
			b.Error("not recorded, or not told")
		}
		b.clock.Add(access.StepUpAge)
		if _, err := b.logins.BeginPasskey(b.Context(), now); !errors.Is(err, access.ErrStepUp) {
			b.Errorf("on a stale session: %v", err)
		}
		if _, err := b.logins.AddPasskey(b.Context(), now, "", nil, firefox); !errors.Is(err, access.ErrStepUp) {
			b.Errorf("on a stale session: %v", err)
		}
		bearer := now
		bearer.Session, bearer.Token = "", ident.NewToken()
		if _, err := b.logins.BeginPasskey(b.Context(), bearer); err == nil {
			b.Error("a token adds a passkey")
		}
	})
}

// rules.md 5: what a browser says it made is checked, a refusal is written and spends the
// challenge, and the name is a person's words.
func TestAddPasskeyRefused(t *testing.T) {
	eachPasskey(t, storetest.Options{}, func(b *bench) {
		b.account("julie@tilleuls.example")
		by, _ := b.signIn("julie@tilleuls.example", good)
		given := b.options(b.logins.BeginPasskey(b.Context(), by))
		bad := passkeytest.New("https://autre.example.fr")
		if _, err := b.logins.AddPasskey(b.Context(), by, "", bad.Create(b, given), firefox); code(err) != "login.passkey_refused" {
			b.Errorf("from another page: %v", err)
		}
		d := passkeytest.New(origin)
		if _, err := b.logins.AddPasskey(b.Context(), by, "", d.Create(b, given), firefox); !errors.Is(err, login.ErrPasskeyRefused) {
			b.Errorf("after a refusal: %v", err)
		}
		if n := b.events("login.passkey_wrong", "done"); n != 2 {
			b.Errorf("%d refusals are written", n)
		}
		made := d.Create(b, b.options(b.logins.BeginPasskey(b.Context(), by)))
		if _, err := b.logins.AddPasskey(b.Context(), by, "a\u202eb", made, firefox); !fault.Is(err, fault.Invalid) {
			b.Errorf("a name that turns: %v", err)
		}
		if _, err := b.logins.AddPasskey(b.Context(), by, "", made, firefox); err != nil {
			b.Errorf("the name did not spend the challenge, and none is needed: %v", err)
		}
	})
}

// rules.md 5: whoever has a strong factor proves it before adding another, and what no
// organisation allows is not added.
func TestAddPasskeyNeedsTheStronger(t *testing.T) {
	eachPasskey(t, storetest.Options{}, func(b *bench) {
		julie := b.account("julie@tilleuls.example")
		b.factor(julie, credential.TOTP)
		if _, err := b.logins.BeginPasskey(b.Context(), b.enters(julie, "device")); !errors.Is(err, login.ErrStronger) {
			b.Errorf("come in by a remembered browser: %v", err)
		}
		if _, err := b.logins.BeginPasskey(b.Context(), b.enters(julie, "totp")); err != nil {
			b.Errorf("the code proved: %v", err)
		}
		paul, p := b.account("paul@tilleuls.example"), b.organisation("Tilleuls")
		b.join(p, paul, role.Secretary)
		b.policy(p, func(s *setting.Security) { s.Factors = setting.Factors{TOTP: true} })
		if _, err := b.logins.BeginPasskey(b.Context(), b.enters(paul, "")); !errors.Is(err, login.ErrKindRefused) {
			b.Errorf("not allowed: %v", err)
		}
	})
}

// SEC-2: a passkey alone is a whole sign-in, with its second factor, for whoever must have
// one too; a session in the same browser ends (SES-03).
func TestSignInByPasskey(t *testing.T) {
	eachPasskey(t, storetest.Options{}, func(b *bench) {
		julie, d := b.withPasskey("julie@tilleuls.example")
		b.join(b.organisation("Tilleuls"), julie, role.Administrator)
		res, err := b.byPasskey(d, "192.0.2.1")
		if err != nil || res.Session == nil {
			b.Fatalf("%+v, %v", res, err)
		}
		s := res.Session.Session
		if s.Account != julie.ID || s.First != session.ByPasskey || s.Second != "passkey" || s.SecondAt.IsZero() || s.StepUpBy != session.ByPasskey {
			b.Errorf("the session: %+v", s)
		}
		again, err := b.logins.SignInPasskey(b.Context(), b.actor(*res.Session), aBrowser,
			d.Get(b, b.options(b.logins.BeginPasskeySignIn(b.Context(), stranger("192.0.2.1"), aBrowser))), firefox)
		if err != nil || b.worth(res.Session.Token) || !b.worth(again.Session.Token) {
			b.Errorf("over a session: %v", err)
		}
	})
}

// CHG-2, SES-02: after an undo, a passkey that whoever took the account had added rests: it does
// not open for 72 hours. One that was there long before still does.
func TestPasskeyRestsAfterUndo(t *testing.T) {
	eachPasskey(t, storetest.Options{}, func(b *bench) {
		a, old := b.withPasskey("julie@tilleuls.example")
		b.clock.Add(credential.Delay)
		res, err := b.byPasskey(old, "192.0.2.1")
		if err != nil {
			b.Fatal(err)
		}
		theirs := passkeytest.New(origin)
		by := b.actor(*res.Session)
		by.Second, by.SecondAt = string(credential.Passkey), by.StepUp
		made := theirs.Create(b, b.options(b.logins.BeginPasskey(b.Context(), by)))
		if _, err := b.logins.AddPasskey(b.Context(), by, "Téléphone", made, firefox); err != nil {
			b.Fatal(err)
		}
		if err := b.confirm(b.proofLink(by, moved)); err != nil {
			b.Fatal(err)
		}
		undo := b.secretOf("letter.email_changed")
		if _, err := b.logins.UndoEmail(b.Context(), stranger("192.0.2.9"), undo, browser); err != nil {
			b.Fatal(err)
		}
		if _, err := b.byPasskey(theirs, "192.0.2.7"); err == nil {
			b.Error("the passkey that was added signs in after the undo")
		}
		if res, err := b.byPasskey(old, "192.0.2.1"); err != nil || res.Session == nil || res.Session.Session.Account != a.ID {
			b.Errorf("the older one: %+v %v", res, err)
		}
		b.clock.Add(credential.Delay + time.Minute)
		if _, err := b.byPasskey(theirs, "192.0.2.7"); err != nil {
			b.Errorf("three days later: %v", err)
		}
	})
}

// PWD-09: neither a locked password, nor none at all, keeps a passkey from opening, and a
// passkey forgives the password nothing.
func TestPasskeyWhilePasswordLocked(t *testing.T) {
	eachPasskey(t, storetest.Options{NoTwin: true}, func(b *bench) {
		_, d := b.withPasskey("julie@tilleuls.example")
		for b.count(`select count(*) from credential_guard where locked_at is not null`) == 0 {
			b.clock.Add(fault.Of(b.try("julie@tilleuls.example", wrong)).Wait)
		}
		res, err := b.byPasskey(d, "192.0.2.1")
		if err != nil || res.Session == nil {
			b.Fatalf("%+v, %v", res, err)
		}
		by := b.actor(*res.Session)
		b.clock.Add(access.StepUpAge)
		given := b.options(b.logins.BeginPasskeyStepUp(b.Context(), by))
		if _, err := b.logins.StepUpPasskey(b.Context(), by, d.Get(b, given), firefox); err != nil {
			b.Errorf("step-up: %v", err)
		}
		b.clock.Add(credential.LongestWait)
		if err := b.try("julie@tilleuls.example", good); !errors.Is(err, login.ErrRefused) {
			b.Errorf("the password: %v", err)
		}
	})
}

// SES-08, ENU-01: a blocked account, a passkey that nobody has, and an answer that does not
// hold are refused alike; each is written once.
func TestPasskeyRefusedAlike(t *testing.T) {
	eachPasskey(t, storetest.Options{}, func(b *bench) {
		julie, d := b.withPasskey("julie@tilleuls.example")
		blocked, theirs := b.withPasskey("paul@tilleuls.example")
		b.block(blocked)
		b.write(func(tx *store.Tx) error { // removed since
			_, err := tx.Exec(b.Context(), `update factor set removed_at = $2 where account_id = $1`, julie.ID, tx.Now)
			return err
		})
		stolen := *theirs
		stolen.NoVerify = true
		sessions := b.count(`select count(*) from session`)
		for name, try := range map[string]*passkeytest.Device{"blocked": theirs, "removed": d, "not verified": &stolen} {
			before := b.count(`select count(*) from audit_event`)
			_, err := b.byPasskey(try, "192.0.2.1")
			if f := fault.Of(err); !errors.Is(err, login.ErrRefused) || f.Wait != 0 || len(f.Args) != 0 {
				b.Errorf("%s: %#v", name, err)
			}
			if n := b.count(`select count(*) from audit_event`) - before; n != 1 {
				b.Errorf("%s: %d events", name, n)
			}
		}
		if n := b.count(`select count(*) from session`); n != sessions {
			b.Errorf("%d sessions more", n-sessions)
		}
	})
}

// MFA-09: a passkey that may have been copied is refused, and its person is told once a day.
func TestCopiedPasskeyIsTold(t *testing.T) {
	eachPasskey(t, storetest.Options{}, func(b *bench) {
		_, d := b.withPasskey("julie@tilleuls.example")
		letters := func() int { return b.count(`select count(*) from job where kind = 'letter.factor'`) }
		before := letters()
		for range 2 {
			d.Keys()[0].Count = 0
			if _, err := b.byPasskey(d, "192.0.2.1"); err != nil && !errors.Is(err, login.ErrRefused) {
				b.Fatal(err)
			}
		}
		for range 3 {
			d.Keys()[0].Count = 0
			if _, err := b.byPasskey(d, "192.0.2.1"); !errors.Is(err, login.ErrRefused) {
				b.Errorf("a copy: %v", err)
			}
		}
		if n := letters() - before; n != 1 {
			b.Errorf("%d letters", n)
		}
		if b.events("factor.copied", "done") < 3 {
			b.Error("not written")
		}
	})
}

// rules.md 4: challenges and answers that do not hold are counted for each address; what
// opens is not, and listed networks are left alone.
func TestPasskeyFlood(t *testing.T) {
	eachPasskey(t, storetest.Options{NoTwin: true}, func(b *bench) {
		b.startOfWindow(login.PasskeyWindow)
		b.logins.Exempt = []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}
		_, d := b.withPasskey("julie@tilleuls.example")
		for range login.PasskeyFailures {
			if _, err := b.logins.SignInPasskey(b.Context(), stranger("203.0.113.1"), aBrowser, []byte("{}"), firefox); !errors.Is(err, login.ErrRefused) {
				b.Fatal(err)
			}
		}
		if _, err := b.byPasskey(d, "203.0.113.1"); code(err) != limit.ErrExceeded.Code || fault.Of(err).Wait <= 0 {
			b.Errorf("after too many failures: %v", err)
		}
		if _, err := b.byPasskey(d, "203.0.113.2"); err != nil {
			b.Errorf("from another address: %v", err)
		}
		for n := range login.PasskeyBegins + 1 {
			_, err := b.logins.BeginPasskeySignIn(b.Context(), stranger("203.0.113.3"), fmt.Sprint("browser ", n))
			if over := n >= login.PasskeyBegins; (err != nil) != over {
				b.Fatalf("challenge %d: %v", n, err)
			}
			if _, err := b.logins.BeginPasskeySignIn(b.Context(), stranger("198.51.100.7"), "browser"); err != nil {
				b.Fatalf("from a listed network: %v", err)
			}
		}
	})
}

// rules.md 6, STP-01, STP-02, MFA-09: a user-verified passkey is a step-up, in this session
// only, once, and a second factor too; without the person's own gesture it is none.
func TestStepUpByPasskey(t *testing.T) {
	eachPasskey(t, storetest.Options{}, func(b *bench) {
		julie, d := b.withPasskey("julie@tilleuls.example")
		_, theirs := b.withPasskey("paul@tilleuls.example")
		one, other := b.enters(julie, "device"), b.enters(julie, "device")
		b.clock.Add(2 * access.StepUpAge)
		lazy := *d
		lazy.NoVerify = true
		stepUp := func(by access.Actor, answer []byte) (session.Opened, error) {
			return b.logins.StepUpPasskey(b.Context(), by, answer, firefox)
		}
		begin := func(by access.Actor) []byte { return b.options(b.logins.BeginPasskeyStepUp(b.Context(), by)) }
		for name, answer := range map[string][]byte{
			"nothing": nil, "not verified": lazy.Get(b, begin(one)), "another's passkey": theirs.Use(b, theirs.Keys()[0], begin(one)),
			"for another session": d.Get(b, begin(other)), "for signing in": d.Get(b, b.options(b.logins.BeginPasskeySignIn(b.Context(), stranger("192.0.2.1"), one.Session.String()))),
		} {
			if _, err := stepUp(one, answer); !errors.Is(err, login.ErrPasskeyRefused) {
				b.Errorf("%s: %v", name, err)
			}
		}
		if one := b.actorOf(one); one.Proven(b.db.Now()) {
			b.Error("a refused passkey is a proof")
		}
		answer := d.Get(b, begin(one))
		o, err := stepUp(one, answer)
		if err != nil || o.Session.ID != one.Session || o.Session.StepUpBy != session.ByPasskey || o.Session.Second != "passkey" {
			b.Fatalf("%+v, %v", o.Session, err)
		}
		if !b.actor(o).Proven(b.db.Now()) || b.actorOf(other).Proven(b.db.Now()) {
			b.Error("the proof counts in this session, and in no other")
		}
		if _, err := stepUp(b.actor(o), answer); !errors.Is(err, login.ErrPasskeyRefused) {
			b.Errorf("replayed: %v", err)
		}
		bearer := one
		bearer.Session, bearer.Token = "", ident.NewToken()
		if _, err := stepUp(bearer, d.Get(b, begin(other))); err == nil {
			b.Error("a token is proved")
		}
	})
}

// actorOf reads the session of an actor again.
func (b *bench) actorOf(by access.Actor) access.Actor {
	b.Helper()
	b.read(func(tx *store.Tx) error {
		return tx.QueryRow(b.Context(), `select step_up_at from session where id = $1`, by.Session).Scan(&by.StepUp)
	})
	return by
}

// SEC-2, MFA-03: after the password a passkey completes the half, once; whoever must have a
// second factor and has none makes one there.
func TestPasskeyAfterPassword(t *testing.T) {
	eachPasskey(t, storetest.Options{}, func(b *bench) {
		julie, d := b.withPasskey("julie@tilleuls.example")
		half := func(address string) string {
			res, err := b.logins.SignIn(b.Context(), stranger("192.0.2.1"), address, secret.NewText(good), firefox)
			if err != nil || res.Half == nil || res.Session != nil {
				b.Fatalf("%s: %+v, %v", address, res, err)
			}
			return res.Half.Token.Reveal()
		}
		second := func(half string, answer []byte) (login.Result, error) {
			return b.logins.Second(b.Context(), stranger("192.0.2.1"), half, login.Answer{Kind: credential.Passkey, Response: answer}, firefox)
		}
		first, next := half("julie@tilleuls.example"), half("julie@tilleuls.example")
		answer := d.Get(b, b.options(b.logins.BeginPasskeySecond(b.Context(), stranger("192.0.2.1"), first)))
		if _, err := second(next, answer); !errors.Is(err, login.ErrSecond) {
			b.Errorf("the answer of another half: %v", err)
		}
		res, err := second(first, answer)
		if err != nil || res.Session == nil || res.Session.Session.Second != "passkey" || res.Session.Session.First != session.ByPassword {
			b.Fatalf("%+v, %v", res, err)
		}
		if _, err := b.logins.BeginPasskeySecond(b.Context(), stranger("192.0.2.1"), first); !errors.Is(err, session.ErrHalfGone) {
			b.Errorf("the half goes on: %v", err)
		}
		for range session.HalfFailures - 1 { // MFA-02: one was counted above
			_, err = second(next, []byte("{}"))
		}
		if !errors.Is(err, login.ErrHalfOver) {
			b.Errorf("after %d failures: %v", session.HalfFailures, err)
		}
		if b.count(`select count(*) from session where account_id = $1 and ended_at is null`, julie.ID) != 2 {
			b.Error("another session was opened")
		}
	})
}

// rules.md 5: an administrator without a second factor makes a passkey before anything opens.
func TestPasskeyAsFirstFactor(t *testing.T) {
	eachPasskey(t, storetest.Options{}, func(b *bench) {
		claire := b.account("claire@tilleuls.example")
		b.join(b.organisation("Tilleuls"), claire, role.Administrator)
		res, err := b.logins.SignIn(b.Context(), stranger("192.0.2.1"), "claire@tilleuls.example", secret.NewText(good), firefox)
		if err != nil || res.Half == nil {
			b.Fatalf("%+v, %v", res, err)
		}
		half, d := res.Half.Token.Reveal(), passkeytest.New(origin)
		made := d.Create(b, b.options(b.logins.BeginPasskeyHalf(b.Context(), stranger("192.0.2.1"), half)))
		res, err = b.logins.FinishEnrol(b.Context(), stranger("192.0.2.1"), half, login.Enrolling{Kind: credential.Passkey, Response: made}, firefox)
		if err != nil || res.Session == nil || res.Session.Session.Second != "passkey" {
			b.Fatalf("%+v, %v", res, err)
		}
		if _, err := b.logins.BeginPasskeyHalf(b.Context(), stranger("192.0.2.1"), half); err == nil {
			b.Error("the half goes on")
		}
		b.clock.Add(time.Minute)
		if res, err := b.byPasskey(d, "192.0.2.1"); err != nil || res.Session == nil {
			b.Errorf("afterwards: %+v, %v", res, err)
		}
	})
}

// A server whose address is a number refuses with what to do.
func TestNoPasskeysHere(t *testing.T) {
	each(t, func(b *bench) {
		b.account("julie@tilleuls.example")
		by, _ := b.signIn("julie@tilleuls.example", good)
		if has, err := b.logins.HasPasskey(b.Context(), by); has || err != nil {
			b.Errorf("%v, %v", has, err)
		}
		for name, fn := range map[string]func() error{
			"add": func() error { _, err := b.logins.BeginPasskey(b.Context(), by); return err },
			"sign in": func() error {
				_, err := b.logins.BeginPasskeySignIn(b.Context(), stranger("192.0.2.1"), aBrowser)
				return err
			},
			"answer": func() error {
				_, err := b.logins.SignInPasskey(b.Context(), stranger("192.0.2.1"), aBrowser, nil, firefox)
				return err
			},
		} {
			if err := fn(); code(err) != "factor.passkey_no_name" {
				b.Errorf("%s: %v", name, err)
			}
		}
	})
}
