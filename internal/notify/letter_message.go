package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/message"
	"habilis/internal/store"
)

// KindMessage is what somebody wrote to members from the list (LST-3).
const KindMessage Kind = "message"

// MessageFacts are what it says.
type MessageFacts struct {
	Org     Org
	By      string // who wrote it
	ReplyTo string // their address
	Subject string
	Text    string // lines of plain text
}

// WriteMessage lays out what somebody wrote: their words, and where replies go.
func WriteMessage(to Recipient, f MessageFacts) (Letter, error) {
	w := write(KindMessage, to, &f.Org, map[string]any{"By": f.By, "Subject": f.Subject, "Email": f.ReplyTo})
	w.letter.Subject, w.letter.ReplyTo = f.Subject, Recipient{Name: f.By, Email: f.ReplyTo}
	for part := range strings.SplitSeq(f.Text, "\n\n") {
		if part = strings.Trim(part, "\n"); part != "" {
			w.letter.Blocks = append(w.letter.Blocks, Block{Lines: strings.Split(part, "\n")})
		}
	}
	w.say("reply")
	return w.end("member", Contact{})
}

// maxTyped bounds a line of what somebody typed, in code points.
const maxTyped = message.MaxText

// checkTyped refuses what is not one line of plain text; an empty line is one.
func checkTyped(s string) error {
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > maxTyped ||
		strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		return fmt.Errorf("%w: a line of text", ErrUnsafe)
	}
	return nil
}

// message sends the letter of a message to one member, and notes what became of it.
func (h handlers) message(ctx context.Context, j job.Job) error {
	args, err := decode[message.Letter](j)
	if err != nil {
		return err
	}
	var l Letter
	err = h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		l, err = messageTo(ctx, tx, args)
		return err
	})
	switch {
	case errors.Is(err, errMoot):
		return message.Settle(ctx, h.DB, args, message.Dropped)
	case err == nil:
		err = h.send(ctx, j, j.ID.String(), l)
	case errors.Is(err, ErrUnsafe):
		err = job.Permanent(err)
	}
	if err == nil {
		return message.Settle(ctx, h.DB, args, message.Sent)
	}
	if j.Last(err) {
		return errors.Join(err, message.Settle(ctx, h.DB, args, message.Refused))
	}
	return err
}

// messageTo writes the letter, unless the person, or whoever wrote, is no member in force any
// more: replies go to the sender.
func messageTo(ctx context.Context, tx *store.Tx, args message.Letter) (Letter, error) {
	m, found, err := message.Find(ctx, tx, args)
	if err == nil && !found {
		err = errMoot
	}
	if err != nil {
		return Letter{}, err
	}
	to, err := addressed(ctx, tx, args.Org, args.Member)
	if err != nil {
		return Letter{}, err
	}
	if to.member.Status == member.Deactivated || to.member.Status == member.PendingApproval {
		return Letter{}, errMoot
	}
	sender, found, err := member.OfAccount(ctx, tx, args.Org, m.Sender)
	if err == nil && (!found || !sender.InForce()) {
		err = errMoot
	}
	if err != nil {
		return Letter{}, err
	}
	from, err := person(ctx, tx, m.Sender)
	if err != nil {
		return Letter{}, err
	}
	return WriteMessage(recipient(to.account), MessageFacts{
		Org: to.org, By: m.By, ReplyTo: mailbox(from.Email), Subject: m.Subject, Text: m.Text,
	})
}
