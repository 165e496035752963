package notify

import (
	"time"

	"habilis/internal/secret"
)

// The letters below are about the account, which belongs to no organisation:
// their plaque bears the product's name.

// PasswordResetFacts are what the letter about a forgotten password says.
type PasswordResetFacts struct {
	Link    secret.Text
	Expires time.Time
}

// WritePasswordReset writes the letter with the link to a new password.
func WritePasswordReset(to Recipient, f PasswordResetFacts) (Letter, error) {
	w := write(KindPasswordReset, to, nil, map[string]any{varUntil: f.Expires})
	w.say("intro", "effect")
	w.button(f.Link, w.common("once_until"))
	return w.end("account", Contact{})
}

// PasswordChangedFacts are what the notice of a changed password says.
type PasswordChangedFacts struct {
	At             time.Time
	SessionsClosed bool // the other sessions were ended
}

// WritePasswordChanged tells that the password changed. No button.
func WritePasswordChanged(to Recipient, f PasswordChangedFacts) (Letter, error) {
	w := write(KindPasswordChanged, to, nil, map[string]any{"At": f.At})
	w.say("intro")
	if f.SessionsClosed {
		w.say("sessions")
	}
	w.say("fine")
	w.openYourself()
	return w.end("account", Contact{})
}

// FailuresFacts are what the notices about refused sign-ins say.
type FailuresFacts struct {
	Failures int       // how many tries failed
	At       time.Time // the last one, or when the password was locked
}

// WriteSignInFailures tells that many sign-ins failed (rules.md 4, mail at 10).
func WriteSignInFailures(to Recipient, f FailuresFacts) (Letter, error) {
	w := write(KindSignInFailures, to, nil, map[string]any{varCount: f.Failures, "At": f.At})
	w.say("intro", "wait", "you")
	w.openYourself()
	return w.end("account", Contact{})
}

// WritePasswordLocked tells that the password is locked until it is reset
// (rules.md 4, 25 failures in 24 hours).
func WritePasswordLocked(to Recipient, f FailuresFacts) (Letter, error) {
	w := write(KindPasswordLocked, to, nil, map[string]any{varCount: f.Failures, "At": f.At})
	w.say("intro", "how")
	w.openYourself()
	return w.end("account", Contact{})
}

// NewBrowserFacts are what is said of a sign-in from a browser and network that were not
// known to be the person's.
type NewBrowserFacts struct {
	At     time.Time
	Origin Origin
}

// WriteNewBrowser tells of such a sign-in, and what to do if it was not the person's.
func WriteNewBrowser(to Recipient, f NewBrowserFacts) (Letter, error) {
	w := write(KindNewBrowser, to, nil, map[string]any{"At": f.At})
	w.say("intro")
	w.origin(f.Origin)
	w.say("fine")
	w.openYourself()
	return w.end("account", Contact{})
}

// SessionsClosedFacts are what is said when the oldest sessions made room.
type SessionsClosedFacts struct {
	Closed int // how many sessions were ended
	Max    int // how many an account may have
	At     time.Time
}

// WriteSessionsClosed tells that sessions were ended because there were too many
// (rules.md 7).
func WriteSessionsClosed(to Recipient, f SessionsClosedFacts) (Letter, error) {
	w := write(KindSessionsClosed, to, nil, map[string]any{varCount: f.Closed, "Max": f.Max, "At": f.At})
	w.say("intro", "how")
	w.openYourself()
	return w.end("account", Contact{})
}
