package workitem

import (
	"time"

	"habilis/internal/store"
)

// Kind is what an item is (OFF-5).
type Kind string

// The kinds.
const (
	Task        Kind = "task"
	Appointment Kind = "appointment"
	Letter      Kind = "letter"
	Invoice     Kind = "invoice"
	Patient     Kind = "patient"
	Setting     Kind = "setting"
)

// Kinds lists them, in the order in which people read them.
var Kinds = []Kind{Task, Appointment, Letter, Invoice, Patient, Setting}

// Leaving is what becomes of an item that its owner still holds when they leave (OFF-3).
type Leaving string

// What may become of it.
const (
	Deleted Leaving = "deleted"
	Aside   Leaving = "detached" // leaves the agenda, stays in the patient's record
	Kept    Leaving = "kept"
)

// Rule is what a kind of item follows.
type Rule struct {
	Leaving Leaving
	// Timed: the date is when it takes place, and is required; once passed, the item is
	// held no longer.
	Timed bool
	// Expires: an item whose date has passed is late.
	Expires bool
	// Practitioner: only somebody who receives patients may be given it.
	Practitioner bool
}

var rules = map[Kind]Rule{
	Task:        {Leaving: Deleted, Expires: true},
	Appointment: {Leaving: Aside, Timed: true, Practitioner: true},
	Letter:      {Leaving: Kept, Expires: true},
	Invoice:     {Leaving: Kept, Expires: true},
	Patient:     {Leaving: Kept, Practitioner: true},
	Setting:     {Leaving: Kept},
}

// Rule gives the rule of a kind; ok is false for what is none.
func (k Kind) Rule() (r Rule, ok bool) {
	r, ok = rules[k]
	return r, ok
}

// since is from which date on items of the kind are held.
func (k Kind) since(now time.Time) time.Time {
	if rules[k].Timed {
		return now
	}
	return store.Never
}
