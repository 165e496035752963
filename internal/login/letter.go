package login

import (
	"time"

	"habilis/internal/ident"
)

// ResetLetter carries the link that sets a new password; its job holds the link's
// token as secret.
type ResetLetter struct {
	Account ident.Account
	Until   time.Time
}

// Kind names the job.
func (ResetLetter) Kind() string { return "letter.reset" }

// PasswordChangedLetter tells a person that their password changed (PWD-02).
type PasswordChangedLetter struct {
	Account        ident.Account
	At             time.Time
	SessionsClosed bool // others were open, and were ended
}

// Kind names the job.
func (PasswordChangedLetter) Kind() string { return "letter.password_changed" }

// LockedLetter tells a person that somebody guesses at their password (PWD-09):
// Locked is false after credential.NoticeAt failures, and true when the password
// opens nothing any more until it is reset.
type LockedLetter struct {
	Account  ident.Account
	Locked   bool
	Failures int64 // of the day
	At       time.Time
}

// Kind names the job.
func (LockedLetter) Kind() string { return "letter.locked" }

// NewBrowserLetter tells a person that they, or somebody else, signed in from a browser and
// a network that were not known to be theirs (session.Meet).
type NewBrowserLetter struct {
	Account ident.Account
	At      time.Time
	Address string
	Browser string // the browser's name of itself
}

// Kind names the job.
func (NewBrowserLetter) Kind() string { return "letter.new_browser" }

// ForgotOrder asks for a reset link for the address that its job holds as secret,
// if that address has an account (Logins.SendReset).
type ForgotOrder struct{}

// Kind names the job.
func (ForgotOrder) Kind() string { return "login.forgot" }
