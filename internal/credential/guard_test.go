package credential

import (
	"testing"
	"time"

	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// rules.md 4: 5 failures, then a minute, doubling to an hour; the 25th of a day locks.
func TestGuardWaitsAndLocks(t *testing.T) {
	g, now := guard{dayBegan: store.Never, blockedUntil: store.Never}, noon
	want := map[int64]time.Duration{5: time.Minute, 6: 2 * time.Minute, 7: 4 * time.Minute, 8: 8 * time.Minute, 9: 16 * time.Minute, 10: 32 * time.Minute}
	for n := int64(1); n <= LockAt; n++ {
		a := g.attempt(now)
		if a.Wait != 0 || a.Locked || a.Failures != n || a.Locks != (n == LockAt) {
			t.Fatalf("attempt %d: %+v", n, a)
		}
		wait := g.blockedUntil.Sub(now)
		switch {
		case n < WaitAfter && wait != 0, n > 10 && wait != time.Hour, n >= WaitAfter && n <= 10 && wait != want[n]:
			t.Errorf("after %d failures: %v", n, wait)
		}
		if wait > 0 {
			before := g
			if a := g.attempt(now.Add(wait - time.Second)); a.Wait != time.Second || g != before {
				t.Errorf("too early after %d: %+v, and it counted: %v", n, a, g != before)
			}
		}
		now = now.Add(wait)
	}
	if now.Sub(noon) > GuardDay {
		t.Fatalf("25 failures take %v: no day ever locks", now.Sub(noon))
	}
	if a := g.attempt(now); !a.Locked || a.Locks || a.Wait != 0 {
		t.Errorf("once locked: %+v", a)
	}
}

// PWD-09: the pause is never longer than an hour, and a day of quiet ends it.
func TestGuardForgetsTheDay(t *testing.T) {
	g, now := guard{dayBegan: store.Never, blockedUntil: store.Never}, noon
	for range 12 {
		g.attempt(now)
		if wait := g.blockedUntil.Sub(now); wait > LongestWait {
			t.Fatalf("waits %v", wait)
		}
		now = g.blockedUntil
	}
	now = noon.Add(GuardDay)
	if a := g.attempt(now); a.Failures != 1 || g.blockedUntil.After(now) {
		t.Errorf("the next day: %+v until %v", a, g.blockedUntil)
	}
}

// NIST SP 800-63B 5.2.2: at most 100 failures in a row, however slowly.
func TestGuardLocksSlowGuessing(t *testing.T) {
	g, now := guard{dayBegan: store.Never, blockedUntil: store.Never}, noon
	for n := 1; n <= LockAtInARow; n++ {
		if a := g.attempt(now); a.Locks != (n == LockAtInARow) {
			t.Fatalf("attempt %d: %+v", n, a)
		}
		if n%4 == 0 {
			now = now.Add(GuardDay)
		}
	}
}

func TestGuardUndo(t *testing.T) {
	g := guard{dayBegan: store.Never, blockedUntil: store.Never}
	for range 4 {
		g.attempt(noon)
	}
	before := g
	g.undo(g.attempt(noon))
	if g != before {
		t.Errorf("%+v, was %+v", g, before)
	}
	fifth := g.attempt(noon)
	sixth := g.attempt(noon.Add(time.Minute))
	g.undo(fifth)
	if g.dayFailures != 5 || !g.blockedUntil.Equal(sixth.until) {
		t.Errorf("undoing took another's pause away: %+v", g)
	}
	locked := guard{failures: 24, dayFailures: 24, dayBegan: noon, blockedUntil: noon}
	locked.undo(locked.attempt(noon.Add(time.Hour)))
	if locked.lockedAt != nil || locked.dayFailures != 24 {
		t.Errorf("an unverified attempt locked: %+v", locked)
	}
}

func write(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), []store.Lock{store.Installation}, fn); err != nil {
		t.Fatal(err)
	}
}

