package web

import (
	"strconv"
	"strings"
	"time"

	"habilis/internal/fault"
	"habilis/internal/resource"
	"habilis/internal/text"
)

// levelDays are the first and last days of a level, as forms write them; empty: from the
// moment the person comes in, and without an end (RGT-8).
type levelDays struct {
	From  string `json:"from,omitempty"`
	Until string `json:"until,omitempty"`
}

// What begins the names of the fields of days; the ID of the agenda or mailbox follows.
const (
	dayFrom  = "f."
	dayUntil = "u."
)

// The same, of the levels of a colleague that somebody invited gets.
const (
	fieldAlikeFrom  = "alike_from"
	fieldAlikeUntil = "alike_until"
)

// setDays keeps the days of a level; of none, and of no day, nothing.
func (f *newMember) setDays(id string, d levelDays) {
	if f.Levels[id] == "" || d == (levelDays{}) {
		delete(f.Days, id)
		return
	}
	f.Days[id] = d
}

// span is when a level begins and ends: with its first day, unless that is under way, and
// at the end of its last one. What is no day asks for nothing: the step tells it.
func (v *visit) span(d levelDays) (from, until *time.Time) {
	today := v.s.now().In(text.Zone).Format(time.DateOnly)
	if day, err := parseDay(d.From); err == nil && d.From > today {
		from = &day
	}
	if day, err := parseDay(d.Until); err == nil {
		end := day.In(text.Zone).AddDate(0, 0, 1).UTC()
		until = &end
	}
	return from, until
}

// parseDay reads the beginning of a day of Europe/Paris.
func parseDay(s string) (time.Time, error) {
	day, err := time.ParseInLocation(time.DateOnly, s, text.Zone)
	return day.UTC(), err
}

// checkDays tells, at each field, the days that cannot be those of a level of a step.
func (v *visit) checkDays(no *fault.Fields, f *newMember, at step) {
	for _, g := range f.givenLevels() {
		if id := g.Resource.String(); g.Resource.Type() == domainOf(at).Type {
			v.wrongDays(no, f.Days[id], dayFrom+id, dayUntil+id)
		}
	}
}

// wrongDays tells what is wrong with two days, each at its field.
func (v *visit) wrongDays(no *fault.Fields, d levelDays, from, until string) {
	today := v.s.now().In(text.Zone).Format(time.DateOnly)
	_, noDay := parseDay(d.From)
	switch {
	case d.From == "":
	case noDay != nil:
		no.Add(from, "member.date_malformed")
	case d.From < today:
		no.Add(from, "grant.starts_in_past")
	}
	_, noDay = parseDay(d.Until)
	switch {
	case d.Until == "":
	case noDay != nil:
		no.Add(until, "member.date_malformed")
	case d.Until < today:
		no.Add(until, "grant.ends_in_past")
	case d.From > d.Until:
		no.Add(until, "grant.ends_before_start")
	}
}

// dayField is the field of a day that a refusal is about, of the page or of the noun
// ("rights.changes[2].until"); empty when it is about something else.
func (f *newMember) dayField(location string) string {
	if strings.HasPrefix(location, dayFrom) || strings.HasPrefix(location, dayUntil) {
		return location
	}
	rest, ok := strings.CutPrefix(location, "rights.changes[")
	number, what, _ := strings.Cut(rest, "].")
	n, err := strconv.Atoi(number)
	list := f.givenLevels()
	if !ok || err != nil || n < 0 || n >= len(list) {
		return ""
	}
	switch what {
	case fieldFrom:
		return dayFrom + list[n].Resource.String()
	case fieldUntil:
		return dayUntil + list[n].Resource.String()
	}
	return ""
}

// dayStep is the step that asks for a day.
func dayStep(field string) step {
	if resource.ID(field[len(dayFrom):]).Type() == resource.MessagingProfile {
		return stepMailboxes
	}
	return stepAgendas
}
