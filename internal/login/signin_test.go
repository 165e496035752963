package login_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/limit"
	"habilis/internal/login"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

func TestSignIn(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		tilleuls, rives := b.organisation("Tilleuls"), b.organisation("Deux-Rives")
		first, second := b.join(tilleuls, a, role.Secretary), b.join(rives, a, role.Reader)
		by, o := b.signIn(" Julie@TILLEULS.example", good)
		if by.Account != a.ID || o.Session.UserAgent != "Firefox/140" || o.Session.Address != "192.0.2.1" {
			b.Errorf("%+v %+v", by, o.Session)
		}
		b.read(func(tx *store.Tx) error {
			now, _, err := account.Get(b.Context(), tx, a.ID)
			if now.LastSignInAt.Equal(store.Never) {
				b.Error("the sign-in is not noted")
			}
			for _, m := range []member.Member{first, second} { // LST-4: used for the first time
				got, e := member.Find(b.Context(), tx, m.Org, m.ID)
				if e != nil || got.Status != member.Active || got.LastSignInAt.Equal(store.Never) {
					b.Errorf("membership %s %v %v", got.Status, got.LastSignInAt, e)
				}
			}
			return err
		})
		if b.events("login.sign_in", "done") != 1 || b.count(`select count(*) from audit_event where verb = 'login.sign_in' and actor = $1`, a.ID) != 1 {
			b.Error("not recorded under the person's name")
		}
		if l := b.letters(); len(l) != 0 {
			b.Errorf("%d letters for a usual sign-in", len(l))
		}
	})
}

// OFF-4: whoever lost the last membership may still sign in.
func TestSignInWithoutMembership(t *testing.T) {
	each(t, func(b *bench) {
		b.account("julie@tilleuls.example")
		b.signIn("julie@tilleuls.example", good)
	})
}

// SES-03: signing in over another session makes a new value and ends the old one.
func TestSignInOverASession(t *testing.T) {
	each(t, func(b *bench) {
		b.account("julie@tilleuls.example")
		b.account("paul@tilleuls.example")
		by, first := b.signIn("julie@tilleuls.example", good)
		res, err := b.logins.SignIn(b.Context(), by, "paul@tilleuls.example", secret.NewText(good), login.Client{})
		if err != nil || b.worth(first.Token) || !b.worth(res.Session.Token) || res.Session.Token.Equal(first.Token) {
			b.Errorf("%v: the old session lives %v", err, b.worth(first.Token))
		}
	})
}

// rules.md 7: who administers anything, or works for the platform, is signed out
// after 15 minutes without use; others after 30.
func TestIdleTime(t *testing.T) {
	each(t, func(b *bench) {
		p := b.organisation("Tilleuls")
		b.join(p, b.account("claire@tilleuls.example"), role.Administrator)
		b.join(p, b.account("paul@tilleuls.example"), role.Practitioner)
		boss := b.account("boss@habilis.example")
		boss.PlatformRole = account.Support
		b.write(func(tx *store.Tx) error { _, err := account.Set(b.Context(), tx, boss); return err })
		_, claire := b.signIn("claire@tilleuls.example", good)
		_, paul := b.signIn("paul@tilleuls.example", good)
		_, support := b.signIn("boss@habilis.example", good)
		b.clock.Add(session.IdleAdmin + time.Second)
		if b.worth(claire.Token) || b.worth(support.Token) || !b.worth(paul.Token) {
			b.Error("who is signed out after 15 minutes")
		}
	})
}

