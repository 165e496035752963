package login_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/job"
	"habilis/internal/login"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// heard does the work whose time has come, and gives what was ordered about second factors:
// who hears what, and the links that keep them.
func (b *bench) heard() (what, links []string) {
	b.Helper()
	handlers := map[string]job.Handler{login.RemovalOrder{}.Kind(): b.logins.DoRemoval}
	for _, k := range []string{"letter.factor", "letter.factor_loss", "letter.factor_loss_told", "sms.factor_loss"} {
		handlers[k] = func(_ context.Context, j job.Job) error {
			var l struct{ Change string }
			if err := j.Decode(&l); err != nil {
				return err
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			if !j.Secret.IsZero() {
				links = append(links, j.Secret.Reveal())
			}
			what = append(what, strings.TrimSuffix(strings.TrimPrefix(k, "letter.")+" "+l.Change, " "))
			return nil
		}
	}
	w := job.Worker{DB: b.db, Ring: b.run.Ring, Log: b.run.Log, Handlers: handlers}
	if err := w.Drain(b.Context()); err != nil {
		b.Fatal(err)
	}
	slices.Sort(what)
	return what, links
}

// hears checks what is heard, and gives the links.
func (b *bench) hears(want ...string) []string {
	b.Helper()
	got, links := b.heard()
	if slices.Sort(want); !slices.Equal(got, want) {
		b.Errorf("heard %q, want %q", got, want)
	}
	return links
}

// asksLoss gives the password and says that everything is lost.
func (b *bench) asksLoss(address string) time.Time {
	b.Helper()
	at, err := b.logins.AskLoss(b.Context(), stranger("192.0.2.1"), b.half(address), firefox)
	if err != nil {
		b.Fatal(err)
	}
	return at
}

// left is how many second factors, sets of codes, halves and remembered browsers an account
// still has.
func (b *bench) left(a account.Account) (n int) {
	b.Helper()
	for _, query := range []string{
		`select count(*) from factor where removed_at is null and account_id = $1`,
		`select count(*) from recovery_set where removed_at is null and account_id = $1`,
		`select count(*) from half_session where ended_at is null and account_id = $1`,
		`select count(*) from device where ended_at is null and account_id = $1`,
	} {
		n += b.count(query, a.ID)
	}
	return n
}

// SEC-2, rules.md 5, MFA-06: whoever lost everything waits 72 hours; they and the
// administrators hear it at once; on the day all is taken, and a factor is made before
// anything opens.
func TestLoss(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account(zoe)
		p := b.organisation("Les Tilleuls")
		b.join(p, a, role.Administrator)
		b.join(p, b.account("bruno@tilleuls.example"), role.Administrator)
		b.enrolled(a)
		if _, err := b.logins.MakeRecovery(b.Context(), b.with(a, "totp"), firefox); err != nil {
			b.Fatal(err)
		}
		b.hears("factor recovery_made")
		half := b.half(zoe)
		loss, err := b.logins.Loss(b.Context(), stranger("192.0.2.1"), half)
		if err != nil || loss.Asked || loss.Platform || loss.Phone != "" || !loss.Member || loss.ActsAt.Sub(b.clock.Now()).Round(time.Minute) != credential.Delay {
			b.Errorf("%+v %v", loss, err)
		}
		at, err := b.logins.AskLoss(b.Context(), stranger("192.0.2.1"), half, firefox)
		if err != nil || at.Sub(b.clock.Now()).Round(time.Minute) != credential.Delay {
			b.Fatalf("%v %v", at, err)
		}
		b.clock.Add(time.Hour)
		if again := b.asksLoss(zoe); !again.Equal(at) {
			b.Errorf("asked again, it happens %v, not %v", again, at)
		}
		if loss, err := b.logins.Loss(b.Context(), stranger("192.0.2.1"), b.half(zoe)); err != nil || !loss.Asked || !loss.ActsAt.Equal(at) {
			b.Errorf("%+v %v", loss, err)
		}
		if links := b.hears("factor_loss", "factor_loss_told asked"); len(links) != 1 || !strings.HasPrefix(links[0], "hl_") {
			b.Errorf("%v", links)
		}
		b.remembered(zoe)
		b.clock.Add(credential.Delay - time.Hour - time.Minute)
		b.hears()
		if n := b.left(a); n < 4 {
			b.Errorf("%d left before the day", n)
		}
		in := b.with(a, "")
		b.clock.Add(2 * time.Minute)
		b.hears("factor lost", "factor_loss_told done")
		if n := b.count(`select count(*) from session where id = $1 and ended_at is not null`, in.Session); n != 1 {
			b.Error("who is signed in stays so")
		}
		if n := b.left(a); n != 0 {
			b.Errorf("%d left after the day", n)
		}
		for verb, want := range map[string]int{"factor.ask_loss": 1, "factor.lose": 1, "factor.stop_loss": 0} {
			if n := b.events(verb, "done"); n != want {
				b.Errorf("%d of %s in the trail", n, verb)
			}
		}
		b.clock.Add(credential.Delay)
		b.hears()
		half = b.half(zoe)
		_, err = b.second(half, b.totp())
		b.wants("the lost one", err, login.ErrMustEnrol)
		_, err = b.logins.Loss(b.Context(), stranger("192.0.2.1"), half)
		b.wants("nothing is left to lose", err, login.ErrMustEnrol)
	})
}

