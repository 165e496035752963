package login_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/job"
	"habilis/internal/limit"
	"habilis/internal/login"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/token"
)

const (
	julie = "julie@tilleuls.example"
	moved = "julie.delmas@port.example"
)

var browser = login.Client{UserAgent: "Firefox/140"}

// ask asks for another address, in a session proved just now.
func (b *bench) ask(by access.Actor, next string) (account.EmailChange, error) {
	b.Helper()
	return b.logins.AskEmail(b.Context(), by, login.NewEmail{Email: next, Again: next}, secret.Text{}, browser)
}

// proofLink asks for another address and gives the link that was mailed to it.
func (b *bench) proofLink(by access.Actor, next string) string {
	b.Helper()
	if _, err := b.ask(by, next); err != nil {
		b.Fatal(err)
	}
	return b.secretOf("letter.email_proof")
}

// secretOf gives the link of the one letter of this kind that holds one.
func (b *bench) secretOf(kind string) string {
	b.Helper()
	list := slices.DeleteFunc(b.letters(kind), func(j job.Job) bool { return j.Secret.IsZero() })
	if len(list) != 1 {
		b.Fatalf("%d letters %s with a link", len(list), kind)
	}
	return list[0].Secret.Reveal()
}

func (b *bench) confirm(link string) error {
	b.Helper()
	_, err := b.logins.ConfirmEmail(b.Context(), stranger("192.0.2.9"), link, browser)
	return err
}

func (b *bench) addressOf(a account.Account) string {
	b.Helper()
	var now account.Account
	b.read(func(tx *store.Tx) (err error) {
		now, _, err = account.Get(b.Context(), tx, a.ID)
		return err
	})
	return now.Email.Address
}

// CHG-2, SES-02, PWD-01: until the link is used nothing changes; then only the new address
// signs in, everywhere it is shown; the other sessions, remembered browsers, half-signed ones
// and reset links end; both addresses are told.
func TestChangeEmail(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account(julie)
		p, other := b.organisation("Tilleuls"), b.organisation("Deux-Rives")
		m, n := b.join(p, a, role.Secretary), b.join(other, a, role.Secretary)
		by, here := b.signIn(julie, good)
		_, elsewhere := b.signIn(julie, good)
		reset := b.resetLink(julie)
		var device session.OpenedDevice
		var half session.OpenedHalf
		b.write(func(tx *store.Tx) (err error) {
			if device, err = session.Remember(b.Context(), tx, session.Device{Account: a.ID}, session.DeviceLife); err != nil {
				return err
			}
			half, err = session.OpenHalf(b.Context(), tx, session.Half{Account: a.ID})
			return err
		})
		link := b.proofLink(by, " "+moved)
		if c, ok, err := b.logins.AskedEmail(b.Context(), by); err != nil || !ok || c.New.Address != moved {
			b.Errorf("what was asked is not shown: %+v %v %v", c, ok, err)
		}
		b.signIn(julie, good)
		if err := b.try(moved, good); !errors.Is(err, login.ErrRefused) {
			b.Errorf("the new address signs in before it is proved: %v", err)
		}
		done, err := b.logins.ConfirmEmail(b.Context(), by, link, browser)
		if err != nil || !done.Reset.IsZero() || done.Change.New.Address != moved {
			b.Fatalf("%+v %v", done, err)
		}
		if !b.worth(here.Token) || b.worth(elsewhere.Token) {
			b.Error("the session that confirms goes on, the others end (SES-02)")
		}
		b.write(func(tx *store.Tx) error {
			_, known, err := session.Recognise(b.Context(), tx, a.ID, device.Token.Reveal(), session.DeviceLife)
			if known {
				b.Error("a remembered browser outlives the change")
			}
			if _, gone := session.AuthenticateHalf(b.Context(), tx, half.Token.Reveal()); !errors.Is(gone, session.ErrHalfGone) {
				b.Errorf("a half-signed browser outlives the change: %v", gone)
			}
			for _, of := range []member.Member{m, n} {
				if got, e := member.Find(b.Context(), tx, of.Org, of.ID); e != nil || got.Email != moved || got.Version == of.Version {
					b.Errorf("an organisation still shows %q at version %d: %v", got.Email, got.Version, e)
				}
			}
			return err
		})
		if _, err := b.logins.CheckReset(b.Context(), by, reset); !errors.Is(err, login.ErrGone) {
			b.Errorf("PWD-01, a reset link from before: %v", err)
		}
		if err := b.try(julie, good); !errors.Is(err, login.ErrRefused) {
			b.Errorf("the old address still signs in: %v", err)
		}
		b.signIn(moved, good)
		if l := b.letters("letter.email_changed"); len(l) != 2 {
			b.Errorf("%d letters, one to each address", len(l))
		}
		if n := b.count(`select count(*) from audit_payload where payload like '%' || $1 || '%'`, moved); n != 0 {
			b.Errorf("rules.md 22: %d events hold the address", n)
		}
	})
}

