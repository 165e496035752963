// Package approval owns the accounts that the platform's support makes for an organisation,
// and what its administrators decide of them (APP-1).
//
// Its rules:
//   - Whoever is proposed waits, unusable through every door, until somebody of the
//     organisation authorises: package enrolment writes them without an account, and lets
//     them in, in one transition each.
//   - Neither whoever made the account, by themself or by a token, nor the person it is for
//     decides of it (INV-14). The others need approvals.decide, and hold what is given.
//   - A decision is about what was read: a sheet that changed since must be read again
//     (INV-16). It is final: one row of a person is decided once.
//   - Without a decision it ends after Life, whether or not the chore came by (F7).
//   - Every act stands in the organisation's trail; those of the support as theirs (ORG-7,
//     AUD-2). The support sees of it what it asked for, and what became of it.
//   - The person is told of either decision; the administrators that something waits.
//
// It must not know how people come in, nor the words of the letters.
package approval
