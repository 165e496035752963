package webhook

import (
	"time"

	"habilis/internal/action"
	"habilis/internal/event"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/limit"
	"habilis/internal/outbound"
	"habilis/internal/secret"
)

// Bounds.
const (
	MaxName    = 80  // code points
	MaxURL     = 500 // bytes
	MaxPerOrg  = 20
	Overlap    = 24 * time.Hour // how long the secret before stays good
	saidBytes  = 200            // kept of what a receiver says that is no success
	secretSize = 32             // bytes

	// PerHost bounds the connections to one server: endpoints of several organisations may
	// stand on one, and must not wait for each other.
	PerHost = 64
)

// Schedule is how long after each failure a delivery is tried again, with some chance in it
// (rules.md 18), the last of them again and again. What failed for GiveUpAfter is given up; it
// can be replayed.
var Schedule = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour,
	20 * time.Hour, 24 * time.Hour, 24 * time.Hour, 24 * time.Hour,
}

// GiveUpAfter is how long one delivery may fail before it is given up, and an endpoint at
// everything before it is stopped.
const (
	GiveUpDays  = 5
	GiveUpAfter = GiveUpDays * 24 * time.Hour
)

// tests of one endpoint.
var tests = limit.Counter{Name: "webhook_test", Window: time.Minute, Max: 10}

// Status says whether something is sent.
type Status string

// The statuses.
const (
	Active  Status = "active"
	Stopped Status = "stopped"
)

// Why says what stopped an endpoint.
type Why string

// The reasons.
const (
	ByPerson   Why = "person"
	ByFailures Why = "failures" // everything failed for GiveUpAfter
	ByOwner    Why = "owner"    // its owner may no longer edit endpoints
	ByReset    Why = "reset"    // its owner's password was lost: somebody else may have made or changed it
	ByRestore  Why = "restore"  // a backup was put back: it may have been removed since
)

// Webhook is an endpoint: where an organisation has its events sent.
type Webhook struct {
	ID           ident.Webhook
	Org          ident.Org
	Name         string
	URL          string
	Kinds        []event.Kind
	Status       Status
	Why          Why
	Owner        ident.Account // the zero value: made on the machine itself
	OwnerName    string
	FailingSince *time.Time
	SecretUntil  *time.Time // while the secret before is good
	ReadTo       int64
	Version      int64
	CreatedAt    time.Time
	ChangedAt    time.Time
}

// Made is an endpoint with its secret, which is empty when the answer is replayed.
type Made struct {
	Webhook Webhook
	Secret  secret.Text `json:"-"`
	Mark    string      // tells the answer of this request from that of one before
}

// Details are what is chosen of an endpoint.
type Details struct {
	Name  string
	URL   string
	Kinds []event.Kind
}

// Faults of this package.
var (
	ErrNotFound   = fault.New(fault.NotFound, "webhook.not_found")
	ErrNoDelivery = fault.New(fault.NotFound, "webhook.delivery_not_found")
	ErrTooMany    = fault.New(fault.Conflict, "webhook.too_many").With("Max", MaxPerOrg)
	ErrShownOnce  = fault.New(fault.Conflict, "webhook.shown_once")
	ErrStopped    = fault.New(fault.Conflict, "webhook.stopped")
	ErrStale      = fault.New(fault.Stale, "api.version_stale")
)

// AnyVersion stands for whichever version is there.
const AnyVersion = 0

// Webhooks is the register of endpoints.
type Webhooks struct {
	Run *action.Runner
	// Client sends; nil on a machine that serves nobody, where addresses are only checked.
	Client *outbound.Client
	// Base is the address of the API, the beginning of each event's source.
	Base string
}

// source is where the events of an organisation come from.
func (w Webhooks) source(org ident.Org) string { return Source(w.Base, org) }

// Source is the address of an organisation in the API: the source of its events.
func Source(base string, org ident.Org) string { return base + "/api/v1/organizations/" + org.String() }
