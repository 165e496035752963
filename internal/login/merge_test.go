package login_test

import (
	"errors"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/login"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
)

// joining is somebody signed in as julie, who has a second account, zoe's: an administrator with an
// application of codes.
func (b *bench) joining() (by access.Actor, second account.Account) {
	b.Helper()
	b.join(b.organisation("Deux-Rives"), b.account(julie), role.Secretary)
	second = b.administrator(zoe, true)
	by, _ = b.signIn(julie, good)
	return by, second
}

func (b *bench) askMerge(by access.Actor, address, password string) (login.MergeProof, error) {
	b.Helper()
	return b.logins.AskMerge(b.Context(), by, address, secret.NewText(password), login.Client{UserAgent: "Firefox/140"})
}

// bound is the token of the half of zoe's account, which owes the second factor.
func (b *bench) bound(by access.Actor) string {
	b.Helper()
	p, err := b.askMerge(by, zoe, good)
	if err != nil || p.Proved || p.Half.Half.ForSession != by.Session {
		b.Fatalf("%+v %v", p, err)
	}
	return p.Half.Token.Reveal()
}

func (b *bench) proveMerge(by access.Actor, half, typed string) error {
	b.Helper()
	return b.logins.ProveMerge(b.Context(), by, half, login.Answer{Kind: credential.TOTP, Code: typed}, login.Client{})
}

// FED-02, SES-01: a second account is proved wholly, by its password and its second factor, in a session
// of the first; no session is opened for it, and a remembered browser spares nothing.
func TestASecondAccountIsProved(t *testing.T) {
	each(t, func(b *bench) {
		by, second := b.joining()
		b.write(func(tx *store.Tx) error {
			_, err := session.Remember(b.Context(), tx, session.Device{Account: second.ID}, session.DeviceLife)
			return err
		})
		half := b.bound(by)
		p, err := b.logins.PendingMerge(b.Context(), by, half)
		if err != nil || p.Proved || p.Account.ID != second.ID || len(p.Ways()) != 1 || p.Ways()[0] != credential.TOTP {
			b.Fatalf("%+v %v", p, err)
		}
		if err := b.proveMerge(by, half, b.totp()); err != nil {
			b.Fatal(err)
		}
		if p, err = b.logins.PendingMerge(b.Context(), by, half); err != nil || !p.Proved {
			b.Errorf("%+v %v", p, err)
		}
		if err := b.proveMerge(by, half, "000000"); err != nil {
			b.Error("what is proved is asked again", err)
		}
		if n := b.count(`select count(*) from session where account_id = $1`, second.ID); n != 0 {
			b.Errorf("%d sessions of the second account", n)
		}
		if b.events("login.merge", "done") != 1 || b.events("login.merge_second", "done") != 1 {
			b.Error("the proofs are not in the trail")
		}
		b.clock.Add(session.ProofLife + time.Second)
		_, err = b.logins.PendingMerge(b.Context(), by, half)
		b.wants("after the life of the proof", err, session.ErrHalfGone)
	})
}