// ENU-01: one answer and one argon2 whatever the state of the account.
func TestOneAnswer(t *testing.T) {
	each(t, func(b *bench) {
		b.account("julie@tilleuls.example")
		b.block(b.account("blocked@tilleuls.example"))
		locked := b.account("locked@tilleuls.example")
		bare := b.account("bare@tilleuls.example")
		b.write(func(tx *store.Tx) error {
			if _, err := tx.Exec(b.Context(), `update credential set removed_at = $2 where account_id = $1`, bare.ID, tx.Now); err != nil {
				return err
			}
			_, err := tx.Exec(b.Context(), `insert into credential_guard (account_id, failures, day_failures, day_began_at, blocked_until, locked_at)
				values ($1, 25, 1, $2, $2, $2)`, locked.ID, tx.Now)
			return err
		})
		for n, c := range []struct{ address, password string }{
			{"julie@tilleuls.example", wrong},
			{"julie@tilleuls.example", ""},
			{"nobody@tilleuls.example", good},
			{"nobody@tilleuls.example", ""},
			{"blocked@tilleuls.example", good},
			{"bare@tilleuls.example", good},
			{"locked@tilleuls.example", good},
			{"locked@tilleuls.example", wrong},
		} {
			before, rows := b.hasher.Computed(), b.count(`select count(*) from audit_event`)
			err := b.try(c.address, c.password)
			f := fault.Of(err)
			if !errors.Is(err, login.ErrRefused) || f.Kind != fault.Unauthenticated || f.Wait != 0 || len(f.Args) != 0 || f.Err != nil {
				b.Errorf("%s %q: %#v", c.address, c.password, err)
			}
			if spent := b.hasher.Computed() - before; spent != 1 {
				b.Errorf("%s %q costs %d argon2", c.address, c.password, spent)
			}
			if recorded := b.count(`select count(*) from audit_event`) - rows; recorded != 1 {
				b.Errorf("try %d recorded %d events", n, recorded)
			}
		}
		if n := b.count(`select count(*) from session`); n != 0 {
			b.Errorf("%d sessions opened", n)
		}
		if l := b.letters(); len(l) != 0 {
			b.Errorf("%d letters", len(l))
		}
	})
}

// ENU-01: an address without account waits and is refused exactly like an account
// tried as often, beyond the lock, even for the right password.
func TestUnknownAddressWaitsAlike(t *testing.T) {
	eachWith(t, storetest.Options{NoTwin: true}, func(b *bench) {
		b.account("julie@tilleuls.example")
		answer := func(address, password string) string {
			err := b.try(address, password)
			return fmt.Sprint(code(err), fault.Of(err).Kind, fault.Of(err).Wait.Round(time.Minute))
		}
		var seen []string
		for n := range 60 {
			password := wrong
			if n > 50 {
				password = good // the account has been locked for long
			}
			known, unknown := answer("julie@tilleuls.example", password), answer("nobody@tilleuls.example", password)
			if known != unknown {
				b.Fatalf("try %d: %s for an account, %s for nobody", n, known, unknown)
			}
			seen = append(seen, known)
			if strings.HasPrefix(known, "login.locked") {
				b.clock.Add(fault.Of(b.try("julie@tilleuls.example", password)).Wait + time.Second)
			}
		}
		if !slices.ContainsFunc(seen, func(s string) bool { return strings.HasPrefix(s, "login.refused") }) || slices.ContainsFunc(seen, func(s string) bool { return strings.HasPrefix(s, "ok") }) {
			b.Errorf("%v", seen)
		}
		if n := b.count(`select count(*) from credential_guard where locked_at is not null`); n != 1 {
			b.Errorf("%d locked", n)
		}
		if n := b.events("login.many_failures", "done"); n < 4 {
			b.Errorf("%d notes of many failures: both addresses make them", n)
		}
		letters := b.letters("letter.locked")
		var locked, told int
		for _, j := range letters {
			var l login.LockedLetter
			if err := j.Decode(&l); err != nil {
				b.Fatal(err)
			}
			if l.Locked {
				locked++
			} else {
				told++
			}
		}
		if locked != 1 || told != 1 {
			b.Errorf("%d letters about the lock, %d about failures", locked, told)
		}
		if n := b.count(`select count(*) from sign_in_guard where subject like '%nobody%' or subject like '%example%'`); n != 0 {
			b.Error("what was typed is kept")
		}
	})
}

