// Package invitation owns the invitations that wait for a person: their links and
// temporary passwords, how long they live, who may see, resend and withdraw them.
//
// It must not know how a person becomes a member (package enrolment), how they
// sign in (login) or what the letter says (notify).
//
// Rules it keeps:
//   - One pending invitation per organisation and e-mail key.
//   - A link is 32 random bytes; only its hash is kept. Resending makes a new one,
//     gives 30 days again, also when expired, and kills the older (MEM-11, INV-07).
//   - Status, dates, organisation and token are checked in one statement, and again
//     in the statement that spends: once, under any concurrency (INV-04, INV-06).
//   - Opening spends nothing (MEM-13, INV-09).
//   - A temporary password is spent once, within 72 hours, only while the policy
//     allows it and the address has no account, and opens nothing but the page that
//     finishes the account (MEM-12, PWD-04).
//   - An invitation stands on the authority of whoever sent it last. That authority
//     is read again when the invitation is used: gone with it (rules.md 13).
//   - While the platform has closed the administration space nobody comes in by an
//     invitation, whoever sent it: it waits, its 30 days run on, its holder is told so,
//     and a letter that did not go yet goes once it is open (ORG-6).
//   - Only who holds members.invite at every site of an invitation, or for the
//     organisation, sees it; for others it does not exist (AUZ-06, INV-11). To resend
//     or withdraw it one must be able to give all that it gives (INV-08).
//   - Letters are counted: a day's worth for the organisation, for the address in it,
//     and for the address everywhere (rules.md 4, INV-10).
package invitation
