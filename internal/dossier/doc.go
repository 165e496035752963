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
//   - While a file is orange its papers stay in the hands of who gave them, whatever was said of
//     it so far. Once it is green nobody removes anything: the bytes go by themselves when the
//     organisation's delay is over, and the hash stays (FIL-07). So they do when the person left.
//
// Decisions on files (certify.go, ruling.go):
//   - Whoever decides names what they saw: the declaration, the member with their number and
//     identity, the papers, what others decided. What changed since is read again (INV-16).
//   - The first half of two people's certification counts as long as what they saw is so, and they
//     may still certify; else it is void, which the file says, and the next one begins anew.
//   - The number that opens is the one that was judged, and nobody else's: borne in this
//     organisation, or proved elsewhere by support or by a mailbox of the directory. Of whom another
//     organisation let in with it on its own word support decides (VER-3, member.Hold); what is only
//     typed on a sheet elsewhere is nothing. The file says who bears it here, to whoever may see
//     them (RAC-03).
//   - What the directory said of another number, or before a mailbox was proved, judges nothing.
//
// Proof by a mailbox of the directory (mailbox*.go, VER-2):
//   - A code goes to an MSSanté mailbox that the directory publishes as that of the active
//     practitioner whose number is claimed, under the declared name and profession: never to an
//     address that somebody types. Its letter says of what number it is, and to whom to object.
//     What the directory says when a code is asked for is what is offered from then on. One network
//     has a few of the letters of an address in a day, so that nobody takes those of its owner.
//   - The proof replaces what a person would decide and nothing else: papers, agreement, telephone
//     and what the directory says count as for everybody. Once all is there a job judges the file.
//   - It is of one number, and falls for good with it, or when the directory, asked again at each
//     «Rafraîchir», does not publish the address any more as theirs. A silent directory opens
//     nothing and closes nothing.
//   - Where the organisation asks that two people certify each account it is neither asked nor
//     enough; what was proved before goes on, as a certification by one person does. What support
//     refused stays people's to decide, and no proof is offered there.
//
// Registrations (registration*.go, VER-1):
//   - Nobody registers where the organisation has not opened it, and that cannot be told from
//     an organisation that is not there (INV-13).
//   - The mailbox is proved first, by a code of which five tries count. The answer is the same
//     whether the address has an account or not; its owner is told by mail (ENU-01), and
//     signs in instead: then this membership alone waits.
//   - One begun with an account that is gone since, with the file it waited for elsewhere, asks for a
//     password anew: its mailbox stays proved, and no member is made of an account that nobody has.
//   - A key opens one registration and nothing else, without a session: the cookie of a
//     browser, or a mailed link, of which the newest works (INV-15).
//   - What is declared stays here until it is verified: the number that somebody claims is not
//     the member's before, so that nobody holds another's. One that is somebody's is refused; one
//     that may be their own (a member without an account bears it) or that is contested waits.
//   - What is corrected after a file was green changes the file; the identity that was imported
//     stays the member's until it is imported anew with the next green (CHG-1).
//   - The member and the account that come of it are made by package enrolment alone.
//   - Whether a number is somebody's is told a few times a day, of a registration and of a network,
//     then no new number is looked at (ENU-02).
//   - What a stranger does is counted before it costs anything: registrations begun from a network,
//     or with an account; the steps of one; its open browsers. No network is exempt: the
//     exemption is for the failed sign-ins of an organisation's own people (rules.md 4), and strangers
//     sit in its waiting room. Their text messages are a share of the day's (package login).
//   - Every change makes a new version; what is verified does not change here (INV-16). A file is
//     sent once with the same texts.
//   - Which text was accepted is kept word for word. What has no person is removed after a day,
//     what was never sent after RegistrationLife, a key when it is over: all of them in one round.
//
// It must not know how the directory is asked, nor how members are written.
package dossier
