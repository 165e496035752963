package member

import (
	"time"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/text"
)

// Locum says whom a practitioner replaces, and when (MEM-4). Rights begin on the first
// day and end after the last, by the calendar of metropolitan France.
type Locum struct {
	For   ident.Member // a member of the organisation, or the zero value
	Name  string       // as shown; of whoever is not a member, as typed
	From  string       // date, ISO 8601: "2026-12-01"
	Until string       // date, ISO 8601, included
}

// Years between which a replacement may lie: beyond, it is a slip of the keyboard.
const (
	minYear = 2000
	maxYear = 2100
)

// dated is the replacement that a row tells: none without a replaced person.
func (l *Locum) dated(starts, ends *time.Time) *Locum {
	if l.For.IsZero() && l.Name == "" {
		return nil
	}
	if starts != nil {
		l.From = starts.In(text.Zone).Format(time.DateOnly)
	}
	if ends != nil {
		l.Until = ends.In(text.Zone).AddDate(0, 0, -1).Format(time.DateOnly)
	}
	return l
}

// Ends is the moment after the last day of a replacement; nil without one, or for what is no date.
func (l *Locum) Ends() *time.Time {
	if l == nil {
		return nil
	}
	last, err := time.ParseInLocation(time.DateOnly, l.Until, text.Zone)
	if err != nil {
		return nil
	}
	end := last.AddDate(0, 0, 1).UTC()
	return &end
}

// same reports whether two replacements are one; the name of a member is theirs.
func (l *Locum) same(other *Locum) bool {
	if l == nil || other == nil {
		return l == other
	}
	return l.For == other.For && l.From == other.From && l.Until == other.Until && (!l.For.IsZero() || l.Name == other.Name)
}

// replaces sets whom the member replaces and when, or ends the replacement.
func (e *edition) replaces(c **Locum) {
	if c == nil || e.was.Locum.same(*c) {
		return
	}
	if *c == nil {
		e.Locum, e.StartsAt, e.EndsAt = nil, nil, nil
		return
	}
	l := **c
	switch {
	case l.For.IsZero():
		l.Name = personName(&e.wrong, "locum.name", l.Name)
	case l.For == e.ID:
		e.wrong.Add("locum.for", "member.locum_self")
	case e.replaced == nil || e.replaced.ID != l.For:
		e.wrong.Add("locum.for", ErrNotFound.Code)
	default:
		l.Name = e.replaced.Name()
	}
	e.dates(&l)
	e.Locum = &l
}

// dates reads the days of a replacement. One that is over already would be a
// deactivation by another name.
func (e *edition) dates(l *Locum) {
	from, until := e.day("locum.from", l.From), e.day("locum.until", l.Until)
	if from.IsZero() || until.IsZero() {
		return
	}
	end := until.AddDate(0, 0, 1)
	switch {
	case until.Before(from):
		e.wrong.Add("locum.until", "member.locum_order")
	case !end.After(e.now):
		e.wrong.Add("locum.until", "member.locum_over")
	}
	l.From, l.Until = from.Format(time.DateOnly), until.Format(time.DateOnly)
	starts, ends := from.UTC(), end.UTC()
	e.StartsAt, e.EndsAt = &starts, &ends
}

// day is the first moment of a date; the zero time for one that was refused.
func (e *edition) day(at, typed string) time.Time { return dayAt(&e.wrong, at, typed) }

// dayAt is the first moment of a date that was typed into a field; the zero time for one that is
// refused there.
func dayAt(wrong *fault.Fields, at, typed string) time.Time {
	if typed == "" {
		wrong.Add(at, "member.date_required")
		return time.Time{}
	}
	d, err := time.ParseInLocation(time.DateOnly, typed, text.Zone)
	if err != nil || d.Year() < minYear || d.Year() > maxYear {
		wrong.Add(at, "member.date_malformed")
		return time.Time{}
	}
	return d
}

// facts are the replacement as the trail and «avant / après» show it.
func (l *Locum) facts() any {
	if l == nil {
		return nil
	}
	f := map[string]string{"name": l.Name, "from": l.From, "until": l.Until}
	if !l.For.IsZero() {
		f["for"] = l.For.String()
	}
	return f
}
