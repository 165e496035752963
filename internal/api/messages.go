package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/message"
)

type messagesInput struct {
	InOrg
	Paged
}

type messageInput struct {
	InOrg

	Message string `path:"mes" doc:"The message's ID." example:"mes_019aa0f6-2d3c-7e4f-9a1b-3c5d7e9f1a2b"`
}

type sendMessageInput struct {
	InOrg

	Body newMessage
}

type newMessage struct {
	Members []string `json:"members" minItems:"1" doc:"To whom; those who cannot be written to are left out, and are not among the letters of the answer."` //nolint:lll // a tag is one literal
	Subject string   `json:"subject" doc:"One line, 150 characters at most." example:"Fermeture du cabinet le 24 décembre"`
	Text    string   `json:"text" doc:"Plain text, 5,000 characters at most."`
}

// MessageTally is how many letters of a message stand where.
type MessageTally struct {
	Queued  int64 `json:"queued"`
	Sent    int64 `json:"sent"`
	Refused int64 `json:"refused" doc:"No mail server would have them."`
	Dropped int64 `json:"dropped" doc:"Access was closed before they were sent."`
}

// Message is an e-mail that was written to members.
type Message struct {
	ID           string       `json:"id" example:"mes_019aa0f6-2d3c-7e4f-9a1b-3c5d7e9f1a2b"`
	Organization string       `json:"organization" example:"org_019aa0f0-5c1e-7b6a-9a3e-0d5b7c1f2a34"`
	Sender       string       `json:"sender" doc:"The account that replies go to." example:"acc_019aa0f1-77d2-7b5c-8c11-2a90d47e3b61"`
	SenderName   string       `json:"sender_name" example:"Claire Morvan"`
	Subject      string       `json:"subject" example:"Fermeture du cabinet le 24 décembre"`
	Text         string       `json:"text"`
	SentAt       time.Time    `json:"sent_at"`
	Letters      MessageTally `json:"letters"`
}

// MessageLetter is the letter of a message to one member.
type MessageLetter struct {
	Member string     `json:"member" example:"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10"`
	Name   string     `json:"name" example:"Julie Delmas"`
	Email  string     `json:"email" example:"julie.delmas@tilleuls.example"`
	State  string     `json:"state" enum:"queued,sent,refused,dropped"`
	DoneAt *time.Time `json:"done_at" doc:"Null while it is queued."`
}

// MessageDetail is a message with its letters.
type MessageDetail struct {
	Message

	Recipients []MessageLetter `json:"recipients" doc:"By name."`
}

func messageOf(m message.Message) Message {
	return Message{
		ID: m.ID.String(), Organization: m.Org.String(), Sender: m.Sender.String(), SenderName: m.By,
		Subject: m.Subject, Text: m.Text, SentAt: m.At.UTC(),
		Letters: MessageTally{m.Letters[message.Queued], m.Letters[message.Sent], m.Letters[message.Refused], m.Letters[message.Dropped]},
	}
}

func messageDetailOf(m message.Message) MessageDetail {
	d := MessageDetail{Message: messageOf(m), Recipients: make([]MessageLetter, 0, len(m.Delivery))}
	for _, l := range m.Delivery {
		d.Recipients = append(d.Recipients, MessageLetter{l.Member.String(), l.Name, l.Email, string(l.State), moment(l.DoneAt)})
	}
	return d
}

func (s *Server) aboutMessages(d *door) {
	const path = "/organizations/{org}/messages"
	missing := []int{http.StatusNotFound}
	add(d, route{
		id: "listMessages", method: http.MethodGet, path: path, tag: tagMembers, summary: "E-mails written to members",
		about: "The latest first, kept for a year. Needs members.message; of a site only, one's own are listed.", errors: missing,
	}, s.listMessages)
	add(d, route{
		id: "sendMessage", method: http.MethodPost, path: path, tag: tagMembers, summary: "Write an e-mail to members",
		status: http.StatusCreated,
		about: "One letter a person; replies go to the caller, or to the maker of the token. " + strconv.Itoa(member.MaxBulk) +
			" members at most. Needs members.message where each of them is.",
		errors: []int{http.StatusNotFound, http.StatusConflict},
	}, s.sendMessage)
	add(d, route{
		id: "getMessage", method: http.MethodGet, path: path + "/{mes}", tag: tagMembers, summary: "An e-mail, and what became of each letter",
		about: "Needs members.message; of a site only, one's own.", errors: missing,
	}, s.getMessage)
}

func (s *Server) listMessages(ctx context.Context, in *messagesInput) (*plainReply[List[Message]], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	name := "messages " + org.String()
	page := message.Page{Size: in.Limit}
	if in.Cursor != "" {
		if err := s.Run.Ring.OpenCursor(name, in.Cursor, &page.Before); err != nil {
			return nil, err
		}
	}
	l, err := s.Messages.List(ctx, in.By, org, page)
	if err != nil {
		return nil, err
	}
	next := ""
	if l.More {
		if next, err = s.Run.Ring.Cursor(name, l.Messages[len(l.Messages)-1].ID); err != nil {
			return nil, err
		}
	}
	return replied(listed(l.Messages, next, l.Total, messageOf)), nil
}

func (s *Server) sendMessage(ctx context.Context, in *sendMessageInput) (*madeReply[MessageDetail], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	d := message.Draft{Subject: in.Body.Subject, Text: in.Body.Text}
	for _, id := range in.Body.Members {
		d.Members = append(d.Members, known(ident.ParseMember, id))
	}
	m, err := s.Messages.Send(ctx, in.By, org, d)
	if err != nil {
		return nil, err
	}
	return &madeReply[MessageDetail]{Location: s.at("organizations", org.String(), "messages", m.ID.String()), Body: messageDetailOf(m)}, nil
}

func (s *Server) getMessage(ctx context.Context, in *messageInput) (*plainReply[MessageDetail], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	m, err := s.Messages.Get(ctx, in.By, org, known(ident.ParseMessage, in.Message))
	if err != nil {
		return nil, err
	}
	return replied(messageDetailOf(m)), nil
}
