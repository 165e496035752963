package text

import (
	"strconv"
	"time"
	_ "time/tzdata" // the binary must know Europe/Paris on a machine without zone files
)

// zoneName is the place whose clock the interface shows.
const zoneName = "Europe/Paris"

// Zone is the zone every date and hour is said in. What is stored stays in UTC.
var Zone = mustZone(zoneName)

// Limits of the relative times said by Ago.
const (
	agoNow     = 2 * time.Minute // younger: «en ce moment»
	agoMinutes = time.Hour       // younger: «il y a 12 min»
	agoHours   = 6 * time.Hour   // younger: «il y a 2 h»
	morning    = 5               // first hour of «ce matin»
	noon       = 12              // first hour after it
)

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic("text: " + err.Error()) // the zones are embedded in the binary
	}
	return zone
}

// Date says «20 novembre 2026», «20 November 2026».
func (p *Printer) Date(t time.Time) string { return p.date("time.date", "time.month.", t) }

// ShortDate says «20 nov. 2026», «20 Nov 2026»: for tables.
func (p *Printer) ShortDate(t time.Time) string { return p.date("time.date", "time.month_short.", t) }

// LongDate says «vendredi 20 novembre 2026», «Friday 20 November 2026»: where an action is due.
func (p *Printer) LongDate(t time.Time) string {
	return p.T("time.long_date", "Weekday", p.Weekday(t), "Date", p.Date(t))
}

// DateTime says «20 novembre 2026 à 18 h 42», «20 November 2026, 18:42».
func (p *Printer) DateTime(t time.Time) string {
	return p.T("time.date_time", "Date", p.Date(t), "Hour", p.Hour(t))
}

// Weekday says «vendredi», «Friday».
func (p *Printer) Weekday(t time.Time) string {
	return p.T("time.weekday." + strconv.Itoa(int(t.In(Zone).Weekday())))
}

// Hour says «18 h 42», «9 h», «8 h 05» in French; «18:42», «09:00», «08:05» in English.
func (p *Printer) Hour(t time.Time) string {
	t = t.In(Zone)
	hour := strconv.Itoa(t.Hour())
	if p.lang == EN {
		hour = t.Format("15")
	}
	if t.Minute() == 0 {
		return p.T("time.hour", "Hour", hour)
	}
	return p.T("time.hour_minute", "Hour", hour, "Minute", t.Format("04"))
}

// Ago says how long ago t was, seen from now: «en ce moment», «il y a 12 min»,
// «il y a 2 h», «ce matin, 8 h 05», «aujourd’hui, 14 h 05», «hier, 18 h 42»,
// and before that, as for a time to come, the short date.
func (p *Printer) Ago(t, now time.Time) string {
	age := now.Sub(t)
	switch {
	case age <= -agoNow:
		return p.ShortDate(t)
	case age < agoNow:
		return p.T("time.now")
	case age < agoMinutes:
		return p.T("time.minutes_ago", "Minutes", int(age/time.Minute))
	case age < agoHours:
		return p.T("time.hours_ago", "Hours", int(age/time.Hour))
	}
	return p.agoDay(t.In(Zone), now.In(Zone))
}

// agoDay says a time of an earlier hour: today, yesterday, or its date.
func (p *Printer) agoDay(t, now time.Time) string {
	switch dayNumber(now) - dayNumber(t) {
	case 0:
		if t.Hour() >= morning && t.Hour() < noon {
			return p.T("time.this_morning", "Hour", p.Hour(t))
		}
		return p.T("time.today", "Hour", p.Hour(t))
	case 1:
		return p.T("time.yesterday", "Hour", p.Hour(t))
	}
	return p.ShortDate(t)
}

// DaysUntil counts the calendar days from now to t, as somebody who looks at both
// dates counts them: 0 is today, whatever the hour.
func DaysUntil(t, now time.Time) int {
	return int(dayNumber(t.In(Zone)) - dayNumber(now.In(Zone)))
}

// dayNumber counts the calendar days; days of 23 and 25 hours count as one.
func dayNumber(t time.Time) int64 {
	const day = 24 * 60 * 60
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / day
}

// date fills the pattern of a date with the day, the month's name and the year.
func (p *Printer) date(pattern, months string, t time.Time) string {
	t = t.In(Zone)
	day := strconv.Itoa(t.Day())
	if t.Day() == 1 {
		day = p.T("time.first_day")
	}
	month := p.T(months + strconv.Itoa(int(t.Month())))
	return p.T(pattern, "Day", day, "Month", month, "Year", t.Format("2006"))
}