// Nobody asks it again for a year, whatever the policies ask: a member within the grace makes
// a factor too, once theirs were taken (MFA-11).
func TestLossOfMember(t *testing.T) {
	each(t, func(b *bench) {
		b.enrolled(b.member(julie))
		b.asksLoss(julie)
		b.clock.Add(credential.Delay + time.Minute)
		b.hears("factor lost", "factor_loss", "factor_loss_told asked", "factor_loss_told done")
		p, err := b.logins.Enrol(b.Context(), stranger("192.0.2.1"), b.half(julie))
		if err != nil || !p.Enrol {
			b.Errorf("%+v %v", p, err)
		}
	})
}

// What stops it: the link of the letter, and a browser in which somebody is signed in.
func TestLossIsStopped(t *testing.T) {
	each(t, func(b *bench) {
		a := b.administrator(zoe, true)
		device := b.remembered(zoe)
		b.asksLoss(zoe)
		link := b.hears("factor_loss", "factor_loss_told asked")[0]
		s, err := b.logins.CheckStop(b.Context(), stranger("192.0.2.9"), link)
		if err != nil || !s.All || s.Kind != "" || s.ActsAt.Sub(b.clock.Now()).Round(time.Minute) != credential.Delay {
			b.Errorf("%+v %v", s, err)
		}
		if err := b.logins.Stop(b.Context(), stranger("192.0.2.9"), link, firefox); err != nil {
			b.Fatal(err)
		}
		b.wants("the link again", b.logins.Stop(b.Context(), stranger("192.0.2.9"), link, firefox), credential.ErrNoDelayed)
		b.hears("factor loss_kept", "factor_loss_told stopped")

		at := b.asksLoss(zoe)
		b.hears("factor_loss", "factor_loss_told asked")
		res := b.first(zoe, login.Client{Device: device})
		if res.Session == nil || !res.LostAt.Equal(at) {
			b.Fatalf("whoever comes in is not told: %+v", res)
		}
		by := b.actor(*res.Session)
		if own, err := b.logins.Factors(b.Context(), by); err != nil || !own.LostAt.Equal(at) {
			b.Errorf("%+v %v", own, err)
		}
		b.wants("stopping", b.logins.StopLoss(b.Context(), by, firefox), nil)
		b.wants("stopping twice", b.logins.StopLoss(b.Context(), by, firefox), credential.ErrNoDelayed)
		if own, err := b.logins.Factors(b.Context(), by); err != nil || !own.LostAt.IsZero() {
			b.Errorf("%+v %v", own, err)
		}
		b.hears("factor loss_kept", "factor_loss_told stopped")
		if res := b.first(zoe, login.Client{Device: device}); !res.LostAt.IsZero() {
			b.Error("told of what was stopped")
		}
		b.clock.Add(credential.Delay + time.Minute)
		b.hears()
		if n := b.count(`select count(*) from factor where removed_at is null and account_id = $1`, a.ID); n != 1 {
			b.Error("taken all the same")
		}
		if n := b.events("factor.stop_loss", "done"); n != 2 {
			b.Errorf("%d in the trail", n)
		}
	})
}

