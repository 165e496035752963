package login_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/login"
	"habilis/internal/passkeytest"
	"habilis/internal/role"
	"habilis/internal/session"
	"habilis/internal/storetest"
)

const marie = "marie@tilleuls.example" // a second account, of a secretary

// joiner is somebody signed in as julie.
func (b *bench) joiner() access.Actor {
	b.Helper()
	b.join(b.organisation("Deux-Rives"), b.account(julie), role.Secretary)
	by, _ := b.signIn(julie, good)
	return by
}

// boundTo is a half of a second account that owes a factor of a kind, and of no other.
func (b *bench) boundTo(by access.Actor, address string, kind credential.FactorKind) session.OpenedHalf {
	b.Helper()
	p, err := b.askMerge(by, address, good)
	if err != nil || p.Proved {
		b.Fatalf("%+v %v", p, err)
	}
	asked, err := b.logins.PendingMerge(b.Context(), by, p.Half.Token.Reveal())
	if ways := asked.Ways(); err != nil || len(ways) != 1 || ways[0] != kind {
		b.Fatalf("asked %v: %v", ways, err)
	}
	return p.Half
}

func (b *bench) answerMerge(by access.Actor, h session.OpenedHalf, a login.Answer) error {
	b.Helper()
	return b.logins.ProveMerge(b.Context(), by, h.Token.Reveal(), a, login.Client{})
}

// isProved checks that a half is proved by the factor, and opened nothing.
func (b *bench) isProved(by access.Actor, h session.OpenedHalf, second account.Account, sessions int) {
	b.Helper()
	if p, err := b.logins.PendingMerge(b.Context(), by, h.Token.Reveal()); err != nil || !p.Proved || p.Account.ID != second.ID {
		b.Errorf("%+v %v", p, err)
	}
	if n := b.count(`select count(*) from session where account_id = $1`, second.ID); n != sessions {
		b.Errorf("%d sessions of the second account, want %d", n, sessions)
	}
	if n := b.count(`select count(*) from audit_event where verb = 'login.merge_second' and outcome = 'done' and object = $1 and subject = $2`,
		second.ID, by.Account); n != 1 {
		b.Errorf("the proof is %d times in the trail", n)
	}
}

// wantsUnproved checks that what was refused proved nothing.
func (b *bench) wantsUnproved(what string, by access.Actor, h session.OpenedHalf, err, want error) {
	b.Helper()
	b.wants(what, err, want)
	if p, err := b.logins.PendingMerge(b.Context(), by, h.Token.Reveal()); err == nil && p.Proved {
		b.Errorf("%s proves it", what)
	}
}

// FED-02, MFA-06: a passkey of the second account proves it, in answer to what was asked of this very
// half; neither one of the first account nor an answer of another half does, and each is counted.
func TestASecondAccountIsProvedByPasskey(t *testing.T) {
	eachPasskey(t, storetest.Options{}, func(b *bench) {
		by := b.joiner()
		mine := passkeytest.New(origin)
		by, _ = b.addPasskey(by, mine)
		second, d := b.withPasskey(marie)
		ask := func(h session.OpenedHalf) []byte {
			return b.options(b.logins.BeginPasskeyMerge(b.Context(), by, h.Token.Reveal()))
		}
		answer := func(h session.OpenedHalf, made []byte) error {
			return b.answerMerge(by, h, login.Answer{Kind: credential.Passkey, Response: made})
		}
		h := b.boundTo(by, marie, credential.Passkey)
		options := ask(h)
		named := func(k *passkeytest.Key) bool {
			return strings.Contains(string(options), base64.RawURLEncoding.EncodeToString(k.ID))
		}
		if !named(d.Keys()[0]) || named(mine.Keys()[0]) {
			b.Errorf("the options name other passkeys than those of the second account: %s", options)
		}
		b.wantsUnproved("a passkey of the first account", by, h, answer(h, mine.Use(b, mine.Keys()[0], options)), login.ErrSecond)
		b.wantsUnproved("a challenge that is spent", by, h, answer(h, d.Get(b, options)), login.ErrSecond)
		signingIn := b.half(marie)
		other := d.Get(b, b.options(b.logins.BeginPasskeySecond(b.Context(), stranger("192.0.2.1"), signingIn)))
		b.wantsUnproved("an answer to a sign-in", by, h, answer(h, other), login.ErrSecond)
		if n := b.events("login.second_wrong", "done"); n != 3 {
			b.Errorf("%d wrong answers in the trail", n)
		}
		made := d.Get(b, ask(h))
		_, err := b.logins.Second(b.Context(), stranger("192.0.2.1"), signingIn, login.Answer{Kind: credential.Passkey, Response: made}, firefox)
		b.wants("at sign-in, what was made for the merging", err, login.ErrSecond)
		if err := answer(h, made); err != nil {
			b.Fatal(err)
		}
		b.isProved(by, h, second, 1)

		h = b.boundTo(by, marie, credential.Passkey)
		var last error
		for range session.HalfFailures {
			last = answer(h, []byte("{}"))
		}
		b.wants("too many wrong answers", last, login.ErrHalfOver)
		_, err = b.logins.BeginPasskeyMerge(b.Context(), by, h.Token.Reveal())
		b.wants("the half is over", err, session.ErrHalfGone)
	})
}

