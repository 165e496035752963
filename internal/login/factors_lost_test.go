package login_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/login"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
)

// lost is somebody who has an application of codes and came in by a recovery code.
func (b *bench) lost(address string) (by access.Actor, id ident.Factor) {
	b.Helper()
	a := b.administrator(address, false)
	id = b.enrolled(a)
	return b.with(a, "recovery"), id
}

// rules.md 5: the telephone is lost. A recovery code removes nothing at once; the removal
// waits 72 hours, and the person is told with a way to stop it.
func TestLostPhone(t *testing.T) {
	each(t, func(b *bench) {
		by, id := b.lost(zoe)
		b.wants("at once", b.logins.RemoveFactor(b.Context(), by, id, firefox), login.ErrStronger)
		at, err := b.logins.AskRemoval(b.Context(), by, id, firefox)
		if err != nil || at.Sub(b.clock.Now()).Round(time.Minute) != credential.Delay {
			b.Fatalf("%v %v", at, err)
		}
		again, err := b.logins.AskRemoval(b.Context(), by, id, firefox)
		if err != nil || !again.Equal(at) {
			b.Errorf("asked again: %v %v", again, err)
		}
		if links := b.isTold("removal"); len(links) != 1 || !strings.HasPrefix(links[0], "hl_") {
			b.Errorf("%v", links)
		}
		own, err := b.logins.Factors(b.Context(), by)
		if err != nil || !own.Factors[0].RemovedAt.Equal(at) {
			b.Errorf("%+v %v", own.Factors, err)
		}
		b.clock.Add(credential.Delay - time.Minute)
		b.isTold()
		if n := b.count(`select count(*) from factor where removed_at is null`); n != 1 {
			b.Error("removed before its day")
		}
		b.clock.Add(2 * time.Minute)
		b.isTold("removed")
		if n := b.count(`select count(*) from factor where removed_at is null`); n != 0 {
			b.Error("not removed on its day")
		}
		res := b.first(zoe, login.Client{}) // who must have a factor is asked to make one
		if res.Half == nil {
			b.Errorf("%+v", res)
		}
		_, err = b.second(res.Half.Token.Reveal(), b.totp())
		b.wants("the removed one", err, login.ErrMustEnrol)
	})
}

// What stops a removal: the link of the letter, a browser signed in, and using the factor.
func TestRemovalIsStopped(t *testing.T) {
	each(t, func(b *bench) {
		by, id := b.lost(zoe)
		ask := func() {
			if _, err := b.logins.AskRemoval(b.Context(), by, id, firefox); err != nil {
				b.Fatal(err)
			}
		}
		ask()
		link := b.isTold("removal")[0]
		s, err := b.logins.CheckStop(b.Context(), stranger("192.0.2.9"), link)
		if err != nil || s.Kind != credential.TOTP || s.Name != "essai" {
			b.Errorf("%+v %v", s, err)
		}
		for _, bad := range []string{"", "hl_", link + "x", strings.ToUpper(link), "hr_" + link[3:]} {
			_, err := b.logins.CheckStop(b.Context(), stranger("192.0.2.9"), bad)
			b.wants(bad, err, credential.ErrNoDelayed)
			b.wants(bad, b.logins.Stop(b.Context(), stranger("192.0.2.9"), bad, firefox), credential.ErrNoDelayed)
		}
		if err := b.logins.Stop(b.Context(), stranger("192.0.2.9"), link, firefox); err != nil {
			b.Fatal(err)
		}
		b.wants("the link again", b.logins.Stop(b.Context(), stranger("192.0.2.9"), link, firefox), credential.ErrNoDelayed)
		b.isTold("removal_kept")

		ask()
		b.isTold("removal")
		if err := b.logins.KeepFactor(b.Context(), by, id, firefox); err != nil {
			b.Fatal(err)
		}
		b.wants("kept already", b.logins.KeepFactor(b.Context(), by, id, firefox), credential.ErrNoDelayed)
		b.isTold("removal_kept")

		ask()
		b.clock.Add(time.Hour)
		if res, err := b.second(b.half(zoe), b.totp()); err != nil || res.Session == nil {
			b.Fatalf("%+v %v", res, err)
		}
		b.isTold("removal")
		b.clock.Add(credential.Delay)
		b.isTold("removal_lapsed")
		if n := b.count(`select count(*) from factor where removed_at is null`); n != 1 {
			b.Error("removed all the same")
		}
	})
}

