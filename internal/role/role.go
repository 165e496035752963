package role

import (
	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
)

// MaxName bounds the name of a custom role, in code points.
const MaxName = 60

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
)
