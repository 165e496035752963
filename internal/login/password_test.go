package login_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/limit"
	"habilis/internal/login"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/token"
)

// PWD-06: a stolen session does not change the password: empty, absent or wrong,
// each is refused, counted and recorded.
func TestChangeNeedsTheCurrentPassword(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		by, o := b.signIn("julie@tilleuls.example", good)
		b.clock.Add(2 * time.Minute)
		for n, current := range []secret.Text{{}, secret.NewText(""), secret.NewText(wrong), secret.NewText(good + " ")} {
			_, err := b.logins.ChangePassword(b.Context(), by, current, secret.NewText(other))
			if !errors.Is(err, login.ErrCurrent) || fault.Of(err).Kind != fault.Forbidden {
				b.Errorf("%d: %v", n, err)
			}
			if got := b.count(`select day_failures from credential_guard where account_id = $1`, a.ID); got != n+1 {
				b.Errorf("%d: %d counted", n, got)
			}
		}
		if b.count(`select count(*) from credential`) != 1 || !b.worth(o.Token) || b.events("login.change_password", "refused") != 4 {
			b.Error("a refused change had an effect, or left no trace")
		}
		if l := b.letters(); len(l) != 0 {
			b.Errorf("%d letters", len(l))
		}
	})
}

// SES-02: the other sessions end with the old password; this one goes on under
// another token; the person is told.
func TestChangePassword(t *testing.T) {
	each(t, func(b *bench) {
		b.account("julie@tilleuls.example")
		reset := b.resetLink("julie@tilleuls.example")
		_, second := b.signIn("julie@tilleuls.example", good)
		_, third := b.signIn("julie@tilleuls.example", good)
		by, first := b.signIn("julie@tilleuls.example", good)
		o, err := b.logins.ChangePassword(b.Context(), by, secret.NewText(good), secret.NewText(other))
		if err != nil || o.Session.ID != first.Session.ID {
			b.Fatalf("%+v %v", o, err)
		}
		for name, s := range map[string]session.Opened{"first": first, "second": second, "third": third} {
			if b.worth(s.Token) {
				b.Errorf("the %s token lives", name)
			}
		}
		if !b.worth(o.Token) {
			b.Error("the session that changed it ended")
		}
		if l := b.letters("letter.password_changed"); len(l) != 1 {
			b.Errorf("%d letters", len(l))
		}
		// PWD-01: a reset link asked before the change is dead.
		if err := b.logins.Reset(b.Context(), stranger("192.0.2.9"), reset, secret.NewText(good)); !errors.Is(err, login.ErrGone) {
			b.Errorf("an older reset link: %v", err)
		}
		if err := b.try("julie@tilleuls.example", good); !errors.Is(err, login.ErrRefused) {
			b.Errorf("the old password: %v", err)
		}
		b.signIn("julie@tilleuls.example", other)
	})
}

// The policy is told at its field, and no try is counted for it.
func TestNewPasswordPolicy(t *testing.T) {
	each(t, func(b *bench) {
		b.account("julie.delmas@tilleuls.example")
		by, _ := b.signIn("julie.delmas@tilleuls.example", good)
		link := b.resetLink("julie.delmas@tilleuls.example")
		for next, want := range map[string]string{
			"":                        credential.CodePasswordTooShort,
			"trop court 12":           credential.CodePasswordTooShort,
			"Julie Delmas Tilleuls 1": credential.CodePasswordContext,
			"aaaaaaaaaaaaaaaaaaaa":    credential.CodePasswordWeak,
			strings.Repeat("é", 129):  credential.CodePasswordTooLong, // PWD-07
			strings.Repeat("a", 1e5):  credential.CodePasswordTooLong, // PWD-07: 100 kB
		} {
			before := b.hasher.Computed()
			_, change := b.logins.ChangePassword(b.Context(), by, secret.NewText(good), secret.NewText(next))
			reset := b.logins.Reset(b.Context(), stranger("192.0.2.9"), link, secret.NewText(next))
			for _, err := range []error{change, reset} {
				if f := fault.Of(err).Fields; len(f) != 1 || f[0].Location != "new_password" || f[0].Code != want {
					b.Errorf("%.30q: %v %v", next, err, f)
				}
			}
			if b.hasher.Computed() != before {
				b.Errorf("%.30q was hashed", next)
			}
		}
		if n := b.count(`select count(*) from credential_guard`); n != 0 {
			b.Error("a password refused by the policy counts as a guess")
		}
		if _, err := b.logins.CheckReset(b.Context(), stranger("192.0.2.9"), link); err != nil {
			b.Errorf("the link was spent: %v", err)
		}
	})
}

