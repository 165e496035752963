package grant

import (
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/resource"
)

// Delegations is the register of what members may do in the name of identities (RGT-6).
type Delegations struct{ Run *action.Runner }

// Act is what is done in the name of an identity.
type Act string

// The acts.
const (
	Send    Act = "send"    // documents
	Receive Act = "receive" // documents
	Draft   Act = "draft_consultation"
)

// Acts lists them, in the order of the screens.
var Acts = []Act{Send, Receive, Draft}

// DelegationState is where a delegation stands.
type DelegationState string

// The states, as they are seen. Kept are proposed and active alone: the rest is time.
const (
	Proposed DelegationState = "proposed" // waits for the holder of the identity
	Upcoming DelegationState = "upcoming" // given, and begins later
	InForce  DelegationState = "in_force"
	Ended    DelegationState = "ended"

	active DelegationState = "active" // kept: given, or confirmed
)

// DelegationStates lists those that are seen.
var DelegationStates = []DelegationState{Proposed, Upcoming, InForce, Ended}

// Idle says why a delegation in force has no effect for now.
type Idle string

// The reasons; the zero value: it has its effect.
const (
	IdentityClosed Idle = "identity_closed"
	HolderAway     Idle = "holder_away"   // deactivated, without an account, outside their dates
	DelegateAway   Idle = "delegate_away" // the same
	HolderChanged  Idle = "holder_changed"
)

// Delegation is one act that a member may do in the name of an identity.
type Delegation struct {
	Org      ident.Org
	ID       ident.Delegation
	Rev      int64 // what a change must name (If-Match)
	Act      Act
	State    DelegationState // as seen when it was read
	Idle     Idle
	From     time.Time
	Until    *time.Time // nil: without an end
	EndedAt  *time.Time // of an ended one: when it did
	GivenBy  string     // the name of who gave or proposed it; empty for the operator
	GivenAt  time.Time
	Member   ident.Member // the delegate
	Name     string       // theirs: "Julie Delmas"
	Function string
	Identity Identity
	May      DelegationMay // what the one who looks may do with it

	giver     string // who gave it, by ID
	offered   bool   // kept as proposed
	holderAcc ident.Account
	present   bool // the delegate is in force
	attending bool // the holder is, or there is none
	sortKeys  [2]string
}

// see tells what a row is at the time now; known is when it was closed, if it was.
func (d *Delegation) see(known *time.Time, now time.Time) {
	d.offered = d.State == Proposed
	over := d.Until != nil && !d.Until.After(now)
	switch {
	case over && (known == nil || d.Until.Before(*known)):
		d.State, d.EndedAt = Ended, d.Until
	case known != nil:
		d.State, d.EndedAt = Ended, known
	case d.offered:
	case d.From.After(now):
		d.State = Upcoming
	default:
		d.State = InForce
	}
	d.Idle = d.idle()
}

func (d *Delegation) idle() Idle {
	switch {
	case d.State == Ended:
	case d.Identity.Closed:
		return IdentityClosed
	case !d.attending:
		return HolderAway
	case !d.present:
		return DelegateAway
	case d.Act == Draft && !d.offered && d.giver != d.holderAcc.String():
		return HolderChanged
	}
	return ""
}

// Identity is in whose name things are done.
type Identity struct {
	ID         resource.ID
	Name       string // "Dr Morvan", "Secrétariat"
	Detail     string
	Kind       resource.Kind
	Closed     bool
	Site       ident.Site // zero: the whole organisation
	SiteName   string
	Holder     ident.Member // zero for a service's
	HolderName string
}

// Scope is where rights on the identity are given.
func (i Identity) Scope(org ident.Org) access.Scope { return access.Scope{Org: org, Site: i.Site} }

// Delegate is a member who may be given a delegation.
type Delegate struct {
	ID       ident.Member
	Name     string
	Function string

	account ident.Account
	waits   bool // for a decision of the organisation (APP-1)
}

// DelegationMay says what would succeed; only the fresh proof of the person is left to ask.
type DelegationMay struct{ Edit, End, Confirm, Refuse bool }

// NewDelegations is a delegation of several acts on several identities to one member.
type NewDelegations struct {
	Identities []resource.ID
	Member     ident.Member
	Acts       []Act
	From       *time.Time // nil: now
	Until      *time.Time // nil: without an end
	// InMyName limits it to what the actor gives in their own name: to draft, on
	// identities that they hold (MEM-6).
	InMyName bool
}

// Dates is when a delegation holds, as somebody wants it. A nil From leaves the
// beginning as it is; a nil Until is no end.
type Dates struct {
	From  *time.Time
	Until *time.Time
}

// DelegationQuery chooses among the delegations of an organisation.
type DelegationQuery struct {
	Member   ident.Member // the delegate
	Identity resource.ID
	Holder   ident.Member
	Act      Act
	State    DelegationState // all but the ended ones when empty
	Search   string          // words of the names of the delegate or of the identity
	Page     int             // from 1, for the web
	Size     int
	After    string // cursor, for the API; Page is then ignored
}

// DelegationPage is a page of delegations, by the name of the delegate.
type DelegationPage struct {
	List  []Delegation
	Total int64
	Next  string // cursor, empty at the end
}

// Bounds of what is asked.
const (
	MaxDelegated    = 200 // identities of one act
	DelegationsPage = 50
	MaxDelegations  = 500 // of one page, and of what concerns one person
	MaxChoices      = 200 // members or identities offered at once
	maxWanted       = 200 // code points of a search
	maxDelegation   = 10  // years until which a delegation may be dated: beyond is a slip of the keyboard
)

// The acts, as the trail names them.
const (
	verbDelegationGive    = "delegation.give"
	verbDelegationPropose = "delegation.propose"
	verbDelegationEdit    = "delegation.edit"
	verbDelegationConfirm = "delegation.confirm"
	verbDelegationRefuse  = "delegation.refuse"
	verbDelegationEnd     = "delegation.end"
	verbDelegationPreview = "delegation.preview"
	verbDelegationList    = "delegation.list"
	verbDelegationRead    = "delegation.read"
	verbDelegationFind    = "delegation.find"
	verbDelegationMine    = "delegation.mine"
)

// Faults of delegations.
var (
	ErrNoDelegation    = fault.New(fault.NotFound, "delegation.not_found")
	ErrDelegationStale = fault.New(fault.Stale, "api.version_stale")
	ErrNotHolder       = fault.New(fault.Forbidden, "delegation.not_holder")
	ErrNotDelegable    = fault.New(fault.Forbidden, "delegation.not_grantable")
	ErrDelegationOver  = fault.New(fault.Conflict, "delegation.over")
	ErrNotProposed     = fault.New(fault.Conflict, "delegation.not_proposed")
	ErrNoIdentity      = fault.New(fault.Conflict, "delegation.identity_closed")
	ErrDelegationQuery = fault.New(fault.Malformed, "delegation.query")
)
