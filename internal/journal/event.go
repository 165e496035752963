package journal

import (
	"time"

	"habilis/internal/ident"
)

// Event is one thing that was done or refused, as its reader may know it.
type Event struct {
	ID      ident.Event
	At      time.Time
	Verb    string // "member.deactivate"
	Refused bool
	Code    string // of a refusal: the rule that refused
	Actor   Party
	Object  string       // ID of what was acted upon; may be empty
	Subject ident.Member // the member it is about; may be zero
	Site    ident.Site   // where; zero: the organisation
	Via     string       // web, api, cli, job
	Address string       // network address of the actor
	Request string       // ID of the request
	// Names tells what was acted upon by name, as it was called then: "member",
	// "site", "email"…
	Names map[string]string
	// Before and After hold what changed. Values are what JSON gives: strings,
	// float64, bool, lists and maps of them.
	Before, After map[string]any
	// Labels names the IDs that stand in the event, where they can still be named.
	Labels map[string]string
	// Erased: whatever named people was removed (AUD-4); the fact remains.
	Erased bool
}

// Party is who acted.
type Party struct {
	Kind       string // person, token, platform_token, system, anonymous
	ID         string // the account or the token; empty when the reader may not know it
	OnBehalfOf string // the account that a token stands for
	Name       string // empty when erased, or when the reader may not know it
	Member     ident.Member
	Support    bool // the platform's support
	Outside    bool // no member of this organisation: not named (AUD-04)
}
