// Package action is the only way to change or to consult anything. It ties
// together what must never come apart: the right to act, the change, its record,
// and what follows.
//
// Its rules:
//   - The change, its audit events and the jobs that follow commit together, or
//     not at all. A change that records nothing does not commit.
//   - A refusal is recorded too, in a transaction of its own; validation errors
//     are not, and floods are folded into a count.
//   - A repeated request with the same idempotency key has one effect and gets the
//     same answer, without the secrets that are shown once.
//   - The version of every organisation that an act touches grows with it.
//
// It does not know the field: which acts exist, and what they mean.
package action
