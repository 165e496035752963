package workitem

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
)

// The acts, as the trail names them.
const (
	verbRegister, verbRegisterMany = "workitem.register", "workitem.register_many"
	verbRemove                     = "workitem.remove"
	verbRead, verbList             = "workitem.read", "workitem.list"
	verbReassign, verbReceive      = "workitem.reassign", "workitem.receive"
)

// registering is an act of an application: workitems.edit in the organisation.
func registering(org ident.Org, verb, object string) action.Act {
	return action.Act{
		Verb: verb, Orgs: []ident.Org{org}, Object: object, Needs: []access.Need{access.At(access.WorkitemsEdit, access.OrgScope(org))},
	}
}

// over needs workitems.edit in the organisation, or at every site of the owner. Whoever has
// it nowhere learns nothing of who is a member; reading lets the owner in, and shows what
// somebody who left still holds to whoever has it in the organisation.
func over(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org, owner ident.Member, reading bool) ([]access.Need, error) {
	held, err := access.HeldBy(ctx, tx, by, org)
	switch {
	case err != nil:
		return nil, err
	case reading && !held.Member.IsZero() && held.Member == owner:
		return []access.Need{access.MemberOf(org)}, nil
	case !held.HasAnywhere(access.WorkitemsEdit):
		return []access.Need{access.At(access.WorkitemsEdit, access.OrgScope(org))}, nil
	}
	sites, ok, err := sitesOf(ctx, tx, org, owner)
	if err == nil && !ok {
		err = gone(ctx, tx, held, org, owner, reading)
	}
	return []access.Need{access.At(access.WorkitemsEdit, scopes(org, sites)...)}, err
}

// gone is what is told of somebody who is no member here now: nothing, but to whoever reads
// with the right in the organisation what one who left still holds.
func gone(ctx context.Context, tx *store.Tx, held access.Held, org ident.Org, owner ident.Member, reading bool) error {
	if _, whole := held.Sites(access.WorkitemsEdit); !whole || !reading {
		return member.ErrNotFound
	}
	left, err := hasLeft(ctx, tx, org, owner)
	if err == nil && !left {
		err = member.ErrNotFound
	}
	return err
}

// scopes are those of the sites of a member, or the organisation for a member of none.
func scopes(org ident.Org, sites []ident.Site) []access.Scope {
	if len(sites) == 0 {
		return []access.Scope{access.OrgScope(org)}
	}
	list := make([]access.Scope, len(sites))
	for i, s := range sites {
		list[i] = access.SiteScope(org, s)
	}
	return list
}

// onMember is an act on what a member holds.
func onMember(by access.Actor, org ident.Org, verb string, owner ident.Member, reading bool) action.Act {
	return action.Act{
		Verb: verb, Orgs: []ident.Org{org}, Object: owner.String(), Subject: owner.String(),
		Resolve: func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
			return over(ctx, tx, by, org, owner, reading)
		},
	}
}

// sight is at which sites somebody may know of people and places here.
type sight struct {
	whole bool
	sites []ident.Site
}

func look(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org) (sight, error) {
	held, err := access.HeldBy(ctx, tx, by, org)
	var s sight
	s.sites, s.whole = held.Sites(access.WorkitemsEdit)
	return s, err
}

// knows reports whether the eye may be told of a site.
func (eye sight) knows(s ident.Site) bool {
	return eye.whole || s.IsZero() || slices.Contains(eye.sites, s)
}
