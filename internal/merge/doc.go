// Package merge has one membership take the place of another of the same person, and one account that
// of another: everything that the one had passes to the other, and both stay known by their IDs.
//
// Its rules of memberships:
//   - Everything passes in one transaction, under the lock of the organisation: sites, roles, single
//     permissions, levels, delegations, access groups, agendas, mailboxes, identities, settings,
//     waiting invitations. At the next question decisions answer for the new membership and refuse for
//     the old one (SES-01). Work items follow, by recorded steps that package departure carries on with
//     whatever happens.
//   - What passes is what there was, with its dates and by whom it was given: nobody has more than
//     before, nothing that was taken comes back, and whoever was not in force is not.
//   - The one that gives way is gone like whoever leaves: hidden for departure.UndoFor, then erased.
//     Questions about the past are answered by its ID, as they were. Each tells the other.
//   - No scope loses its last administrator (ORG-4).
//
// A wrong RPPS (replace.go, MEM-3): a saved number never changes, so whoever has the wrong one becomes
// a new member with the right one.
//   - Whoever decides holds members.edit and members.delete over the whole member, whose administration
//     is within theirs (AUZ-05), types the full name and proves who they are. Nobody replaces themself.
//   - A number is not trusted because another was: what was verified begins anew, and until then the
//     person is in force in nothing here. A number that somebody else bears here, or has proved
//     elsewhere, is refused (FED-02, RAC-03).
//   - What the directory had said for the wrong number is somebody else's: names, profession and
//     mailbox are those of the right one.
//   - Undone, the old one has what the new one has by then: what was given or taken meanwhile stays so.
//   - Who leaves, or is to be deactivated on a day, is not replaced: that is settled first.
//
// Two accounts of one person (accounts*.go, MEM-3, FED-02): one gives way to the other.
//   - The person is signed in with the one that is kept, in a browser and with a fresh proof, and proves
//     the other wholly, as at sign-in (package login): what proves it is bound to that session, is good
//     for ten minutes and once. No token merges anything.
//   - All memberships of the one go to the other with their IDs, rights and history, those that are over
//     too; what its person made for organisations goes with them. Nobody has more than both had: an
//     organisation in which both are members decides itself which of the two stays, beforehand. Two
//     numbers of the RPPS are two people. Personal tokens from before act in none of these organisations.
//   - The one that gives way is closed, with everything open of it; nothing of its proofs is touched for
//     AccountsUndoFor. Until then the person undoes it, signed in, or by the link that its mailbox was
//     sent, whoever holds the other one: then the browsers of that one end, and the password that opened
//     the way is changed. What goes back is what there is by then.
//   - After that its proofs go and its address is free. Whose it was stays known (account_merge): what is
//     given to the person and erased of them covers both (AUD-4).
//   - An account whose address changed so lately that it may be undone does not give way, nor one to
//     which another gave way that may: each way back needs an account that is open.
//
// It must not know how people sign in, nor the words of the letters.
package merge
