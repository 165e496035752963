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
	KeptListed  = 30 * 24 * time.Hour // a token that is over stays in the list so long: its owner reads why a program stopped
	MaxListed   = 50                  // of those that are over, the latest ones
)

// Kind is whom a token speaks for.
type Kind string

// The kinds.
const (
	OfOrganization Kind = "organization"
	OfPlatform     Kind = "platform"
	OfPerson       Kind = "person"
)

// Owner is whose tokens are meant: exactly one organisation, one person, or the platform.
type Owner struct {
	Kind    Kind
	Org     ident.Org
	Account ident.Account
}

// Of is the organisation as the owner of tokens.
func Of(org ident.Org) Owner { return Owner{Kind: OfOrganization, Org: org} }

// OfAccount is the person as the owner of tokens.
func OfAccount(a ident.Account) Owner { return Owner{Kind: OfPerson, Account: a} }

// Platform is the platform as the owner of tokens.
func Platform() Owner { return Owner{Kind: OfPlatform} }

// State says what a token is worth.
type State string

// The states. Nobody brings back a token that is over.
const (
	InForce State = "in_force"
	Expired State = "expired"
	Revoked State = "revoked"
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
	MadeBy      string              // name of CreatedBy; empty for the operator
	CreatedAt   time.Time
	ExpiresAt   time.Time
	LastUsedAt  time.Time  // store.Never before the first use
	RevokedAt   *time.Time // nil unless somebody, or a rule, ended it
	Trusted     bool       // of an organisation's: what it says of its callers' connection is believed
}

// State says what the token is worth at the time now.
func (v Token) State(now time.Time) State {
	switch {
	case v.RevokedAt != nil:
		return Revoked
	case !v.ExpiresAt.After(now):
		return Expired
	}
	return InForce
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
	Trusted     bool          // of an organisation's token that may ask for decisions
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
	// ErrExpired tells whoever holds the secret that the token has had its time.
	ErrExpired = fault.New(fault.Unauthenticated, "token.expired")
	ErrNotHeld = fault.New(fault.Forbidden, "token.permission_not_held")
)

// Tokens is the register of API tokens.
type Tokens struct{ Run *action.Runner }
