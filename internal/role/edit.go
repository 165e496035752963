package role

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Details is what an organisation says of a role of its own.
type Details struct {
	Name        string
	Permissions []access.Permission
}

// Editor is whoever makes, changes or removes the roles of an organisation.
type Editor struct{ held access.Held }

// NewEditor refuses whoever does not hold roles.edit for the whole organisation: a role
// serves at every site. Errors: access.ErrForbidden, those of access.HeldBy.
func NewEditor(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org) (Editor, error) {
	held, err := access.HeldBy(ctx, tx, by, in)
	if err == nil && !held.Has(access.RolesEdit, access.OrgScope(in)) {
		err = access.ErrForbidden.With("Permission", string(access.RolesEdit))
	}
	return Editor{held}, err
}

// Check refuses permissions of administration that the editor does not hold for the whole
// organisation (RGT-1, AUZ-04). Errors: ErrAboveEditor, with a field for each.
func (e Editor) Check(permissions []access.Permission) error {
	var refused fault.Fields
	for _, p := range permissions {
		if !MayWrite(e.held, p) {
			refused.Add("permissions", "role.permission_above_yours", "Permission", string(p))
		}
	}
	err := refused.Err()
	if err == nil {
		return nil
	}
	refusal := *ErrAboveEditor
	refusal.Fields = fault.Of(err).Fields
	return &refusal
}

// MayWrite reports whether whoever holds h may put p into a role, or take it out of one.
func MayWrite(h access.Held, p access.Permission) bool {
	whole := access.OrgScope(h.Org)
	return h.Has(access.RolesEdit, whole) && (!access.IsAdministration(p) || h.Has(p, whole))
}

// Editable refuses a built-in role: it can be duplicated.
func Editable(r Role) error {
	if r.BuiltIn != "" {
		return ErrBuiltIn
	}
	return nil
}

// Rewrite gives a role a name and permissions, in the caller's transaction, and records
// it. Whoever calls it has checked who may, and that it is Editable. action.Nothing when
// they are as they were. Errors: fields to correct, ErrStale.
func Rewrite(ctx context.Context, tx *action.Tx, r Role, version int64, d Details) (Role, error) {
	if version != 0 && version != r.Rev {
		return r, ErrStale
	}
	d, err := checked(ctx, tx.Tx, r.Org, r.ID, d)
	if err != nil {
		return r, err
	}
	if d.Name == r.Name && slices.Equal(d.Permissions, r.Permissions) {
		return r, action.Nothing
	}
	after := r
	after.Name, after.Permissions, after.Rev = d.Name, d.Permissions, r.Rev+1
	if err := rewrite(ctx, tx.Tx, r, after); err != nil {
		return r, err
	}
	e := event(after, "role.edit")
	e.Before, e.After = differing(r, after), differing(after, r)
	tx.Record(e)
	return after, nil
}

// Without lists what a has and b has not.
func Without(a, b []access.Permission) []access.Permission {
	return slices.DeleteFunc(slices.Clone(a), func(p access.Permission) bool { return slices.Contains(b, p) })
}

func event(r Role, verb string) audit.Event {
	return audit.Event{Org: r.Org, Verb: verb, Object: r.ID.String(), Names: map[string]string{"role": r.Name}}
}

// facts are a role as the trail shows it.
func facts(r Role) map[string]any {
	return map[string]any{"name": r.Name, "permissions": r.Permissions}
}

// differing are the facts of a role that another one has not.
func differing(r, other Role) map[string]any {
	all := facts(r)
	if r.Name == other.Name {
		delete(all, "name")
	}
	if slices.Equal(r.Permissions, other.Permissions) {
		delete(all, "permissions")
	}
	return all
}
