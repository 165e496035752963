package session

import (
	"time"

	"habilis/internal/ident"
	"habilis/internal/secret"
)

// First is the first proof with which a browser came in.
type First string

// The first proofs.
const (
	ByPassword   First = "password"
	ByPasskey    First = "passkey"    // user-verified: the second factor at once
	ByInvitation First = "invitation" // the link of an invitation, and the password chosen there
	BySetUp      First = "setup"
)

// Bounds of what lies between the two proofs (rules.md 4, 5).
const (
	HalfLife     = 10 * time.Minute
	HalfFailures = 5 // wrong codes that end it (MFA-02)
)

// Half is a browser whose person gave the first proof and owes the second.
type Half struct {
	ID        ident.Half
	Account   ident.Account
	First     First
	CreatedAt time.Time
	ExpiresAt time.Time
	Failures  int
	Address   string
	UserAgent string
}

// OpenedHalf is a half just opened: its token goes into the cookie, nowhere else.
type OpenedHalf struct {
	Half  Half
	Token secret.Text `json:"-"`
}
