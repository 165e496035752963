package resource

import (
	"context"
	"errors"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Get reads one resource. Errors: ErrNotFound, also for a resource that the actor may not
// know of.
func (r Resources) Get(ctx context.Context, by access.Actor, in ident.Org, id ID) (Sheet, error) {
	act := action.Act{Verb: "resource.read", Orgs: []ident.Org{in}, Object: id.String()}
	var held access.Held
	var v Resource
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if held, err = access.HeldBy(ctx, tx, by, in); err != nil {
			return nil, err
		}
		if v, err = seen(ctx, tx, held, id); err != nil {
			return nil, err
		}
		if v.heldBy(held) {
			return []access.Need{access.MemberOf(in)}, nil // what is theirs, they may look at
		}
		return []access.Need{mayRead(held)}, nil
	}
	return action.View(ctx, r.Run, by, act, func(tx *store.Tx) (Sheet, error) {
		s := Sheet{MayEdit: held.Has(access.RightsEdit, v.Scope())}
		var err error
		if s.Levels, s.Delegations, err = countEnds(ctx, tx, v); err != nil {
			return Sheet{}, err
		}
		one := []Resource{v}
		err = See(held).hideHolders(ctx, tx, in, one)
		s.Resource = one[0]
		return s, err
	})
}

// seen reads a resource that whoever holds held may know of. To who may read none, they
// all are alike: mayRead refuses, whether it exists or not.
func seen(ctx context.Context, tx *store.Tx, held access.Held, id ID) (Resource, error) {
	sight := See(held)
	v, err := get(ctx, tx, held.Org, id)
	switch {
	case err == nil && v.heldBy(held):
		return v, nil
	case !sight.Some() && (err == nil || errors.Is(err, ErrNotFound)):
		return Resource{}, nil
	case err == nil && !sight.Of(v):
		err = ErrNotFound
	}
	return v, err
}

// heldBy reports whether the resource is that of whoever holds h.
func (r Resource) heldBy(h access.Held) bool { return !h.Member.IsZero() && r.Holder == h.Member }

// AnyVersion stands in place of the version that was read, for an act on whatever is there.
const AnyVersion = 0

// factStatus is how the trail calls the status.
const factStatus = "status"

// deed is one change of a resource that exists.
type deed struct {
	verb    string
	in      ident.Org
	id      ID
	version int64
	to      *Details // nil: it stays where it is
	do      func(ctx context.Context, tx *action.Tx, held access.Held, old Resource) (Resource, audited, error)
}

// audited is what the record of a deed says beside the resource.
type audited struct{ before, after map[string]any }

// perform checks rights.edit at the resource's scope, before and after, then the version.
func (r Resources) perform(ctx context.Context, by access.Actor, d deed) (Resource, error) {
	act := action.Act{Verb: d.verb, Orgs: []ident.Org{d.in}, Object: d.id.String()}
	var held access.Held
	var old Resource
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if held, err = access.HeldBy(ctx, tx, by, d.in); err != nil {
			return nil, err
		}
		if old, err = seen(ctx, tx, held, d.id); err != nil {
			return nil, err
		}
		return d.needs(ctx, tx, held, old)
	}
	return action.Run(ctx, r.Run, by, act, func(tx *action.Tx) (Resource, error) {
		if d.version != AnyVersion && old.Version != d.version {
			return Resource{}, ErrStale
		}
		v, said, err := d.do(ctx, tx, held, old)
		if err != nil {
			return v, err
		}
		v.Version++
		tx.Record(event(v, d.verb, said.before, said.after))
		return v, write(ctx, tx.Tx, v)
	})
}

func (d deed) needs(ctx context.Context, tx *store.Tx, held access.Held, old Resource) ([]access.Need, error) {
	if !See(held).Some() {
		return []access.Need{mayRead(held)}, nil
	}
	needs := []access.Need{access.At(access.RightsEdit, old.Scope())}
	if d.to == nil || d.to.Site == old.Site {
		return needs, nil
	}
	need, err := mayPut(ctx, tx, held, old.Type, d.to.Site)
	return append(needs, need), err
}

