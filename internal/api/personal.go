package api

import (
	"maps"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/ident"
	"habilis/internal/preference"
	"habilis/internal/setting"
)

// The types of this file write the closed lists of the settings of members into the schemas.
type (
	settingLanguage string
	calendarView    string
	weekFirstDay    string
	timeOfDay       string
	alertCode       string
	settingPart     string
)

const clockPattern = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"

// Schema lists the languages, and that of the account.
func (settingLanguage) Schema(huma.Registry) *huma.Schema { return oneOf(setting.Languages) }

// Schema lists what a calendar may show.
func (calendarView) Schema(huma.Registry) *huma.Schema { return oneOf(setting.CalendarViews) }

// Schema lists the days on which a week may begin.
func (weekFirstDay) Schema(huma.Registry) *huma.Schema { return oneOf(setting.FirstDays) }

// Schema tells the shape of a time of day.
func (timeOfDay) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: clockPattern, Examples: []any{"08:30"}}
}

// Schema lists the alerts.
func (alertCode) Schema(huma.Registry) *huma.Schema { return oneOf(setting.Alerts) }

// Schema lists the settings.
func (settingPart) Schema(huma.Registry) *huma.Schema { return oneOf(setting.Parts) }

func (t timeOfDay) clock() setting.Clock {
	c, _ := setting.ParseClock(string(t)) // the schema has checked its shape
	return c
}

// CalendarSettings is how a calendar is shown.
type CalendarSettings struct {
	View        calendarView `json:"view"`
	FirstDay    weekFirstDay `json:"first_day"`
	DayStart    timeOfDay    `json:"day_start"`
	DayEnd      timeOfDay    `json:"day_end"`
	SlotMinutes int          `json:"slot_minutes" enum:"5,10,15,20,30,60"`
	Weekends    bool         `json:"weekends" doc:"They are shown too."`
}

// WorkingRange is some hours of a day.
type WorkingRange struct {
	From timeOfDay `json:"from"`
	To   timeOfDay `json:"to"`
}

// AlertChannels are the ways by which somebody is told.
type AlertChannels struct {
	Email  bool `json:"email"`
	Inside bool `json:"inside" doc:"A notice in Habilis."`
}

// SessionLimits is how long sessions last.
type SessionLimits struct {
	IdleMinutes   int `json:"idle_minutes" minimum:"0" maximum:"30" doc:"0: as the security policy says."`
	AbsoluteHours int `json:"absolute_hours" minimum:"0" maximum:"12" doc:"0: as the security policy says."`
}

// PersonalSettings is what a member has for themself, or what their organisation sets for all.
type PersonalSettings struct {
	Language      settingLanguage           `json:"language" doc:"Of the pages and letters of the organisation; account: that of the person's account."` //nolint:lll // a tag is one literal
	Calendar      CalendarSettings          `json:"calendar"`
	WorkingHours  map[string][]WorkingRange `json:"working_hours" doc:"By day, monday to sunday; a day that is missing has none."`
	Signature     string                    `json:"signature" doc:"Plain text; its lines are apart by line feeds."`
	Notifications map[string]AlertChannels  `json:"notifications,omitempty" doc:"By alert. Of a member: for themself, and for whoever may edit them."` //nolint:lll // a tag is one literal
	Session       *SessionLimits            `json:"session,omitempty" doc:"Never longer than the security policy. Of a member: as notifications."`     //nolint:lll // a tag is one literal
}

func personalOf(p setting.Personal, whole bool) PersonalSettings {
	out := PersonalSettings{
		Language: settingLanguage(p.Language), Signature: p.Signature, WorkingHours: hoursOf(p.WorkingHours),
		Calendar: CalendarSettings{
			calendarView(p.Calendar.View), weekFirstDay(p.Calendar.FirstDay), timeOfDay(p.Calendar.DayStart.String()),
			timeOfDay(p.Calendar.DayEnd.String()), p.Calendar.SlotMinutes, p.Calendar.Weekends,
		},
	}
	if !whole {
		return out
	}
	out.Session = &SessionLimits{p.Session.IdleMinutes, p.Session.AbsoluteHours}
	out.Notifications = make(map[string]AlertChannels, len(p.Notifications))
	for a, c := range p.Notifications {
		out.Notifications[string(a)] = AlertChannels{c.Email, c.Inside}
	}
	return out
}