// PWD-07: only NFC is applied; everything else makes another password.
func TestPasswordsAreNotTruncated(t *testing.T) {
	each(t, func(b *bench) {
		long := "été " + strings.Repeat("abcdefgh ", 10) + "fin\x00x" // over 72 bytes, with a NUL
		b.account("julie@tilleuls.example")
		if err := b.logins.Reset(b.Context(), stranger("192.0.2.9"), b.resetLink("julie@tilleuls.example"), secret.NewText(long)); err != nil {
			b.Fatal(err)
		}
		for _, near := range []string{
			long + " ", " " + long, strings.TrimSuffix(long, "x"), long[:72], long[:strings.IndexByte(long, 0)], strings.ToUpper(long), strings.Replace(long, "é", "e", 1),
			long + strings.Repeat("a", 1e5),
		} {
			if err := b.try("julie@tilleuls.example", near); !errors.Is(err, login.ErrRefused) && !errors.Is(err, login.ErrLocked) {
				b.Errorf("%.90q opens: %v", near, err)
			}
			b.clock.Add(time.Hour)
		}
		b.signIn("julie@tilleuls.example", strings.Replace(long, "é", "e\u0301", 2)) // NFD
	})
}

// STP-01, STP-02, SES-03: eleven minutes after the password a sensitive act is
// refused; proving oneself again changes the token and counts in that session only.
func TestStepUp(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		tokens := token.Tokens{Run: b.run}
		n := token.New{Kind: token.OfPerson, Account: a.ID, Name: "a"}
		one, first := b.signIn("julie@tilleuls.example", good)
		_, second := b.signIn("julie@tilleuls.example", good)
		b.clock.Add(11 * time.Minute)
		if _, err := tokens.Make(b.Context(), one, n); !errors.Is(err, access.ErrStepUp) {
			b.Fatalf("on a stale session: %v", err)
		}
		for _, password := range []string{"", wrong} {
			if _, err := b.logins.StepUp(b.Context(), one, secret.NewText(password)); !errors.Is(err, login.ErrCurrent) {
				b.Errorf("%q: %v", password, err)
			}
		}
		if _, err := tokens.Make(b.Context(), one, n); !errors.Is(err, access.ErrStepUp) || b.count(`select count(*) from token`) != 0 {
			b.Fatalf("after a wrong password: %v", err)
		}
		o, err := b.logins.StepUp(b.Context(), one, secret.NewText(good))
		if err != nil || b.worth(first.Token) || o.Session.ID != first.Session.ID {
			b.Fatalf("%v: the old token lives %v", err, b.worth(first.Token))
		}
		if _, err := tokens.Make(b.Context(), b.actor(o), n); err != nil {
			b.Errorf("after the proof: %v", err)
		}
		if _, err := tokens.Make(b.Context(), b.actor(second), n); !errors.Is(err, access.ErrStepUp) {
			b.Errorf("in another session: %v", err)
		}
		if n := b.count(`select count(*) from credential_guard`); n != 0 {
			b.Error("the proof does not forget the failures")
		}
		b.clock.Add(access.StepUpAge)
		if _, err := tokens.Make(b.Context(), b.actor(o), n); !errors.Is(err, access.ErrStepUp) {
			b.Errorf("five minutes later: %v", err)
		}
	})
}

