// Package login is signing in, and every change of password: one dispatcher, whose
// steps never lead to each other without a proof.
//
// It must not know pages, cookies, nor what letters say.
//
// Rules it keeps:
//   - A try is counted before the password is looked at, once an account whatever
//     identifier or surface, and once a network address (rules.md 4, PWD-08).
//   - A try costs one argon2 verification and gets one answer, whether the address
//     is unknown, the password wrong, the account blocked or its password locked.
//     What is refused for having tried too often depends on the tries alone, and is
//     the same for an address without account (ENU-01). A locked password is refused
//     like a wrong one; its person learns of it by letter.
//   - A lock ends no session, and no pause is longer than an hour (PWD-09).
//   - A passkey to which its person proved themselves is both factors and a step-up,
//     whatever became of the password; one that may have been copied is refused and
//     told (MFA-09).
//   - Effective is the strictest that the organisations of a person ask together, at
//     sign-in; Entry what one of them asks of a session at each request (SEC-4). Entry
//     tells strangers nothing, reads two rows, and ends a session that is too long there: as
//     the policy says, or shorter, as the person has it (CHG-3, package preference).
//   - An address is corrected by others for one organisation only if the account has no membership
//     elsewhere, one that waits neither (CHG-2). Who waits where nobody ever let them in has no place
//     there; whoever was let in once has, until they leave (member.StandingOrgs).
//   - Whoever acts on somebody's factors holds security.edit over them and administers
//     no less than they do; never on oneself; a reset account makes a factor at its next
//     sign-in; the person, whoever acted and the administrators are told (MFA-11).
//     Of somebody who only waits to be let in nobody looks at them, nor acts (INV-15).
//   - Another address that an administrator asked for is judged again when it is confirmed: the
//     link moves nothing that they could not ask for now (CHG-2, rules.md 13).
//   - A temporary password opens the page that finishes the account and nothing
//     else, once (MEM-12, PWD-04).
//   - A link that sets a password is spent by one statement; a newer one, a new
//     password or a blocked account kill it (PWD-01). It opens no session, and ends
//     all (PWD-02, SES-02).
//   - Whether an address has an account is not even looked up before the answer to
//     "forgotten password" is given: a job does it.
//   - A sign-in from a browser and network that the person did not use lately is told to them
//     at once, whatever it was proved with.
//   - Whoever has no membership may sign in: to leave, or to be invited again (OFF-4).
//   - A factor is managed by whoever proved one as strong in this session, the new one is
//     added before the old one is removed, and every change ends the other browsers of its
//     person and is told to them (rules.md 5, MFA-06, SES-02).
//   - Whoever lost every second factor asks between the two proofs to have them taken; it
//     happens after credential.Delay, with everybody told at once, and not at all once one of
//     them was used: that stops it in the same transaction, and so may an administrator,
//     once in KeptEvery of somebody who belongs elsewhere too (care_loss.go). The page between
//     the proofs says what was asked, and no name of an
//     organisation or of an administrator: a password alone is no reason to know them.
//     Whether the password came by the mailbox changes nothing. The platform's people may
//     not (lost*.go; rules.md 5).
//   - The first platform administrator needs a link from the operator's console
//     (CFG-01, rules.md 23).
package login
