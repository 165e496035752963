package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"strings"

	"github.com/wneessen/go-mail"
)

// Mailer sends one message. It returns nil once the message is taken over by
// somebody else, a permanent error (see Permanent) when trying again is useless,
// and any other error when a later try may work. It may be called again with the
// same message after a cut.
type Mailer interface {
	Send(ctx context.Context, m Message) error
}

// From is the address that letters leave from, set by the operator. Its domain
// also ends every Message-ID.
type From struct{ address string }

// ParseFrom accepts one plain address.
func ParseFrom(address string) (From, error) {
	if err := checkAddress("sending address", address); err != nil {
		return From{}, err
	}
	return From{address}, nil
}

// String returns the address.
func (f From) String() string { return f.address }

func (f From) domain() string { return f.address[strings.LastIndexByte(f.address, '@')+1:] }

// PermanentError means that this message will never be accepted, such as a 550
// for an address that does not exist.
type PermanentError struct{ cause error }

func (e *PermanentError) Error() string { return "permanent: " + e.cause.Error() }

// Unwrap gives the cause.
func (e *PermanentError) Unwrap() error { return e.cause }

// Permanent reports whether trying again is useless.
func Permanent(err error) bool {
	_, ok := errors.AsType[*PermanentError](err)
	return ok
}

// compose writes a message in the form of RFC 5322: text and HTML, no attachment,
// the same bytes at each attempt, nothing about our software. What does not fit
// is refused for good.
func (f From) compose(m Message) (*mail.Msg, error) {
	if err := m.check(); err != nil {
		return nil, &PermanentError{err}
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithBoundary(m.boundary()))
	msg.FromMailAddress(&netmail.Address{Name: m.SenderName, Address: f.address})
	msg.ToMailAddress(&netmail.Address{Name: m.To.Name, Address: m.To.Email})
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.ID + "@" + f.domain())
	msg.SetDateWithValue(m.Date)
	if m.ReplyTo == (Recipient{}) {
		msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office answers
	} else {
		msg.ReplyToMailAddress(&netmail.Address{Name: m.ReplyTo.Name, Address: m.ReplyTo.Email})
	}
	msg.SetGenHeader("Content-Language", string(m.To.Lang))
	msg.SetBodyString(mail.TypeTextPlain, m.Text.Reveal())
	msg.AddAlternativeString(mail.TypeTextHTML, m.HTML.Reveal())
	return msg, nil
}

// check looks again at what goes into headers, whoever made the message.
func (m Message) check() error {
	errs := []error{
		m.To.check("recipient"), checkLine("subject", m.Subject), checkLine("sender", m.SenderName), checkTime("date", m.Date),
	}
	if m.ReplyTo != (Recipient{}) {
		errs = append(errs, m.ReplyTo.check("reply address"))
	}
	if !isID(m.ID) {
		errs = append(errs, fmt.Errorf("%w: message id", ErrUnsafe))
	}
	return errors.Join(errs...)
}

// boundary parts the bodies. It depends on the whole message, so that no body can
// contain it.
func (m Message) boundary() string {
	sum := sha256.Sum256([]byte(m.ID + "\x00" + m.Text.Reveal() + "\x00" + m.HTML.Reveal()))
	return hex.EncodeToString(sum[:24])
}

// isLoopback reports whether a host is this very machine.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
