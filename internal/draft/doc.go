// Package draft keeps what a person typed in a long form until it is sent, so
// that a reload, a lost connection or the end of a session loses nothing.
//
// It must not know what the forms mean: the body is opaque to it.
//
// Rules it keeps:
//   - A draft is its owner’s alone. For anybody else, an organisation’s token too, it does not
//     exist; a draft of an organisation exists only while its owner belongs to it.
//   - Drafts are not acts: nothing is recorded (architecture.md, the closed list of
//     unaudited writes). Whoever keeps one puts no password in it.
//   - Each lives Life after it was last saved; a person has MaxPerKind of one kind,
//     the oldest making room for the next.
package draft
