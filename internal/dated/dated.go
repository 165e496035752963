package dated

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Dates tells of those that pass.
type Dates struct {
	Run *action.Runner
	// between, of tests, is called after each transaction; an error stops there.
	between func() error
}

// How soon a date is told: Tell runs each Every, and leaves Margin for acts under way whose
// time is before: one of them may wait as long as a statement may take; and for the clocks of
// servers that differ.
const (
	Every  = 20 * time.Second
	Margin = store.StatementTime + 5*time.Second
)

// atOnce bounds the rows that one transaction tells of.
const atOnce = 200

// factTold is up to when every organisation has been told.
const factTold = "dates_told"

// due is a moment at which rows of one branch begin or end in an organisation.
type due struct {
	org    ident.Org
	at     time.Time
	branch int
}

// place is how far an organisation has been told.
type place struct {
	at     time.Time
	branch int
	row    string
}

// reached reports whether all of d was told.
func (p place) reached(d due) bool {
	return cmp.Or(d.at.Compare(p.at), cmp.Compare(d.branch, p.branch)) < 0
}

// after is the row after which those of d are still to be told.
func (p place) after(d due) string {
	if d.at.Equal(p.at) && d.branch == p.branch {
		return p.row
	}
	return ""
}

// Tell records the dates that have passed since it last did; the timetable calls it. From its
// very first run it tells of those that are to come.
func (d Dates) Tell(ctx context.Context) error {
	var since time.Time
	var list []due
	until := d.Run.DB.Now().Add(-Margin)
	err := d.Run.DB.Read(ctx, func(tx *store.Tx) error {
		told, found, err := store.Fact(ctx, tx, factTold)
		if err != nil || !found {
			return err
		}
		if since, err = time.Parse(time.RFC3339Nano, told); err != nil {
			return err
		}
		list, err = between(ctx, tx, since, until)
		return err
	})
	if err != nil {
		return err
	}
	if err := d.tellAll(ctx, list); err != nil {
		return err // what was not told is not passed: who was told is noted in dated_told
	}
	if !until.After(since) {
		return nil
	}
	return d.Run.DB.Write(ctx, []store.Lock{store.Installation}, func(tx *store.Tx) error { return advance(ctx, tx, until) })
}

// advance notes until when all is told, unless another server is further.
func advance(ctx context.Context, tx *store.Tx, until time.Time) error {
	told, found, err := store.Fact(ctx, tx, factTold)
	if err != nil {
		return err
	}
	if t, e := time.Parse(time.RFC3339Nano, told); found && (e != nil || !until.After(t)) {
		return e
	}
	return store.SetFact(ctx, tx, factTold, until.UTC().Format(time.RFC3339Nano))
}

// tellAll tells of moments, organisation by organisation, each in the order of the dates. One that
// fails keeps no other from being told.
func (d Dates) tellAll(ctx context.Context, list []due) error {
	slices.SortFunc(list, func(a, b due) int {
		return cmp.Or(cmp.Compare(a.org, b.org), a.at.Compare(b.at), cmp.Compare(a.branch, b.branch))
	})
	var failed error
	for len(list) > 0 && ctx.Err() == nil {
		n := slices.IndexFunc(list, func(x due) bool { return x.org != list[0].org })
		if n < 0 {
			n = len(list)
		}
		failed = errors.Join(failed, d.tellOrg(ctx, list[0].org, list[:n]))
		list = list[n:]
	}
	return errors.Join(failed, ctx.Err())
}

// tellOrg tells one organisation, atOnce rows in each transaction.
func (d Dates) tellOrg(ctx context.Context, org ident.Org, list []due) error {
	act := action.Act{Verb: verbRights, Orgs: []ident.Org{org}, Needs: []access.Need{access.Everybody()}}
	for len(list) > 0 {
		left, err := action.Run(ctx, d.Run, access.Operator("dates"), act, func(tx *action.Tx) (int, error) {
			return tellSome(ctx, tx, org, list)
		})
		if err != nil {
			return err
		}
		if d.between != nil {
			if err := d.between(); err != nil {
				return err
			}
		}
		list = list[len(list)-left:]
	}
	return nil
}

// tellSome tells of the first moments, and says how many are left.
func tellSome(ctx context.Context, tx *action.Tx, org ident.Org, list []due) (left int, err error) {
	told, err := toldTo(ctx, tx.Tx, org)
	if err != nil {
		return 0, err
	}
	var all []passed
	for i, moment := range list {
		if told.reached(moment) {
			continue
		}
		some, err := rows(ctx, tx.Tx, moment, told.after(moment), atOnce-len(all))
		if err != nil {
			return 0, err
		}
		all = append(all, some...)
		if len(all) == atOnce {
			last := all[atOnce-1]
			record(tx, org, all)
			return len(list) - i, setTold(ctx, tx.Tx, org, place{moment.at, moment.branch, last.row})
		}
	}
	if len(all) == 0 {
		return 0, action.Nothing // another server told it
	}
	last := list[len(list)-1]
	record(tx, org, all)
	return 0, setTold(ctx, tx.Tx, org, place{at: last.at, branch: last.branch + 1}) // all of last is told
}
