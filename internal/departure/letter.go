package departure

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/store"
)

// The letters that departures order; package notify writes them. By is the name of whoever decided.

// PlannedLetter tells a person that their membership ends after a day.
type PlannedLetter struct {
	Org    ident.Org
	Member ident.Member
	By     string
	Day    string // ISO 8601
}

// Kind names the job.
func (PlannedLetter) Kind() string { return "letter.departure_planned" }

// CancelledLetter tells them that it does not.
type CancelledLetter struct {
	Org    ident.Org
	Member ident.Member
	By     string
	Day    string
}

// Kind names the job.
func (CancelledLetter) Kind() string { return "letter.departure_cancelled" }

// DoneLetter tells a person that their membership has ended. They are a member no more: their
// account is here.
type DoneLetter struct {
	Org     ident.Org
	Account ident.Account
	By      string
}

// Kind names the job.
func (DoneLetter) Kind() string { return "letter.departure_done" }

// HeldLetter tells the administrators that a plan could not be carried out on its day, and waits
// for somebody to confirm it.
type HeldLetter struct {
	Org    ident.Org
	Member ident.Member
	Name   string
	Day    string
	Code   string // of the refusal
}

// Kind names the job.
func (HeldLetter) Kind() string { return "letter.departure_held" }

// WaitingLetter tells the administrators that something of somebody who left waits for a receiver.
type WaitingLetter struct {
	Org    ident.Org
	Member ident.Member
	Sites  []ident.Site // that they belonged to
	Name   string
	Count  int64
	Until  time.Time // from then on what waits has the fate of what nobody takes over
}

// Kind names the job.
func (WaitingLetter) Kind() string { return "letter.departure_waiting" }

// NewsLetter tells those who want to know it that somebody's departure is planned, or done. Sites are
// theirs: who they were can be read no more.
type NewsLetter struct {
	Org    ident.Org
	Member ident.Member
	Sites  []ident.Site
	Name   string
	Day    string // of a plan; empty: it is done
	By     string
}

// Kind names the job.
func (NewsLetter) Kind() string { return "letter.departure_news" }

// UndoneLetter tells a person that they are a member again.
type UndoneLetter struct {
	Org    ident.Org
	Member ident.Member
	By     string
}

// Kind names the job.
func (UndoneLetter) Kind() string { return "letter.departure_undone" }

// PlannedOf reads the plan of a member, for the letters that tell of it.
func PlannedOf(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member) (Departure, bool, error) {
	d, found, err := inForce(ctx, tx, org, of)
	return d, found && d.State == Planned, err
}
