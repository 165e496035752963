package grant

import (
	"cmp"
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/recordgroup"
	"habilis/internal/resource"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Source is why somebody has a level.
type Source string

// The sources.
const (
	AsHolder Source = "holder" // it is theirs
	ByGrant  Source = "grant"  // somebody gave it
)

// MemberRights is what one member holds, with the source of each (RGT-10). It says nothing
// of whether they are in force: InForce does.
type MemberRights struct {
	member.Held

	InForce bool // has an account, is active and inside the dates of the membership
	Levels  []MemberLevel
	// Delegations are what they may do in the names of others; what is over, or not confirmed
	// yet, is left out.
	Delegations []Delegation
	Groups      []recordgroup.Membership // access groups, by name; ended memberships left out
}

// MemberLevel is a level of a member on a resource; of a holder, Manage.
type MemberLevel struct {
	State

	Resource resource.Resource
	Source   Source
	Now      bool // it has begun, and is not over
	May      bool // the one who looks may change it
}

// OfMember reads the rights of a member: levels on the resources whose rights the actor may
// read, roles and permissions as package member tells them. Everybody reads their own.
// Errors: member.ErrNotFound, access.ErrForbidden.
func (g Grants) OfMember(ctx context.Context, by access.Actor, in ident.Org, id ident.Member) (MemberRights, error) {
	var e editor
	act := reading(by, in, verbMember, id.String(), &e)
	act.Subject = id.String()
	resolve := act.Resolve
	act.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		needs, err := resolve(ctx, tx)
		if err == nil && e.held.Member == id && !id.IsZero() {
			needs = []access.Need{access.MemberOf(in)}
		}
		return needs, err
	}
	return action.View(ctx, g.Run, by, act, func(tx *store.Tx) (MemberRights, error) {
		held, err := member.ReadHeld(ctx, tx, by, in, id)
		if err != nil {
			return MemberRights{}, err
		}
		out := MemberRights{Held: held}
		people, err := readPeople(ctx, tx, in, []ident.Member{id}, false)
		if err != nil {
			return out, err
		}
		out.InForce = people[id].inForce(tx.Now)
		if out.Levels, err = e.levelsOf(ctx, tx, people[id]); err != nil {
			return out, err
		}
		if out.Delegations, err = e.delegationsOf(ctx, tx, people[id]); err != nil {
			return out, err
		}
		out.Groups, err = e.groupsOf(ctx, tx, people[id])
		return out, err
	})
}

// delegationsOf are what a member may do in the names of others, as far as the one who
// looks may know of it: everybody knows their own.
func (e editor) delegationsOf(ctx context.Context, tx *store.Tx, p person) ([]Delegation, error) {
	v := delegationViewer{by: e.by, held: e.held}
	f := delegationFinder{DelegationQuery: DelegationQuery{Member: p.ID}, org: e.held.Org}
	switch {
	case e.isSelf(p):
	case !v.readsSome():
		return nil, nil
	default:
		f.sites = v.sites()
	}
	found, err := findDelegations(ctx, tx, &f, MaxDelegations, 0)
	if err != nil {
		return nil, err
	}
	return v.told(ctx, tx, slices.DeleteFunc(found, func(d Delegation) bool { return d.offered }))
}

// groupsOf are the access groups of a member, for whoever reads groups, and for themself.
func (e editor) groupsOf(ctx context.Context, tx *store.Tx, p person) ([]recordgroup.Membership, error) {
	if !e.isSelf(p) && !e.sights().Groups {
		return nil, nil
	}
	all, err := recordgroup.OfMember(ctx, tx, e.held.Org, p.ID)
	return slices.DeleteFunc(all, func(m recordgroup.Membership) bool { return m.Over(tx.Now) }), err
}

// levelsOf are the levels of a member that the one who looks may know of, by type and name.
func (e editor) levelsOf(ctx context.Context, tx *store.Tx, p person) ([]MemberLevel, error) {
	in := e.held.Org
	rows, err := grantsOf(ctx, tx, in, []ident.Member{p.ID})
	if err != nil {
		return nil, err
	}
	if err := nameGivers(ctx, tx, rows); err != nil {
		return nil, err
	}
	ids := make([]resource.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.resource
	}
	things, err := readThings(ctx, tx, in, ids)
	if err != nil {
		return nil, err
	}
	own, err := resource.HeldBy(ctx, tx, in, p.ID)
	if err != nil {
		return nil, err
	}
	var out []MemberLevel
	for _, r := range own {
		if e.tells(p, r) {
			out = append(out, MemberLevel{Resource: r, Source: AsHolder, State: State{Level: Manage}, Now: true})
		}
	}
	for _, g := range rows {
		r := things[g.resource]
		if g.over(tx.Now) || r.Status != resource.Active || r.Holder == p.ID || !e.tells(p, r) {
			continue
		}
		out = append(out, MemberLevel{Resource: r, Source: ByGrant, State: g.State, Now: g.held(tx.Now), May: e.edits(r)})
	}
	slices.SortStableFunc(out, func(a, b MemberLevel) int {
		return cmp.Or(
			cmp.Compare(slices.Index(resource.Types, a.Resource.Type), slices.Index(resource.Types, b.Resource.Type)),
			cmp.Compare(text.SortKey(a.Resource.Name), text.SortKey(b.Resource.Name)), cmp.Compare(a.Resource.ID, b.Resource.ID),
		)
	})
	return out, nil
}

// tells reports whether the one who looks may know what p has on r: everybody knows what
// they have themselves.
func (e editor) tells(p person, r resource.Resource) bool {
	return e.isSelf(p) || (e.knows(r) && e.reads(r))
}

