package dossier

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/credential"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/limit"
	"habilis/internal/member"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Verbs of registrations.
const (
	verbRegistrationOpen     = "registration.open"
	verbRegistrationBegin    = "registration.begin"
	verbRegistrationLetter   = "registration.letter"
	verbRegistrationWrong    = "registration.wrong_code"
	verbRegistrationEmail    = "registration.prove_email"
	verbRegistrationPassword = "registration.password"
	verbRegistrationPerson   = "registration.person"
	verbRegistrationSend     = "registration.send_code"
	verbRegistrationPhone    = "registration.prove_phone"
	verbRegistrationComplete = "registration.complete"
	verbRegistrationRemove   = "registration.remove"
)

// What a code is for.
const (
	codeForEmail = "email"
	codeForPhone = "phone"
)

var (
	registrationsFrom = limit.Counter{Name: "registration.network", Window: time.Hour, Max: RegistrationsPerAddress}
	registrationsTo   = limit.Counter{Name: "registration.address", Window: day, Max: RegistrationLetters}
	registrationsOf   = limit.Counter{Name: "registration.account", Window: day, Max: RegistrationsPerAccount}
)

// RegistrationOrder asks for the first letter of a registration; its job holds the code.
type RegistrationOrder struct {
	Org          ident.Org          `json:"org"`
	Registration ident.Registration `json:"registration"`
}

// Kind names the job.
func (RegistrationOrder) Kind() string { return "registration.greet" }

// Begin begins a registration with an e-mail address, and gives the key that opens it in this
// browser. What the letter says depends on whether the address has an account; the answer
// does not (ENU-01). Errors: ErrRegistrationClosed, limit.ErrExceeded, the field email.
func (r Registrations) Begin(ctx context.Context, by access.Actor, slug, email string, lang text.Lang) (secret.Text, error) {
	by.Once = access.Once{} // a key is shown once
	entrance, err := r.Entrance(ctx, by, slug)
	if err != nil {
		return secret.Text{}, err
	}
	e, code := account.ParseEmail(email)
	if code != "" {
		return secret.Text{}, fault.OnField("email", code, "Max", account.MaxEmail)
	}
	if err := registrationsFrom.Take(ctx, r.Run.DB, r.Network(by.Address)); err != nil {
		return secret.Text{}, err
	}
	digits, err := credential.NewDigits()
	if err != nil {
		return secret.Text{}, err
	}
	act := action.Act{Verb: verbRegistrationBegin, Orgs: []ident.Org{entrance.Org.ID}, Needs: []access.Need{access.Everybody()}}
	return action.Run(ctx, r.Run, by, act, func(tx *action.Tx) (secret.Text, error) {
		v := Registration{
			Org: entrance.Org.ID, ID: ident.NewRegistration(), Email: e, Language: lang, ExpiresAt: tx.Now.Add(RegistrationBegun),
		}
		if err := registrationOpen(ctx, tx.Tx, entrance.Org); err != nil {
			return secret.Text{}, err
		}
		if err := insertRegistration(ctx, tx.Tx, v); err != nil {
			return secret.Text{}, err
		}
		n, err := registrationsTo.Add(ctx, tx.Tx, e.Key)
		if err != nil {
			return secret.Text{}, err
		}
		tag := tx.Ring.MAC(secret.UseCode, codeOf(v, codeForEmail, e.Key, digits))
		if n > registrationsTo.Max {
			_, _ = rand.Read(tag) // no code is right: each one sent gives some guesses (rules.md 4)
		}
		if err := setCode(ctx, tx.Tx, v, codeForEmail, tag, nil); err != nil {
			return secret.Text{}, err
		}
		if n <= registrationsTo.Max {
			order := RegistrationOrder{Org: v.Org, Registration: v.ID}
			tx.After(job.Order{Args: order, Priority: job.Urgent, Secret: secret.NewText(digits)})
		}
		tx.Record(audit.Event{Org: v.Org, Verb: act.Verb, Object: v.ID.String()})
		return newKey(ctx, tx.Tx, v, false)
	})
}

// newKey draws a key of a registration: for a browser, of which there are RegistrationBrowsers
// at most, or for a link, which ends the older ones.
func newKey(ctx context.Context, tx *store.Tx, v Registration, mailed bool) (secret.Text, error) {
	life, end := RegistrationKeyLife, endOldKeys
	if mailed {
		life, end = RegistrationLinkLife, endMailedKeys
	}
	if err := end(ctx, tx, v); err != nil {
		return secret.Text{}, err
	}
	until := tx.Now.Add(life)
	key, hash := secret.NewToken(secret.Registration)
	return key, insertRegistrationKey(ctx, tx, v, hash, mailed, until)
}

// codeOf is all that a code is bound to. No part can hold the separator.
func codeOf(v Registration, what, where, digits string) []byte {
	return []byte(strings.Join([]string{"registration", v.ID.String(), what, where, digits}, "\x00"))
}

