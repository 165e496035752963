package web

import (
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"habilis/internal/preference"
	"habilis/internal/setting"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// alertPart begins the name of the part that one alert is: "notifications.approval".
const alertPart = string(setting.PartNotifications) + "."

// between stands between the lines of a part that are said on one.
const between = " · "

// partName is what a part is called; of an alert, its own name.
func partName(t *text.Printer, part string) string {
	if alert, is := strings.CutPrefix(part, alertPart); is {
		return t.T("settings.alert." + alert)
	}
	return t.T("preference.part." + part)
}

// partWords say a part of what holds, a line each: the first is what counts.
func partWords(t *text.Printer, part string, p setting.Personal) []string {
	switch setting.Part(part) {
	case setting.PartLanguage:
		return []string{t.T("preference.language." + string(p.Language))}
	case setting.PartCalendar:
		return calendarWords(t, p.Calendar)
	case setting.PartWorkingHours:
		return hoursWords(t, p.WorkingHours)
	case setting.PartSignature:
		if p.Signature == "" {
			return []string{t.T("preference.signature_none")}
		}
		return strings.Split(p.Signature, "\n")
	case setting.PartSession:
		return []string{sessionWords(t, p.Session)}
	case setting.PartNotifications:
	}
	alert := setting.Alert(strings.TrimPrefix(part, alertPart))
	return []string{t.T("preference.by." + wayOf(p.Notifications[alert]))}
}

func calendarWords(t *text.Printer, c setting.Calendar) []string {
	weekends := "preference.without_weekends"
	if c.Weekends {
		weekends = "preference.with_weekends"
	}
	return []string{
		t.T("preference.calendar_shown", "View", t.T("settings.view."+string(c.View)), "From", clock(t, c.DayStart), "To", clock(t, c.DayEnd),
			"Slot", t.T("preference.slot", "Count", c.SlotMinutes)),
		t.T(weekends, "Day", weekday(t, c.FirstDay)),
	}
}

// clock is a time of day in words: «8 h 30»; the end of the day is «24 h».
func clock(t *text.Printer, c setting.Clock) string {
	if c == setting.EndOfDay {
		return t.T("time.hour", "Hour", "24")
	}
	return t.Hour(time.Date(2000, 1, 1, 0, int(c), 0, 0, text.Zone)) // any day on which no clock is changed
}

// weekday is a day within a sentence: «lundi».
func weekday(t *text.Printer, d setting.Weekday) string {
	return t.Weekday(time.Date(2000, 1, 3+slices.Index(setting.Weekdays, d), 12, 0, 0, 0, text.Zone)) // 3 January 2000 was a Monday
}

// hoursWords say in which hours somebody works; days that follow each other and are alike are
// one line.
func hoursWords(t *text.Printer, h setting.WorkingHours) []string {
	var lines []string
	for n := 0; n < len(setting.Weekdays); {
		first, last := n, n
		ranges := h[setting.Weekdays[first]]
		for last+1 < len(setting.Weekdays) && slices.Equal(h[setting.Weekdays[last+1]], ranges) {
			last++
		}
		if n = last + 1; len(ranges) == 0 {
			continue
		}
		if first == last {
			lines = append(lines, t.T("preference.hours_day", "Day", dayName(t, setting.Weekdays[first]), "Hours", rangesWords(t, ranges)))
			continue
		}
		lines = append(lines, t.T("preference.hours_days", "First", weekday(t, setting.Weekdays[first]),
			"Last", weekday(t, setting.Weekdays[last]), "Hours", rangesWords(t, ranges)))
	}
	if len(lines) == 0 {
		lines = []string{t.T("preference.hours_none")}
	}
	return lines
}

// dayName is a day that begins a line, or names a field: «Lundi».
func dayName(t *text.Printer, d setting.Weekday) string { return t.T("settings.day." + string(d)) }

// rangesWords write hours as a field has them, and reads them back: «8 h 30 – 12 h, 14 h – 18 h».
func rangesWords(t *text.Printer, ranges []setting.Range) string {
	said := make([]string, len(ranges))
	for i, r := range ranges {
		said[i] = t.T("preference.range", "From", clock(t, r.From), "To", clock(t, r.To))
	}
	return strings.Join(said, ", ")
}

func sessionWords(t *text.Printer, s setting.SessionLength) string {
	var said []string
	if s.IdleMinutes > 0 {
		said = append(said, t.T("preference.idle", "Time", t.T("policy.unit.idle", "Count", s.IdleMinutes)))
	}
	if s.AbsoluteHours > 0 {
		said = append(said, t.T("preference.absolute", "Time", t.T("policy.unit.absolute", "Count", s.AbsoluteHours)))
	}
	if len(said) == 0 {
		return t.T("preference.session_policy")
	}
	return strings.Join(said, ", ")
}

// The ways of being told of an alert, as forms name them.
const (
	wayBoth   = "both"
	wayEmail  = "email"
	wayInside = "inside"
	wayNone   = "none"

	wayInherited = "inherited" // as the organisation sets it
)

// ways are those that can be chosen, in the order of the forms.
var ways = []string{wayBoth, wayEmail, wayInside, wayNone}

var channels = map[string]setting.Channels{
	wayBoth: {Email: true, Inside: true}, wayEmail: {Email: true}, wayInside: {Inside: true}, wayNone: {},
}

func wayOf(c setting.Channels) string {
	for way, on := range channels {
		if on == c {
			return way
		}
	}
	return wayNone // never: these are all of them
}

// ownTag says whether a value is the organisation's, or one's own (DESIGN.md 7).
func (v *visit) ownTag(own bool) templ.Component {
	if own {
		return ui.Tag(ui.TagProps{Label: v.t.T("preference.own")})
	}
	return ui.Tag(ui.TagProps{Label: v.t.T("preference.inherited"), Icon: ui.IconTreeStructure, Neutral: true})
}

// partsOf are the parts that a sheet shows: all but alerts whose right the person lacks, and what
// only whoever may edit is told.
func partsOf(s preference.Sheet) []string {
	var list []string
	for _, p := range setting.Parts {
		if p != setting.PartNotifications {
			if s.MayEdit || p != setting.PartSession {
				list = append(list, string(p))
			}
			continue
		}
		for _, a := range s.Alerts {
			if a.Holds {
				list = append(list, alertPart+string(a.Alert))
			}
		}
	}
	return list
}

// hasOwn reports whether a part is somebody's own.
func hasOwn(o preference.Own, part string) bool {
	if alert, is := strings.CutPrefix(part, alertPart); is {
		_, own := o.Notifications[setting.Alert(alert)]
		return own
	}
	return o.Has(setting.Part(part))
}
