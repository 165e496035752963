package role

import (
	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
)

// Bounds of the roles that an organisation makes.
const (
	MaxName  = 60  // of a name, in code points
	MaxRoles = 100 // of an organisation, the built-in ones not counted
)

// Role is a named set of permissions. The label of a built-in role is in the
// catalogues under "role.<builtin>"; a custom one has the Name its organisation gave.
type Role struct {
	Org         ident.Org
	ID          ident.Role
	BuiltIn     string // empty for a custom role
	Name        string // empty for a built-in role
	Rev         int64
	Permissions []access.Permission
	Members     int64 // members who hold it, of those that the one who looks may see
}

// Given is a role to be given, or held, at a scope.
type Given struct {
	Role  ident.Role
	Scope access.Scope
}

// Faults of this package.
var (
	// ErrNotFound is the refusal of a role that the organisation does not have.
	ErrNotFound = fault.New(fault.NotFound, "role.not_found")
	// ErrNotGrantable gathers, field by field, what the actor may not give.
	ErrNotGrantable = fault.New(fault.Forbidden, "role.not_grantable")
	// ErrAboveEditor is the refusal to put into a role, to change or to remove with it,
	// administration that the editor does not hold for the whole organisation.
	ErrAboveEditor = fault.New(fault.Forbidden, "role.above_editor")
	// ErrBuiltIn is the refusal to change a built-in role: it can be duplicated.
	ErrBuiltIn = fault.New(fault.Conflict, "role.built_in")
	// ErrInUse is the refusal to remove a role that members hold or invitations carry.
	ErrInUse = fault.New(fault.Conflict, "role.in_use")
	// ErrTooMany is the refusal of one role more than MaxRoles.
	ErrTooMany = fault.New(fault.Conflict, "role.too_many")
	// ErrStale is the refusal of a change made from a version that is no longer the last.
	ErrStale = fault.New(fault.Stale, "api.version_stale")
)