func hoursOf(h setting.WorkingHours) map[string][]WorkingRange {
	out := make(map[string][]WorkingRange, len(h))
	for day, ranges := range h {
		for _, r := range ranges {
			out[string(day)] = append(out[string(day)], WorkingRange{timeOfDay(r.From.String()), timeOfDay(r.To.String())})
		}
	}
	return out
}

func (c CalendarSettings) calendar() setting.Calendar {
	return setting.Calendar{
		View: setting.CalendarView(c.View), FirstDay: setting.Weekday(c.FirstDay), DayStart: c.DayStart.clock(), DayEnd: c.DayEnd.clock(),
		SlotMinutes: c.SlotMinutes, Weekends: c.Weekends,
	}
}

func workingHours(days map[string][]WorkingRange) setting.WorkingHours {
	h := make(setting.WorkingHours, len(days))
	for day, ranges := range days {
		list := make([]setting.Range, len(ranges))
		for i, r := range ranges {
			list[i] = setting.Range{From: r.From.clock(), To: r.To.clock()}
		}
		h[setting.Weekday(day)] = list
	}
	return h
}

func (l SessionLimits) length() setting.SessionLength { return setting.SessionLength(l) }

// personalChange changes what an organisation sets: what is left out stays as it is.
type personalChange struct {
	Language      *settingLanguage          `json:"language,omitempty"`
	Calendar      *CalendarSettings         `json:"calendar,omitempty"`
	WorkingHours  map[string][]WorkingRange `json:"working_hours,omitempty" doc:"All days together."`
	Signature     *string                   `json:"signature,omitempty"`
	Notifications map[string]channelsChange `json:"notifications,omitempty" doc:"The alerts to change."`
	Session       *SessionLimits            `json:"session,omitempty"`
}

func (b personalChange) onto(p setting.Personal) setting.Personal {
	p.Language = or(b.Language, p.Language)
	p.Signature = or(b.Signature, p.Signature)
	if b.Calendar != nil {
		p.Calendar = b.Calendar.calendar()
	}
	if b.WorkingHours != nil {
		p.WorkingHours = workingHours(b.WorkingHours)
	}
	if b.Session != nil {
		p.Session = b.Session.length()
	}
	p.Notifications = maps.Clone(p.Notifications)
	for a, c := range b.Notifications {
		was := p.Notifications[setting.Alert(a)]
		p.Notifications[setting.Alert(a)] = setting.Channels{Email: orSame(c.Email, was.Email), Inside: orSame(c.Inside, was.Inside)}
	}
	return p
}

// memberPersonalChange changes what a member has of their own; null gives a setting back.
type memberPersonalChange struct {
	Language      absent[settingLanguage]           `json:"language,omitzero"`
	Calendar      absent[CalendarSettings]          `json:"calendar,omitzero"`
	WorkingHours  absent[map[string][]WorkingRange] `json:"working_hours,omitzero" doc:"All days together."`
	Signature     absent[string]                    `json:"signature,omitzero"`
	Session       absent[SessionLimits]             `json:"session,omitzero"`
	Notifications absent[map[string]alertChange]    `json:"notifications,omitzero" doc:"The alerts to change; null gives all of them back."`
}

// alertChange changes one alert of a member: what is left out stays as it holds for them.
type alertChange struct {
	Inherited bool     `json:"inherited,omitempty" doc:"Gives the alert back; the rest is then left out."`
	Email     *bool    `json:"email,omitempty"`
	Inside    *bool    `json:"inside,omitempty" doc:"A notice in Habilis."`
	Sites     []siteID `json:"sites,omitempty" maxItems:"100" doc:"An empty list: wherever the member holds the right of the alert."`
}

