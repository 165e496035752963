package access

import (
	"time"

	"habilis/internal/audit"
	"habilis/internal/ident"
)

// Kind tells what sort of actor acts.
type Kind string

// The kinds of actors.
const (
	Anonymous     Kind = "anonymous"
	Person        Kind = "person"         // a signed-in person, or a token of that person
	OrgToken      Kind = "token"          // an organisation's API token
	PlatformToken Kind = "platform_token" // the platform's API token
	System        Kind = "system"         // the operator's command line, jobs
)

// StepUpAge is how old the proof of the person may be for a sensitive act.
const StepUpAge = 5 * time.Minute

// Actor is who acts, and through which door. It is a parameter, never a value in
// a context.
type Actor struct {
	Kind    Kind
	Account ident.Account // of a Person; for a token, who made it
	Session ident.Session // of a person in a browser
	Token   ident.Token   // of a token
	Org     ident.Org     // of an OrgToken: the only organisation it may touch
	Name    string        // as the trail shows it
	StepUp  time.Time     // when the person last proved who they are in this session
	Second  string        // the second factor that the session was opened with; empty: none
	// SecondAt is when a second factor was last proved in this session; zero: none was.
	SecondAt time.Time
	Opened   time.Time // of a person in a browser: when the session was opened …
	Seen     time.Time // … and when it was last used, before this request
	Address  string    // the address decided by the trusted-proxy rule
	Via      string    // web, api, cli, job
	Request  string    // the ID of the request
	Once     Once      // the idempotency key of the request, if it has one
	Support  bool      // acts for the platform's support, and the trail says so (AUD-2)
}

// Once is what makes a repeated request have one effect: the key that the caller
// chose, and a hash of what was asked.
type Once struct {
	Key  string
	Body [32]byte
}

// Operator is the actor of the command line and of jobs: whoever can run it holds
// the machine.
func Operator(via string) Actor { return Actor{Kind: System, Via: via, Name: "habilis"} }

// Who gives the actor as the trail records it.
func (a Actor) Who() audit.Who {
	w := audit.Who{Kind: string(a.Kind), Via: a.Via, Name: a.Name, Address: a.Address, RequestID: a.Request, Support: a.Support}
	switch a.Kind {
	case Person:
		w.ID = a.Account.String()
	case OrgToken, PlatformToken:
		w.ID, w.OnBehalfOf = a.Token.String(), a.Account.String()
	case Anonymous, System:
	}
	return w
}

// ID names the actor for counters and idempotency: one caller, one name.
func (a Actor) ID() string {
	switch a.Kind {
	case Person:
		return a.Account.String()
	case OrgToken, PlatformToken:
		return a.Token.String()
	case Anonymous, System:
	}
	return string(a.Kind) + " " + a.Address
}

// Proven reports whether the actor's proof is fresh enough for a sensitive act
// at the time now. A token was made under such a proof and carries no password.
func (a Actor) Proven(now time.Time) bool {
	switch a.Kind {
	case OrgToken, PlatformToken, System:
		return true
	case Person:
		age := now.Sub(a.StepUp)
		return !a.Token.IsZero() || (age >= 0 && age < StepUpAge)
	case Anonymous:
	}
	return false
}
