package review

import (
	"time"

	"habilis/internal/action"
	"habilis/internal/changeset"
	"habilis/internal/departure"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
)

// Bounds.
const (
	DefaultPage  = 20
	MaxPageSize  = 100
	MaxPage      = 1_000_000
	MaxTogether  = 100 // decisions of one request
	MaxComment   = 1_000
	MaxFunction  = 200
	MaxTyped     = 400
	MaxPeople    = 20_000 // of one campaign
	MaxLines     = 2_000  // rights of one person that a campaign shows
	MaxCampaigns = 200    // that are open at once in an organisation
	LongUnused   = 90 * 24 * time.Hour
	Quarter      = 90 * 24 * time.Hour // who signed in within it may be kept together
	maxDaysToDo  = 366
	maxListed    = 500 // of those whom something becomes of, on the page of the end
)

// Reviews is the register of campaigns.
type Reviews struct {
	Run        *action.Runner
	Departures departure.Departures
	Members    member.Members
	// Installation is the address of the server, which the file of public keys names.
	Installation string
	// between, of tests, is called after each transaction of the work; an error stops there.
	between func(Stage) error
}

// State is where a campaign stands.
type State string

// The states.
const (
	Open    State = "open"
	Closing State = "closing" // its end was decided: what follows of it is being done
	Ended   State = "ended"   // all is done, the file is there
)

// Scope says whom a campaign is about: everybody of the organisation, of a site, of a function.
type Scope struct {
	Site     ident.Site // zero: of whatever site
	Function string     // empty: of whatever function
}

// Campaign is one access review.
type Campaign struct {
	Org ident.Org
	ID  ident.Review
	Scope

	SiteName  string
	State     State
	Version   int64 // what Assign and End must name (If-Match)
	Scheduled bool  // opened by the timetable
	OpenedAt  time.Time
	OpenedBy  string // name; empty: the timetable
	Deadline  time.Time
	EndedAt   time.Time // zero while it is open
	EndedBy   string
	Forced    bool // ended with people who were not reviewed
	HasFile   bool
	Counts    Counts
	May       May

	openedBy, endedBy string // on whose authority, as package invitation writes it
	reminded          int64
	finishedAt        time.Time
}

// Late reports whether its deadline is over, and it is not ended.
func (c *Campaign) Late(now time.Time) bool { return c.State == Open && !c.Deadline.After(now) }

// Counts says how far a campaign is, of the people of whom whoever looks may know.
type Counts struct {
	People    int64
	Decided   int64 // kept, reduced or removed, and not changed since
	Undecided int64 // to be reviewed still
	Mine      int64 // undecided, and on the list of whoever looks
	Nobody    int64 // whom nobody else may review: they are among the undecided
	Kept      int64
	Reduced   int64
	Removed   int64
	ToDo      int64 // after the end: what is left to do by hand
}

// May is what whoever looks may do with a campaign.
type May struct {
	Decide bool // of somebody at least
	Assign bool
	End    bool
	File   bool
}

// Choice is a decision: there is none by default.
type Choice string

// The choices: «Garder», «Réduire», «Retirer».
const (
	Undecided Choice = ""
	Keep      Choice = "keep"
	Reduce    Choice = "reduce"
	Remove    Choice = "remove"
)

// Leave is what whoever is taken away leaves. In a campaign of a site it is that site, or the
// organisation when it is their only one.
type Leave string

// What they leave.
const (
	LeaveNothing      Leave = ""
	LeaveSite         Leave = "site"
	LeaveOrganization Leave = "organization"
)

// Change says what became of a right since the campaign was opened.
type Change string

// The changes.
const (
	Same    Change = ""
	New     Change = "new"     // was given since
	Gone    Change = "gone"    // is there no more: it is shown, and cannot be taken away
	Altered Change = "altered" // another level, other dates
)

