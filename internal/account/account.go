package account

import (
	"time"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/text"
)

// Status says whether an account may be used at all; blocking is the platform's.
type Status string

// The statuses.
const (
	Pending Status = "pending" // no membership of it can be used yet: it opens nothing (INV-15)
	Active  Status = "active"
	Blocked Status = "blocked"
)

// PlatformRole is what a person is for the whole installation (ORG-7).
type PlatformRole string

// The platform roles.
const (
	NoRole        PlatformRole = ""
	Administrator PlatformRole = "administrator"
	Support       PlatformRole = "support"
)

// Account is a person who signs in; one e-mail, any number of organisations.
type Account struct {
	ID           ident.Account
	Email        Email
	Title        string // "Dr", "Mme", "M." or empty
	GivenName    string
	FamilyName   string
	Language     text.Lang
	Status       Status
	PlatformRole PlatformRole
	Rev          int64
	LastSignInAt time.Time // store.Never before the first
	CreatedAt    time.Time
}

// Names is what a person says of themselves.
type Names struct{ Title, GivenName, FamilyName string }

// Name is "Prénom Nom", as sentences write it.
func (a Account) Name() string { return a.GivenName + " " + a.FamilyName }

// Email is an address that mail may be sent to. Key is the one canonical form by
// which accounts are found (rules.md 11); Address is what the person wrote.
type Email struct{ Key, Address string }

// Faults of this package.
var (
	ErrNotFound = fault.New(fault.NotFound, "account.not_found")
	ErrTaken    = fault.New(fault.Conflict, "account.email_taken")
	ErrStale    = fault.New(fault.Stale, "api.version_stale")
)
