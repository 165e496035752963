package review

import (
	"context"
	"slices"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/decision"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/role"
	"habilis/internal/setting"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Open opens a campaign: by whoever holds reviews.run there. Each person gets a reviewer, who is told.
// Errors: org.ErrNoSuchSite, ErrOpen when one of the same scope is open, ErrNobody when there is nobody
// to review, ErrTooMany, fields «function», «days».
func (r Reviews) Open(ctx context.Context, by access.Actor, in ident.Org, o Order) (Campaign, error) {
	act := action.Act{Verb: verbOpen, Orgs: []ident.Org{in}, Object: in.String()}
	e := eye{by: by}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if e.held, err = access.HeldBy(ctx, tx, by, in); err != nil {
			return nil, err
		}
		if !o.Site.IsZero() && e.held.HasAnywhere(access.ReviewsRun) { // of another site nothing is told (AUZ-06)
			sight, err := org.See(ctx, tx, e.held)
			if err != nil {
				return nil, err
			}
			if _, err := sight.Site(ctx, tx, in, o.Site); err != nil {
				return nil, err
			}
		}
		return []access.Need{access.At(access.ReviewsRun, access.SiteScope(in, o.Site))}, nil
	}
	return action.Run(ctx, r.Run, by, act, func(tx *action.Tx) (Campaign, error) {
		var err error
		if o, err = o.checked(ctx, tx.Tx, in); err != nil {
			return Campaign{}, err
		}
		n := opening{campaign: Campaign{
			Org: in, ID: ident.NewReview(), Scope: o.Scope, State: Open, Version: 1, OpenedAt: tx.Now,
			Deadline: deadline(tx.Now, o.Days), openedBy: invitation.InviterOf(by, in, false).String(),
		}}
		if err := n.run(ctx, tx); err != nil {
			return Campaign{}, err
		}
		tellOpened(tx, in, []Campaign{n.campaign}, n.load, e.held.Member)
		e.campaign = n.campaign
		return e.told(ctx, tx.Tx)
	})
}

// deadline is the end of the day so many days from now, by the calendar of metropolitan France.
func deadline(now time.Time, days int) time.Time {
	d := now.In(text.Zone)
	return time.Date(d.Year(), d.Month(), d.Day()+days+1, 0, 0, 0, 0, text.Zone).UTC()
}

// checked is the order with what the organisation has set. Errors: fields to correct,
// org.ErrNoSuchSite.
func (o Order) checked(ctx context.Context, tx *store.Tx, in ident.Org) (Order, error) {
	var f fault.Fields
	o.Function = strings.TrimSpace(o.Function)
	if len(o.Function) > MaxFunction {
		f.Add("function", string(text.TooLong), "Max", MaxFunction)
	}
	if o.Days < 0 || o.Days > maxDaysToDo {
		f.Add("days", "setting.out_of_bounds", "Min", 1, "Max", maxDaysToDo)
	}
	if err := f.Err(); err != nil {
		return o, err
	}
	if !o.Site.IsZero() {
		s, err := org.GetSite(ctx, tx, in, o.Site)
		if err != nil {
			return o, err
		}
		if s.Status != org.Active {
			return o, org.ErrNoSuchSite
		}
	}
	s, err := setting.ReadReviews(ctx, tx, in)
	if o.Days == 0 {
		o.Days = s.Days
	}
	return o, err
}

// opening is a campaign that is being opened.
type opening struct {
	campaign Campaign
	people   []row
	roles    map[ident.Role]role.Role
	crowd    crowd
	load     map[ident.Member]int // people on the list of each reviewer
}

func (n *opening) run(ctx context.Context, tx *action.Tx) error {
	c := &n.campaign
	open, err := openOf(ctx, tx.Tx, c.Org)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(open, func(o Campaign) bool { return o.Scope == c.Scope }) {
		return ErrOpen
	}
	if len(open) >= MaxCampaigns {
		return ErrTooMany.With("Max", MaxCampaigns)
	}
	if err := n.photograph(ctx, tx.Tx); err != nil {
		return err
	}
	switch {
	case len(n.people) == 0:
		return ErrNobody
	case len(n.people) > MaxPeople:
		return ErrTooMany.With("Max", MaxPeople)
	}
	if err := n.appoint(ctx, tx.Tx); err != nil {
		return err
	}
	if err := insert(ctx, tx.Tx, *c); err != nil {
		return err
	}
	tx.Record(c.event(verbOpen, map[string]any{
		"review_people": len(n.people), "review_deadline": c.Deadline.UTC(), "review_scheduled": c.Scheduled, "function": c.Function,
	}))
	return insertPeople(ctx, tx.Tx, *c, n.people)
}

