package message

import (
	"context"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/job"
	"habilis/internal/member"
	"habilis/internal/store"
)

const verbSend = "message.send"

// writers: messages are for those who may write to somebody. held, if it is not nil, gets what
// the actor holds.
func writers(by access.Actor, org ident.Org, held *access.Held) func(context.Context, *store.Tx) ([]access.Need, error) {
	return func(ctx context.Context, tx *store.Tx) ([]access.Need, error) {
		h, err := access.HeldBy(ctx, tx, by, org)
		if err != nil {
			return nil, err
		}
		if held != nil {
			*held = h
		}
		if !h.HasAnywhere(access.MembersMessage) {
			return []access.Need{access.At(access.MembersMessage, access.OrgScope(org))}, nil
		}
		return []access.Need{access.MemberOf(org)}, nil
	}
}

// Review says who would get a message, and who is left out and why; nothing is sent. An empty
// subject or text is none to correct yet. Errors: fields to correct, access.ErrForbidden for
// whoever may write to nobody.
func (m Messages) Review(ctx context.Context, by access.Actor, org ident.Org, d Draft) (Reviewed, error) {
	act := action.Act{Verb: "message.preview", Orgs: []ident.Org{org}, Resolve: writers(by, org, nil)}
	return action.View(ctx, m.Run, by, act, func(tx *store.Tx) (Reviewed, error) {
		return review(ctx, tx, by, org, d)
	})
}

func review(ctx context.Context, tx *store.Tx, by access.Actor, org ident.Org, d Draft) (r Reviewed, err error) {
	all, err := member.Addressees(ctx, tx, by, org, d.Members)
	for _, x := range all {
		if x.Refused == nil {
			r.To = append(r.To, x)
		} else {
			r.Without = append(r.Without, x)
		}
	}
	r.Subject, r.Text, _ = d.read() // what is to correct is said by Check and Send
	return r, err
}

// Check says what is to correct in a message, without sending it.
func (d Draft) Check() error {
	_, _, err := d.read()
	return err
}

// Send sends a message to those of the chosen members who may be written to: a letter each.
// Errors: fields to correct, ErrNobody, ErrNoSender, limit.ErrExceeded, access.ErrForbidden.
func (m Messages) Send(ctx context.Context, by access.Actor, org ident.Org, d Draft) (Message, error) {
	subject, text, err := d.read()
	if err != nil {
		return Message{}, err
	}
	act := action.Act{Verb: verbSend, Orgs: []ident.Org{org}, Resolve: writers(by, org, nil)}
	return action.Run(ctx, m.Run, by, act, func(tx *action.Tx) (Message, error) {
		r, err := review(ctx, tx.Tx, by, org, d)
		if err != nil {
			return Message{}, err
		}
		if len(r.To) == 0 {
			return Message{}, ErrNobody
		}
		from, found, err := account.Get(ctx, tx.Tx, by.Account)
		if err != nil {
			return Message{}, err
		}
		if !found {
			return Message{}, ErrNoSender
		}
		if err := count(ctx, tx, org, from.ID, int64(len(r.To))); err != nil {
			return Message{}, err
		}
		return send(ctx, tx, from, Message{ID: ident.NewMessage(), Org: org, Subject: subject, Text: text}, r.To)
	})
}

// count counts the message and its letters, and refuses those that are too many.
func count(ctx context.Context, tx *action.Tx, org ident.Org, from ident.Account, letters int64) error {
	if err := messagesOf.Within(ctx, tx.Tx, org.String()+" "+from.String()); err != nil {
		return err
	}
	return lettersOf.WithinN(ctx, tx.Tx, org.String(), letters)
}

func send(ctx context.Context, tx *action.Tx, from account.Account, m Message, to []member.Reviewed) (Message, error) {
	m.Sender, m.By, m.At, m.Letters = from.ID, from.Name(), tx.Now, map[State]int64{Queued: int64(len(to))}
	if err := insert(ctx, tx.Tx, m); err != nil {
		return m, err
	}
	for _, x := range to {
		m.Delivery = append(m.Delivery, Delivery{Member: x.Member.ID, Name: x.Member.Name(), Email: x.Member.Email, State: Queued})
		tx.After(job.Order{Args: Letter{Org: m.Org, Message: m.ID, Member: x.Member.ID}, Priority: job.Normal})
	}
	if err := insertDeliveries(ctx, tx.Tx, m); err != nil {
		return m, err
	}
	tx.Record(audit.Event{
		Org: m.Org, Verb: verbSend, Object: m.ID.String(), Names: map[string]string{"subject": m.Subject},
		After: map[string]any{"letters": len(to)},
	})
	return m, nil
}

// Page is a part of the list: Size messages sent before Before, the latest first.
type Page struct {
	Before ident.Message // the last one of the page before; empty: the first page
	Size   int           // 1 to MaxPageSize
}

// List is one page of what was sent.
type List struct {
	Messages []Message
	More     bool  // there is another page
	Total    int64 // of all pages
}

// List gives what was sent, the latest first. At a site only what the actor sent is seen.
// Errors: access.ErrForbidden.
func (m Messages) List(ctx context.Context, by access.Actor, org ident.Org, p Page) (List, error) {
	p.Size = min(max(p.Size, 1), MaxPageSize)
	var held access.Held
	act := action.Act{Verb: "message.list", Orgs: []ident.Org{org}, Resolve: writers(by, org, &held)}
	return action.View(ctx, m.Run, by, act, func(tx *store.Tx) (l List, err error) {
		of := seen(held, by)
		if l.Messages, err = listed(ctx, tx, org, of, p); err != nil {
			return l, err
		}
		if l.More = len(l.Messages) > p.Size; l.More {
			l.Messages = l.Messages[:p.Size]
		}
		for i := range l.Messages {
			if err := tally(ctx, tx, &l.Messages[i]); err != nil {
				return l, err
			}
		}
		l.Total, err = total(ctx, tx, org, of)
		return l, err
	})
}

// seen is whose messages the actor sees; empty for everybody's.
func seen(held access.Held, by access.Actor) ident.Account {
	if held.Has(access.MembersMessage, access.OrgScope(held.Org)) {
		return ""
	}
	return by.Account
}

// Get gives one message with its letters, by name. Errors: ErrNotFound, also for one that the
// actor may not see.
func (m Messages) Get(ctx context.Context, by access.Actor, org ident.Org, id ident.Message) (Message, error) {
	var held access.Held
	act := action.Act{Verb: "message.read", Orgs: []ident.Org{org}, Object: id.String(), Resolve: writers(by, org, &held)}
	return action.View(ctx, m.Run, by, act, func(tx *store.Tx) (Message, error) {
		v, found, err := get(ctx, tx, org, id, seen(held, by))
		if err == nil && !found {
			err = ErrNotFound
		}
		if err != nil {
			return Message{}, err
		}
		v.Delivery, err = deliveries(ctx, tx, org, id)
		v.Letters = map[State]int64{}
		for _, d := range v.Delivery {
			v.Letters[d.State]++
		}
		return v, err
	})
}
