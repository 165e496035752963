package session

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// Bounds (rules.md 7).
const (
	Idle         = 30 * time.Minute
	IdleAdmin    = 15 * time.Minute // administrators and support
	Absolute     = 12 * time.Hour
	MaxSessions  = 10
	TouchEvery   = time.Minute
	MaxUserAgent = 300 // bytes
	MaxAddress   = 64  // bytes
)

// Session is one browser signed in.
type Session struct {
	ID        ident.Session
	Account   ident.Account
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time // whatever happens; idle sessions end before
	IdleUntil time.Time // when it ends if it is not used
	StepUpAt  time.Time
	Address   string
	UserAgent string
	First     First        // the first proof it was opened with
	Second    string       // the second factor: a kind of package credential, ByDevice, or "" when none was due
	SecondAt  time.Time    // when it was proved last; zero: none was
	StepUpBy  First        // what the person was proved with at StepUpAt
	Device    ident.Device // the remembered browser that spared the second factor, or was made by it
	Shared    bool         // of a workstation that several people use
	LockedAt  time.Time    // zero: not locked
	Current   bool         // the one that asks
}

// ByDevice is the second factor of a session opened in a browser that its person said
// to remember. It proves less than the factor that was asked there once.
const ByDevice = "device"

// ErrNotFound is the refusal of a session that is not the actor's, or has ended.
var ErrNotFound = fault.New(fault.NotFound, "session.not_found")

// Sessions is the register of sessions.
type Sessions struct {
	Run *action.Runner
	// Lasting says how long the sessions of an account may last now, unused and in all: what its
	// organisations, and the person, have shortened since a session was opened holds for that
	// session too (CHG-3). It is asked whenever the session is noted as used. Nil: as when it was
	// opened.
	Lasting func(ctx context.Context, tx *store.Tx, of ident.Account) (idle, absolute time.Duration, err error)
}

// SignedIn is what a presented cookie is worth.
type SignedIn struct {
	Session Session
	Account account.Account
}

// Authenticate finds the session of a presented token. It reads the row on every
// request, without a cache, so that an end is effective at once (rules.md 7).
// The second value is false for a token that is worth nothing, and for a session that
// is locked, which opens nothing (Locked).
func (s Sessions) Authenticate(ctx context.Context, presented string) (SignedIn, bool, error) {
	in, now, ok, err := s.find(ctx, presented)
	if err != nil || !ok || in.Session.Locked(now) {
		return SignedIn{}, false, err
	}
	if now.Sub(in.Session.SeenAt) >= TouchEvery {
		if in.Session, ok, err = s.lasts(ctx, in.Session, now); err != nil || !ok {
			return SignedIn{}, false, err
		}
		s.touch(ctx, in.Session)
		in.Session.IdleUntil = now.Add(in.Session.IdleUntil.Sub(in.Session.SeenAt))
	}
	in.Session.Current = true
	return in, true, nil
}

// lasts shortens a session to what it may last by now; the second value is false when that is over,
// and the session has ended.
func (s Sessions) lasts(ctx context.Context, v Session, now time.Time) (Session, bool, error) {
	if s.Lasting == nil {
		return v, true, nil
	}
	var idle, absolute time.Duration
	err := s.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		idle, absolute, err = s.Lasting(ctx, tx, v.Account)
		return err
	})
	if err != nil {
		return v, false, err
	}
	v.IdleUntil = earlier(v.IdleUntil, v.SeenAt.Add(idle))
	v.ExpiresAt = earlier(v.ExpiresAt, v.CreatedAt.Add(absolute))
	if now.Before(v.IdleUntil) && now.Before(v.ExpiresAt) {
		return v, true, nil
	}
	by := access.Actor{Kind: access.Person, Account: v.Account, Session: v.ID, Via: "web"}
	act := action.Act{Verb: "session.end", Needs: []access.Need{access.Myself(v.Account)}, Object: v.ID.String()}
	_, err = action.Run(ctx, s.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		ended, err := EndOne(ctx, tx.Tx, v.Account, v.ID, ByPolicy)
		if err == nil && !ended {
			err = action.Nothing
		}
		tx.Record(audit.Event{Verb: act.Verb, Object: act.Object, After: map[string]any{"because": string(ByPolicy)}})
		return struct{}{}, err
	})
	return v, false, err
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// find reads the session of a presented token, locked or not, and the moment of reading.
func (s Sessions) find(ctx context.Context, presented string) (in SignedIn, now time.Time, ok bool, err error) {
	hash, ok := secret.HashToken(secret.Session, presented)
	if !ok {
		return SignedIn{}, now, false, nil
	}
	err = s.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		now = tx.Now
		if in.Session, ok, err = byToken(ctx, tx, hash); err != nil || !ok {
			return err
		}
		in.Account, ok, err = account.Get(ctx, tx, in.Session.Account)
		ok = ok && in.Account.Status == account.Active
		return err
	})
	return in, now, ok && err == nil, err
}

