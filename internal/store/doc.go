// Package store opens the database and runs transactions on it. The same SQL
// text serves SQLite and PostgreSQL; what differs between them is in this
// package and nowhere else.
//
// Its rules:
//   - A write names what it locks (organisations, or the installation); the locks
//     are taken in one order, before the transaction begins, so that every act on
//     an organisation sees the end of the one before it.
//   - A write runs under SERIALIZABLE and may run twice: its function must have no
//     effect but on its Tx. No hashing, HTTP or mail inside.
//   - COMMIT is never cancelled by the caller; its wait has a deadline of our own,
//     after which the outcome is told as unknown (security/fault-plan.md) and the
//     line to the server is cut, so that its locks are free once it is done. A line
//     lost before COMMIT costs nothing: the write runs again on another.
//   - A transaction that writes thousands of rows holds the writer for as short as it can:
//     InsertAll writes many with each statement, as many as the engine takes best; SQLite
//     understands a statement that runs again once, and PostgreSQL plans anew once a table
//     has grown (repeated.go).
//   - A consultation has a limit of time for each statement and for all of them; an
//     export has none, and connections of its own.
//   - All times are UTC, to the microsecond; Tx.Now is the one time of a transaction.
//
// It knows nothing of the field. Only this package imports a database driver.
package store