// BeginSignedIn begins a registration for somebody who is signed in: their address is proved,
// and their account stays what it is; only this membership will wait. Somebody who has begun
// comes back to what they began. Errors: ErrRegistrationClosed, member.ErrAlreadyMember,
// limit.ErrExceeded.
func (r Registrations) BeginSignedIn(ctx context.Context, by access.Actor, slug string) (secret.Text, error) {
	by.Once = access.Once{}
	entrance, err := r.Entrance(ctx, by, slug)
	if err != nil {
		return secret.Text{}, err
	}
	act := action.Act{
		Verb: verbRegistrationBegin, Orgs: []ident.Org{entrance.Org.ID}, Needs: []access.Need{access.Myself(by.Account)},
	}
	return action.Run(ctx, r.Run, by, act, func(tx *action.Tx) (secret.Text, error) {
		a, found, err := account.Get(ctx, tx.Tx, by.Account)
		if err != nil || !found {
			return secret.Text{}, firstOf(err, access.ErrUnauthenticated)
		}
		if err := registrationOpen(ctx, tx.Tx, entrance.Org); err != nil {
			return secret.Text{}, err
		}
		if err := registrationsOf.Within(ctx, tx.Tx, a.ID.String()); err != nil {
			return secret.Text{}, err
		}
		v, err := resumed(ctx, tx, entrance.Org.ID, a)
		if err != nil {
			return secret.Text{}, err
		}
		tx.Record(audit.Event{
			Org: v.Org, Verb: act.Verb, Object: v.ID.String(), Subject: v.Member.String(), Names: map[string]string{"account": a.Name()},
		})
		return newKey(ctx, tx.Tx, v, false)
	})
}

// resumed is the registration that an account has here, with a person or not yet, or a new one.
func resumed(ctx context.Context, tx *action.Tx, in ident.Org, a account.Account) (Registration, error) {
	m, has, err := member.ByAccount(ctx, tx.Tx, in, a.ID)
	if err != nil {
		return Registration{}, err
	}
	if has {
		v, found, err := findRegistrationOf(ctx, tx.Tx, in, m.ID)
		if err == nil && (!found || m.Verification.Opens()) {
			err = member.ErrAlreadyMember
		}
		return v, err
	}
	v, begun, err := findRegistrationBegun(ctx, tx.Tx, in, a)
	if err != nil || begun {
		return v, err
	}
	v = Registration{
		Org: in, ID: ident.NewRegistration(), Email: a.Email, Language: a.Language, Account: a.ID, EmailProvedAt: &tx.Now,
		ExpiresAt: tx.Now.Add(RegistrationBegun),
	}
	return v, insertRegistration(ctx, tx.Tx, v)
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// Greet is the handler of RegistrationOrder: it looks up, after the answer, what the address
// stands for, and orders the letter that its owner needs (ENU-01).
func (r Registrations) Greet(ctx context.Context, j job.Job) error {
	var order RegistrationOrder
	if err := j.Decode(&order); err != nil {
		return job.Permanent(err)
	}
	act := action.Act{Verb: verbRegistrationLetter, Orgs: []ident.Org{order.Org}, Needs: []access.Need{access.Everybody()}}
	_, err := action.Run(ctx, r.Run, access.Operator("job"), act, func(tx *action.Tx) (struct{}, error) {
		v, found, err := findRegistrationByID(ctx, tx.Tx, order.Org, order.Registration)
		if err != nil || !found || v.EmailProvedAt != nil {
			return struct{}{}, firstOf(err, action.Nothing)
		}
		return struct{}{}, greet(ctx, tx, v, j.Secret)
	})
	return err
}

func greet(ctx context.Context, tx *action.Tx, v Registration, digits secret.Text) error {
	a, has, err := account.Holder(ctx, tx.Tx, v.Email.Key)
	if err != nil {
		return err
	}
	if has && a.Status != account.Pending {
		tx.After(job.Order{Args: RegistrationAccountLetter{Org: v.Org, Account: a.ID}, Priority: job.Urgent})
		tx.Record(audit.Event{Org: v.Org, Verb: verbRegistrationLetter, Object: v.ID.String()})
		return nil
	}
	if has {
		m, here, err := member.ByAccount(ctx, tx.Tx, v.Org, a.ID)
		if err != nil {
			return err
		}
		if here {
			return RegistrationLink(ctx, tx, v.Org, m.ID)
		}
	}
	tx.After(job.Order{
		Args:     RegistrationCodeLetter{Org: v.Org, Registration: v.ID, Until: tx.Now.Add(RegistrationCodeLife)},
		Priority: job.Urgent, Secret: digits,
	})
	tx.Record(audit.Event{Org: v.Org, Verb: verbRegistrationLetter, Object: v.ID.String()})
	return nil
}
