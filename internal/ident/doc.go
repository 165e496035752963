// Package ident holds the identifiers of everything: a prefix that tells the
// kind, and a UUIDv7 ("mbr_019a…"). An ID of one kind cannot be used for another:
// the compiler refuses it, and so does Parse.
//
// IDs are random, never reused, and carry no meaning (security/rules.md 11).
// The package knows the prefixes of rest.md and nothing else.
package ident