// A half that is bound to a session completes no sign-in, at whatever door, proved or not; and it is
// worth nothing in another session, of the same account or of another one (SES-02).
func TestABoundHalfOpensNothing(t *testing.T) {
	each(t, func(b *bench) {
		by, second := b.joining()
		b.account("paul@tilleuls.example")
		otherBrowser, _ := b.signIn(julie, good)
		paul, _ := b.signIn("paul@tilleuls.example", good)
		ctx, nobody := b.Context(), stranger("192.0.2.1")
		doors := func(half string, h session.Half) map[string]error {
			out := map[string]error{}
			_, out["pending"] = b.logins.Pending(ctx, nobody, half)
			_, out["second"] = b.second(half, b.totp())
			_, out["enrol"] = b.logins.Enrol(ctx, nobody, half)
			out["begin a factor"] = b.logins.EnrolTOTP(ctx, nobody, half)
			_, _, _, out["begun"] = b.logins.EnrolledTOTP(ctx, nobody, half)
			_, out["finish a factor"] = b.logins.FinishEnrol(ctx, nobody, half, login.Enrolling{Kind: credential.TOTP}, login.Client{})
			_, out["passkey"] = b.logins.BeginPasskeySecond(ctx, nobody, half)
			_, out["new passkey"] = b.logins.BeginPasskeyHalf(ctx, nobody, half)
			_, out["loss"] = b.logins.Loss(ctx, nobody, half)
			_, out["ask loss"] = b.logins.AskLoss(ctx, nobody, half, login.Client{})
			_, out["code"] = b.logins.SendSMS(ctx, nobody, h, ident.NewFactor())
			for name, who := range map[string]access.Actor{"other browser": otherBrowser, "other person": paul} {
				_, out[name] = b.logins.PendingMerge(ctx, who, half)
				out[name+" proves"] = b.proveMerge(who, half, b.totp())
			}
			return out
		}
		p, err := b.askMerge(by, zoe, good)
		if err != nil {
			b.Fatal(err)
		}
		half := p.Half.Token.Reveal()
		for name, err := range doors(half, p.Half.Half) {
			b.wants(name, err, session.ErrHalfGone)
		}
		if err := b.proveMerge(by, half, b.totp()); err != nil {
			b.Fatal(err)
		}
		for name, err := range doors(half, p.Half.Half) {
			b.wants("proved, "+name, err, session.ErrHalfGone)
		}
		// A sign-in elsewhere, whose browser presents it, neither ends nor takes it.
		if _, err := b.logins.SignIn(ctx, nobody, zoe, secret.NewText(good), login.Client{Half: secret.NewText(half)}); err != nil {
			b.Fatal(err)
		}
		if p, err := b.logins.PendingMerge(ctx, by, half); err != nil || !p.Proved {
			b.Errorf("%+v %v", p, err)
		}
		if n := b.count(`select count(*) from session where account_id = $1`, second.ID); n != 0 {
			b.Errorf("%d sessions of the second account", n)
		}
		// The half of a sign-in proves nothing here either.
		_, err = b.logins.PendingMerge(ctx, by, b.half(zoe))
		b.wants("the half of a sign-in", err, session.ErrHalfGone)
	})
}

// ENU-01: what is tried here is counted by the counts of sign-in, and answered in its words; every state
// of an account costs one argon2.
func TestMergingCountsLikeSignIn(t *testing.T) {
	each(t, func(b *bench) {
		by, second := b.joining()
		b.block(b.account("blocked@tilleuls.example"))
		for _, c := range [][2]string{{zoe, wrong}, {"nobody@tilleuls.example", good}, {"blocked@tilleuls.example", good}, {zoe, ""}} {
			before := b.hasher.Computed()
			_, err := b.askMerge(by, c[0], c[1])
			if code(err) != login.ErrRefused.Code || b.hasher.Computed()-before != 1 {
				b.Errorf("%q: %v, %d argon2", c, err, b.hasher.Computed()-before)
			}
		}
		if code, same := fieldsOf(b.askMerge(by, "no address", "")), fieldsOf(b.logins.SignIn(b.Context(), by, "no address", secret.Text{}, login.Client{})); code != same || code == "" {
			b.Errorf("%q, at sign-in %q", code, same)
		}
		var here, there error
		for n := 0; n < 20 && fault.Of(here).Code != login.ErrLocked.Code; n++ {
			_, here = b.askMerge(by, zoe, wrong)
			if here == nil {
				b.Fatal("a wrong password opens")
			}
		}
		there = b.try(zoe, good)
		if code(here) != login.ErrLocked.Code || code(there) != login.ErrLocked.Code {
			b.Errorf("tried too often here: %v; then at sign-in: %v", here, there)
		}
		b.clock.Add(24 * time.Hour)
		by.StepUp = b.clock.Now()
		_ = second
		half := b.bound(by)
		if n := b.count(`select coalesce(sum(failures), 0) from credential_guard where account_id = $1`, second.ID); n != 0 {
			b.Errorf("%d failures after the right password", n)
		}
		for n := range session.HalfFailures {
			want := error(login.ErrSecond)
			if n == session.HalfFailures-1 {
				want = login.ErrHalfOver
			}
			b.wants("a wrong code", b.proveMerge(by, half, "000000"), want)
		}
		b.wants("the half is over", b.proveMerge(by, half, b.totp()), session.ErrHalfGone)
		if b.events("login.second_wrong", "done") != session.HalfFailures {
			b.Error("wrong codes are not in the trail")
		}
		half = b.bound(by)
		for range 20 { // the factor rests, whatever half asks
			if err := b.proveMerge(by, half, "000000"); errors.Is(err, login.ErrHalfOver) {
				half = b.bound(by)
			} else if errors.Is(err, login.ErrSecondLocked) {
				break
			}
		}
		b.wants("the factor rests", b.proveMerge(by, b.bound(by), b.totp()), login.ErrSecondLocked)
		_, err := b.second(b.half(zoe), b.totp())
		b.wants("at sign-in too", err, login.ErrSecondLocked)
	})
}

