package enrolment

import (
	"time"

	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/text"
)

// Enrolments is the one way a person becomes a member.
type Enrolments struct {
	Run    *action.Runner
	Hasher *credential.Hasher
	Limits invitation.Limits
}

// Bounds of one invitation.
const (
	MaxRoles     = 20  // roles given with one invitation
	MaxTemporary = 200 // addresses with a temporary password in one request: each is hashed
	bulkFrom     = 6   // from so many addresses on, letters wait behind those to one person
)

// Invite is the command of the quick invitation (MEM-9): several addresses, the
// same roles, sites, levels and function for all.
type Invite struct {
	Org    ident.Org
	Emails []string // as they were typed; 1 to invitation.MaxPerRequest
	// Roles, at the organisation or at one of Sites. None means the built-in role
	// «Lecture seule» at each of Sites: the page asks for a role, the API need not.
	Roles    []role.Given
	Sites    []ident.Site       // the only one of the organisation by default
	Function string             // one of member.Functions; empty: the person chooses
	Levels   grant.Welcome      // on agendas and messaging profiles
	Language text.Lang          // of the letter; French by default
	Welcome  invitation.Welcome // a link by default
}

// Fate is what became of one address (rest.md).
type Fate string

// The fates.
const (
	Invited        Fate = "invited"
	AlreadyInvited Fate = "already_invited"
	Joined         Fate = "joined"
	AlreadyMember  Fate = "already_member"
	Throttled      Fate = "throttled"
	Invalid        Fate = "invalid"
)

// Line reports the fate of one address, in the order they were given.
type Line struct {
	Email      string // as it was typed
	Fate       Fate
	Code       string // of an invalid address: the rule that refused it
	Invitation ident.Invitation
	Member     ident.Member
}

// Report has one line an address. A preview says too which levels each would get.
type Report struct {
	Lines  []Line
	Levels grant.ChangeSet
}

// Offer is what an opened link shows. Opening it spends nothing (MEM-13, INV-09).
type Offer struct {
	Org        org.Org
	Email      account.Email
	Masked     string // the address as others may see it: "a…@exemple.fr"
	HasAccount bool   // the person signs in instead of choosing a password
	InvitedBy  string
	Roles      []invitation.Label
	Sites      []string
	Function   string // empty: the person chooses
	Names      account.Names
	ExpiresAt  time.Time
	Language   text.Lang
}

// Finish is what the invited person types.
type Finish struct {
	Names    account.Names
	Function string
	Password secret.Text
	Language text.Lang
}

// Finished is an account made and a membership begun.
type Finished struct {
	Account ident.Account
	Org     ident.Org
	Slug    string
	Member  ident.Member
	Email   string
}

// Found is the command to create an organisation and invite its first
// administrator (ORG-7).
type Found struct {
	Org      org.Details
	Slug     string // made from the name when empty
	Site     org.SiteDetails
	Email    string // of the first administrator
	Language text.Lang
}

// Founded is an organisation just created.
type Founded struct {
	Org  org.Org
	Line Line
}

// Faults of this package.
var (
	ErrOtherAddress = fault.New(fault.Conflict, "enrolment.other_address")
	ErrHasAccount   = fault.New(fault.Conflict, "enrolment.has_account")
	ErrNoTemporary  = fault.New(fault.Forbidden, "enrolment.temporary_not_allowed")
	// Of a member to be created or invited: the code stands at the field email too.
	ErrNoEmail     = fault.New(fault.Conflict, "enrolment.no_email")
	ErrInvited     = fault.New(fault.Conflict, "enrolment.already_invited")
	ErrEmailMember = fault.New(fault.Conflict, "enrolment.email_of_member")
	// ErrCannotGive names, in its fields, the roles and sites that the actor may not
	// give (INV-08).
	ErrCannotGive = fault.New(fault.Forbidden, "enrolment.cannot_give")
)
