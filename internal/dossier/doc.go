// Package dossier follows the professional identity of members after they were made: it
// watches what the national directory says of them (VER-5).
//
// Its rules:
//   - Nothing changes by itself: a difference raises an alert, which somebody who may edit
//     the member accepts or dismisses; both are recorded, with who and when.
//   - "Not checked" says nothing: nobody is compared with an answer that is none.
//   - One alert of a member is open at most. A difference that was decided is not raised
//     again; one that is gone withdraws its alert.
//   - When more than MassPercent of the watched members would change in one night, and more
//     than MassLeast, it is the directory that changed: nothing is raised, and the watch says
//     so until somebody looks at it (Confirm) or the directory is itself again.
//
// It must not know how the directory is asked, nor how members are written.
package dossier
