// Package account owns the people who sign in: one account a person, found by one
// e-mail address, whatever the organisations.
//
// It must not know passwords, sessions, members or letters.
//
// Rules it keeps:
//   - One canonical key an address (rules.md 11): trimmed, refused if NFKC changes
//     it, domain in ASCII by IDNA, lower case. One account a key, under any
//     concurrency (RAC-02). Mail goes to the address as it was written.
//   - An address that an account gave up stays its own for as long as the change can be
//     undone: nobody else gets it meanwhile (CHG-2, SEC-5).
//   - An address that the eye takes for another is refused: mixed scripts, letters
//     that look like Latin ones, invisible characters.
//   - What is said of an account is history: a row is closed, never changed.
//   - A pending account opens nothing: it waits until a membership of it can be used (INV-15).
//   - A person changes their own names and language, nobody else's (CHG-1).
package account
