package login

import (
	"context"
	"errors"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/secret"
	"habilis/internal/session"
)

// fieldNew is where a form has the password to set.
const fieldNew = "new_password"

// checkNew judges a password that somebody chooses for an account.
func checkNew(f *fault.Fields, next secret.Text, known ...string) {
	p := credential.CheckPassword(next, credential.MinPasswordAlone, known)
	f.Check(fieldNew, p.Code, p.Args...)
}

func mayBecome(a account.Account, next secret.Text) error {
	var f fault.Fields
	checkNew(&f, next, a.GivenName, a.FamilyName, a.Email.Address)
	return f.Err()
}

// ChangePassword changes the actor's own password; the current one is asked, and a
// wrong one counts like one at sign-in (PWD-06). The other sessions and the reset
// links end; the current session continues under a new token (SES-02). A token of
// the person may do it too: no session continues then, and the answer is empty.
// Errors: ErrCurrent, ErrLocked, ErrPasswordLocked, the field new_password.
func (l Logins) ChangePassword(ctx context.Context, by access.Actor, current, next secret.Text) (session.Opened, error) {
	act := action.Act{Verb: "login.change_password", Needs: []access.Need{access.Myself(by.Account)}, Object: by.Account.String()}
	if before, done, err := replayed[session.Opened](ctx, l.Run, by, act); err != nil || done {
		return before, err
	}
	t, err := l.ownTry(ctx, by, act.Verb, false)
	if err != nil {
		return session.Opened{}, err
	}
	if err := mayBecome(t.account, next); err != nil {
		return session.Opened{}, err
	}
	if err := l.prove(ctx, by, t, current); err != nil {
		return session.Opened{}, err
	}
	hash, err := l.Hasher.Hash(ctx, next)
	if err != nil {
		return session.Opened{}, err
	}
	return action.Run(ctx, l.Run, by, act, func(tx *action.Tx) (session.Opened, error) {
		if err := t.proven(ctx, tx.Tx); err != nil {
			return session.Opened{}, err
		}
		if err := setPassword(ctx, tx, act.Verb, t.account, hash); err != nil {
			return session.Opened{}, err
		}
		if err := dropAsked(ctx, tx, t.account.ID); err != nil {
			return session.Opened{}, err
		}
		if by.Session.IsZero() {
			return session.Opened{}, nil
		}
		return renew(ctx, tx, t)
	})
}

// setPassword sets a password, ends the other sessions of its person, every reset link, and
// the change of address that waits for its proof, and tells them.
func setPassword(ctx context.Context, tx *action.Tx, verb string, a account.Account, hash string) error {
	if err := credential.SetPassword(ctx, tx.Tx, a.ID, hash); err != nil {
		return err
	}
	if err := credential.EndResets(ctx, tx.Tx, a.ID); err != nil {
		return err
	}
	if _, err := account.EndEmailAsks(ctx, tx.Tx, a.ID); err != nil { // whoever asked may be whom the new password keeps out
		return err
	}
	ended, err := session.EndAllBut(ctx, tx.Tx, a.ID, tx.By.Session, session.PasswordChanged)
	if err != nil {
		return err
	}
	// What the password before was typed for and is not finished: a sign-in, or a proof of two accounts.
	if _, err := session.EndHalves(ctx, tx.Tx, a.ID, session.PasswordChanged); err != nil {
		return err
	}
	// Whoever knew the password may have made a browser remembered: only this one stays so.
	if err := session.EndOtherDevices(ctx, tx.Tx, a.ID, tx.By.Session, session.PasswordChanged); err != nil {
		return err
	}
	tx.Record(audit.Event{Verb: verb, Object: a.ID.String(), After: map[string]any{trailSessionsEnded: ended}})
	tx.After(job.Order{
		Args: PasswordChangedLetter{Account: a.ID, At: tx.Now, SessionsClosed: ended > 0}, Priority: job.Normal,
	})
	return nil
}

// dropAsked stops the removals that wait for their day, of somebody who is signed in and changes
// their password: whoever asked may be whom it keeps out. A reset stops nothing: it proves no more
// than the mailbox, and who lost everything may need one while they wait.
func dropAsked(ctx context.Context, tx *action.Tx, of ident.Account) error {
	if _, err := dropLoss(ctx, tx, of, lossStopped("")); err != nil {
		return err
	}
	if err := stays(ctx, tx, of, StaySignedIn); err != nil {
		return err
	}
	return credential.StopAllDelayed(ctx, tx.Tx, of)
}

// errFirst means that a request was not answered before.
var errFirst = errors.New("login: not answered before")

// replayed gives the answer that a request with the same idempotency key got: its
// password must not be looked at again, having changed.
func replayed[T any](ctx context.Context, r *action.Runner, by access.Actor, act action.Act) (out T, done bool, err error) {
	if by.Once.Key == "" {
		return out, false, nil
	}
	out, err = action.Run(ctx, r, by, act, func(*action.Tx) (T, error) {
		var none T
		return none, errFirst
	})
	if errors.Is(err, errFirst) {
		return out, false, nil
	}
	return out, err == nil, err
}