// CHG-2: the address is typed twice, is another one, and the password or a fresh proof is
// given; nothing is sent otherwise.
func TestAskEmailRefused(t *testing.T) {
	each(t, func(b *bench) {
		b.account(julie)
		by, _ := b.signIn(julie, good)
		for _, c := range []struct{ email, again, field, code string }{
			{"", "", "email", account.CodeEmailEmpty},
			{"julie", "julie", "email", account.CodeEmailMalformed},
			{"JULIE@tilleuls.example", "JULIE@tilleuls.example", "email", "login.email_same"},
			{moved, "", "email_again", "login.email_again"},
			{moved, "julie@port.example", "email_again", "login.email_again"},
		} {
			_, err := b.logins.AskEmail(b.Context(), by, login.NewEmail{Email: c.email, Again: c.again}, secret.Text{}, browser)
			if f := fault.Of(err); len(f.Fields) != 1 || f.Fields[0].Location != c.field || f.Fields[0].Code != c.code {
				b.Errorf("%q, %q: %v %+v", c.email, c.again, err, f.Fields)
			}
		}
		n := login.NewEmail{Email: moved, Again: moved}
		stale := by
		stale.StepUp = stale.StepUp.Add(-access.StepUpAge)
		if _, err := b.logins.AskEmail(b.Context(), stale, n, secret.Text{}, browser); !errors.Is(err, access.ErrStepUp) {
			b.Errorf("STP-01, without a fresh proof: %v", err)
		}
		if _, err := b.logins.AskEmail(b.Context(), stale, n, secret.NewText(wrong), browser); !errors.Is(err, login.ErrCurrent) {
			b.Errorf("with a wrong password: %v", err)
		}
		if l := b.letters("letter.email_proof", "letter.email_asked"); len(l) != 0 {
			b.Errorf("%d letters", len(l))
		}
		if _, err := b.logins.AskEmail(b.Context(), stale, n, secret.NewText(good), browser); err != nil {
			b.Errorf("with the password: %v", err)
		}
		if l := b.letters("letter.email_proof", "letter.email_asked"); len(l) != 2 {
			b.Errorf("%d letters, one to each address", len(l))
		}
	})
}

// rules.md 5, MFA-06: who has a second factor proves it, or a stronger one, before the address
// moves: a password alone, a remembered browser or a recovery code is not enough.
func TestAskEmailNeedsTheFactor(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account(julie)
		b.factor(a, credential.TOTP)
		for second, want := range map[string]error{
			"": login.ErrStronger, session.ByDevice: login.ErrStronger, "recovery": login.ErrStronger, "sms": login.ErrStronger,
			"totp": nil, "passkey": nil,
		} {
			by := b.enters(a, second)
			if err := b.logins.MayAskEmail(b.Context(), by); !errors.Is(err, want) {
				b.Errorf("%q may: %v", second, err)
			}
			if _, err := b.ask(by, moved); !errors.Is(err, want) {
				b.Errorf("%q: %v", second, err)
			}
		}
	})
}

