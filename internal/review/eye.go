package review

import (
	"context"
	"maps"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
)

// The verbs of reviews.
const (
	verbList   = "review.list"
	verbRead   = "review.read"
	verbOpen   = "review.open"
	verbAssign = "review.assign"
	verbDecide = "review.decide"
	verbEnd    = "review.end"
	verbStep   = "review.step"
	verbReduce = "review.reduce"
	verbFinish = "review.finish"
	verbFile   = "review.file"
	verbRemind = "review.remind"
)

// scope is where reviews.run is asked for a campaign: at its site, or in the whole organisation.
func (c *Campaign) scope() access.Scope { return access.Scope{Org: c.Org, Site: c.Site} }

// eye is whoever looks at a campaign or acts on it.
type eye struct {
	by       access.Actor
	held     access.Held
	campaign Campaign
}

// act is an act on a campaign, by whoever holds reviews.run there. Whoever does not learns nothing of
// it (AUZ-06).
func (e *eye) act(verb string, by access.Actor, org ident.Org, id ident.Review) action.Act {
	act := action.Act{Verb: verb, Orgs: []ident.Org{org}, Object: id.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		e.by = by
		return []access.Need{access.MemberOf(org)}, e.look(ctx, tx, org, id)
	}
	return act
}

// look reads the campaign. Errors: ErrNotFound, access.ErrForbidden for who runs reviews nowhere.
func (e *eye) look(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Review) (err error) {
	if e.held, err = access.HeldBy(ctx, tx, e.by, org); err != nil {
		return err
	}
	if !e.held.HasAnywhere(access.ReviewsRun) {
		return access.ErrForbidden.With("Permission", string(access.ReviewsRun))
	}
	var found bool
	if e.campaign, found, err = get(ctx, tx, org, id); err != nil {
		return err
	}
	if !found || !e.held.Has(access.ReviewsRun, e.campaign.scope()) {
		return ErrNotFound
	}
	return nil
}

// crowd is what says who may review whom.
type crowd struct {
	given map[ident.Member]access.Held // administration of those to review, in force or not
	able  map[ident.Member]access.Held // those who run reviews, as of now
	refs  map[ident.Member]member.Member
	at    access.Scope
}

// gather reads it for some people of a campaign, and those who run reviews.
func (c *Campaign) gather(ctx context.Context, tx *store.Tx, people []ident.Member) (crowd, error) {
	g := crowd{given: map[ident.Member]access.Held{}, at: c.scope()}
	var err error
	if g.able, err = access.Holders(ctx, tx, c.Org, access.ReviewsRun); err != nil {
		return g, err
	}
	all := slices.Clone(people)
	for m, held := range g.able {
		if held.Has(access.ReviewsRun, g.at) {
			all = append(all, m)
		} else {
			delete(g.able, m)
		}
	}
	all = slices.Compact(slices.Sorted(slices.Values(all)))
	if g.refs, err = member.Refs(ctx, tx, c.Org, all); err != nil {
		return g, err
	}
	for part := range slices.Chunk(people, atOnce) {
		given, err := access.AdministrationOf(ctx, tx, c.Org, part)
		if err != nil {
			return g, err
		}
		maps.Copy(g.given, given)
	}
	return g, nil
}

// bars says why somebody may not review a person, as a fault code; empty: they may. Whoever looks may
// be a token: what it does, whoever made it does.
func (g *crowd) bars(held access.Held, account ident.Account, of ident.Member) string {
	switch {
	case !held.Member.IsZero() && held.Member == of, !account.IsZero() && account == g.refs[of].Account:
		return ErrYourself.Code
	case !held.Has(access.ReviewsRun, g.at):
		return ErrReviewer.Code
	case !held.Covers(g.given[of]):
		return member.ErrMorePowerful.Code
	}
	return ""
}

// barred is bars for whoever looks.
func (e *eye) barred(g *crowd, of ident.Member) string { return g.bars(e.held, e.by.Account, of) }

// reviewers are those who may review a person, of a site those first who run reviews there alone.
func (g *crowd) reviewers(of ident.Member) []ident.Member {
	var list []ident.Member
	for m, held := range g.able {
		if g.bars(held, "", of) == "" {
			list = append(list, m)
		}
	}
	slices.Sort(list)
	return list
}

// may says what whoever looks may do with a campaign.
func (e *eye) may() May {
	open := e.campaign.State == Open
	return May{Decide: open, Assign: open, End: open, File: e.campaign.HasFile}
}
