// Package audit writes the record of every act and of every refusal, in the
// transaction of the act, and verifies it.
//
// Each organisation has a chain of its own; acts without an organisation share
// the chain of the installation. A row's hash covers the hash before it, its
// sequence, its time, its verb, the IDs, and the hash of a salted payload. Names,
// addresses, before and after sit in the payload, which erasure and retention may
// remove without breaking the chain (security/rules.md 20, architecture.md).
//
// The package does not know what the verbs mean, nor who may read them.
package audit
