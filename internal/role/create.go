package role

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// making is the making of a role.
type making struct {
	verb      string
	in        ident.Org
	from      ident.Role // of which it is a copy
	details   Details
	rehearsal bool
}

// Create makes a role of the organisation. Needs roles.edit for the whole organisation,
// every permission of administration in the role there, and a fresh proof of the person
// (RGT-1, rules.md 6). Errors: fields to correct, ErrAboveEditor, ErrTooMany,
// access.ErrStepUp.
func (r Roles) Create(ctx context.Context, by access.Actor, in ident.Org, d Details) (Role, error) {
	return r.make(ctx, by, &making{verb: "role.create", in: in, details: d})
}

// PreviewCreate refuses what Create would refuse, but for the proof, and makes nothing.
func (r Roles) PreviewCreate(ctx context.Context, by access.Actor, in ident.Org, d Details) (Role, error) {
	return r.make(ctx, by, &making{verb: "role.create", in: in, details: d, rehearsal: true})
}

// Duplicate makes a role of the organisation from another one, built in or not; with no
// permissions in d, it has those of the other. Errors: those of Create, ErrNotFound.
func (r Roles) Duplicate(ctx context.Context, by access.Actor, in ident.Org, from ident.Role, d Details) (Role, error) {
	return r.make(ctx, by, &making{verb: "role.duplicate", in: in, from: from, details: d})
}

func (r Roles) make(ctx context.Context, by access.Actor, m *making) (Role, error) {
	object := m.in.String()
	if !m.from.IsZero() {
		object = m.from.String()
	}
	act := action.Act{Verb: m.verb, Orgs: []ident.Org{m.in}, Object: object, StepUp: !m.rehearsal}
	wanted := m.details
	act.Resolve = func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		m.details = wanted // a write may run twice
		return []access.Need{access.MemberOf(m.in)}, m.allowed(ctx, tx, by)
	}
	return action.Run(ctx, r.Run, by, act, func(tx *action.Tx) (Role, error) { return m.run(ctx, tx) })
}

// allowed is the right to make it; it reads the role that is copied.
func (m *making) allowed(ctx context.Context, tx *store.Tx, by access.Actor) error {
	e, err := NewEditor(ctx, tx, by, m.in)
	if err != nil {
		return err
	}
	if !m.from.IsZero() {
		found, err := Load(ctx, tx, m.in, []ident.Role{m.from})
		if err != nil {
			return err
		}
		if len(m.details.Permissions) == 0 {
			m.details.Permissions = found[0].Permissions
		}
	}
	return e.Check(m.details.Permissions)
}

func (m *making) run(ctx context.Context, tx *action.Tx) (Role, error) {
	n, err := countCustom(ctx, tx.Tx, m.in)
	if err != nil {
		return Role{}, err
	}
	if n >= MaxRoles {
		return Role{}, ErrTooMany.With("Max", MaxRoles)
	}
	made, err := InsertCustom(ctx, tx.Tx, m.in, m.details.Name, m.details.Permissions)
	if err != nil {
		return Role{}, err
	}
	if m.rehearsal {
		return made, action.Nothing
	}
	e := event(made, m.verb)
	e.After = facts(made)
	if !m.from.IsZero() {
		e.After["source"] = m.from.String()
	}
	tx.Record(e)
	return made, nil
}
