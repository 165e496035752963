package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/preference"
	"habilis/internal/setting"
	"habilis/internal/text"
)

// preferenceForm is settings as typed: of a member, of the organisation for all its members, or
// of somebody who is being created.
type preferenceForm struct {
	Mine map[string]bool `json:"mine,omitempty"` // the parts that are one's own, but the alerts

	Language  string            `json:"language,omitempty"`
	View      string            `json:"view,omitempty"`
	FirstDay  string            `json:"first_day,omitempty"`
	DayStart  string            `json:"day_start,omitempty"`
	DayEnd    string            `json:"day_end,omitempty"`
	Slot      string            `json:"slot,omitempty"`
	Weekends  bool              `json:"weekends,omitempty"`
	Hours     map[string]string `json:"hours,omitempty"` // by day, as people write them
	Signature string            `json:"signature,omitempty"`
	Idle      string            `json:"idle,omitempty"`
	Absolute  string            `json:"absolute,omitempty"`

	Alerts map[string]alertForm `json:"alerts,omitempty"` // those that the form shows
}

// alertForm is how one alert is told, and about which sites.
type alertForm struct {
	Way   string   `json:"way,omitempty"`
	Some  bool     `json:"some,omitempty"` // about some sites only
	Sites []string `json:"sites,omitempty"`
}

// What begins the names of the fields; those of a part follow.
const (
	fieldMine       = "mine."  // own, or inherited
	fieldHours      = "hours." // of a day
	fieldAlertWay   = "way."   // of an alert
	fieldAlertWhere = "where." // all sites, or some
	fieldAlertSite  = "site."  // the sites
)

// The fields of the parts.
const (
	fieldView      = "calendar.view"
	fieldFirstDay  = "calendar.first_day"
	fieldDayStart  = "calendar.day_start"
	fieldDayEnd    = "calendar.day_end"
	fieldSlot      = "calendar.slot_minutes"
	fieldWeekends  = "calendar.weekends"
	fieldSignature = "signature"
	fieldSessIdle  = "session.idle_minutes"
	fieldSessHours = "session.absolute_hours"
)

// The answers that show what depends on them (app.css, .ask).
const (
	answerYes   = "yes"
	answerNo    = "no"
	answerOther = "other"
	answerAll   = "all"
)

// preferenceFormOf writes settings as the form shows them.
func preferenceFormOf(t *text.Printer, p setting.Personal) preferenceForm {
	f := preferenceForm{
		Mine: map[string]bool{}, Language: string(p.Language), View: string(p.Calendar.View), FirstDay: string(p.Calendar.FirstDay),
		DayStart: p.Calendar.DayStart.String(), DayEnd: p.Calendar.DayEnd.String(), Slot: strconv.Itoa(p.Calendar.SlotMinutes),
		Weekends: p.Calendar.Weekends, Hours: map[string]string{}, Signature: p.Signature,
		Idle: strconv.Itoa(p.Session.IdleMinutes), Absolute: strconv.Itoa(p.Session.AbsoluteHours), Alerts: map[string]alertForm{},
	}
	for _, d := range setting.Weekdays {
		f.Hours[string(d)] = rangesWords(t, p.WorkingHours[d])
	}
	for _, a := range setting.Alerts {
		f.Alerts[string(a)] = alertForm{Way: wayOf(p.Notifications[a])}
	}
	return f
}

// ownFormOf writes what is somebody's own, over what they inherit.
func ownFormOf(t *text.Printer, o preference.Own, inherited setting.Personal) preferenceForm {
	f := preferenceFormOf(t, o.Over(inherited).Personal)
	for _, p := range setting.Parts {
		f.Mine[string(p)] = o.Has(p)
	}
	for _, a := range setting.Alerts {
		one := alertForm{Way: wayInherited}
		if s, own := o.Notifications[a]; own {
			one = alertForm{Way: wayOf(s.Channels), Some: len(s.Sites) > 0}
			for _, site := range s.Sites {
				one.Sites = append(one.Sites, site.String())
			}
		}
		f.Alerts[string(a)] = one
	}
	return f
}

// typedPreferences reads the form.
func typedPreferences(form url.Values) preferenceForm {
	f := preferenceForm{
		Mine: map[string]bool{}, Language: form.Get(fieldLanguage), View: form.Get(fieldView), FirstDay: form.Get(fieldFirstDay),
		DayStart: form.Get(fieldDayStart), DayEnd: form.Get(fieldDayEnd), Slot: form.Get(fieldSlot), Weekends: form.Get(fieldWeekends) != "",
		Hours: map[string]string{}, Signature: form.Get(fieldSignature), Idle: form.Get(fieldSessIdle), Absolute: form.Get(fieldSessHours),
		Alerts: map[string]alertForm{},
	}
	for _, p := range setting.Parts {
		f.Mine[string(p)] = form.Get(fieldMine+string(p)) == answerYes
	}
	for _, d := range setting.Weekdays {
		f.Hours[string(d)] = form.Get(fieldHours + string(d))
	}
	for _, a := range setting.Alerts {
		if form.Has(fieldAlertWay + string(a)) {
			f.Alerts[string(a)] = alertForm{
				Way: form.Get(fieldAlertWay + string(a)), Sites: form[fieldAlertSite+string(a)],
				Some: form.Get(fieldAlertWhere+string(a)) == answerOther,
			}
		}
	}
	return f
}

