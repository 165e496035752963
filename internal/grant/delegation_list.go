package grant

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/text"
)

// delegationFinder is a query that was checked, with what it may find.
type delegationFinder struct {
	DelegationQuery
	org     ident.Org
	words   []string
	nothing bool // a search such as "%%%"
	after   *delegationSpot
	sites   []ident.Site // where the viewer reads; nil: everywhere
	party   ident.Member // only what concerns this member
}

type delegationSpot struct {
	Member   string           `json:"m"`
	Identity string           `json:"n"`
	ID       ident.Delegation `json:"i"`
}

// maxDelegationPage bounds the number of a page: beyond is a mistake.
const maxDelegationPage = 1_000_000

func newDelegationFinder(ring *secret.Ring, in ident.Org, q DelegationQuery) (delegationFinder, error) {
	f := delegationFinder{DelegationQuery: q, org: in}
	if f.Size == 0 {
		f.Size = DelegationsPage
	}
	if f.Page == 0 {
		f.Page = 1
	}
	bad := ""
	switch {
	case f.Size < 1 || f.Size > MaxDelegations:
		bad = "size"
	case f.Page < 1 || f.Page > maxDelegationPage:
		bad = "page"
	case f.State != "" && !slices.Contains(DelegationStates, f.State):
		bad = "state"
	case f.Act != "" && !slices.Contains(Acts, f.Act):
		bad = "act"
	}
	if bad != "" {
		return f, ErrDelegationQuery.With("Name", bad)
	}
	var err error
	if f.words, f.nothing, err = wanted(q.Search); err != nil {
		return f, err
	}
	if f.After != "" {
		f.after, f.Page = &delegationSpot{}, 1
		return f, ring.OpenCursor(f.name(), f.After, f.after)
	}
	return f, nil
}

// wanted are the words of a search; nothing: it can find nothing.
func wanted(search string) (words []string, nothing bool, err error) {
	if utf8.RuneCountInString(search) > maxWanted {
		return nil, false, fault.OnField("q", string(text.TooLong), "Max", maxWanted)
	}
	words = text.FoldWords(search)
	return words, len(words) == 0 && strings.TrimSpace(search) != "", nil
}

// name is what a cursor is bound to: the list with its filters.
func (f *delegationFinder) name() string {
	return fmt.Sprintf("delegations|%s|%s|%s|%s|%s|%s|%q", f.org, f.Member, f.Identity, f.Holder, f.Act, f.State, f.words)
}

// List gives one page of the delegations that the actor administers or reads the rights
// of, by the name of the delegate. Errors: ErrDelegationQuery, fields to correct,
// secret.ErrCursor, access.ErrForbidden.
func (x Delegations) List(ctx context.Context, by access.Actor, in ident.Org, q DelegationQuery) (DelegationPage, error) {
	return viewDelegations(ctx, x, by, in, verbDelegationList, func(tx *store.Tx, v delegationViewer) (DelegationPage, error) {
		f, err := newDelegationFinder(x.Run.Ring, in, q)
		if err != nil || f.nothing {
			return DelegationPage{}, err
		}
		f.sites = v.sites()
		return v.page(ctx, tx, x.Run.Ring, &f)
	})
}

func (v delegationViewer) page(ctx context.Context, tx *store.Tx, ring *secret.Ring, f *delegationFinder) (DelegationPage, error) {
	var p DelegationPage
	var err error
	if p.Total, err = countDelegations(ctx, tx, f); err != nil {
		return p, err
	}
	found, err := findDelegations(ctx, tx, f, f.Size+1, (f.Page-1)*f.Size)
	if err != nil {
		return p, err
	}
	if len(found) > f.Size {
		found = found[:f.Size]
		last := found[f.Size-1]
		if p.Next, err = ring.Cursor(f.name(), delegationSpot{last.sortKeys[0], last.sortKeys[1], last.ID}); err != nil {
			return p, err
		}
	}
	p.List, err = v.told(ctx, tx, found)
	return p, err
}

