package grant

import (
	"slices"
	"time"

	"habilis/internal/action"
	"habilis/internal/changeset"
	"habilis/internal/fault"
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
const UndoFor = changeset.UndoFor

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

// held reports whether the state is in force at a moment.
func (s State) held(at time.Time) bool { return s.Level != None && !s.From.After(at) && !s.over(at) }

// over reports whether it has ended.
func (s State) over(at time.Time) bool { return s.Until != nil && !s.Until.After(at) }

// same compares what was given, not who gave it.
func (s State) same(o State) bool {
	if s.Level == None || o.Level == None {
		return s.Level == o.Level
	}
	return s.Level == o.Level && s.From.Equal(o.From) && sameTime(s.Until, o.Until)
}

func sameTime(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// Line is one cell before and after.
type Line struct {
	Member     ident.Member
	MemberName string // as shown: "Julie Delmas"
	Resource   resource.Resource
	Before     State
	After      State
}

// Warning is a consequence worth reading before saving: text key "warning.<Code>".
type Warning = changeset.Warning

// Kind tells where a change set comes from.
type Kind = changeset.Kind

// The kinds.
const (
	Edit     = changeset.Edit
	Cloned   = changeset.Cloned
	Creation = changeset.Creation // with a new member
	Undo     = changeset.Undo
)

// ChangeSet is an edit of rights: done, or as it would be. Of one that was done, the reader
// sees the lines of which they may know; a list gives counts of them, and no lines.
type ChangeSet struct {
	ID       ident.ChangeSet // zero in a preview
	Kind     Kind
	Lines    []Line      // those about levels
	Rights   []RightLine // those about anything else
	Stays    []Stay      // of an undo: what it leaves as it is, each with its reason
	Warnings []Warning   // of a preview, and of an edit just made
	Reason   string
	MadeBy   string // the name
	MadeAt   time.Time
	UndoTill time.Time
	Undoes   ident.ChangeSet
	UndoneBy ident.ChangeSet

	Changes   int // how many lines
	People    int // on them
	Resources int // what they are about: resources, roles, groups…
	// ByDomain is how many lines there are of each domain; of records, how many records.
	ByDomain map[changeset.Domain]int

	Proof bool // of a preview of an undo: the act asks for a fresh proof (rules.md 6)

	MayUndo bool // now, by the one who reads
}

// MaxReason bounds the reason of an edit, in code points.
const MaxReason = 300

// ChangeSetQuery chooses among the change sets of an organisation, the latest first.
type ChangeSetQuery struct {
	Member   ident.Member
	Resource resource.ID
	Object   string // any other thing that lines are about: a role, a group, by ID
	Page     int    // from 1, for the web
	Size     int
	After    string // cursor, for the API; Page is then ignored
}

// ChangeSetList is one page of them, with the exact total.
type ChangeSetList struct {
	Sets  []ChangeSet
	Total int64
	Next  string // cursor, empty at the end
}

// Bounds of the list of change sets.
const (
	DefaultSets = 20
	MaxSets     = 100
)

// Faults of levels and change sets. Those that gather lines have a field for each:
// "changes[3].resource".
var (
	// ErrUnknown: a member or a resource that is not there, or that one may not know of.
	ErrUnknown = fault.New(fault.NotFound, "grant.unknown")
	// ErrNotYours: a resource where one may not give rights.
	ErrNotYours = fault.New(fault.Forbidden, "grant.not_yours")
	// ErrChangedMeanwhile: cells that are no longer as the editor saw them.
	ErrChangedMeanwhile = fault.New(fault.Conflict, "grant.changed_meanwhile")
	ErrTooMany          = fault.New(fault.Invalid, "grant.too_many").With("Max", MaxChanges)
	ErrNoSuchSet        = fault.New(fault.NotFound, "grant.no_such_set")
	ErrUndone           = fault.New(fault.Conflict, "grant.undone")
	ErrUndoOver         = fault.New(fault.Gone, "grant.undo_over")
	// ErrPartOf: the rights that ended with a departure come back with the member, or not at all.
	ErrPartOf        = fault.New(fault.Conflict, "grant.part_of_departure")
	ErrNothingStands = fault.New(fault.Conflict, "grant.nothing_stands")
	ErrQuery         = fault.New(fault.Malformed, "grant.query")
)
