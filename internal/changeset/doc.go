// Package changeset owns change sets: each edit of rights, whatever it is about, with its
// lines before and after. It alone writes change_set and change_line.
//
// Its rules:
//   - One act that gives or takes rights makes one change set, in its own transaction, with
//     one entry of the trail. Its lines say what it was about and what became of it: a level,
//     a role, a single permission, the belonging to a site, a delegation, the membership of
//     an access group, records put in a group or taken out of it.
//   - A line has a place: the site where the right holds, or the whole organisation. Who
//     reads a line is decided by what they may read there (Sight); of a change set, one sees
//     the lines that one may know of, and counts no other (AUZ-06).
//   - A change set is never changed, but to say which one has undone it. It can be undone for
//     UndoFor: how, and by whom, is said by the package that owns what a line is about
//     (member, recordgroup, grant), for package grant, which holds the door.
//   - The names of records stand in a line as long as it can be undone, and no longer
//     (Sweep): how many they were stays.
//
// It must not know what a role, a level or a group is, nor who may change them.
package changeset
