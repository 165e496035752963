package member

import (
	"time"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
)

// Status is where a membership stands (LST-4).
type Status string

// The statuses.
const (
	PendingApproval Status = "pending_approval"
	Created         Status = "created" // never signed in
	Active          Status = "active"
	Deactivated     Status = "deactivated"
	Left            Status = "left" // gone: no longer listed
)

// Verification is the second fact beside the status (LST-4): where the file of somebody who
// registered by themself stands.
type Verification string

// The verifications. Only the first and the last let a member be in force.
const (
	NotNeeded  Verification = "not_needed" // came in by somebody of the organisation
	Unchecked  Verification = "unchecked"  // registered, and nobody has looked yet (LST-2)
	Incomplete Verification = "incomplete" // something is missing
	Verified   Verification = "verified"
)

// Verifications are all of them.
var Verifications = []Verification{NotNeeded, Unchecked, Incomplete, Verified}

// Opens reports whether the verification lets a member be in force.
func (v Verification) Opens() bool { return v == NotNeeded || v == Verified }

// ProfileType is A, B or C of MEM-1.
type ProfileType string

// The profile types.
const (
	Regulated       ProfileType = "regulated"
	Unregulated     ProfileType = "unregulated"
	NonPractitioner ProfileType = "non_practitioner"
)

// Functions is the closed list of product.md ("Words"); FunctionOther is restricted (MEM-7).
var Functions = []string{
	"secretary", "medical_assistant", "physician", "nurse", "midwife", "physiotherapist", "psychologist", "pharmacist",
	"dentist", "coordinator", "manager", "it", FunctionOther,
}

// FunctionOther is «Autre».
const FunctionOther = "other"

// Titles are the forms of address that may be chosen.
var Titles = []string{"", "Mme", "M.", "Dr", "Pr", "Me"}

// Reach is whom a member may converse with (MEM-8).
type Reach string

// The reaches.
const (
	ReachSite     Reach = "site"
	ReachEveryone Reach = "everyone"
)

// Member is an account in one organisation, or a person who has none yet.
type Member struct {
	Org         ident.Org
	ID          ident.Member
	Account     ident.Account // the zero value: no account yet
	Version     int64         // what a change must name (If-Match)
	Status      Status
	ProfileType ProfileType

	Verification Verification

	Title      string
	GivenName  string
	FamilyName string
	Email      string
	Function   string

	ProfessionCode string // of the national list; empty for free text
	Profession     string
	SpecialtyCode  string
	Specialty      string
	RPPS           string
	Identity       Identity
	SIRET          string
	AMNumber       string // of the Assurance Maladie
	Phone          string // E.164
	MSSante        string
	Reach          Reach

	Locum        *Locum     // nil: replaces nobody
	StartsAt     *time.Time // rights begin then; nil: they have
	EndsAt       *time.Time // rights end then; nil: never
	LastSignInAt time.Time  // store.Never before the first
	CreatedAt    time.Time
	Locked       bool // the password is locked until it is reset: a second fact
}

// Name is "Prénom Nom", as sentences write it.
func (m Member) Name() string { return m.GivenName + " " + m.FamilyName }

// InForce reports whether the status and the verification let the member act; their dates
// and their account are other facts.
func (m Member) InForce() bool {
	return (m.Status == Created || m.Status == Active) && m.Verification.Opens()
}

// Sheet is a member with everything that the sheet shows (read).
type Sheet struct {
	Member
	Sites          []SiteRef
	Roles          []RoleRef
	Permissions    []PermissionRef
	Administration []access.Scope // where the member administers
	Invitation     *PendingInvitation
	Planned        *Planned // deactivation; nil: none is planned
	Departure      *PlannedDeparture
	// What the one who looks may do, so that no button leads to a refusal.
	May May
}

// May is what the viewer may do with a member.
type May struct {
	Edit, EditRights               bool
	Deactivate, Reactivate, Resend bool
	CancelPlan                     bool           // take back the planned deactivation
	Depart                         bool           // look at their departure, and decide it (OFF-1)
	Invite                         bool           // send a member who waits their first invitation
	Secure                         bool           // act on how they prove who they are
	CorrectEmail                   bool           // correct the address of their account (CHG-2)
	Appoint                        []access.Scope // scopes at which the viewer may name the member administrator
	Withdraw                       []access.Scope
}

