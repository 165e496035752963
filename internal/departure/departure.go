package departure

import (
	"time"

	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/resource"
)

// UndoFor is how long a departure can be undone, and how long «Partis» lists it (OFF-3, OFF-6).
const (
	UndoDays = 30
	UndoFor  = UndoDays * 24 * time.Hour
)

// Bounds.
const (
	MaxAhead      = 366 * 24 * time.Hour // how far ahead a departure may be planned
	MaxChoices    = 500
	MaxProposed   = 20 // receivers that one answer proposes
	MaxTyped      = 400
	MaxNamed      = 5 // of those who may, named to whoever may not
	atOnce        = 1_000
	DefaultPage   = 20
	MaxPageSize   = 100
	MaxPage       = 1_000_000
	AnyVersion    = 0
	maxStepsShown = 200
)

// Departures is the register of departures.
type Departures struct {
	Run *action.Runner
	// between, of tests, is called after each transaction of the work; an error stops there.
	between func(Stage) error
}

// Kind says who decided.
type Kind string

// The kinds.
const (
	Decided Kind = "decided" // by whoever administers: «Supprimer le membre»
	Self    Kind = "self"    // by the person: «Quitter l’organisation»
)

// State is where a departure stands. What the work that follows has come to is Finished.
type State string

// The states.
const (
	Planned   State = "planned" // with Refused: «à confirmer»
	Cancelled State = "cancelled"
	Done      State = "done" // access is over
	Undone    State = "undone"
	Erased    State = "erased"
)

// Departure is one departure of a member. One is in force at most: planned, or done.
type Departure struct {
	Org     ident.Org
	ID      ident.Departure
	Member  ident.Member
	Account ident.Account `json:"-"`
	Name    string        // "Prénom Nom", as it was; it stays
	Kind    Kind
	State   State
	Version int64     // what a change must name
	Day     string    // the last day, ISO 8601, of a planned one; empty: it was at once
	EndsAt  time.Time // when access ends, or ended
	By      string    // name of whoever decided last
	At      time.Time // when they did
	Refused string    // code of what kept a plan from being carried out on its day: «à confirmer»
	// Finished says that the work that follows (or, undone, what comes back) is all done.
	Finished bool
	UndoTill time.Time // of a done one
	UndoneBy string
	UndoneAt time.Time
	Waiting  int64 // choices that wait for another receiver: «À transmettre»
	// Into is the membership of the same person that took its place, with all that it had (package
	// merge); zero: there is none.
	Into ident.Member

	concluded bool // the way back was given up: its person is erased
	stage     Stage
	decidedBy string // on whose authority, as package invitation writes it
	changeSet ident.ChangeSet
}

// settle fills what follows from the rest.
func (d *Departure) settle() {
	d.Finished = d.stage == StageFinished || d.stage == StageRestored
	d.UndoTill = time.Time{}
	if d.State == Done {
		d.UndoTill = d.EndsAt.Add(UndoFor)
		if d.concluded {
			d.UndoTill = d.EndsAt
		}
	}
}

// ToConfirm reports whether its day came, and it could not be carried out.
func (d *Departure) ToConfirm() bool { return d.State == Planned && d.Refused != "" }

// What is a sort of thing that somebody holds, and that another may take over.
type What string

// The sorts; beside each what Object names.
const (
	Work           What = "work"           // work items of a kind: the kind
	Resource       What = "resource"       // an agenda, messaging profile or identity of theirs: its ID
	Management     What = "management"     // an agenda or messaging profile that they alone manage: its ID
	Administration What = "administration" // what they alone administer: "organization", or the ID of a site
	Webhook        What = "webhook"        // an endpoint that they answer for: its ID
)

// Whats lists them, in the order of the page.
var Whats = []What{Administration, Work, Resource, Management, Webhook}

// Choice gives one thing to somebody.
type Choice struct {
	What   What
	Object string
	To     ident.Member
}

// Order is what is asked of a departure.
type Order struct {
	FullName string // as typed: SameName
	Day      string // the last day, ISO 8601, by the calendar of metropolitan France; empty: now
	Choices  []Choice
	Version  int64 // of the plan that this replaces; 0: there is none
}

// Fate is what becomes of a thing that nobody takes over.
type Fate string

// The fates.
const (
	Deleted   Fate = "deleted"   // tasks: hidden for UndoFor, then gone
	Detached  Fate = "detached"  // appointments: they leave the agenda, and stay in the record
	Kept      Fate = "kept"      // letters, invoices, patients, settings
	Closed    Fate = "closed"    // agendas, mailboxes and identities without their holder
	Unmanaged Fate = "unmanaged" // an agenda that nobody manages any more
	Stopped   Fate = "stopped"   // endpoints
	Required  Fate = "required"  // administration: it cannot stay without somebody (ORG-4)
)

// ChoiceState is what became of a choice.
type ChoiceState string

// The states of a choice.
const (
	NotChosen ChoiceState = ""
	Chosen    ChoiceState = "chosen"
	Given     ChoiceState = "given"
	Waits     ChoiceState = "waiting" // its receiver can no longer receive: «À transmettre»
	LeftOver  ChoiceState = "left"    // nobody took it in time: its fate
)

// Holding is one line of what somebody holds that another may take over.
type Holding struct {
	What     What
	Object   string
	Name     string        // of the resource, the site, the endpoint; empty for work and for the organisation
	Type     resource.Type // of a resource
	SiteName string        // of a resource
	Items    int64         // of work
	Late     int64         // among them
	Fate     Fate          // when nobody takes it over
	May      bool          // whoever looks may choose who does …
	Who      []string      // … else some of those who may, by name, of whom whoever looks may know
	Receivers
	To     ident.Member // chosen; zero, with no name, of one of whom whoever looks may not know (AUZ-06)
	ToName string
	State  ChoiceState
	Why    string // fault code: why it waits
	Moved  int64  // how much was given
}

