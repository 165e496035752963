package session_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/text"
)

// bench is a register on a fresh database, with a clock that tests move.
type bench struct {
	*testing.T
	db       *store.DB
	clock    *storetest.Clock
	sessions session.Sessions
}

func each(t *testing.T, fn func(b *bench)) {
	t.Helper()
	for _, e := range storetest.Engines(t) {
		t.Run(e.String(), func(t *testing.T) {
			clock := &storetest.Clock{}
			db := storetest.Open(t, e, storetest.Options{Clock: clock.Now})
			fn(&bench{t, db, clock, session.Sessions{Run: &action.Runner{DB: db, Ring: secret.NewRing(time.Now())}}})
		})
	}
}

func (b *bench) write(fn func(tx *store.Tx) error) {
	b.Helper()
	if err := b.db.Write(b.Context(), []store.Lock{store.Installation}, fn); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) account(address string) (a account.Account) {
	b.Helper()
	e, code := account.ParseEmail(address)
	if code != "" {
		b.Fatal(code)
	}
	b.write(func(tx *store.Tx) (err error) {
		a, err = account.Insert(b.Context(), tx, account.New{Email: e, Names: account.Names{GivenName: "Julie", FamilyName: "Delmas"}, Language: text.FR})
		return err
	})
	return a
}

func (b *bench) open(a account.Account, idle time.Duration) (o session.Opened) {
	b.Helper()
	b.write(func(tx *store.Tx) (err error) {
		o, _, err = session.Open(b.Context(), tx, session.New{Account: a.ID, Idle: idle, Address: "192.0.2.7", UserAgent: "Firefox/140"})
		return err
	})
	return o
}

// worth reports whether a token still opens something.
func (b *bench) worth(token secret.Text) bool {
	b.Helper()
	in, ok, err := b.sessions.Authenticate(b.Context(), token.Reveal())
	if err != nil {
		b.Fatal(err)
	}
	if ok != !in.Session.ID.IsZero() || ok != !in.Account.ID.IsZero() {
		b.Fatalf("%v with %+v", ok, in)
	}
	return ok
}

func person(a account.Account, o session.Opened) access.Actor {
	return access.Actor{Kind: access.Person, Account: a.ID, Session: o.Session.ID, Via: "web", StepUp: o.Session.StepUpAt}
}

func TestAuthenticate(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		o := b.open(a, session.Idle)
		in, ok, err := b.sessions.Authenticate(b.Context(), o.Token.Reveal())
		if err != nil || !ok || in.Account.ID != a.ID || in.Session.ID != o.Session.ID || !in.Session.Current {
			b.Fatalf("%+v %v %v", in, ok, err)
		}
		token := o.Token.Reveal()
		for _, presented := range []string{
			"", " " + token, token + " ", strings.ToUpper(token), strings.TrimPrefix(token, "hs_"), "hat_" + strings.TrimPrefix(token, "hs_"),
			token[:len(token)-1], o.Session.ID.String(), strings.Repeat("a", 100000),
		} {
			if b.worth(secret.NewText(presented)) {
				b.Errorf("%.60q is worth a session", presented)
			}
		}
		var kept int
		if err := b.db.Read(b.Context(), func(tx *store.Tx) error {
			return tx.QueryRow(b.Context(), `select count(*) from session where user_agent = $1 or address = $1 or end_reason = $1`, token).Scan(&kept)
		}); err != nil || kept != 0 {
			b.Errorf("the token is kept in clear: %d %v", kept, err)
		}
	})
}

// rules.md 7: idle 30 minutes, 15 for administrators and support; 12 hours whatever
// happens.
func TestIdleAndAbsolute(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		for _, idle := range []time.Duration{session.Idle, session.IdleAdmin} {
			used, left := b.open(a, idle), b.open(a, idle)
			var elapsed time.Duration
			for range 3 {
				b.clock.Add(idle - time.Minute)
				elapsed += idle - time.Minute
				if !b.worth(used.Token) {
					b.Fatalf("idle %v: a session in use ended after %v", idle, elapsed)
				}
			}
			if b.worth(left.Token) {
				b.Errorf("idle %v: a session left alone goes on", idle)
			}
			b.clock.Add(idle + time.Second)
			if b.worth(used.Token) {
				b.Errorf("idle %v: it outlives its idle time", idle)
			}
		}
		o := b.open(a, session.Idle)
		for range 36 { // 12 hours less a bit, never idle
			b.clock.Add(19 * time.Minute)
			if !b.worth(o.Token) {
				b.Fatal("it ended before 12 hours")
			}
		}
		b.clock.Add(37 * time.Minute)
		if b.worth(o.Token) {
			b.Error("it goes on after 12 hours")
		}
	})
}

