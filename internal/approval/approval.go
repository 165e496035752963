package approval

import (
	"slices"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/text"
)

// Life is how long an account made by the support waits for a decision.
const Life = 30 * day

const day = 24 * time.Hour

// firstVersion is that of a member just proposed.
const firstVersion int64 = 1

// Bounds of what is asked and answered.
const (
	MaxTicket  = 200       // code points of the reason, or of the number of the request
	MaxReason  = 300       // code points of the message to the person
	MaxAccess  = 366 * day // of an access that ends by itself
	MaxWaiting = 200       // that wait in one organisation
	MaxListed  = 500       // of one list; the latest come first
)

// Status is where a proposed account stands.
type Status string

// The statuses.
const (
	Waiting    Status = "waiting"
	Authorized Status = "authorized"
	Refused    Status = "refused"
	Expired    Status = "expired" // nobody decided in time
)

// Statuses lists them.
var Statuses = []Status{Waiting, Authorized, Refused, Expired}

// Decision is what somebody of the organisation decides.
type Decision string

// The decisions.
const (
	Authorize Decision = "authorize"
	Refuse    Decision = "refuse"
)

// Decisions are both of them.
var Decisions = []Decision{Authorize, Refuse}

// Approval is an account that the support made for an organisation.
type Approval struct {
	Org       ident.Org
	Member    ident.Member
	Name      string // of the person, as last known
	Email     string
	Status    Status
	Ticket    string // why: in words, or the number of a request
	Language  text.Lang
	Sites     []ident.Site // that were asked for
	CreatedBy string       // name
	CreatedAt time.Time
	ExpiresAt time.Time
	EndsAt    *time.Time // of the access; nil: it does not end
	DecidedBy string     // name
	DecidedAt time.Time  // store.Never before
	Reason    string     // told to the person
	Version   int64      // of the member: what a decision is made of
	MayDecide bool       // the one who looks could decide

	creator    ident.Account // who made it, or who made the token that did
	creatorRef string
	deciderRef string
}

// over: nobody decided in time.
func (a Approval) over(now time.Time) bool { return a.Status == Waiting && !now.Before(a.ExpiresAt) }

// seenWith reports whether whoever holds h may know of a: approvals.decide for the
// organisation, or at every site that was asked for.
func (a Approval) seenWith(h access.Held) bool {
	if h.Has(access.ApprovalsDecide, access.OrgScope(a.Org)) {
		return true
	}
	return len(a.Sites) > 0 && !slices.ContainsFunc(a.Sites, func(s ident.Site) bool {
		return !h.Has(access.ApprovalsDecide, access.SiteScope(a.Org, s))
	})
}

func joinSites(sites []ident.Site) string {
	ids := make([]string, len(sites))
	for n, s := range sites {
		ids[n] = s.String()
	}
	return strings.Join(ids, " ")
}

func splitSites(s string) []ident.Site {
	var sites []ident.Site
	for id := range strings.FieldsSeq(s) {
		sites = append(sites, ident.Site(id))
	}
	return sites
}

// Faults of this package.
var (
	ErrNotFound = fault.New(fault.NotFound, "approval.not_found")
	ErrDecided  = fault.New(fault.Conflict, "approval.decided")
	ErrExpired  = fault.New(fault.Conflict, "approval.expired")
	ErrOwn      = fault.New(fault.Forbidden, "approval.own") // INV-14
	ErrChanged  = fault.New(fault.Conflict, "approval.changed")
	ErrOver     = fault.New(fault.Conflict, "approval.over") // the access would have ended by now
	ErrTooMany  = fault.New(fault.Conflict, "approval.too_many")
)

// Approvals is the register of accounts made by the support.
type Approvals struct {
	Run   *action.Runner
	Enrol enrolment.Enrolments
}
