package login

import (
	"context"
	"errors"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/secret"
	"habilis/internal/session"
	"habilis/internal/store"
)

// StepUp proves the person again in this session: its token changes (SES-03,
// STP-02). A wrong password counts like one at sign-in. Errors: ErrCurrent,
// ErrLocked, ErrPasswordLocked; access.ErrForbidden without a session, which a
// token has not.
func (l Logins) StepUp(ctx context.Context, by access.Actor, password secret.Text) (session.Opened, error) {
	by = withoutKey(by)
	t, err := l.ownTry(ctx, by, "login.step_up", true)
	if err != nil {
		return session.Opened{}, err
	}
	if err := l.prove(ctx, by, t, password); err != nil {
		return session.Opened{}, err
	}
	act := action.Act{Verb: t.verb, Needs: []access.Need{access.Myself(by.Account)}, Object: by.Session.String()}
	return action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (session.Opened, error) {
		if err := t.proven(ctx, tx.Tx); err != nil {
			return session.Opened{}, err
		}
		tx.Record(audit.Event{Verb: act.Verb, Object: act.Object})
		return renew(ctx, tx, t)
	})
}

// ownTry is a try of the actor's own password. The session may be needed, and the
// token of a person has none.
func (l Logins) ownTry(ctx context.Context, by access.Actor, verb string, inSession bool) (try, error) {
	act := action.Act{Verb: verb, Needs: []access.Need{access.Myself(by.Account)}, Object: by.Account.String()}
	return action.View(ctx, l.Run, by, act, func(tx *store.Tx) (try, error) {
		if inSession && (by.Session.IsZero() || !by.Token.IsZero()) {
			return try{}, access.ErrForbidden
		}
		a, found, err := account.Get(ctx, tx, by.Account)
		if err != nil {
			return try{}, err
		}
		if !found || a.Status != account.Active {
			return try{}, access.ErrUnauthenticated
		}
		hash, err := credential.PasswordHash(ctx, tx, a.ID)
		return try{verb: verb, subject: credential.Subject{Account: a.ID}, account: a, hash: hash}, err
	})
}

// prove verifies the actor's own password.
func (l Logins) prove(ctx context.Context, by access.Actor, t try, password secret.Text) error {
	if err := l.count(ctx, &t); err != nil {
		return l.refused(ctx, by, t, err)
	}
	right, err := l.verify(ctx, t, password)
	switch {
	case err != nil:
		return err
	case t.attempt.Locked:
		return l.failed(ctx, by, t, ErrPasswordLocked)
	case !right:
		return l.failed(ctx, by, t, ErrCurrent)
	}
	return nil
}

// proven checks, in the transaction of what was proven for, that nothing changed
// meanwhile, and forgets the failures.
func (t try) proven(ctx context.Context, tx *store.Tx) error {
	if err := t.unchanged(ctx, tx); err != nil {
		if errors.Is(err, ErrRefused) {
			return access.ErrUnauthenticated
		}
		return err
	}
	return t.succeed(ctx, tx)
}

// renew gives the actor's session another token. One that ended meanwhile is over.
func renew(ctx context.Context, tx *action.Tx, t try) (session.Opened, error) {
	idle, err := idleOf(ctx, tx.Tx, t.account)
	if err != nil {
		return session.Opened{}, err
	}
	opened, err := session.Renew(ctx, tx.Tx, tx.By.Account, tx.By.Session, idle)
	if errors.Is(err, session.ErrNotFound) {
		err = access.ErrUnauthenticated
	}
	return opened, err
}

// SignOut ends the actor's session. One that is over already is no error.
func (l Logins) SignOut(ctx context.Context, by access.Actor) error {
	act := action.Act{Verb: "login.sign_out", Needs: []access.Need{access.Myself(by.Account)}, Object: by.Session.String()}
	_, err := action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		ended, err := session.EndOne(ctx, tx.Tx, by.Account, by.Session, session.SignedOut)
		if err != nil {
			return struct{}{}, err
		}
		if !ended {
			return struct{}{}, action.Nothing
		}
		tx.Record(audit.Event{Verb: act.Verb, Object: act.Object})
		return struct{}{}, nil
	})
	return err
}