// PWD-08: one counter an account for all identifiers and surfaces.
func TestOneCounter(t *testing.T) {
	each(t, func(b *bench) {
		b.account("julie@tilleuls.example")
		by, _ := b.signIn("julie@tilleuls.example", good)
		ctx := b.Context()
		for n, try := range []func() error{
			func() error { return b.try("julie@tilleuls.example", wrong) },
			func() error { return b.try("JULIE@Tilleuls.Example", wrong) },
			func() error { return b.try("  julie@tilleuls.example\n", wrong) },
			func() error { _, err := b.logins.StepUp(ctx, by, secret.NewText(wrong)); return err },
			func() error {
				_, err := b.logins.ChangePassword(ctx, by, secret.NewText(wrong), secret.NewText(other))
				return err
			},
		} {
			if c := code(try()); c != "login.refused" && c != "login.current_password" {
				b.Fatalf("guess %d: %s", n, c)
			}
		}
		before := b.hasher.Computed()
		_, stepUp := b.logins.StepUp(ctx, by, secret.NewText(good))
		_, change := b.logins.ChangePassword(ctx, by, secret.NewText(good), secret.NewText(other))
		for _, err := range []error{b.try("julie@tilleuls.example", good), b.try("Julie@tilleuls.example", good), stepUp, change} {
			if w := fault.Of(err).Wait; !errors.Is(err, login.ErrLocked) || w <= 0 || w > credential.FirstWait {
				b.Errorf("after five failures: %v, wait %v", err, w)
			}
		}
		if b.hasher.Computed() != before {
			b.Error("a try that comes too early was verified")
		}
		b.clock.Add(credential.FirstWait)
		b.signIn("julie@tilleuls.example", good)
		if err := b.try("julie@tilleuls.example", wrong); !errors.Is(err, login.ErrRefused) {
			b.Errorf("a success does not forget the failures: %v", err)
		}
	})
}

// rules.md 4: the count comes before the check: of many guesses at once, five are
// verified.
func TestParallelGuesses(t *testing.T) {
	eachWith(t, storetest.Options{NoTwin: true}, func(b *bench) {
		b.account("julie@tilleuls.example")
		before := b.hasher.Computed()
		var wg sync.WaitGroup
		for n := range 40 {
			wg.Go(func() {
				_, err := b.logins.SignIn(b.Context(), stranger(fmt.Sprintf("203.0.113.%d", n)), "julie@tilleuls.example", secret.NewText(wrong), login.Client{})
				if c := code(err); c != "login.refused" && c != "login.locked" {
					b.Errorf("guess: %v", err)
				}
			})
		}
		wg.Wait()
		if spent := b.hasher.Computed() - before; spent != credential.WaitAfter {
			b.Errorf("%d guesses were verified", spent)
		}
	})
}

// PWD-09: 1000 wrong sign-ins from 100 addresses: open sessions go on, the pause
// ends, the victim is told, and a reset opens at once.
func TestLockoutDoesNotShutOut(t *testing.T) {
	eachWith(t, storetest.Options{NoTwin: true}, func(b *bench) {
		b.account("julie@tilleuls.example")
		_, open := b.signIn("julie@tilleuls.example", good)
		for n := range 1000 {
			_, err := b.logins.SignIn(b.Context(), stranger(fmt.Sprintf("203.0.113.%d", n%100)), "julie@tilleuls.example", secret.NewText(wrong), login.Client{})
			if c := code(err); c != "login.refused" && c != "login.locked" {
				b.Fatalf("%v", err)
			}
			if n%100 == 99 {
				b.clock.Add(2 * time.Minute)
				if !b.worth(open.Token) {
					b.Fatal("the victim's session ended")
				}
			}
		}
		err := b.try("julie@tilleuls.example", good)
		if f := fault.Of(err); err != nil && (!errors.Is(err, login.ErrLocked) || f.Wait > credential.LongestWait) {
			b.Fatalf("the victim: %v, wait %v", err, f.Wait)
		}
		b.clock.Add(fault.Of(err).Wait)
		b.signIn("julie@tilleuls.example", good)

		for n := range 30 { // patient: until the password is locked
			if err := b.try("julie@tilleuls.example", wrong+strconv.Itoa(n)); errors.Is(err, login.ErrLocked) {
				b.clock.Add(fault.Of(err).Wait)
			}
		}
		for b.count(`select count(*) from credential_guard where locked_at is not null`) == 0 {
			b.clock.Add(fault.Of(b.try("julie@tilleuls.example", wrong)).Wait)
		}
		if l := b.letters("letter.locked"); len(l) != 2 {
			b.Errorf("the victim got %d letters", len(l))
		}
		if err := b.logins.Reset(b.Context(), stranger("192.0.2.5"), b.resetLink("julie@tilleuls.example"), secret.NewText(other)); err != nil {
			b.Fatal(err)
		}
		b.signIn("julie@tilleuls.example", other)
	})
}