// channelsChange changes what an organisation sets of one alert: what is left out stays as it is.
type channelsChange struct {
	Email  *bool `json:"email,omitempty"`
	Inside *bool `json:"inside,omitempty" doc:"A notice in Habilis."`
}

func (b memberPersonalChange) edit() preference.Edit {
	e := preference.Edit{
		Language:     changed(b.Language, func(l settingLanguage) setting.Language { return setting.Language(l) }),
		Calendar:     changed(b.Calendar, CalendarSettings.calendar),
		WorkingHours: changed(b.WorkingHours, workingHours),
		Signature:    changed(b.Signature, func(s string) string { return s }),
		Session:      changed(b.Session, SessionLimits.length),
	}
	if !b.Notifications.given {
		return e
	}
	if b.Notifications.value == nil {
		e.Notifications = map[setting.Alert]preference.Change[preference.Subscription]{}
		for _, a := range setting.Alerts {
			e.Notifications[a] = preference.Back[preference.Subscription]()
		}
		return e
	}
	changeAlerts(&e, *b.Notifications.value)
	return e
}

func changed[D, T any](a absent[D], to func(D) T) preference.Change[T] {
	switch {
	case !a.given:
		return preference.Change[T]{}
	case a.value == nil:
		return preference.Back[T]()
	}
	return preference.To(to(*a.value))
}

// changeAlerts adds the alerts that are named: given back, or some of them changed.
func changeAlerts(e *preference.Edit, named map[string]alertChange) {
	e.Notifications = map[setting.Alert]preference.Change[preference.Subscription]{}
	e.Alerts = make(map[setting.Alert]preference.AlertChange, len(named))
	for a, c := range named {
		if c.Inherited {
			e.Notifications[setting.Alert(a)] = preference.Back[preference.Subscription]()
			continue
		}
		some := preference.AlertChange{Email: c.Email, Inside: c.Inside}
		if c.Sites != nil {
			sites := make([]ident.Site, 0, len(c.Sites))
			for _, id := range c.Sites {
				sites = append(sites, ident.Site(id))
			}
			some.Sites = &sites
		}
		e.Alerts[setting.Alert(a)] = some
	}
}

// partsOf are the settings that are a member's own.
func partsOf(o preference.Own) []settingPart {
	list := []settingPart{}
	for _, p := range slices.DeleteFunc(slices.Clone(setting.Parts), func(p setting.Part) bool { return !o.Has(p) }) {
		list = append(list, settingPart(p))
	}
	return list
}

// newMemberSettings is what a member who is created has of their own.
type newMemberSettings struct {
	Language      *settingLanguage          `json:"language,omitempty"`
	Calendar      *CalendarSettings         `json:"calendar,omitempty"`
	WorkingHours  map[string][]WorkingRange `json:"working_hours,omitempty" doc:"All days together."`
	Signature     *string                   `json:"signature,omitempty"`
	Session       *SessionLimits            `json:"session,omitempty"`
	Notifications map[string]alertChange    `json:"notifications,omitempty" doc:"By alert."`
}

func (b *newMemberSettings) edit() preference.Edit {
	if b == nil {
		return preference.Edit{}
	}
	var e preference.Edit
	if b.Language != nil {
		e.Language = preference.To(setting.Language(*b.Language))
	}
	if b.Calendar != nil {
		e.Calendar = preference.To(b.Calendar.calendar())
	}
	if b.WorkingHours != nil {
		e.WorkingHours = preference.To(workingHours(b.WorkingHours))
	}
	if b.Signature != nil {
		e.Signature = preference.To(*b.Signature)
	}
	if b.Session != nil {
		e.Session = preference.To(b.Session.length())
	}
	changeAlerts(&e, b.Notifications)
	return e
}