// SiteRef is a site by name.
type SiteRef struct {
	ID   ident.Site
	Name string
}

// RoleRef is a role held at a scope, with who gave it and when (RGT-8).
type RoleRef struct {
	Role     ident.Role
	BuiltIn  string
	Name     string
	Scope    access.Scope
	SiteName string // of a site scope
	GivenBy  string // name of the giver, or empty
	GivenAt  time.Time
	EndsAt   *time.Time
}

// PermissionRef is a single permission held at a scope.
type PermissionRef struct {
	Permission access.Permission
	Scope      access.Scope
	SiteName   string
	GivenBy    string
	GivenAt    time.Time
	EndsAt     *time.Time
}

// PendingInvitation is the invitation that waits for a member.
type PendingInvitation struct {
	ID        ident.Invitation
	ExpiresAt time.Time
}

// Row is one line of the list.
type Row struct {
	Member
	Sites      []SiteRef
	Roles      []RoleRef
	Admin      bool // administers, at any scope
	Invitation *PendingInvitation
	Planned    *Planned // deactivation
	Departure  *PlannedDeparture
	MayResend  bool // the one who looks could send the invitation again
}

// Bounds of the list (LST-1).
const (
	DefaultPageSize = 20
	MaxPageSize     = 500       // «Afficher tout»
	MaxPage         = 1_000_000 // of any list: beyond is a mistake
	MaxQuery        = 200       // code points of a search
	MaxWords        = 12        // different words of a search
)

// PageSizes are the sizes offered on the page; the last is «Afficher tout».
var PageSizes = []int{20, 50, 100, 500}

// Query is the state of the list: filters, order, place (LST-1).
type Query struct {
	Search     string // name or e-mail, accents and case ignored
	Keyword    string // profession, function, specialty, RPPS
	Role       ident.Role
	Permission access.Permission
	Statuses   []Status
	// Verification keeps to those whose file stands so (LST-2); empty: everybody.
	Verification Verification
	Site         ident.Site
	Function     string
	Admin        bool // the tab «Administrateurs»
	Sort         Sort
	Descending   bool
	Page         int // from 1, for the web
	Size         int
	After        string // cursor, for the API; Page is then ignored
}

// Sort is a column by which the list can be ordered.
type Sort string

// The orders.
const (
	ByName       Sort = "name"
	ByLastSignIn Sort = "last_sign_in"
	ByCreation   Sort = "created"
)

// List is one page of members, with the exact total of the query.
type List struct {
	Rows   []Row
	Total  int64
	Next   string // cursor, empty at the end
	Counts Counts // of the tabs: the whole scope of the viewer, no filter
	Files  bool   // somebody has a file to verify, or verified (LST-2)
}

// Counts are the numbers on the tabs.
type Counts struct{ All, Active, Pending, Deactivated, Administrators int64 }

// Faults of this package.
var (
	ErrNotFound          = fault.New(fault.NotFound, "member.not_found")
	ErrLastAdministrator = fault.New(fault.Conflict, "member.last_administrator")
	ErrNotActive         = fault.New(fault.Conflict, "member.not_active")
	ErrNotDeactivated    = fault.New(fault.Conflict, "member.not_deactivated")
	ErrYourself          = fault.New(fault.Conflict, "member.yourself")
	ErrMorePowerful      = fault.New(fault.Forbidden, "member.more_powerful")
	ErrNotAdministrator  = fault.New(fault.Conflict, "member.not_administrator")
	ErrAlreadyMember     = fault.New(fault.Conflict, "member.already_member")
	ErrNoSignIn          = fault.New(fault.Conflict, "member.no_sign_in")
	ErrNotOfSite         = fault.New(fault.Conflict, "member.not_of_site")
	ErrLastSite          = fault.New(fault.Conflict, "member.last_site")
	ErrSiteNeedsMember   = fault.New(fault.Conflict, "site.needs_member")
	ErrLastOpenSite      = fault.New(fault.Conflict, "site.last")
	ErrQuery             = fault.New(fault.Malformed, "member.query")
	ErrStale             = fault.New(fault.Stale, "api.version_stale")
)
