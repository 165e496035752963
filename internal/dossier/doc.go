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
// The papers of a file (document*.go):
//   - A document and its bytes are written in one transaction, and go in one. What is given
//     is judged, cleaned and scanned before it; the same bytes twice are told, not kept twice.
//   - It belongs to one membership. The person gives and removes their own; whoever certifies
//     in the organisation does for them; support looks while the file awaits a decision. To
//     all others there is nothing (FIL-03).
//   - What the scanner has not judged is opened by nobody; what it knows is not kept.
//   - Whoever opens one is recorded, and shown to whoever sees the file.
//   - After a decision nobody removes anything: the bytes go by themselves when the
//     organisation's delay is over, and the hash stays (FIL-07).
//
// Registrations (registration*.go, VER-1):
//   - Nobody registers where the organisation has not opened it, and that cannot be told from
//     an organisation that is not there (INV-13).
//   - The mailbox is proved first, by a code of which five tries count. The answer is the same
//     whether the address has an account or not; its owner is told by mail (ENU-01), and
//     signs in instead: then this membership alone waits.
//   - A key opens one registration and nothing else, without a session: the cookie of a
//     browser, or a mailed link, of which the newest works (INV-15).
//   - What is declared stays here until it is verified: the number that somebody claims is not
//     the member's before, so that nobody holds another's. One that is somebody's is refused.
//   - The member and the account that come of it are made by package enrolment alone.
//   - Every change makes a new version; what is verified does not change here (INV-16).
//   - Which text was accepted is kept word for word. What was never sent is removed.
//
// It must not know how the directory is asked, nor how members are written.
package dossier
