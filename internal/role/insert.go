package role

import (
	"context"
	"slices"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Seed writes the built-in roles of a new organisation.
func Seed(ctx context.Context, tx *store.Tx, org ident.Org) error {
	for _, code := range BuiltIns {
		r := Role{Org: org, ID: ident.NewRole(), BuiltIn: code, Rev: 1, Permissions: builtIn[code]}
		if err := insert(ctx, tx, r); err != nil {
			return err
		}
	}
	return nil
}

// InsertCustom writes a role that an organisation makes for itself. Whoever calls
// it has checked who may. Errors: fields to correct.
func InsertCustom(ctx context.Context, tx *store.Tx, org ident.Org, name string, permissions []access.Permission) (Role, error) {
	d, err := checked(ctx, tx, org, "", Details{Name: name, Permissions: permissions})
	if err != nil {
		return Role{}, err
	}
	r := Role{Org: org, ID: ident.NewRole(), Name: d.Name, Rev: 1, Permissions: d.Permissions}
	return r, insert(ctx, tx, r)
}

// checked gives the details of a role as they are kept; self is the role that they
// change, empty for a new one. Errors: fields to correct.
func checked(ctx context.Context, tx *store.Tx, org ident.Org, self ident.Role, d Details) (Details, error) {
	var f fault.Fields
	clean, problem := text.Line(d.Name, MaxName)
	f.Check("name", string(problem), "Max", MaxName)
	for _, p := range d.Permissions {
		if !access.Known(p) {
			f.Add("permissions", "role.permission_unknown", "Permission", string(p))
		}
	}
	if len(d.Permissions) == 0 {
		f.Add("permissions", "role.permissions_empty")
	}
	taken, err := nameTaken(ctx, tx, org, self, clean)
	if err != nil {
		return d, err
	}
	if taken {
		f.Add("name", "role.name_taken", "Name", clean)
	}
	return Details{Name: clean, Permissions: inOrder(d.Permissions)}, f.Err()
}

// inOrder gives each permission once, in the order of the catalogue.
func inOrder(permissions []access.Permission) []access.Permission {
	var out []access.Permission
	for _, p := range access.Catalogue() {
		if slices.Contains(permissions, p) {
			out = append(out, p)
		}
	}
	return out
}

// nameTaken: two roles that read alike would be given one for the other, whether the
// other is built in or not.
func nameTaken(ctx context.Context, tx *store.Tx, org ident.Org, self ident.Role, name string) (bool, error) {
	taken, err := customNames(ctx, tx, org, self)
	for _, lang := range text.All {
		for _, code := range BuiltIns {
			taken = append(taken, text.For(lang).T("role."+code))
		}
	}
	return slices.ContainsFunc(taken, func(n string) bool { return text.Fold(n) == text.Fold(name) }), err
}

// BuiltIn reads a built-in role of an organisation by its code. Errors: ErrNotFound.
func BuiltIn(ctx context.Context, tx *store.Tx, org ident.Org, code string) (Role, error) {
	all, err := All(ctx, tx, org)
	if err != nil {
		return Role{}, err
	}
	i := slices.IndexFunc(all, func(r Role) bool { return r.BuiltIn == code })
	if i < 0 || code == "" {
		return Role{}, ErrNotFound
	}
	return all[i], nil
}

// Load reads the roles of those IDs, in their order. Errors: ErrNotFound when the
// organisation lacks one of them.
func Load(ctx context.Context, tx *store.Tx, org ident.Org, ids []ident.Role) ([]Role, error) {
	all, err := All(ctx, tx, org)
	if err != nil {
		return nil, err
	}
	out := make([]Role, len(ids))
	for i, id := range ids {
		j := slices.IndexFunc(all, func(r Role) bool { return r.ID == id })
		if j < 0 {
			return nil, ErrNotFound
		}
		out[i] = all[j]
	}
	return out, nil
}

// All reads the roles of an organisation with their permissions, the built-in
// ones first in the order of the screens, the others by name. Members is not counted.
func All(ctx context.Context, tx *store.Tx, org ident.Org) ([]Role, error) {
	roles, err := activeRoles(ctx, tx, org)
	if err != nil {
		return nil, err
	}
	permissions, err := permissionsOf(ctx, tx, org)
	if err != nil {
		return nil, err
	}
	for i, r := range roles {
		roles[i].Permissions = inOrder(permissions[r.ID])
	}
	slices.SortStableFunc(roles, compare)
	return roles, nil
}

func compare(a, b Role) int {
	if d := rank(a) - rank(b); d != 0 {
		return d
	}
	switch x, y := text.SortKey(a.Name), text.SortKey(b.Name); {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// rank puts the built-in roles first, in their order.
func rank(r Role) int {
	if i := slices.Index(BuiltIns, r.BuiltIn); i >= 0 {
		return i
	}
	return len(BuiltIns)
}
