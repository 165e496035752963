package dossier

import (
	"context"
	"fmt"
	"slices"

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
	"habilis/internal/setting"
	"habilis/internal/text"
)

var actsOf = limit.Counter{Name: "registration.acts", Window: day, Max: RegistrationActs}

// counted opens the registration of a key and counts a step of it, before anything that costs:
// a hash, the directory, a paper. Errors: ErrRegistrationGone, limit.ErrExceeded.
func (r Registrations) counted(ctx context.Context, by access.Actor, slug, key string) (RegistrationFile, error) {
	f, err := r.Open(ctx, by, slug, key)
	if err != nil {
		return RegistrationFile{}, err
	}
	return f, actsOf.Take(ctx, r.Run.DB, f.ID.String())
}

// step is one act of somebody who holds a key: do is given their file as it is now, and gives
// it back as it becomes. A refusal that must keep what it counted is in tried.
func (r Registrations) step(
	ctx context.Context, by access.Actor, slug, key, verb string, do func(*action.Tx, *RegistrationFile) error,
) (RegistrationFile, error) {
	seen, err := r.counted(ctx, by, slug, key)
	if err != nil {
		return RegistrationFile{}, err
	}
	return r.act(ctx, by, slug, key, verb, seen, do)
}

// act is step, of somebody whose step was counted with what was seen then.
func (r Registrations) act(
	ctx context.Context, by access.Actor, slug, key, verb string, seen RegistrationFile, do func(*action.Tx, *RegistrationFile) error,
) (RegistrationFile, error) {
	by.Once = access.Once{} // what several strangers behind one address do is not told to one of them
	act := action.Act{
		Verb: verb, Orgs: []ident.Org{seen.Org}, Accounts: true, Needs: []access.Need{access.Everybody()},
		Object: seen.ID.String(), Subject: seen.Member.String(),
	}
	return action.Run(ctx, r.Run, by, act, func(tx *action.Tx) (RegistrationFile, error) {
		f, err := r.open(ctx, tx.Tx, slug, key)
		if err != nil {
			return f, err
		}
		if f.Verification.Opens() {
			return f, ErrRegistrationDone
		}
		if err := do(tx, &f); err != nil {
			return f, err
		}
		if err := f.papers(ctx, tx.Tx); err != nil {
			return f, err
		}
		f.rejudges(tx)
		return f, nil
	})
}

// write keeps what a step changed: it is recorded, and a registration with a person lives on.
func (f *RegistrationFile) write(ctx context.Context, tx *action.Tx, verb string, after map[string]any) error {
	if !f.Member.IsZero() {
		f.ExpiresAt = tx.Now.Add(RegistrationLife)
	}
	f.Version++
	tx.Record(audit.Event{
		Org: f.Org, Verb: verb, Object: f.ID.String(), Subject: f.Member.String(), Names: f.names(), After: after,
	})
	return writeRegistration(ctx, tx.Tx, f.Registration)
}

// tried is what came of a code: its count is committed with a wrong one, too.
type tried struct {
	right bool
	left  int
}

func (t tried) err() error {
	switch {
	case t.right:
		return nil
	case t.left <= 0:
		return ErrRegistrationCode
	}
	return fault.OnField("code", "registration.code_wrong", "Count", t.left)
}

// try counts a code and looks at it. Errors: ErrRegistrationCode when none waits.
func try(
	ctx context.Context, tx *action.Tx, v Registration, what, typed string, where func(registrationCode) (string, error),
) (tried, error) {
	c, waits, err := tryRegistrationCode(ctx, tx.Tx, v, what)
	if err != nil || !waits {
		return tried{}, firstOf(err, ErrRegistrationCode)
	}
	to, err := where(c)
	if err != nil {
		return tried{}, err
	}
	t := tried{left: int(RegistrationTries - c.tries)}
	t.right = tx.Ring.VerifyMAC(secret.UseCode, codeOf(v, what, to, credential.PlainDigits(typed)), c.tag)
	return t, nil
}

// wrong records a code that was not the right one.
func (f *RegistrationFile) wrong(tx *action.Tx, what string) {
	tx.Record(audit.Event{
		Org: f.Org, Verb: verbRegistrationWrong, Object: f.ID.String(), Subject: f.Member.String(), Names: f.names(),
		After: map[string]any{"of": what},
	})
}

