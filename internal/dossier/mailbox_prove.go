package dossier

import (
	"context"
	"slices"
	"time"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/credential"
	"habilis/internal/directory"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/limit"
	"habilis/internal/secret"
	"habilis/internal/store"
)

// Bounds of the codes sent to mailboxes of the directory, beside those of every code of a
// registration: RegistrationTries, RegistrationCodeLife (rules.md 4).
const (
	MailboxLetters          = 5 // of one registration in a day
	MailboxLettersToAddress = 5 // to one address in a day, whoever asks: a practitioner is not to be written to without end
	MailboxLettersOfNetwork = 2 // of these, asked for from one network address: nobody takes those of the practitioner
)

var (
	mailboxLettersOf   = limit.Counter{Name: "registration.mailbox", Window: day, Max: MailboxLetters}
	mailboxLettersTo   = limit.Counter{Name: "registration.mailbox_address", Window: day, Max: MailboxLettersToAddress}
	mailboxLettersFrom = limit.Counter{Name: "registration.mailbox_network", Window: day, Max: MailboxLettersOfNetwork}
)

// Verbs of these proofs.
const (
	verbMailboxSend  = "registration.send_mailbox_code"
	verbMailboxProve = "registration.prove_mailbox"
	verbMailboxEnded = "registration.mailbox_ended"

	verbMailboxesRead = "registration.mailboxes_read"
)

// codeForMailbox is what a code is for that goes to a mailbox of the directory.
const codeForMailbox = "mailbox"

// Refusals of these proofs.
var (
	// ErrMailboxSilent: the directory cannot say now whose an address is.
	ErrMailboxSilent = fault.New(fault.Unavailable, "registration.mailbox_silent")
	// ErrMailboxUnknown: an address that the directory does not publish as the practitioner's.
	ErrMailboxUnknown = fault.New(fault.Invalid, "registration.mailbox_unknown")
	ErrMailboxCode    = fault.New(fault.Conflict, "registration.mailbox_code_gone")
)

// RegistrationMailboxLetter carries the code that proves a mailbox of the directory; its job
// holds it as secret.
type RegistrationMailboxLetter struct {
	Org          ident.Org          `json:"org"`
	Registration ident.Registration `json:"registration"`
	Address      string             `json:"address"`
	Until        time.Time          `json:"until"`
}

// Kind names the job.
func (RegistrationMailboxLetter) Kind() string { return "letter.registration_mailbox" }

// SendMailboxCode sends a code to one of the MSSanté mailboxes that the directory publishes as
// those of the practitioner whom the person says they are; never to another. The directory is
// asked again, within what it keeps of its answers (directory.CacheFresh), before anything is held;
// what it says is offered from then on, also when the address is refused. It does nothing once a
// mailbox is proved. Errors: ErrRegistrationOrder, ErrMailboxSilent, ErrMailboxUnknown at the field
// address, limit.ErrExceeded.
func (r Registrations) SendMailboxCode(ctx context.Context, by access.Actor, slug, key, address string) (RegistrationFile, error) {
	seen, err := r.counted(ctx, by, slug, key)
	if err == nil && len(seen.Mailboxes()) == 0 {
		err = ErrRegistrationOrder
	}
	if err != nil {
		return seen, err
	}
	now := directory.MailboxesOf(ctx, r.Source, seen.RPPS)
	if !now.Asked {
		return seen, ErrMailboxSilent
	}
	digits, err := credential.NewDigits()
	if err != nil {
		return seen, err
	}
	refusal := published(now, address)
	f, err := r.act(ctx, by, slug, key, verbMailboxSend, seen, func(tx *action.Tx, f *RegistrationFile) error {
		switch {
		case f.RPPS != seen.RPPS || len(f.Mailboxes()) == 0:
			return ErrRegistrationOrder // something else was declared since
		case f.Mailbox.holds(f.RPPS):
			return action.Nothing
		}
		changed, err := f.publishes(ctx, tx, now)
		switch {
		case err != nil:
			return err
		case refusal == nil:
			return f.sendMailboxCode(ctx, tx, r.Network(by.Address), address, digits)
		case changed:
			return nil
		}
		return action.Nothing
	})
	return f, firstOf(err, refusal)
}

// published refuses an address that is not the practitioner's now. Errors: ErrMailboxUnknown.
func published(now directory.Mailboxes, address string) error {
	if _, problem := account.ParseEmail(address); problem != "" || !slices.Contains(now.Addresses, address) {
		return fault.OnField("address", ErrMailboxUnknown.Code)
	}
	return nil
}