// Receivers are those who may be given something, the likeliest first: same function and site,
// then the function, then the site.
type Receivers struct {
	People []Receiver
	More   bool // others may too: a search finds them (Propose)
}

// Receiver is one of them.
type Receiver struct {
	Member       ident.Member
	Title        string
	Name         string
	Email        string
	Function     string
	SameFunction bool
	SameSite     bool
}

// Ends counts what ends with the membership, and nobody takes over.
type Ends struct {
	Roles       int64 // and single permissions
	Levels      int64
	Groups      int64
	Given       int64 // delegations on their identities
	Received    int64 // delegations given to them
	Tokens      int64 // that they made for the organisation
	Invitations int64 // that they sent, and that will not open any more
	Drafts      int64
}

// Stage is one of the parts of the work, in their order.
type Stage string

// The stages. Those that follow an undoing begin with "back".
const (
	StageAccess    Stage = "access"    // everything ends, successors and endpoints included
	StageWork      Stage = "work"      // work items are given
	StageResources Stage = "resources" // agendas, mailboxes, identities are given
	StageManagers  Stage = "managers"
	StageRemains   Stage = "remains" // what stays without a receiver
	StageFinished  Stage = "finished"
	StageBack      Stage = "back" // undone: the rights, and what was handed over
	StageBackWork  Stage = "back_work"
	StageRestored  Stage = "restored"
	StagePass      Stage = "pass"  // of a membership whose place another took: its work items
	StageErase     Stage = "erase" // a block of what was hidden is deleted for good
)

// Step is one recorded part of the work.
type Step struct {
	No     int64
	Stage  Stage
	What   What // empty: of the whole stage
	Object string
	ToName string
	Items  int64  // how much was done
	Left   int64  // how much was left, for the next step or for good
	Code   string // fault code: why nothing was done
	At     time.Time

	to ident.Member
}

// May is what whoever looks may do.
type May struct {
	Start  bool // or change the plan
	Cancel bool
	Hand   bool // give what waits, or what is hidden
	Undo   bool
}

// View is a departure before, during and after.
type View struct {
	Org       ident.Org
	Member    ident.Member
	Title     string
	Name      string // to be typed
	Function  string
	Account   bool // they have one
	Status    string
	EndsAt    *time.Time // of the membership by itself, whether or not somebody decides its departure; nil: it does not
	Sites     []string   // names
	Departure *Departure // the one in force, or the last one undone; nil: none
	Holdings  []Holding
	Ends      Ends
	Steps     []Step // the latest first
	Stays     []Stay // of an undone one: what did not come back
	May       May
	Blocked   string // fault code: why nobody may start it here (member.yourself …); empty: nothing
	NoUndo    string // fault code: why it cannot be undone; empty: it can
}

// Stay is something that an undoing left as it was.
type Stay struct {
	What string // role, permission, site, level, group_member, delegation; resource, work, webhook; administration, management
	Name string
	Code string // text key: "departure.stays." + Code
	N    int64
}

// GoneQuery chooses a page of «Partis».
type GoneQuery struct {
	Search string
	Page   int // from 1
	Size   int
	After  string // cursor; Page is then ignored
}

// GoneList is one page of those who left in the last UndoDays days, the latest first.
type GoneList struct {
	Rows  []GoneRow
	Total int64
	Next  string // cursor, empty at the end
}

// GoneRow is one of them.
type GoneRow struct {
	Departure
	Title    string
	Function string
	Sites    []string // that they belonged to, as whoever looks may know of
	MayOpen  bool     // whoever looks may look at the departure
}

// Faults of this package.
var (
	ErrName       = fault.New(fault.Invalid, "departure.name")
	ErrNotFound   = fault.New(fault.NotFound, "departure.not_found")
	ErrNotPlanned = fault.New(fault.Conflict, "departure.not_planned")
	ErrAlready    = fault.New(fault.Conflict, "departure.already")
	ErrStale      = fault.New(fault.Stale, "api.version_stale")
	ErrTooLate    = fault.New(fault.Conflict, "departure.too_late")
	ErrReturned   = fault.New(fault.Conflict, "departure.returned")
	ErrAddress    = fault.New(fault.Conflict, "departure.address_taken")
	ErrNoAccount  = fault.New(fault.Conflict, "departure.account_gone")
	// ErrThemself is the refusal to take back who left by themself: they are asked (an invitation).
	ErrThemself = fault.New(fault.Conflict, "departure.left_themself")
	// ErrReturning is the refusal of a departure while the way back from the last one is not done.
	ErrReturning = fault.New(fault.Conflict, "departure.returning")
	// ErrVersion: a departure is undone by whoever says which one they read.
	ErrVersion = fault.New(fault.NoVersion, "api.version_missing")
	// ErrReplaced: whose place another membership took comes back by undoing that, and not otherwise.
	ErrReplaced = fault.New(fault.Conflict, "departure.replaced")
	ErrNothing  = fault.New(fault.Conflict, "departure.nothing_waits")
	ErrNotHeld  = fault.New(fault.Conflict, "departure.not_held")
	// ErrNoAnswer is the refusal of somebody who may not answer for endpoints.
	ErrNoAnswer = fault.New(fault.Conflict, "departure.no_answer")
	// ErrDecider: whoever planned it may not decide it any more (rules.md 13).
	ErrDecider = fault.New(fault.Conflict, "departure.decider")
	ErrQuery   = fault.New(fault.Malformed, "departure.query")
)