// A removal that waits has nothing to do once its person removed the factor otherwise, or
// the platform closed the account.
func TestRemovalIsMoot(t *testing.T) {
	each(t, func(b *bench) {
		by, id := b.lost(zoe)
		if _, err := b.logins.AskRemoval(b.Context(), by, id, firefox); err != nil {
			b.Fatal(err)
		}
		strong := by
		strong.Second = "passkey"
		b.give(account.Account{ID: by.Account}, credential.Passkey)
		if err := b.logins.RemoveFactor(b.Context(), strong, id, firefox); err != nil {
			b.Fatal(err)
		}
		b.isTold("removal", "removed") // the first was ordered before; package notify drops it
		b.clock.Add(credential.Delay + time.Minute)
		b.isTold()

		paul, mine := b.lost("paul@tilleuls.example")
		if _, err := b.logins.AskRemoval(b.Context(), paul, mine, firefox); err != nil {
			b.Fatal(err)
		}
		b.isTold("removal")
		b.block(account.Account{ID: paul.Account})
		b.clock.Add(credential.Delay + time.Minute)
		b.isTold()
		if n := b.count(`select count(*) from factor where id = $1 and removed_at is null`, mine); n != 1 {
			b.Error("the factor of a closed account was removed")
		}
	})
}

// Recovery codes are for whoever has a factor and proved one; a new set kills the one
// before, and ends the other browsers (MFA-06, SES-02).
func TestMakeRecovery(t *testing.T) {
	each(t, func(b *bench) {
		a := b.administrator(zoe, false)
		by := b.with(a, "")
		_, err := b.logins.MakeRecovery(b.Context(), by, firefox)
		b.wants("without a factor", err, login.ErrNoFactor)
		b.enrolled(a)
		before := b.hasher.Computed()
		_, err = b.logins.MakeRecovery(b.Context(), by, firefox)
		b.wants("without having proved one", err, login.ErrStronger)
		if b.hasher.Computed() != before {
			b.Error("who is refused costs slow hashes")
		}
		by = b.with(a, "totp")
		first, err := b.logins.MakeRecovery(b.Context(), by, firefox)
		if err != nil || len(first.Codes) != credential.RecoveryCodes {
			b.Fatalf("%d codes, %v", len(first.Codes), err)
		}
		by.Once = access.Once{Key: "k", Body: [32]byte{1}}
		second, err := b.logins.MakeRecovery(b.Context(), by, firefox)
		if err != nil || len(second.Codes) != credential.RecoveryCodes {
			b.Fatal(err)
		}
		before = b.hasher.Computed()
		again, err := b.logins.MakeRecovery(b.Context(), by, firefox)
		b.wants("the same request", err, login.ErrCodesShown)
		if len(again.Codes) != 0 || b.hasher.Computed() != before {
			b.Errorf("the same request: %+v", again)
		}
		b.isTold("recovery_made", "recovery_made")
		use := func(c secret.Text) error {
			_, err := b.logins.Second(b.Context(), stranger("192.0.2.1"), b.half(zoe), login.Answer{Kind: credential.Recovery, Code: c.Reveal()}, firefox)
			return err
		}
		b.wants("a code of the set before", use(first.Codes[0]), login.ErrSecond)
		b.wants("a code", use(second.Codes[0]), nil)
		b.isTold("recovery_used")
		b.wants("the same code (MFA-10)", use(second.Codes[0]), login.ErrSecond)
		own, err := b.logins.Factors(b.Context(), by)
		if err != nil || !own.HasRecovery || own.Recovery.Left != credential.RecoveryCodes-1 {
			b.Errorf("%+v %v", own.Recovery, err)
		}
	})
}

