package resource

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Readers are the permissions of which one, at the site of a resource, lets know of it.
var Readers = []access.Permission{access.RightsRead, access.RightsEdit, access.DelegationsEdit, access.MembersRead}

// Sight is which resources of an organisation somebody may know of: all, for who holds
// one of Readers in the whole organisation; else those of the sites where it is held, and
// those of the whole organisation (AUZ-06).
type Sight struct {
	Whole bool
	Self  ident.Member // always known to themself
	sites []ident.Site
}

// See gives the sight of whoever holds h.
func See(h access.Held) Sight {
	v := Sight{Self: h.Member}
	for _, p := range Readers {
		sites, whole := h.Sites(p)
		if whole {
			return Sight{Whole: true, Self: h.Member}
		}
		v.sites = append(v.sites, sites...)
	}
	slices.Sort(v.sites)
	v.sites = slices.Compact(v.sites)
	return v
}

// Some reports whether anything may be known at all.
func (v Sight) Some() bool { return v.Whole || len(v.sites) > 0 }

// Of reports whether r may be known of.
func (v Sight) Of(r Resource) bool {
	return v.Whole || (v.Some() && r.Site.IsZero()) || slices.Contains(v.sites, r.Site)
}

// hideHolders leaves out who holds what belongs to the whole organisation, when the holder
// belongs to no site of v: the name of a member elsewhere is not told (AUZ-06).
func (v Sight) hideHolders(ctx context.Context, tx *store.Tx, org ident.Org, found []Resource) error {
	var asked []ident.Member
	for _, r := range found {
		if v.asks(r) {
			asked = append(asked, r.Holder)
		}
	}
	if len(asked) == 0 {
		return nil
	}
	known, err := membersAt(ctx, tx, org, asked, v.sites)
	for i, r := range found {
		if v.asks(r) && !slices.Contains(known, r.Holder) {
			found[i].Holder, found[i].HolderName = "", ""
		}
	}
	return err
}

// asks reports whether it depends on the holder's sites that v may know them.
func (v Sight) asks(r Resource) bool {
	return !v.Whole && !r.Holder.IsZero() && r.Holder != v.Self && !slices.Contains(v.sites, r.Site)
}

// mayRead needs one of Readers, anywhere in the organisation.
func mayRead(h access.Held) access.Need {
	if See(h).Some() {
		return access.MemberOf(h.Org)
	}
	return access.At(Readers[0], access.OrgScope(h.Org))
}