// viewDelegations lets whoever reads delegations of others look at them.
func viewDelegations[T any](ctx context.Context, x Delegations, by access.Actor, in ident.Org, verb string,
	fn func(*store.Tx, delegationViewer) (T, error),
) (T, error) {
	var v delegationViewer
	act := action.Act{Verb: verb, Orgs: []ident.Org{in}, Object: in.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if v, err = delegationView(ctx, tx, by, in); err != nil {
			return nil, err
		}
		if v.readsSome() {
			return []access.Need{access.MemberOf(in)}, nil
		}
		return []access.Need{access.At(access.DelegationsEdit, access.OrgScope(in))}, nil
	}
	return action.View(ctx, x.Run, by, act, func(tx *store.Tx) (T, error) { return fn(tx, v) })
}

// Get reads one delegation. Errors: ErrNoDelegation, access.ErrForbidden for who may see
// nobody's.
func (x Delegations) Get(ctx context.Context, by access.Actor, in ident.Org, id ident.Delegation) (Delegation, error) {
	var v delegationViewer
	var d Delegation
	act := action.Act{Verb: verbDelegationRead, Orgs: []ident.Org{in}, Object: id.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if v, err = delegationView(ctx, tx, by, in); err != nil {
			return nil, err
		}
		d, err = v.delegation(ctx, tx, id)
		return []access.Need{access.MemberOf(in)}, err
	}
	return action.View(ctx, x.Run, by, act, func(tx *store.Tx) (Delegation, error) {
		list, err := v.told(ctx, tx, []Delegation{d})
		return list[0], err
	})
}

// OfMember reads what a member may do in the names of others, and what others may do in
// theirs, as far as the actor may see; what is over is left out.
func (x Delegations) OfMember(ctx context.Context, by access.Actor, in ident.Org, id ident.Member) ([]Delegation, error) {
	return viewDelegations(ctx, x, by, in, verbDelegationList, func(tx *store.Tx, v delegationViewer) ([]Delegation, error) {
		f := delegationFinder{org: in, party: id, sites: v.sites()}
		found, err := findDelegations(ctx, tx, &f, MaxDelegations, 0)
		if err != nil {
			return nil, err
		}
		return v.told(ctx, tx, found)
	})
}

// DelegationChoices is what a form of new delegations offers.
type DelegationChoices struct {
	Members    []Delegate
	Identities []Identity
	// More says that there are others, which a search finds.
	MoreMembers, MoreIdentities bool
}

// Choose says what a form of new delegations asks for.
type Choose struct {
	Own                 bool   // to draft in the actor's own name only
	Members, Identities string // searches; may be empty
	// What is chosen already is offered whatever is searched for.
	Member ident.Member
	Chosen []resource.ID
}

// Choices are the members to whom, and the identities on which, the actor may give
// delegations. Errors: fields to correct, access.ErrForbidden.
func (x Delegations) Choices(ctx context.Context, by access.Actor, in ident.Org, w Choose) (DelegationChoices, error) {
	var v delegationViewer
	act := action.Act{Verb: verbDelegationFind, Orgs: []ident.Org{in}, Object: in.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if v, err = delegationView(ctx, tx, by, in); err != nil {
			return nil, err
		}
		if w.Own || v.held.HasAnywhere(access.DelegationsEdit) {
			return []access.Need{access.MemberOf(in)}, nil
		}
		return []access.Need{access.At(access.DelegationsEdit, access.OrgScope(in))}, nil
	}
	return action.View(ctx, x.Run, by, act, func(tx *store.Tx) (DelegationChoices, error) {
		c, err := v.members(ctx, tx, w)
		if err != nil {
			return c, err
		}
		err = v.identities(ctx, tx, w, &c)
		return c, err
	})
}

func (v delegationViewer) members(ctx context.Context, tx *store.Tx, w Choose) (c DelegationChoices, err error) {
	words, nothing, err := wanted(w.Members)
	if err != nil {
		return c, err
	}
	sites, whole, err := v.among(ctx, tx, w.Own)
	if err != nil {
		return c, err
	}
	if !nothing { // one more than is offered tells whether there are others; oneself is no choice
		if c.Members, err = delegatesAt(ctx, tx, v.held.Org, sites, whole, words, MaxChoices+2); err != nil {
			return c, err
		}
	}
	c.Members = slices.DeleteFunc(c.Members, func(d Delegate) bool { return d.ID == v.held.Member })
	if c.MoreMembers = len(c.Members) > MaxChoices; c.MoreMembers {
		c.Members = c.Members[:MaxChoices]
	}
	if w.Member.IsZero() || w.Member == v.held.Member || slices.ContainsFunc(c.Members, func(d Delegate) bool { return d.ID == w.Member }) {
		return c, nil
	}
	d, ok, err := delegateAt(ctx, tx, v.held.Org, w.Member, sites, whole)
	if ok {
		c.Members = append([]Delegate{d}, c.Members...)
	}
	return c, err
}