// ResourceAccess is who has access to a resource, and why (RGT-10), now or at a past moment.
type ResourceAccess struct {
	Resource resource.Resource // as it is today; its holder, as they were At
	At       time.Time
	Entries  []Access // the holder, then the highest levels, by name
	// Delegates are, of an identity, who may act in its name, by name.
	Delegates []DelegateAccess
	May       bool // the one who looks gives and takes levels here
}

// Access is one member who has a level on a resource.
type Access struct {
	State

	Member   ident.Member
	Name     string
	Function string
	Status   member.Status // at that moment
	InForce  bool          // the member was: else the level had no effect
	Now      bool          // the level had begun, and was not over
	Source   Source
	Seen     bool // the one who looks may know more of this member
}

// DelegateAccess is what one member may do in the name of an identity at a moment.
type DelegateAccess struct {
	Act     Act
	From    time.Time
	Until   *time.Time
	GivenBy string
	GivenAt time.Time

	Member   ident.Member
	Name     string
	Function string
	Status   member.Status // at that moment
	InForce  bool          // the member was, and the delegation had begun
}

// OfResource reads who has access to a resource. Its holder may read it, and whoever reads
// rights there: of those with access, the name and the level are told whoever they are.
// Errors: resource.ErrNotFound, access.ErrForbidden.
func (g Grants) OfResource(ctx context.Context, by access.Actor, in ident.Org, id resource.ID) (ResourceAccess, error) {
	return g.OfResourceAt(ctx, by, in, id, time.Time{})
}

// OfResourceAt is OfResource at a past moment; zero: now.
func (g Grants) OfResourceAt(ctx context.Context, by access.Actor, in ident.Org, id resource.ID, at time.Time) (ResourceAccess, error) {
	var e editor
	act := action.Act{Verb: verbAccess, Orgs: []ident.Org{in}, Object: id.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if e, err = lookAs(ctx, tx, by, in); err != nil {
			return nil, err
		}
		things, err := readThings(ctx, tx, in, []resource.ID{id})
		r, there := things[id]
		switch {
		case err != nil:
			return nil, err
		case !there || (!e.knows(r) && !e.holds(r)):
			return nil, resource.ErrNotFound
		case !e.reads(r) && !e.holds(r):
			return []access.Need{access.At(access.RightsRead, r.Scope())}, nil
		}
		return []access.Need{access.MemberOf(in)}, nil
	}
	return action.View(ctx, g.Run, by, act, func(tx *store.Tx) (ResourceAccess, error) {
		if at.IsZero() || at.After(tx.Now) {
			at = tx.Now
		}
		return e.accessTo(ctx, tx, id, at)
	})
}

func (e editor) holds(r resource.Resource) bool {
	return !e.held.Member.IsZero() && r.Holder == e.held.Member
}

func (e editor) accessTo(ctx context.Context, tx *store.Tx, id resource.ID, at time.Time) (ResourceAccess, error) {
	in := e.held.Org
	things, err := readThings(ctx, tx, in, []resource.ID{id})
	if err != nil {
		return ResourceAccess{}, err
	}
	out := ResourceAccess{Resource: things[id], At: at}
	out.May = e.edits(out.Resource) && out.Resource.Status == resource.Active
	holder, err := holderAt(ctx, tx, in, id, at)
	if err != nil {
		return out, err
	}
	out.Resource.Holder, out.Resource.HolderName = holder.member, holder.was.name()
	entries, err := accessAt(ctx, tx, in, id, at)
	if err != nil {
		return out, err
	}
	var ids []ident.Member
	if holder.member != "" {
		entries = append([]accessRow{holder.access()}, slices.DeleteFunc(entries, func(a accessRow) bool { return a.Member == holder.member })...)
	}
	for _, a := range entries {
		ids = append(ids, a.Member)
	}
	people, err := readPeople(ctx, tx, in, ids, false)
	if err != nil {
		return out, err
	}
	if err := nameAccess(ctx, tx, entries); err != nil {
		return out, err
	}
	for _, a := range entries {
		a.Seen = e.seesID(people, a.Member)
		a.InForce, a.Now = a.was.inForce(at), a.Level != None && (a.Source == AsHolder || a.held(at))
		out.Entries = append(out.Entries, a.Access)
	}
	if id.Type() == resource.Identity {
		if out.Delegates, err = delegates(ctx, tx, in, id, at); err != nil {
			return out, err
		}
	}
	slices.SortStableFunc(out.Entries, func(a, b Access) int {
		return cmp.Or(
			cmp.Compare(b.Source, a.Source), // holder after grant in the alphabet
			cmp.Compare(Rank(id.Type(), b.Level), Rank(id.Type(), a.Level)), cmp.Compare(text.SortKey(a.Name), text.SortKey(b.Name)),
		)
	})
	return out, nil
}

// delegates are who could act in the name of an identity, with the names of who gave it.
func delegates(ctx context.Context, tx *store.Tx, in ident.Org, id resource.ID, at time.Time) ([]DelegateAccess, error) {
	list, err := delegatesOn(ctx, tx, in, id, at)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, d := range list {
		ids = append(ids, d.GivenBy)
	}
	names, err := member.GiverNames(ctx, tx, ids)
	for i := range list {
		list[i].GivenBy = names[list[i].GivenBy]
	}
	return list, err
}

func (e editor) seesID(people map[ident.Member]person, id ident.Member) bool {
	p, there := people[id]
	return there && e.sees(p)
}

// nameAccess puts the names of who gave levels into them.
func nameAccess(ctx context.Context, tx *store.Tx, list []accessRow) error {
	var ids []string
	for _, a := range list {
		ids = append(ids, a.GivenBy)
	}
	names, err := member.GiverNames(ctx, tx, ids)
	for i := range list {
		list[i].GivenBy = names[list[i].GivenBy]
	}
	return err
}
