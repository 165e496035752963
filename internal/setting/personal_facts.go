package setting

import "unicode/utf8"

// Facts are some parts as the trail keeps them.
func (p Personal) Facts(parts ...Part) map[string]any {
	out := map[string]any{}
	for _, part := range parts {
		p.fact(out, part)
	}
	return out
}

func (p Personal) fact(out map[string]any, part Part) {
	switch part {
	case PartLanguage:
		out["settings_language"] = string(p.Language)
	case PartCalendar:
		out["settings_calendar"] = map[string]any{
			"calendar_view": string(p.Calendar.View), "first_day": string(p.Calendar.FirstDay), "slot_minutes": p.Calendar.SlotMinutes,
			"day_range": Range{p.Calendar.DayStart, p.Calendar.DayEnd}.String(), "weekends": p.Calendar.Weekends,
		}
	case PartWorkingHours:
		out["settings_working_hours"] = p.WorkingHours.facts()
	case PartNotifications:
		for _, a := range Alerts {
			out["settings_alert_"+string(a)] = p.Notifications[a].code()
		}
	case PartSignature:
		// Who was read in a signature stays in no trail: that it changed, and how long it is.
		out["settings_signature"] = map[string]any{"characters": utf8.RuneCountInString(p.Signature)}
	case PartSession:
		out["settings_idle_minutes"], out["settings_absolute_hours"] = p.Session.IdleMinutes, p.Session.AbsoluteHours
	}
}

// facts are the days on which somebody works.
func (h WorkingHours) facts() []any {
	days := []any{}
	for _, d := range Weekdays {
		ranges := make([]string, len(h[d]))
		for i, r := range h[d] {
			ranges[i] = r.String()
		}
		if len(ranges) > 0 {
			days = append(days, map[string]any{"weekday": string(d), "hours": ranges})
		}
	}
	return days
}

// String is "08:30–12:00".
func (r Range) String() string { return r.From.String() + "–" + r.To.String() }

// code names the channels in one word.
func (c Channels) code() string {
	switch c {
	case Channels{Email: true, Inside: true}:
		return "email_inside"
	case Channels{Email: true}:
		return "email"
	case Channels{Inside: true}:
		return "inside"
	}
	return "none"
}
