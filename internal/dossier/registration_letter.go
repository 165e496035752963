package dossier

import (
	"context"
	"time"

	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/text"
)

// RegistrationCodeLetter carries the code that proves a mailbox; its job holds it as secret.
type RegistrationCodeLetter struct {
	Org          ident.Org          `json:"org"`
	Registration ident.Registration `json:"registration"`
	Until        time.Time          `json:"until"`
}

// Kind names the job.
func (RegistrationCodeLetter) Kind() string { return "letter.registration_code" }

// RegistrationAccountLetter tells somebody who wants to register that they have an account,
// and that they sign in with it instead (VER-1).
type RegistrationAccountLetter struct {
	Org     ident.Org     `json:"org"`
	Account ident.Account `json:"account"`
}

// Kind names the job.
func (RegistrationAccountLetter) Kind() string { return "letter.registration_account" }

// RegistrationLinkLetter carries the link by which somebody comes back to their file; its job
// holds it as secret.
type RegistrationLinkLetter struct {
	Org          ident.Org          `json:"org"`
	Registration ident.Registration `json:"registration"`
	Until        time.Time          `json:"until"`
	Sent         bool               `json:"sent"` // the file was just sent, and waits for the organisation
}

// Kind names the job.
func (RegistrationLinkLetter) Kind() string { return "letter.registration_link" }

// RegistrationMessage is the message that carries the code of a telephone; its job holds it.
type RegistrationMessage struct {
	Org          ident.Org          `json:"org"`
	Registration ident.Registration `json:"registration"`
	Until        time.Time          `json:"until"`
}

// Kind names the job.
func (RegistrationMessage) Kind() string { return "sms.registration" }

// RegistrationLink mails a new link by which the person comes back to their file, in the
// caller's transaction, which holds the organisation; older links are worth nothing. It does
// nothing for whoever did not come by themself. Errors: the store's.
func RegistrationLink(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member) error {
	v, found, err := findRegistrationOf(ctx, tx.Tx, in, id)
	if err != nil || !found {
		return err
	}
	return mailLink(ctx, tx, v, false)
}

func mailLink(ctx context.Context, tx *action.Tx, v Registration, sent bool) error {
	key, err := newKey(ctx, tx.Tx, v, true)
	if err != nil {
		return err
	}
	letter := RegistrationLinkLetter{Org: v.Org, Registration: v.ID, Until: tx.Now.Add(RegistrationLinkLife), Sent: sent}
	tx.After(job.Order{Args: letter, Priority: job.Urgent, Secret: key})
	tx.Record(audit.Event{Org: v.Org, Verb: verbRegistrationLetter, Object: v.ID.String(), Subject: v.Member.String(), Names: v.names()})
	return nil
}

// names are those of the trail, once the registration has its person.
func (r Registration) names() map[string]string {
	if r.Names.FamilyName == "" {
		return nil
	}
	return map[string]string{"member": r.Names.GivenName + " " + r.Names.FamilyName}
}

// Addressee is to whom a letter about a registration goes.
type Addressee struct {
	Name     string
	Email    account.Email
	Language text.Lang
	Open     bool // the registration is still to be done, or waits
}

// RegistrationAddressee reads it; the second value is false when the registration is gone.
func RegistrationAddressee(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Registration) (Addressee, bool, error) {
	v, found, err := findRegistrationByID(ctx, tx, in, id)
	if err != nil || !found {
		return Addressee{}, false, err
	}
	a := Addressee{Name: v.names()["member"], Email: v.Email, Language: v.Language, Open: true}
	if v.Member.IsZero() {
		return a, true, nil
	}
	m, err := member.Find(ctx, tx, in, v.Member)
	if member.Refusal(err) {
		return Addressee{}, false, nil
	}
	a.Open = !m.Verification.Opens()
	return a, true, err
}

// RegistrationPhone reads the number to which a message goes, while its code waits; the last
// value is false when it does not any more.
func RegistrationPhone(ctx context.Context, tx *store.Tx, ring *secret.Ring, in ident.Org, id ident.Registration,
) (credential.Phone, text.Lang, bool, error) {
	v, found, err := findRegistrationByID(ctx, tx, in, id)
	if err != nil || !found {
		return credential.Phone{}, "", false, err
	}
	c, waits, err := waitingCode(ctx, tx, v, codeForPhone)
	if err != nil || !waits {
		return credential.Phone{}, "", false, err
	}
	p, err := openPhone(ring, v, c.seal)
	return p, v.Language, err == nil, err
}

// phonePlace is where a number opens: in its registration's row, nowhere else.
func phonePlace(v Registration) secret.AAD {
	return secret.AAD{Table: tableRegistration, Column: "phone_sealed", Tenant: v.Org.String(), Row: v.ID.String()}
}

func openPhone(ring *secret.Ring, v Registration, sealed []byte) (credential.Phone, error) {
	number, err := ring.Open(phonePlace(v), sealed)
	return credential.KeptPhone(secret.NewText(string(number))), err
}
