package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Leaving is how somebody leaves. Text key "report.leaving.<leaving>".
type Leaving string

// The ways, each with the date that counts.
const (
	Left         Leaving = "left"         // when all access ended
	Leaves       Leaving = "leaves"       // a departure is planned: when it ends
	Deactivated  Leaving = "deactivated"  // since when
	Deactivating Leaving = "deactivating" // a deactivation is planned: when
	Ends         Leaving = "ends"         // the membership has an end: when
)

// Leavings are all of them.
var Leavings = []Leaving{Left, Leaves, Deactivated, Deactivating, Ends}

// LeaversQuery narrows who left, or will. What is empty narrows nothing.
type LeaversQuery struct {
	Search string
	Site   ident.Site
	How    Leaving
	From   time.Time // dates from then on
	Until  time.Time // dates before then
	After  string
	Size   int
}

// Leaver is somebody who left, is kept out, or will be.
type Leaver struct {
	Member     ident.Member
	Name       string // empty: erased
	Function   string
	Sites      []string // names of those where they belong or belonged, which the reader may know of
	How        Leaving
	At         time.Time // the date that counts
	By         string    // who decided it; empty: not known, or the dates of the membership
	LastSignIn time.Time // zero: they never did

	key   string
	sites []ident.Site
}

// LeaverList is one page of leavers, the latest date first.
type LeaverList struct {
	Leavers []Leaver
	Next    string
	Total   int64
	Part    bool
}

// Leavers tells who left and when, who is deactivated, and whose end is planned, for whoever reads
// members: of the sites where they do, by those that a leaver belonged to (AUZ-06). Errors:
// ErrQuery, fields "how" and "q", access.ErrNotFound for a site, secret.ErrCursor.
func (r Reports) Leavers(ctx context.Context, by access.Actor, org ident.Org, q LeaversQuery) (LeaverList, error) {
	var who reader
	return action.View(ctx, r.Run, by, act(by, org, Leavers, verbLeavers, &who), func(tx *store.Tx) (LeaverList, error) {
		l := LeaverList{Part: !who.whole}
		all, err := q.find(ctx, tx, org, who)
		if err != nil {
			return l, err
		}
		name := fmt.Sprintf("report.leavers|%s|%q|%s|%s|%d|%d", org, q.Search, q.Site, q.How, q.From.UnixMicro(), q.Until.UnixMicro())
		l.Total = int64(len(all))
		l.Leavers, l.Next, err = pageOf(r, all, name, q.After, q.Size)
		return l, err
	})
}

// offset is where a page of a list that is read whole ended.
type offset struct {
	N int `json:"n"`
}

func pageOf[T any](r Reports, all []T, name, after string, asked int) ([]T, string, error) {
	most, err := size(asked)
	if err != nil {
		return nil, "", err
	}
	var from offset
	if after != "" {
		if err := r.Run.Ring.OpenCursor(name, after, &from); err != nil {
			return nil, "", err
		}
	}
	all = all[min(from.N, len(all)):]
	if len(all) <= most {
		return all, "", nil
	}
	next, err := r.Run.Ring.Cursor(name, offset{from.N + most})
	return all[:most:most], next, err
}

// find reads all that the query finds.
func (q LeaversQuery) find(ctx context.Context, tx *store.Tx, org ident.Org, who reader) ([]Leaver, error) {
	list, err := words(q.Search)
	switch {
	case err != nil:
		return nil, err
	case q.How != "" && !slices.Contains(Leavings, q.How):
		return nil, fault.OnField("how", ErrQuery.Code)
	case !q.Site.IsZero() && !who.at(q.Site):
		return nil, access.ErrNotFound
	}
	all, err := leavers(ctx, tx, org, list)
	if err != nil {
		return nil, err
	}
	if err := placed(ctx, tx, org, all); err != nil {
		return nil, err
	}
	names, err := member.SiteNames(ctx, tx, org)
	all = slices.DeleteFunc(all, func(l Leaver) bool { return !q.takes(who, &l) })
	for i := range all {
		for _, s := range all[i].sites {
			if who.at(s) {
				all[i].Sites = append(all[i].Sites, names[s])
			}
		}
		slices.Sort(all[i].Sites)
	}
	slices.SortStableFunc(all, func(a, b Leaver) int {
		return cmp.Or(b.At.Compare(a.At), strings.Compare(a.key, b.key), strings.Compare(a.Member.String(), b.Member.String()))
	})
	return all, err
}

func (q LeaversQuery) takes(who reader, l *Leaver) bool {
	switch {
	case !who.shares(l.sites), q.How != "" && l.How != q.How, !q.Site.IsZero() && !slices.Contains(l.sites, q.Site):
		return false
	case !q.From.IsZero() && l.At.Before(q.From), !q.Until.IsZero() && !l.At.Before(q.Until):
		return false
	}
	return true
}

// placed tells the sites of each: those of now, or those of the moment when they left.
func placed(ctx context.Context, tx *store.Tx, org ident.Org, all []Leaver) error {
	at := make(map[ident.Member]*Leaver, len(all))
	var ids []ident.Member
	for i := range all {
		at[all[i].Member] = &all[i]
		ids = append(ids, all[i].Member)
	}
	for part := range slices.Chunk(ids, walkChunk) {
		rows, err := sitesEver(ctx, tx, org, part)
		if err != nil {
			return err
		}
		for _, row := range rows {
			l := at[row.member]
			if row.until == nil || l.How == Left && !row.until.Before(l.At) {
				l.sites = append(l.sites, row.site)
			}
		}
	}
	return nil
}

// leaverRow is what the tables say of somebody.
type leaverRow struct {
	Leaver

	status       string
	ends         *time.Time
	since        *time.Time // of the status
	known        time.Time  // of the row: since then at least
	departs      *time.Time
	departsBy    string
	deactivates  *time.Time
	deactivateBy string
}

// leaver says how somebody leaves, and when.
func (r *leaverRow) leaver() Leaver {
	l := r.Leaver
	l.Name, l.LastSignIn = strings.TrimSpace(l.Name), signedIn(l.LastSignIn)
	switch {
	case r.status == string(member.Left):
		l.How, l.At, l.By = Left, r.begun(), r.departsBy
	case r.departs != nil:
		l.How, l.At, l.By = Leaves, *r.departs, r.departsBy
	case r.status == string(member.Deactivated):
		l.How, l.At = Deactivated, r.begun()
	case r.deactivates != nil:
		l.How, l.At, l.By = Deactivating, *r.deactivates, r.deactivateBy
	default:
		l.How, l.At = Ends, *r.ends
	}
	return l
}

// signedIn is when somebody last signed in; zero: never.
func signedIn(at time.Time) time.Time {
	if at.Equal(store.Never) {
		return time.Time{}
	}
	return at
}

// begun is since when the status is what it is.
func (r *leaverRow) begun() time.Time {
	if r.since != nil {
		return *r.since
	}
	return r.known
}

// LastDay is the day that is shown: the last one of what ends with it.
func (l *Leaver) LastDay() time.Time {
	if l.How == Leaves || l.How == Deactivating || l.How == Ends {
		return l.At.Add(-time.Microsecond).In(text.Zone)
	}
	return l.At.In(text.Zone)
}