// touch notes that the session is in use. The person is served even when it
// cannot be written: a full disk must not sign everybody out at once.
func (s Sessions) touch(ctx context.Context, of Session) {
	err := s.Run.DB.Write(ctx, []store.Lock{store.Lock("session " + of.ID)}, func(tx *store.Tx) error { return touch(ctx, tx, of) })
	if err != nil && s.Run.Log != nil {
		s.Run.Log.Warn("session: not touched", "session", of.ID, "err", err)
	}
}

// List gives the actor's own open sessions, the current one first, then by last use.
func (s Sessions) List(ctx context.Context, by access.Actor) ([]Session, error) {
	act := action.Act{Verb: "session.list", Needs: []access.Need{access.Myself(by.Account)}}
	return action.View(ctx, s.Run, by, act, func(tx *store.Tx) ([]Session, error) {
		all, err := open(ctx, tx, by.Account)
		if err != nil {
			return nil, err
		}
		for i := range all {
			all[i].Current = all[i].ID == by.Session
		}
		slices.SortStableFunc(all, currentFirst)
		return all, nil
	})
}

func currentFirst(a, b Session) int {
	switch {
	case a.Current == b.Current:
		return 0
	case a.Current:
		return -1
	}
	return 1
}

// End closes one of the actor's own sessions, and forgets where it was opened from: whoever
// comes in from there again is told (Meet). Errors: ErrNotFound for any other.
func (s Sessions) End(ctx context.Context, by access.Actor, id ident.Session) error {
	act := action.Act{Verb: "session.end", Needs: []access.Need{access.Myself(by.Account)}, Object: id.String()}
	_, err := action.Run(ctx, s.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		n, err := endOne(ctx, tx.Tx, by.Account, id, Ended)
		switch {
		case err != nil:
			return struct{}{}, err
		case n == 0:
			return struct{}{}, ErrNotFound
		}
		tx.Record(audit.Event{Verb: act.Verb, Object: act.Object})
		return struct{}{}, forgetOne(ctx, tx.Tx, by.Account, id, by.Session)
	})
	return err
}

// EndOthers closes the actor's sessions but the current one, and says how many.
func (s Sessions) EndOthers(ctx context.Context, by access.Actor) (int64, error) {
	act := action.Act{Verb: "session.end_others", Needs: []access.Need{access.Myself(by.Account)}, Object: by.Account.String()}
	return action.Run(ctx, s.Run, by, act, func(tx *action.Tx) (int64, error) {
		n, err := EndAllBut(ctx, tx.Tx, by.Account, by.Session, Ended)
		switch {
		case err != nil:
			return 0, err
		case n == 0:
			return 0, action.Nothing
		}
		tx.Record(audit.Event{Verb: act.Verb, Object: act.Object, After: map[string]any{"sessions": n}})
		return n, nil
	})
}

// Opened is a session just opened: its token goes into the cookie, nowhere else.
type Opened struct {
	Session Session
	Token   secret.Text `json:"-"`
}
