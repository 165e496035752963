package org

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Orgs is the register of organisations and of their sites.
type Orgs struct{ Run *action.Runner }

// Get reads one organisation, for its members and for the platform. Errors:
// access.ErrNotFound, access.ErrSuspended for its members.
func (o Orgs) Get(ctx context.Context, by access.Actor, id ident.Org) (Org, error) {
	platform := false
	act := action.Act{Verb: "org.read", Orgs: []ident.Org{id}, Object: id.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if platform, err = isPlatform(ctx, tx, by); platform {
			return []access.Need{access.OfPlatform(access.PlatformSupport)}, err
		}
		return []access.Need{access.MemberOf(id)}, err
	}
	return action.View(ctx, o.Run, by, act, func(tx *store.Tx) (Org, error) {
		v, err := Get(ctx, tx, id)
		if err != nil {
			return Org{}, err
		}
		if platform {
			return withAllCounts(ctx, tx, v)
		}
		held, err := access.HeldBy(ctx, tx, by, id)
		if err != nil {
			return Org{}, err
		}
		return WithCounts(ctx, tx, v, held)
	})
}

// isPlatform reports whether by is the platform's support or its operator.
func isPlatform(ctx context.Context, tx *store.Tx, by access.Actor) (bool, error) {
	err := access.Check(ctx, tx, by, access.OfPlatform(access.PlatformSupport))
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Unauthenticated) {
		return false, nil
	}
	return err == nil, err
}

// entered is what Enter reads in one transaction.
type entered struct {
	org  Org
	held access.Held
}

// Enter finds the organisation that a URL names, by slug or ID, and says what the
// actor may do in it, with the counts that the actor may know. Errors:
// access.ErrNotFound for a stranger and for what does not exist, the platform's
// support included; access.ErrSuspended.
func (o Orgs) Enter(ctx context.Context, by access.Actor, slugOrID string) (Org, access.Held, error) {
	named := make([]ident.Org, 1) // known once Resolve has found it: a refusal then stands in its trail
	act := action.Act{Verb: "org.enter", Orgs: named}
	var found Org
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if by.Kind == access.Anonymous {
			return nil, access.ErrUnauthenticated
		}
		if found, err = find(ctx, tx, slugOrID); err != nil {
			return nil, err
		}
		named[0] = found.ID
		return []access.Need{access.Everybody()}, nil
	}
	e, err := action.View(ctx, o.Run, by, act, func(tx *store.Tx) (entered, error) {
		held, err := access.HeldBy(ctx, tx, by, found.ID)
		if err != nil {
			return entered{}, err
		}
		v, err := WithCounts(ctx, tx, found, held)
		return entered{v, held}, err
	})
	return e.org, e.held, err
}

func find(ctx context.Context, tx *store.Tx, slugOrID string) (Org, error) {
	if id, err := ident.ParseOrg(slugOrID); err == nil {
		return Get(ctx, tx, id)
	}
	return BySlug(ctx, tx, slugOrID)
}

// Edit changes the organisation's details; rev is the version that was read.
// Errors: ErrStale, fields to correct.
func (o Orgs) Edit(ctx context.Context, by access.Actor, id ident.Org, rev int64, d Details) (Org, error) {
	act := action.Act{
		Verb: "org.edit", Orgs: []ident.Org{id}, Object: id.String(),
		Needs: []access.Need{access.At(access.SettingsEdit, access.OrgScope(id))},
	}
	return action.Run(ctx, o.Run, by, act, func(tx *action.Tx) (Org, error) {
		old, err := Get(ctx, tx.Tx, id)
		if err != nil {
			return Org{}, err
		}
		if old.Rev != rev {
			return Org{}, ErrStale
		}
		var f fault.Fields
		d := CheckDetails(&f, "", d)
		if err := f.Err(); err != nil {
			return Org{}, err
		}
		v := old
		v.Name, v.Kind, v.Enamel = d.Name, d.Kind, d.Enamel
		if v == old {
			return counted(ctx, tx, v, action.Nothing)
		}
		v.Rev++
		tx.Record(event(v, "org.edit", facts(old), facts(v)))
		return counted(ctx, tx, v, writeOrg(ctx, tx.Tx, v))
	})
}

