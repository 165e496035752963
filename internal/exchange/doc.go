// Package exchange brings members in from a spreadsheet, and gives them out as one (MEM-14).
//
// It must not know how a person comes in (package enrolment) nor what a member's details may
// be (package member): a line of a file is a creation or an edition like any other, under the
// rights of whoever sends it.
//
// Rules it keeps:
//   - A file is judged by what it holds, within bounds, before anything of it is kept: 5 MB,
//     50 MB once open, 10,000 lines, no macro, no DTD (rules.md 16, FIL-04). It is read as it
//     streams by; nothing of it is written to a disk.
//   - Only text is believed: a formula, a date, a merged cell and a cell in error are told at
//     their cell, never guessed.
//   - The check (check.go) is a job: it says of each line what would happen, changes nothing,
//     and keeps what it said. Whether an address has an account is not told (ENU-02).
//   - What a check found is for whoever had it made, and for those who import and see
//     everywhere: another reader makes it again, under their own rights, and so does whoever
//     had it made and sees less since (AUZ-06).
//   - Somebody who may be a member already is never decided by the program: a person says who
//     it is, and nothing is committed before (MEM-3).
//   - The commit is one transaction: every line, or none (FIL-08). In it everything is judged
//     again, with the rights of whoever commits; when anything would be other than what was
//     shown, nothing is done and the check begins again.
//   - Letters are invitations, never temporary passwords, within the same limits a day as those
//     sent by hand; who is left without one is told before.
//   - A member who is in the file already changes only where it differs, and only in details:
//     sites, roles and levels have their own pages.
//   - What was sent is kept for Kept and then forgotten; what was done stays in the journal.
package exchange