// PWD-01, rules.md 1: a link about an address is worth nothing once spent, given up, replaced,
// expired, cut, or of another purpose; nor one whose account changed since.
func TestEmailLinkGone(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account(julie)
		by, o := b.signIn(julie, good)
		gone := func(name, link string) {
			b.Helper()
			_, look := b.logins.CheckEmail(b.Context(), stranger("192.0.2.9"), link)
			_, back := b.logins.UndoEmail(b.Context(), stranger("192.0.2.9"), link, browser)
			for _, err := range []error{look, b.confirm(link), back} {
				if f := fault.Of(err); !errors.Is(err, login.ErrEmailGone) || f.Kind != fault.Gone || len(f.Args) != 0 {
					b.Errorf("%s: %v", name, err)
				}
			}
			if now := b.addressOf(a); now != julie {
				b.Fatalf("%s: the address is %s", name, now)
			}
		}
		older := b.proofLink(by, "un@port.example")
		link := b.proofLink(by, moved)
		gone("an older link", older)
		for _, made := range []string{
			"", "he_", link[:len(link)-1], link + "A", strings.ToUpper(link), " " + link, "hx_" + link[3:], "hr_" + link[3:], o.Token.Reveal(),
		} {
			gone("made up: "+made, made)
		}
		if err := b.logins.CancelEmail(b.Context(), by); err != nil {
			b.Fatal(err)
		}
		gone("given up", link)
		if err := b.logins.CancelEmail(b.Context(), by); err != nil {
			b.Errorf("giving up nothing: %v", err)
		}
		expired := b.proofLink(by, moved)
		b.clock.Add(account.EmailProofLife)
		gone("expired", expired)
		by, _ = b.signIn(julie, good)
		before := b.proofLink(by, moved)
		if _, err := b.logins.ChangePassword(b.Context(), by, secret.NewText(good), secret.NewText(other)); err != nil {
			b.Fatal(err)
		}
		gone("asked before the password changed", before)
		by, _ = b.signIn(julie, other)
		blocked := b.proofLink(by, moved)
		b.block(a)
		gone("of a blocked account", blocked)
	})
}

// ENU-02: the answer for an address that has an account is that for any other, and so is what
// is kept and ordered; who confirms too late is told, having proved the mailbox.
func TestEmailTaken(t *testing.T) {
	each(t, func(b *bench) {
		b.account(julie)
		b.account(moved)
		by, _ := b.signIn(julie, good)
		taken, err := b.ask(by, moved)
		if err != nil || taken.New.Address != moved {
			b.Fatalf("%+v %v", taken, err)
		}
		first := b.letters("letter.email_proof", "letter.email_asked")
		free, err := b.ask(by, "libre@port.example")
		if err != nil {
			b.Fatal(err)
		}
		second := b.letters("letter.email_proof", "letter.email_asked")
		if len(first) != len(second) || taken.ExpiresAt.Sub(taken.CreatedAt) != free.ExpiresAt.Sub(free.CreatedAt) {
			b.Errorf("%d letters and %d", len(first), len(second))
		}
		link := b.proofLink(by, "tard@port.example")
		b.account("tard@port.example")
		if err := b.confirm(link); !errors.Is(err, account.ErrTaken) {
			b.Errorf("an address taken meanwhile: %v", err)
		}
		if err := b.confirm(link); !errors.Is(err, account.ErrTaken) {
			b.Errorf("the refusal spent the link: %v", err)
		}
	})
}

