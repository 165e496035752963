package login_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/login"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

const zoe = "zoe@tilleuls.example" // administers

// code is what the code application of a test shows now.
func (b *bench) totp() string {
	b.Helper()
	c, err := credential.TOTPCode(secret.NewText(seed), b.clock.Now())
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// administrator makes a member who administers, with or without a code application.
func (b *bench) administrator(address string, enrolled bool) account.Account {
	b.Helper()
	a := b.account(address)
	b.join(b.organisation("Les Tilleuls "+address), a, role.Administrator)
	if enrolled {
		b.enrolled(a)
	}
	return a
}

func (b *bench) first(address string, c login.Client) login.Result {
	b.Helper()
	res, err := b.logins.SignIn(b.Context(), stranger("192.0.2.1"), address, secret.NewText(good), c)
	if err != nil {
		b.Fatalf("signing in as %s: %v", address, err)
	}
	return res
}

// half is the token of somebody who gave the password and owes the second factor.
func (b *bench) half(address string) string {
	b.Helper()
	res := b.first(address, login.Client{})
	if res.Half == nil || res.Session != nil {
		b.Fatalf("%s is asked for no second factor: %+v", address, res)
	}
	return res.Half.Token.Reveal()
}

func (b *bench) second(half, typed string) (login.Result, error) {
	b.Helper()
	return b.logins.Second(b.Context(), stranger("192.0.2.1"), half, login.Answer{Kind: credential.TOTP, Code: typed}, login.Client{})
}

func (b *bench) wants(what string, err, want error) {
	b.Helper()
	if !errors.Is(err, want) {
		b.Errorf("%s: %v, want %v", what, err, want)
	}
}

// rules.md 5: who owes a second factor, and who does not yet.
func TestWhoOwesASecondFactor(t *testing.T) {
	each(t, func(b *bench) {
		b.administrator(zoe, false)
		p := b.organisation("Les Tilleuls")
		b.join(p, b.account(julie), role.Secretary)
		b.account("seule@tilleuls.example") // of no organisation
		if res := b.first(julie, login.Client{}); res.Session == nil || res.Session.Session.Second != "" || !res.Session.Session.SecondAt.IsZero() {
			b.Errorf("within the grace: %+v", res)
		}
		b.half(zoe)
		b.clock.Add(15 * 24 * time.Hour)
		b.half(julie)
		if res := b.first("seule@tilleuls.example", login.Client{}); res.Session == nil {
			b.Errorf("without organisation: %+v", res)
		}
		if n := b.events("login.first_proof", "done"); n != 2 {
			b.Errorf("%d first proofs in the trail", n)
		}
		enrolled := b.account("paul@tilleuls.example") // nobody asks it of him, and he has one
		b.enrolled(enrolled)
		b.half("paul@tilleuls.example")
	})
}

// The right code opens the session; the half is spent, and the session says with what it
// was opened.
func TestSecond(t *testing.T) {
	each(t, func(b *bench) {
		a := b.administrator(zoe, true)
		half := b.half(zoe)
		if n := b.count(`select count(*) from session where account_id = $1`, a.ID); n != 0 {
			b.Fatalf("%d sessions before the second factor", n)
		}
		res, err := b.second(half, b.totp())
		if err != nil || res.Session == nil || res.Half != nil {
			b.Fatalf("%+v %v", res, err)
		}
		s := res.Session.Session
		if s.First != session.ByPassword || s.Second != "totp" || s.SecondAt.IsZero() || !b.worth(res.Session.Token) {
			b.Errorf("%+v", s)
		}
		_, err = b.second(half, b.totp())
		b.wants("the half again", err, session.ErrHalfGone)
		now, _, err := b.kept(a)
		if err != nil || now.LastSignInAt.Equal(store.Never) {
			b.Errorf("the sign-in was not noted: %v %v", now.LastSignInAt, err)
		}
	})
}

func (b *bench) kept(a account.Account) (now account.Account, found bool, err error) {
	b.read(func(tx *store.Tx) (err error) {
		now, found, err = account.Get(b.Context(), tx, a.ID)
		return err
	})
	return now, found, err
}

// MFA-01: a code works once, whatever the browser; so does that of the step before it.
func TestCodeTwice(t *testing.T) {
	each(t, func(b *bench) {
		b.administrator(zoe, true)
		typed := b.totp()
		b.clock.Add(30 * time.Second)
		first, second, third := b.half(zoe), b.half(zoe), b.half(zoe)
		if _, err := b.second(first, b.totp()); err != nil {
			b.Fatal(err)
		}
		_, err := b.second(second, b.totp())
		b.wants("the same code in another browser", err, login.ErrSecond)
		_, err = b.second(third, typed)
		b.wants("the code of the step before", err, login.ErrSecond)
		b.clock.Add(30 * time.Second)
		if _, err := b.second(third, b.totp()); err != nil {
			b.Errorf("the next code: %v", err)
		}
	})
}

// MFA-01: of many who show one code at once, on both nodes, one comes in; and of two right
// codes given to one half, one opens a session.
func TestCodeRaced(t *testing.T) {
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) { codeRaced(twoNodes(t, e)) })
	}
}

