// Package enrolment is the one way a person becomes a member: invited, with a link
// or a temporary password, or at once when the address has an account; also as the
// first administrator of a new organisation.
//
// It must not know how people sign in, nor the words of the letters.
//
// Rules it keeps:
//   - One fate per address, each line whole; large requests are cut into acts of 250
//     lines, so that no writer waits a second (MEM-9).
//   - Nobody gives what they do not hold: every role and site that is refused is
//     named, and then nothing is done (INV-08). An administration role asks for a
//     fresh proof of the person (rules.md 6).
//   - An active account joins at once, is told and can leave (MEM-10). A blocked one
//     has the fate of an address without account: that it exists, and why it is
//     closed, is nobody's business (ENU-02). A deactivated member stays deactivated.
//   - A member is created with sites, rights, identity and letter in one act, with a
//     fresh proof (SEC-3): all of it or nothing. What is wrong is told at its field;
//     the rules of the person's details are package member's, told in the same words.
//     What the directory published is never what a client sends (MEM-2, AUZ-03).
//   - The invitation of a member who exists already gives nothing back that was taken
//     since, and is gone when they outgrew whoever invited (RGT-1, AUZ-05).
//   - Whoever registers by themself comes in by Register: created, unchecked, with a pending
//     account, in force in nothing. Verified and Unverified open and close the membership and,
//     with its last usable membership, the account; other organisations are untouched
//     (VER-1, VER-2, INV-15). What opens is the number that was judged: not another that the
//     member bears, and not one that somebody else holds (rules.md 11), unless but
//     another organisation's word contests it and support has decided (VER-3).
//   - A pending account keeps nobody from an invitation elsewhere: its link proves the mailbox,
//     whatever was proof of the account before is wiped (rules.md 11), the password is chosen anew,
//     and the account opens, which is recorded; what waits goes on waiting.
//   - A preview tells no account from no account: joining tells the owner, looking
//     would not (ENU-02).
//   - Opening a link changes nothing (MEM-13, INV-09). Only its form spends it, once,
//     and only while the organisation is open and whoever invited could do so now
//     (INV-04, INV-06, INV-07, rules.md 13).
//   - Organisation, roles, sites and address come from the stored invitation, never
//     from the form (INV-03). Whoever is signed in with another address spends
//     nothing (INV-02).
//   - Whoever the platform's support proposes waits without account, and is like a member
//     to every other way in, until somebody of the organisation authorises them (APP-1).
//   - Passwords are judged and hashed before any transaction.
package enrolment
