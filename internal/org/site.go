package org

import (
	"context"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Sites lists the active sites that the actor may see, by name; search may be empty.
func (o Orgs) Sites(ctx context.Context, by access.Actor, org ident.Org, search string) ([]Site, error) {
	if utf8.RuneCountInString(search) > MaxSearch {
		return nil, fault.OnField("q", string(text.TooLong), "Max", MaxSearch)
	}
	act := action.Act{
		Verb: "site.list", Orgs: []ident.Org{org}, Object: org.String(),
		Needs: []access.Need{access.MemberOf(org)},
	}
	return action.View(ctx, o.Run, by, act, func(tx *store.Tx) ([]Site, error) {
		words, some := searchWords(search)
		if !some {
			return nil, nil
		}
		sight, err := sightOf(ctx, tx, by, org)
		if err != nil {
			return nil, err
		}
		return sight.sitesSeen(ctx, tx, org, words)
	})
}

func sightOf(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org) (Sight, error) {
	held, err := access.HeldBy(ctx, tx, by, org)
	if err != nil {
		return Sight{}, err
	}
	return See(ctx, tx, held)
}

// Site reads one site. Errors: ErrNoSuchSite, also for a site that the actor may
// not know of.
func (o Orgs) Site(ctx context.Context, by access.Actor, org ident.Org, id ident.Site) (Site, error) {
	act := action.Act{
		Verb: "site.read", Orgs: []ident.Org{org}, Object: id.String(),
		Needs: []access.Need{access.MemberOf(org)},
	}
	return action.View(ctx, o.Run, by, act, func(tx *store.Tx) (Site, error) {
		sight, err := sightOf(ctx, tx, by, org)
		if err != nil {
			return Site{}, err
		}
		return sight.Site(ctx, tx, org, id)
	})
}

// EditSite changes a site; rev is the version that was read. Errors: ErrNoSuchSite,
// ErrStale, fields to correct.
func (o Orgs) EditSite(ctx context.Context, by access.Actor, org ident.Org, id ident.Site, rev int64, d SiteDetails) (Site, error) {
	act := action.Act{Verb: "site.edit", Orgs: []ident.Org{org}, Object: id.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		sight, err := sightOf(ctx, tx, by, org)
		if err == nil {
			_, err = sight.Site(ctx, tx, org, id)
		}
		return []access.Need{access.At(access.SitesEdit, access.SiteScope(org, id))}, err
	}
	return action.Run(ctx, o.Run, by, act, func(tx *action.Tx) (Site, error) {
		old, err := GetSite(ctx, tx.Tx, org, id)
		if err != nil {
			return Site{}, err
		}
		if old.Rev != rev {
			return Site{}, ErrStale
		}
		var f fault.Fields
		v := old
		v.SiteDetails = CheckSite(&f, "", d)
		if err := f.Err(); err != nil {
			return Site{}, err
		}
		if v == old {
			return v, action.Nothing
		}
		v.Rev++
		tx.Record(SiteEvent(v, "site.edit", siteFacts(old.SiteDetails), siteFacts(v.SiteDetails)))
		return v, writeSite(ctx, tx.Tx, v)
	})
}

func siteFacts(d SiteDetails) map[string]any {
	return map[string]any{
		"name": d.Name, "finess": d.FINESS, "street": d.Street, "postal_code": d.PostalCode, "city": d.City, "phone": d.Phone,
	}
}

// SiteEvent is the record of what was done to a site: of before and after, only
// what differs.
func SiteEvent(s Site, verb string, before, after map[string]any) audit.Event {
	dropSame(before, after)
	return audit.Event{
		Org: s.Org, Verb: verb, Object: s.ID.String(), Site: s.ID, Names: map[string]string{"site": s.Name}, Before: before, After: after,
	}
}
