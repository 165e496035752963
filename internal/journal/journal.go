package journal

import (
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
)

// Journal reads the record of an organisation.
type Journal struct{ Run *action.Runner }

// Sizes of a page, and the totals up to which they are exact
// (docs/adr/0007-journal-totals.md).
const (
	DefaultPageSize = 20
	MaxPageSize     = 100
	MaxExactTotal   = 10_000
	MaxSearch       = 200 // characters
	MaxWords        = 8   // of a search; the others are ignored
)

// PageSizes are those that the list offers.
var PageSizes = []int{DefaultPageSize, 50, MaxPageSize}

// Faults of this package.
var (
	ErrNotFound = fault.New(fault.NotFound, "journal.not_found")
	ErrQuery    = fault.New(fault.Malformed, "journal.query")
)

// Query is what is asked of the journal. The zero value asks for everything.
type Query struct {
	Actor   string       // who did it: an account or a token
	Person  ident.Member // who did it, or whom it is about
	Subject ident.Member // whom it is about
	Object  string       // what was acted upon
	Verbs   []string     // one of these
	Kind    Kind         // a family of verbs
	Site    ident.Site
	Outcome string // audit.Done or audit.Refused
	From    Day    // the first day, in Europe/Paris
	Until   Day    // the last day
	Search  string // words of names and addresses
	After   string // the cursor of a page: List.Next or List.Previous
	Size    int    // DefaultPageSize when 0
}

// List is one page, newest first.
type List struct {
	Events         []Event
	First          int64 // place of the first one in the whole list, from 1
	Total          int64 // exact up to MaxExactTotal
	More           bool  // there are more than Total
	Next, Previous string
}
