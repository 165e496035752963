package recordgroup

import (
	"time"

	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
)

// Bounds of groups. Those of records are code points, or how many at once.
const (
	MaxGroups      = 1_000 // of an organisation
	MaxName        = 120   // code points
	MaxDescription = 500   // code points
	MaxRecord      = 200   // code points of a record's name
	MaxChange      = 10_000
	MaxRecords     = 2_000_000 // that an organisation's groups hold together
	MaxTogether    = 200       // members added at once
	maxWrong       = 50        // points to correct that one answer tells
)

// Bounds of the lists.
const (
	DefaultPageSize = 20
	MaxPageSize     = 500
	MaxPage         = 1_000_000
	MaxQuery        = 200 // code points
	MaxWords        = 12
)

// Groups is the register of access groups.
type Groups struct{ Run *action.Runner }

// Details is what people write of a group.
type Details struct {
	Name        string
	Description string // optional
}

// Group is one access group.
type Group struct {
	Details
	Org       ident.Org
	ID        ident.Group
	Version   int64 // what a change must name (If-Match): of details and members
	Members   int64 // those that the one who looks may know of
	Records   int64
	CreatedAt time.Time

	no  int64 // by which its records name it
	rev int64
}

// Period says when a membership holds: from its start, until before its end.
type Period struct {
	StartsAt time.Time
	EndsAt   *time.Time // nil: no end
}

// Over reports whether it has ended.
func (p Period) Over(now time.Time) bool { return p.EndsAt != nil && !p.EndsAt.After(now) }

// Membership is a member in a group, with who gave it and when (RGT-8).
type Membership struct {
	Period
	Group     ident.Group
	GroupName string
	Member    ident.Member

	Title, GivenName, FamilyName, Email string
	Function, Profession                string
	ProfileType                         member.ProfileType
	Status                              member.Status

	GivenBy string // name of the giver, or empty
	GivenAt time.Time

	sortKey string
}

// Name is "Prénom Nom", as sentences write it.
func (m Membership) Name() string { return m.GivenName + " " + m.FamilyName }

// Faults of this package.
var (
	ErrNotFound      = fault.New(fault.NotFound, "recordgroup.not_found")
	ErrStale         = fault.New(fault.Stale, "api.version_stale")
	ErrTooManyGroups = fault.New(fault.Conflict, "recordgroup.too_many").With("Max", MaxGroups)
	ErrFull          = fault.New(fault.Conflict, "recordgroup.records_full").With("Max", MaxRecords)
	ErrEffect        = fault.New(fault.Conflict, "recordgroup.effect_changed")
	ErrQuery         = fault.New(fault.Malformed, "recordgroup.query")
)

// AnyVersion stands for whichever version is there.
const AnyVersion = 0