func codeRaced(b *bench, nodes [2]login.Logins) {
	a := b.administrator(zoe, true)
	halves := []string{b.half(zoe), b.half(zoe), b.half(zoe), b.half(zoe)}
	typed := b.totp()
	var mu sync.Mutex
	var opened int
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			_, err := nodes[i%2].Second(b.Context(), stranger("192.0.2.1"), halves[i%len(halves)], login.Answer{Kind: credential.TOTP, Code: typed}, login.Client{})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				opened++
			case !errors.Is(err, login.ErrSecond) && !errors.Is(err, session.ErrHalfGone) && !errors.Is(err, login.ErrHalfOver) && !errors.Is(err, login.ErrSecondLocked):
				b.Error(err)
			}
		})
	}
	wg.Wait()
	if n := b.count(`select count(*) from session where account_id = $1`, a.ID); opened != 1 || n != 1 {
		b.Errorf("%d came in, %d sessions", opened, n)
	}
}

// MFA-02: five wrong codes end the half; ten in a day make the factor rest, whatever the
// half, and its person is told. Nothing less is asked for that.
func TestGuessing(t *testing.T) {
	each(t, func(b *bench) {
		a := b.administrator(zoe, true)
		for n := range 2 {
			half := b.half(zoe)
			for try := range session.HalfFailures {
				_, err := b.second(half, "000000")
				want := login.ErrSecond
				if try == session.HalfFailures-1 {
					want = login.ErrHalfOver
				}
				b.wants("guess", err, want)
			}
			_, err := b.second(half, b.totp())
			b.wants("the right code of a half that is over", err, session.ErrHalfGone)
			if got := b.count(`select day_failures from factor where account_id = $1`, a.ID); got != (n+1)*session.HalfFailures {
				b.Errorf("%d failures counted", got)
			}
		}
		_, err := b.second(b.half(zoe), b.totp())
		b.wants("the right code of a factor that rests", err, login.ErrSecondLocked)
		if n := len(b.letters("letter.factor")); n != 1 {
			b.Errorf("%d letters", n)
		}
		b.clock.Add(25 * time.Hour)
		if _, err := b.second(b.half(zoe), b.totp()); err != nil {
			b.Errorf("the day after: %v", err)
		}
	})
}

// MFA-02: many halves at once do not give more tries than one after the other.
func TestGuessingAtOnce(t *testing.T) {
	each(t, func(b *bench) {
		a := b.administrator(zoe, true)
		var halves []string
		for range 8 {
			halves = append(halves, b.half(zoe))
		}
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				if _, err := b.second(halves[i%len(halves)], "000000"); err == nil {
					b.Error("a guess opened")
				}
			})
		}
		wg.Wait()
		if n := b.count(`select day_failures from factor where account_id = $1 and locked_until is not null`, a.ID); n != credential.FactorTries {
			b.Errorf("%d failures, want %d and then none", n, credential.FactorTries)
		}
	})
}