// Line is one right of a person, with its source.
type Line struct {
	Key       string           // what Reduce names, opaque
	Domain    changeset.Domain // role, permission, level, delegation, group_member; or Holds
	Object    string           // ID of the role, resource or group; code of a permission
	Name      string           // of the role, permission (its code), resource or group; empty: it is gone
	BuiltIn   string           // code of a built-in role, whose name is in the catalogue (role.<code>)
	Type      string           // of a resource: agenda, messaging_profile, identity
	Level     string           // of a resource; the act of a delegation
	Scope     string           // "organization", or the ID of the site where it holds
	SiteName  string
	Sensitive bool
	// Administers: it is a right of administration.
	Administers bool
	GivenBy     string // name; empty: not known any more, or the server itself
	GivenAt     time.Time
	From        time.Time
	Until       *time.Time
	LastUse     time.Time // zero: none known (Person.UsesSince says since when uses are known)
	UseWide     bool      // of a site: that use is known of the whole organisation only
	Wide        bool      // of a site: it holds in the whole organisation, and bears on the site too
	// Fixed: it cannot be taken away line by line: what somebody holds is handed over; what holds in the
	// whole organisation is not for who reviews a site.
	Fixed   bool
	Change  Change
	Dropped bool // the decision takes it away
}

// Holds is the domain of what somebody holds themself: their agenda, their mailbox, their identity.
const Holds changeset.Domain = "holds"

// Person is somebody to review.
type Person struct {
	Member      ident.Member
	Version     string // what Decide must name; it changes with the decision and with their rights
	Title       string
	Name        string // «Personne effacée» is for the door to say when it is empty
	Email       string
	Function    string
	Status      member.Status
	Sites       []string // names, those of which whoever looks may know
	Gone        bool     // they are no member any more
	CreatedAt   time.Time
	LastSignIn  time.Time // into this organisation; zero: never
	LastUse     time.Time // of any right; zero: none known
	UseWide     bool      // of a site: that use is known of the whole organisation only
	UsesSince   time.Time // since when uses are noted
	Unused      bool      // never signed in, or not for LongUnused
	Sensitive   bool      // holds a sensitive right: reviewed one by one
	Administers bool      // holds a right of administration
	Rights      []Line

	Reviewer     ident.Member // zero: nobody
	ReviewerName string
	Mine         bool   // on the list of whoever looks
	Barred       string // fault code: why whoever looks may not decide of them; empty: they may
	Nobody       bool   // nobody else may review them: it is told so
	Together     bool   // may be kept with others at once (KeepTogether)
	Choice       Choice
	Comment      string
	DecidedBy    string // name
	DecidedAt    time.Time
	Leaves       Leave // of Remove: what was decided that they leave
	Leaving      Leave // what they would leave now, if they were taken away
	// Changed: their rights, or what they would leave, are not those that were decided upon: to be judged again.
	Changed bool
	// After the end: what became of the decision.
	Outcome   Outcome
	Code      string          // fault code: why it is left to do
	ChangeSet ident.ChangeSet // of a reduction
	DoneAt    time.Time
}

// Outcome is what became of a decision after the end.
type Outcome string

// The outcomes.
const (
	Pending     Outcome = ""             // not done yet
	AsItWas     Outcome = "kept"         // nothing was to be done
	Taken       Outcome = "reduced"      // rights were taken away, as a change set
	Left        Outcome = "departed"     // they left the organisation, or the site
	AlreadyGone Outcome = "already"      // what was to be done was so already
	ToDo        Outcome = "to_do"        // it could not be done by itself: «Reste à faire», with Code
	NotReviewed Outcome = "not_reviewed" // nobody decided
)

// Filter chooses people.
type Filter string

// The filters.
const (
	All        Filter = ""
	FUndecided Filter = "undecided"
	FMine      Filter = "mine" // undecided, on the list of whoever looks
	FDecided   Filter = "decided"
	FKeep      Filter = "keep"
	FReduce    Filter = "reduce"
	FRemove    Filter = "remove"
	FNobody    Filter = "nobody"
	FChanged   Filter = "changed" // decided, and to be judged again
	FToDo      Filter = "to_do"
)

// Filters are all of them.
var Filters = []Filter{All, FUndecided, FMine, FDecided, FKeep, FReduce, FRemove, FNobody, FChanged, FToDo}

// PeopleQuery chooses a page of people, in the order of the campaign: never or long unused first,
// then administrators, then the rest.
type PeopleQuery struct {
	Filter Filter
	Search string
	Page   int // from 1
	Size   int
	After  string // cursor; Page is then ignored
}

// People is one page.
type People struct {
	Campaign Campaign
	Rows     []Person
	Total    int64
	Next     string // cursor, empty at the end
}

