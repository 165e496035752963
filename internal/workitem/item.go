package workitem

import (
	"time"

	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
)

// Bounds of items. Those of texts are code points.
const (
	MaxSource   = 60
	MaxExternal = 200
	MaxTitle    = 120
	MaxTogether = 1_000     // registered at once
	MaxItems    = 1_000_000 // of an organisation, closed ones too
	MaxMoved    = 5_000     // reassigned in one act
	MaxChosen   = 500       // named one by one to be reassigned
	MaxLate     = 1_000     // counted as late; whoever holds more has that many or more
	maxWrong    = 50        // points to correct that one answer tells
)

// Bounds of the lists.
const (
	DefaultPageSize = 20
	MaxPageSize     = 100
	MaxPage         = 1_000_000
	MaxProposed     = 20  // receivers that one answer proposes
	MaxQuery        = 200 // code points
	MaxWords        = 12
)

// Items is the register of work items.
type Items struct{ Run *action.Runner }

// Ref is the application's own name of an item.
type Ref struct {
	Source   string // the application's name, such as "agenda"
	External string // its ID there
}

// String writes it for the trail.
func (r Ref) String() string { return r.Source + "/" + r.External }

// State is where an item stands.
type State string

// The states.
const (
	Open      State = "open"
	Done      State = "done"
	Cancelled State = "cancelled"
	// Detached is an appointment whose practitioner left: it is in nobody's agenda, and stays in
	// the record (OFF-3). Nobody registers it as such: a departure makes it so.
	Detached State = "detached"
)

// Details is what an application registers of an item.
type Details struct {
	Kind  Kind
	Title string // empty: none; names no patient
	Owner ident.Member
	Site  ident.Site // zero: none
	Due   *time.Time // nil: no date
	State State
}

// Item is one work item.
type Item struct {
	Ref
	Details

	Org       ident.Org
	No        int64 // its number in the organisation, for forms
	Version   int64 // what a change must name (If-Match)
	CreatedAt time.Time
	ChangedAt time.Time
}

// Held reports whether the item is one that its owner still holds at now.
func (i Item) Held(now time.Time) bool {
	past := i.Due != nil && i.Due.Before(now)
	return i.State == Open && (!past || !rules[i.Kind].Timed)
}

// Late reports whether it is held and its date has passed.
func (i Item) Late(now time.Time) bool {
	return i.State == Open && rules[i.Kind].Expires && i.Due != nil && i.Due.Before(now)
}

// Line is what a request registers of one item.
type Line struct {
	Ref
	Details

	Version int64 // that was read; 0: the item is new, or as it is
}

// Registered is an item that was registered.
type Registered struct {
	Item

	Made    bool // it was not there
	Changed bool // something of it changed, or it was made
}

// Report says what became of many.
type Report struct{ Made, Changed, Unchanged int }

// Holding is what a member holds of one kind.
type Holding struct {
	Kind  Kind
	Items int64
	Late  int64 // MaxLate at most
}

// Faults of this package.
var (
	ErrNotFound     = fault.New(fault.NotFound, "workitem.not_found")
	ErrStale        = fault.New(fault.Stale, "api.version_stale")
	ErrNoVersion    = fault.New(fault.NoVersion, "api.version_missing")
	ErrFull         = fault.New(fault.Conflict, "workitem.full").With("Max", MaxItems)
	ErrQuery        = fault.New(fault.Malformed, "workitem.query")
	ErrNothing      = fault.New(fault.Conflict, "workitem.nothing_held")
	ErrNotHeld      = fault.New(fault.Conflict, "workitem.not_held")
	ErrSelf         = fault.New(fault.Conflict, "workitem.receiver_self")
	ErrReceiver     = fault.New(fault.Conflict, "workitem.receiver_not_in_force")
	ErrPractitioner = fault.New(fault.Conflict, "workitem.receiver_practitioner")
	ErrSite         = fault.New(fault.Conflict, "workitem.receiver_site")
)