// A half lasts ten minutes, is worth nothing as a session, and ends when somebody begins
// again in its browser.
func TestHalfEnds(t *testing.T) {
	each(t, func(b *bench) {
		a := b.administrator(zoe, true)
		res := b.first(zoe, login.Client{})
		if b.worth(res.Half.Token) {
			b.Error("a half is worth a session")
		}
		later := b.first(zoe, login.Client{Half: res.Half.Token})
		_, err := b.logins.Pending(b.Context(), stranger("192.0.2.1"), res.Half.Token.Reveal())
		b.wants("the half before", err, session.ErrHalfGone)
		for _, presented := range []string{"", "hp_", later.Half.Half.ID.String(), "hs_" + later.Half.Token.Reveal()[3:], later.Half.Token.Reveal() + " "} {
			_, err := b.logins.Pending(b.Context(), stranger("192.0.2.1"), presented)
			b.wants("a made-up half", err, session.ErrHalfGone)
		}
		b.clock.Add(session.HalfLife + time.Second)
		_, err = b.second(later.Half.Token.Reveal(), b.totp())
		b.wants("after ten minutes", err, session.ErrHalfGone)
		half := b.half(zoe)
		b.block(a)
		_, err = b.second(half, b.totp())
		b.wants("blocked since", err, session.ErrHalfGone)
		if err := b.logins.LeaveHalf(b.Context(), secret.NewText(half)); err != nil {
			b.Error(err)
		}
	})
}

// MFA-04: a remembered browser spares the code: to its person, for as long as was said,
// until the password is reset.
func TestRememberedBrowser(t *testing.T) {
	each(t, func(b *bench) {
		b.administrator(zoe, true)
		b.administrator("bruno@tilleuls.example", true)
		half := b.half(zoe)
		res, err := b.logins.Second(b.Context(), stranger("192.0.2.1"), half, login.Answer{Kind: credential.TOTP, Code: b.totp(), Remember: true}, login.Client{UserAgent: "Firefox/140"})
		if err != nil || res.Remembered == nil {
			b.Fatalf("%+v %v", res, err)
		}
		c := login.Client{Device: res.Remembered.Token}
		again := b.first(zoe, c)
		if again.Session == nil || again.Session.Session.Second != session.ByDevice || !again.Session.Session.SecondAt.IsZero() {
			b.Fatalf("%+v", again)
		}
		if res := b.first("bruno@tilleuls.example", c); res.Session != nil {
			b.Error("it spares the code to somebody else")
		}
		by := b.actor(*again.Session)
		list, err := b.sessions.Devices(b.Context(), by)
		if err != nil || len(list) != 1 || !list[0].Current || list[0].UserAgent != "Firefox/140" {
			b.Errorf("%+v %v", list, err)
		}
		b.clock.Add(session.DeviceLife - time.Hour)
		if res := b.first(zoe, c); res.Session == nil {
			b.Error("forgotten too early")
		}
		b.clock.Add(2 * time.Hour)
		if res := b.first(zoe, c); res.Session != nil {
			b.Error("remembered for too long")
		}
	})
}

// rules.md 7: whoever resets the password forgets the browsers, and those between two
// proofs; PWD-02: the factor stays.
func TestResetForgetsBrowsers(t *testing.T) {
	each(t, func(b *bench) {
		b.administrator(zoe, true)
		device, half := b.remembered(zoe), b.half(zoe)
		if err := b.logins.Reset(b.Context(), stranger("192.0.2.1"), b.resetLink(zoe), secret.NewText(other)); err != nil {
			b.Fatal(err)
		}
		_, err := b.second(half, b.totp())
		b.wants("the half before the reset", err, session.ErrHalfGone)
		res, err := b.logins.SignIn(b.Context(), stranger("192.0.2.1"), zoe, secret.NewText(other), login.Client{Device: device})
		if err != nil || res.Half == nil {
			b.Errorf("the browser remembered before the reset: %+v %v", res, err)
		}
	})
}