func (v delegationViewer) identities(ctx context.Context, tx *store.Tx, w Choose, c *DelegationChoices) (err error) {
	if w.Own {
		c.Identities, err = identitiesHeld(ctx, tx, v.held.Org, v.held.Member)
		return err
	}
	words, nothing, err := wanted(w.Identities)
	if err != nil {
		return err
	}
	sites, whole := v.held.Sites(access.DelegationsEdit)
	if whole {
		sites = nil
	}
	if !nothing {
		if c.Identities, err = identitiesAt(ctx, tx, v.held.Org, sites, words, MaxChoices+1); err != nil {
			return err
		}
	}
	if c.MoreIdentities = len(c.Identities) > MaxChoices; c.MoreIdentities {
		c.Identities = c.Identities[:MaxChoices]
	}
	chosen, err := identitiesByID(ctx, tx, v.held.Org, w.Chosen[:min(len(w.Chosen), MaxDelegated)])
	for _, i := range chosen {
		known := slices.ContainsFunc(c.Identities, func(o Identity) bool { return o.ID == i.ID })
		if !known && !i.Closed && v.administers(i) {
			c.Identities = append([]Identity{i}, c.Identities...)
		}
	}
	return err
}

// Own is what concerns a member's own name, and theirs in those of others (MEM-6).
type Own struct {
	Member     ident.Member
	Identities []Identity   // that they hold
	Proposals  []Delegation // that wait for them
	InMyName   []Delegation // what others may do
	InTheirs   []Delegation // what they may do
}

// Mine reads the actor's own delegations. Errors: access.ErrNotFound for who is no member.
func (x Delegations) Mine(ctx context.Context, by access.Actor, in ident.Org) (Own, error) {
	var v delegationViewer
	act := action.Act{Verb: verbDelegationMine, Orgs: []ident.Org{in}, Object: in.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		v, err = delegationView(ctx, tx, by, in)
		if err == nil && v.held.Member.IsZero() {
			err = access.ErrForbidden // a program is no member
		}
		return []access.Need{access.MemberOf(in)}, err
	}
	return action.View(ctx, x.Run, by, act, func(tx *store.Tx) (Own, error) { return v.own(ctx, tx) })
}

func (v delegationViewer) own(ctx context.Context, tx *store.Tx) (Own, error) {
	o := Own{Member: v.held.Member}
	var err error
	if o.Identities, err = identitiesHeld(ctx, tx, v.held.Org, o.Member); err != nil {
		return o, err
	}
	f := delegationFinder{org: v.held.Org, party: o.Member}
	found, err := findDelegations(ctx, tx, &f, MaxDelegations, 0)
	if err != nil {
		return o, err
	}
	if found, err = v.told(ctx, tx, found); err != nil {
		return o, err
	}
	for _, d := range found {
		switch {
		case d.Identity.Holder == o.Member && d.State == Proposed:
			o.Proposals = append(o.Proposals, d)
		case d.Identity.Holder == o.Member:
			o.InMyName = append(o.InMyName, d)
		case d.State != Proposed: // nobody is told of what may never be given
			o.InTheirs = append(o.InTheirs, d)
		}
	}
	return o, nil
}

// Concern says whether a member has anything to do with delegations, and how many
// proposals wait for them: the navigation asks it of every page.
type Concern struct {
	Any       bool
	Proposals int64
}

// Concern reads it for the actor.
func (x Delegations) Concern(ctx context.Context, by access.Actor, in ident.Org) (Concern, error) {
	var held access.Held
	act := action.Act{Verb: verbDelegationMine, Orgs: []ident.Org{in}, Object: in.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		held, err = access.HeldBy(ctx, tx, by, in)
		return []access.Need{access.MemberOf(in)}, err
	}
	return action.View(ctx, x.Run, by, act, func(tx *store.Tx) (c Concern, err error) {
		if held.Member.IsZero() {
			return c, nil
		}
		if c.Any, err = concerns(ctx, tx, held); err != nil || !c.Any {
			return c, err
		}
		c.Proposals, err = proposalsFor(ctx, tx, in, held.Member)
		return c, err
	})
}