// event is the record of what was done to a campaign.
func (c *Campaign) event(verb string, after map[string]any) audit.Event {
	e := audit.Event{Org: c.Org, Verb: verb, Object: c.ID.String(), Site: c.Site, After: after}
	for name, v := range after {
		if v == "" || v == false {
			delete(after, name)
		}
	}
	return e
}

// photograph keeps what everybody may do, in the order in which they are reviewed.
func (n *opening) photograph(ctx context.Context, tx *store.Tx) error {
	c := &n.campaign
	list, err := candidates(ctx, tx, c.Org, c.Scope)
	if err != nil {
		return err
	}
	held, err := rightsOf(ctx, tx, c.Org, c.Site, everybody)
	if err != nil {
		return err
	}
	if n.roles, err = rolesOf(ctx, tx, c.Org); err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(m candidate) bool { return m.deactivated && len(held[m.id]) == 0 })
	ids := make([]ident.Member, len(list))
	for i, m := range list {
		ids[i] = m.id
	}
	used, err := decision.LastUses(ctx, tx, c.Org, ids)
	if err != nil {
		return err
	}
	rank := map[ident.Member]int{}
	for _, m := range list {
		rank[m.id] = n.rank(m, used, held[m.id], tx.Now)
		n.people = append(n.people, row{member: m.id, photograph: held[m.id], version: 1})
	}
	slices.SortStableFunc(n.people, func(a, b row) int { return rank[a.member] - rank[b.member] })
	for i := range n.people {
		n.people[i].no = int64(i + 1)
	}
	return nil
}

// The order in which people are reviewed.
const (
	rankUnused = iota
	rankAdministrator
	rankOther
)

func (n *opening) rank(m candidate, used decision.Used, held rights, now time.Time) int {
	switch {
	case unused(m.seen, used.Last(m.id), now):
		return rankUnused
	case held.any(func(r right) bool { return r.administers(n.roles) }):
		return rankAdministrator
	}
	return rankOther
}

// unused reports whether somebody never signed in and used nothing, or not for LongUnused.
func unused(seen, used, now time.Time) bool {
	after := now.Add(-LongUnused)
	return (seen.Equal(store.Never) || seen.Before(after)) && used.Before(after)
}

func rolesOf(ctx context.Context, tx *store.Tx, in ident.Org) (map[ident.Role]role.Role, error) {
	all, err := role.All(ctx, tx, in)
	roles := make(map[ident.Role]role.Role, len(all))
	for _, r := range all {
		roles[r.ID] = r
	}
	return roles, err
}

// appoint puts each person on the list of somebody who may review them: of a site, of who runs
// reviews there and not everywhere; then of who belongs to a site of theirs; then of who has fewest.
func (n *opening) appoint(ctx context.Context, tx *store.Tx) error {
	ids := make([]ident.Member, len(n.people))
	for i, p := range n.people {
		ids[i] = p.member
	}
	var err error
	if n.crowd, err = n.campaign.gather(ctx, tx, ids); err != nil {
		return err
	}
	able := make([]ident.Member, 0, len(n.crowd.able))
	for m := range n.crowd.able {
		able = append(able, m)
	}
	sites, err := member.SitesOf(ctx, tx, n.campaign.Org, append(able, ids...))
	if err != nil {
		return err
	}
	n.load = map[ident.Member]int{}
	for i := range n.people {
		n.people[i].reviewer = n.choose(n.people[i].member, sites)
	}
	return nil
}

func (n *opening) choose(of ident.Member, sites map[ident.Member][]ident.Site) (best ident.Member) {
	far := func(m ident.Member) int {
		switch {
		case !n.campaign.Site.IsZero() && !n.crowd.able[m].Has(access.ReviewsRun, access.OrgScope(n.campaign.Org)):
			return 0
		case slices.ContainsFunc(sites[of], func(s ident.Site) bool { return slices.Contains(sites[m], s) }):
			return 1
		}
		return 2
	}
	for _, m := range n.crowd.reviewers(of) {
		if best.IsZero() || far(m) < far(best) || (far(m) == far(best) && n.load[m] < n.load[best]) {
			best = m
		}
	}
	if !best.IsZero() {
		n.load[best]++
	}
	return best
}
