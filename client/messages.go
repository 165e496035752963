package client

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// MessageTally is how many letters of a message stand where.
type MessageTally struct {
	Queued  int64 `json:"queued"`
	Sent    int64 `json:"sent"`
	Refused int64 `json:"refused"` // no mail server would have them
	Dropped int64 `json:"dropped"` // access was closed before they were sent
}

// Message is an e-mail that was written to members.
type Message struct {
	ID           string       `json:"id"`
	Organization string       `json:"organization"`
	Sender       string       `json:"sender"` // the account that replies go to
	SenderName   string       `json:"sender_name"`
	Subject      string       `json:"subject"`
	Text         string       `json:"text"`
	SentAt       time.Time    `json:"sent_at"`
	Letters      MessageTally `json:"letters"`
}

// MessageLetter is the letter of a message to one member.
type MessageLetter struct {
	Member string     `json:"member"`
	Name   string     `json:"name"`
	Email  string     `json:"email"`
	State  string     `json:"state"`   // queued, sent, refused, dropped
	DoneAt *time.Time `json:"done_at"` // nil while it is queued
}

// MessageDetail is a message with its letters.
type MessageDetail struct {
	Message

	Recipients []MessageLetter `json:"recipients"`
}

// NewMessage is an e-mail to members.
type NewMessage struct {
	Members []string `json:"members"`
	Subject string   `json:"subject"`
	Text    string   `json:"text"`
}

// ListMessages gives a page of the e-mails written to members, the latest first.
func (c *Client) ListMessages(ctx context.Context, org string, p Paging) (List[Message], error) {
	return call[List[Message]](ctx, c, request{method: http.MethodGet, path: inOrg(org, "messages"), query: p})
}

// Messages goes through the e-mails written to members.
func (c *Client) Messages(ctx context.Context, org string) iter.Seq2[Message, error] {
	return every(Paging{}, func(p Paging) (List[Message], error) { return c.ListMessages(ctx, org, p) })
}

// SendMessage writes an e-mail to members, a letter each.
func (c *Client) SendMessage(ctx context.Context, org string, m NewMessage) (MessageDetail, error) {
	return call[MessageDetail](ctx, c, request{method: http.MethodPost, path: inOrg(org, "messages"), body: m})
}

// GetMessage gives one e-mail with what became of each letter.
func (c *Client) GetMessage(ctx context.Context, org, message string) (MessageDetail, error) {
	return call[MessageDetail](ctx, c, request{method: http.MethodGet, path: inOrg(org, "messages", message)})
}
