// Package member owns memberships: who belongs to an organisation and to which of
// its sites, in what state, with which roles, and who administers it.
//
// Its rules:
//   - ORG-4: every organisation and every active site keeps at least one
//     administrator able to sign in. One who waits (locked out, without a password
//     yet) never stands in for one who is able, and the last of those who wait may
//     not go either; an end date counts for nothing. Organisation administrators
//     count for a site only when they belong to it. Every act that could end that
//     runs inside Keeping, which compares what was kept before with what is after.
//   - A member is seen by whoever holds members.read in the organisation or at one
//     of the member's sites, and by themself. Whoever is not seen does not exist.
//   - What touches the whole of a member (details, deactivation) needs the permission in the
//     organisation or at every site of the member; and nobody touches somebody whose
//     administration is not within their own (RGT-1, AUZ-05).
//   - Rights are read when they are used, so their end is effective at the next
//     request (SES-01). Nothing here touches the person's other organisations.
//   - Whoever waits for an authorisation (pending.go, APP-1) has sites and rights that are
//     not in force, and stands first in the list; package approval alone settles it. Their
//     sites and rights do not change meanwhile: what was read is what is decided (INV-16).
//   - Deactivation keeps the rights that reactivation gives back; leaving ends them.
//     Both revoke the tokens that the member made for the organisation, and who is
//     let in again signs in again (CHG-4): package access sees to that. Whoever left comes back
//     as they were, but for what is gone (end.go): package departure decides when and for whom.
//   - Details (edit.go): a new member is an edition of nobody, so creation, edition and
//     the demonstration obey one set of rules (edit_check.go). An RPPS and a profile
//     type, once saved, change for nobody (MEM-3); B and C become A once, with their
//     first RPPS. What was imported from the directory changes with it only; the e-mail
//     address of who has an account, or an invitation, is theirs (CHG-2).
//   - One membership takes the place of another of the same person (pass.go, package merge): with all
//     that it had, its dates and givers; what was verified of one number is not of the other.
//   - A locum's membership begins and ends with days of Europe/Paris (MEM-4), which
//     access reads; nobody moves the dates of their own.
//   - Rights (rights_change.go, reform.go): whoever changes those of a member holds
//     rights.edit at the scope, and every administration permission among them; what
//     one gives oneself is told to the other administrators (RGT-1).
//   - Every act that gives or takes sites, roles or permissions of somebody who is a member
//     already is one change set, with one entry of the trail (ledger.go). Giving them on
//     creation or invitation is part of the coming in; the edition of a role is the role's
//     own history; leaving, and the closing of a site, are acts of their own.
//   - With a site go the rights held there, and what other packages let somebody hold at it
//     (AtSite, OFF-4): by every act that ends a belonging, in one change set. Undoing leaves a
//     site where something was given since.
//   - Restore gives back what was before a change set, by the rules of ChangeRights, with
//     the dates that it had, on the authority of whoever undoes; package grant calls it.
//   - The edition of a custom role is here (role.go), not in package role: it touches
//     everybody who holds it, so their administration must be within the editor's
//     (AUZ-05), what the editor gains by it is told to the other administrators, and it
//     runs inside Keeping (ORG-4). Package role makes, duplicates and removes: nobody
//     holds a role that is made or may be removed.
//   - A preview does what the act does, and keeps nothing of it: what it says is what
//     would happen.
//   - May of a sheet says exactly what would succeed: the acts and May ask the same
//     functions (rights.go).
//
// A site is created with its first members, because it has an administrator from
// its first moment: its only member; or else its creator, when none of its members
// administers the whole organisation. That is a rule of the product (ORG-4), and
// the one case where administration is given by somebody who may not hold it.
//
// It must not know invitations, but to show the one that waits; how people come in
// is package enrolment's, how they sign in package login's.
package member
