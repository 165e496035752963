// Package token owns the bearer tokens of the API: an organisation's, the
// platform's, a person's.
//
// It must not know the routes they open, nor how a request carries them.
//
// Rules it keeps:
//   - The secret is shown once, when the token is made; only its hash is kept. A
//     repeated request gets the token without it.
//   - A token lives a year at most, bears a name and the date of its last use
//     (rules.md 2); one owner has MaxPerOwner of them.
//   - A token of an organisation has no permission that its maker does not hold for
//     the whole organisation, when it is made and whenever it is used (rules.md 13).
//     It is revoked when they are deactivated there or leave (rules.md 7).
//     One of the platform dies with its maker's office; one of a person is that
//     person, but where they were deactivated and let in again since it was made (package
//     access). What a token makes does not outlive it.
//   - A changed password leaves them alone: whoever knows the present one is their
//     owner, and chooses. A reset one ends them (rules.md 7): nobody proved anything.
//   - A trusted token says from where, and with which second factor, a person uses an
//     application, and is believed (rest.md, Decisions). It can answer for what the
//     security policy asks: it is made by whoever may edit that policy, and is trusted as
//     long as they may (package decision asks it whenever the token is used).
//   - An expired token says so to whoever holds it; a revoked one is like none.
//   - Making and revoking need tokens.edit, for an organisation, and a fresh proof (rules.md 6). A revoked
//     token is worth nothing on the next request.
package token
