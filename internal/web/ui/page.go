package ui

import (
	"strconv"
	"time"

	"habilis/internal/text"
)

// Page is what a layout needs to know of a page, whatever the page shows.
type Page struct {
	Text  *text.Printer // the person's language; required
	Title string        // «Membres»; the layout completes it
	Error bool          // true when the page answers 422: «Erreur : » comes first in the title (DESIGN §10)
	Path  string        // local address of this page, query included: the language switch comes back to it
	Nonce string        // of the answer's Content-Security-Policy, for its scripts

	OrgName    string             // last part of the title; empty outside an organisation
	Indexable  bool               // false: search engines are asked to leave the page alone, the rule here
	Live       bool               // loads htmx: set it on pages that hold a Listing
	Sheets     []string           // style sheets of this page alone, after app.css: "matrix.css"
	Scripts    []string           // scripts of this page alone, after app.js
	Person     *Person            // who is signed in; nil for a stranger
	Session    *Session           // when their session ends; nil: nothing says so
	Org        *PlaqueProps       // the organisation's plaque, top left; App only
	Nav        []NavGroup         // App: side column. Solo: one line of links
	Flashes    []Flash            // answers to the act just made
	State      AccessibilityState // shown in the footer
	SupportURL string             // «mailto:…» or a page: whom to ask, in the person's menu and the footer; empty shows nothing
}

// Person is the person signed in, as shown in the frame.
type Person struct {
	Name     string // «Bruno Lacaze»
	Role     string // «Administration»; may be empty
	Initials string // «BL»
	Profile  Profile
	Links    []MenuLink // further entries of the menu, after «Sécurité du compte»
}

// Session is when the session of the person signed in ends, or is locked, unless it is used.
type Session struct {
	Left time.Duration // until it ends
	Keep string        // POST: it is used, and goes on
	Here string        // this page, to come back to

	// Of a workstation that several people use; else empty.
	Lock    time.Duration // until it is locked
	Locked  string        // the page that unlocks it, and comes back here
	LockNow string        // POST: locks it at once
	Change  string        // POST: ends it, for somebody else to sign in
}

// Shared reports whether several people use the workstation.
func (s *Session) Shared() bool { return s != nil && s.Change != "" }

// seconds writes a duration for the page's script.
func seconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) }

// MenuLink is an entry of the person's menu.
type MenuLink struct {
	Label, Href string
	Icon        IconName
}

// NavGroup is a titled group of the side column. The first has no title.
type NavGroup struct {
	ID    string // unique in the page, letters and hyphens; needed with a title
	Title string
	Items []NavItem
}

// NavItem is one page of the side column.
type NavItem struct {
	Label, Href string
	Icon        IconName
	Count       string // information at the right, already written; empty shows none
	Work        bool   // the count is work to do: orange (DESIGN §4)
	Said        string // what the count is, for screen readers: «notifications non lues»; empty: «au total»
	Current     bool
}

// Flash is the answer to the act that led here: first child of main, role status.
type Flash struct {
	Tone Tone
	Text string
	Undo *Undo      // nil when the act cannot be undone
	Next *PostProps // what is often done next; nil: nothing is offered
}

// Undo is the form behind «Annuler» of a flash message (level 1, DESIGN §12).
type Undo struct {
	Action string
	Hidden []Hidden
}

// Hidden is a form field that the person does not see.
type Hidden struct{ Name, Value string }

// AccessibilityState is one of the three legal wordings of the footer; the
// organisation sets it, and it is «non conforme» until an audit is recorded.
type AccessibilityState int

// The three legal wordings (RGAA).
const (
	NotConformant AccessibilityState = iota
	PartlyConformant
	FullyConformant
)

func (s AccessibilityState) key() string {
	switch s {
	case PartlyConformant:
		return "ui.accessibility.partial"
	case FullyConformant:
		return "ui.accessibility.full"
	default:
		return "ui.accessibility.none"
	}
}

// fullTitle completes the title: «Erreur : Membres – Maison de santé des Tilleuls».
func (p Page) fullTitle() string {
	title := p.Title
	if p.Error {
		title = p.Text.T("common.error_title", "Title", title)
	}
	if p.OrgName != "" {
		title += " – " + p.OrgName
	}
	return title
}

// otherLanguages lists the languages the person may switch to.
func (p Page) otherLanguages() []text.Lang {
	var others []text.Lang
	for _, lang := range text.All {
		if lang != p.Text.Lang() {
			others = append(others, lang)
		}
	}
	return others
}

// htmxConfig keeps htmx inside our policy: no injected style, no eval, no copy
// of pages (they name people) in the browser's storage, no request elsewhere.
const htmxConfig = `{"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,` +
	`"historyCacheSize":0,"refreshOnHistoryMiss":true,"selfRequestsOnly":true,` +
	`"scrollIntoViewOnBoost":false,"timeout":15000}`
