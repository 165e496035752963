package notify

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	maxOutboxListed = 500     // newest letters that ReadOutbox opens
	maxLetterBytes  = 1 << 20 // of one file
)

// Kept is a letter read back from the outbox, for the page /dev/mail and for
// tests.
type Kept struct {
	Name      string // of its file, without folder or extension
	MessageID string
	From      string
	To        string // the address alone
	ReplyTo   string // the address alone; empty: none
	Subject   string
	Date      time.Time
	Text      string
	HTML      string
	Links     []string // of the plain part, in order, each once
}

// ReadOutbox lists the letters kept in the data folder dir, the newest first, 500
// at most. A folder that does not exist is empty. A file that is not a letter is
// left out of the list and told in the error, beside the letters.
func ReadOutbox(dir string) ([]Kept, error) { return readOutbox(dir, outboxExt, ReadKept) }

// readOutbox lists what the outbox keeps under names that end in ext, each read by read.
func readOutbox[T any](dir, ext string, read func(dir, name string) (T, error)) ([]T, error) {
	entries, err := os.ReadDir(OutboxDir(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("notify: outbox: %w", err)
	}
	slices.Reverse(entries) // os.ReadDir sorts by name: by date
	var kept []T
	var errs []error
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ext)
		if !ok || !isKeptName(name) || len(kept) == maxOutboxListed {
			continue
		}
		one, err := read(dir, name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		kept = append(kept, one)
	}
	return kept, errors.Join(errs...)
}

// ReadKept reads one letter by its name. An unknown name, or one that tries to
// leave the folder, is fs.ErrNotExist.
func ReadKept(dir, name string) (Kept, error) {
	if !isKeptName(name) {
		return Kept{}, fmt.Errorf("notify: outbox: %w", fs.ErrNotExist)
	}
	f, err := os.Open(filepath.Join(OutboxDir(dir), name+outboxExt))
	if err != nil {
		return Kept{}, fmt.Errorf("notify: outbox: %w", err)
	}
	defer func() { _ = f.Close() }()
	letter, err := parseLetter(io.LimitReader(f, maxLetterBytes))
	if err != nil {
		return Kept{}, fmt.Errorf("notify: outbox: %s: %w", name, err)
	}
	letter.Name = name
	return letter, nil
}

// isKeptName accepts <date>-<id>, as Outbox writes it.
func isKeptName(name string) bool {
	stamp, id, ok := strings.Cut(name, "-")
	_, err := time.Parse(outboxStamp, stamp)
	return ok && err == nil && isID(id)
}

func parseLetter(r io.Reader) (Kept, error) {
	msg, err := mail.ReadMessage(r)
	if err != nil {
		return Kept{}, err
	}
	k := Kept{MessageID: strings.Trim(msg.Header.Get("Message-Id"), "<>")}
	var decoder mime.WordDecoder
	if k.Subject, err = decoder.DecodeHeader(msg.Header.Get("Subject")); err != nil {
		return Kept{}, err
	}
	if k.Date, err = msg.Header.Date(); err != nil {
		return Kept{}, err
	}
	from, err := mail.ParseAddress(msg.Header.Get("From"))
	if err != nil {
		return Kept{}, err
	}
	to, err := mail.ParseAddress(msg.Header.Get("To"))
	if err != nil {
		return Kept{}, err
	}
	k.From, k.To, k.Date = from.String(), to.Address, k.Date.UTC()
	if reply, err := mail.ParseAddress(msg.Header.Get("Reply-To")); err == nil {
		k.ReplyTo = reply.Address
	}
	if from.Name != "" {
		k.From = from.Name + " <" + from.Address + ">"
	}
	if err := k.readParts(msg); err != nil {
		return Kept{}, err
	}
	return k, nil
}

// readParts takes the text and the HTML out of multipart/alternative.
func (k *Kept) readParts(msg *mail.Message) error {
	_, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			return err
		}
		content := strings.ReplaceAll(string(body), "\r\n", "\n")
		switch kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); kind {
		case "text/plain":
			k.Text = content
		case "text/html":
			k.HTML = content
		}
	}
	if k.Text == "" || k.HTML == "" {
		return errors.New("a part is missing")
	}
	for _, link := range linkShape.FindAllString(k.Text, -1) {
		if !slices.Contains(k.Links, link) {
			k.Links = append(k.Links, link)
		}
	}
	return nil
}

var linkShape = regexp.MustCompile(`https?://[^\s<>"]+`)
