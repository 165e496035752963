package departure

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/store"
)

// Preview says what a member holds, who may take it over and what becomes of it else; once they
// left, what became of it. It is for whoever may decide it. Errors: member.ErrNotFound, ErrNotFound
// of one who left, access.ErrForbidden, member.ErrMorePowerful.
func (d Departures) Preview(ctx context.Context, by access.Actor, org ident.Org, of ident.Member) (View, error) {
	var l looking
	return action.View(ctx, d.Run, by, l.act(by, org, of), func(tx *store.Tx) (View, error) { return l.view(ctx, tx) })
}

// PreviewOwn says to somebody what leaving by themself would end (MEM-10); nobody takes anything
// over by it. Errors: access.ErrForbidden for a token.
func (d Departures) PreviewOwn(ctx context.Context, by access.Actor, org ident.Org) (View, error) {
	var self ident.Member
	act := action.Act{Verb: verbRead, Orgs: []ident.Org{org}, Object: org.String(), Resolve: ofOneself(by, org, &self)}
	return action.View(ctx, d.Run, by, act, func(tx *store.Tx) (View, error) {
		m, err := member.Find(ctx, tx, org, self)
		if err != nil {
			return View{}, err
		}
		l := looking{own: true}
		l.member = m
		return l.view(ctx, tx)
	})
}

// looking is somebody who looks at a departure.
type looking struct {
	after

	by     access.Actor
	member member.Member
	own    bool // at what leaving by oneself would end
	left   bool // the member has left: after says the rest
}

func (l *looking) act(by access.Actor, org ident.Org, of ident.Member) action.Act {
	act := action.Act{Verb: verbRead, Orgs: []ident.Org{org}, Object: of.String(), Subject: of.String()}
	l.by = by
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if l.held, err = access.HeldBy(ctx, tx, by, org); err != nil {
			return nil, err
		}
		needs := []access.Need{access.MemberOf(org)}
		l.member, err = member.Over(ctx, tx, by, org, of, access.MembersDelete)
		if !fault.Is(err, fault.NotFound) {
			return needs, err
		}
		var gone error
		if l.d, l.former, gone = done(ctx, tx, l.held, of); gone != nil {
			if fault.Is(gone, fault.NotFound) {
				gone = err // whoever never was is no member
			}
			return nil, gone
		}
		l.left, l.member = true, l.former.Member
		return needs, l.former.Over(l.held, access.MembersDelete)
	}
	return act
}

// view reads what there is to see.
func (l *looking) view(ctx context.Context, tx *store.Tx) (View, error) {
	m := l.member
	v := View{
		Org: m.Org, Member: m.ID, Title: m.Title, Name: m.Name(), Function: m.Function, Account: !m.Account.IsZero(), Status: string(m.Status),
		EndsAt: m.EndsAt,
	}
	var err error
	if v.Sites, err = l.sites(ctx, tx); err != nil {
		return v, err
	}
	if l.left {
		err = l.afterwards(ctx, tx, &v)
	} else {
		err = l.before(ctx, tx, &v)
	}
	return v, err
}

// sites names the sites of the member, as whoever looks may know of them.
func (l *looking) sites(ctx context.Context, tx *store.Tx) ([]string, error) {
	ids := l.former.Sites
	if !l.left {
		all, err := member.SitesOf(ctx, tx, l.member.Org, []ident.Member{l.member.ID})
		if err != nil {
			return nil, err
		}
		ids = all[l.member.ID]
	}
	seen := func(ident.Site) bool { return true }
	if !l.own {
		seen = sightOf(l.held)
	}
	return namesOf(ctx, tx, l.member.Org, ids, seen)
}

// sightOf says of which sites members may be known.
func sightOf(held access.Held) func(ident.Site) bool {
	return func(s ident.Site) bool { return held.Has(access.MembersRead, access.SiteScope(held.Org, s)) }
}

func namesOf(ctx context.Context, tx *store.Tx, org ident.Org, ids []ident.Site, seen func(ident.Site) bool) ([]string, error) {
	all, err := member.SiteNames(ctx, tx, org)
	var names []string
	for _, id := range ids {
		if seen(id) {
			names = append(names, all[id])
		}
	}
	slices.Sort(names)
	return names, err
}

