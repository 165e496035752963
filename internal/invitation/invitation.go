package invitation

import (
	"time"

	"habilis/internal/account"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/text"
)

// Lifetimes (rules.md 2).
const (
	Life              = 30 * 24 * time.Hour
	TemporaryLife     = 72 * time.Hour
	FinishLife        = time.Hour // to finish the account once a temporary password was used
	MaxPerRequest     = 10000     // addresses in one act of inviting
	Chunk             = 250       // addresses in one transaction: the writer is never held over 1 s, on a loaded machine either
	MaxPerDayOrg      = 200       // a limit the platform can raise per organisation
	MaxPerDayAddress  = 3         // per address and organisation
	MaxPerDayAnywhere = 10        // per address in total
)

// Welcome is how a person comes in.
type Welcome string

// The welcomes (MEM-12).
const (
	ByLink              Welcome = "invitation"
	ByTemporaryPassword Welcome = "temporary_password"
)

// Status of an invitation. An expired one is Pending past its ExpiresAt.
type Status string

// The statuses.
const (
	Pending  Status = "pending"
	Accepted Status = "accepted"
	Deleted  Status = "deleted"
)

// Invitation waits for a person to come in (MEM-11).
type Invitation struct {
	Org        ident.Org
	ID         ident.Invitation
	Member     ident.Member // set when the member exists already
	Email      account.Email
	Language   text.Lang
	Function   string
	Welcome    Welcome
	Status     Status
	Roles      []role.Given
	Sites      []ident.Site
	Levels     []grant.Given // on resources that are open still
	InvitedBy  string        // name of whoever sent it last, at that time
	Inviter    Inviter       `json:"-"` // on whose authority it stands
	SentAt     time.Time
	ExpiresAt  time.Time
	Version    int64
	CreatedAt  time.Time
	RoleLabels []Label // for the list
	SiteNames  []string
	MayResend  bool // the viewer may resend and delete it
}

// Letter is the job that writes to the invited person; its secret is the token of
// the link, or the temporary password. Version is that of the invitation when the
// secret was made: a letter whose invitation was sent again since is not sent.
type Letter struct {
	Org        ident.Org        `json:"org"`
	Invitation ident.Invitation `json:"invitation"`
	Version    int64            `json:"version"`
}

// Kind names the job.
func (Letter) Kind() string { return "letter.invitation" }

// Label names a role: by its built-in code or its own name.
type Label struct{ BuiltIn, Name, SiteName string }

// Expired reports whether the invitation may no longer be used at the time now.
func (i Invitation) Expired(now time.Time) bool { return !now.Before(i.ExpiresAt) }

// List is one page of pending invitations.
type List struct {
	Items []Invitation
	Total int64
	Next  string
}

// Faults of this package. A spent, expired, deleted or made-up link gets the one
// same answer (INV-01, INV-03, INV-04, INV-07).
var (
	ErrGone     = fault.New(fault.Gone, "invitation.gone")
	ErrNotFound = fault.New(fault.NotFound, "invitation.not_found")
	// ErrClosed tells whoever holds a link that it waits: the administration space of the
	// organisation is closed for now (ORG-6).
	ErrClosed = fault.New(fault.Conflict, "invitation.closed")
	// ErrMorePowerful refuses to resend or withdraw what one could not give (INV-08).
	ErrMorePowerful = fault.New(fault.Forbidden, "invitation.more_powerful")
	// ErrNoSite refuses to resend an invitation whose sites were all closed.
	ErrNoSite = fault.New(fault.Conflict, "invitation.no_site")
)