// Whoever proved a factor since has not lost it: an attacker who knows the password gains
// nothing on somebody who goes on working. The page between the proofs says what was asked, and
// the factor given there, or anywhere else, stops it at once.
func TestLossLapses(t *testing.T) {
	each(t, func(b *bench) {
		a := b.administrator(zoe, true)
		made, err := b.logins.MakeRecovery(b.Context(), b.with(a, "totp"), firefox)
		if err != nil {
			b.Fatal(err)
		}
		b.hears("factor recovery_made")
		second := func(a login.Answer) func() {
			return func() {
				half := b.half(zoe)
				p, err := b.logins.Pending(b.Context(), stranger("192.0.2.1"), half)
				if err != nil || p.Loss.ActsAt.Sub(p.Loss.AskedAt) != credential.Delay {
					b.Errorf("%+v %v", p.Loss, err)
				}
				if a.Code == "" {
					a.Code = b.totp()
				}
				res, err := b.logins.Second(b.Context(), stranger("192.0.2.1"), half, a, firefox)
				if err != nil || !res.LossStopped || !res.LostAt.IsZero() {
					b.Errorf("%+v %v", res, err)
				}
			}
		}
		for what, c := range map[string]struct {
			use   func()
			hears []string
		}{
			"a code of the application": {second(login.Answer{Kind: credential.TOTP}), nil},
			"a printed code":            {second(login.Answer{Kind: credential.Recovery, Code: made.Codes[0].Reveal()}), []string{"factor recovery_used"}},
			"proved in a session": {func() {
				by := b.with(a, "recovery")
				if _, err := b.logins.ProveSecond(b.Context(), by, login.Answer{Kind: credential.TOTP, Code: b.totp()}, firefox); err != nil {
					b.Fatal(err)
				}
			}, nil},
		} {
			b.asksLoss(zoe)
			b.hears("factor_loss", "factor_loss_told asked")
			b.clock.Add(time.Hour)
			c.use()
			b.hears(append(c.hears, "factor loss_lapsed", "factor_loss_told stopped")...)
			b.clock.Add(credential.Delay)
			b.hears()
			if n := b.count(`select count(*) from factor where removed_at is null and account_id = $1`, a.ID); n != 1 {
				b.Errorf("%s: taken all the same", what)
			}
		}
	})
}

// A passkey that signs in by itself, without the page between the proofs, stops it too.
func TestLossLapsesByPasskey(t *testing.T) {
	eachPasskey(t, storetest.Options{}, func(b *bench) {
		_, d := b.withPasskey(julie)
		b.hears("factor added")
		b.asksLoss(julie)
		b.hears("factor_loss")
		res, err := b.byPasskey(d, "192.0.2.1")
		if err != nil || !res.LossStopped || !res.LostAt.IsZero() {
			t.Errorf("%+v %v", res, err)
		}
		b.hears("factor loss_lapsed")
	})
}

// A factor made meanwhile, a reset by an administrator and an address given back stop it at
// once; a closed account, and one that came to the platform since, keep theirs.
func TestLossIsMoot(t *testing.T) {
	eachClinic(t, func(k *clinic) {
		k.enrolled(k.julie)
		ask := func() {
			k.asksLoss("julie@a.example")
			k.hears("factor_loss", "factor_loss_told asked")
		}
		ask()
		k.addTOTP(k.with(k.julie, "totp"), "Autre")
		k.hears("factor added", "factor loss_kept", "factor_loss_told stopped")

		ask()
		if err := k.logins.ResetFactors(k.Context(), k.as(k.claire), k.a.org, k.julieM.ID, lost); err != nil {
			t.Fatal(err)
		}
		k.enrolled(k.julie)
		k.clock.Add(credential.Delay + time.Minute)
		k.hears()
		if n := len(k.factors(k.julie)); n != 1 {
			t.Errorf("%d factors after a reset and its day", n)
		}

		ask()
		k.write(func(tx *store.Tx) error {
			now, _, err := account.Get(k.Context(), tx, k.julie.ID)
			if err == nil {
				now.PlatformRole = account.Support
				_, err = account.Set(k.Context(), tx, now)
			}
			return err
		})
		_, err := k.logins.AskLoss(k.Context(), stranger("192.0.2.1"), k.half("julie@a.example"), firefox)
		k.want("of the platform's people", err, "login.lost_platform")
		if loss, err := k.logins.Loss(k.Context(), stranger("192.0.2.1"), k.half("julie@a.example")); err != nil || !loss.Platform {
			t.Errorf("%+v %v", loss, err)
		}
		k.clock.Add(credential.Delay + time.Minute)
		k.hears("factor loss_lapsed", "factor_loss_told stopped")

		k.enrolled(k.bruno)
		k.asksLoss("bruno@a.example")
		k.block(k.bruno)
		k.clock.Add(credential.Delay + time.Minute)
		k.hears("factor_loss", "factor_loss_told asked")
		if n := len(k.factors(k.bruno)) + len(k.factors(k.julie)); n != 2 {
			t.Errorf("%d factors", n)
		}
	})
}

