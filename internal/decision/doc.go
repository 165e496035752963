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
//   - In one process, each act says which versions it made before it returns
//     (action.Runner); when the database did not say whether it committed, questions look
//     at the version row until a later act is known to have. On PostgreSQL every question
//     waits for one read of the version row that began after it came, which all that wait
//     share. Announcements (LISTEN) only have organisations read early.
//   - A large organisation is not read anew for a change: the version row tells the times
//     of the latest changes, every row bears the time of the transaction that wrote it, and
//     what bears those times is read again. Whatever changes decisions through something
//     else than the organisation's own rows is noted by action.Tx.Touch. In doubt all is read.
//   - What is loaded is bounded (MaxMemory): what nobody asked about for longest goes.
//   - What the caller says of a person is never believed; what they say of the connection
//     (address, second factor) only from tokens marked trusted.
//   - It changes nothing but its own log, which is bounded and sampled, and its notes of which
//     rights were last used on which day, which are bounded too, name no patient record, and
//     prove nothing (use.go).
package decision