// The session is touched once a minute at most, and that is no act.
func TestTouchIsRare(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		o := b.open(a, session.Idle)
		seen := func() (at time.Time, events int) {
			if err := b.db.Read(b.Context(), func(tx *store.Tx) error {
				return tx.QueryRow(b.Context(), `select seen_at, (select count(*) from audit_event) from session where id = $1`, o.Session.ID).Scan(&at, &events)
			}); err != nil {
				b.Fatal(err)
			}
			return at, events
		}
		b.clock.Add(50 * time.Second)
		b.worth(o.Token)
		if at, _ := seen(); !at.Equal(o.Session.SeenAt) {
			b.Errorf("touched before a minute: %v", at.Sub(o.Session.SeenAt))
		}
		b.clock.Add(20 * time.Second)
		b.worth(o.Token)
		at, events := seen()
		if at.Sub(o.Session.SeenAt) < 70*time.Second || events != 0 {
			b.Errorf("seen %v later, %d events", at.Sub(o.Session.SeenAt), events)
		}
	})
}

// SES-07: 100 sessions: ten stay, the oldest ended, and it is known how many.
func TestTooManySessions(t *testing.T) {
	each(t, func(b *bench) {
		a, other := b.account("julie@tilleuls.example"), b.account("paul@tilleuls.example")
		others := b.open(other, session.Idle)
		var opened []session.Opened
		for i := range 100 {
			var closed int64
			var o session.Opened
			b.write(func(tx *store.Tx) (err error) {
				o, closed, err = session.Open(b.Context(), tx, session.New{Account: a.ID, Idle: session.Idle})
				return err
			})
			opened = append(opened, o)
			if (closed == 1) != (i >= session.MaxSessions) || closed > 1 {
				b.Fatalf("session %d closed %d", i+1, closed)
			}
			b.clock.Add(time.Second)
		}
		for i, o := range opened {
			if b.worth(o.Token) != (i >= 90) {
				b.Errorf("session %d: open %v", i+1, i < 90)
			}
		}
		if !b.worth(others.Token) {
			b.Error("somebody else's session ended")
		}
		list, err := b.sessions.List(b.Context(), person(a, opened[92]))
		if err != nil || len(list) != session.MaxSessions || list[0].ID != opened[92].Session.ID || !list[0].Current || list[1].Current {
			b.Errorf("list: %d %v", len(list), err)
		}
	})
}

func TestEnd(t *testing.T) {
	each(t, func(b *bench) {
		julie, paul := b.account("julie@tilleuls.example"), b.account("paul@tilleuls.example")
		mine, second, third, his := b.open(julie, session.Idle), b.open(julie, session.Idle), b.open(julie, session.Idle), b.open(paul, session.Idle)
		by := person(julie, mine)
		for _, id := range []ident.Session{his.Session.ID, ident.NewSession(), ""} {
			if err := b.sessions.End(b.Context(), by, id); !errors.Is(err, session.ErrNotFound) {
				b.Errorf("ending %q: %v", id, err)
			}
		}
		if !b.worth(his.Token) {
			b.Fatal("another person's session was ended")
		}
		if err := b.sessions.End(b.Context(), by, second.Session.ID); err != nil || b.worth(second.Token) {
			b.Errorf("end: %v", err)
		}
		if err := b.sessions.End(b.Context(), by, second.Session.ID); !errors.Is(err, session.ErrNotFound) {
			b.Errorf("ended twice: %v", err)
		}
		if n, err := b.sessions.EndOthers(b.Context(), by); err != nil || n != 1 || b.worth(third.Token) || !b.worth(mine.Token) || !b.worth(his.Token) {
			b.Errorf("end others: %d %v", n, err)
		}
		if n, err := b.sessions.EndOthers(b.Context(), by); err != nil || n != 0 {
			b.Errorf("no others: %d %v", n, err)
		}
		if err := b.sessions.End(b.Context(), by, mine.Session.ID); err != nil || b.worth(mine.Token) {
			b.Errorf("ending the current one: %v", err)
		}
		anonymous := access.Actor{Kind: access.Anonymous}
		if _, err := b.sessions.List(b.Context(), anonymous); !errors.Is(err, access.ErrUnauthenticated) {
			b.Errorf("a stranger lists: %v", err)
		}
		if _, err := b.sessions.EndOthers(b.Context(), anonymous); !errors.Is(err, access.ErrUnauthenticated) {
			b.Errorf("a stranger ends: %v", err)
		}
	})
}

