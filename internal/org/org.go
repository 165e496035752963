package org

import (
	"time"

	"habilis/internal/fault"
	"habilis/internal/ident"
)

// Kind is what sort of organisation it is (product.md, "Words").
type Kind string

// The kinds of organisations.
const (
	Practice Kind = "practice"
	Clinic   Kind = "clinic"
	Hospital Kind = "hospital"
	CPTS     Kind = "cpts"
	Other    Kind = "other"
)

// Kinds lists the kinds in the order of the screens.
var Kinds = []Kind{Practice, Clinic, Hospital, CPTS, Other}

// Status is whether an organisation may be used.
type Status string

// The statuses of an organisation and of a site.
const (
	Active    Status = "active"
	Suspended Status = "suspended"
	Closed    Status = "closed" // of a site
)

// Enamels are the colours of plaque that an organisation may choose (DESIGN.md 5).
// The first is the one of an organisation that did not choose.
var Enamels = []string{"email", "pin", "prune", "ardoise", "brique", "canard"}

// Bounds of what people type, in code points, and of what is kept.
const (
	MaxName   = 120 // of an organisation or site
	MaxStreet = 200
	MaxCity   = 100
	MaxSlug   = 40
	MinSlug   = 2
	MaxReason = 300 // of a suspension
	MaxSites  = 500 // sites of one organisation
	MaxSearch = 200 // of what is looked for
)

// Bounds of a page of the platform's list.
const (
	DefaultPageSize = 20
	MaxPageSize     = 100
)

// Org is an organisation: the customer.
type Org struct {
	ID        ident.Org
	Slug      string
	Name      string
	Kind      Kind
	Status    Status
	Enamel    string
	Features  Features
	Rev       int64 // the version that a change must name
	CreatedAt time.Time
	// Sites are the active sites, and Members the members neither deactivated nor
	// gone, that the one who looks may know of (AUZ-06).
	Sites   int64
	Members int64
}

// Site is a place inside an organisation («établissement»).
type Site struct {
	Org    ident.Org
	ID     ident.Site
	Rev    int64
	Status Status
	SiteDetails
	CreatedAt time.Time
}

// SiteDetails is what an administrator types about a site.
type SiteDetails struct {
	Name       string
	FINESS     string // nine digits or letters, optional
	Street     string
	PostalCode string
	City       string
	Phone      string // E.164, optional
}

// Details is what may be changed about an organisation.
type Details struct {
	Name   string
	Kind   Kind
	Enamel string
}

// Faults of this package.
var (
	ErrNoSuchSite     = fault.New(fault.NotFound, "site.not_found")
	ErrStale          = fault.New(fault.Stale, "api.version_stale")
	ErrSlugTaken      = fault.New(fault.Conflict, "org.slug_taken")
	ErrAlreadyHeld    = fault.New(fault.Conflict, "org.status_unchanged")
	ErrSiteNotClosing = fault.New(fault.Conflict, "site.in_use")
	// ErrLeaving refuses to open what is being removed (AUD-4).
	ErrLeaving      = fault.New(fault.Conflict, "org.leaving")
	ErrTooManySites = fault.New(fault.Conflict, "site.too_many")
)