// FED-02, MFA-07, MFA-08: a code that was sent for this half to the number of the second account proves
// it, once; a wrong one is counted, and so are the messages, with those of sign-ins.
func TestASecondAccountIsProvedBySMS(t *testing.T) {
	each(t, func(b *bench) {
		b.texting(100)
		by, second := b.joiner(), b.account(marie)
		mine, f := b.phone(by.Account, "06 12 34 56 12"), b.phone(second.ID, "06 12 34 56 34")
		by.StepUp = b.clock.Now()
		send := func(h session.OpenedHalf, id ident.Factor) error {
			_, err := b.logins.SendMergeCode(b.Context(), by, h.Token.Reveal(), id)
			return err
		}
		answer := func(h session.OpenedHalf, code string) error {
			return b.answerMerge(by, h, login.Answer{Kind: credential.SMS, Code: code})
		}
		h := b.boundTo(by, marie, credential.SMS)
		b.wants("to the number of the first account", send(h, mine.ID), credential.ErrFactorNotFound)
		b.wantsUnproved("before any was sent", by, h, answer(h, "000000"), login.ErrSecondLocked)
		if err := send(h, f.ID); err != nil {
			b.Fatal(err)
		}
		sent := b.codeSMS()
		signingIn := b.halfSMS(marie)
		if _, err := b.answerSMS(signingIn, sent); err == nil {
			b.Error("at sign-in, what was sent for the merging")
		}
		b.wantsUnproved("a wrong one", by, h, answer(h, another(sent)), login.ErrSecond)
		if n := b.count(`select coalesce(sum(failures), 0) from half_session where id = $1`, h.Half.ID); n < 1 {
			b.Error("a wrong code is not counted")
		}
		if err := answer(h, sent); err != nil {
			b.Fatal(err)
		}
		b.isProved(by, h, second, 0)

		h = b.boundTo(by, marie, credential.SMS)
		b.wantsUnproved("the code of another half", by, h, answer(h, sent), login.ErrSecondLocked)
		if err := send(h, f.ID); err != nil {
			b.Fatal(err)
		}
		sent = b.codeSMS()
		var last error
		for n := 0; n < session.HalfFailures && !errors.Is(last, login.ErrHalfOver); n++ {
			last = answer(h, another(sent))
		}
		b.wants("too many wrong codes", last, login.ErrHalfOver)
		b.wants("the right one, after", answer(h, sent), session.ErrHalfGone)
		for n := 2; n < login.CodesPerHour; n++ {
			if err := send(b.boundTo(by, marie, credential.SMS), f.ID); err != nil {
				b.Fatal(err)
			}
		}
		if err := send(b.boundTo(by, marie, credential.SMS), f.ID); !fault.Is(err, fault.Limited) {
			b.Errorf("more codes than an account has in an hour: %v", err)
		}
	})
}

// A number that made room for another one proves nothing any more, nor the code that was sent to it.
func TestAReplacedNumberProvesNothing(t *testing.T) {
	each(t, func(b *bench) {
		b.texting(100)
		by, second := b.joiner(), b.account(marie)
		f := b.phone(second.ID, "06 12 34 56 34")
		h := b.boundTo(by, marie, credential.SMS)
		if _, err := b.logins.SendMergeCode(b.Context(), by, h.Token.Reveal(), f.ID); err != nil {
			b.Fatal(err)
		}
		sent := b.codeSMS()
		next := b.phone(second.ID, "06 12 34 56 56")
		err := b.answerMerge(by, h, login.Answer{Kind: credential.SMS, Code: sent})
		b.wantsUnproved("the code of the number before", by, h, err, login.ErrSecondLocked)
		_, err = b.logins.SendMergeCode(b.Context(), by, h.Token.Reveal(), f.ID)
		b.wants("another code to it", err, credential.ErrFactorNotFound)
		if _, err := b.logins.SendMergeCode(b.Context(), by, h.Token.Reveal(), next.ID); err != nil {
			b.Fatal(err)
		}
		if err := b.answerMerge(by, h, login.Answer{Kind: credential.SMS, Code: b.codeSMS()}); err != nil {
			b.Fatal(err)
		}
		b.isProved(by, h, second, 0)
	})
}

// another is a code that is not this one.
func another(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}