// rules.md 4: letters to one account's new addresses, to one address, and from one network are
// counted.
func TestEmailAskLimits(t *testing.T) {
	each(t, func(b *bench) {
		b.startOfWindow(24 * time.Hour)
		b.account(julie)
		by, _ := b.signIn(julie, good)
		for range login.EmailAsksPerAccount {
			if _, err := b.ask(by, moved); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := b.ask(by, "autre@port.example"); !errors.Is(err, limit.ErrExceeded) || fault.Of(err).Wait <= 0 {
			b.Errorf("one too many of an account: %v", err)
		}
		b.account("paul@tilleuls.example")
		paul, _ := b.signIn("paul@tilleuls.example", good)
		if _, err := b.ask(paul, moved); !errors.Is(err, limit.ErrExceeded) {
			b.Errorf("one too many to an address: %v", err)
		}
		if _, err := b.ask(paul, "autre@port.example"); err != nil {
			b.Errorf("another account, another address: %v", err)
		}
	})
}

// SEC-5: the old address comes back by its link for 72 hours, whatever was done since: even if
// the password was changed and the address moved on. Every session and token ends, the password
// opens nothing until it is reset, and every other link of the changes is dead.
func TestUndoEmail(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account(julie)
		p := b.organisation("Tilleuls")
		m := b.join(p, a, role.Secretary)
		by, _ := b.signIn(julie, good)
		if err := b.confirm(b.proofLink(by, moved)); err != nil {
			b.Fatal(err)
		}
		undo := b.secretOf("letter.email_changed")
		by, _ = b.signIn(moved, good)
		thief, err := b.logins.ChangePassword(b.Context(), by, secret.NewText(good), secret.NewText(other))
		if err != nil {
			b.Fatal(err)
		}
		by = b.actor(thief)
		issued, err := token.Tokens{Run: b.run}.Make(b.Context(), by, token.New{Kind: token.OfPerson, Account: a.ID, Name: "voleur"})
		if err != nil {
			b.Fatal(err)
		}
		b.factor(a, credential.TOTP)
		if err := b.confirm(b.proofLink(b.enters(a, "totp"), "encore@port.example")); err != nil {
			b.Fatal(err)
		}
		second := b.secretOf("letter.email_changed")
		third := b.proofLink(b.enters(a, "totp"), "jamais@port.example")

		b.clock.Add(account.EmailUndoLife - time.Hour)
		if c, err := b.logins.CheckUndoEmail(b.Context(), stranger("192.0.2.9"), undo); err != nil || c.Old.Address != julie {
			b.Fatalf("%+v %v", c, err)
		}
		back, err := b.logins.UndoEmail(b.Context(), stranger("192.0.2.9"), undo, browser)
		if err != nil || back.Reset.IsZero() {
			b.Fatalf("%+v %v", back, err)
		}
		if b.addressOf(a) != julie || b.worth(thief.Token) {
			b.Error("the address is not back, or a session goes on")
		}
		if _, ok, err := (token.Tokens{Run: b.run}).Authenticate(b.Context(), issued.Secret.Reveal()); err != nil || ok {
			b.Errorf("a token made meanwhile opens: %v %v", ok, err)
		}
		for name, link := range map[string]string{"the same": undo, "that of the later change": second} {
			if _, err := b.logins.UndoEmail(b.Context(), stranger("192.0.2.9"), link, browser); !errors.Is(err, login.ErrEmailGone) {
				b.Errorf("%s: %v", name, err)
			}
		}
		if err := b.confirm(third); !errors.Is(err, login.ErrEmailGone) {
			b.Errorf("what the thief had asked last: %v", err)
		}
		for _, password := range []string{good, other} {
			if err := b.try(julie, password); !errors.Is(err, login.ErrRefused) {
				b.Errorf("a password from before opens: %v", err)
			}
		}
		b.read(func(tx *store.Tx) error {
			got, err := member.Find(b.Context(), tx, m.Org, m.ID)
			if got.Email != julie {
				b.Errorf("the organisation shows %s", got.Email)
			}
			return err
		})
		if l := b.letters("letter.email_undone"); len(l) != 2 || !strings.Contains(string(l[0].Args)+string(l[1].Args), `"totp"`) {
			b.Errorf("%d letters; the factor added since is told to the old address", len(l))
		}
		if err := b.logins.Reset(b.Context(), stranger("192.0.2.9"), back.Reset.Reveal(), secret.NewText("une phrase toute neuve pour Julie")); err != nil {
			b.Errorf("choosing a password next: %v", err)
		}
	})
}

// CHG-2, SES-02: whoever moves an address twice and undoes their own second change takes no link
// from whose address it was first.
func TestUndoOfTheThief(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account(julie)
		by, _ := b.signIn(julie, good)
		if err := b.confirm(b.proofLink(by, moved)); err != nil {
			b.Fatal(err)
		}
		owners := b.secretOf("letter.email_changed")
		by, _ = b.signIn(moved, good)
		if err := b.confirm(b.proofLink(by, "encore@port.example")); err != nil {
			b.Fatal(err)
		}
		thiefs := b.secretOf("letter.email_changed")
		for _, undo := range []struct{ link, address string }{{thiefs, moved}, {owners, julie}} {
			if _, err := b.logins.UndoEmail(b.Context(), stranger("192.0.2.9"), undo.link, browser); err != nil || b.addressOf(a) != undo.address {
				b.Errorf("%s: %v, the address is %s", undo.address, err, b.addressOf(a))
			}
		}
	})
}

// SEC-5: after 72 hours the link is dead, and the address may become another's.
func TestUndoEmailTooLate(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account(julie)
		by, _ := b.signIn(julie, good)
		if err := b.confirm(b.proofLink(by, moved)); err != nil {
			b.Fatal(err)
		}
		undo := b.secretOf("letter.email_changed")
		b.clock.Add(account.EmailUndoLife)
		b.account(julie)
		if _, err := b.logins.UndoEmail(b.Context(), stranger("192.0.2.9"), undo, browser); !errors.Is(err, login.ErrEmailGone) {
			b.Errorf("after 72 hours: %v", err)
		}
		if b.addressOf(a) != moved {
			b.Error("the address moved")
		}
	})
}