// STP-02: nobody proves for another, without a session, or with one that is over.
func TestStepUpNeedsItsSession(t *testing.T) {
	each(t, func(b *bench) {
		b.account("julie@tilleuls.example")
		paul := b.account("paul@tilleuls.example")
		by, o := b.signIn("julie@tilleuls.example", good)
		stolen := by
		stolen.Account = paul.ID // Paul's password, Julie's session
		bearer := by
		bearer.Session, bearer.Token = "", ident.NewToken()
		bare := by
		bare.Session = ""
		for name, who := range map[string]access.Actor{"another's session": stolen, "a token": bearer, "no session": bare, "nobody": stranger("192.0.2.1")} {
			if _, err := b.logins.StepUp(b.Context(), who, secret.NewText(good)); err == nil {
				b.Errorf("%s: proven", name)
			}
		}
		if !b.worth(o.Token) || !b.actor(o).StepUp.Equal(by.StepUp) {
			b.Error("a refused proof touched the session")
		}
		if err := b.logins.SignOut(b.Context(), by); err != nil {
			b.Fatal(err)
		}
		if _, err := b.logins.StepUp(b.Context(), by, secret.NewText(good)); !errors.Is(err, access.ErrUnauthenticated) {
			b.Errorf("after signing out: %v", err)
		}
	})
}

// A locked password is said to be so to whoever is signed in, for the right one
// too; their session goes on (rules.md 4).
func TestLockedPasswordProvesNothing(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		by, o := b.signIn("julie@tilleuls.example", good)
		b.write(func(tx *store.Tx) error {
			_, err := tx.Exec(b.Context(), `insert into credential_guard (account_id, failures, day_failures, day_began_at, blocked_until, locked_at)
				values ($1, 25, 1, $2, $2, $2)`, a.ID, tx.Now)
			return err
		})
		for _, password := range []string{good, wrong} {
			if _, err := b.logins.StepUp(b.Context(), by, secret.NewText(password)); !errors.Is(err, login.ErrPasswordLocked) {
				b.Errorf("step-up: %v", err)
			}
			if _, err := b.logins.ChangePassword(b.Context(), by, secret.NewText(password), secret.NewText(other)); !errors.Is(err, login.ErrPasswordLocked) {
				b.Errorf("change: %v", err)
			}
			b.clock.Add(credential.FirstWait)
		}
		if !b.worth(o.Token) {
			b.Error("the session ended")
		}
	})
}

// PWD-02, SES-02: a reset opens no session, ends all, revokes the person's tokens,
// lifts the lock and is told.
func TestReset(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		by, first := b.signIn("julie@tilleuls.example", good)
		_, second := b.signIn("julie@tilleuls.example", good)
		made, err := token.Tokens{Run: b.run}.Make(b.Context(), by, token.New{Kind: token.OfPerson, Account: a.ID, Name: "a"})
		if err != nil {
			b.Fatal(err)
		}
		b.write(func(tx *store.Tx) error {
			_, err := tx.Exec(b.Context(), `insert into credential_guard (account_id, failures, day_failures, day_began_at, blocked_until, locked_at)
				values ($1, 25, 25, $2, $2, $2)`, a.ID, tx.Now)
			return err
		})
		link := b.resetLink("Julie@tilleuls.example")
		sessions := b.count(`select count(*) from session`)
		email, err := b.logins.CheckReset(b.Context(), stranger("192.0.2.9"), link)
		if err != nil || email != "julie@tilleuls.example" {
			b.Errorf("%q %v", email, err)
		}
		// From a browser that is signed in: even that session ends.
		if err := b.logins.Reset(b.Context(), by, link, secret.NewText(other)); err != nil {
			b.Fatal(err)
		}
		if b.worth(first.Token) || b.worth(second.Token) || b.count(`select count(*) from session`) != sessions {
			b.Error("a session lives on, or was opened")
		}
		if _, ok, err := (token.Tokens{Run: b.run}).Authenticate(b.Context(), made.Secret.Reveal()); ok || err != nil {
			b.Errorf("the person's token opens: %v", err)
		}
		if l := b.letters(); len(l) != 1 || l[0].Kind != "letter.password_changed" {
			b.Errorf("letters %+v", l)
		}
		if err := b.try("julie@tilleuls.example", good); !errors.Is(err, login.ErrRefused) {
			b.Errorf("the old password: %v", err)
		}
		b.signIn("julie@tilleuls.example", other)
		if b.events("login.reset", "done") != 1 || b.events("login.reset_link", "done") != 1 {
			b.Error("not recorded")
		}
	})
}