// ProveEmail takes the code that went to the mailbox. Of an address that has an account no code
// is ever right: its owner signs in instead. A pending account of the same mailbox is theirs.
// Errors: the field code, ErrRegistrationCode.
func (r Registrations) ProveEmail(ctx context.Context, by access.Actor, slug, key, typed string) (RegistrationFile, error) {
	var t tried
	f, err := r.step(ctx, by, slug, key, verbRegistrationEmail, func(tx *action.Tx, f *RegistrationFile) (err error) {
		if f.EmailProvedAt != nil {
			t.right = true
			return action.Nothing
		}
		t, err = try(ctx, tx, f.Registration, codeForEmail, typed, func(registrationCode) (string, error) { return f.Email.Key, nil })
		if err != nil {
			return err
		}
		a, has, err := account.Holder(ctx, tx.Tx, f.Email.Key)
		if err != nil {
			return err
		}
		if has && t.right {
			_, here, err := member.ByAccount(ctx, tx.Tx, f.Org, a.ID)
			if err != nil {
				return err
			}
			t.right, f.Account = a.Status == account.Pending && !here, a.ID
		}
		if !t.right {
			f.wrong(tx, codeForEmail)
			return nil
		}
		if err := endCode(ctx, tx.Tx, f.Registration); err != nil {
			return err
		}
		f.EmailProvedAt = &tx.Now
		return f.write(ctx, tx, verbRegistrationEmail, nil)
	})
	return f, firstOf(err, t.err())
}

// ChoosePassword keeps the password of the account to come, by the rules of every password.
// Errors: the field new_password, ErrRegistrationOrder.
func (r Registrations) ChoosePassword(
	ctx context.Context, by access.Actor, slug, key string, password secret.Text,
) (RegistrationFile, error) {
	seen, err := r.counted(ctx, by, slug, key)
	if err != nil {
		return RegistrationFile{}, err
	}
	if seen.EmailProvedAt == nil || !seen.Account.IsZero() {
		return seen, ErrRegistrationOrder // before the slow hash, which others wait for
	}
	var wrong fault.Fields
	problem := credential.CheckPassword(password, credential.MinPasswordAlone, []string{seen.Email.Address, seen.Organization.Name})
	wrong.Check("new_password", problem.Code, problem.Args...)
	if err := wrong.Err(); err != nil {
		return seen, err
	}
	hash, err := r.Hasher.Hash(ctx, password)
	if err != nil {
		return seen, err
	}
	return r.act(ctx, by, slug, key, verbRegistrationPassword, seen, func(tx *action.Tx, f *RegistrationFile) error {
		if f.EmailProvedAt == nil || !f.Account.IsZero() {
			return ErrRegistrationOrder
		}
		f.passwordHash = hash
		return f.write(ctx, tx, verbRegistrationPassword, nil)
	})
}

// AddDocument keeps a paper that the person gives. Errors: those of Documents.Add,
// ErrRegistrationOrder.
func (r Registrations) AddDocument(ctx context.Context, by access.Actor, slug, key string, n NewDocument) (RegistrationFile, error) {
	seen, err := r.counted(ctx, by, slug, key)
	if err == nil && seen.Member.IsZero() {
		err = ErrRegistrationOrder
	}
	if err != nil {
		return seen, err
	}
	p, err := r.Documents.prepare(ctx, by, seen.Org, seen.Member, n)
	if err != nil {
		return seen, err
	}
	return r.act(ctx, by, slug, key, verbAddDocument, seen, func(tx *action.Tx, f *RegistrationFile) error {
		_, err := AddDocument(ctx, tx, f.Org, f.Member, true, p)
		return err
	})
}

// RemoveDocument removes a paper that the person gave. Errors: those of Documents.Remove.
func (r Registrations) RemoveDocument(ctx context.Context, by access.Actor, slug, key string, id ident.Document) (RegistrationFile, error) {
	return r.step(ctx, by, slug, key, verbRemoveDocument, func(tx *action.Tx, f *RegistrationFile) error {
		_, err := RemoveDocument(ctx, tx, f.Org, f.Member, id, true)
		return err
	})
}

