// Package access says who acts (Actor), what may be done (Permission) and where
// (Scope), and checks one against the other over one SQL view, standing: the only
// definition of "in force".
//
// Its rules:
//   - Deny by default; an error denies.
//   - A permission held for the organisation covers its sites; one held for a site
//     covers that site only.
//   - Whoever is no member of an organisation learns nothing of it: not yours is
//     "not found", never "forbidden" (rest.md).
//   - While the platform's support has closed the administration space of an
//     organisation, nobody holds an administration permission there (ORG-6), but those
//     by which connected applications work; everything else goes on.
//   - A session, or a person's token, from before the end of a deactivation, or of a departure that
//     was undone, opens nothing in
//     that organisation: reactivation gives back rights, neither sessions nor tokens (CHG-4).
//   - Some acts ask for a proof of the person less than StepUpAge old (rules.md 6).
//
// The package knows the catalogue of permissions of rest.md; it does not know
// what the acts do.
package access