// SEC-5: its person forgets a browser; nobody else does.
func TestEndDevice(t *testing.T) {
	each(t, func(b *bench) {
		b.administrator(zoe, true)
		b.account(julie)
		by, _ := b.signIn(zoe, good)
		stranger, _ := b.signIn(julie, good)
		list, err := b.sessions.Devices(b.Context(), by)
		if err != nil || len(list) != 1 {
			b.Fatalf("%+v %v", list, err)
		}
		b.wants("of somebody else", b.sessions.EndDevice(b.Context(), stranger, list[0].ID), session.ErrDeviceNotFound)
		b.wants("one's own", b.sessions.EndDevice(b.Context(), by, list[0].ID), nil)
		b.wants("twice", b.sessions.EndDevice(b.Context(), by, list[0].ID), session.ErrDeviceNotFound)
		if n := b.events("device.end", "done"); n != 1 {
			b.Errorf("%d in the trail", n)
		}
	})
}

// Whoever must have a factor and has none makes one before anything opens. Whoever has one
// cannot add another between the two proofs: that would be a way around it.
func TestEnrolBeforeAnything(t *testing.T) {
	each(t, func(b *bench) {
		a := b.administrator(zoe, false)
		half := b.half(zoe)
		_, err := b.second(half, b.totp())
		b.wants("a code without a factor", err, login.ErrMustEnrol)
		by := stranger("192.0.2.1")
		if err := b.logins.EnrolTOTP(b.Context(), by, half); err != nil {
			b.Fatal(err)
		}
		_, begun, found, err := b.logins.EnrolledTOTP(b.Context(), by, half)
		if err != nil || !found {
			b.Fatal(found, err)
		}
		other := b.half(zoe)
		if _, _, found, err := b.logins.EnrolledTOTP(b.Context(), by, other); err != nil || found {
			b.Errorf("the seed is shown in another browser: %v", err)
		}
		e := login.Enrolling{Kind: credential.TOTP, Factor: begun.Factor, Code: "000000"}
		_, err = b.logins.FinishEnrol(b.Context(), by, half, e, login.Client{})
		b.wants("a wrong code", err, login.ErrSecond)
		if e.Code, err = credential.TOTPCode(begun.Seed, b.clock.Now()); err != nil {
			b.Fatal(err)
		}
		_, err = b.logins.FinishEnrol(b.Context(), by, other, e, login.Client{})
		b.wants("the right code in another browser", err, credential.ErrEnrolmentOver)
		res, err := b.logins.FinishEnrol(b.Context(), by, half, e, login.Client{})
		if err != nil || res.Session == nil || res.Session.Session.Second != "totp" {
			b.Fatalf("%+v %v", res, err)
		}
		if n := len(b.letters("letter.factor")); n != 1 || b.events("factor.add", "done") != 1 {
			b.Errorf("%d letters", n)
		}
		b.wants("one more, between two proofs", b.logins.EnrolTOTP(b.Context(), by, other), login.ErrHasFactor)
		p, err := b.logins.Pending(b.Context(), by, b.half(zoe))
		if err != nil || p.Enrol || !slices.Equal(p.Ways(), []credential.FactorKind{credential.TOTP}) || p.Account.ID != a.ID {
			b.Errorf("%+v %v", p, err)
		}
	})
}