// rules.md 4: per address, 20 failures over 5 accounts in 5 minutes; successes do
// not count, and listed networks are left alone.
func TestFailuresOfOneAddress(t *testing.T) {
	eachWith(t, storetest.Options{NoTwin: true}, func(b *bench) {
		b.logins.Exempt = []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}
		b.account("julie@tilleuls.example")
		guess := func(from string, n int) error {
			_, err := b.logins.SignIn(b.Context(), stranger(from), fmt.Sprintf("a%d@tilleuls.example", n), secret.NewText(wrong), login.Client{})
			return err
		}
		arrive := func(from string) error {
			_, err := b.logins.SignIn(b.Context(), stranger(from), "julie@tilleuls.example", secret.NewText(good), login.Client{})
			return err
		}
		b.startOfWindow(login.FailureWindow)
		for range 30 { // one hospital at eight o'clock
			if err := arrive("192.0.2.1"); err != nil {
				b.Fatal(err)
			}
		}
		for n := range login.FailuresAddress {
			if err := guess("192.0.2.1", n%login.AccountsAddress); !errors.Is(err, login.ErrRefused) {
				b.Fatalf("failure %d: %v", n+1, err)
			}
		}
		before := b.hasher.Computed()
		for _, err := range []error{guess("192.0.2.1", 99), arrive("192.0.2.1"), guess("::ffff:192.0.2.1", 98)} {
			if w := fault.Of(err).Wait; !errors.Is(err, limit.ErrExceeded) || w <= 0 || w > login.FailureWindow {
				b.Errorf("beyond: %v, wait %v", err, w)
			}
		}
		if b.hasher.Computed() != before {
			b.Error("a try beyond the limit was verified")
		}
		if err := arrive("192.0.2.2"); err != nil {
			b.Errorf("from elsewhere: %v", err)
		}
		b.clock.Add(login.FailureWindow)
		if err := arrive("192.0.2.1"); err != nil {
			b.Errorf("in the next window: %v", err)
		}
		for n := range 40 {
			if err := guess("198.51.100.7", n); !errors.Is(err, login.ErrRefused) {
				b.Fatalf("from a listed network: %v", err)
			}
			if err := guess("203.0.113.5", 1000+n%3); errors.Is(err, limit.ErrExceeded) {
				b.Fatalf("over few accounts: %v", err)
			}
		}
		var last error
		for n := range login.FailuresAddress + 1 { // one network, an address each
			last = guess(fmt.Sprintf("2001:db8::%x", n), 2000+n)
		}
		if !errors.Is(last, limit.ErrExceeded) {
			b.Errorf("within one IPv6 network: %v", last)
		}
	})
}

// startOfWindow moves the clock to where a window of that length has just begun.
func (b *bench) startOfWindow(d time.Duration) {
	now := b.db.Now()
	b.clock.Add(now.Truncate(d).Add(d).Sub(now) + time.Second)
}

