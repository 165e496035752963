package report

import (
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/decision"
	"habilis/internal/text"
)

// PersonName is a name as it is shown: of somebody who was erased, that they were.
func PersonName(t *text.Printer, name string) string {
	if name = strings.TrimSpace(name); name == "" {
		return t.T("report.erased")
	}
	return name
}

// word says a code by a family of texts; one that has no words stands as it is.
func word(t *text.Printer, family, code string) string {
	if t.Has(family + code) {
		return t.T(family + code)
	}
	return code
}

// What is what a right bears on, or gives: the name of a role, a permission in words, the name of
// an agenda.
func (l *Line) What(t *text.Printer) string {
	code, builtIn := strings.CutPrefix(l.Right.Name, decision.BuiltIn)
	switch {
	case l.Right.Kind == decision.FactPermission:
		return word(t, "permission.", l.Right.Level)
	case builtIn:
		return word(t, "role.", code)
	}
	return l.Right.Name
}

// Level is how far a right goes, in words; empty where it has no level.
func (l *Line) Level(t *text.Printer) string {
	switch l.Right.Kind {
	case decision.FactHolder:
		return t.T("level.holder")
	case decision.FactGrant:
		return word(t, "level."+l.Right.Resource.Type+".", l.Right.Level)
	case decision.FactDelegation:
		return word(t, "why.act.identity.", l.Right.Level)
	case decision.FactRole, decision.FactPermission, decision.FactGroup, decision.FactMembership, decision.FactSetting, decision.FactSite:
	}
	return ""
}

// Acts are the permissions of a role, in words.
func (l *Line) Acts(t *text.Printer) []string {
	acts := make([]string, len(l.Right.Acts))
	for i, a := range l.Right.Acts {
		acts[i] = word(t, "permission.", a)
	}
	return acts
}

// Where is the site at which a role or a permission holds, or the whole organisation; empty for
// what is no role and no permission.
func (l *Line) Where(t *text.Printer) string {
	switch {
	case l.Right.Kind != decision.FactRole && l.Right.Kind != decision.FactPermission:
		return ""
	case l.Right.Scope == access.WholeOrganization || l.Right.ScopeName == "":
		return t.T("scope.organization")
	}
	return l.Right.ScopeName
}

// Source says where a right comes from: who gave it, or that it is the person's own.
func (l *Line) Source(t *text.Printer) string {
	if l.Right.Kind == decision.FactHolder {
		return t.T("report.source.holder")
	}
	if l.Right.GivenName == "" {
		return t.T("report.source.unnamed")
	}
	return l.Right.GivenName
}

// Used says when a right was last used, as far as is known.
func (l *Line) Used(t *text.Printer, since time.Time) string {
	if l.LastUse.IsZero() {
		return t.T("report.unused_since", "Date", t.ShortDate(since))
	}
	return t.ShortDate(l.LastUse)
}

// day writes a date for spreadsheets; empty for none.
func day(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(text.Zone).Format(time.DateOnly)
}

// moment writes a moment for spreadsheets.
func moment(at time.Time) string { return at.In(text.Zone).Format("2006-01-02 15:04") }

// lastDay is the last day on which something holds; empty: it has no end.
func lastDay(end *time.Time) string {
	if end == nil {
		return ""
	}
	return day(end.Add(-time.Microsecond))
}
