package org

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// New is an organisation to insert. The ID is chosen beforehand by an act that
// must lock it; else it is made. Without a slug one is made from the name.
type New struct {
	ID   ident.Org
	Slug string
	Details
}

// Insert writes a new organisation, active, without sites or roles. Errors: fields
// to correct, ErrSlugTaken.
func Insert(ctx context.Context, tx *store.Tx, n New) (Org, error) {
	var f fault.Fields
	n.Details = CheckDetails(&f, "", n.Details)
	if err := f.Err(); err != nil {
		return Org{}, err
	}
	if n.ID.IsZero() {
		n.ID = ident.NewOrg()
	}
	slug, err := chooseSlug(ctx, tx, n)
	if err != nil {
		return Org{}, err
	}
	o := Org{
		ID: n.ID, Slug: slug, Name: n.Name, Kind: n.Kind, Enamel: n.Enamel, Status: Active, Features: everything,
		Rev: 1, CreatedAt: tx.Now,
	}
	if err := insertOrg(ctx, tx, o); err != nil {
		return Org{}, err
	}
	return o, writeOrg(ctx, tx, o)
}

func chooseSlug(ctx context.Context, tx *store.Tx, n New) (string, error) {
	if n.Slug == "" {
		return freeSlug(ctx, tx, n.Name)
	}
	if err := checkSlug(n.Slug); err != nil {
		return "", err
	}
	taken, err := slugTaken(ctx, tx, n.Slug)
	if err == nil && taken {
		err = ErrSlugTaken
	}
	return n.Slug, err
}

func writeOrg(ctx context.Context, tx *store.Tx, o Org) error {
	return insertOrgState(ctx, tx, o, text.SortKey(o.Name), " "+text.Fold(o.Name+" "+o.Slug))
}

// Get reads an organisation, whatever its status, without its counts. Errors:
// access.ErrNotFound.
func Get(ctx context.Context, tx *store.Tx, id ident.Org) (Org, error) {
	o, ok, err := findOrg(ctx, tx, id)
	if err == nil && !ok {
		err = access.ErrNotFound
	}
	return o, err
}

// BySlug is Get by the slug.
func BySlug(ctx context.Context, tx *store.Tx, slug string) (Org, error) {
	o, ok, err := findSlug(ctx, tx, slug)
	if err == nil && !ok {
		err = access.ErrNotFound
	}
	return o, err
}

// InsertSite writes a new site. Whoever calls it sees to its administrator
// (ORG-4). Errors: fields to correct, ErrTooManySites.
func InsertSite(ctx context.Context, tx *store.Tx, org ident.Org, d SiteDetails) (Site, error) {
	var f fault.Fields
	d = CheckSite(&f, "", d)
	if err := f.Err(); err != nil {
		return Site{}, err
	}
	n, err := countSites(ctx, tx, org)
	if err != nil {
		return Site{}, err
	}
	if n >= MaxSites {
		return Site{}, ErrTooManySites.With("Max", MaxSites)
	}
	s := Site{Org: org, ID: ident.NewSite(), Rev: 1, Status: Active, SiteDetails: d, CreatedAt: tx.Now}
	if err := insertSite(ctx, tx, org, s.ID, tx.Now); err != nil {
		return Site{}, err
	}
	return s, writeSite(ctx, tx, s)
}

func writeSite(ctx context.Context, tx *store.Tx, s Site) error {
	search := text.Fold(s.Name + " " + s.City + " " + s.PostalCode + " " + s.FINESS)
	return insertSiteState(ctx, tx, s, text.SortKey(s.Name), " "+search)
}

// CloseSite closes an active site for good. Whoever calls it ends what is held
// there, and keeps ORG-4. Errors: ErrNoSuchSite.
func CloseSite(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Site) (Site, error) {
	s, err := GetSite(ctx, tx, org, id)
	if err != nil {
		return Site{}, err
	}
	s.Status = Closed
	s.Rev++
	return s, writeSite(ctx, tx, s)
}

// GetSite reads an active site. Errors: ErrNoSuchSite, also for a site of another
// organisation.
func GetSite(ctx context.Context, tx *store.Tx, org ident.Org, id ident.Site) (Site, error) {
	s, ok, err := findSite(ctx, tx, org, id)
	if err == nil && !ok {
		err = ErrNoSuchSite
	}
	return s, err
}

// ActiveSites lists the active sites of an organisation, by name.
func ActiveSites(ctx context.Context, tx *store.Tx, org ident.Org) ([]Site, error) {
	return listSites(ctx, tx, org, nil)
}

// Remove removes an organisation of which nothing else is left.
func Remove(ctx context.Context, tx *store.Tx, id ident.Org) error { return deleteOrg(ctx, tx, id) }
