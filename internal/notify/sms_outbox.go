package notify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// smsExt ends the name of a message kept in the outbox.
const smsExt = ".sms"

// SMSOutbox keeps each message as a file beside the letters instead of sending it: for
// development and demonstrations (SEC-7).
type SMSOutbox struct{ box Outbox }

// NewSMSOutbox makes the folder dir/outbox when it is missing.
func NewSMSOutbox(dir string) (*SMSOutbox, error) {
	box, err := NewOutbox(From{}, dir)
	if err != nil {
		return nil, err
	}
	return &SMSOutbox{*box}, nil
}

// Text writes <date>-<id>.sms whole or not at all: the number, an empty line, the text.
func (o *SMSOutbox) Text(ctx context.Context, m TextMessage) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("notify: outbox: %w", err)
	}
	if !isID(m.ID) {
		return &PermanentError{fmt.Errorf("%w: message id", ErrUnsafe)}
	}
	name := m.Date.UTC().Format(outboxStamp) + "-" + m.ID + smsExt
	if err := o.box.write(name, []byte(m.To.Reveal()+"\n\n"+m.Text.Reveal()+"\n")); err != nil {
		return fmt.Errorf("notify: outbox: %w", err)
	}
	return nil
}

// KeptSMS is a message read back from the outbox, for the page /dev/sms and for tests.
type KeptSMS struct {
	Name string // of its file, without folder or extension
	To   string
	Text string
	Date time.Time
}

// ReadSMSOutbox lists the messages kept in the data folder dir, the newest first, 500 at
// most. A file that is no message is left out of the list and told in the error.
func ReadSMSOutbox(dir string) ([]KeptSMS, error) { return readOutbox(dir, smsExt, readSMS) }

func readSMS(dir, name string) (KeptSMS, error) {
	m, err := readKeptSMS(dir, name)
	if err != nil {
		return m, fmt.Errorf("notify: outbox: %s: %w", name, err)
	}
	return m, nil
}

func readKeptSMS(dir, name string) (KeptSMS, error) {
	f, err := os.Open(filepath.Join(OutboxDir(dir), name+smsExt))
	if err != nil {
		return KeptSMS{}, err
	}
	defer func() { _ = f.Close() }() // only read
	b, err := io.ReadAll(io.LimitReader(f, maxLetterBytes))
	if err != nil {
		return KeptSMS{}, err
	}
	to, body, ok := strings.Cut(string(b), "\n\n")
	if !ok {
		return KeptSMS{}, errors.New("a part is missing")
	}
	stamp, _, _ := strings.Cut(name, "-")
	date, err := time.Parse(outboxStamp, stamp)
	return KeptSMS{Name: name, To: to, Text: strings.TrimSuffix(body, "\n"), Date: date}, err
}