// PWD-01: spent, older than another, expired, or from before the account changed:
// one answer, and nothing changes.
func TestResetReplay(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		gone := func(name, link string) {
			b.Helper()
			_, look := b.logins.CheckReset(b.Context(), stranger("192.0.2.9"), link)
			spend := b.logins.Reset(b.Context(), stranger("192.0.2.9"), link, secret.NewText(other))
			for _, err := range []error{look, spend} {
				if f := fault.Of(err); !errors.Is(err, login.ErrGone) || f.Kind != fault.Gone || len(f.Args) != 0 {
					b.Errorf("%s: %v", name, err)
				}
			}
		}
		older := b.resetLink("julie@tilleuls.example")
		link := b.resetLink("julie@tilleuls.example")
		gone("an older link", older)
		if err := b.logins.Reset(b.Context(), stranger("192.0.2.9"), link, secret.NewText(other)); err != nil {
			b.Fatal(err)
		}
		hashes := b.count(`select count(*) from credential`)
		gone("a spent link", link)
		gone("an older link, after", older)
		b.clock.Add(time.Hour)
		expired := b.resetLink("julie@tilleuls.example")
		b.clock.Add(credential.ResetLife)
		gone("an expired link", expired)
		changed := b.resetLink("julie@tilleuls.example")
		b.write(func(tx *store.Tx) error { return credential.EndResets(b.Context(), tx, a.ID) }) // the address changed
		gone("a link from before a change", changed)
		blocked := b.resetLink("julie@tilleuls.example")
		b.block(a)
		gone("a link of a blocked account", blocked)
		if n := b.count(`select count(*) from credential`); n != hashes {
			b.Errorf("%d passwords set", n-hashes)
		}
	})
}

// PWD-03: no step of a reset is reached without its link.
func TestResetStepsSkipped(t *testing.T) {
	each(t, func(b *bench) {
		b.account("julie@tilleuls.example")
		link := b.resetLink("julie@tilleuls.example")
		_, o := b.signIn("julie@tilleuls.example", good)
		for _, presented := range []string{
			"", " ", "hr_", link[:len(link)-1], link + "A", strings.ToUpper(link), " " + link, "hi_" + link[3:], "ht_" + link[3:], "hu_" + link[3:],
			o.Token.Reveal(), "hr_" + o.Token.Reveal()[3:], "julie@tilleuls.example", strings.Repeat("a", 1e5),
		} {
			if err := b.logins.Reset(b.Context(), stranger("192.0.2.9"), presented, secret.NewText(other)); !errors.Is(err, login.ErrGone) {
				b.Errorf("%.40q: %v", presented, err)
			}
		}
		if n := b.count(`select count(*) from credential`); n != 1 {
			b.Error("a password was set")
		}
		b.signIn("julie@tilleuls.example", good)
	})
}