// newAccount writes the one row that this package's tables point to.
func newAccount(t *testing.T, db *store.DB) ident.Account {
	t.Helper()
	id := ident.NewAccount()
	write(t, db, func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into account (id, last_sign_in_at, created_at) values ($1, $2, $2)`, id, tx.Now)
		return err
	})
	return id
}

func TestGuardIsKept(t *testing.T) {
	clock := &storetest.Clock{}
	storetest.EachWith(t, storetest.Options{Clock: clock.Now}, func(t *testing.T, db *store.DB) {
		julie, paul := newAccount(t, db), newAccount(t, db)
		for name, s := range map[string]Subject{"account": {Account: julie}, "address": {Typed: "d1"}} {
			var a Attempt
			begin := func() Attempt {
				write(t, db, func(tx *store.Tx) (err error) { a, err = Begin(t.Context(), tx, s); return err })
				return a
			}
			for n := int64(1); n <= WaitAfter; n++ {
				if a := begin(); a.Wait > 0 || a.Failures != n {
					t.Fatalf("%s %d: %+v", name, n, a)
				}
			}
			if a := begin(); a.Wait <= 0 || a.Wait > FirstWait {
				t.Errorf("%s: the sixth at once: %+v", name, a)
			}
			clock.Add(FirstWait)
			sixth := begin()
			write(t, db, func(tx *store.Tx) error { return TakeBack(t.Context(), tx, s, sixth) })
			if a := begin(); a.Failures != 6 {
				t.Errorf("%s: after taking one back: %+v", name, a)
			}
			write(t, db, func(tx *store.Tx) error { return Succeed(t.Context(), tx, s) })
			if a := begin(); a.Failures != 1 {
				t.Errorf("%s: after a success: %+v", name, a)
			}
			write(t, db, func(tx *store.Tx) error { return TakeBack(t.Context(), tx, Subject{Typed: "nobody"}, a) })
		}
		write(t, db, func(tx *store.Tx) error {
			return putAccountGuard(t.Context(), tx, julie, guard{dayFailures: LockAt - 1, dayBegan: tx.Now, blockedUntil: store.Never})
		})
		locked := func(id ident.Account) (locked bool) {
			write(t, db, func(tx *store.Tx) (err error) { locked, err = Locked(t.Context(), tx, id); return err })
			return locked
		}
		if locked(julie) {
			t.Error("locked before the last failure")
		}
		write(t, db, func(tx *store.Tx) error { _, err := Begin(t.Context(), tx, Subject{Account: julie}); return err })
		if !locked(julie) || locked(paul) {
			t.Error("the 25th failure of a day locks this account")
		}
		write(t, db, func(tx *store.Tx) error { return Lock(t.Context(), tx, paul) })
		if !locked(paul) {
			t.Error("locked by hand, it is not locked")
		}
		write(t, db, func(tx *store.Tx) error { return Succeed(t.Context(), tx, Subject{Account: paul}) })
		if locked(paul) {
			t.Error("a reset does not lift the lock")
		}
	})
}

func TestPasswordsAreHistory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		id := newAccount(t, db)
		write(t, db, func(tx *store.Tx) error {
			if has, err := HasPassword(t.Context(), tx, id); has || err != nil {
				t.Errorf("before: %v %v", has, err)
			}
			for _, h := range []string{"one", "two", "three"} {
				if err := SetPassword(t.Context(), tx, id, h); err != nil {
					return err
				}
			}
			hash, err := PasswordHash(t.Context(), tx, id)
			if hash != "three" {
				t.Errorf("now %q", hash)
			}
			return err
		})
		var all, open int
		if err := db.Read(t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow(t.Context(), `select count(*), count(*) filter (where removed_at is null) from credential`).Scan(&all, &open)
		}); err != nil || all != 3 || open != 1 {
			t.Errorf("%d rows, %d open, %v", all, open, err)
		}
	})
}

// PWD-01: a link is spent once, a newer one kills it, and so does time.
func TestResetLinks(t *testing.T) {
	clock := &storetest.Clock{}
	storetest.EachWith(t, storetest.Options{Clock: clock.Now}, func(t *testing.T, db *store.DB) {
		id, other := newAccount(t, db), newAccount(t, db)
		made := func(id ident.Account) (link string) {
			write(t, db, func(tx *store.Tx) error {
				l, err := NewReset(t.Context(), tx, id)
				link = l.Reveal()
				return err
			})
			return link
		}
		opens := func(link string) (ok bool) {
			write(t, db, func(tx *store.Tx) error {
				owner, found, err := ResetOwner(t.Context(), tx, link)
				if ok = found; found && owner != id && owner != other {
					t.Errorf("owner %q", owner)
				}
				return err
			})
			return ok
		}
		spent := func(link string) (ok bool) {
			write(t, db, func(tx *store.Tx) (err error) { _, ok, err = SpendReset(t.Context(), tx, link); return err })
			return ok
		}
		first, his := made(id), made(other)
		second := made(id)
		if opens(first) || !opens(second) || !opens(second) || !opens(his) {
			t.Error("the newer link kills the older, and that of nobody else; looking spends nothing")
		}
		if spent(first) || !spent(second) || spent(second) || opens(second) {
			t.Error("a link is spent once")
		}
		for _, made := range []string{"", "x", his + "=", "hs_" + his[3:], his[:len(his)-1] + "_"} {
			if spent(made) || opens(made) {
				t.Errorf("%q opens", made)
			}
		}
		clock.Add(ResetLife)
		if opens(his) || spent(his) {
			t.Error("an hour later it opens")
		}
		if err := Sweep(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		clock.Add(KeptDead + ResetLife)
		if err := Sweep(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		var left int
		if err := db.Read(t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow(t.Context(), `select count(*) from password_reset`).Scan(&left)
		}); err != nil || left != 0 {
			t.Errorf("%d links left after the sweep, %v", left, err)
		}
	})
}

// CFG-01: a console link is for one purpose and one address, once, for an hour.
func TestSetUpLinks(t *testing.T) {
	clock := &storetest.Clock{}
	storetest.EachWith(t, storetest.Options{Clock: clock.Now}, func(t *testing.T, db *store.DB) {
		made := func(email string) (link secret.Text) {
			write(t, db, func(tx *store.Tx) (err error) {
				link, err = NewSetUp(t.Context(), tx, PlatformAdministrator, email)
				return err
			})
			return link
		}
		look := func(p Purpose, link secret.Text) (email string) {
			write(t, db, func(tx *store.Tx) (err error) {
				email, _, err = SetUpEmail(t.Context(), tx, p, link.Reveal())
				return err
			})
			return email
		}
		spend := func(link secret.Text) (email string) {
			write(t, db, func(tx *store.Tx) (err error) {
				email, _, err = SpendSetUp(t.Context(), tx, PlatformAdministrator, link.Reveal())
				return err
			})
			return email
		}
		old, other := made("a@b.fr"), made("c@d.fr")
		link := made("a@b.fr")
		if look(PlatformAdministrator, old) != "" || look("another", link) != "" || look(PlatformAdministrator, link) != "a@b.fr" || look(PlatformAdministrator, other) != "c@d.fr" {
			t.Error("which links open")
		}
		if spend(old) != "" || spend(link) != "a@b.fr" || spend(link) != "" {
			t.Error("a link is spent once")
		}
		clock.Add(SetUpLife)
		if spend(other) != "" {
			t.Error("an hour later it opens")
		}
	})
}
