package token

import (
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/secret"
)

// Bounds (rules.md 2).
const (
	MaxLifeDays = 365
	MaxLife     = MaxLifeDays * 24 * time.Hour
	DefaultLife = 90 * 24 * time.Hour
	MaxName     = 80 // code points
	MaxPerOwner = 50 // tokens in force of one organisation, one person, or the platform
	TouchEvery  = time.Minute
)

// Kind is whom a token speaks for.
type Kind string

// The kinds.
const (
	OfOrganization Kind = "organization"
	OfPlatform     Kind = "platform"
	OfPerson       Kind = "person"
)

// Token opens the API. Its secret is shown once, when it is made.
type Token struct {
	ID          ident.Token
	Kind        Kind
	Org         ident.Org
	Account     ident.Account
	Name        string
	Permissions []access.Permission // of an organisation's, in the order of the catalogue
	CreatedBy   ident.Account       // the zero value: the operator's command line
	CreatedAt   time.Time
	ExpiresAt   time.Time
	LastUsedAt  time.Time // store.Never before the first use
}

// New is what a token is asked to be. No permissions for an organisation's token
// means all administration permissions of its maker.
type New struct {
	Kind        Kind
	Org         ident.Org
	Account     ident.Account
	Name        string
	Permissions []access.Permission
	Life        time.Duration // DefaultLife when zero
}

// Made is a token with its secret, which is empty when the answer is replayed.
type Made struct {
	Token  Token
	Secret secret.Text `json:"-"`
}

// Faults of this package.
var (
	ErrNotFound  = fault.New(fault.NotFound, "token.not_found")
	ErrShownOnce = fault.New(fault.Conflict, "token.shown_once")
	ErrTooMany   = fault.New(fault.Conflict, "token.too_many").With("Max", MaxPerOwner)
	ErrNotHeld   = fault.New(fault.Forbidden, "token.permission_not_held")
)

// Tokens is the register of API tokens.
type Tokens struct{ Run *action.Runner }
