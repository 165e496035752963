package journal

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/store"
)

// reader is who reads, and how far they see.
type reader struct {
	org   ident.Org
	whole bool         // audit.read in the whole organisation
	sites []ident.Site // else: the sites where they hold it
	sight org.Sight    // the sites they may know of

	// Of one's own history: events of this member or account, whatever their site.
	self    ident.Member
	account ident.Account
}

// look reads how far by may read the journal with a permission.
func look(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, p access.Permission) (reader, access.Held, error) {
	r := reader{org: in}
	held, err := access.HeldBy(ctx, tx, by, in)
	if err != nil {
		return r, held, err
	}
	r.sites, r.whole = held.Sites(p)
	r.sight, err = org.See(ctx, tx, held)
	return r, held, err
}

// need is what reading asks: the permission, wherever it is held.
func (r reader) need(p access.Permission) access.Need {
	if r.whole || len(r.sites) == 0 {
		return access.At(p, access.OrgScope(r.org))
	}
	return access.At(p, access.SiteScope(r.org, r.sites[0]))
}

// own makes the reader of one's own history.
func own(held access.Held, by access.Actor, sight org.Sight) reader {
	r := reader{org: held.Org, whole: true, sight: sight, self: held.Member}
	if by.Kind == access.Person {
		r.account = by.Account
	}
	return r
}
