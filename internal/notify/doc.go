// Package notify owns the letters: who is written to after which act, in which
// words, and how the letter leaves.
//
// It has three layers. A writer per kind (WriteInvitation…) turns facts into a
// Letter: checked, in the recipient's language, without markup. Message lays the
// letter out, as text and as HTML. A Mailer sends the message: SMTP, or a folder
// in development.
//
// It must not know doors, nor decide whether a person may act: it is told facts.
//
// Rules it keeps:
//   - One idea, at most one button, the raw link below it; why you receive this,
//     what to do if it surprises you, whom to ask (DESIGN.md 17).
//   - Security letters have no link at all: they tell people to open the product
//     themselves. One letter carries a secret: the temporary password (MEM-12).
//   - Never a patient, never a right in detail. Dates absolute, with the hour.
//   - No remote image, no tracking, no attachment, no script.
//   - A name with a line break never reaches a header (INJ-02); a name is never
//     read as a template (INJ-05) and is escaped in HTML (INJ-01).
//   - A letter sent again has the same Message-ID, so that it is recognised.
//   - SMTP never falls back to plain text, and an error never carries an address.
package notify
