package setting

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"habilis/internal/fault"
	"habilis/internal/text"
)

// Bounds of the settings of members.
const (
	MaxSignature      = 600 // code points, its line breaks with them
	MaxSignatureLines = 10
	MaxRanges         = 4 // of one day
)

// checked is the settings as they are kept, every alert said. was is what stood: a length of
// sessions that the policy has overtaken may stay. Errors: fields to correct.
func (p Personal) checked(policy Security, was SessionLength) (Personal, error) {
	var f fault.Fields
	p.Language.Check(&f, string(PartLanguage))
	p.Calendar.Check(&f, string(PartCalendar))
	p.WorkingHours = p.WorkingHours.Check(&f, string(PartWorkingHours))
	p.Signature = CheckSignature(&f, string(PartSignature), p.Signature)
	p.Session.Check(&f, string(PartSession), policy, was)
	all := DefaultPersonal().Notifications
	for a, c := range p.Notifications {
		CheckAlert(&f, string(PartNotifications)+"."+string(a), a)
		all[a] = c
	}
	p.Notifications = all
	return p, f.Err()
}

// CheckAlert refuses what is no alert.
func CheckAlert(f *fault.Fields, at string, a Alert) {
	if !slices.Contains(Alerts, a) {
		f.Add(at, "setting.alert_unknown")
	}
}

// Check refuses what is no language.
func (l Language) Check(f *fault.Fields, at string) {
	if !slices.Contains(Languages, l) {
		f.Add(at, "setting.language_unknown")
	}
}

// Check refuses a calendar that nobody could show.
func (c Calendar) Check(f *fault.Fields, at string) {
	if !slices.Contains(CalendarViews, c.View) {
		f.Add(at+".view", "setting.calendar_view")
	}
	if !slices.Contains(FirstDays, c.FirstDay) {
		f.Add(at+".first_day", "setting.first_day")
	}
	if !slices.Contains(Slots, c.SlotMinutes) {
		f.Add(at+".slot_minutes", "setting.slot")
	}
	if c.DayStart < 0 || c.DayEnd > EndOfDay || c.DayStart >= c.DayEnd {
		f.Add(at+".day_end", "setting.day_order")
	}
}

// Check gives the hours in order, without empty days, and refuses ranges that end before they
// begin or touch each other.
func (h WorkingHours) Check(f *fault.Fields, at string) WorkingHours {
	out := WorkingHours{}
	for day, ranges := range h {
		where := at + "." + string(day)
		switch {
		case !slices.Contains(Weekdays, day):
			f.Add(where, "setting.weekday")
			continue
		case len(ranges) > MaxRanges:
			f.Add(where, "setting.too_many_ranges", "Max", MaxRanges)
			continue
		case len(ranges) == 0:
			continue
		}
		out[day] = checkDay(f, where, ranges)
	}
	return out
}

func checkDay(f *fault.Fields, at string, typed []Range) []Range {
	ranges := slices.Clone(typed)
	for i, r := range ranges {
		if r.From < 0 || r.To > EndOfDay || r.From >= r.To {
			f.Add(at+"["+strconv.Itoa(i)+"]", "setting.range_order")
			return ranges
		}
	}
	slices.SortFunc(ranges, func(a, b Range) int { return int(a.From - b.From) })
	for i := 1; i < len(ranges); i++ {
		if ranges[i].From < ranges[i-1].To {
			f.Add(at, "setting.ranges_overlap")
		}
	}
	return ranges
}

// CheckSignature gives the text as it is kept: lines trimmed, none empty at either end. It refuses
// what no line of human text may hold, and what is too long.
func CheckSignature(f *fault.Fields, at, typed string) string {
	lines := strings.Split(strings.ReplaceAll(typed, "\r\n", "\n"), "\n")
	for i, line := range lines {
		clean, problem := text.Line(line, MaxSignature)
		if problem != text.Fine && problem != text.Empty {
			f.Add(at, string(problem), "Max", MaxSignature)
			return typed
		}
		lines[i] = clean
	}
	kept := strings.Trim(strings.Join(lines, "\n"), "\n")
	switch {
	case strings.Count(kept, "\n") >= MaxSignatureLines:
		f.Add(at, "setting.signature_lines", "Max", MaxSignatureLines)
	case utf8.RuneCountInString(kept) > MaxSignature:
		f.Add(at, string(text.TooLong), "Max", MaxSignature)
	}
	return kept
}

// Check refuses sessions out of all bounds, and longer ones than the policy lets them be. What
// stood already may stay: it counts for nothing.
func (l SessionLength) Check(f *fault.Fields, at string, policy Security, was SessionLength) {
	shorter := func(at string, n, old, low, high, top int) {
		switch {
		case n == 0 || n == old:
		case n < low || n > high:
			f.Add(at, "setting.out_of_bounds", "Min", low, "Max", min(high, top))
		case n > top:
			f.Add(at, "setting.session_longer", "Max", top)
		}
	}
	shorter(at+".idle_minutes", l.IdleMinutes, was.IdleMinutes, MinIdleMinutes, MaxIdleMinutes, policy.IdleMinutes)
	shorter(at+".absolute_hours", l.AbsoluteHours, was.AbsoluteHours, MinAbsoluteHours, MaxAbsoluteHours, policy.AbsoluteHours)
}