// before reads what the member holds, with the plan that there may be.
func (l *looking) before(ctx context.Context, tx *store.Tx, v *View) error {
	things, err := held(ctx, tx, l.member)
	if err != nil {
		return err
	}
	if v.Ends, err = counts(ctx, tx, l.member); err != nil {
		return err
	}
	if l.own {
		return l.alone(ctx, tx, v, things)
	}
	if err := l.planned(ctx, tx, v, things); err != nil {
		return err
	}
	if err := l.mayBegin(ctx, tx); err != nil {
		code, refused := refusalOf(err)
		if !refused {
			return err
		}
		v.Blocked = code
	}
	v.May = May{Start: v.Blocked == "", Cancel: v.Blocked == "" && v.Departure != nil && v.Departure.State == Planned}
	v.Holdings, err = l.holdings(ctx, tx, things)
	return err
}

// mayBegin is what Start would refuse before it looks at an order. Errors: the refusal.
func (l *looking) mayBegin(ctx context.Context, tx *store.Tx) error {
	switch {
	case isSelf(l.held, l.by, l.member):
		return member.ErrYourself
	case l.member.Status == member.PendingApproval:
		return member.ErrNotActive
	}
	return settled(ctx, tx, l.member)
}

// alone is what leaving by oneself would end: who administers alone cannot.
func (l *looking) alone(ctx context.Context, tx *store.Tx, v *View, things []choice) error {
	if err := missing(ctx, tx, l.member.Org, things); err != nil {
		code, refused := refusalOf(err)
		if !refused {
			return err
		}
		v.Blocked = code
	}
	v.May.Start = v.Blocked == ""
	for _, c := range things {
		v.Holdings = append(v.Holdings, c.holding())
	}
	return nil
}

// planned puts a plan, or the last undoing, beside what is held.
func (l *looking) planned(ctx context.Context, tx *store.Tx, v *View, things []choice) error {
	d, found, err := latest(ctx, tx, l.member.Org, l.member.ID)
	if err != nil || !found {
		return err
	}
	v.Departure = &d
	if d.State != Planned {
		return l.history(ctx, tx, v)
	}
	chosen, err := choicesOf(ctx, tx, d)
	for i := range things {
		n := slices.IndexFunc(chosen, func(c choice) bool { return c.is(things[i].Choice) })
		if n >= 0 {
			things[i].To, things[i].state, things[i].why = chosen[n].To, chosen[n].state, chosen[n].why
		}
	}
	return err
}

func (l *looking) history(ctx context.Context, tx *store.Tx, v *View) (err error) {
	if v.Steps, err = stepsOf(ctx, tx, *v.Departure, maxStepsShown); err != nil {
		return err
	}
	if err := l.hide(ctx, tx, v.Steps); err != nil {
		return err
	}
	v.Stays, err = staysOf(ctx, tx, *v.Departure)
	return err
}

// afterwards reads what became of everything.
func (l *looking) afterwards(ctx context.Context, tx *store.Tx, v *View) error {
	v.Departure = &l.d
	if err := l.history(ctx, tx, v); err != nil {
		return err
	}
	things, err := choicesOf(ctx, tx, l.d)
	if err != nil {
		return err
	}
	if err := placed(ctx, tx, l.d.Org, things); err != nil {
		return err
	}
	slices.SortStableFunc(things, inOrder)
	open := l.d.UndoTill.After(tx.Now)
	for _, c := range things {
		h, err := l.gone(ctx, tx, c, open)
		if err != nil {
			return err
		}
		v.May.Hand = v.May.Hand || h.May
		v.Holdings = append(v.Holdings, h)
	}
	if err := l.named(ctx, tx, l.d.Org, v.Holdings); err != nil {
		return err
	}
	return l.way(ctx, tx, v)
}

// way says whether the departure can be undone.
func (l *looking) way(ctx context.Context, tx *store.Tx, v *View) error {
	err := mayUndo(ctx, tx, l.d, l.former)
	if err == nil {
		v.May.Undo = true
		return nil
	}
	code, refused := refusalOf(err)
	if !refused {
		return err
	}
	v.NoUndo = code
	return nil
}

// gone is a line of what somebody had who left: with receivers, as long as it can be given.
func (l *looking) gone(ctx context.Context, tx *store.Tx, c choice, open bool) (Holding, error) {
	late, err := l.d.late(ctx, tx, &c)
	h := c.holding()
	if err != nil || !late || !open {
		return h, err
	}
	return l.offer(ctx, tx, c)
}

