// Package decision answers «may this person do this?», with the reason (RGT-9, RGT-10).
//
// Its rules:
//   - What is not known, not in force or not understood is refused, with a code.
//   - An answer never uses a state older than a change acknowledged before the question.
//     Each organisation has an immutable snapshot with a version; a question first makes
//     sure of the version (architecture.md, "The decision index").
//   - No database, no permit.
//   - A second evaluator, in plain SQL over the history and written from product.md
//     alone, answers about the past and holds the first one to account in tests.
//   - What the caller says of a person is never believed; what they say of the connection
//     (address, second factor) only from tokens marked trusted.
//   - It changes nothing but its own log, which is bounded and sampled.
package decision
