// Package message owns what somebody writes to members from the list (LST-3): the text, who
// it went to, and what became of each letter.
//
// It must not know how a letter looks or leaves (package notify), nor the pages.
//
// Rules it keeps:
//   - One letter a person: nobody sees who else was written to. The text is plain; the
//     subject is one line (INJ-02).
//   - It goes to members in force who have an account, whom the sender sees and over whom
//     they hold members.message; those left out are told before anything is sent.
//   - A letter that waits is not sent once its sender, or whom it is for, is no member in force.
//   - Replies go to the sender's own address, which those written to therefore learn.
//   - An account writes PerDay messages a day in an organisation, and an organisation's
//     members get LettersPerDay letters so.
//   - Whoever holds members.message in the whole organisation sees what anybody sent; at a
//     site, what they sent themselves. Nothing of it is kept longer than KeptFor, but the
//     record in the trail.
package message
