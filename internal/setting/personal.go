package setting

import (
	"maps"
	"slices"

	"habilis/internal/text"
)

// Personal is what each member has for themself: as the organisation sets it for all, unless
// they have their own (CHG-3; package preference).
type Personal struct {
	Language      Language           `json:"language"`
	Calendar      Calendar           `json:"calendar"`
	WorkingHours  WorkingHours       `json:"working_hours"`
	Notifications map[Alert]Channels `json:"notifications"` // of every alert
	Signature     string             `json:"signature"`     // plain text, lines apart by "\n"; empty: none
	Session       SessionLength      `json:"session"`
}

// Part is one of the settings: inherited, or one's own, as a whole; the notifications alert by
// alert.
type Part string

// The parts.
const (
	PartLanguage      Part = "language"
	PartCalendar      Part = "calendar"
	PartWorkingHours  Part = "working_hours"
	PartNotifications Part = "notifications"
	PartSignature     Part = "signature"
	PartSession       Part = "session"
)

// Parts are all of them, in the order in which they are shown.
var Parts = []Part{PartLanguage, PartCalendar, PartWorkingHours, PartNotifications, PartSignature, PartSession}

// Language is in which language a member reads what is of the organisation (ADR 0013).
type Language string

// LanguageOfAccount is the one that the person chose for their account; the others are those of
// package text.
const LanguageOfAccount Language = "account"

// Languages are those that can be chosen.
var Languages = []Language{LanguageOfAccount, Language(text.FR), Language(text.EN)}

// Or is the language, or the account's where that was chosen.
func (l Language) Or(account text.Lang) text.Lang {
	if lang, ok := text.ParseLang(string(l)); ok {
		return lang
	}
	return account
}

// CalendarView is what a calendar opens on.
type CalendarView string

// The views.
const (
	ViewDay  CalendarView = "day"
	ViewWeek CalendarView = "week"
)

// CalendarViews are those that can be chosen.
var CalendarViews = []CalendarView{ViewDay, ViewWeek}

// Calendar is how a member's calendar is shown by connected applications (MEM-6).
type Calendar struct {
	View        CalendarView `json:"view"`
	FirstDay    Weekday      `json:"first_day"`
	DayStart    Clock        `json:"day_start"`
	DayEnd      Clock        `json:"day_end"`
	SlotMinutes int          `json:"slot_minutes"`
	Weekends    bool         `json:"weekends"`
}

// FirstDays are the days on which a week may begin.
var FirstDays = []Weekday{Monday, Saturday, Sunday}

// Slots are the lengths of the lines of a calendar, in minutes.
var Slots = []int{5, 10, 15, 20, 30, 60}

// Weekday is a day of the week.
type Weekday string

// The days.
const (
	Monday    Weekday = "monday"
	Tuesday   Weekday = "tuesday"
	Wednesday Weekday = "wednesday"
	Thursday  Weekday = "thursday"
	Friday    Weekday = "friday"
	Saturday  Weekday = "saturday"
	Sunday    Weekday = "sunday"
)

// Weekdays are all of them, from Monday.
var Weekdays = []Weekday{Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday}

// WorkingHours are the ranges in which somebody works, by day, in order; a day that is missing has
// none. They say nothing of what may be done then.
type WorkingHours map[Weekday][]Range

// Range is some hours of a day, from the first to before the last.
type Range struct {
	From Clock `json:"from"`
	To   Clock `json:"to"`
}

// SessionLength is how long one's own sessions last here. 0: as long as the security policy of the
// organisation lets them; a longer one counts for nothing (rules.md 7).
type SessionLength struct {
	IdleMinutes   int `json:"idle_minutes"`
	AbsoluteHours int `json:"absolute_hours"`
}

// Within is the policy with sessions no longer than these.
func (l SessionLength) Within(s Security) Security {
	if l.IdleMinutes > 0 {
		s.IdleMinutes = min(s.IdleMinutes, l.IdleMinutes)
	}
	if l.AbsoluteHours > 0 {
		s.AbsoluteHours = min(s.AbsoluteHours, l.AbsoluteHours)
	}
	return s
}

// DefaultPersonal is what holds in an organisation that never set anything.
func DefaultPersonal() Personal {
	p := Personal{
		Language:     LanguageOfAccount,
		Calendar:     Calendar{View: ViewWeek, FirstDay: Monday, DayStart: dayStart, DayEnd: dayEnd, SlotMinutes: defaultSlot},
		WorkingHours: WorkingHours{}, Notifications: make(map[Alert]Channels, len(Alerts)),
	}
	for _, a := range Alerts {
		p.Notifications[a] = Channels{Email: true, Inside: true}
	}
	return p
}

// What a calendar shows by default.
const (
	dayStart    Clock = 8 * 60
	dayEnd      Clock = 19 * 60
	defaultSlot       = 15
)

// Differs reports which parts of two are not the same.
func (p Personal) Differs(o Personal) (parts []Part) {
	for _, d := range []struct {
		part Part
		same bool
	}{
		{PartLanguage, p.Language == o.Language},
		{PartCalendar, p.Calendar == o.Calendar},
		{PartWorkingHours, p.WorkingHours.Same(o.WorkingHours)},
		{PartNotifications, maps.Equal(p.Notifications, o.Notifications)},
		{PartSignature, p.Signature == o.Signature},
		{PartSession, p.Session == o.Session},
	} {
		if !d.same {
			parts = append(parts, d.part)
		}
	}
	return parts
}

// Same reports whether two are the same hours.
func (h WorkingHours) Same(o WorkingHours) bool {
	return !slices.ContainsFunc(Weekdays, func(d Weekday) bool { return !slices.Equal(h[d], o[d]) })
}