// One link, spent by many at once: one password, and it is the winner's.
func TestResetRace(t *testing.T) {
	eachWith(t, storetest.Options{NoTwin: true}, func(b *bench) {
		b.account("julie@tilleuls.example")
		link := b.resetLink("julie@tilleuls.example")
		var won atomic.Int64
		var wg sync.WaitGroup
		winner := make(chan string, 1)
		for n := range 12 {
			wg.Go(func() {
				next := other + strconv.Itoa(n)
				err := b.logins.Reset(b.Context(), stranger("192.0.2.9"), link, secret.NewText(next))
				switch {
				case err == nil:
					won.Add(1)
					winner <- next
				case !errors.Is(err, login.ErrGone):
					b.Errorf("a loser got %v", err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || b.count(`select count(*) from credential`) != 2 {
			b.Fatalf("%d won, %d passwords", won.Load(), b.count(`select count(*) from credential`))
		}
		b.signIn("julie@tilleuls.example", <-winner)
	})
}

// PWD-10, ENU-01: 3 letters an hour for an account, 20 requests for a network
// address; the answer is the same, and the work is queued.
func TestForgotFlood(t *testing.T) {
	eachWith(t, storetest.Options{NoTwin: true}, func(b *bench) {
		b.account("julie@tilleuls.example")
		b.startOfWindow(time.Hour)
		for n := range 200 {
			if err := b.logins.Forgot(b.Context(), stranger(fmt.Sprintf("203.0.113.%d", n)), "julie@tilleuls.example"); err != nil {
				b.Fatalf("request %d: %v", n, err)
			}
		}
		if n := b.count(`select count(*) from job where state = 'ready'`); n != login.ForgotPerAccount {
			b.Errorf("%d jobs", n)
		}
		if l := b.letters("letter.reset"); len(l) != login.ForgotPerAccount {
			b.Errorf("%d letters", len(l))
		}
		var errs []error
		for n := range login.ForgotPerAddress + 2 {
			errs = append(errs, b.logins.Forgot(b.Context(), stranger("192.0.2.1"), fmt.Sprintf("a%d@tilleuls.example", n)))
		}
		for n, err := range errs {
			if exceeded := errors.Is(err, limit.ErrExceeded); exceeded != (n >= login.ForgotPerAddress) || (err != nil && !exceeded) {
				b.Errorf("request %d: %v", n+1, err)
			}
		}
		if l := b.letters(); len(l) != 0 {
			b.Errorf("%d letters to nobody", len(l))
		}
		b.clock.Add(time.Hour)
		b.resetLink("julie@tilleuls.example")
	})
}

// ENU-01: the request leaves the same rows whether the address has an account, is
// blocked, or has none; the look-up comes later.
func TestForgotLooksNothingUp(t *testing.T) {
	each(t, func(b *bench) {
		b.account("julie@tilleuls.example")
		b.block(b.account("blocked@tilleuls.example"))
		written := func() (n [4]int) {
			for i, table := range []string{"job", "audit_event", "counter", "password_reset"} {
				n[i] = b.count(`select count(*) from ` + table)
			}
			return n
		}
		for _, address := range []string{"julie@tilleuls.example", "blocked@tilleuls.example", "nobody@tilleuls.example"} {
			before := written()
			if err := b.logins.Forgot(b.Context(), stranger("192.0.2.1"), address); err != nil {
				b.Fatal(err)
			}
			after := written()
			for i := range after {
				after[i] -= before[i]
			}
			if after[0] != 1 || after[1] != 1 || after[3] != 0 {
				b.Errorf("%s: wrote %v", address, after)
			}
			if n := b.count(`select count(*) from job where kind = 'login.forgot' and args <> '{}'`); n != 0 {
				b.Error("the queue tells whom it is for")
			}
			b.letters()
		}
		if n := b.count(`select count(*) from password_reset`); n != 1 {
			b.Errorf("%d links made", n)
		}
	})
}

// rest.md: a repeated change with one idempotency key has one effect and the same
// answer, though the current password is no longer what it was; without the token.
func TestChangeReplayed(t *testing.T) {
	each(t, func(b *bench) {
		b.account("julie@tilleuls.example")
		by, _ := b.signIn("julie@tilleuls.example", good)
		by.Once = access.Once{Key: "k", Body: [32]byte{1}}
		first, err := b.logins.ChangePassword(b.Context(), by, secret.NewText(good), secret.NewText(other))
		if err != nil {
			b.Fatal(err)
		}
		second, err := b.logins.ChangePassword(b.Context(), by, secret.NewText(good), secret.NewText(other))
		if err != nil || second.Session.ID != first.Session.ID || !second.Token.IsZero() {
			b.Errorf("%+v %v", second, err)
		}
		if doc, err := json.Marshal(first); err != nil || strings.Contains(string(doc), "hs_") {
			b.Errorf("%s %v", doc, err)
		}
		if b.count(`select count(*) from credential`) != 2 || len(b.letters("letter.password_changed")) != 1 {
			b.Error("two effects")
		}
	})
}

// What changed between the look-up and the verification is not overlooked: the
// account is read again in the transaction.
func TestBlockedAccountProvesNothing(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		by, _ := b.signIn("julie@tilleuls.example", good)
		b.block(a)
		if _, err := b.logins.StepUp(b.Context(), by, secret.NewText(good)); !errors.Is(err, access.ErrUnauthenticated) {
			b.Errorf("step-up: %v", err)
		}
		if _, err := b.logins.ChangePassword(b.Context(), by, secret.NewText(good), secret.NewText(other)); !errors.Is(err, access.ErrUnauthenticated) {
			b.Errorf("change: %v", err)
		}
		b.read(func(tx *store.Tx) error {
			_, found, err := account.Get(b.Context(), tx, a.ID)
			if !found {
				b.Error("gone")
			}
			return err
		})
	})
}