// CHG-2: nobody changes somebody else's address, unless the organisation says so, and then only
// that of an account that belongs to it alone; rules.md 11: what was made before the mailbox was
// proved opens nothing after.
func TestCorrectEmail(t *testing.T) {
	each(t, func(b *bench) {
		p, elsewhere := b.organisation("Tilleuls"), b.organisation("Deux-Rives")
		claire := b.account("claire@tilleuls.example")
		b.join(p, claire, role.Administrator)
		a, both := b.account(julie), b.account("paul@tilleuls.example")
		m, two := b.join(p, a, role.Secretary), b.join(p, both, role.Secretary)
		b.join(elsewhere, both, role.Secretary)
		by := b.enters(claire, "totp")
		correct := func(by access.Actor, of member.Member, next string) error {
			_, err := b.logins.CorrectEmail(b.Context(), by, p.org, of.ID, login.NewEmail{Email: next, Again: next}, browser)
			return err
		}
		if err := correct(by, m, moved); !errors.Is(err, login.ErrEmailPolicy) {
			b.Errorf("off by default: %v", err)
		}
		b.policy(p, func(s *setting.Security) { s.EmailByAdministrators = true })
		if err := correct(by, two, moved); !errors.Is(err, login.ErrEmailElsewhere) {
			b.Errorf("an account of two organisations: %v", err)
		}
		stale := by
		stale.StepUp = stale.StepUp.Add(-access.StepUpAge)
		if err := correct(stale, m, moved); !errors.Is(err, access.ErrStepUp) {
			b.Errorf("STP-01: %v", err)
		}
		bare := b.join(p, b.account("anne@tilleuls.example"), role.Secretary)
		b.write(func(tx *store.Tx) error {
			_, err := tx.Exec(b.Context(), `update member_state set account_id = null where org_id = $1 and member_id = $2`, p.org, bare.ID)
			return err
		})
		if err := correct(by, bare, moved); !errors.Is(err, login.ErrEmailWaiting) { // login.email_waiting
			b.Errorf("a member without an account: %v", err)
		}
		me, _ := b.signIn(julie, good)
		if err := correct(me, m, moved); !errors.Is(err, member.ErrYourself) {
			b.Errorf("by oneself, as a secretary: %v", err)
		}
		_, open := b.signIn(julie, good)
		b.factor(a, credential.TOTP)
		if err := correct(by, m, moved); err != nil {
			b.Fatal(err)
		}
		letters := b.letters("letter.email_proof", "letter.email_asked")
		if len(letters) != 2 || !b.worth(open.Token) || b.addressOf(a) != julie {
			b.Fatalf("%d letters; nothing changes before the new address confirms", len(letters))
		}
		link := letters[slices.IndexFunc(letters, func(j job.Job) bool { return !j.Secret.IsZero() })].Secret.Reveal()
		done, err := b.logins.ConfirmEmail(b.Context(), stranger("192.0.2.9"), link, browser)
		if err != nil || done.Reset.IsZero() || b.addressOf(a) != moved || b.worth(open.Token) {
			b.Fatalf("%+v %v", done, err)
		}
		b.read(func(tx *store.Tx) error {
			factors, err := credential.Factors(b.Context(), tx, a.ID)
			if has, e := credential.HasPassword(b.Context(), tx, a.ID); e != nil || has || len(factors) != 0 {
				b.Errorf("what was made before the proof stays: a password %v, %d factors, %v", has, len(factors), e)
			}
			return err
		})
		if err := b.logins.Reset(b.Context(), stranger("192.0.2.9"), done.Reset.Reveal(), secret.NewText(other)); err != nil {
			b.Fatal(err)
		}
		if err := b.try(moved, other); err != nil {
			b.Errorf("the new password: %v", err)
		}
		if n := b.count(`select count(*) from audit_event where chain = $1 and verb = 'email.correct' and outcome = 'done'`, p.org); n != 1 {
			b.Errorf("%d events in the organisation's journal", n)
		}
	})
}