// holding is a thing as it is shown, without receivers.
func (c choice) holding() Holding {
	return Holding{
		What: c.What, Object: c.Object, Name: c.name, Type: c.kind, SiteName: c.site, Items: c.items, Late: c.late, Fate: c.fate(),
		To: c.To, State: c.state, Why: c.why, Moved: c.moved,
	}
}

// holdings are things as they are shown to whoever decides.
func (l *looking) holdings(ctx context.Context, tx *store.Tx, things []choice) ([]Holding, error) {
	list := make([]Holding, 0, len(things))
	for _, c := range things {
		h, err := l.offer(ctx, tx, c)
		if err != nil {
			return nil, err
		}
		list = append(list, h)
	}
	return list, l.named(ctx, tx, l.member.Org, list)
}

// offer is a thing with those who may receive it, or with those who may say who does.
func (l *looking) offer(ctx context.Context, tx *store.Tx, c choice) (Holding, error) {
	h := c.holding()
	j := judging{held: l.held, member: l.member}
	var err error
	if h.May, err = j.gives(ctx, tx, c); err != nil {
		return h, err
	}
	if !h.May {
		h.Who, err = l.whoMay(ctx, tx, access.Scope{Org: l.member.Org, Site: c.at})
		return h, err
	}
	h.Receivers, err = l.receivers(ctx, tx, c, "")
	return h, err
}

// whoMay names some of those who may give what is at a scope: those of its administrators of whom
// whoever looks may know.
func (l *looking) whoMay(ctx context.Context, tx *store.Tx, at access.Scope) ([]string, error) {
	all, err := member.Administrators(ctx, tx, at)
	if err != nil {
		return nil, err
	}
	ids := make([]ident.Member, len(all))
	for i, m := range all {
		ids[i] = m.ID
	}
	known, err := l.known(ctx, tx, at.Org, ids)
	var names []string
	for _, m := range all {
		if known(m.ID) && len(names) < MaxNamed {
			names = append(names, m.Name())
		}
	}
	return names, err
}

// named puts the names of receivers beside their IDs, and leaves both out of those of whom whoever
// looks may not know (AUZ-06).
func (l *looking) named(ctx context.Context, tx *store.Tx, org ident.Org, list []Holding) error {
	var ids []ident.Member
	for _, h := range list {
		if !h.To.IsZero() {
			ids = append(ids, h.To)
		}
	}
	known, err := l.known(ctx, tx, org, ids)
	if err != nil {
		return err
	}
	refs, err := member.Refs(ctx, tx, org, ids)
	for i, h := range list {
		if !known(h.To) {
			list[i].To = ""
		} else if m, ok := refs[h.To]; ok {
			list[i].ToName = m.Name()
		}
	}
	return err
}

// hide leaves out of steps the names of receivers of whom whoever looks may not know.
func (l *looking) hide(ctx context.Context, tx *store.Tx, steps []Step) error {
	var ids []ident.Member
	for _, s := range steps {
		if !s.to.IsZero() {
			ids = append(ids, s.to)
		}
	}
	known, err := l.known(ctx, tx, l.member.Org, ids)
	for i, s := range steps {
		if !known(s.to) {
			steps[i].ToName = ""
		}
	}
	return err
}

// known says of members whether whoever looks may know of them: all of the organisation, or those who
// belong to a site of theirs.
func (l *looking) known(ctx context.Context, tx *store.Tx, org ident.Org, ids []ident.Member) (func(ident.Member) bool, error) {
	sites, whole := l.held.Sites(access.MembersRead)
	if whole || len(ids) == 0 {
		return func(ident.Member) bool { return true }, nil
	}
	of, err := member.SitesOf(ctx, tx, org, ids)
	return func(id ident.Member) bool {
		return id == l.held.Member || slices.ContainsFunc(of[id], func(s ident.Site) bool { return slices.Contains(sites, s) })
	}, err
}

// placed says of resources where they are, and of which type.
func placed(ctx context.Context, tx *store.Tx, org ident.Org, list []choice) error {
	var ids []resource.ID
	for _, c := range list {
		if c.What == Resource || c.What == Management {
			ids = append(ids, resource.ID(c.Object))
		}
	}
	found, err := resource.Load(ctx, tx, org, ids)
	for i := range list {
		n := slices.IndexFunc(found, func(r resource.Resource) bool { return r.ID.String() == list[i].Object })
		if n >= 0 {
			r := found[n]
			list[i].name, list[i].site, list[i].at, list[i].kind = r.Name, r.SiteName, r.Site, r.Type
		}
	}
	return err
}
