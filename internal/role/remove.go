package role

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Use is what keeps a role from being removed: the members who hold it, now or later or
// once they are reactivated; the invitations that wait and carry it.
type Use struct{ Members, Invitations int64 }

// UseOf reads who uses a role: all of it, whatever who asks may see.
func UseOf(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Role) (Use, error) {
	return countUse(ctx, tx, in, id)
}

// Remove removes a role of the organisation that nobody uses (RGT-1). version is the
// version that was read, 0 for "whatever it is". Needs what Create needs. Errors:
// ErrInUse with Members and Invitations, ErrBuiltIn, ErrNotFound, ErrAboveEditor,
// ErrStale, access.ErrStepUp.
func (r Roles) Remove(ctx context.Context, by access.Actor, in ident.Org, id ident.Role, version int64) error {
	act := action.Act{Verb: "role.remove", Orgs: []ident.Org{in}, Object: id.String(), StepUp: true}
	var gone Role
	act.Resolve = func(ctx context.Context, tx *store.Tx) (_ []access.Need, err error) {
		gone, err = Removable(ctx, tx, by, in, id)
		return []access.Need{access.MemberOf(in)}, err
	}
	_, err := action.Run(ctx, r.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		if version != 0 && version != gone.Rev {
			return struct{}{}, ErrStale
		}
		u, err := countUse(ctx, tx.Tx, in, id)
		if err != nil {
			return struct{}{}, err
		}
		if u != (Use{}) {
			return struct{}{}, ErrInUse.With("Members", u.Members).With("Invitations", u.Invitations)
		}
		e := event(gone, act.Verb)
		e.Before = facts(gone)
		tx.Record(e)
		return struct{}{}, remove(ctx, tx.Tx, gone)
	})
	return err
}

// Removable reads a role that by may change or remove, whether it is used or not.
// Errors: ErrNotFound, ErrBuiltIn, ErrAboveEditor, those of NewEditor.
func Removable(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, id ident.Role) (Role, error) {
	e, err := NewEditor(ctx, tx, by, in)
	if err != nil {
		return Role{}, err
	}
	found, err := Load(ctx, tx, in, []ident.Role{id})
	if err != nil {
		return Role{}, err
	}
	if err := Editable(found[0]); err != nil {
		return Role{}, err
	}
	return found[0], e.Check(found[0].Permissions)
}
