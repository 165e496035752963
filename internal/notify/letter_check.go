package notify

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"habilis/internal/secret"
)

// Limits of what a letter carries.
const (
	maxLine    = 300  // code points of a name or another value on one line
	maxAddress = 254  // bytes of an address (RFC 5321)
	maxLocal   = 64   // bytes before its @
	maxURL     = 2000 // bytes of a link
)

// ErrUnsafe means that a fact given to a letter could leave its place: a line
// break in a name, two addresses in one, a link that is not one. Such a letter is
// never sent; the input should have been refused before (INJ-02).
var ErrUnsafe = errors.New("notify: unsafe value in a letter")

// checkLine refuses what does not stay on one line of a header or a text: control
// characters, every Unicode line break, invisible and direction characters, and
// encoded words, which a mailbox would decode into something else.
func checkLine(name, s string) error {
	switch {
	case strings.TrimSpace(s) == "":
		return fmt.Errorf("%w: %s is empty", ErrUnsafe, name)
	case !utf8.ValidString(s) || utf8.RuneCountInString(s) > maxLine:
		return fmt.Errorf("%w: %s is not UTF-8 or is too long", ErrUnsafe, name)
	case strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsGraphic(r) }):
		return fmt.Errorf("%w: %s has a line break or an invisible character", ErrUnsafe, name)
	case strings.Contains(s, "=?"):
		return fmt.Errorf("%w: %s looks like an encoded word", ErrUnsafe, name)
	}
	return nil
}

// checkTime refuses a date that nobody set.
func checkTime(name string, t time.Time) error {
	if t.IsZero() {
		return fmt.Errorf("%w: %s is not set", ErrUnsafe, name)
	}
	return nil
}

// checkAddress accepts one plain address and nothing around it: no name, no
// comment, no quotes, no second recipient.
func checkAddress(name, s string) error {
	bad := fmt.Errorf("%w: %s is not one address", ErrUnsafe, name)
	if len(s) > maxAddress || checkLine(name, s) != nil || strings.ContainsAny(s, "<>,;:()[]\\\" ") {
		return bad
	}
	parsed, err := mail.ParseAddress(s)
	at := strings.LastIndexByte(s, '@')
	if err != nil || parsed.Address != s || strings.Count(s, "@") != 1 || at > maxLocal || strings.ContainsFunc(s[at:], notASCII) {
		return bad
	}
	return nil
}

func notASCII(r rune) bool { return r > unicode.MaxASCII }

// checkURL accepts an absolute https link, or http to this very machine.
func checkURL(name string, link secret.Text) error {
	bad := fmt.Errorf("%w: %s is not a link", ErrUnsafe, name) // without the link: it carries a token
	s := link.Reveal()
	if len(s) > maxURL || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) || strings.ContainsAny(s, "\"'<>\\^`{|}") {
		return bad
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || u.Opaque != "" {
		return bad
	}
	if u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()) {
		return nil
	}
	return bad
}

// check refuses an unsafe letter. Every writer ends with it.
func (l Letter) check() error {
	errs := []error{
		checkAddress("recipient", l.To.Email), checkLine("sender", l.Sender), checkLine("subject", l.Subject),
		checkLine("preheader", l.Preheader), checkLine("plaque label", l.Plaque.Label), checkLine("plaque", l.Plaque.Name),
		checkLine("greeting", l.Greeting),
	}
	for _, line := range l.Footer {
		errs = append(errs, checkLine("footer", line))
	}
	for _, b := range l.Blocks {
		errs = append(errs, b.check())
	}
	if l.ReplyTo != (Recipient{}) {
		errs = append(errs, l.ReplyTo.check("reply address"))
	}
	if b := l.Button; b != nil {
		errs = append(errs, checkURL("button", b.URL), checkLine("button", b.Label), checkLine("raw link", b.Raw), checkLine("intro", b.Intro))
	}
	return errors.Join(errs...)
}

// check accepts one plain address with a name on one line, or none.
func (r Recipient) check(what string) error {
	if r.Name == "" {
		return checkAddress(what, r.Email)
	}
	return errors.Join(checkAddress(what, r.Email), checkLine(what+"'s name", r.Name))
}

func (b Block) check() error {
	var errs []error
	for _, line := range b.Lines {
		errs = append(errs, checkTyped(line))
	}
	for _, fact := range b.Facts {
		errs = append(errs, checkLine("label", fact.Label), checkLine("fact", fact.Value.Reveal()))
	}
	for _, item := range b.List {
		errs = append(errs, checkLine("list", item))
	}
	if b.Paragraph != "" || len(errs) == 0 {
		errs = append(errs, checkLine("paragraph", b.Paragraph))
	}
	return errors.Join(errs...)
}
