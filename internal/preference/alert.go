package preference

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/org"
	"habilis/internal/setting"
	"habilis/internal/store"
)

// needed are the permissions without which an alert is nobody's; one that is missing here is
// about oneself, and everybody's.
var needed = map[setting.Alert]access.Permission{
	setting.AlertRegistration: access.DossiersCertify,
	setting.AlertApproval:     access.ApprovalsDecide,
	setting.AlertDirectory:    access.MembersEdit,
	setting.AlertDeparture:    access.MembersDelete,
}

// Needs is the permission without which an alert is nobody's; false: it is about oneself, and
// everybody's.
func Needs(a setting.Alert) (access.Permission, bool) {
	p, asks := needed[a]
	return p, asks
}

// Subscriber is somebody to tell.
type Subscriber struct {
	setting.Channels

	Member  ident.Member
	Account ident.Account
	Sites   []ident.Site // of Wants: those that they chose; none: all of them

	left []ident.Site // that they belonged to, and no longer do
}

// Follows reports whether they want to be told of what is at a site; what is at none is of all.
func (s Subscriber) Follows(site ident.Site) bool {
	return site.IsZero() || wantedAt(s.Sites, s.left, site)
}

// wantedAt reports whether an alert is wanted of a site: it was chosen; or none was, and it is not
// one that they left (OFF-4), of which only a choice made since tells them anything.
func wantedAt(chosen, left []ident.Site, site ident.Site) bool {
	if len(chosen) > 0 {
		return slices.Contains(chosen, site)
	}
	return !slices.Contains(left, site)
}

// Subscribers are the members in force who hold the right of an alert over what it is about — in
// the organisation, or at each of these sites — and want to be told of it. No site: it is about
// the whole organisation. None of an alert that is about oneself: that is Wants.
func Subscribers(ctx context.Context, tx *store.Tx, org ident.Org, alert setting.Alert, sites ...ident.Site) ([]Subscriber, error) {
	tallies, err := Tally(ctx, tx, org, alert, [][]ident.Site{sites})
	list := make([]Subscriber, len(tallies))
	for i, t := range tallies {
		list[i] = t.Subscriber
	}
	return list, err
}

// Tallied is a subscriber and how many things concern them.
type Tallied struct {
	Subscriber

	Count int64
}

// Tally is Subscribers for several things at once, each with its sites: whoever none of them
// concerns is not in the answer.
func Tally(ctx context.Context, tx *store.Tx, org ident.Org, alert setting.Alert, things [][]ident.Site) ([]Tallied, error) {
	p, ok := needed[alert]
	if !ok {
		return nil, nil
	}
	rows, err := holdersOf(ctx, tx, org, p)
	if err != nil {
		return nil, err
	}
	people, err := choicesOf(ctx, tx, org, holders(rows))
	if err != nil {
		return nil, err
	}
	open, err := openSites(ctx, tx, org)
	if err != nil {
		return nil, err
	}
	var list []Tallied
	for _, c := range people {
		t := Tallied{Subscriber: Subscriber{Member: c.member, Account: c.account}}
		c.Sites[alert] = c.reach().standing(c.Sites[alert], open)
		for _, sites := range things {
			if ch := c.wants(alert, sites); c.over(sites) && !ch.None() {
				t.Count, t.Channels = t.Count+1, ch
			}
		}
		if t.Count > 0 {
			list = append(list, t)
		}
	}
	return list, nil
}

// chooser is a member in force, where they hold a permission, and what holds for them.
type chooser struct {
	Effective

	member  ident.Member
	account ident.Account
	scopes  []string
	left    []ident.Site // that they belonged to, and no longer do
}

// over reports whether the permission is held over all of these sites, or the organisation.
func (c chooser) over(sites []ident.Site) bool {
	lacks := func(s ident.Site) bool { return !slices.Contains(c.scopes, s.String()) }
	return slices.Contains(c.scopes, access.WholeOrganization) || len(sites) > 0 && !slices.ContainsFunc(sites, lacks)
}

// reach is where they hold it.
func (c chooser) reach() reach {
	r := reach{holds: true, whole: slices.Contains(c.scopes, access.WholeOrganization), sites: make([]ident.Site, len(c.scopes))}
	for i, s := range c.scopes {
		r.sites[i] = ident.Site(s)
	}
	return r
}

// holders gathers the scopes of each holder: the rows come in the order of members.
func holders(rows []holding) (list []chooser) {
	for _, r := range rows {
		if n := len(list); n == 0 || list[n-1].member != r.member {
			list = append(list, chooser{member: r.member, account: r.account})
		}
		last := &list[len(list)-1]
		last.scopes = append(last.scopes, r.scope)
	}
	return list
}

