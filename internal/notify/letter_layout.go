package notify

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"
	"time"
	"unicode/utf8"

	"habilis/internal/secret"
)

// textWidth is where the text part wraps, in code points: old mail readers wrap
// at 78 and quote with two signs.
const textWidth = 76

//go:embed letter.html
var letterHTML string

// page is the only template. html/template escapes every value for its place
// (INJ-01); values never become part of the template itself (INJ-05).
var page = template.Must(template.New("letter").Parse(letterHTML))

// Message is a letter laid out, which a Mailer can send. Both bodies carry the
// letter's link or password: they are secrets.
type Message struct {
	ID         string // of the job: a message sent again keeps it
	Kind       Kind
	To         Recipient
	SenderName string
	ReplyTo    Recipient // zero: nobody wrote it
	Subject    string
	Date       time.Time
	Text       secret.Text
	HTML       secret.Text
}

// Message lays the letter out. id is stable over attempts, 1 to 64 letters,
// digits, dots, hyphens and underscores; date is when the act happened, so that
// an attempt changes nothing. The error is ErrUnsafe.
func (l Letter) Message(id string, date time.Time) (Message, error) {
	if !isID(id) {
		return Message{}, fmt.Errorf("%w: message id", ErrUnsafe)
	}
	if err := l.check(); err != nil {
		return Message{}, err
	}
	html, err := l.html()
	if err != nil {
		return Message{}, fmt.Errorf("notify: letter %s: %w", l.Kind, err)
	}
	return Message{
		ID: id, Kind: l.Kind, To: l.To, SenderName: l.Sender, ReplyTo: l.ReplyTo, Subject: l.Subject, Date: date.UTC(),
		Text: secret.NewText(l.text()), HTML: secret.NewText(html),
	}, nil
}

// html fills the template. Secrets are revealed here, for the recipient alone.
func (l Letter) html() (string, error) {
	type fact struct{ Label, Value string }
	type block struct {
		Paragraph string
		Lines     []string
		List      []string
		Facts     []fact
	}
	type button struct{ Label, URL, Note, Raw string }
	data := struct {
		Letter
		Lang   string
		Plate  plate
		Blocks []block
		Button *button
	}{Letter: l, Lang: string(l.To.Lang), Plate: l.Plaque.Enamel.plate()}
	for _, b := range l.Blocks {
		shown := block{Paragraph: b.Paragraph, Lines: b.Lines, List: b.List}
		for _, f := range b.Facts {
			shown.Facts = append(shown.Facts, fact{f.Label, f.Value.Reveal()})
		}
		data.Blocks = append(data.Blocks, shown)
	}
	if b := l.Button; b != nil {
		data.Button = &button{b.Label, b.URL.Reveal(), b.Note, b.Raw}
	}
	var out bytes.Buffer
	err := page.Execute(&out, data)
	return out.String(), err
}

// text writes the plain part: the same words, shaped for a fixed width.
func (l Letter) text() string {
	var b strings.Builder
	rule := strings.Repeat("-", min(textWidth, max(utf8.RuneCountInString(l.Plaque.Name), utf8.RuneCountInString(l.Plaque.Label))))
	fmt.Fprintf(&b, "%s\n%s\n%s\n\n%s\n\n", wrap(l.Plaque.Label, ""), wrap(l.Plaque.Name, ""), rule, wrap(l.Greeting, ""))
	for _, block := range l.Blocks {
		writeBlock(&b, block)
	}
	if l.Button != nil {
		// The link stands alone on its line and is never wrapped.
		fmt.Fprintf(&b, "%s\n%s\n\n", wrap(l.Button.Intro, ""), l.Button.URL.Reveal())
		if l.Button.Note != "" {
			fmt.Fprintf(&b, "%s\n\n", wrap(l.Button.Note, ""))
		}
	}
	b.WriteString(strings.Repeat("-", textWidth) + "\n")
	for i, line := range l.Footer {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(wrap(line, "") + "\n")
	}
	return b.String()
}

func writeBlock(b *strings.Builder, block Block) {
	switch {
	case len(block.Lines) > 0:
		for _, line := range block.Lines {
			b.WriteString(wrap(line, "") + "\n")
		}
	case len(block.List) > 0:
		for _, item := range block.List {
			b.WriteString("- " + wrap(item, "  ") + "\n")
		}
	case len(block.Facts) > 0:
		for _, f := range block.Facts {
			b.WriteString("  " + wrap(f.Label+" "+f.Value.Reveal(), "    ") + "\n")
		}
	default:
		b.WriteString(wrap(block.Paragraph, "") + "\n")
	}
	b.WriteByte('\n')
}

// wrap breaks at plain spaces only: no-break spaces keep what they bind. A word
// longer than the width stays whole. Later lines begin with indent.
func wrap(s, indent string) string {
	var b strings.Builder
	width := utf8.RuneCountInString(indent)
	for i, word := range strings.Split(s, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case width+1+n > textWidth:
			b.WriteString("\n" + indent)
			width = utf8.RuneCountInString(indent)
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(word)
		width += n
	}
	return b.String()
}

// isID accepts what may stand in a Message-ID and in a file name.
func isID(id string) bool {
	if id == "" || len(id) > 64 || id[0] == '.' {
		return false
	}
	return strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == ""
}
