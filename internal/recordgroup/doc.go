// Package recordgroup owns access groups: which patient records a member may see (RGT-7).
//
// Its rules:
//   - A member sees a record when it is in a group of theirs, or in no group at all; the
//     organisation may close records that are in no group. A group gives no other right:
//     what one may do with a record is a matter of roles.
//   - Groups, their members and their records are edited by whoever holds groups.edit in
//     the organisation; rights.read there lets read them. Of members, everybody is told
//     of those they may know of, and counts no other (AUZ-06).
//   - A record is known by the name that its application gives it, kept and compared byte
//     for byte, and by nothing else: no patient's name or number is ever kept here. What
//     reads as a French social security number is refused.
//   - A membership of a group may begin and end (RGT-8), and says who gave it and when.
//   - Taking a record out of a group, or removing a group, may only widen who sees the
//     record, unless records of no group are closed: then it may leave it to nobody. A
//     preview counts those records before, and the act after.
//   - Asking for what already is changes nothing, and is no error. A request of many
//     records is done whole or not at all.
//   - A group's version grows with its details and its members. Its records come and go by
//     programs, and never make a person's change of the rest stale.
//   - Removing a group ends its memberships, and takes its records out at one stroke: they
//     may be a million, and their rows stay. A record is in a group when its row is open and
//     the group is active.
//
// It must not know levels, nor how decisions are made.
package recordgroup
