package departure

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
	"habilis/internal/text"
	"habilis/internal/webhook"
	"habilis/internal/workitem"
)

// Propose finds who may take one thing over, by words of their name: of who left too, as long as
// it can be given. Errors: those of Preview, ErrNotHeld, the field q.
func (d Departures) Propose(ctx context.Context, by access.Actor, org ident.Org, of ident.Member, what What, object, search string,
) (Receivers, error) {
	var l looking
	return action.View(ctx, d.Run, by, l.act(by, org, of), func(tx *store.Tx) (Receivers, error) {
		if utf8.RuneCountInString(search) > workitem.MaxQuery {
			return Receivers{}, fault.OnField("q", string(text.TooLong), "Max", workitem.MaxQuery)
		}
		things, err := l.things(ctx, tx)
		if err != nil {
			return Receivers{}, err
		}
		n := slices.IndexFunc(things, func(c choice) bool { return c.is(Choice{What: what, Object: object}) })
		if n < 0 {
			return Receivers{}, ErrNotHeld
		}
		may, err := judging{held: l.held, member: l.member}.gives(ctx, tx, things[n])
		if err != nil || !may {
			return Receivers{}, firstError(err, access.ErrForbidden)
		}
		return l.receivers(ctx, tx, things[n], search)
	})
}

// things are those that can be given, before or after.
func (l *looking) things(ctx context.Context, tx *store.Tx) ([]choice, error) {
	if l.left {
		return l.offered(ctx, tx)
	}
	return held(ctx, tx, l.member)
}

// receivers are those who may have a thing, the likeliest first: same function and site, then the
// function, then the site.
func (l *looking) receivers(ctx context.Context, tx *store.Tx, c choice, search string) (Receivers, error) {
	switch c.What {
	case Work, Resource, Management:
		return l.near(ctx, tx, c, search)
	case Administration:
		at := c.scope(l.member.Org)
		all, err := member.Heirs(ctx, tx, at)
		if err != nil {
			return Receivers{}, err
		}
		return l.among(ctx, tx, all, search, func(m member.Member) error { return member.MaySucceed(ctx, tx, l.held, m.ID, at) })
	case Webhook:
		all, err := answerers(ctx, tx, l.member.Org)
		if err != nil {
			return Receivers{}, err
		}
		return l.among(ctx, tx, all, search, func(m member.Member) error { _, err := member.SeenAs(ctx, tx, l.held, m.ID); return err })
	}
	return Receivers{}, nil
}

// near are colleagues, as package workitem orders them.
func (l *looking) near(ctx context.Context, tx *store.Tx, c choice, search string) (Receivers, error) {
	w := workitem.Wish{From: l.member, Sites: l.former.Sites, Search: search, Limit: MaxProposed + 1}
	if !l.left {
		sites, err := member.SitesOf(ctx, tx, l.member.Org, []ident.Member{l.member.ID})
		if err != nil {
			return Receivers{}, err
		}
		w.Sites = sites[l.member.ID]
	}
	switch c.What {
	case Work:
		w.Kind = c.kindOf()
	case Resource:
		w.Practitioner = true
		if !c.at.IsZero() {
			w.At = []ident.Site{c.at}
		}
	case Management, Administration, Webhook:
	}
	found, err := workitem.Near(ctx, tx, l.held, w)
	var out Receivers
	for _, r := range found {
		out.add(r.Member, r.SameFunction, r.SameSite)
	}
	return out, err
}

// add adds one, if there is room.
func (r *Receivers) add(m member.Member, function, site bool) {
	if len(r.People) == MaxProposed {
		r.More = true
		return
	}
	r.People = append(r.People, Receiver{
		Member: m.ID, Title: m.Title, Name: m.Name(), Email: m.Email, Function: m.Function, SameFunction: function, SameSite: site,
	})
}

// answerers are the members who may answer for endpoints.
func answerers(ctx context.Context, tx *store.Tx, org ident.Org) ([]member.Member, error) {
	accounts, err := webhook.Answerable(ctx, tx, org)
	if err != nil {
		return nil, err
	}
	found, err := member.OfAccounts(ctx, tx, org, accounts)
	if err != nil {
		return nil, err
	}
	ids := make([]ident.Member, 0, len(found))
	for _, id := range found {
		ids = append(ids, id)
	}
	refs, err := member.Refs(ctx, tx, org, ids)
	list := make([]member.Member, 0, len(refs))
	for _, m := range refs {
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b member.Member) int {
		key := func(m member.Member) string { return text.SortKey(m.FamilyName + " " + m.GivenName) }
		return cmp.Or(strings.Compare(key(a), key(b)), cmp.Compare(a.ID, b.ID))
	})
	return list, err
}

// among orders people by what they share with the member, and keeps those that may be chosen.
func (l *looking) among(ctx context.Context, tx *store.Tx, all []member.Member, search string, may func(member.Member) error,
) (Receivers, error) {
	ids := []ident.Member{l.member.ID}
	for _, m := range all {
		ids = append(ids, m.ID)
	}
	sites, err := member.SitesOf(ctx, tx, l.member.Org, ids)
	if err != nil {
		return Receivers{}, err
	}
	own := sites[l.member.ID]
	if l.left {
		own = l.former.Sites
	}
	shares := func(m member.Member) bool {
		return slices.ContainsFunc(sites[m.ID], func(s ident.Site) bool { return slices.Contains(own, s) })
	}
	rank := func(m member.Member) int {
		n := 0
		if m.Function == l.member.Function {
			n -= 2
		}
		if shares(m) {
			n--
		}
		return n
	}
	slices.SortStableFunc(all, func(a, b member.Member) int { return rank(a) - rank(b) })
	var out Receivers
	for _, m := range all {
		if m.ID == l.member.ID || !matches(m, search) {
			continue
		}
		switch err := may(m); {
		case err == nil:
			out.add(m, m.Function == l.member.Function, shares(m))
		case !member.Refusal(err):
			return out, err
		}
		if out.More {
			break
		}
	}
	return out, nil
}

// matches looks for every word of a search in a name.
func matches(m member.Member, search string) bool {
	name := " " + text.Fold(m.Name())
	words := text.FoldWords(search)
	if len(words) == 0 && strings.TrimSpace(search) != "" {
		return false
	}
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(name, w) })
}
