package grant

import (
	"time"

	"habilis/internal/changeset"
	"habilis/internal/resource"
	"habilis/internal/text"
)

// What names what a line is about, in words: «Rôle « Secrétariat » (Grand-Pré)».
func (l RightLine) What(t *text.Printer) string {
	name := l.ObjectName
	switch {
	case l.Domain == changeset.Permission:
		name = t.T("permission." + l.Object)
	case l.BuiltIn != "":
		name = t.T("role." + l.BuiltIn)
	case name == "":
		name = t.T("changes.unnamed")
	}
	key := "changes.what." + string(l.Domain)
	if l.Domain == changeset.Delegation {
		key += "." + l.Detail
	}
	what := t.T(key, "Object", name)
	if l.Domain != changeset.Role && l.Domain != changeset.Permission {
		return what
	}
	place := l.Place
	if l.Site.IsZero() {
		place = t.T("changes.whole")
	}
	return t.T("changes.what_at", "What", what, "Place", place)
}

// Side says one side of a line: «Oui, jusqu’au 12 décembre 2026».
func (l RightLine) Side(t *text.Printer, s changeset.State, now time.Time) string {
	switch {
	case l.Domain == changeset.Level:
		return t.T("level." + string(resource.ID(l.Object).Type()) + "." + levelState(s).Level.Word())
	case s.None():
		return t.T("changes.state.none." + string(l.Domain))
	case l.Domain == changeset.GroupRecord:
		return t.T("changes.state.records", "Count", l.Count)
	}
	return dated(t, t.T("changes.state."+s.Value), s, now)
}

// dated adds when it begins, if that is to come, and when it ends.
func dated(t *text.Printer, word string, s changeset.State, now time.Time) string {
	var day string
	if s.Until != nil {
		last, _ := LastDay(*s.Until)
		day = t.Date(last)
	}
	switch later := s.From.After(now); {
	case later && s.Until != nil:
		return t.T("changes.state.from_until", "State", word, "From", t.Date(s.From), "Until", day)
	case later:
		return t.T("changes.state.from", "State", word, "From", t.Date(s.From))
	case s.Until != nil:
		return t.T("changes.state.until", "State", word, "Until", day)
	}
	return word
}

// Reason says why a line stays as it is.
func (s Stay) Reason(t *text.Printer) string {
	return t.T("changes.stays."+string(s.Why), "Name", s.MemberName)
}

// Extent says how much a change set is about: «2 rôles, 1 autorisation».
func (c ChangeSet) Extent(t *text.Printer) string {
	var parts []string
	for _, d := range changeset.Domains {
		if n := c.ByDomain[d]; n > 0 {
			parts = append(parts, t.T("changes.count."+string(d), "Count", n))
		}
	}
	return t.List(parts)
}
