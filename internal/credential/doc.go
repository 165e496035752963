// Package credential owns what proves that a person is who they say: today the
// password. It hashes and verifies, judges a password that somebody chooses, and
// draws temporary ones.
//
// It must not know sessions, members, doors or letters: who may try, how often,
// and what happens after a success are decided by those who call it.
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
//   - Nobody sees or chooses somebody else's password (PWD-05).
package credential