// choicesOf reads what holds for each.
func choicesOf(ctx context.Context, tx *store.Tx, org ident.Org, list []chooser) ([]chooser, error) {
	if len(list) == 0 {
		return nil, nil
	}
	inherited, err := setting.ReadDefaults(ctx, tx, org)
	if err != nil {
		return nil, err
	}
	ids := make([]ident.Member, len(list))
	for i := range list {
		ids[i] = list[i].member
	}
	own, err := currentOf(ctx, tx, org, ids)
	if err != nil {
		return nil, err
	}
	left, err := member.FormerSites(ctx, tx, org, ids, store.Never)
	for i := range list {
		list[i].Effective, list[i].left = own[list[i].member].Over(inherited.Personal), left[list[i].member]
	}
	return list, err
}

// wants are the channels of an alert about these sites; none where it was chosen for others, or
// where they left each of them.
func (c chooser) wants(alert setting.Alert, sites []ident.Site) setting.Channels {
	here := func(s ident.Site) bool { return wantedAt(c.Sites[alert], c.left, s) }
	if len(sites) > 0 && !slices.ContainsFunc(sites, here) {
		return setting.Channels{}
	}
	return c.Notifications[alert]
}

// Wants says whether one member in force wants to be told of an alert about themself, and how: the
// second value is false when they are told nothing.
func Wants(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member, alert setting.Alert, sites ...ident.Site,
) (Subscriber, bool, error) {
	account, ok, err := accountInForce(ctx, tx, org, of)
	if err != nil || !ok {
		return Subscriber{}, false, err
	}
	who, err := choicesOf(ctx, tx, org, []chooser{{member: of, account: account}})
	if err != nil {
		return Subscriber{}, false, err
	}
	c := who[0]
	if c.Sites[alert], err = standingOf(ctx, tx, org, of, alert, c.Sites[alert]); err != nil {
		return Subscriber{}, false, err
	}
	s := Subscriber{Member: of, Account: account, Channels: c.wants(alert, sites), Sites: c.Sites[alert], left: c.left}
	return s, !s.None(), nil
}

// standingOf leaves of the sites that a member chose for an alert those that count still.
func standingOf(ctx context.Context, tx *store.Tx, org ident.Org, of ident.Member, alert setting.Alert, chosen []ident.Site,
) ([]ident.Site, error) {
	if len(chosen) == 0 {
		return nil, nil
	}
	own, err := member.SitesOf(ctx, tx, org, []ident.Member{of})
	if err != nil {
		return nil, err
	}
	held, err := access.GivenTo(ctx, tx, org, of)
	if err != nil {
		return nil, err
	}
	open, err := openSites(ctx, tx, org)
	return reaches(held, own[of])[alert].standing(chosen, open), err
}

// openSites are the active sites of an organisation.
func openSites(ctx context.Context, tx *store.Tx, in ident.Org) (map[ident.Site]bool, error) {
	sites, err := org.ActiveSites(ctx, tx, in)
	open := make(map[ident.Site]bool, len(sites))
	for i := range sites {
		open[sites[i].ID] = true
	}
	return open, err
}

// reach is where a member may have an alert.
type reach struct {
	holds bool
	whole bool // at every site of the organisation
	sites []ident.Site
}

// reaches says it of every alert: held is what they were given, own where they belong.
func reaches(held access.Held, own []ident.Site) map[setting.Alert]reach {
	out := make(map[setting.Alert]reach, len(setting.Alerts))
	for _, a := range setting.Alerts {
		p, asks := needed[a]
		if !asks {
			r := reach{holds: true, sites: own}
			if a == setting.AlertWork { // what one holds is told of together, wherever it is
				r.sites = nil
			}
			out[a] = r
			continue
		}
		sites, whole := held.Sites(p)
		out[a] = reach{holds: held.HasAnywhere(p), whole: whole, sites: sites}
	}
	return out
}

// standing leaves of chosen sites those that count: where the alert may be had, and that are open.
// When none is left the choice narrows nothing.
func (r reach) standing(chosen []ident.Site, open map[ident.Site]bool) (left []ident.Site) {
	for _, s := range chosen {
		if open[s] && r.covers(s) {
			left = append(left, s)
		}
	}
	return left
}

// covers reports whether the alert may be chosen for a site.
func (r reach) covers(s ident.Site) bool { return r.whole || slices.Contains(r.sites, s) }
