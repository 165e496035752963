package workitem

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"habilis/internal/fault"
	"habilis/internal/identifier"
	"habilis/internal/text"
)

// sourceShape is how an application calls itself in addresses.
var sourceShape = regexp.MustCompile(`^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$`)

// The dates that an item may have, and the one that stands for none.
var (
	earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
	dateless = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
)

// sourceCode gives the code of the rule that refuses a source, or "".
func sourceCode(s string) string {
	if utf8.RuneCountInString(s) > MaxSource || !sourceShape.MatchString(s) {
		return "workitem.source"
	}
	return ""
}

// externalCode gives the code of the rule that refuses an external ID, or "". It is kept as
// it is: nothing of it is cleaned.
func externalCode(s string) string {
	switch {
	case strings.TrimSpace(s) == "" || utf8.RuneCountInString(s) > MaxExternal || !utf8.ValidString(s) ||
		strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "workitem.external_id"
	case identifier.ReadsAsNIR(s):
		return "workitem.nir"
	}
	return ""
}

// check cleans a line and notes in f what must be corrected; at puts the place of the line
// before a field.
func (l Line) check(f *fault.Fields, at func(string) string) Line {
	f.Check(at("source"), sourceCode(l.Source), "Max", MaxSource)
	f.Check(at("external_id"), externalCode(l.External), "Max", MaxExternal)
	rule, known := l.Kind.Rule()
	if !known {
		f.Add(at("kind"), "workitem.kind")
	}
	if l.State == "" {
		l.State = Open
	}
	if l.State != Open && l.State != Done && l.State != Cancelled && l.State != Detached {
		f.Add(at("state"), "workitem.state")
	}
	l.Title = checkTitle(f, at("title"), l.Title)
	switch {
	case l.Due == nil && rule.Timed:
		f.Add(at("due_at"), "workitem.due_missing")
	case l.Due == nil:
	case l.Due.Before(earliest) || !l.Due.Before(latest):
		f.Add(at("due_at"), "workitem.due_range")
	default:
		due := l.Due.UTC().Truncate(time.Microsecond)
		l.Due = &due
	}
	return l
}

func checkTitle(f *fault.Fields, at, typed string) string {
	if strings.TrimSpace(typed) == "" {
		return ""
	}
	title, problem := text.Line(typed, MaxTitle)
	f.Check(at, string(problem), "Max", MaxTitle)
	if identifier.HoldsNIR(title) {
		f.Add(at, "workitem.nir")
	}
	return title
}

// here is the place of the only line of a request; ofLine, of one of many.
func here(field string) string { return field }

func ofLine(i int) func(string) string {
	return func(field string) string { return "items[" + strconv.Itoa(i) + "]." + field }
}

// equal reports whether an application registers what is there already.
func (d Details) equal(o Details) bool {
	return d.Kind == o.Kind && d.Title == o.Title && d.Owner == o.Owner && d.Site == o.Site && d.State == o.State &&
		dueOf(d.Due).Equal(dueOf(o.Due))
}

// dueOf is the date as it is kept.
func dueOf(due *time.Time) time.Time {
	if due == nil {
		return dateless
	}
	return *due
}