// SEC-2: the network that an administrator gave is confirmed at sign-in by whoever must have a
// factor and is there: it then is one, and nothing else is asked. From elsewhere, or without
// an administrator's gift, it is not offered and not taken.
func TestEnrolByNetworkGiven(t *testing.T) {
	each(t, func(b *bench) {
		p := b.organisation("A")
		a := b.account(julie)
		b.join(p, a, role.Secretary)
		b.policy(p, func(s *setting.Security) {
			s.Networks, s.NetworkFactor, s.GraceDays = networks("192.0.2.0/24"), true, 0
		})
		inside, outside := stranger("192.0.2.1"), stranger("198.51.100.1")
		confirm := func(by access.Actor, half string) (login.Result, error) {
			return b.logins.FinishEnrol(b.Context(), by, half, login.Enrolling{Kind: credential.Address}, login.Client{UserAgent: "Firefox/140"})
		}
		offers := func(what string, by access.Actor, half string, want bool) {
			b.Helper()
			if p, err := b.logins.Enrol(b.Context(), by, half); err != nil || p.Network != want {
				b.Errorf("%s: %v %v", what, p.Network, err)
			}
		}
		half := b.half(julie)
		offers("not given", inside, half, false)
		_, err := confirm(inside, half)
		b.wants("not given", err, login.ErrNotInside)
		b.write(func(tx *store.Tx) error {
			_, err := credential.AddAddress(b.Context(), tx, a.ID, p.org, "administrator")
			return err
		})
		offers("from elsewhere", outside, half, false)
		_, err = confirm(outside, half)
		b.wants("from elsewhere", err, login.ErrNotInside)
		offers("from there", inside, half, true)
		res, err := confirm(inside, half)
		if err != nil || res.Session == nil || res.Session.Session.Second != string(credential.Address) {
			b.Fatalf("%+v %v", res, err)
		}
		by := b.actor(*res.Session)
		by.Second, by.Opened, by.Seen = res.Session.Session.Second, b.db.Now(), b.db.Now()
		b.entry("and nothing else is asked", by, p, "ok")
		if n := len(b.letters("letter.factor")); n != 1 || b.events("factor.add", "done") != 1 {
			b.Errorf("%d letters", n)
		}
		if res := b.first(julie, login.Client{}); res.Session == nil || res.Session.Session.Second != string(credential.Address) {
			b.Errorf("the next sign-in from there: %+v", res)
		}
	})
}

// rules.md 5: what is proved again in an open session changes its token (SES-03), stays in
// that session, and is no step-up.
func TestProveSecond(t *testing.T) {
	each(t, func(b *bench) {
		b.administrator(zoe, true)
		by, opened := b.signIn(zoe, good)
		_, elsewhere := b.signIn(zoe, good)
		if p, err := b.logins.ToProve(b.Context(), by); err != nil || !slices.Equal(p.Ways(), []credential.FactorKind{credential.TOTP}) {
			b.Errorf("%+v %v", p, err)
		}
		b.clock.Add(10 * time.Minute)
		prove := func(code string) (session.Opened, error) {
			return b.logins.ProveSecond(b.Context(), by, login.Answer{Kind: credential.TOTP, Code: code}, login.Client{})
		}
		_, err := prove("000000")
		b.wants("a wrong code", err, login.ErrSecond)
		o, err := prove(b.totp())
		if err != nil || o.Session.Second != "totp" || !o.Session.StepUpAt.Equal(opened.Session.StepUpAt) || b.worth(opened.Token) {
			b.Fatalf("%+v %v", o.Session, err)
		}
		if in := b.actor(elsewhere); b.secondOf(in) != session.ByDevice {
			b.Error("the proof counts in another session")
		}
		_, err = prove(b.totp())
		b.wants("the same code", err, login.ErrSecond)
		for range login.ProofsPerSession {
			_, err = prove("000000")
		}
		if code(err) != "limit.exceeded" && code(err) != "login.second_locked" {
			b.Errorf("guessing in a session: %v", err)
		}
		by.Token = "tok_x"
		_, err = b.logins.ToProve(b.Context(), by)
		b.wants("a token", err, access.ErrForbidden)
	})
}

func (b *bench) secondOf(by access.Actor) (second string) {
	b.Helper()
	b.read(func(tx *store.Tx) error {
		return tx.QueryRow(b.Context(), `select second from session where id = $1`, by.Session).Scan(&second)
	})
	return second
}

// ENU-01: until the password is right, nothing tells who has a second factor.
func TestSecondTellsNothingBefore(t *testing.T) {
	each(t, func(b *bench) {
		b.administrator(zoe, true)
		b.account(julie)
		for _, address := range []string{zoe, julie, "personne@tilleuls.example"} {
			b.wants(address, b.try(address, wrong), login.ErrRefused)
		}
		if n := b.count(`select count(*) from half_session`); n != 0 {
			b.Errorf("%d halves for wrong passwords", n)
		}
	})
}
