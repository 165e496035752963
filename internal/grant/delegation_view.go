package grant

import (
	"context"
	"errors"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
)

// delegationViewer is whoever looks or acts, with what they hold in one organisation.
type delegationViewer struct {
	by   access.Actor
	held access.Held
}

func delegationView(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org) (delegationViewer, error) {
	held, err := access.HeldBy(ctx, tx, by, in)
	return delegationViewer{by: by, held: held}, err
}

// administers reports whether v gives and ends delegations on the identity.
func (v delegationViewer) administers(i Identity) bool {
	return v.held.Has(access.DelegationsEdit, i.Scope(v.held.Org))
}

// holds reports whether the identity is v's own.
func (v delegationViewer) holds(i Identity) bool {
	return !i.Holder.IsZero() && i.Holder == v.held.Member
}

func (v delegationViewer) receives(d Delegation) bool { return d.Member == v.held.Member }

// sees: who may act on it, who reads rights there, and the two whom it concerns.
func (v delegationViewer) sees(d Delegation) bool {
	return v.administers(d.Identity) || v.held.Has(access.RightsRead, d.Identity.Scope(d.Org)) || v.holds(d.Identity) || v.receives(d)
}

// readers are the permissions of which one lets read the delegations of others.
var readers = []access.Permission{access.DelegationsEdit, access.RightsRead}

// readsSome reports whether v may read delegations of others, anywhere.
func (v delegationViewer) readsSome() bool {
	return v.held.HasAnywhere(access.DelegationsEdit) || v.held.HasAnywhere(access.RightsRead)
}

// sites are where v reads delegations; nil: everywhere.
func (v delegationViewer) sites() []ident.Site {
	all := []ident.Site{}
	for _, p := range readers {
		sites, whole := v.held.Sites(p)
		if whole {
			return nil
		}
		all = append(all, sites...)
	}
	return all
}

// delegation reads what v wants to see or to act upon. Errors: ErrNoDelegation for one
// that is not there, or that v may not see (AUZ-06); access.ErrForbidden, whatever the
// ID, for who may see nobody's (AUZ-10).
func (v delegationViewer) delegation(ctx context.Context, tx *store.Tx, id ident.Delegation) (Delegation, error) {
	d, ok, err := findDelegation(ctx, tx, v.held.Org, id)
	switch {
	case err != nil:
		return Delegation{}, err
	case ok && v.sees(d):
		return d, nil
	case !v.readsSome():
		return Delegation{}, access.ErrForbidden.With("Permission", string(access.DelegationsEdit))
	}
	return Delegation{}, ErrNoDelegation
}

// The rules of who may: the acts and May ask the same functions.

func (v delegationViewer) mayEnd(d Delegation) error {
	if v.administers(d.Identity) || v.holds(d.Identity) || v.receives(d) {
		return nil
	}
	return access.ErrForbidden.With("Permission", string(access.DelegationsEdit))
}

// mayEdit: once the holder has agreed to be written for, only they say until when.
func (v delegationViewer) mayEdit(d Delegation) error {
	switch {
	case d.Act == Draft && v.holds(d.Identity):
		return nil
	case d.Act == Draft && !d.offered:
		return ErrNotHolder
	case !v.administers(d.Identity):
		return access.ErrForbidden.With("Permission", string(access.DelegationsEdit))
	}
	return nil
}

// mayAnswer: nobody confirms or refuses in another's name (AUZ-10).
func (v delegationViewer) mayAnswer(d Delegation) error {
	if v.holds(d.Identity) {
		return nil
	}
	return ErrNotHolder
}

func (v delegationViewer) may(d Delegation) DelegationMay {
	answer := d.State == Proposed && v.mayAnswer(d) == nil
	return DelegationMay{
		Edit: d.State != Ended && v.mayEdit(d) == nil, End: d.State != Ended && v.mayEnd(d) == nil,
		Confirm: answer && !d.Identity.Closed, Refuse: answer,
	}
}

// told completes delegations with the names of their givers and with what v may do.
func (v delegationViewer) told(ctx context.Context, tx *store.Tx, list []Delegation) ([]Delegation, error) {
	ids := make([]string, len(list))
	for i, d := range list {
		ids[i] = d.giver
	}
	names, err := member.GiverNames(ctx, tx, ids)
	for i := range list {
		list[i].GivenBy, list[i].May = names[list[i].giver], v.may(list[i])
	}
	return list, err
}

// again reads a delegation after an act on it.
func (v delegationViewer) again(ctx context.Context, tx *store.Tx, id ident.Delegation) (Delegation, error) {
	found, err := delegationsByID(ctx, tx, v.held.Org, []ident.Delegation{id})
	if err != nil {
		return Delegation{}, err
	}
	if len(found) == 0 {
		return Delegation{}, ErrNoDelegation
	}
	found, err = v.told(ctx, tx, found)
	return found[0], err
}

// deed is one act on one delegation: its name, who may, and what it does.
type delegationDeed struct {
	verb   string
	in     ident.Org
	id     ident.Delegation
	rev    int64 // that was read; 0: whatever it is
	stepUp bool
	rights func(delegationViewer, Delegation) error
	do     func(context.Context, *action.Tx, delegationViewer, Delegation) error
}

func (x Delegations) perform(ctx context.Context, by access.Actor, e delegationDeed) (Delegation, error) {
	var v delegationViewer
	var d Delegation
	act := action.Act{Verb: e.verb, Orgs: []ident.Org{e.in}, StepUp: e.stepUp, Object: e.id.String()}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if v, err = delegationView(ctx, tx, by, e.in); err != nil {
			return nil, err
		}
		if d, err = v.delegation(ctx, tx, e.id); err != nil {
			return nil, err
		}
		return []access.Need{access.MemberOf(e.in)}, e.rights(v, d)
	}
	return action.Run(ctx, x.Run, by, act, func(tx *action.Tx) (Delegation, error) {
		switch {
		case e.rev != 0 && e.rev != d.Rev:
			return Delegation{}, ErrDelegationStale
		case d.State == Ended:
			return Delegation{}, ErrDelegationOver
		}
		done := e.do(ctx, tx, v, d)
		if done != nil && !errors.Is(done, action.Nothing) {
			return Delegation{}, done
		}
		after, err := v.again(ctx, tx.Tx, d.ID)
		if err != nil {
			return Delegation{}, err
		}
		return after, done
	})
}

// delegationEvent is the record of what was done: to whom, and in whose name (AUZ-09).
func delegationEvent(d Delegation, verb string, before, after map[string]any) audit.Event {
	e := audit.Event{
		Org: d.Org, Verb: verb, Object: d.ID.String(), Subject: d.Member.String(), Site: d.Identity.Site,
		Names: map[string]string{"member": d.Name, nameResource: d.Identity.Name}, Before: before, After: after,
	}
	if d.Identity.HolderName != "" {
		e.Names["holder"] = d.Identity.HolderName
	}
	return e
}

// facts are what the trail holds of a delegation: both IDs among them.
func (d *Delegation) facts() map[string]any {
	m := map[string]any{"act": string(d.Act), "identity": d.Identity.ID.String(), "delegate": d.Member.String(), "from": d.From}
	if !d.Identity.Holder.IsZero() {
		m["holder"] = d.Identity.Holder.String()
	}
	if d.Until != nil {
		m["until"] = *d.Until
	}
	return m
}
