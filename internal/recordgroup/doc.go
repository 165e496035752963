// Package recordgroup owns access groups: which patient records a member may see (RGT-7).
//
// Its rules:
//   - A member sees a record when it is in a group of theirs, or in no group at all; the
//     organisation may close records that are in no group. A group gives no other right:
//     what one may do with a record is a matter of roles.
//   - Groups, their members and their records are edited by whoever holds groups.edit in
//     the organisation.
//   - A record is known by the name that its application gives it, and by nothing else:
//     no patient's name or number is ever kept here.
//   - A membership of a group may begin and end (RGT-8), and says who gave it and when.
//     Taking a record out of a group, or removing a group, may only widen who sees the
//     record: the pages say so before.
//
// It must not know levels, nor how decisions are made.
package recordgroup
