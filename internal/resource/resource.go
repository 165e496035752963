package resource

import (
	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
)

// Type is what kind of thing rights bear on, as the API and AuthZEN name it.
type Type string

// The types, in the order of the screens.
const (
	Agenda           Type = "agenda"
	MessagingProfile Type = "messaging_profile"
	Identity         Type = "identity"
)

// Types lists them.
var Types = []Type{Agenda, MessagingProfile, Identity}

// ID names a resource of any type: an ident.Agenda, ident.Messaging or ident.Identity.
type ID string

// String gives the text of the ID.
func (id ID) String() string { return string(id) }

// IsZero reports whether the ID names nothing.
func (id ID) IsZero() bool { return id == "" }

// Type tells, by its prefix, what the ID names; empty for no ID.
func (id ID) Type() Type {
	_, t := parse(string(id))
	return t
}

// ParseID reads the ID of a resource of any type. Errors: ident.ErrMalformed.
func ParseID(s string) (ID, error) {
	id, t := parse(s)
	if t == "" {
		return "", ident.ErrMalformed
	}
	return id, nil
}

func parse(s string) (ID, Type) {
	if _, err := ident.ParseAgenda(s); err == nil {
		return ID(s), Agenda
	}
	if _, err := ident.ParseMessaging(s); err == nil {
		return ID(s), MessagingProfile
	}
	if _, err := ident.ParseIdentity(s); err == nil {
		return ID(s), Identity
	}
	return "", ""
}

// newID makes an ID of a type.
func newID(t Type) ID {
	switch t {
	case Agenda:
		return ID(ident.NewAgenda())
	case MessagingProfile:
		return ID(ident.NewMessaging())
	case Identity:
	}
	return ID(ident.NewIdentity())
}

// Kind is whose a resource is.
type Kind string

// The kinds.
const (
	OfPractitioner Kind = "practitioner"
	OfRoom         Kind = "room"
	OfService      Kind = "service"
)

// Kinds lists the kinds that a type may have, in the order of the screens: a mailbox or an
// identity is nobody's room.
func Kinds(t Type) []Kind {
	if t == Agenda {
		return []Kind{OfPractitioner, OfRoom, OfService}
	}
	return []Kind{OfPractitioner, OfService}
}

// Status of a resource.
type Status string

// The statuses.
const (
	Active Status = "active"
	Closed Status = "closed"
)

// Resource is an agenda, a messaging profile or an identity.
type Resource struct {
	Org        ident.Org
	ID         ID
	Type       Type
	Version    int64
	Site       ident.Site // zero: the whole organisation
	SiteName   string
	Kind       Kind
	Name       string       // "Dr Morvan", "Échographie"
	Detail     string       // the short line under it: "Généraliste", "Salle"
	Address    string       // of a messaging profile; may be empty
	Holder     ident.Member // zero unless Kind is OfPractitioner
	HolderName string
	Status     Status
}

// Scope is where rights on the resource are given: its site, or the organisation.
func (r Resource) Scope() access.Scope { return access.Scope{Org: r.Org, Site: r.Site} }

// Details is what is typed about a resource.
type Details struct {
	Site    ident.Site // zero: the whole organisation; an agenda has a site
	Kind    Kind
	Name    string
	Detail  string
	Address string       // of a messaging profile only
	Holder  ident.Member // of a practitioner's only
}

// Details gives what may be edited of the resource.
func (r Resource) Details() Details {
	return Details{Site: r.Site, Kind: r.Kind, Name: r.Name, Detail: r.Detail, Address: r.Address, Holder: r.Holder}
}

// Sheet is a resource with what the one who looks may do, and what closing it would end.
type Sheet struct {
	Resource
	MayEdit     bool  // and close, and reopen
	Levels      int64 // people with a level on it, now or later
	Delegations int64 // delegations on it, now or later
}

// Bounds of what people type, in code points, and of what is kept.
const (
	MaxName      = 120
	MaxDetail    = 120
	MaxResources = 5_000 // active resources of one organisation, of all types
)

// Faults of this package.
var (
	// ErrNotFound is the refusal of a resource that the organisation does not have, or
	// that the actor may not know of.
	ErrNotFound  = fault.New(fault.NotFound, "resource.not_found")
	ErrStale     = fault.New(fault.Stale, "api.version_stale")
	ErrClosed    = fault.New(fault.Conflict, "resource.closed")
	ErrNotClosed = fault.New(fault.Conflict, "resource.not_closed")
	ErrNameTaken = fault.New(fault.Conflict, "resource.name_taken")
	ErrTooMany   = fault.New(fault.Conflict, "resource.too_many")
	ErrSiteInUse = fault.New(fault.Conflict, "resource.site_in_use")
	// ErrReceiver is the refusal of somebody who cannot hold what is handed over.
	ErrReceiver = fault.New(fault.Conflict, "resource.receiver")
	// ErrHolderLeft is the refusal to open what would have a holder who is no member any more.
	ErrHolderLeft = fault.New(fault.Conflict, "resource.holder_left")
	// ErrHolderMoved is the refusal to open what would have a holder who was removed from its site.
	ErrHolderMoved = fault.New(fault.Conflict, "resource.holder_moved")
	// ErrChangedSince is why a thing stays with whoever has it: it is not as it was given.
	ErrChangedSince = fault.New(fault.Conflict, "resource.changed_since")
	ErrQuery        = fault.New(fault.Malformed, "resource.query")
)
