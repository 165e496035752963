package dossier

import (
	"context"
	"slices"
	"time"

	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/directory"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/store"
)

// Mailbox is an MSSanté mailbox of the directory to which a code was sent; proved, it says that
// whoever registered holds the number that they claim (VER-2).
type Mailbox struct {
	RPPS     string // of whom the directory publishes it
	Address  string
	Waits    bool // its code may still be typed
	ProvedAt *time.Time
	EndedAt  *time.Time // when the directory did not publish it any more as theirs

	alone bool // the organisation left it at one proof when this one was made
}

// proves reports whether a mailbox was proved for a number.
func (b *Mailbox) proves(rpps string) bool {
	return b != nil && b.ProvedAt != nil && rpps != "" && b.RPPS == rpps
}

// holds reports whether it is proved still.
func (b *Mailbox) holds(rpps string) bool { return b.proves(rpps) && b.EndedAt == nil }

// MailboxProved reports whether the person has proved a mailbox of the number they claim.
func (f *RegistrationFile) MailboxProved() bool { return f.Mailbox.holds(f.RPPS) }

// MailboxEnded reports whether one was proved for that number, and counts no more.
func (f *RegistrationFile) MailboxEnded() bool {
	return f.Mailbox.proves(f.RPPS) && f.Mailbox.EndedAt != nil
}

// MailboxStanding is what a proved mailbox is worth when a file is judged.
type MailboxStanding string

// The standings.
const (
	MailboxNone   MailboxStanding = ""       // none was proved of the number that is claimed
	MailboxStands MailboxStanding = "stands" // it replaces what a person would decide
	MailboxUnread MailboxStanding = "unread" // the directory did not say whose it is now
	MailboxGone   MailboxStanding = "gone"   // the directory publishes it no more as theirs
	MailboxPeople MailboxStanding = "people" // people decide: two are asked, or support refused
)

// MailboxStandings are those of a mailbox that was proved.
var MailboxStandings = []MailboxStanding{MailboxStands, MailboxUnread, MailboxGone, MailboxPeople}

// mailboxStanding says what the proof is worth, with what the directory publishes. As a
// certification by one person goes on when the organisation asks for two later, so does it. What
// support refused is people's to decide, even once something else was declared. A directory that
// cannot say closes nothing that is open, and opens nothing (DIR-1).
func (k *known) mailboxStanding(now directory.Mailboxes) MailboxStanding {
	b := k.mailbox
	switch {
	case !b.proves(k.declared.RPPS):
		return MailboxNone
	case b.EndedAt != nil, now.Asked && !slices.Contains(now.Addresses, b.Address):
		return MailboxGone
	case k.two && !b.alone, k.ruled != nil && k.ruled.Decision == Refused:
		return MailboxPeople
	case !now.Asked && k.member.Verification != member.Verified:
		return MailboxUnread
	}
	return MailboxStands
}

// awaited says what a mailbox leaves to be decided.
func (s MailboxStanding) awaited() []Reason {
	switch s {
	case MailboxStands:
		return nil
	case MailboxUnread:
		return []Reason{{Code: MailboxSilent}}
	case MailboxGone:
		return []Reason{{Code: MailboxEnded}, {Code: ProofMissing}}
	case MailboxNone, MailboxPeople:
	}
	return []Reason{{Code: ProofMissing}}
}

// readMailbox reads the mailbox of a file, and whether people have to decide beside it.
func (k *known) readMailbox(ctx context.Context, tx *store.Tx) (err error) {
	if k.mailbox, err = mailboxOf(ctx, tx, k.declared); err != nil || k.mailbox == nil {
		return err
	}
	k.two, err = twoPeople(ctx, tx, k.member.Org)
	return err
}

// inquiry is what the directory is asked before a file is judged.
type inquiry struct {
	rpps    string
	mailbox bool // whose a mailbox is, too: one was proved
}

func (k *known) inquiry() inquiry {
	return inquiry{k.declared.RPPS, k.mailbox.proves(k.declared.RPPS)}
}

// fallen ends a proof that the directory does not bear any more: it does not come back by
// itself, and is recorded.
func (k *known) fallen(ctx context.Context, tx *action.Tx, a directory.Answer) error {
	if k.mailboxStanding(a.Mailboxes) != MailboxGone || k.mailbox.EndedAt != nil {
		return nil
	}
	k.mailbox.EndedAt = &tx.Now
	tx.Record(k.declared.mailboxEvent(verbMailboxEnded, k.mailbox))
	return endMailbox(ctx, tx.Tx, k.declared)
}

