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
//   - What other systems are told of an act (package event) is written with it.
//   - The version of every organisation that an act touches grows with it, and whoever
//     answers from memory is told before the act returns (Runner.Committed). Every row that
//     an act writes on its organisations bears the time of its transaction, or it is touched
//     (Tx.Touch).
//
// It does not know the field: which acts exist, and what they mean.
package action
