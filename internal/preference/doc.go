// Package preference owns what members have for themself in an organisation — language, calendar,
// working hours, alerts, signature, length of sessions (MEM-6, CHG-3) — and the notices that
// alerts leave them in Habilis.
//
// Its rules:
//   - Each part is inherited from what the organisation sets for all (package setting), or one's
//     own; the alerts one by one. What is given back is inherited again. What somebody has of
//     their own stays when the organisation changes its own.
//   - The person changes all of theirs; so does whoever holds members.edit over the member as a
//     whole (member.Over). Whoever sees the member reads it, as connected applications do.
//   - Each change is the next revision, and names the one that was read.
//   - What somebody else changes is told to the member by a letter that nobody can refuse, one an
//     hour (ChangedLetter); their alerts and the length of their sessions ask for a fresh proof of
//     whoever changes them (rules.md 6). The trail holds of a signature its length alone.
//   - A length of sessions only ever shortens what the security policy allows (rules.md 7).
//     Package login asks for it at sign-in, and at each request.
//   - An alert is for whoever holds its permission over what it is about: in the organisation, or
//     at each site concerned; those of oneself are for everybody. Nobody chooses another, and a
//     choice counts for nothing once the right is gone. Chosen sites narrow it, as long as it may be
//     had there and they are open; when none is left, they narrow nothing, and the form tells which
//     count no more. Work is told as a whole.
//   - Whoever leaves a site keeps no choice about it, and is told no more of it (OFF-4): an alert
//     chosen for that site alone is chosen for none; one that is of every site is no longer of
//     that one, even to whoever holds its right in the whole organisation, until they choose it.
//   - A notice is written once for each job that tells, kept NoticeLife, seen by its person alone,
//     and holds no name: names are read when it is, as far as its reader may know them (AUZ-06).
//     To mark it read is no act of the trail: it changes nothing for anybody else.
//
// It must not know what the alerts say, nor how letters are written (package notify).
package preference
