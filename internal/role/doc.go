// Package role owns roles: named sets of permissions, built in or made by an
// organisation, and who may give which (RGT-1).
//
// Its rules:
//   - Every organisation has its own rows of the built-in roles; their permissions
//     are those of the table in builtin.go. Administration and care never mix in a
//     built-in role: who manages the accounts sees no patient by that.
//   - A role is given at a scope by whoever holds members.invite or rights.edit
//     there. Each administration permission in it must be held by the giver at that
//     scope; care permissions follow members.invite or rights.edit (an office
//     manager gives care roles without being a physician).
//   - What may not be given is told per field, and nothing is given (INV-08).
//
// It must not know members: who holds a role is package member's.
package role
