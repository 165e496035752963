package ui

import (
	"time"

	"github.com/a-h/templ"
)

// HeadProps is the top of a page; its buttons are the children.
type HeadProps struct {
	Title string // the page's h1
	Lead  string // one or two sentences
}

// CardProps is a framed section with its title. Its content is the children.
type CardProps struct {
	ID         string // of the title; unique in the page
	Title      string
	LinkLabel  string // «Modifier», at the right of the title
	LinkHidden string // words that finish it for screen readers: «les droits»
	LinkHref   string
	Chip       *ChipProps // at the right, when there is no link
	Stack      bool       // space between the children
}

// Fact is one line of a SummaryList: term, value, and what stands at its right.
type Fact struct {
	Term    string
	Value   string
	Content templ.Component // instead of, or after, Value
	Aside   templ.Component // a Tag, a Chip, a link
}

// ItemProps is one line of an ItemList; what acts on it is the children, at the right.
type ItemProps struct {
	Icon     IconName
	IconTone *Tone  // colours the icon; nil: ink
	Initials string // an avatar instead of an icon
	Profile  Profile
	Title    string
	Href     string // the title is a link
	Strong   bool
	Detail   string // second line
	Content  templ.Component
}

// LogEntry is one event of a Log.
type LogEntry struct {
	Text    string
	Content templ.Component // instead of, or after, Text
	Detail  string          // when, by whom
}

// Step is one step of a Stepper.
type Step struct {
	Label   string
	Href    string // a step done may be gone back to
	Done    bool
	Current bool
}

// StepperProps is the way through several pages.
type StepperProps struct {
	Label string // «Étapes»
	Steps []Step
}

// ConfirmProps is the body of a page that asks before acting (levels 2, 4 and 5).
// A link with Dialog shows it in a dialog when there is script.
type ConfirmProps struct {
	ID     string // of its title; "confirm" when empty
	Title  string // the question, with the name
	Text   string // the consequence
	Action string
	Hidden []Hidden
	Button ButtonProps // the act; red unless its Kind says otherwise
	Keep   string      // «Garder»
	Back   string      // where «Garder» leads
	StepUp *StepUpProps
}

// ErrorProps is the body of an error page: 403, 404, 500.
type ErrorProps struct {
	Title     string
	Text      string
	Reference string // what to give to support, as «Référence 7F3K-22»; empty shows none
	BackLabel string
	BackHref  string
}

// button is the act of a Confirm, solid red by default.
func (p ConfirmProps) button() ButtonProps {
	if p.Button.Kind == Secondary {
		p.Button.Kind = DangerSolid
	}
	return p.Button
}

func (p ItemProps) iconClass() string {
	if p.IconTone == nil {
		return "i"
	}
	return "i g-" + p.IconTone.class()
}

// exact is the machine form of a time (UTC, RFC 3339), for <time datetime>.
func exact(t time.Time) string { return t.UTC().Format(time.RFC3339) }
