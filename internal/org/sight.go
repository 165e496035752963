package org

import (
	"context"
	"maps"
	"slices"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Sight is which sites of an organisation somebody may know of: all, for whoever
// administers something in the whole organisation; else those where they
// administer, and those they belong to (AUZ-06).
type Sight struct {
	Whole bool
	sites map[ident.Site]bool
}

// See gives the sight of whoever holds h.
func See(ctx context.Context, tx *store.Tx, h access.Held) (Sight, error) {
	v := Sight{sites: map[ident.Site]bool{}}
	for _, p := range access.Administration {
		sites, whole := h.Sites(p)
		if whole {
			return Sight{Whole: true}, nil
		}
		v.add(sites)
	}
	if h.Member.IsZero() {
		return v, nil
	}
	own, err := sitesOf(ctx, tx, h.Org, h.Member)
	v.add(own)
	return v, err
}

func (v Sight) add(sites []ident.Site) {
	for _, s := range sites {
		v.sites[s] = true
	}
}

// Sites are the sites that may be known of, where that is not the whole.
func (v Sight) Sites() []ident.Site { return slices.Sorted(maps.Keys(v.sites)) }

// Of reports whether the site may be known of.
func (v Sight) Of(site ident.Site) bool { return v.Whole || v.sites[site] }

// Site reads an active site that v lets see. Errors: ErrNoSuchSite, whether there
// is none or it may not be seen.
func (v Sight) Site(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Site) (Site, error) {
	s, err := GetSite(ctx, tx, org, id)
	if err == nil && !v.Of(id) {
		return Site{}, ErrNoSuchSite
	}
	return s, err
}

// sitesSeen lists the active sites that v lets see, by name.
func (v Sight) sitesSeen(ctx context.Context, tx *store.Tx, org ident.Org, words []string) ([]Site, error) {
	all, err := listSites(ctx, tx, org, words)
	seen := all[:0]
	for _, s := range all {
		if v.Of(s.ID) {
			seen = append(seen, s)
		}
	}
	return seen, err
}

// WithCounts fills the counts of o as whoever holds h may know them: a site
// administrator counts their sites only (AUZ-06), and nobody counts members
// without members.read.
func WithCounts(ctx context.Context, tx *store.Tx, o Org, h access.Held) (Org, error) {
	sight, err := See(ctx, tx, h)
	if err != nil {
		return o, err
	}
	if sight.Whole {
		o.Sites, err = countSites(ctx, tx, o.ID)
	} else {
		var seen []Site
		seen, err = sight.sitesSeen(ctx, tx, o.ID, nil)
		o.Sites = int64(len(seen))
	}
	if err != nil {
		return o, err
	}
	sites, whole := h.Sites(access.MembersRead)
	switch {
	case whole:
		o.Members, err = countMembers(ctx, tx, o.ID)
	case len(sites) > 0:
		o.Members, err = countMembersAt(ctx, tx, o.ID, sites)
	}
	return o, err
}

func withAllCounts(ctx context.Context, tx *store.Tx, o Org) (Org, error) {
	var err error
	if o.Sites, err = countSites(ctx, tx, o.ID); err != nil {
		return o, err
	}
	o.Members, err = countMembers(ctx, tx, o.ID)
	return o, err
}
