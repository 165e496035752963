package session

import (
	"context"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/store"
)

// IdleShared is how long a session of a workstation that several people use may be left
// alone before it is locked: somebody else may sit there.
const IdleShared = 5 * time.Minute

// EmailChanged is why sessions end when the address of their person changes (SES-02).
const EmailChanged Reason = "email_changed"

// Locked reports whether the session opens nothing until its person proves themselves
// again (Renew): they locked it, or left a shared workstation alone.
func (s Session) Locked(now time.Time) bool {
	return !s.LockedAt.IsZero() || s.Shared && now.Sub(s.SeenAt) >= IdleShared
}

// Left is how long the session goes on if it is not used.
func (s Session) Left(now time.Time) time.Duration {
	if s.ExpiresAt.Before(s.IdleUntil) {
		return s.ExpiresAt.Sub(now)
	}
	return s.IdleUntil.Sub(now)
}

// Locked finds the locked session of a presented token, which Authenticate refuses. Looking
// at it does not keep it from ending. The second value is false for any other token.
func (s Sessions) Locked(ctx context.Context, presented string) (SignedIn, bool, error) {
	in, now, ok, err := s.find(ctx, presented)
	if err != nil || !ok || !in.Session.Locked(now) {
		return SignedIn{}, false, err
	}
	return in, true, nil
}

// Lock locks the actor's own session: it opens nothing until they prove themselves again.
func (s Sessions) Lock(ctx context.Context, by access.Actor) error {
	return s.own(ctx, by, action.Act{Verb: "session.lock"}, lock)
}

// Share says that the actor's session is of a workstation that several people use, or
// that it is not: the first is locked when it is left alone for IdleShared.
func (s Sessions) Share(ctx context.Context, by access.Actor, shared bool) error {
	act := action.Act{Verb: "session.share"}
	if !shared {
		act = action.Act{Verb: "session.unshare"}
	}
	return s.own(ctx, by, act, func(ctx context.Context, tx *store.Tx, by access.Actor) (int64, error) {
		return share(ctx, tx, by, shared)
	})
}

// own changes the actor's own session in a browser. Nothing to change is no error.
func (s Sessions) own(
	ctx context.Context, by access.Actor, act action.Act, change func(context.Context, *store.Tx, access.Actor) (int64, error),
) error {
	act.Needs, act.Object = []access.Need{access.Myself(by.Account)}, by.Session.String()
	_, err := action.Run(ctx, s.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		n, err := change(ctx, tx.Tx, by)
		if err == nil && n == 0 {
			err = action.Nothing
		}
		tx.Record(audit.Event{Verb: act.Verb, Object: act.Object})
		return struct{}{}, err
	})
	return err
}
