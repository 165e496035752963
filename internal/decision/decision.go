package decision

import (
	"net/netip"
	"time"

	"habilis/internal/ident"
)

// Entity is a subject or a resource as the caller names it: not yet known to exist.
type Entity struct{ Type, ID string }

// Types of subjects and resources (rest.md, Decisions).
const (
	TypeMember           = "member"
	TypeAccount          = "account"
	TypeAgenda           = "agenda"
	TypeMessagingProfile = "messaging_profile"
	TypeIdentity         = "identity"
	TypePatientRecord    = "patient_record"
	TypePatientDocument  = "patient_document"
	TypeOrganization     = "organization"
	TypeSite             = "site"
)

// Words of statuses, levels and actions that are met more than once.
const (
	statusActive  = "active"
	statusClosed  = "closed"
	statusCreated = "created"

	statusDeactivated = "deactivated"
	statusLeft        = "left"
	statusUnverified  = "unverified" // registered, and verification is awaited
	wordRead          = "read"
	wordManage        = "manage"
	wordReply         = "reply"
	wordDraft         = "draft_consultation"
)

// Question is one thing asked, of one organisation.
type Question struct {
	Subject  Entity
	Action   string
	Resource Entity

	// In is the organisation that the caller states of an account. None stated, a person
	// who has a place in several is refused: rights never add up (rest.md).
	In ident.Org

	// Of the connection; only of trusted callers (rest.md).
	Address      netip.Addr
	SecondFactor *bool

	At time.Time // a past moment; zero: now
}

// Answer is the decision and the code of its reason; Explain gives the facts.
type Answer struct {
	Allowed bool
	Code    Code
	Version int64 // of the organisation, by which it was answered; 0 of a past moment
}

// Fact is one link of the chain that leads to an answer.
type Fact struct {
	Kind    FactKind
	ID      string
	Name    string // for people, when the index has it: of roles, groups, resources
	Level   string // of a grant; the act of a delegation; the permission of a role
	Scope   string // "organization" or the ID of a site
	GivenBy string // an account, a token or "system", by ID
	GivenAt time.Time
	Until   *time.Time
}

// FactKind is what a fact speaks of.
type FactKind string

// The kinds of facts.
const (
	FactMembership FactKind = "membership"
	FactRole       FactKind = "role"
	FactPermission FactKind = "permission"
	FactGrant      FactKind = "grant"
	FactHolder     FactKind = "holder"
	FactDelegation FactKind = "delegation"
	FactGroup      FactKind = "group"
	FactSetting    FactKind = "setting"
	FactSite       FactKind = "site"
)

// Fix is the smallest change that would turn a refusal into a permission, told only to
// those who may know of it. Text key "decision.fix.<code>"; the ID names what to change.
type Fix struct {
	Code  string
	ID    string // of the member, resource or group to change
	Level string // to give: a level, an act, a permission
	Scope string // where
}

// Explained is an answer with its reason.
type Explained struct {
	Answer

	Facts []Fact
	Fix   *Fix // of a refusal
}

// Page is which part of a search's results is wanted.
type Page struct {
	Token string // of the answer before; empty for the first page
	Limit int    // 1 to MaxPage; 0: DefaultPage
}

// Bounds of searches.
const (
	DefaultPage = 100
	MaxPage     = 1000
)

// Results is one page of what a search found, in a stable order. Of actions only the
// name is told.
type Results struct {
	Entities []Entity
	Actions  []string
	Next     string // token of the next page; empty when there is none
	Version  int64
}
