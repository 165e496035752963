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

// Question is one thing asked, of one organisation.
type Question struct {
	Subject  Entity
	Action   string
	Resource Entity

	// Of the connection; only of trusted callers (rest.md).
	Address      netip.Addr
	SecondFactor *bool

	At time.Time // a past moment; zero: now
}

// Answer is the decision and the code of its reason; Explain gives the words and facts.
type Answer struct {
	Allowed bool
	Code    Code
	Version int64 // of the organisation, by which it was answered
}

// Code names a reason: "grant.agenda", "agenda.closed". Text key "decision.<code>".
type Code string

// Fact is one link of the chain that leads to an answer.
type Fact struct {
	Kind    string // membership, role, permission, grant, holder, delegation, group, setting, site
	ID      string
	Name    string // for people
	Level   string
	Scope   string
	GivenBy string
	GivenAt time.Time
	Until   *time.Time
}

// Fix is the smallest change that would turn a refusal into a permission, told only to
// those who may know of it. Text key "decision.fix.<code>" with Args.
type Fix struct {
	Code string
	Args []any
}

// Explained is an answer with its reason.
type Explained struct {
	Answer
	Args  []any // of the text "decision.<code>"
	Facts []Fact
	Fix   *Fix // of a refusal
}

// Organization is the organisation asked about, once the caller is known.
type Organization = ident.Org
