package session_test

import (
	"testing"
	"time"

	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
)

// lockedNow reports whether a token stands for a locked session.
func (b *bench) lockedNow(token secret.Text) bool {
	b.Helper()
	_, locked, err := b.sessions.Locked(b.Context(), token.Reveal())
	if err != nil {
		b.Fatal(err)
	}
	return locked
}

// A locked session opens nothing, wherever it is presented; only a new proof of its person
// opens it again, and gives it another token (SES-03).
func TestLock(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		o, other := b.open(a, session.Idle), b.open(a, session.Idle)
		if b.lockedNow(o.Token) {
			b.Error("locked from the beginning")
		}
		if err := b.sessions.Lock(b.Context(), person(a, o)); err != nil {
			b.Fatal(err)
		}
		if b.worth(o.Token) || !b.lockedNow(o.Token) || !b.worth(other.Token) || b.lockedNow(other.Token) {
			b.Error("one session is locked, the other is not")
		}
		if err := b.sessions.Lock(b.Context(), person(a, o)); err != nil {
			b.Errorf("locking twice: %v", err)
		}
		var again session.Opened
		b.write(func(tx *store.Tx) (err error) {
			again, err = session.Renew(b.Context(), tx, a.ID, o.Session.ID, session.Idle)
			return err
		})
		if !b.worth(again.Token) || b.worth(o.Token) || b.lockedNow(o.Token) || b.lockedNow(again.Token) {
			b.Error("after a new proof, the new token opens and the old one is worth nothing")
		}
	})
}

// A shared workstation left alone is locked after IdleShared, by the clock of the server alone;
// what is in use is not. It ends like any session, and looking at it locked does not prolong it.
func TestSharedIsLockedWhenLeftAlone(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		o, own := b.open(a, session.Idle), b.open(a, session.Idle)
		if err := b.sessions.Share(b.Context(), person(a, o), true); err != nil {
			b.Fatal(err)
		}
		for range 4 {
			b.clock.Add(session.IdleShared - time.Minute)
			if !b.worth(o.Token) {
				b.Fatal("locked while in use")
			}
		}
		b.clock.Add(session.IdleShared)
		if b.worth(o.Token) || !b.lockedNow(o.Token) || !b.worth(own.Token) {
			b.Error("left alone: the shared one is locked, the other is not")
		}
		b.clock.Add(session.Idle - session.IdleShared)
		if b.lockedNow(o.Token) {
			b.Error("it ends when it would have ended")
		}
	})
}

// Who says that a workstation is not shared any more is no longer locked out of it.
func TestUnshare(t *testing.T) {
	each(t, func(b *bench) {
		a := b.account("julie@tilleuls.example")
		o := b.open(a, session.Idle)
		by := person(a, o)
		for _, shared := range []bool{true, true, false} {
			if err := b.sessions.Share(b.Context(), by, shared); err != nil {
				b.Fatal(err)
			}
		}
		b.clock.Add(session.IdleShared + time.Minute)
		if !b.worth(o.Token) {
			b.Error("locked though it is not shared")
		}
		if left := o.Session.Left(b.db.Now()); left > session.Idle || left < session.Idle-session.IdleShared-2*time.Minute {
			b.Errorf("%v left", left)
		}
	})
}
