// Package setting owns what an organisation has decided for itself: today its
// security policy (SEC-4). What was never set has the default that the code gives.
//
// Its rules:
//   - A setting is a document under a name; each change closes the row in force
//     and writes the next revision, so that the policy of a past day can be read.
//   - Changing the security policy needs security.edit in the whole organisation,
//     and a fresh proof of the person (rules.md 6). Reading it is for whoever it
//     binds in an act: those who invite, and those who change settings.
//   - A policy lets no session live longer than rules.md 7 says, and an allow-list
//     always holds the address of its author (MFA-13). The day from which a grace is
//     counted is the server's to say, never the caller's.
//
// It must not know what the settings do: other packages read them with ReadSecurity.
package setting