// Edit changes the details of an active resource; version is the one that was read. Errors:
// ErrNotFound, ErrStale, ErrClosed, org.ErrNoSuchSite, fields to correct.
func (r Resources) Edit(ctx context.Context, by access.Actor, in ident.Org, id ID, version int64, to Details) (Resource, error) {
	d := deed{verb: "resource.edit", in: in, id: id, version: version, to: &to}
	d.do = func(ctx context.Context, tx *action.Tx, held access.Held, old Resource) (Resource, audited, error) {
		if old.Status == Closed {
			return Resource{}, audited{}, ErrClosed
		}
		v, err := settle(ctx, tx.Tx, held, old, to)
		if err == nil && v == old {
			err = action.Nothing
		}
		if err == nil && r.Held != nil && v.Holder != old.Holder && !v.Holder.IsZero() {
			err = r.Held(ctx, tx, v)
		}
		return v, audited{facts(old), facts(v)}, err
	}
	return r.perform(ctx, by, d)
}

// Close ends the use of a resource: it stays known, and every decision about it is refused,
// whatever was granted. version is the one that was read, or AnyVersion. Errors: ErrNotFound, ErrStale, ErrClosed.
func (r Resources) Close(ctx context.Context, by access.Actor, in ident.Org, id ID, version int64) (Resource, error) {
	d := deed{verb: "resource.close", in: in, id: id, version: version}
	d.do = func(ctx context.Context, tx *action.Tx, _ access.Held, v Resource) (Resource, audited, error) {
		if v.Status == Closed {
			return Resource{}, audited{}, ErrClosed
		}
		levels, delegations, err := countEnds(ctx, tx.Tx, v)
		v.Status = Closed
		return v, audited{
			before: map[string]any{factStatus: Active, "levels": levels, "delegations": delegations},
			after:  map[string]any{factStatus: Closed},
		}, err
	}
	return r.perform(ctx, by, d)
}

// Reopen gives a closed resource back to use, with what is still granted on it; version as
// for Close. Errors:
// ErrNotFound, ErrStale, ErrNotClosed, ErrHolderLeft, ErrHolderMoved, ErrNameTaken, ErrTooMany, org.ErrNoSuchSite.
func (r Resources) Reopen(ctx context.Context, by access.Actor, in ident.Org, id ID, version int64) (Resource, error) {
	d := deed{verb: "resource.reopen", in: in, id: id, version: version}
	d.do = func(ctx context.Context, tx *action.Tx, _ access.Held, v Resource) (Resource, audited, error) {
		if v.Status != Closed {
			return Resource{}, audited{}, ErrNotClosed
		}
		if err := holderThere(ctx, tx.Tx, v); err != nil {
			return Resource{}, audited{}, err
		}
		if err := mayReopen(ctx, tx.Tx, v); err != nil {
			return Resource{}, audited{}, err
		}
		levels, delegations, err := countEnds(ctx, tx.Tx, v)
		v.Status = Active
		return v, audited{
			before: map[string]any{factStatus: Closed},
			after:  map[string]any{factStatus: Active, "levels": levels, "delegations": delegations},
		}, err
	}
	return r.perform(ctx, by, d)
}

// holderThere refuses what would be in use with a holder who has left (OFF-3), or who was taken from
// its site (OFF-4): it is given to another, or it stays closed. Errors: ErrHolderLeft, ErrHolderMoved.
func holderThere(ctx context.Context, tx *store.Tx, v Resource) error {
	if v.Holder.IsZero() {
		return nil
	}
	_, there, err := findPerson(ctx, tx, v.Org, v.Holder)
	switch {
	case err != nil:
		return err
	case !there:
		return ErrHolderLeft
	}
	moved, err := movedAway(ctx, tx, v)
	if err == nil && moved {
		err = ErrHolderMoved
	}
	return err
}

// mayReopen asks what creation asks: a site in use, a name that nobody took, room.
func mayReopen(ctx context.Context, tx *store.Tx, v Resource) error {
	if !v.Site.IsZero() {
		if _, err := org.GetSite(ctx, tx, v.Org, v.Site); err != nil {
			return err
		}
	}
	taken, err := nameTaken(ctx, tx, v, text.SortKey(v.Name))
	if err != nil {
		return err
	}
	if taken {
		return ErrNameTaken.With("Name", v.Name)
	}
	n, err := countActive(ctx, tx, v.Org)
	if err == nil && n >= MaxResources {
		err = ErrTooMany.With("Max", MaxResources)
	}
	return err
}

// NoneAt refuses to close a site where resources are in use. Errors: ErrSiteInUse.
func NoneAt(ctx context.Context, tx *store.Tx, in ident.Org, site ident.Site) error {
	n, err := countActiveAt(ctx, tx, in, site)
	if err == nil && n > 0 {
		err = ErrSiteInUse.With("Count", n)
	}
	return err
}
