// Package grant owns who may do what on which resource: levels on agendas and messaging
// profiles, delegations on identities; and the door to change sets, whatever they are about.
//
// Its rules:
//   - A member has one level on a resource, or none (RGT-2, RGT-3). The holder manages
//     what is theirs and is given no level on it. A grant may begin and end (RGT-8), and
//     says who gave it and when.
//   - Levels are given and taken by whoever holds rights.edit where the resource is, and
//     only to members they may see: an office manager gives the rights of a physician's
//     agenda without being a physician (RGT-1). What one gives oneself is told to the
//     other administrators.
//   - Every edit of levels or delegations is a change set, whatever door it came by: lines
//     before and after, warnings in words, one entry in the trail. All of it or nothing. A
//     preview does what the act does, and keeps nothing of it.
//   - A change says what it was based on; when the cell has changed meanwhile, nothing is
//     lost: the change is refused and both values are told.
//   - Undoing is the inverse, checked again, for UndoFor, by one route whatever the change
//     set is about: this package asks member and recordgroup for what is theirs. It touches
//     only what still stands as the change set left it, each other line stays with its
//     reason; the right is that of whoever undoes, line by line. What somebody agreed to
//     themself (drafting in their name) is asked of them again.
//   - Who becomes the holder of a resource loses the level they had on it, in that act.
//   - With a member's belonging to a site end their levels on its resources, and the delegations
//     there, theirs and those in their name (end.go, OFF-4): without a change set, which is that
//     of the act. Undone, a site comes back before what is held there, and goes after it.
//   - Cloning copies levels, each domain on its own: never one's own resources, never
//     administration, never more than the cloner may give (RGT-4).
//
// Levels at scopes, files scope*.go: what people may do with patient records, or administer,
// in the organisation and at each site, told as levels. They are roles and single
// permissions, which are package member's, and nothing else is kept of them.
//   - A level is what all sources give together there; what no level says is custom: it is
//     told with its sources, never given.
//   - What comes from a role, or from the whole organisation, is a floor: an edit gives and
//     takes single permissions, and the administrator role in its own realm (ORG-5).
//   - Several people at once, all of it or nothing, one change set; by the rules of
//     member.ChangeRights, ORG-4 judged after the last.
//
// Exports, file export.go: what a matrix shows, as a file; with a fresh proof, recorded, and
// no more than action.Exports allows. A right that ends while a file is written may be in it.
//
// Delegations (RGT-6, MEM-6), files delegation*.go: one act that a member may do in the
// name of an identity, a row of the table delegation.
//   - A delegation is in force at a moment t when all of this holds at t: its row is the
//     known one, in state "active", starts_at <= t, and ends_at is null or after t; its
//     identity is active; its member is in force (as view standing says: status created
//     or active, an active account, inside the member's dates, organisation active); and
//     if the identity is a practitioner's, its holder is in force too, by the same
//     words. For draft_consultation one thing more: the identity has a holder, whose
//     account is given_by: nobody writes in the name of somebody who did not agree.
//   - The holder of an identity does everything in their own name without a delegation,
//     and is given none. Nobody gives one to themself.
//   - To send and to receive are given by whoever holds delegations.edit where the
//     identity is, to members they may see. To draft consultations is given by the
//     holder, or proposed by whoever holds delegations.edit and confirmed by the
//     holder: nobody confirms, refuses or extends it in their place (AUZ-10).
//   - A delegate gives nothing on: what they have been given is no right to give (AUZ-09).
//   - It is ended by whoever holds delegations.edit there, by the holder in whose name
//     it is, and by the delegate.
//   - Given together, all of it or nothing; each line refused is told with its field.
//
// It must not know decisions: how rights are answered for is package decision's.
package grant