// SendCode sends the code that proves a telephone. The message leaves after the answer.
// Errors: the field number, ErrRegistrationOrder, limit.ErrExceeded, those of sending messages.
func (r Registrations) SendCode(ctx context.Context, by access.Actor, slug, key, typed string) (RegistrationFile, error) {
	phone, err := r.Texts.Prefixes.Parse(typed)
	if fault.Is(err, fault.Invalid) {
		err = fault.OnField("number", fault.Of(err).Code)
	}
	if err != nil {
		return RegistrationFile{}, err
	}
	digits, err := credential.NewDigits()
	if err != nil {
		return RegistrationFile{}, err
	}
	f, err := r.step(ctx, by, slug, key, verbRegistrationSend, func(tx *action.Tx, f *RegistrationFile) error {
		if f.Member.IsZero() {
			return ErrRegistrationOrder
		}
		if err := r.Texts.Take(ctx, tx, f.ID.String(), phone); err != nil {
			return err
		}
		number := phone.Reveal().Reveal()
		tag := tx.Ring.MAC(secret.UseCode, codeOf(f.Registration, codeForPhone, number, digits))
		if err := setCode(ctx, tx.Tx, f.Registration, codeForPhone, tag, tx.Ring.Seal(phonePlace(f.Registration), []byte(number))); err != nil {
			return err
		}
		f.Phone = phone.Mask()
		tx.After(job.Order{
			Args:     RegistrationMessage{Org: f.Org, Registration: f.ID, Until: tx.Now.Add(RegistrationCodeLife)},
			Priority: job.Urgent, Secret: secret.NewText(digits),
		})
		return f.write(ctx, tx, verbRegistrationSend, nil)
	})
	if fault.Is(err, fault.Limited) && r.Texts.Refused != nil {
		r.Texts.Refused()
	}
	return f, err
}

// ProvePhone takes the code that went to the telephone: its number is the member's from then
// on. Errors: the field code, ErrRegistrationCode.
func (r Registrations) ProvePhone(ctx context.Context, by access.Actor, slug, key, typed string) (RegistrationFile, error) {
	var t tried
	f, err := r.step(ctx, by, slug, key, verbRegistrationPhone, func(tx *action.Tx, f *RegistrationFile) (err error) {
		var number string
		t, err = try(ctx, tx, f.Registration, codeForPhone, typed, func(c registrationCode) (string, error) {
			p, err := openPhone(tx.Ring, f.Registration, c.seal)
			number = p.Reveal().Reveal()
			return number, err
		})
		if err != nil {
			return err
		}
		if !t.right {
			f.wrong(tx, codeForPhone)
			return nil
		}
		if err := endCode(ctx, tx.Tx, f.Registration); err != nil {
			return err
		}
		change := &member.Change{Phone: &number}
		if _, _, err := member.SetVerification(ctx, tx, f.Org, f.Member, f.Verification, change); err != nil {
			return err
		}
		f.PhoneProvedAt, f.PhoneWaived = &tx.Now, false
		return f.write(ctx, tx, verbRegistrationPhone, nil)
	})
	return f, firstOf(err, t.err())
}

// errTextsChanged refuses what was accepted of texts that are no longer those shown.
var errTextsChanged = fault.New(fault.Conflict, "registration.texts_changed")

// Complete sends the file: every text was accepted, as rev of the organisation's setting has
// them. A telephone that no code could be sent to is left unproved. The person is told how
// to come back. It does nothing for a file that was sent with these texts already. Errors:
// errTextsChanged, fields to correct ("consents[0]"), ErrRegistrationOrder.
func (r Registrations) Complete(
	ctx context.Context, by access.Actor, slug, key string, rev int64, accepted []int,
) (RegistrationFile, error) {
	return r.step(ctx, by, slug, key, verbRegistrationComplete, func(tx *action.Tx, f *RegistrationFile) error {
		if f.Member.IsZero() || f.Texts && f.PhoneProvedAt == nil {
			return ErrRegistrationOrder
		}
		if f.Asked.Rev != rev {
			return errTextsChanged
		}
		texts := f.Asked.Accepted(text.For(f.Language))
		if err := allAccepted(texts, accepted); err != nil {
			return err
		}
		if f.CompletedAt != nil && slices.ContainsFunc(f.Consents, func(c GivenConsent) bool { return c.Rev == rev }) {
			return action.Nothing
		}
		for i, c := range texts {
			if err := insertConsent(ctx, tx.Tx, f.Registration, i, GivenConsent{Consent: c, Rev: rev}); err != nil {
				return err
			}
		}
		f.PhoneWaived, f.CompletedAt = f.PhoneProvedAt == nil, &tx.Now
		if err := f.write(ctx, tx, verbRegistrationComplete, map[string]any{"consents": len(texts), "rev": rev}); err != nil {
			return err
		}
		if err := keepInBrowser(ctx, tx.Tx, f.Registration, f.opened); err != nil {
			return err
		}
		announceArrival(tx, f.Org)
		return mailLink(ctx, tx, f.Registration, true)
	})
}

func allAccepted(texts []setting.Consent, accepted []int) error {
	var wrong fault.Fields
	for i := range texts {
		if !slices.Contains(accepted, i) {
			wrong.Add(fmt.Sprintf("consents[%d]", i), "registration.consent_required")
		}
	}
	return wrong.Err()
}
