// Package credential owns what proves that a person is who they say: today the
// password. It hashes and verifies, judges a password that somebody chooses, draws
// temporary ones, counts the tries, and keeps the links that set a password.
//
// It must not know sessions, members, doors or letters: who may try, and what
// happens after a success or a failure, are decided by those who call it.
//
// Rules it keeps:
//   - A password is composed (NFC) and otherwise taken as typed: all of Unicode,
//     no composition rule, no expiry, 128 code points at most (PWD-07).
//   - At least 15 characters alone, 12 where a second factor is mandatory, not
//     among 100,000 common or breached ones, not made of the person's own words,
//     strength 3 of 4 (rules.md 3).
//   - argon2id, 19 MiB, 2 passes; the pepper is a key outside the database; cost
//     and key are kept in the hash and renewed at sign-in.
//   - One hash per core at a time; who waits more than 2 s is told to come back.
//   - A sign-in costs the same work whether the account exists or not.
//   - A try is counted before the password is looked at; five failures make the
//     next one wait, twenty-five in a day lock the password until it is reset, and
//     an address without account waits alike (rules.md 4).
//   - A link is one of random 32 bytes, of which the hash is kept; it is spent by one
//     statement, and a newer one kills it (rules.md 1, PWD-01).
//   - Of applications of codes the seed is sealed in its row; a code works once, in its time
//     step or the next, whatever the door or the node (MFA-01); ten wrong ones in a day and
//     the factor rests for a day (MFA-02).
//   - Recovery codes are ten of 64 bits under one slow hash, each good once (MFA-10).
//   - What a weak factor asks of a strong one waits 72 hours, and can be stopped (rules.md 5).
//   - Nobody sees or chooses somebody else's password (PWD-05).
//   - A passkey is asked and checked for the public address of the server alone, and
//     only when its person proved themselves to it; its challenge serves one purpose,
//     one person and one browser, once, within five minutes (MFA-09, ADR 10).
package credential
