package member

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/store"
)

// Held are the roles and single permissions of a member, each with who gave it and when.
type Held struct {
	Member      Member
	Sites       []SiteRef
	Roles       []RoleRef
	Permissions []PermissionRef
}

// ReadHeld reads what a member holds, as far as by may know of it. Errors: ErrNotFound,
// access.ErrForbidden.
func ReadHeld(ctx context.Context, tx *store.Tx, by access.Actor, in ident.Org, id ident.Member) (Held, error) {
	v, err := look(ctx, tx, by, in)
	if err != nil {
		return Held{}, err
	}
	s, err := v.subject(ctx, tx, in, id)
	if err != nil {
		return Held{}, err
	}
	d, err := v.readDetails(ctx, tx, in, []ident.Member{id})
	if err != nil {
		return Held{}, err
	}
	h := Held{Member: s.Member, Sites: d.sites[id], Roles: d.roles[id]}
	if h.Permissions, err = v.permissionRefs(ctx, tx, s, d.names); err != nil {
		return h, err
	}
	return h, nameGivers(ctx, tx, h.Roles, h.Permissions)
}
