package notify

import (
	"context"

	"habilis/internal/dossier"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/org"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// registrationLetters are those to whoever registers by themself.
func (h handlers) registrationLetters() map[string]composer {
	return map[string]composer{
		dossier.RegistrationCodeLetter{}.Kind():    registrationCode,
		dossier.RegistrationAccountLetter{}.Kind(): h.registrationAccount,
		dossier.RegistrationLinkLetter{}.Kind():    h.registrationLink,
		dossier.RegistrationMailboxLetter{}.Kind(): registrationMailbox,
	}
}

// registrant is to whom a letter goes who has no account that anything may be sent to.
func registrant(ctx context.Context, tx *store.Tx, in ident.Org, id ident.Registration) (Recipient, error) {
	a, found, err := dossier.RegistrationAddressee(ctx, tx, in, id)
	if err == nil && (!found || !a.Open) {
		err = errMoot
	}
	return Recipient{Name: a.Name, Email: mailbox(a.Email), Lang: a.Language}, err
}

func registrationCode(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[dossier.RegistrationCodeLetter](j)
	if err != nil {
		return Letter{}, err
	}
	if !tx.Now.Before(args.Until) {
		return Letter{}, errMoot // a code that comes too late only confuses
	}
	to, err := registrant(ctx, tx, args.Org, args.Registration)
	if err != nil {
		return Letter{}, err
	}
	o, err := plaque(ctx, tx, args.Org)
	if err != nil {
		return Letter{}, err
	}
	return WriteRegistrationCode(to, RegistrationFacts{Org: o, Code: j.Secret, Expires: args.Until})
}

// registrationMailbox writes to a practitioner at the address that the directory publishes. Their
// name is not said: it is what somebody declared.
func registrationMailbox(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[dossier.RegistrationMailboxLetter](j)
	if err != nil {
		return Letter{}, err
	}
	to, waits, err := dossier.RegistrationMailbox(ctx, tx, args)
	if err == nil && !waits {
		err = errMoot
	}
	if err != nil {
		return Letter{}, err
	}
	o, err := plaque(ctx, tx, args.Org)
	if err != nil {
		return Letter{}, err
	}
	reader := Recipient{Email: mailbox(to.Email), Lang: to.Language}
	return WriteRegistrationMailbox(reader, RegistrationFacts{Org: o, Code: j.Secret, Expires: args.Until, RPPS: to.RPPS})
}

func (h handlers) registrationAccount(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[dossier.RegistrationAccountLetter](j)
	if err != nil {
		return Letter{}, err
	}
	a, err := person(ctx, tx, args.Account)
	if err != nil {
		return Letter{}, err
	}
	f, err := h.registrationFacts(ctx, tx, args.Org)
	if err != nil {
		return Letter{}, err
	}
	return WriteRegistrationAccount(recipient(a), f)
}

func (h handlers) registrationLink(ctx context.Context, tx *store.Tx, j job.Job) (Letter, error) {
	args, err := decode[dossier.RegistrationLinkLetter](j)
	if err != nil {
		return Letter{}, err
	}
	to, err := registrant(ctx, tx, args.Org, args.Registration)
	if err != nil {
		return Letter{}, err
	}
	f, err := h.registrationFacts(ctx, tx, args.Org, "resume", j.Secret.Reveal())
	if err != nil {
		return Letter{}, err
	}
	f.Expires = args.Until
	kind := KindRegistrationLink
	if args.Sent {
		kind = KindRegistrationSent
	}
	return WriteRegistrationLink(kind, to, f)
}

// registrationFacts begin with the organisation and its public page, or one below it.
func (h handlers) registrationFacts(ctx context.Context, tx *store.Tx, in ident.Org, below ...string) (RegistrationFacts, error) {
	o, err := plaque(ctx, tx, in)
	if err != nil {
		return RegistrationFacts{}, err
	}
	known, err := org.Get(ctx, tx, in)
	return RegistrationFacts{Org: o, Link: h.link(append([]string{"register", known.Slug}, below...)...)}, err
}

// registrationText writes the message that carries the code of a telephone.
func (h handlers) registrationText(ctx context.Context, tx *store.Tx, j job.Job) (to, body secret.Text, err error) {
	args, err := decode[dossier.RegistrationMessage](j)
	if err != nil {
		return to, body, err
	}
	if !tx.Now.Before(args.Until) {
		return to, body, job.Permanent(errTooLate)
	}
	phone, lang, waits, err := dossier.RegistrationPhone(ctx, tx, h.Ring, args.Org, args.Registration)
	if err == nil && !waits {
		err = errMoot
	}
	if err != nil {
		return to, body, err
	}
	return phone.Reveal(), codeText(lang, "enrol", j.Secret.Reveal(), h.Base.Hostname(), dossier.RegistrationCodeLife), nil
}
