package login

import (
	"time"

	"habilis/internal/ident"
)

// The letters about a change of address (CHG-2, SEC-5). Address and Browser are where it was
// done from, as the network and the browser say.

// EmailProofLetter carries the link to a new address that was asked for an account; its job
// holds the token as secret. An address that has an account already gets a notice instead,
// written by the same job, so that nobody learns which it was (ENU-02).
type EmailProofLetter struct {
	Change  ident.EmailChange
	Address string
	Browser string
}

// Kind names the job.
func (EmailProofLetter) Kind() string { return "letter.email_proof" }

// EmailAskedLetter tells the present address that another was asked.
type EmailAskedLetter struct {
	Change  ident.EmailChange
	By      string // the administrator who asked it, by name; empty: the person
	Address string
	Browser string
}

// Kind names the job.
func (EmailAskedLetter) Kind() string { return "letter.email_asked" }

// EmailChangedLetter tells both addresses that the change is done. The letter to the old one
// carries the link that undoes it: its job holds the token as secret.
type EmailChangedLetter struct {
	Change  ident.EmailChange
	ToOld   bool
	Address string
	Browser string
}

// Kind names the job.
func (EmailChangedLetter) Kind() string { return "letter.email_changed" }

// EmailUndoneLetter tells both addresses that the old one came back.
type EmailUndoneLetter struct {
	Change  ident.EmailChange
	ToOld   bool
	At      time.Time
	Factors []string // kinds of the second factors added since the change, told to the old one
	Address string
	Browser string
}

// Kind names the job.
func (EmailUndoneLetter) Kind() string { return "letter.email_undone" }
