// Package session owns the browsers that are signed in: their tokens, how long they
// last, and how they end.
//
// It must not know passwords, members or letters: package login decides who may
// open a session and tells the person what was closed.
//
// Rules it keeps (rules.md 7):
//   - The token is 32 random bytes in a cookie; only its hash is kept. Its value is
//     new at sign-in and at step-up, and the one before is worth nothing (SES-03).
//   - The row is read on every request, without a cache: an end is effective on the
//     next request of every node (SES-01, SES-04).
//   - Idle 30 minutes, 15 for administrators and support; 12 hours whatever happens.
//   - The proof of the person (step-up) is a fact of one row: it counts in no other
//     session (STP-02).
//   - At most MaxSessions of one person: the oldest makes room, and that is told (SES-07).
//   - Where somebody has signed in from is known for KnownFor, by browser family and network:
//     anything else is new, and told by whoever opens the session (Meet). What ends other
//     browsers because of whoever may sit there — a password set, factors reset, an address
//     changed, an administrator, the person from elsewhere — makes those new again at once;
//     the browser that did it stays known.
//   - No organisation is kept in a session: the URL says it.
package session