// Query chooses a page of campaigns.
type Query struct {
	State State // empty: all
	Page  int
	Size  int
	After string
}

// List is one page of campaigns, the latest first.
type List struct {
	Rows  []Campaign
	Total int64
	Next  string
	// NextDue is when the timetable opens the next one, at the earliest; zero: it does not.
	NextDue time.Time
	// MayOpen are the sites for which whoever looks may open one; MayOpenAll: for all of it.
	MayOpen    []member.SiteRef
	MayOpenAll bool
	Functions  []string // that are in use, of whom whoever looks may know
}

// Order is what is asked of a new campaign.
type Order struct {
	Scope

	Days int // until its deadline; 0: as the organisation has set
}

// Decision is what is decided of one person.
type Decision struct {
	Member  ident.Member
	Choice  Choice
	Drop    []string // keys of lines, of Reduce
	Comment string   // asked for Reduce and Remove
	Version string   // that was read
	// Group: it is kept with others of whom nothing was decided, though each is sent by itself. The same
	// is asked as of several: over what was decided of them it is refused.
	Group bool
}

// Assignment gives people to a reviewer.
type Assignment struct {
	To ident.Member
	// Members are those who pass to them; none: all who are undecided, but those whom they may not
	// review.
	Members []ident.Member
	From    ident.Member // of all who are undecided: only those on this one's list
	Version int64        // of the campaign
}

// Reviewer is somebody who may review, with what is theirs to do.
type Reviewer struct {
	Member    ident.Member
	Name      string
	People    int64 // on their list
	Undecided int64
	Able      bool // they still may; else their list waits for somebody
}

// Ending is what would follow of the end of a campaign.
type Ending struct {
	Campaign      Campaign
	Version       int64    // of what would follow: another decision, another reviewer make it another one
	OrgName       string   // to be typed, to end it with people who were not reviewed
	Kept          int64    // whose rights stay as they are
	People        []Effect // whom something becomes of: those reduced, then those removed
	More          int64    // of them that are not listed
	Undecided     []Effect // who would be written as not reviewed, with Code: nobody, or changed since
	MoreUndecided int64
}

// Effect is what would become of somebody, or became.
type Effect struct {
	Member  ident.Member
	Name    string
	Choice  Choice
	Lines   []Line // that go, of Reduce; all of them, of Remove
	Leaves  bool   // they leave the organisation; else the site of the campaign
	Code    string // fault code: why it will be left to do, as it looks now; empty: it will be done
	Holds   int    // how many things they hold, which must be handed over first
	Outcome Outcome
}

// EndOrder is what is asked of an end.
type EndOrder struct {
	Version int64 // of the Ending that was read
	// OrgName, as typed, ends it with people who were not reviewed (departure.SameName).
	OrgName string
}

// Stage is one of the parts of the work, for tests.
type Stage string

// The stages.
const (
	StagePerson Stage = "person"
	StageFile   Stage = "file"
)

// File is what a campaign leaves: a zip with the signed file, its signature, the same to be printed,
// its signature, and the public keys.
type File struct {
	Name  string // "revue-2026-11-22.zip"
	Bytes []byte
}

// Faults of this package.
var (
	ErrNotFound  = fault.New(fault.NotFound, "review.not_found")
	ErrPerson    = fault.New(fault.NotFound, "review.person_not_found")
	ErrStale     = fault.New(fault.Stale, "api.version_stale")
	ErrVersion   = fault.New(fault.NoVersion, "api.version_missing")
	ErrOpen      = fault.New(fault.Conflict, "review.already_open")
	ErrNobody    = fault.New(fault.Conflict, "review.empty")
	ErrTooMany   = fault.New(fault.Conflict, "review.too_many")
	ErrNotOpen   = fault.New(fault.Conflict, "review.not_open")
	ErrYourself  = fault.New(fault.Forbidden, "review.yourself")
	ErrReviewer  = fault.New(fault.Conflict, "review.reviewer")
	ErrOneByOne  = fault.New(fault.Conflict, "review.one_by_one")
	ErrChanged   = fault.New(fault.Stale, "review.changed")
	ErrUndecided = fault.New(fault.Conflict, "review.undecided")
	ErrNoFile    = fault.New(fault.Conflict, "review.no_file")
	ErrQuery     = fault.New(fault.Malformed, "review.query")
)
