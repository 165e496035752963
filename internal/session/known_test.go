package session_test

import (
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/session"
	"habilis/internal/store"
)

const (
	firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	edge    = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0"
)

func (b *bench) isNew(a account.Account, agent, address string) (is bool) {
	b.Helper()
	b.write(func(tx *store.Tx) (err error) {
		is, err = session.Meet(b.Context(), tx, a.ID, agent, address)
		return err
	})
	return is
}

// in opens a session in a browser.
func (b *bench) in(a account.Account, agent, address string) (o session.Opened) {
	b.Helper()
	b.write(func(tx *store.Tx) (err error) {
		o, _, err = session.Open(b.Context(), tx, session.New{Account: a.ID, Idle: time.Hour, Address: address, UserAgent: agent})
		return err
	})
	return o
}

// A browser family and network are new once; the first ever are not, nor the next version of
// the browser, nor a neighbour's address; after KnownFor without a sign-in they are again.
func TestMeet(t *testing.T) {
	each(t, func(b *bench) {
		a, other := b.account("julie@tilleuls.example"), b.account("paul@tilleuls.example")
		wide := "2001:db8:1::1"
		for _, c := range []struct {
			what, agent, address string
			of                   account.Account
			want                 bool
		}{
			{"the first ever", firefox, "192.0.2.7", a, false},
			{"the same", firefox, "192.0.2.7", a, false},
			{"its next version", firefox[:len(firefox)-5] + "141.0", "192.0.2.7", a, false},
			{"another address of the network", firefox, "192.0.2.200", a, false},
			{"the same, as IPv6 writes it", firefox, "::ffff:192.0.2.7", a, false},
			{"another network", firefox, "198.51.100.7", a, true},
			{"again", firefox, "198.51.100.7", a, false},
			{"another browser", edge, "192.0.2.7", a, true},
			{"one that says nothing", "", "192.0.2.7", a, true},
			{"an IPv6 network", firefox, wide, a, true},
			{"another address there", firefox, "2001:db8:1:ffff::9", a, false},
			{"the next one", firefox, "2001:db8:2::1", a, true},
			{"somebody else's first", edge, "192.0.2.7", other, false},
		} {
			if got := b.isNew(c.of, c.agent, c.address); got != c.want {
				t.Errorf("%s: %v", c.what, got)
			}
		}
		b.clock.Add(session.KnownFor - time.Minute)
		if b.isNew(a, firefox, "192.0.2.7") {
			t.Error("known for so long")
		}
		b.clock.Add(time.Hour)
		if b.isNew(a, firefox, "192.0.2.7") {
			t.Error("seen an hour ago")
		}
		if !b.isNew(a, firefox, "198.51.100.7") {
			t.Error("not seen for longer")
		}
	})
}

// What was seen long ago is forgotten, but the last of each person: who comes in elsewhere
// after months is new, and not the first ever.
func TestMeetAfterMonths(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		b.isNew(a, firefox, "192.0.2.7")
		b.clock.Add(time.Hour)
		b.isNew(a, edge, "192.0.2.7")
		b.clock.Add(session.KnownFor + time.Hour)
		if err := session.Sweep(b.Context(), b.db); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := b.db.Read(b.Context(), func(tx *store.Tx) error {
			return tx.QueryRow(b.Context(), `select count(*) from known_browser`).Scan(&n)
		}); err != nil || n != 1 {
			t.Errorf("%d kept, %v", n, err)
		}
		if !b.isNew(a, firefox, "198.51.100.7") {
			t.Error("it is not new")
		}
	})
}

// What is known does not depend on its session: swept, signed out of, idle or ended by a policy,
// its browser is told of nobody. Where somebody is put out who may have no business there, every
// other place is new again, the one that did it is not, and a first sign-in still is none to tell.
func TestMeetAfterAnEnd(t *testing.T) {
	each(t, func(b *bench) {
		const home, away = "192.0.2.7", "198.51.100.7"
		for why, told := range map[session.Reason]bool{
			session.SignedOut: false, session.TooMany: false, session.ByPolicy: false, session.AccountClosed: false, "factors_changed": false,
			session.Ended: true, session.PasswordChanged: true, session.EmailChanged: true, session.FactorsReset: true, session.ByAdministrator: true,
		} {
			a := b.account(string(why) + "@tilleuls.example")
			b.isNew(a, firefox, home)
			b.isNew(a, edge, away)
			here := b.in(a, firefox, home)
			b.write(func(tx *store.Tx) error {
				_, err := session.EndAllBut(b.Context(), tx, a.ID, here.Session.ID, why)
				return err
			})
			if b.isNew(a, firefox, home) {
				t.Errorf("%s: the browser that did it is told", why)
			}
			if got := b.isNew(a, edge, away); got != told {
				t.Errorf("%s: the other one is told: %v", why, got)
			}
			b.write(func(tx *store.Tx) error {
				_, err := session.EndAll(b.Context(), tx, a.ID, why)
				return err
			})
			if got := b.isNew(a, firefox, home); got != told {
				t.Errorf("%s, of everything: %v", why, got)
			}
			if b.isNew(a, firefox, home) {
				t.Errorf("%s: told twice", why)
			}
		}
		never := b.account("jamais@tilleuls.example")
		b.write(func(tx *store.Tx) error {
			_, err := session.EndAll(b.Context(), tx, never.ID, session.PasswordChanged)
			return err
		})
		if b.isNew(never, firefox, home) {
			t.Error("the first ever is told, after a password set before it")
		}
	})
}

// Sessions are swept after a month, what is known of their browsers is not.
func TestMeetAfterTheSweepOfSessions(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		for _, agent := range []string{firefox, edge} {
			b.isNew(a, agent, "192.0.2.7")
			b.in(a, agent, "192.0.2.7")
		}
		b.clock.Add(session.KnownFor - time.Hour)
		if err := session.Sweep(b.Context(), b.db); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := b.db.Read(b.Context(), func(tx *store.Tx) error {
			return tx.QueryRow(b.Context(), `select count(*) from session`).Scan(&n)
		}); err != nil || n != 0 {
			t.Fatalf("%d sessions stay, %v", n, err)
		}
		for _, agent := range []string{firefox, edge} {
			if b.isNew(a, agent, "192.0.2.7") {
				t.Error("told of a browser that is known")
			}
		}
	})
}

// A session that its person ends from elsewhere is a browser that they do not want: the next
// sign-in from there is told, unless they sit in its like themselves.
func TestMeetAfterEndingOne(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		for _, agent := range []string{firefox, edge} {
			b.isNew(a, agent, "192.0.2.1")
		}
		here, twin, other := b.in(a, firefox, "192.0.2.1"), b.in(a, firefox, "192.0.2.1"), b.in(a, edge, "192.0.2.1")
		by := access.Actor{Kind: access.Person, Account: a.ID, Session: here.Session.ID}
		for _, ended := range []session.Opened{twin, other} {
			if err := b.sessions.End(b.Context(), by, ended.Session.ID); err != nil {
				t.Fatal(err)
			}
		}
		if b.isNew(a, firefox, "192.0.2.1") {
			t.Error("told of the browser that they sit in")
		}
		if !b.isNew(a, edge, "192.0.2.1") {
			t.Error("not told of the one that they ended")
		}
	})
}
