package review

import (
	"context"
	"fmt"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// Get reads a campaign, with how far it is. Errors: ErrNotFound, access.ErrForbidden.
func (r Reviews) Get(ctx context.Context, by access.Actor, in ident.Org, id ident.Review) (Campaign, error) {
	var e eye
	return action.View(ctx, r.Run, by, e.act(verbRead, by, in, id), func(tx *store.Tx) (Campaign, error) {
		return e.told(ctx, tx)
	})
}

// told is the campaign as whoever looks sees it.
func (e *eye) told(ctx context.Context, tx *store.Tx) (Campaign, error) {
	list := []Campaign{e.campaign}
	if err := e.complete(ctx, tx, list); err != nil {
		return Campaign{}, err
	}
	return list[0], nil
}

// complete puts names, counts and what may be done into campaigns of one organisation.
func (e *eye) complete(ctx context.Context, tx *store.Tx, list []Campaign) error {
	if len(list) == 0 {
		return nil
	}
	in := list[0].Org
	sites, err := member.SiteNames(ctx, tx, in)
	if err != nil {
		return err
	}
	var givers []string
	ids := make([]ident.Review, len(list))
	for i, c := range list {
		ids[i] = c.ID
		givers = append(givers, who(c.openedBy), who(c.endedBy))
	}
	names, err := member.GiverNames(ctx, tx, givers)
	if err != nil {
		return err
	}
	counts, err := countsOf(ctx, tx, in, ids, e.held.Member)
	if err != nil {
		return err
	}
	for i := range list {
		c := &list[i]
		c.SiteName, c.OpenedBy, c.EndedBy = sites[c.Site], names[who(c.openedBy)], names[who(c.endedBy)]
		c.Counts = counts[c.ID]
		if c.Counts.ToDo > 0 {
			if c.Counts.ToDo, err = c.stillToDo(ctx, tx); err != nil {
				return err
			}
		}
		c.May = (&eye{held: e.held, campaign: *c}).may()
	}
	return nil
}

// spot is where a page of campaigns ended.
type spot struct {
	At time.Time    `json:"a"`
	ID ident.Review `json:"i"`
}

// finder is a query of campaigns that was checked, with those that it may find.
type finder struct {
	Query

	org   ident.Org
	after *spot
	whole bool
	sites []ident.Site
}

func (f *finder) name() string { return fmt.Sprintf("reviews|%s|%s", f.org, f.State) }

// List lists the campaigns of the organisation, the latest first: all of them, or those of the sites
// at which the actor runs reviews (AUZ-06). Errors: ErrQuery, secret.ErrCursor.
func (r Reviews) List(ctx context.Context, by access.Actor, in ident.Org, q Query) (List, error) {
	e := eye{by: by}
	act := action.Act{Verb: verbList, Orgs: []ident.Org{in}, Object: in.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if e.held, err = access.HeldBy(ctx, tx, by, in); err != nil {
			return nil, err
		}
		if e.held.HasAnywhere(access.ReviewsRun) {
			return []access.Need{access.MemberOf(in)}, nil
		}
		return []access.Need{access.At(access.ReviewsRun, access.OrgScope(in))}, nil
	}
	return action.View(ctx, r.Run, by, act, func(tx *store.Tx) (List, error) {
		f, err := r.finder(in, q)
		if err != nil {
			return List{}, err
		}
		f.sites, f.whole = e.held.Sites(access.ReviewsRun)
		return r.list(ctx, tx, &e, &f)
	})
}

func (r Reviews) finder(in ident.Org, q Query) (finder, error) {
	f := finder{Query: q, org: in}
	if f.Size == 0 {
		f.Size = DefaultPage
	}
	if f.Page == 0 {
		f.Page = 1
	}
	known := f.State == "" || f.State == Open || f.State == Closing || f.State == Ended
	if f.Size < 1 || f.Size > MaxPageSize || f.Page < 1 || f.Page > MaxPage || !known {
		return f, ErrQuery
	}
	if f.After == "" {
		return f, nil
	}
	f.after = &spot{}
	return f, r.Run.Ring.OpenCursor(f.name(), f.After, f.after)
}

func (r Reviews) list(ctx context.Context, tx *store.Tx, e *eye, f *finder) (List, error) {
	var l List
	var err error
	if l.Total, err = countCampaigns(ctx, tx, f); err != nil {
		return l, err
	}
	if l.Rows, err = campaigns(ctx, tx, f); err != nil {
		return l, err
	}
	if len(l.Rows) > f.Size {
		l.Rows = l.Rows[:f.Size]
		last := l.Rows[f.Size-1]
		if l.Next, err = r.Run.Ring.Cursor(f.name(), spot{At: last.OpenedAt, ID: last.ID}); err != nil {
			return l, err
		}
	}
	if err := e.complete(ctx, tx, l.Rows); err != nil {
		return l, err
	}
	err = e.opening(ctx, tx, f, &l)
	return l, err
}

// opening says for whom a campaign may be opened, and when the timetable opens the next one.
func (e *eye) opening(ctx context.Context, tx *store.Tx, f *finder, l *List) error {
	l.MayOpenAll = f.whole
	sites, err := org.ActiveSites(ctx, tx, f.org)
	if err != nil {
		return err
	}
	for _, s := range sites {
		if f.whole || slices.Contains(f.sites, s.ID) {
			l.MayOpen = append(l.MayOpen, member.SiteRef{ID: s.ID, Name: s.Name})
		}
	}
	if l.Functions, err = functionsOf(ctx, tx, f.org, f.whole, f.sites); err != nil {
		return err
	}
	s, err := setting.ReadReviews(ctx, tx, f.org)
	if err != nil {
		return err
	}
	last, err := lastRound(ctx, tx, f.org)
	l.NextDue = s.DueAfter(last)
	return err
}
