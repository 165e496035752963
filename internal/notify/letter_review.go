package notify

import (
	"context"
	"time"

	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/review"
	"habilis/internal/store"
	"habilis/internal/text"
)

// The letters of access reviews (AUD-3): to a reviewer, one for all that waits for them.
const (
	KindReviewOpened   Kind = "review_opened"
	KindReviewReminder Kind = "review_reminder"
	KindReviewLate     Kind = "review_late"
)

var reviewKinds = []Kind{KindReviewOpened, KindReviewReminder, KindReviewLate}

// ReviewFacts are what is said of the people who wait for a reviewer.
type ReviewFacts struct {
	Org     Org
	People  int64
	Day     time.Time // the earliest deadline
	Late    bool
	Contact Contact
}

func writeReview(kind Kind, to Recipient, f ReviewFacts) (Letter, error) {
	last := f.Day.Add(-time.Second).In(text.Zone) // a deadline is the end of a day
	w := write(kind, to, &f.Org, map[string]any{varCount: f.People, "Day": text.For(to.Lang).Date(last)})
	w.say("intro", "what_to_do")
	w.openYourself()
	return w.end("reviews", f.Contact)
}

// WriteReviewOpened tells a reviewer that people wait for their review.
func WriteReviewOpened(to Recipient, f ReviewFacts) (Letter, error) {
	return writeReview(KindReviewOpened, to, f)
}

// WriteReviewReminder reminds a reviewer of those who wait still.
func WriteReviewReminder(to Recipient, f ReviewFacts) (Letter, error) {
	if f.Late {
		return writeReview(KindReviewLate, to, f)
	}
	return writeReview(KindReviewReminder, to, f)
}

// reviewLetters are those to reviewers.
func reviewLetters() map[string]composer {
	return map[string]composer{
		review.OpenedLetter{}.Kind():   reviewOpened,
		review.ReminderLetter{}.Kind(): reviewReminded,
	}
}

// reviewOpened tells what waits when the letter leaves, unless nothing does.
var reviewOpened = letter(
	func(l review.OpenedLetter) (ident.Org, ident.Member) { return l.Org, l.Member },
	func(ctx context.Context, tx *store.Tx, _ job.Job, l review.OpenedLetter, to addressee) (Letter, error) {
		return reviewLetter(ctx, tx, l.Org, l.Member, to, WriteReviewOpened)
	})

var reviewReminded = letter(
	func(l review.ReminderLetter) (ident.Org, ident.Member) { return l.Org, l.Member },
	func(ctx context.Context, tx *store.Tx, _ job.Job, l review.ReminderLetter, to addressee) (Letter, error) {
		return reviewLetter(ctx, tx, l.Org, l.Member, to, WriteReviewReminder)
	})

func reviewLetter(ctx context.Context, tx *store.Tx, in ident.Org, of ident.Member, to addressee,
	write func(Recipient, ReviewFacts) (Letter, error),
) (Letter, error) {
	v, err := review.WaitingFor(ctx, tx, in, of)
	if err != nil {
		return Letter{}, err
	}
	if v.People == 0 {
		return Letter{}, errMoot
	}
	return write(recipient(to.account), ReviewFacts{Org: to.org, People: v.People, Day: v.Deadline, Late: !v.Deadline.After(tx.Now)})
}
