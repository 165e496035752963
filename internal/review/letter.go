package review

import (
	"context"
	"maps"
	"slices"
	"time"

	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/store"
)

// The letters that reviews order; package notify writes them. A reviewer gets one for all campaigns,
// never one per person.

// OpenedLetter tells a reviewer that people wait for their review.
type OpenedLetter struct {
	Org      ident.Org
	Member   ident.Member // the reviewer
	Review   ident.Review // zero: several campaigns
	People   int
	Deadline time.Time
}

// Kind names the job.
func (OpenedLetter) Kind() string { return "letter.review_opened" }

// ReminderLetter tells a reviewer how many people wait for their review still.
type ReminderLetter struct {
	Org      ident.Org
	Member   ident.Member
	Review   ident.Review // zero: several campaigns
	People   int
	Deadline time.Time // the earliest
	Late     bool      // it is over
}

// Kind names the job.
func (ReminderLetter) Kind() string { return "letter.review_reminder" }

// tellOpened orders the letters to those who have people on their list, but whoever acts.
func tellOpened(tx *action.Tx, in ident.Org, list []Campaign, lists map[ident.Member]int, but ident.Member) {
	letter := OpenedLetter{Org: in, Deadline: list[0].Deadline}
	if len(list) == 1 {
		letter.Review = list[0].ID
	}
	for _, m := range slices.Sorted(maps.Keys(lists)) {
		if m == but || lists[m] == 0 {
			continue
		}
		letter.Member, letter.People = m, lists[m]
		tx.After(job.Order{Args: letter, Priority: job.Normal})
	}
}

// Waiting is what waits for a reviewer in the open campaigns of an organisation.
type Waiting struct {
	People   int64
	Deadline time.Time // the earliest
}

// WaitingFor reads it when a letter is written: who was reviewed meanwhile is not told any more.
func WaitingFor(ctx context.Context, tx *store.Tx, in ident.Org, reviewer ident.Member) (Waiting, error) {
	return waitingFor(ctx, tx, in, reviewer)
}