// counted gives v with its counts as the actor may know them, unless err.
func counted(ctx context.Context, tx *action.Tx, v Org, err error) (Org, error) {
	if err != nil && err != action.Nothing { //nolint:errorlint // a sentinel that is never wrapped
		return Org{}, err
	}
	held, e := access.HeldBy(ctx, tx.Tx, tx.By, v.ID)
	if e != nil {
		return Org{}, e
	}
	v, e = WithCounts(ctx, tx.Tx, v, held)
	if e != nil {
		return Org{}, e
	}
	return v, err
}

func facts(o Org) map[string]any {
	return map[string]any{"name": o.Name, "kind": o.Kind, "enamel": o.Enamel, "status": o.Status}
}

// event is the record of a change of an organisation: only what changed.
func event(o Org, verb string, before, after map[string]any) audit.Event {
	dropSame(before, after)
	return audit.Event{
		Org: o.ID, Verb: verb, Object: o.ID.String(), Names: map[string]string{"organization": o.Name}, Before: before, After: after,
	}
}

func dropSame(before, after map[string]any) {
	for k, v := range before {
		if after[k] == v {
			delete(before, k)
			delete(after, k)
		}
	}
}

// Suspend closes an organisation to everybody until it is resumed (ORG-7). The
// reason, optional, stands in the organisation's trail. Errors: ErrAlreadyHeld.
func (o Orgs) Suspend(ctx context.Context, by access.Actor, id ident.Org, reason string) (Org, error) {
	var f fault.Fields
	reason = optionalLine(&f, "reason", reason, MaxReason)
	if err := f.Err(); err != nil {
		return Org{}, err
	}
	return o.setStatus(ctx, by, id, "org.suspend", Suspended, reason)
}

// Shut closes an organisation that is about to be removed, in the transaction of whoever removes
// it. One that is closed stays so.
func Shut(ctx context.Context, tx *store.Tx, id ident.Org) (Org, error) {
	v, err := Get(ctx, tx, id)
	if err != nil || v.Status == Suspended {
		return v, err
	}
	v.Status = Suspended
	v.Rev++
	return v, writeOrg(ctx, tx, v)
}

// Resume opens a suspended organisation again. Errors: ErrAlreadyHeld, ErrLeaving.
func (o Orgs) Resume(ctx context.Context, by access.Actor, id ident.Org) (Org, error) {
	return o.setStatus(ctx, by, id, "org.resume", Active, "")
}

func (o Orgs) setStatus(ctx context.Context, by access.Actor, id ident.Org, verb string, to Status, reason string) (Org, error) {
	act := action.Act{
		Verb: verb, Orgs: []ident.Org{id}, Object: id.String(), StepUp: true,
		Needs: []access.Need{access.OfPlatform(access.PlatformSupport)},
	}
	return action.Run(ctx, o.Run, by, act, func(tx *action.Tx) (Org, error) {
		tx.By.Support = true // only they come this far
		v, err := Get(ctx, tx.Tx, id)
		if err != nil {
			return Org{}, err
		}
		if v.Status == to {
			return Org{}, ErrAlreadyHeld
		}
		if gone, err := leaving(ctx, tx.Tx, id); err != nil {
			return Org{}, err
		} else if gone {
			return Org{}, ErrLeaving
		}
		before := facts(v)
		v.Status = to
		v.Rev++
		e := event(v, verb, before, facts(v))
		if reason != "" {
			e.After["reason"] = reason
		}
		tx.Record(e)
		if err := writeOrg(ctx, tx.Tx, v); err != nil {
			return Org{}, err
		}
		return withAllCounts(ctx, tx.Tx, v)
	})
}