func (f *RegistrationFile) sendMailboxCode(ctx context.Context, tx *action.Tx, network, address, digits string) error {
	if err := mailboxLettersFrom.Within(ctx, tx.Tx, network+" "+address); err != nil {
		return err
	}
	if err := mailboxLettersOf.Within(ctx, tx.Tx, f.ID.String()); err != nil {
		return err
	}
	if err := mailboxLettersTo.Within(ctx, tx.Tx, address); err != nil {
		return err
	}
	b := &Mailbox{RPPS: f.RPPS, Address: address, Waits: true}
	tag := tx.Ring.MAC(secret.UseCode, b.codeOf(f.Registration, digits))
	if err := setMailboxCode(ctx, tx.Tx, f.Registration, address, tag); err != nil {
		return err
	}
	tx.After(job.Order{
		Args:     RegistrationMailboxLetter{Org: f.Org, Registration: f.ID, Address: address, Until: tx.Now.Add(RegistrationCodeLife)},
		Priority: job.Urgent, Secret: secret.NewText(digits),
	})
	tx.Record(f.mailboxEvent(verbMailboxSend, b))
	return nil
}

// codeOf is all that the code of a mailbox is bound to: the number, too, of whom it is.
func (b *Mailbox) codeOf(r Registration, digits string) []byte {
	return codeOf(r, codeForMailbox, b.RPPS+" "+b.Address, digits)
}

// ProveMailbox takes the code that went to a mailbox: whoever reads it is the practitioner, as
// far as the directory says. What was declared stays as it is: no decision of people is undone
// (INV-16). Errors: the field code, ErrMailboxCode.
func (r Registrations) ProveMailbox(ctx context.Context, by access.Actor, slug, key, typed string) (RegistrationFile, error) {
	var t tried
	f, err := r.step(ctx, by, slug, key, verbMailboxProve, func(tx *action.Tx, f *RegistrationFile) error {
		if f.Mailbox.holds(f.RPPS) {
			t.right = true
			return action.Nothing
		}
		c, waits, err := tryMailboxCode(ctx, tx.Tx, f.Registration)
		if err != nil || !waits || f.Mailbox == nil {
			return firstOf(err, ErrMailboxCode)
		}
		t.left = int(RegistrationTries - c.tries)
		code := f.Mailbox.codeOf(f.Registration, credential.PlainDigits(typed))
		if t.right = tx.Ring.VerifyMAC(secret.UseCode, code, c.tag); !t.right {
			f.wrong(tx, codeForMailbox)
			return nil
		}
		tx.Record(f.mailboxEvent(verbMailboxProve, f.Mailbox))
		return proveMailbox(ctx, tx.Tx, f.Registration, !f.Asked.TwoPeople)
	})
	if err == nil && !t.right && t.left <= 0 {
		err = ErrMailboxCode
	}
	return f, firstOf(err, t.err())
}

// MailboxAddressee is to whom the letter with the code of a mailbox goes.
type MailboxAddressee struct {
	Addressee

	RPPS string
}

// RegistrationMailbox reads it; the second value is false when no code waits at that address any more.
func RegistrationMailbox(ctx context.Context, tx *store.Tx, l RegistrationMailboxLetter) (MailboxAddressee, bool, error) {
	a, found, err := RegistrationAddressee(ctx, tx, l.Org, l.Registration)
	if err != nil || !found || !a.Open {
		return MailboxAddressee{}, false, err
	}
	b, err := mailboxOf(ctx, tx, Registration{Org: l.Org, ID: l.Registration})
	if err != nil || b == nil || !b.Waits || b.Address != l.Address {
		return MailboxAddressee{}, false, err
	}
	to, problem := account.ParseEmail(b.Address)
	a.Email = to
	return MailboxAddressee{a, b.RPPS}, problem == "", nil
}

// RejudgeOrder asks that a file be judged anew, since its person proved a mailbox and has done
// all of their part.
type RejudgeOrder struct {
	Org    ident.Org    `json:"org"`
	Member ident.Member `json:"member"`
	RPPS   string       `json:"rpps"`
}

// Kind names the job.
func (RejudgeOrder) Kind() string { return "dossier.rejudge" }

func rejudge(tx *action.Tx, r Registration) {
	order := RejudgeOrder{Org: r.Org, Member: r.Member, RPPS: r.RPPS}
	tx.After(job.Order{Args: order, Priority: job.Normal, Unique: r.Member.String()})
}

// Rejudge is the handler of RejudgeOrder: «Rafraîchir», by nobody. While the directory cannot
// say whose the mailbox is the job waits, so that the file opens when it can.
func (d Dossiers) Rejudge(ctx context.Context, j job.Job) error {
	var order RejudgeOrder
	if err := j.Decode(&order); err != nil {
		return job.Permanent(err)
	}
	if !directory.MailboxesOf(ctx, d.Source, order.RPPS).Asked {
		return directory.ErrUnavailable
	}
	_, err := d.Refresh(ctx, access.Operator("job"), order.Org, []ident.Member{order.Member})
	if fault.Is(err, fault.NotFound) {
		return nil // they left, or were removed
	}
	return err
}
