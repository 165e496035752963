package departure

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/invitation"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/store"
	"habilis/internal/text"
	"habilis/internal/webhook"
	"habilis/internal/workitem"
)

// choice is one thing that somebody holds, who is to have it, and what became of it.
type choice struct {
	Choice

	name    string
	state   ChoiceState
	why     string
	items   int64 // of work
	moved   int64
	version int64  // of the thing, once given or closed
	by      string // who chose the receiver, and so gives it, as package invitation writes it
	kept    bool   // of the plan that is replaced, whose receiver is not for the new decider to choose

	late int64
	site string // name
	at   ident.Site
	kind resource.Type
}

// kindOf is the kind of work items that a choice is about.
func (c Choice) kindOf() workitem.Kind { return workitem.Kind(c.Object) }

// scope is what an administration is about.
func (c Choice) scope(in ident.Org) access.Scope {
	at, _ := access.ParseScope(in, c.Object)
	return at
}

// giver is who gives it: what they give themself is told to the others (RGT-1).
func (c choice) giver(by access.Actor, in ident.Org) access.Actor {
	a := invitation.ParseInviter(c.by, in).Actor
	if a.Kind == by.Kind && a.Account == by.Account && a.Token == by.Token {
		return by
	}
	return a
}

// is reports whether two choices are about one thing.
func (c Choice) is(o Choice) bool { return c.What == o.What && c.Object == o.Object }

// fate is what becomes of it without anybody to take it over.
func (c Choice) fate() Fate {
	switch c.What {
	case Administration:
		return Required
	case Resource:
		return Closed
	case Management:
		return Unmanaged
	case Webhook:
		return Stopped
	case Work:
		if r, ok := c.kindOf().Rule(); ok {
			return Fate(r.Leaving)
		}
	}
	return Kept
}

// inOrder orders things as the page does.
func inOrder(a, b choice) int {
	return cmp.Or(
		cmp.Compare(slices.Index(Whats, a.What), slices.Index(Whats, b.What)),
		cmp.Compare(slices.Index(workitem.Kinds, a.kindOf()), slices.Index(workitem.Kinds, b.kindOf())),
		cmp.Compare(slices.Index(resource.Types, a.kind), slices.Index(resource.Types, b.kind)),
		strings.Compare(text.SortKey(a.name), text.SortKey(b.name)),
	)
}

