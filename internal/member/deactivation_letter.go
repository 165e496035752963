package member

import (
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/job"
)

// PlannedLetter tells a person that their access ends at the end of a day, ISO 8601, and whom
// to ask. It has nothing to say once the plan is another.
type PlannedLetter struct {
	Org    ident.Org
	Member ident.Member
	By     string
	Day    string
}

// Kind names the job.
func (PlannedLetter) Kind() string { return "letter.deactivation_planned" }

// UnplannedLetter tells a person that their access does not end on the day that was planned.
type UnplannedLetter struct {
	Org    ident.Org
	Member ident.Member
	By     string
	Day    string
}

// Kind names the job.
func (UnplannedLetter) Kind() string { return "letter.deactivation_cancelled" }

// HeldLetter tells the administrators of the organisation that a planned deactivation was not
// done on its day: Code is the rule that refused it, By who had planned it.
type HeldLetter struct {
	Org    ident.Org
	Member ident.Member
	Name   string
	Day    string
	By     string
	Code   string
}

// Kind names the job.
func (HeldLetter) Kind() string { return "letter.deactivation_held" }

// tellAdministrators orders a letter to the administrators of the organisation.
func tellAdministrators(tx *action.Tx, letter job.Args) {
	tx.After(job.Order{Args: letter, Priority: job.Normal})
}
