package notify

import (
	"testing"
	"time"

	"habilis/internal/departure"
	"habilis/internal/member"
	"habilis/internal/review"
	"habilis/internal/secret"
	"habilis/internal/text"
)

// reviewSamples are the letters of access reviews.
func reviewSamples(lang text.Lang) map[string]func() (Letter, error) {
	to := aicha(lang)
	f := ReviewFacts{Org: tilleuls, People: 34, Day: time.Date(2026, 12, 1, 0, 0, 0, 0, text.Zone), Contact: bruno}
	one, late := f, f
	one.People, late.Late = 1, true
	return map[string]func() (Letter, error){
		"review_opened":       func() (Letter, error) { return WriteReviewOpened(to, f) },
		"review_opened-one":   func() (Letter, error) { return WriteReviewOpened(to, one) },
		"review_reminder":     func() (Letter, error) { return WriteReviewReminder(to, f) },
		"review_reminder-one": func() (Letter, error) { return WriteReviewReminder(to, one) },
		"review_late":         func() (Letter, error) { return WriteReviewReminder(to, late) },
	}
}

// AUD-3: a reviewer is told of a campaign, and reminded, by one letter; when nobody waits any more
// nothing is sent.
func TestReviewLetters(t *testing.T) {
	eachWorld(t, func(w *world) {
		r := review.Reviews{Run: w.m.Run, Members: member.Members{Run: w.m.Run, AtSite: departure.AtSite}}
		c, err := r.Open(ctx, w.by(w.bruno), w.org.ID, review.Order{})
		w.must(err)
		w.tells("to be reviewed until")
		l, err := r.People(ctx, w.by(w.bruno), w.org.ID, c.ID, review.PeopleQuery{Filter: review.FMine})
		w.must(err)
		waits, err := r.People(ctx, w.by(w.bruno), w.org.ID, c.ID, review.PeopleQuery{})
		w.must(err)
		if l.Total == 0 || waits.Total <= l.Total {
			t.Fatalf("%d of %d on the list of bruno", l.Total, waits.Total)
		}
		w.order(review.ReminderLetter{Org: w.org.ID, Member: l.Rows[0].Reviewer}, secret.Text{})
		w.tells("à revoir")
		for _, p := range l.Rows {
			_, err := r.Decide(ctx, w.by(w.bruno), w.org.ID, c.ID, []review.Decision{{Member: p.Member, Choice: review.Keep, Version: p.Version}})
			w.must(err)
		}
		w.order(review.ReminderLetter{Org: w.org.ID, Member: l.Rows[0].Reviewer}, secret.Text{})
		if said := w.posted(); said != "" {
			t.Errorf("a letter of nothing: %s", said)
		}
	})
}
