// Package grant owns who may do what on which resource: levels on agendas and messaging
// profiles, delegations on identities, and the change sets by which levels are edited.
//
// Its rules:
//   - A member has one level on a resource, or none (RGT-2, RGT-3). The holder manages
//     what is theirs and is given no level on it. A grant may begin and end (RGT-8), and
//     says who gave it and when.
//   - Levels are given and taken by whoever holds rights.edit where the resource is, and
//     only to members they may see: an office manager gives the rights of a physician's
//     agenda without being a physician (RGT-1). What one gives oneself is told to the
//     other administrators.
//   - Every edit of levels is a change set, whatever door it came by: lines before and
//     after, warnings in words, one entry in the trail. All of it or nothing. A preview
//     does what the act does, and keeps nothing of it.
//   - A change says what it was based on; when the cell has changed meanwhile, nothing is
//     lost: the change is refused and both values are told.
//   - Undoing is the inverse, checked again, for UndoFor: it touches only what still
//     stands as the change set left it.
//   - Cloning copies levels, each domain on its own: never one's own resources, never
//     administration, never more than the cloner may give (RGT-4).
//
// It must not know decisions: how rights are answered for is package decision's.
package grant