// CHG-2: the address given back stops what was asked under the one before.
func TestLossEndsWithUndoneAddress(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account(zoe)
		b.enrolled(a)
		by := b.with(a, "totp")
		if err := b.confirm(b.proofLink(by, "ailleurs@exemple.example")); err != nil {
			b.Fatal(err)
		}
		undo := b.secretOf("letter.email_changed")
		b.asksLoss("ailleurs@exemple.example")
		b.hears("factor_loss")
		if _, err := b.logins.UndoEmail(b.Context(), stranger("192.0.2.9"), undo, browser); err != nil {
			b.Fatal(err)
		}
		b.clock.Add(credential.Delay + time.Minute)
		b.hears()
		if n := b.count(`select count(*) from factor where removed_at is null and account_id = $1`, a.ID); n != 1 {
			b.Error("taken all the same")
		}
	})
}

// PWD-02, rules.md 5: the mailbox alone never takes a factor sooner: a reset leads to the
// question of the second factor, and what is asked there waits as long as for everybody.
func TestLossAfterReset(t *testing.T) {
	each(t, func(b *bench) {
		a := b.administrator(zoe, true)
		reset := func() string {
			var link secret.Text
			b.write(func(tx *store.Tx) (err error) {
				link, err = credential.NewReset(b.Context(), tx, a.ID)
				return err
			})
			if err := b.logins.Reset(b.Context(), stranger("192.0.2.1"), link.Reveal(), secret.NewText(other)); err != nil {
				b.Fatal(err)
			}
			res, err := b.logins.SignIn(b.Context(), stranger("192.0.2.1"), zoe, secret.NewText(other), login.Client{})
			if err != nil || res.Half == nil || res.Session != nil {
				b.Fatalf("%+v %v", res, err)
			}
			return res.Half.Token.Reveal()
		}
		at, err := b.logins.AskLoss(b.Context(), stranger("192.0.2.1"), reset(), firefox)
		if err != nil || at.Sub(b.clock.Now()).Round(time.Minute) != credential.Delay {
			b.Fatalf("%v %v", at, err)
		}
		b.hears("factor_loss", "factor_loss_told asked")
		b.clock.Add(credential.Delay - 2*time.Minute)
		again, err := b.logins.AskLoss(b.Context(), stranger("192.0.2.1"), reset(), firefox)
		if err != nil || !again.Equal(at) {
			b.Errorf("%v %v", again, err)
		}
		b.hears()
		if n := b.count(`select count(*) from factor where removed_at is null and account_id = $1`, a.ID); n != 1 {
			b.Error("taken before its day")
		}
	})
}

// ENU-01, MFA-03: there is nothing to learn nor to ask without the half of a sign-in.
func TestLossNeedsTheFirstProof(t *testing.T) {
	each(t, func(b *bench) {
		b.administrator(zoe, true)
		b.administrator("neuve@tilleuls.example", false)
		half := b.half(zoe)
		for _, presented := range []string{"", "hp_", half + "x", strings.ToUpper(half), "hs_" + half[3:]} {
			_, err := b.logins.Loss(b.Context(), stranger("192.0.2.1"), presented)
			b.wants("looking", err, session.ErrHalfGone)
			_, err = b.logins.AskLoss(b.Context(), stranger("192.0.2.1"), presented, firefox)
			b.wants("asking", err, session.ErrHalfGone)
		}
		_, err := b.logins.AskLoss(b.Context(), stranger("192.0.2.1"), b.half("neuve@tilleuls.example"), firefox)
		b.wants("without a factor", err, login.ErrMustEnrol)
		b.clock.Add(session.HalfLife + time.Second)
		_, err = b.logins.AskLoss(b.Context(), stranger("192.0.2.1"), half, firefox)
		b.wants("ten minutes later", err, session.ErrHalfGone)
		b.hears()
	})
}
