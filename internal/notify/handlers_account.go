package notify

import (
	"context"

	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/login"
	sessions "habilis/internal/session"
	"habilis/internal/store"
)

// reset carries the link that sets a new password, unless it was used, killed by a
// newer one, or has expired.
func (h handlers) reset(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[login.ResetLetter](j)
	if err != nil {
		return Letter{}, err
	}
	owner, ok, err := credential.ResetOwner(ctx, tx, j.Secret.Reveal())
	if err != nil {
		return Letter{}, err
	}
	if !ok || owner != args.Account {
		return Letter{}, errMoot
	}
	a, err := person(ctx, tx, args.Account)
	if err != nil {
		return Letter{}, err
	}
	return WritePasswordReset(recipient(a), PasswordResetFacts{Link: h.link("password", "reset", j.Secret.Reveal()), Expires: args.Until})
}

// about makes the composer of a notice to the person of an account.
func about[T any](of func(T) ident.Account, write func(Recipient, T) (Letter, error)) composer {
	return func(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
		args, err := decode[T](j)
		if err != nil {
			return Letter{}, err
		}
		a, err := person(ctx, tx, of(args))
		if err != nil {
			return Letter{}, err
		}
		return write(recipient(a), args)
	}
}

// passwordChanged tells that the password changed (PWD-02).
var passwordChanged = about(
	func(l login.PasswordChangedLetter) ident.Account { return l.Account },
	func(to Recipient, l login.PasswordChangedLetter) (Letter, error) {
		return WritePasswordChanged(to, PasswordChangedFacts{At: l.At, SessionsClosed: l.SessionsClosed})
	})

// locked tells that somebody guesses at the password, or that it is locked until it
// is reset (PWD-09).
var locked = about(
	func(l login.LockedLetter) ident.Account { return l.Account },
	func(to Recipient, l login.LockedLetter) (Letter, error) {
		facts := FailuresFacts{Failures: int(l.Failures), At: l.At}
		if l.Locked {
			return WritePasswordLocked(to, facts)
		}
		return WriteSignInFailures(to, facts)
	})

// newBrowser tells of a sign-in from a browser and network that the person did not use lately.
var newBrowser = about(
	func(l login.NewBrowserLetter) ident.Account { return l.Account },
	func(to Recipient, l login.NewBrowserLetter) (Letter, error) {
		return WriteNewBrowser(to, NewBrowserFacts{At: l.At, Origin: Origin{l.Address, l.Browser}})
	})

// sessionsClosed tells that the oldest sessions made room (SES-07).
var sessionsClosed = about(
	func(l sessions.ClosedLetter) ident.Account { return l.Account },
	func(to Recipient, l sessions.ClosedLetter) (Letter, error) {
		return WriteSessionsClosed(to, SessionsClosedFacts{Closed: int(l.Count), Max: sessions.MaxSessions, At: l.At})
	})