// Without any factor left, recovery codes stand in for nothing.
func TestRecoveryGoesWithTheLastFactor(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account(julie)
		id := b.enrolled(a)
		by := b.with(a, "totp")
		if _, err := b.logins.MakeRecovery(b.Context(), by, firefox); err != nil {
			b.Fatal(err)
		}
		if err := b.logins.RemoveFactor(b.Context(), by, id, firefox); err != nil {
			b.Fatal(err)
		}
		if own, err := b.logins.Factors(b.Context(), by); err != nil || own.HasRecovery || own.Count() != 0 {
			b.Errorf("%+v %v", own, err)
		}
	})
}

// MFA-02: ten wrong codes a day over as many browsers as it takes: the factor rests, its
// person is told once, and what is asked of them stays the same.
func TestFactorRests(t *testing.T) {
	each(t, func(b *bench) {
		b.administrator(zoe, true)
		half := ""
		for n := range credential.FactorTries {
			if n%session.HalfFailures == 0 {
				half = b.half(zoe)
			}
			_, err := b.second(half, wrongCode(b))
			if err == nil {
				b.Fatal("a wrong code opens")
			}
		}
		b.isTold("rested")
		res := b.first(zoe, login.Client{})
		if res.Session != nil || res.Half == nil {
			b.Fatal("less is asked than before")
		}
		_, err := b.second(res.Half.Token.Reveal(), b.totp())
		b.wants("the right code while it rests", err, login.ErrSecondLocked)
		b.isTold()
		b.clock.Add(credential.FactorRest)
		if res, err := b.second(b.half(zoe), b.totp()); err != nil || res.Session == nil {
			b.Errorf("a day later: %+v %v", res, err)
		}
	})
}

func wrongCode(b *bench) string {
	for _, c := range []string{"000000", "111111", "222222"} {
		right := false
		for _, d := range []time.Duration{-time.Minute, -30 * time.Second, 0, 30 * time.Second} {
			now, err := credential.TOTPCode(secret.NewText(seed), b.clock.Now().Add(d))
			right = right || err != nil || now == c
		}
		if !right {
			return c
		}
	}
	return ""
}

// rules.md 20, 22: a seed, a code and a recovery code are in no log, no event of the trail,
// no letter and no job.
func TestFactorCanary(t *testing.T) {
	each(t, func(b *bench) {
		var log bytes.Buffer
		b.run.Log = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		a := b.administrator(zoe, true)
		by := b.with(a, "totp")
		added, appSeed := b.addTOTP(by, "Canari")
		code := b.shown(appSeed)
		made, err := b.logins.MakeRecovery(b.Context(), by, firefox)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := b.logins.AskRemoval(b.Context(), by, added.Factor, firefox); err != nil {
			b.Fatal(err)
		}
		_, _ = b.second(b.half(zoe), code.Reveal())
		_, _ = b.logins.Second(b.Context(), stranger("192.0.2.1"), b.half(zoe), login.Answer{Kind: credential.Recovery, Code: made.Codes[0].Reveal()}, firefox)
		out := log.String()
		b.read(func(tx *store.Tx) error {
			for _, query := range []string{`select payload from audit_payload`, `select args from job`, `select name from factor`} {
				rows, err := store.All(b.Context(), tx, store.Value[string], query)
				if err != nil {
					return err
				}
				out += strings.Join(rows, "\n")
			}
			return nil
		})
		told, err := json.Marshal([]any{made, added, appSeed})
		if err != nil {
			b.Fatal(err)
		}
		out += string(told) + fmt.Sprintf("%+v %#v", made, added)
		secrets := []string{appSeed.Reveal(), code.Reveal(), seed}
		for _, c := range made.Codes {
			secrets = append(secrets, c.Reveal(), strings.ReplaceAll(c.Reveal(), "-", ""))
		}
		for _, s := range secrets {
			if strings.Contains(out, s) {
				b.Errorf("%q is told", s)
			}
		}
		if !strings.Contains(out, "Canari") {
			b.Error("the canary looks at nothing")
		}
	})
}
