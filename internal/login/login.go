package login

import (
	"net/netip"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/event"
	"habilis/internal/fault"
	"habilis/internal/secret"
	"habilis/internal/session"
)

// Logins is signing in, and every change of password.
type Logins struct {
	Run    *action.Runner
	Hasher *credential.Hasher
	// Passkeys makes and checks the ceremonies of passkeys; nil: there are none.
	Passkeys *credential.Passkeys
	// Exempt are the networks that the limit of failures per address leaves alone:
	// a hospital has one address at eight o'clock (rules.md 4).
	Exempt []netip.Prefix
	// SMS is what the operator decided of codes sent by SMS.
	SMS Texting
}

// Names of facts in the trail, in what an event tells of before and after.
const (
	trailKind          = "kind"              // of a factor
	trailBecause       = "because"           // a code: what led to the act
	trailFactor        = "factor"            // which one; in an event's names, the end of its number
	trailEmail         = "email"             // masked, but for that of a set-up
	trailSessionsEnded = event.SessionsEnded // how many
)

// Client is what is known of the browser that signs in.
type Client struct {
	UserAgent string
	Device    secret.Text   // the token it presents of having been remembered; empty: none
	Half      secret.Text   // the token of the half that it has; empty: none
	First     session.First // how its person came to the password just given; zero: they had it
}

// Result is where a sign-in leads: exactly one of Session, Half and Finish is set.
type Result struct {
	Session *session.Opened     // signed in
	Half    *session.OpenedHalf // the first proof was right: a second factor is due
	Finish  *secret.Text        `json:"-"` // a temporary password was used: the token of the page that finishes the account

	Remembered *session.OpenedDevice // with Session: the browser was remembered, as asked
	// LostAt is, with Session, when every second factor of the person is taken, because somebody
	// who knows their password asked for it (AskLoss); zero: nobody did.
	LostAt time.Time
	// LossStopped says, with Session, that they will not be: one of them was just used.
	LossStopped bool
}

// Faults of this package.
var (
	// ErrRefused is the one answer to a sign-in that does not open, whatever the reason.
	ErrRefused = fault.New(fault.Unauthenticated, "login.refused")
	// ErrLocked says when the next try may come. It depends only on what was tried before.
	ErrLocked = fault.New(fault.Limited, "login.locked")
	// ErrPasswordLocked tells somebody signed in that their password must be reset.
	ErrPasswordLocked = fault.New(fault.Forbidden, "login.password_locked")
	// ErrGone is the one answer to a link that is spent, expired or made up.
	ErrGone = fault.New(fault.Gone, "login.link_gone")
	// ErrCurrent is a wrong password of somebody signed in.
	ErrCurrent = fault.New(fault.Forbidden, "login.current_password")
)

// console is held by nobody but the operator, who holds the machine.
const console access.Permission = "console"

// person is the actor that a proven account becomes.
func person(by access.Actor, a account.Account) access.Actor {
	return access.Actor{
		Kind: access.Person, Account: a.ID, Name: a.Name(), Address: by.Address, Via: by.Via, Request: by.Request,
	}
}
