// Package org owns organisations and their sites («établissements»): who the
// customer is, where its places are, and whether it may be used.
//
// Its rules:
//   - An organisation is named in every URL by a slug that never changes and is
//     never used again (ORG-1, ORG-2).
//   - Whoever has no place in an organisation learns nothing of it: it is "not
//     found", like one that does not exist (rules.md 12). A site that somebody may
//     not know of is "not found" too (AUZ-06), with the same words.
//   - Only the platform's support suspends and resumes an organisation (ORG-7); the
//     act stands in the organisation's own trail, shown as support's (AUD-2). It
//     gives no right inside.
//   - The platform's support opens and closes the administration space of an organisation
//     (ORG-6); package access sees to what that means.
//   - Details are cleaned and checked here, whichever door they come through.
//
// It must not know members, but to count them and to read which sites somebody
// belongs to. That a site keeps an administrator (ORG-4) is package member's rule:
// it is the one that creates and closes sites, with InsertSite and CloseSite.
package org
