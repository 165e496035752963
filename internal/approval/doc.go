// Package approval owns the accounts that the platform's support makes for an organisation,
// and what its administrators decide of them (APP-1).
//
// Its rules:
//   - Whoever is proposed waits, unusable through every door, until somebody of the
//     organisation authorises: package enrolment writes them without an account, and lets
//     them in, in one transition each.
//   - Neither whoever made the account, by themself or by a token, nor the person it is for
//     decides of it (INV-14). The others need approvals.decide, and hold what is given.
//   - A decision says which version was read: a sheet that changed since must be
//     read again (INV-16). Nothing is given to whoever waits, by any door: no site, role,
//     level, delegation or access group, which no version would tell. It is final: one row of a person is decided once.
//   - Whoever is refused, or whose time is over, keeps nothing: the membership ends with every
//     right that was written for it, in one act.
//   - Without a decision it ends after Life, whether or not the chore came by (F7).
//   - Every act stands in the organisation's trail; those of the support as theirs (ORG-7,
//     AUD-2). The support sees what it asked for, as it asked for it, and what became
//     of the request: nothing of what the organisation makes of the member (ORG-7).
//   - The person is told of either decision; the administrators that something waits.
//
// It must not know how people come in, nor the words of the letters.
package approval
