// Package secret owns everything that must be known to few: typed secrets that
// do not print, tokens of which only the hash is kept, and the key ring that
// seals values at rest and signs what leaves the server to come back.
//
// It knows nothing of the field: no tables, no people, no HTTP. Of ours it imports
// only fault.
//
// Rules it keeps:
//   - A secret is a Text. Whatever prints it (fmt, slog, JSON, an error) gets
//     three stars; Reveal is the one way to the value and easy to search for
//     (rules.md 22).
//   - A token is 32 bytes of crypto/rand, written base64url behind the prefix of
//     its purpose. The database holds its SHA-256 only, and a token is compared
//     byte for byte, prefix included (rules.md 1).
//   - A value at rest is sealed with XChaCha20-Poly1305 under a key that is not
//     in the database, bound to its table, column, tenant and row: moved
//     elsewhere, it does not open (rules.md 21).
//   - A key is never used directly: each use has its own subkey, by HKDF.
//   - What others must be able to check without us is signed with Ed25519 (Sign), the seed being
//     a subkey too. Anybody may have the public keys (PublicFile): each signs the whole of that
//     file. Signature files and key files have one form, and other bytes are refused.
//   - Envelopes and tags carry the id of their key, so that a rotation breaks
//     nothing already written. Keys are added, never replaced.
//   - The key file is readable by its owner alone, or it is refused.
package secret