// A server too busy to hash counts no failure: a flood of sign-ins locks nobody.
func TestBusyIsNoFailure(t *testing.T) {
	each(t, func(b *bench) {
		b.account("julie@tilleuls.example")
		full := b.logins
		full.Hasher = &credential.Hasher{} // no place at all
		if _, err := full.SignIn(b.Context(), stranger("192.0.2.1"), "julie@tilleuls.example", secret.NewText(good), login.Client{}); !errors.Is(err, credential.ErrBusy) {
			b.Fatalf("%v", err)
		}
		if n := b.count(`select count(*) from credential_guard where failures > 0`) + b.count(`select count(*) from counter where n > 0`); n != 0 {
			b.Errorf("%d counted", n)
		}
	})
}

// rules.md 3: the hash is renewed at sign-in when its cost is not today's.
func TestHashIsRenewed(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		b.hasher.Cost.Time = 2
		b.signIn("julie@tilleuls.example", good)
		b.read(func(tx *store.Tx) error {
			h, err := credential.PasswordHash(b.Context(), tx, a.ID)
			if b.hasher.NeedsUpgrade(h) {
				b.Error("not renewed")
			}
			return err
		})
		b.signIn("julie@tilleuls.example", good)
		if n := b.count(`select count(*) from credential`); n != 2 {
			b.Errorf("%d hashes", n)
		}
	})
}

// SES-07: the eleventh session closes the oldest, and the person is told.
func TestTooManySessionsAreTold(t *testing.T) {
	each(t, func(b *bench) {
		b.account("julie@tilleuls.example")
		_, first := b.signIn("julie@tilleuls.example", good)
		for range session.MaxSessions - 1 {
			b.clock.Add(time.Second)
			b.signIn("julie@tilleuls.example", good)
		}
		if l := b.letters(); len(l) != 0 || !b.worth(first.Token) {
			b.Errorf("ten sessions: %d letters", len(l))
		}
		b.clock.Add(time.Second)
		b.signIn("julie@tilleuls.example", good)
		l := b.letters("letter.session_closed")
		if len(l) != 1 || b.worth(first.Token) {
			b.Fatalf("%d letters", len(l))
		}
		var letter session.ClosedLetter
		if err := l[0].Decode(&letter); err != nil || letter.Count != 1 {
			b.Errorf("%+v %v", letter, err)
		}
	})
}

// Issue 1, bad input: what is no address is said at its field, and costs nothing.
func TestMalformedAddress(t *testing.T) {
	each(t, func(b *bench) {
		for _, typed := range []string{"", "julie", "julie@tilleuls.example\r\nBcc: x@y.fr", strings.Repeat("a", 10000) + "@b.fr", "julіe@tilleuls.example"} {
			for _, err := range []error{b.try(typed, good), b.logins.Forgot(b.Context(), stranger("192.0.2.1"), typed)} {
				if f := fault.Of(err); f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Location != "email" {
					b.Errorf("%.30q: %v", typed, err)
				}
			}
		}
		if b.hasher.Computed() != 0 || b.count(`select count(*) from counter`) != 0 {
			b.Error("it cost something")
		}
	})
}

func TestSignOut(t *testing.T) {
	each(t, func(b *bench) {
		b.account("julie@tilleuls.example")
		by, o := b.signIn("julie@tilleuls.example", good)
		_, kept := b.signIn("julie@tilleuls.example", good)
		for range 2 { // the second click finds it done
			if err := b.logins.SignOut(b.Context(), by); err != nil || b.worth(o.Token) || !b.worth(kept.Token) {
				b.Errorf("%v", err)
			}
		}
		if n := b.events("login.sign_out", "done"); n != 1 {
			b.Errorf("%d events", n)
		}
		if err := b.logins.SignOut(b.Context(), stranger("192.0.2.1")); !errors.Is(err, access.ErrUnauthenticated) {
			b.Errorf("a stranger: %v", err)
		}
	})
}
