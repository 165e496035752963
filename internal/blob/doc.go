// Package blob owns the bytes of the files that people give: sealed, in chunks, in the
// database.
//
// It must not know what a file is of, nor judge what it holds.
//
// Rules it keeps:
//   - A file is written in the transaction of the row that it belongs to, and deleted in the
//     transaction that deletes that row: neither is ever there without the other.
//   - It belongs to one organisation, and is read under that organisation's ID only.
//   - Each chunk is sealed for its place: its organisation, its file, its number, and how
//     many there are. A chunk moved, lost or exchanged does not open (rules.md 21).
//   - A file does not change. Its SHA-256 is its name for whoever approves what they saw
//     (rules.md 16); reading checks it.
//   - Reading holds one chunk in memory, and no transaction while its reader is slow.
package blob