// SES-03, STP-02: renewing changes the token and proves this session only.
func TestRenew(t *testing.T) {
	each(t, func(b *bench) {
		a, other := b.account("julie@tilleuls.example"), b.account("paul@tilleuls.example")
		first, second := b.open(a, session.Idle), b.open(a, session.Idle)
		b.clock.Add(11 * time.Minute)
		var renewed session.Opened
		b.write(func(tx *store.Tx) (err error) {
			renewed, err = session.Renew(b.Context(), tx, a.ID, first.Session.ID, session.IdleAdmin)
			return err
		})
		if b.worth(first.Token) || !b.worth(renewed.Token) {
			b.Error("the old token lives, or the new one does not")
		}
		if !renewed.Session.ExpiresAt.Equal(first.Session.ExpiresAt) {
			b.Error("renewing lengthens a session beyond 12 hours")
		}
		in, _, err := b.sessions.Authenticate(b.Context(), second.Token.Reveal())
		if err != nil || !in.Session.StepUpAt.Equal(second.Session.StepUpAt) {
			b.Errorf("the proof moved to another session: %v %v", in.Session.StepUpAt, err)
		}
		b.clock.Add(session.IdleAdmin + time.Second)
		if b.worth(renewed.Token) {
			b.Error("the idle time of an administrator was not taken")
		}
		err = b.db.Write(b.Context(), []store.Lock{store.Installation}, func(tx *store.Tx) error {
			_, err := session.Renew(b.Context(), tx, other.ID, second.Session.ID, session.Idle)
			return err
		})
		if !errors.Is(err, session.ErrNotFound) {
			b.Errorf("somebody else renews it: %v", err)
		}
	})
}

// SES-02 and blocking: everything ends in the transaction that says so.
func TestEndAllAndBlocked(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		one, two := b.open(a, session.Idle), b.open(a, session.Idle)
		b.write(func(tx *store.Tx) error {
			n, err := session.EndAll(b.Context(), tx, a.ID, session.PasswordChanged)
			if n != 2 {
				b.Errorf("%d ended", n)
			}
			return err
		})
		if b.worth(one.Token) || b.worth(two.Token) {
			b.Error("a session survived")
		}
		three := b.open(a, session.Idle)
		b.write(func(tx *store.Tx) error {
			blocked := a
			blocked.Status = account.Blocked
			_, err := account.Set(b.Context(), tx, blocked)
			return err
		})
		if b.worth(three.Token) {
			b.Error("a blocked account is signed in")
		}
	})
}

func TestWhatABrowserSaysIsKeptShort(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		var o session.Opened
		b.write(func(tx *store.Tx) (err error) {
			o, _, err = session.Open(b.Context(), tx, session.New{
				Account: a.ID, Idle: session.Idle, Address: strings.Repeat("é", 100), UserAgent: "Fire\x00fox\r\n" + strings.Repeat("é", 10000) + "\xff",
			})
			return err
		})
		if s := o.Session; len(s.UserAgent) > session.MaxUserAgent || len(s.Address) > session.MaxAddress || !strings.HasPrefix(s.UserAgent, "Firefoxé") {
			b.Errorf("%q %q", s.UserAgent, s.Address)
		}
		list, err := b.sessions.List(b.Context(), person(a, o))
		if err != nil || list[0].UserAgent != o.Session.UserAgent {
			b.Errorf("kept %q, %v", list[0].UserAgent, err)
		}
	})
}

func TestSweep(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		b.open(a, session.Idle)
		b.clock.Add(31 * 24 * time.Hour)
		fresh := b.open(a, session.Idle)
		if err := session.Sweep(b.Context(), b.db); err != nil {
			b.Fatal(err)
		}
		var n int
		if err := b.db.Read(b.Context(), func(tx *store.Tx) error {
			return tx.QueryRow(b.Context(), `select count(*) from session`).Scan(&n)
		}); err != nil || n != 1 || !b.worth(fresh.Token) {
			b.Errorf("%d left, %v", n, err)
		}
	})
}