// held reads everything that a member holds and that another may take over, in the order of the
// page.
func held(ctx context.Context, tx *store.Tx, m member.Member) ([]choice, error) {
	var all []choice
	for _, read := range []func(context.Context, *store.Tx, member.Member) ([]choice, error){
		administrations, work, resources, managements, webhooks,
	} {
		some, err := read(ctx, tx, m)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func administrations(ctx context.Context, tx *store.Tx, m member.Member) ([]choice, error) {
	scopes, err := member.KeptAlone(ctx, tx, m.Org, m.ID)
	if err != nil || len(scopes) == 0 {
		return nil, err
	}
	names, err := member.SiteNames(ctx, tx, m.Org)
	list := make([]choice, len(scopes))
	for i, at := range scopes {
		list[i] = choice{Choice: Choice{What: Administration, Object: at.Code()}, name: names[at.Site], at: at.Site}
	}
	return list, err
}

func work(ctx context.Context, tx *store.Tx, m member.Member) ([]choice, error) {
	kinds, err := workitem.HeldBy(ctx, tx, m.Org, m.ID)
	list := make([]choice, len(kinds))
	for i, h := range kinds {
		list[i] = choice{Choice: Choice{What: Work, Object: string(h.Kind)}, items: h.Items, late: h.Late}
	}
	return list, err
}

func resources(ctx context.Context, tx *store.Tx, m member.Member) ([]choice, error) {
	own, err := resource.HeldBy(ctx, tx, m.Org, m.ID)
	return ofResources(Resource, own), err
}

func managements(ctx context.Context, tx *store.Tx, m member.Member) ([]choice, error) {
	alone, err := grant.ManagedAlone(ctx, tx, m.Org, m.ID)
	return ofResources(Management, alone), err
}

func ofResources(what What, all []resource.Resource) []choice {
	list := make([]choice, len(all))
	for i, r := range all {
		list[i] = choice{
			Choice: Choice{What: what, Object: r.ID.String()}, name: r.Name, site: r.SiteName, at: r.Site, kind: r.Type, version: r.Version,
		}
	}
	return list
}

func webhooks(ctx context.Context, tx *store.Tx, m member.Member) ([]choice, error) {
	own, err := webhook.OwnedBy(ctx, tx, m.Org, m.Account)
	list := make([]choice, len(own))
	for i, v := range own {
		list[i] = choice{Choice: Choice{What: Webhook, Object: v.ID.String()}, name: v.Name}
	}
	return list, err
}

// judging is on whose authority choices are made, about whom.
type judging struct {
	held   access.Held
	member member.Member
	by     string // as package invitation writes it
}

// choose puts what was chosen beside what is held. What cannot be is told as fields.
func (j judging) choose(ctx context.Context, tx *store.Tx, things []choice, wanted []Choice) error {
	var f fault.Fields
	if len(wanted) > MaxChoices {
		return fault.OnField("reassignments", "departure.too_many", "Max", MaxChoices)
	}
	for i, w := range wanted {
		if w.To.IsZero() {
			continue
		}
		at := "reassignments[" + strconv.Itoa(i) + "]"
		n := slices.IndexFunc(things, func(c choice) bool { return c.is(w) })
		switch {
		case n < 0:
			f.Add(at+".what", ErrNotHeld.Code)
			continue
		case things[n].kept && things[n].To == w.To:
			continue
		case things[n].state == Chosen && !things[n].kept:
			f.Add(at+".what", "departure.twice")
			continue
		}
		if err := j.may(ctx, tx, things[n], w.To); err != nil {
			code, ok := refusalOf(err)
			if !ok {
				return err
			}
			f.Add(at+".to", code)
		}
		things[n].To, things[n].state, things[n].by, things[n].kept = w.To, Chosen, j.by, false
	}
	return f.Err()
}

// chooses reports whether whoever decides could choose, or not, that somebody has a thing: it is
// theirs to give, and they may know of the receiver. Who is a member no more is nobody's receiver.
func (j judging) chooses(ctx context.Context, tx *store.Tx, c choice, to ident.Member) (bool, error) {
	if ok, err := j.gives(ctx, tx, c); err != nil || !ok {
		return false, err
	}
	if _, err := member.Find(ctx, tx, j.member.Org, to); err != nil {
		return true, unlessMissing(err)
	}
	_, err := member.SeenAs(ctx, tx, j.held, to)
	if err != nil && member.Refusal(err) {
		return false, nil
	}
	return err == nil, err
}

// refusalOf is the code of a refusal; false for what is none.
func refusalOf(err error) (string, bool) {
	e := fault.Of(err)
	switch e.Kind {
	case fault.Forbidden, fault.NotFound, fault.Conflict, fault.Invalid, fault.Malformed:
		if len(e.Fields) > 0 {
			return e.Fields[0].Code, true
		}
		return e.Code, true
	case fault.Internal, fault.Stale, fault.TooLarge, fault.Misdirected, fault.NoVersion, fault.Limited, fault.Unavailable, fault.Full,
		fault.Unauthenticated, fault.Gone:
	}
	return "", false
}

// may reports whether a thing may be given to somebody, by whoever decides. Errors: the refusal.
func (j judging) may(ctx context.Context, tx *store.Tx, c choice, to ident.Member) error {
	if to == j.member.ID {
		return workitem.ErrSelf
	}
	if ok, err := j.gives(ctx, tx, c); err != nil || !ok {
		return firstError(err, access.ErrForbidden)
	}
	m, err := member.SeenAs(ctx, tx, j.held, to)
	if err != nil {
		return err
	}
	return takes(ctx, tx, j.member, c, m, j.held)
}

// takes reports whether somebody can have a thing.
func takes(ctx context.Context, tx *store.Tx, from member.Member, c choice, to member.Member, by access.Held) error {
	if !here(to, tx) {
		return workitem.ErrReceiver
	}
	switch c.What {
	case Work:
		return workitem.Takes(ctx, tx, from.Org, from.ID, to.ID, c.kindOf())
	case Resource:
		return holds(ctx, tx, c, to)
	case Administration:
		return succeeds(ctx, tx, by, c.scope(from.Org), to)
	case Webhook:
		ok, err := webhook.MayAnswer(ctx, tx, from.Org, to.Account)
		if err == nil && !ok {
			err = ErrNoAnswer
		}
		return err
	case Management:
	}
	return nil
}

// here reports whether a member is in force now.
func here(m member.Member, tx *store.Tx) bool {
	return m.InForce() && inTime(m, tx.Now)
}

// holds reports whether a member can be the holder of what is at a site: by the rule of
// resource.HandOver.
func holds(ctx context.Context, tx *store.Tx, c choice, to member.Member) error {
	if to.ProfileType == member.NonPractitioner {
		return resource.ErrReceiver
	}
	sites, err := member.SitesOf(ctx, tx, to.Org, []ident.Member{to.ID})
	if err == nil && !c.at.IsZero() && !slices.Contains(sites[to.ID], c.at) {
		err = resource.ErrReceiver
	}
	return err
}

// succeeds reports whether a member can administer a scope from now on, and sign in.
func succeeds(ctx context.Context, tx *store.Tx, by access.Held, at access.Scope, to member.Member) error {
	if err := member.MaySucceed(ctx, tx, by, to.ID, at); err != nil {
		return err
	}
	able, err := member.Heirs(ctx, tx, at)
	if err == nil && !slices.ContainsFunc(able, func(m member.Member) bool { return m.ID == to.ID }) {
		err = member.ErrNoSignIn
	}
	return err
}

// gives reports whether whoever decides may choose who has a thing.
func (j judging) gives(ctx context.Context, tx *store.Tx, c choice) (bool, error) {
	switch c.What {
	case Resource, Management:
		return j.held.Has(access.RightsEdit, access.Scope{Org: j.member.Org, Site: c.at}), nil
	case Administration:
		return member.MayAppointAt(ctx, tx, j.held, c.scope(j.member.Org))
	case Webhook:
		return j.held.Has(access.WebhooksEdit, access.OrgScope(j.member.Org)), nil
	case Work:
	}
	return true, nil
}

// missing is the refusal of what nobody administers once the member is gone: whoever administers
// the organisation from then on administers its sites.
func missing(ctx context.Context, tx *store.Tx, in ident.Org, things []choice) error {
	whole := slices.ContainsFunc(things, func(c choice) bool {
		return c.What == Administration && c.state == Chosen && c.scope(in).Site.IsZero()
	})
	for _, c := range things {
		if c.What == Administration && c.state != Chosen && !whole {
			return member.LastOf(ctx, tx, c.scope(in))
		}
	}
	return nil
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