// mailboxEvent is the record of what became of a mailbox.
func (r Registration) mailboxEvent(verb string, b *Mailbox) audit.Event {
	return audit.Event{
		Org: r.Org, Verb: verb, Object: r.ID.String(), Subject: r.Member.String(), Names: r.names(),
		After: map[string]any{fieldRPPS: b.RPPS, "mssante": b.Address},
	}
}

// forgetMailbox ends a proof, or a code that waits, of another number than the one that is
// claimed from now on: going back to the former one needs another proof.
func (f *RegistrationFile) forgetMailbox(ctx context.Context, tx *action.Tx, rpps string) error {
	if f.Mailbox == nil || f.Mailbox.RPPS == rpps {
		return nil
	}
	if f.Mailbox.ProvedAt != nil {
		tx.Record(f.mailboxEvent(verbMailboxEnded, f.Mailbox))
	}
	f.Mailbox = nil
	return deleteMailbox(ctx, tx.Tx, f.Registration)
}

// readMailbox reads the mailbox of a person, and whether support refused them.
func (f *RegistrationFile) readMailbox(ctx context.Context, tx *store.Tx) (err error) {
	if f.Mailbox, err = mailboxOf(ctx, tx, f.Registration); err != nil {
		return err
	}
	u, err := ruledOf(ctx, tx, f.Org, f.Member)
	f.refused = u != nil && u.Decision == Refused
	return err
}

// Mailboxes are the addresses of which the person may prove one: the directory knows them under
// the number that they claim, as they declared, and publishes these as theirs. There are none
// where people decide, whom no mailbox replaces: two certify, or support refused.
func (f *RegistrationFile) Mailboxes() []string {
	if f.Member.IsZero() || f.Found == nil || f.peopleDecide() {
		return nil
	}
	p, _ := publishedOf(f.Registration, f.answerFound())
	if !p.agrees() {
		return nil
	}
	return f.Found.Mailboxes.Addresses
}

func (f *RegistrationFile) peopleDecide() bool { return f.Asked.TwoPeople || f.refused }

// MailboxesUnsaid reports whether none is offered since the directory did not say whose they are: it was
// silent, or knows no mailboxes at all.
func (f *RegistrationFile) MailboxesUnsaid() bool {
	return !f.peopleDecide() && (f.Found == nil || !f.Found.Mailboxes.Asked)
}

// publishes keeps what the directory says now of the mailboxes of the claimed number, so that the
// person is offered what can be proved, and reports whether it is something else than before. What
// they declared stays as it is (INV-16).
func (f *RegistrationFile) publishes(ctx context.Context, tx *action.Tx, now directory.Mailboxes) (changed bool, err error) {
	if slices.Equal(f.Found.Mailboxes.Addresses, now.Addresses) {
		return false, nil
	}
	before := f.Found.Mailboxes.Addresses
	f.Found.Mailboxes = now
	tx.Record(audit.Event{
		Org: f.Org, Verb: verbMailboxesRead, Object: f.ID.String(), Subject: f.Member.String(), Names: f.names(),
		Before: map[string]any{"mssante": before}, After: map[string]any{"mssante": now.Addresses, fieldRPPS: f.RPPS},
	})
	return true, writeFound(ctx, tx.Tx, f.Registration)
}

// answerFound is what the directory said when the number was declared.
func (r Registration) answerFound() directory.Answer {
	return directory.Answer{
		Origin: r.Found.Origin, AsOf: r.Found.AsOf, Practitioners: []directory.Practitioner{r.Found.Practitioner}, Mailboxes: r.Found.Mailboxes,
	}
}

// rejudges orders that a file be judged anew, once its person has done all of their part and
// proved a mailbox: no other person has to look.
func (f *RegistrationFile) rejudges(tx *action.Tx) {
	if f.CompletedAt != nil && f.Mailbox.holds(f.RPPS) {
		rejudge(tx, f.Registration)
	}
}

// rejudgeScanned is rejudges, of a file of which a paper was found clean.
func rejudgeScanned(ctx context.Context, tx *action.Tx, in ident.Org, id ident.Member) error {
	r, ok, err := findRegistrationOf(ctx, tx.Tx, in, id)
	if err != nil || !ok || r.CompletedAt == nil {
		return err
	}
	b, err := mailboxOf(ctx, tx.Tx, r)
	if err == nil && b.holds(r.RPPS) {
		rejudge(tx, r)
	}
	return err
}
