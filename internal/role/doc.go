// Package role owns roles: named sets of permissions, built in or made by an
// organisation, and who may give which (RGT-1).
//
// Its rules:
//   - Every organisation has its own rows of the built-in roles; their permissions
//     are those of the table in builtin.go. Administration and care never mix in a
//     built-in role: who manages the accounts sees no patient by that. A built-in role
//     never changes: it can be duplicated.
//   - A role is given at a scope by whoever holds members.invite or rights.edit
//     there. Each administration permission in it must be held by the giver at that
//     scope; care permissions follow members.invite or rights.edit (an office
//     manager gives care roles without being a physician).
//   - What may not be given is told per field, and nothing is given (INV-08).
//   - A role is made, changed and removed by whoever holds roles.edit for the whole
//     organisation, and there every administration permission that the role has or
//     is to have (AUZ-04): else editing one's own role would be a way to the rest.
//     Each of these acts asks for a fresh proof (rules.md 6).
//   - A role in use cannot vanish: members hold it, now or later or once they are
//     reactivated, or an invitation that waits carries it. Removed, it stays in the
//     history under its name, which may be used again.
//   - No two roles of an organisation read alike, whatever the accents and the case,
//     nor like a built-in one in any language.
//
// It must not know members: who holds a role is package member's, and so is the act
// that edits one (member.Members.EditRole): whom it touches, whether their
// administration is within the editor's, and who keeps the organisation (ORG-4) are
// known there only. This package gives it the transaction: Removable, Rewrite.
// Counting who uses a role needs no knowledge of members but their rows.
package role
