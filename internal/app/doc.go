// Package app puts the program together: it reads the configuration, refuses
// the unsafe ones, opens the database, builds every noun and door by hand, serves
// them and stops them. The command line and the tests both start here.
//
// Its rules:
//   - One struct holds the whole configuration; flags, HABILIS_… and the file are
//     three ways to fill it.
//   - An unsafe setting stops the start, with a sentence saying which and what to
//     do (security/rules.md 23). Loopback development is exempt.
//   - What every request goes through is here, once: its number, the address it
//     came from, the host it asked for, the headers of the answer, the log line,
//     the count (rules.md 8–10, 22). Doors only see what is left.
//   - Beside a running server the command line speaks to it, through a socket that
//     only its owner can open; otherwise it takes the lock of the folder.
//
// It holds no rule of the field and no SQL.
package app
