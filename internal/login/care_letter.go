package login

import (
	"time"

	"habilis/internal/credential"
	"habilis/internal/ident"
)

// CareChange is what somebody else did to the second factors of a person, or to their sessions.
type CareChange string

// What an administrator, or the platform, does.
const (
	CareGiven   CareChange = "given"   // a factor added, worth nothing until its person proves it
	CareRemoved CareChange = "removed" // one that an administrator had added
	CareReset   CareChange = "reset"   // all of them
	CareKept    CareChange = "kept"    // all of them, which somebody asked to take (AskLoss)
	// CareSignedOut: their sessions ended, their factors stay.
	CareSignedOut CareChange = "signed_out"
)

// CareReader is whom a CareLetter is for.
type CareReader string

// Readers: whoever may have been wronged, and whoever may know better, is told (MFA-11).
const (
	CarePerson CareReader = "person"         // whose factors they are
	CareActor  CareReader = "actor"          // in whose name it was done
	CareOthers CareReader = "administrators" // of the organisation, but for the actor and the person
)

// CareLetter tells somebody what an administrator or the platform did to the second
// factors of a person, or to their sessions. It leads nowhere that acts.
type CareLetter struct {
	To      CareReader
	Org     ident.Org     // zero: the platform did it, and To is the person or the actor
	Account ident.Account // whose factors they are
	Actor   ident.Account // zero: a program
	By      string        // the actor's name
	Change  CareChange
	Of      credential.FactorKind // of CareGiven and CareRemoved
	Reason  string                // of CareReset
	At      time.Time
}

// Kind names the job.
func (CareLetter) Kind() string { return "letter.care" }