func fieldsOf[T any](_ T, err error) (out string) {
	if err == nil {
		return ""
	}
	for _, f := range fault.Of(err).Fields {
		out += f.Location + " " + f.Code + "; "
	}
	return out
}

// STP-02: it takes a person in a browser, who has just proved who they are.
func TestMergingAsksForAFreshProof(t *testing.T) {
	each(t, func(b *bench) {
		by, _ := b.joining()
		half := b.bound(by)
		old, token, outside := by, by, by
		old.StepUp = b.clock.Now().Add(-access.StepUpAge)
		token.Token = ident.NewToken()
		outside.Session = ""
		_, err := b.askMerge(old, zoe, good)
		b.wants("an old proof", err, access.ErrStepUp)
		for name, who := range map[string]access.Actor{"a token": token, "no session": outside} {
			_, err := b.askMerge(who, zoe, good)
			b.wants(name, err, access.ErrForbidden)
			b.wants(name+" proves", b.proveMerge(who, half, b.totp()), access.ErrForbidden)
			_, err = b.logins.PendingMerge(b.Context(), who, half)
			b.wants(name+" looks", err, access.ErrForbidden)
			_, err = b.logins.SendMergeCode(b.Context(), who, half, ident.NewFactor())
			b.wants(name+" sends", err, access.ErrForbidden)
		}
		if n := b.events("login.merge", "refused"); n != 3 {
			b.Errorf("%d refusals in the trail", n)
		}
	})
}

// What a sign-in would still ask to settle is settled there; the right password is told so, a wrong one
// nothing (ENU-01).
func TestWhatIsNotReadyIsNotMerged(t *testing.T) {
	each(t, func(b *bench) {
		by, _ := b.joining()
		const due, network, plain, temporary = "due@tilleuls.example", "network@tilleuls.example", "plain@tilleuls.example", "new@tilleuls.example"
		b.administrator(due, false)
		onlyNetwork := b.account(network)
		b.account(plain)
		b.write(func(tx *store.Tx) error {
			f, err := credential.EnrolTOTP(b.Context(), tx, b.run.Ring, onlyNetwork.ID, "essai", secret.NewText(seed))
			if err != nil {
				return err
			}
			_, err = tx.Exec(b.Context(), `update factor set kind = 'address' where id = $1`, f)
			return err
		})
		p := b.organisation("Bureau")
		b.allowTemporary(p, true)
		pw := b.temporary(p, temporary)
		for address, c := range map[string]struct {
			password string
			want     error
		}{
			julie: {good, login.ErrMergeSame}, due: {good, login.ErrMergeUnready}, network: {good, login.ErrMergeUnready},
			temporary: {pw, login.ErrMergeUnready},
		} {
			_, err := b.askMerge(by, address, wrong)
			b.wants(address+", a wrong password", err, login.ErrRefused)
			_, err = b.askMerge(by, address, c.password)
			b.wants(address, err, c.want)
		}
		if n := b.count(`select count(*) from half_session`); n != 0 {
			b.Errorf("%d halves", n)
		}
		if _, err := b.signInTemporary(temporary, pw); err != nil {
			b.Error("the temporary password was spent", err)
		}
		proof, err := b.askMerge(by, plain, good)
		if err != nil || !proof.Proved {
			b.Errorf("nothing asks a second factor of this one: %+v %v", proof, err)
		}
		again, err := b.askMerge(by, zoe, good)
		if err != nil {
			b.Fatal(err)
		}
		_, err = b.logins.PendingMerge(b.Context(), by, proof.Half.Token.Reveal())
		b.wants("the one before, in the same session", err, session.ErrHalfGone)
		if err := b.logins.LeaveMerge(b.Context(), by, again.Half.Token.Reveal()); err != nil {
			b.Error(err)
		}
		_, err = b.logins.PendingMerge(b.Context(), by, again.Half.Token.Reveal())
		b.wants("left", err, session.ErrHalfGone)
	})
}

// A password changed between the two proofs ends the half, as it ends those of sign-ins.
func TestAResetEndsBoundHalves(t *testing.T) {
	each(t, func(b *bench) {
		by, _ := b.joining()
		half := b.bound(by)
		if err := b.logins.Reset(b.Context(), stranger("192.0.2.1"), b.resetLink(zoe), secret.NewText(other)); err != nil {
			b.Fatal(err)
		}
		b.wants("after a reset", b.proveMerge(by, half, b.totp()), session.ErrHalfGone)
	})
}
