package message

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/limit"
	"habilis/internal/member"
	"habilis/internal/setting"
)

// Limits.
const (
	MaxSubject    = 150                          // code points
	MaxText       = 5_000                        // code points
	PerDay        = 20                           // messages of an account in an organisation
	LettersPerDay = 2_000                        // of an organisation
	KeptFor       = setting.MaxMessageDays * day // an organisation may ask for less (AUD-4)
	MaxPageSize   = 100                          // messages of one page of the list

	day = 24 * time.Hour
)

// What was written too often is refused until the next day.
var (
	messagesOf = limit.Counter{Name: "message.account", Window: day, Max: PerDay}
	lettersOf  = limit.Counter{Name: "message.letters", Window: day, Max: LettersPerDay}
)

// Fields of a message, as refusals name them.
const (
	FieldSubject = "subject"
	FieldText    = "text"
)

// Faults of this package.
var (
	ErrNotFound = fault.New(fault.NotFound, "message.not_found")
	ErrNobody   = fault.New(fault.Conflict, "message.nobody")    // nobody of those chosen can be written to
	ErrNoSender = fault.New(fault.Conflict, "message.no_sender") // replies would have nowhere to go
)

// Draft is a message as it was typed.
type Draft struct {
	Members []ident.Member
	Subject string
	Text    string
}

// State is what became of one letter.
type State string

// The states of a letter.
const (
	Queued  State = "queued"
	Sent    State = "sent"    // a mail server took it over
	Refused State = "refused" // no mail server would, or not within four days
	Dropped State = "dropped" // the person left, or was deactivated, before it went
)

// States are all of them.
var States = []State{Queued, Sent, Refused, Dropped}

// Message is one that was sent, with how many letters stand where.
type Message struct {
	ID       ident.Message
	Org      ident.Org
	Sender   ident.Account
	By       string // name of the sender then
	Subject  string
	Text     string
	At       time.Time
	Letters  map[State]int64
	Delivery []Delivery // of Get
}

// All is how many letters the message made.
func (m Message) All() (n int64) {
	for _, k := range m.Letters {
		n += k
	}
	return n
}

// Delivery is one letter.
type Delivery struct {
	Member ident.Member
	Name   string
	Email  string // address that it went to, or will
	State  State
	DoneAt time.Time // zero while it waits
}

// Messages is the register of messages.
type Messages struct{ Run *action.Runner }

// Reviewed is a message before it is sent: who would get it, and who is left out and why.
type Reviewed struct {
	Subject, Text string
	To, Without   []member.Reviewed
}

// read gives the message as it would be kept. Errors: fields to correct.
func (d Draft) read() (subject, text string, err error) {
	var wrong fault.Fields
	subject, text = strings.TrimSpace(d.Subject), tidy(d.Text)
	switch {
	case subject == "":
		wrong.Add(FieldSubject, "message.subject_empty")
	case utf8.RuneCountInString(subject) > MaxSubject:
		wrong.Add(FieldSubject, "message.subject_long", "Max", MaxSubject)
	case !oneLine(subject):
		wrong.Add(FieldSubject, "message.subject_line")
	}
	switch {
	case text == "":
		wrong.Add(FieldText, "message.text_empty")
	case utf8.RuneCountInString(text) > MaxText:
		wrong.Add(FieldText, "message.text_long", "Max", MaxText)
	case strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsGraphic(r) }):
		wrong.Add(FieldText, "message.text_signs")
	}
	return subject, text, wrong.Err()
}

// oneLine refuses what could leave a header, or be decoded into something else there.
func oneLine(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsGraphic(r) }) && !strings.Contains(s, "=?")
}

// tidy gives typed text with the line ends of one system, no tabs, and no blanks around.
func tidy(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", " ").Replace(s)
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRightFunc(l, unicode.IsSpace)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
