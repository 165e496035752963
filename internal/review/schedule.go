package review

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/org"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// orgsAtOnce bounds the organisations of one statement.
const orgsAtOnce = 100

// Timetable opens the campaigns that are due, and reminds reviewers: it comes every hour. One
// organisation that fails keeps no other from its own.
func (r Reviews) Timetable(ctx context.Context) error {
	var last ident.Org
	var failed []error
	for {
		var some []ident.Org
		err := r.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
			some, err = orgs(ctx, tx, last, orgsAtOnce)
			return err
		})
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		for _, in := range some {
			failed = append(failed, r.openDue(ctx, in), r.remind(ctx, in))
		}
		if len(some) < orgsAtOnce {
			return errors.Join(failed...)
		}
		last = some[len(some)-1]
	}
}

// byItself is an act of the server itself.
func byItself(in ident.Org, verb, object string) action.Act {
	return action.Act{Verb: verb, Orgs: []ident.Org{in}, Object: object, Needs: []access.Need{access.Everybody()}}
}

// openDue opens the campaigns of an organisation whose time has come: one, or one of each site or
// function. While one of the timetable is open it opens no other.
func (r Reviews) openDue(ctx context.Context, in ident.Org) error {
	var is bool
	err := r.Run.DB.Read(ctx, func(tx *store.Tx) (err error) {
		is, _, err = due(ctx, tx, in)
		return err
	})
	if err != nil || !is {
		return err
	}
	_, err = action.Run(ctx, r.Run, access.Operator("job"), byItself(in, verbOpen, in.String()), func(tx *action.Tx) (struct{}, error) {
		is, s, err := due(ctx, tx.Tx, in)
		if err != nil || !is {
			return struct{}{}, firstError(err, action.Nothing) // another node did it meanwhile
		}
		return struct{}{}, openAll(ctx, tx, in, s)
	})
	return err
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// due reports whether the timetable opens the campaigns of an organisation now.
func due(ctx context.Context, tx *store.Tx, in ident.Org) (bool, setting.Reviews, error) {
	s, err := setting.ReadReviews(ctx, tx, in)
	if err != nil {
		return false, s, err
	}
	last, err := lastRound(ctx, tx, in)
	if err != nil || s.DueAfter(last).After(tx.Now) {
		return false, s, err
	}
	open, err := openOf(ctx, tx, in)
	return !slices.ContainsFunc(open, func(c Campaign) bool { return c.Scheduled }), s, err
}

// openAll opens a campaign of each scope that the organisation has set; those who have people on
// several lists are told once.
func openAll(ctx context.Context, tx *action.Tx, in ident.Org, s setting.Reviews) error {
	scopes, err := scopesOf(ctx, tx.Tx, in, s.By)
	if err != nil {
		return err
	}
	var opened []Campaign
	lists := map[ident.Member]int{}
	for _, of := range scopes {
		n := opening{campaign: Campaign{
			Org: in, ID: ident.NewReview(), Scope: of, State: Open, Version: 1, Scheduled: true, OpenedAt: tx.Now,
			Deadline: deadline(tx.Now, s.Days), openedBy: string(access.System),
		}}
		switch err := n.run(ctx, tx); {
		case errors.Is(err, ErrOpen), errors.Is(err, ErrNobody): // somebody opened it, or it is empty
			continue
		case errors.Is(err, ErrTooMany):
			continue // it is due again when others are ended
		case err != nil:
			return err
		}
		opened = append(opened, n.campaign)
		for m, people := range n.load {
			lists[m] += people
		}
	}
	if len(opened) == 0 {
		return action.Nothing
	}
	tellOpened(tx, in, opened, lists, "")
	return nil
}

func scopesOf(ctx context.Context, tx *store.Tx, in ident.Org, by setting.ReviewBy) ([]Scope, error) {
	var list []Scope
	switch by {
	case setting.ReviewBySite:
		sites, err := org.ActiveSites(ctx, tx, in)
		for _, s := range sites {
			list = append(list, Scope{Site: s.ID})
		}
		return list, err
	case setting.ReviewByFunction:
		functions, err := functionsOf(ctx, tx, in, true, nil)
		for _, f := range functions {
			list = append(list, Scope{Function: f})
		}
		return list, err
	case setting.ReviewAll:
	}
	return []Scope{{}}, nil
}

// When reviewers are reminded: half-way, some days before the deadline, the day before, then every
// week.
const (
	remindBefore = 7 * 24 * time.Hour
	remindLast   = 24 * time.Hour
	remindEvery  = 7 * 24 * time.Hour
	half         = 2
)

// remindedBy is how many reminders should have been sent of a campaign at a moment.
func (c *Campaign) remindedBy(now time.Time) (n int64) {
	marks := []time.Time{
		c.OpenedAt.Add(c.Deadline.Sub(c.OpenedAt) / half), c.Deadline.Add(-remindBefore), c.Deadline.Add(-remindLast),
	}
	for _, at := range marks {
		if at.After(c.OpenedAt) && !at.After(now) {
			n++
		}
	}
	if now.After(c.Deadline) {
		n += 1 + int64(now.Sub(c.Deadline)/remindEvery)
	}
	return n
}

// remind reminds the reviewers of an organisation: one letter for all their campaigns.
func (r Reviews) remind(ctx context.Context, in ident.Org) error {
	var is bool
	err := r.Run.DB.Read(ctx, func(tx *store.Tx) error {
		open, err := openOf(ctx, tx, in)
		is = slices.ContainsFunc(open, func(c Campaign) bool { return c.remindedBy(tx.Now) > c.reminded })
		return err
	})
	if err != nil || !is {
		return err
	}
	_, err = action.Run(ctx, r.Run, access.Operator("job"), byItself(in, verbRemind, in.String()), func(tx *action.Tx) (struct{}, error) {
		open, err := openOf(ctx, tx.Tx, in)
		if err != nil {
			return struct{}{}, err
		}
		open = slices.DeleteFunc(open, func(c Campaign) bool { return c.remindedBy(tx.Now) <= c.reminded })
		if len(open) == 0 {
			return struct{}{}, action.Nothing // another node did it meanwhile
		}
		return struct{}{}, remindAll(ctx, tx, open)
	})
	return err
}

func remindAll(ctx context.Context, tx *action.Tx, open []Campaign) error {
	letters := map[ident.Member]*ReminderLetter{}
	for i := range open {
		c := &open[i]
		e := eye{campaign: *c}
		list, err := e.reviewers(ctx, tx.Tx)
		if err != nil {
			return err
		}
		for _, v := range list {
			if v.Able && v.Undecided > 0 {
				letters[v.Member] = with(letters[v.Member], c, v, tx.Now)
			}
		}
		c.reminded = c.remindedBy(tx.Now)
		if err := setReminded(ctx, tx.Tx, *c); err != nil {
			return err
		}
		tx.Record(c.event(verbRemind, map[string]any{"review_reminders": c.reminded}))
	}
	for _, m := range slices.Sorted(maps.Keys(letters)) {
		tx.After(job.Order{Args: *letters[m], Priority: job.Normal})
	}
	return nil
}

// with is the letter that tells of one more campaign.
func with(l *ReminderLetter, c *Campaign, v Reviewer, now time.Time) *ReminderLetter {
	if l == nil {
		return &ReminderLetter{
			Org: c.Org, Member: v.Member, Review: c.ID, People: int(v.Undecided), Deadline: c.Deadline, Late: c.Late(now),
		}
	}
	l.Review, l.People, l.Late = "", l.People+int(v.Undecided), l.Late || c.Late(now)
	if c.Deadline.Before(l.Deadline) {
		l.Deadline = c.Deadline
	}
	return l
}