// own reads what the form makes somebody's own. An alert that the form did not show stays as it
// is in was. Errors: fields to correct.
func (f preferenceForm) own(was preference.Own, inherited setting.Personal) (preference.Own, error) {
	var wrong fault.Fields
	o := preference.Own{Notifications: map[setting.Alert]preference.Subscription{}}
	if f.Mine[string(setting.PartLanguage)] {
		o.Language = new(setting.Language(f.Language))
	}
	if f.Mine[string(setting.PartCalendar)] {
		o.Calendar = new(f.calendar(&wrong))
	}
	if f.Mine[string(setting.PartWorkingHours)] {
		o.WorkingHours = new(f.workingHours(&wrong))
	}
	if f.Mine[string(setting.PartSignature)] {
		o.Signature = new(f.signature())
	}
	if f.Mine[string(setting.PartSession)] {
		o.Session = new(f.session())
	}
	for _, a := range setting.Alerts {
		s, own := was.Notifications[a]
		if typed, shown := f.Alerts[string(a)]; shown {
			s, own = typed.subscription(&wrong, string(a), inherited.Notifications[a])
		}
		if own {
			o.Notifications[a] = s
		}
	}
	return o, wrong.Err()
}

// personal reads what the form sets for all. Errors: fields to correct.
func (f preferenceForm) personal() (setting.Personal, error) {
	var wrong fault.Fields
	p := setting.Personal{
		Language: setting.Language(f.Language), Calendar: f.calendar(&wrong), WorkingHours: f.workingHours(&wrong), Signature: f.signature(),
		Session: f.session(), Notifications: map[setting.Alert]setting.Channels{},
	}
	for alert, typed := range f.Alerts {
		on, known := channels[typed.Way]
		if !known {
			wrong.Add(alertPart+alert, "web.alert_way")
		}
		p.Notifications[setting.Alert(alert)] = on
	}
	return p, wrong.Err()
}

func (f preferenceForm) calendar(wrong *fault.Fields) setting.Calendar {
	c := setting.Calendar{
		View: setting.CalendarView(f.View), FirstDay: setting.Weekday(f.FirstDay), SlotMinutes: wholeNumber(f.Slot), Weekends: f.Weekends,
	}
	var start, end bool
	c.DayStart, start = setting.ParseClock(f.DayStart)
	if c.DayEnd, end = setting.ParseClock(f.DayEnd); !start || !end {
		wrong.Add(fieldDayEnd, "setting.day_order")
	}
	return c
}

func (f preferenceForm) workingHours(wrong *fault.Fields) setting.WorkingHours {
	h := setting.WorkingHours{}
	for _, d := range setting.Weekdays {
		ranges, ok := parseRanges(f.Hours[string(d)])
		switch {
		case !ok:
			wrong.Add(string(setting.PartWorkingHours)+"."+string(d), "web.hours_unreadable")
		case len(ranges) > 0:
			h[d] = ranges
		}
	}
	return h
}

// signature is the text with the line breaks that settings have: a browser sends others.
func (f preferenceForm) signature() string {
	return strings.TrimSpace(strings.ReplaceAll(f.Signature, "\r\n", "\n"))
}

func (f preferenceForm) session() setting.SessionLength {
	return setting.SessionLength{IdleMinutes: wholeNumber(f.Idle), AbsoluteHours: wholeNumber(f.Absolute)}
}

// subscription reads one alert; whoever narrows it to some sites has it of their own.
func (a alertForm) subscription(wrong *fault.Fields, alert string, inherited setting.Channels) (preference.Subscription, bool) {
	on, known := channels[a.Way]
	switch {
	case a.Way == wayInherited:
		on = inherited
	case !known:
		wrong.Add(alertPart+alert, "web.alert_way")
	}
	s := preference.Subscription{Channels: on}
	if a.Some {
		if len(a.Sites) == 0 {
			wrong.Add(alertPart+alert, "web.alert_sites")
		}
		for _, site := range slices.Sorted(slices.Values(a.Sites)) {
			s.Sites = append(s.Sites, ident.Site(site))
		}
	}
	return s, a.Way != wayInherited || a.Some
}
