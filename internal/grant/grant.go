package grant

import (
	"slices"
	"time"

	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/resource"
)

// Grants is the register of levels, change sets and delegations.
type Grants struct{ Run *action.Runner }

// Level is what a member may do on an agenda or a messaging profile; each includes those
// before it. The zero value is none («Aucun»).
type Level string

// The levels. Agendas: availability < read < manage. Messaging: read < reply < manage.
const (
	None         Level = ""
	Availability Level = "availability"
	Read         Level = "read"
	Reply        Level = "reply"
	Manage       Level = "manage"
)

// WordNone is how None is written in documents and forms.
const WordNone = "none"

// LevelsOf lists the levels of a type from none to the highest; nil for identities, on
// which delegations bear.
func LevelsOf(t resource.Type) []Level {
	switch t {
	case resource.Agenda:
		return []Level{None, Availability, Read, Manage}
	case resource.MessagingProfile:
		return []Level{None, Read, Reply, Manage}
	case resource.Identity:
	}
	return nil
}

// Rank orders the levels of a type: 0 is none; -1 is no level of it.
func Rank(t resource.Type, l Level) int { return slices.Index(LevelsOf(t), l) }

// UndoFor is how long a change set can be undone.
const UndoFor = 30 * 24 * time.Hour

// MaxChanges bounds the lines of one change set.
const MaxChanges = 2000

// State is what a member has on a resource at a moment.
type State struct {
	Level   Level
	From    time.Time  // zero when Level is None
	Until   *time.Time // nil: without an end
	GivenBy string     // the name, as it is shown
	GivenAt time.Time
}

// Change is one cell as somebody wants it. From and Until are for a level other than None;
// a nil From is now.
type Change struct {
	Member   ident.Member
	Resource resource.ID
	Level    Level
	From     *time.Time
	Until    *time.Time
	Was      *Level // what the editor saw; nil: not compared
}

// Clone gives the members To the levels of From, in the domains (resource.Agenda,
// resource.MessagingProfile).
type Clone struct {
	From    ident.Member
	To      []ident.Member
	Domains []resource.Type
}

// Wanted is a whole edit: changes, or a clone with changes after it (a later line on the
// same cell wins).
type Wanted struct {
	Changes []Change
	Clone   *Clone
	Reason  string // optional, shown in the history
}

// Line is one cell before and after.
type Line struct {
	Member     ident.Member
	MemberName string // as shown: "Julie Delmas"
	Resource   resource.Resource
	Before     State
	After      State
}

// Warning is a consequence worth reading before saving: text key "warning.<Code>" with Args.
type Warning struct {
	Code string
	Args []any
}

// Kind tells where a change set comes from.
type Kind string

// The kinds.
const (
	Edit     Kind = "edit"
	Cloned   Kind = "clone"
	Creation Kind = "creation" // with a new member
	Undo     Kind = "undo"
)

// ChangeSet is an edit of levels: done, or as it would be.
type ChangeSet struct {
	ID       ident.ChangeSet // zero in a preview
	Kind     Kind
	Lines    []Line
	Warnings []Warning
	Reason   string
	MadeBy   string // the name
	MadeAt   time.Time
	UndoTill time.Time
	Undoes   ident.ChangeSet
	UndoneBy ident.ChangeSet
}
