package resource

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Resources is the register of agendas, messaging profiles and identities.
type Resources struct {
	Run *action.Runner
	// Held is called in the act by which a resource that exists becomes somebody's own: what
	// they were given on it has no effect any more (package grant ends it). Nil: nobody asks.
	Held func(context.Context, *action.Tx, Resource) error
}

// Create makes a resource of a type. Errors: fields to correct, org.ErrNoSuchSite,
// ErrTooMany.
func (r Resources) Create(ctx context.Context, by access.Actor, in ident.Org, t Type, d Details) (Resource, error) {
	act := action.Act{Verb: "resource.create", Orgs: []ident.Org{in}, Object: in.String()}
	var held access.Held
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if held, err = access.HeldBy(ctx, tx, by, in); err != nil {
			return nil, err
		}
		need, err := mayPut(ctx, tx, held, t, d.Site)
		return []access.Need{need}, err
	}
	return action.Run(ctx, r.Run, by, act, func(tx *action.Tx) (Resource, error) {
		v, err := Insert(ctx, tx.Tx, held, t, d)
		if err != nil {
			return Resource{}, err
		}
		tx.Record(Created(v))
		return v, nil
	})
}

// mayPut needs rights.edit where a resource is to be. An agenda without a site has a field
// to correct; it is told to whoever could have named one.
func mayPut(ctx context.Context, tx *store.Tx, held access.Held, t Type, site ident.Site) (access.Need, error) {
	if site.IsZero() {
		if t == Agenda && held.HasAnywhere(access.RightsEdit) {
			return access.MemberOf(held.Org), nil
		}
		return access.At(access.RightsEdit, access.OrgScope(held.Org)), nil
	}
	sight, err := org.See(ctx, tx, held)
	if err == nil {
		_, err = sight.Site(ctx, tx, held.Org, site)
	}
	return access.At(access.RightsEdit, access.SiteScope(held.Org, site)), err
}

// Insert writes a new resource, in the caller's transaction, as whoever holds held may.
// Whoever calls it has checked rights.edit, and records it. Errors: fields to correct,
// ErrTooMany.
func Insert(ctx context.Context, tx *store.Tx, held access.Held, t Type, d Details) (Resource, error) {
	n, err := countActive(ctx, tx, held.Org)
	if err != nil {
		return Resource{}, err
	}
	if n >= MaxResources {
		return Resource{}, ErrTooMany.With("Max", MaxResources)
	}
	v, err := settle(ctx, tx, held, Resource{Org: held.Org, ID: newID(t), Type: t, Version: 1, Status: Active}, d)
	if err != nil {
		return Resource{}, err
	}
	if err := insert(ctx, tx, v); err != nil {
		return Resource{}, err
	}
	return v, write(ctx, tx, v)
}

// settle gives old with its new details. Errors: fields to correct.
func settle(ctx context.Context, tx *store.Tx, held access.Held, old Resource, d Details) (Resource, error) {
	var f fault.Fields
	d = check(&f, old.Type, d)
	v := old
	v.Site, v.Kind, v.Name, v.Detail, v.Address, v.Holder = d.Site, d.Kind, d.Name, d.Detail, d.Address, d.Holder
	if err := names(ctx, tx, &f, held, old, &v); err != nil {
		return Resource{}, err
	}
	if !f.Has("name") && !f.Has("site") {
		taken, err := nameTaken(ctx, tx, v, text.SortKey(v.Name))
		if err != nil {
			return Resource{}, err
		}
		if taken {
			f.Add("name", ErrNameTaken.Code, "Name", v.Name)
		}
	}
	return v, f.Err()
}

// names fills the names of the site and of the holder. Who already held it is not asked
// about again: they stay, until somebody says otherwise.
func names(ctx context.Context, tx *store.Tx, f *fault.Fields, held access.Held, old Resource, v *Resource) error {
	if v.Site.IsZero() {
		v.SiteName = ""
	} else if v.Site != old.Site {
		site, err := org.GetSite(ctx, tx, v.Org, v.Site)
		if err != nil {
			return err
		}
		v.SiteName = site.Name
	}
	if v.Holder == old.Holder || f.Has("holder") {
		return nil
	}
	v.HolderName = ""
	if v.Holder.IsZero() {
		return nil
	}
	var err error
	v.HolderName, err = holder(ctx, tx, f, held, v.Holder)
	return err
}

// write writes the state of v, and its version when it is not new.
func write(ctx context.Context, tx *store.Tx, v Resource) error {
	if err := insertState(ctx, tx, v, text.SortKey(v.Name), " "+text.Fold(v.Name+" "+v.Detail+" "+v.Address)); err != nil {
		return err
	}
	return setVersion(ctx, tx, v)
}

// facts are what the trail holds of a resource.
func facts(v Resource) map[string]any {
	m := map[string]any{"type": v.Type, "name": v.Name, "kind": v.Kind}
	for k, s := range map[string]string{
		"site": v.Site.String(), "detail": v.Detail, "address": v.Address, "holder": v.Holder.String(),
	} {
		if s != "" {
			m[k] = s
		}
	}
	return m
}

// Created is the record of a new resource, for whoever calls Insert.
func Created(v Resource) audit.Event { return event(v, "resource.create", nil, facts(v)) }

// event is the record of what was done to a resource: of before and after, only what differs.
func event(v Resource, verb string, before, after map[string]any) audit.Event {
	for k, b := range before {
		if after[k] == b {
			delete(before, k)
			delete(after, k)
		}
	}
	e := audit.Event{
		Org: v.Org, Verb: verb, Object: v.ID.String(), Site: v.Site, Names: map[string]string{"resource": v.Name}, Before: before, After: after,
	}
	if v.HolderName != "" {
		e.Names["holder"] = v.HolderName
	}
	return e
}
