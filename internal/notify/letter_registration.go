package notify

import (
	"time"

	"habilis/internal/secret"
)

// The letters to whoever registers by themself (VER-1).
const (
	KindRegistrationCode    Kind = "registration_code"    // proves the mailbox
	KindRegistrationAccount Kind = "registration_account" // the address has an account (ENU-01)
	KindRegistrationLink    Kind = "registration_link"    // comes back to the file
	KindRegistrationSent    Kind = "registration_sent"    // the same, once the file was sent
	KindRegistrationMailbox Kind = "registration_mailbox" // proves a mailbox of the directory (VER-2)
)

var registrationKinds = []Kind{
	KindRegistrationCode, KindRegistrationAccount, KindRegistrationLink, KindRegistrationSent, KindRegistrationMailbox,
}

// RegistrationFacts are what they say.
type RegistrationFacts struct {
	Org     Org
	Code    secret.Text // of KindRegistrationCode, and of KindRegistrationMailbox
	Link    secret.Text // of the others
	Expires time.Time
	RPPS    string // of KindRegistrationMailbox: the number that somebody claims
}

// WriteRegistrationCode writes the letter with the code that proves a mailbox. No button: the
// code is typed where it was asked for.
func WriteRegistrationCode(to Recipient, f RegistrationFacts) (Letter, error) {
	w := write(KindRegistrationCode, to, &f.Org, map[string]any{varUntil: f.Expires})
	w.say("intro")
	w.letter.Blocks = append(w.letter.Blocks, Block{Facts: []Fact{w.fact("code", 1, f.Code)}})
	w.say("then")
	return w.end("registering", Contact{})
}

// WriteRegistrationAccount tells the owner of an address that somebody, probably they, wants
// to register with it, and that they sign in instead.
func WriteRegistrationAccount(to Recipient, f RegistrationFacts) (Letter, error) {
	w := write(KindRegistrationAccount, to, &f.Org, map[string]any{})
	w.say("intro", "then")
	w.button(f.Link, "")
	return w.end("account", Contact{})
}

// WriteRegistrationLink writes the letter with the link that opens a file: kind is
// KindRegistrationLink, or KindRegistrationSent when the file was just sent.
func WriteRegistrationLink(kind Kind, to Recipient, f RegistrationFacts) (Letter, error) {
	w := write(kind, to, &f.Org, map[string]any{varUntil: f.Expires})
	w.say("intro", "then")
	w.button(f.Link, w.common("until"))
	return w.end("registering", Contact{})
}

// WriteRegistrationMailbox writes the letter with the code that proves an MSSanté mailbox, to
// the practitioner whom somebody says they are: it says of what number, and what to do when it
// is not they. No button: the code is typed where it was asked for.
func WriteRegistrationMailbox(to Recipient, f RegistrationFacts) (Letter, error) {
	w := write(KindRegistrationMailbox, to, &f.Org, map[string]any{varUntil: f.Expires, "RPPS": f.RPPS})
	w.say("intro")
	w.letter.Blocks = append(w.letter.Blocks, Block{Facts: []Fact{w.fact("code", 1, f.Code)}})
	w.say("then")
	return w.end("mailbox", Contact{})
}
