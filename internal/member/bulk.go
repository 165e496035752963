package member

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// MaxBulk bounds the members of one act on several: what one page of the list can
// hold («Afficher tout»), and what the writer does well within a second.
const MaxBulk = MaxPageSize

var (
	errNobody  = fault.OnField("members", "member.none_chosen")
	errTooMany = fault.OnField("members", "member.too_many", "Max", MaxBulk)
)

// Reviewed is one member of a selection, before an act on all of them.
type Reviewed struct {
	Member  Member       // only its ID, of one that whoever looks may not see
	Refused *fault.Error // why the member must be left out; nil: the act would do it
}

// ReviewDeactivation says what DeactivateAll would do with each of these members, in
// their order and each once, as if those before were done: the last administrator
// of a scope is left out, the others are not. Errors: fields to correct,
// access.ErrForbidden for whoever may deactivate nobody.
func (m Members) ReviewDeactivation(ctx context.Context, by access.Actor, in ident.Org, ids []ident.Member) ([]Reviewed, error) {
	ids, err := selection(ids)
	if err != nil {
		return nil, err
	}
	var v viewer
	act := action.Act{Verb: "member.review_deactivation", Orgs: []ident.Org{in}}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		if v, err = look(ctx, tx, by, in); err != nil {
			return nil, err
		}
		if !v.held.HasAnywhere(access.MembersDeactivate) {
			return []access.Need{access.At(access.MembersDeactivate, access.OrgScope(in))}, nil
		}
		return []access.Need{access.MemberOf(in)}, nil
	}
	return action.View(ctx, m.Run, by, act, func(tx *store.Tx) ([]Reviewed, error) {
		kept, err := ReadCoverage(ctx, tx, in)
		if err != nil {
			return nil, err
		}
		list := make([]Reviewed, 0, len(ids))
		for _, id := range ids {
			var r Reviewed
			if r, kept, err = v.review(ctx, tx, in, id, kept); err != nil {
				return nil, err
			}
			list = append(list, r)
		}
		return list, nil
	})
}

// review says whether one member may be deactivated, and who keeps the organisation
// afterwards.
func (v viewer) review(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Member, kept Coverage) (Reviewed, Coverage, error) {
	r := Reviewed{Member: Member{Org: in, ID: id}}
	s, err := v.subject(ctx, tx, in, id)
	if err == nil {
		r.Member = s.Member
		err = v.overWhole(s, access.MembersDeactivate)
	}
	if err == nil {
		err = v.mayDeactivate(s)
	}
	if err == nil {
		after := kept.without(id)
		scope, lost := kept.lost(after)
		if !lost {
			return r, after, nil
		}
		err = lastAdministrator(ctx, tx, in, scope)
	}
	if r.Refused = fault.Of(err); r.Refused.Kind == fault.Internal {
		return r, kept, err
	}
	return r, kept, nil
}

// DeactivateAll ends the access of several members at once, all or nothing
// (rules.md 13): the same rights, rules, record and letter for each as Deactivate.
// Errors: those of Deactivate, for the first member refused; fields to correct.
func (m Members) DeactivateAll(ctx context.Context, by access.Actor, in ident.Org, ids []ident.Member) ([]Member, error) {
	ids, err := selection(ids)
	if err != nil {
		return nil, err
	}
	var v viewer
	var all []subject
	act := action.Act{Verb: "member.deactivate", Orgs: []ident.Org{in}, StepUp: true}
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		all = all[:0] // a write may run twice
		if v, err = look(ctx, tx, by, in); err != nil {
			return nil, err
		}
		for _, id := range ids {
			s, err := v.subject(ctx, tx, in, id)
			if err != nil {
				return nil, err
			}
			if err := v.overWhole(s, access.MembersDeactivate); err != nil {
				return nil, err
			}
			all = append(all, s)
		}
		return []access.Need{access.MemberOf(in)}, nil
	}
	return action.Run(ctx, m.Run, by, act, func(tx *action.Tx) ([]Member, error) {
		return deactivateAll(ctx, tx, v, in, all)
	})
}

func deactivateAll(ctx context.Context, tx *action.Tx, v viewer, in ident.Org, all []subject) ([]Member, error) {
	err := Keeping(ctx, tx.Tx, in, func() error {
		for i := range all {
			if err := v.deactivate(ctx, tx, all[i]); err != nil {
				return err
			}
			if err := touch(ctx, tx.Tx, in, all[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	ids := make([]ident.Member, 0, len(all))
	for i := range all {
		ids = append(ids, all[i].ID)
	}
	return membersByID(ctx, tx.Tx, in, ids)
}

// selection is the members to act on, each once.
func selection(ids []ident.Member) ([]ident.Member, error) {
	var once []ident.Member
	seen := make(map[ident.Member]bool, len(ids))
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			once = append(once, id)
		}
	}
	switch {
	case len(once) == 0:
		return nil, errNobody
	case len(once) > MaxBulk:
		return nil, errTooMany
	}
	return slices.Clip(once), nil
}
