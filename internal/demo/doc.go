// Package demo loads believable French care organisations: for demonstrations,
// screenshots and tests. Names are made up, addresses end in .example, RPPS
// numbers begin with 997, which is nobody's.
//
// Its rules:
//   - It loads once, into an empty installation served with --demo, and never
//     anywhere else.
//   - It writes through the packages of the field, as acts do, so that everything
//     holds that holds for real data; every row is in the audit trail.
//   - Times are told from now: whoever starts the demonstration finds people who
//     signed in this morning.
package demo
