// Package journal reads the record of acts back for the people of one
// organisation: who did what, to whom, when and from where (AUD-1, AUD-2).
//
// Its rules:
//   - An organisation's journal holds its own chain and nothing else (AUD-04). Whoever
//     acted in it without ever having been one of its members is not named, unless
//     they are the platform's support, who always are (AUD-2, ORG-7).
//   - Who holds audit.read at some sites only sees what happened there, and what
//     concerns the members of these sites (AUZ-06). What the record says of other
//     sites is left out, and so are changes of rights about several people.
//   - A member sees what was done to them and what they did, without any right; of a
//     change of rights about several people, the lines about themself alone (among.go).
//   - Newest first; a place in the list is a time and a number, so that events
//     written meanwhile move nothing (docs/adr/0007-journal-totals.md: how totals are
//     counted).
//   - An export needs a fresh proof, and is itself an act of the record.
//
// It writes nothing: the record, and what it is searched by, are of package audit.
package journal
