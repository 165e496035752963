// Package directory knows the Annuaire Santé, the national directory of health
// professionals: its FHIR API, its bulk files loaded into a local index, and the
// composition of both behind one Source (DIR-1).
//
// It must not know members, nor who may look.
//
// Rules it keeps:
//   - The local index answers first, then the API; an answer says from where and of what
//     date it is.
//   - Down, slow or garbage is "not checked": manual entry goes on, and nobody gains or
//     loses a right by it.
//   - Business identifiers only: the technical ids of FHIR resources change.
package directory
