package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"habilis/internal/preference"
	"habilis/internal/setting"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// preferenceFields is the part of a form that asks for settings.
type preferenceFields struct {
	Form      preferenceForm
	Personal  bool // each part is asked for: inherited, or one's own
	Inherited setting.Personal
	Policy    setting.SessionLength // beyond which no session lasts
	Parts     []setting.Part
	Alerts    []alertField
	Errors    map[string]string
}

// alertField is one alert, the sites that may be chosen for it, and those that were and count no more.
type alertField struct {
	Alert string
	Sites []preference.SiteRef
	Left  []preference.SiteRef
}

// whose asks whether a part is inherited, or one's own.
func (w preferenceFields) whose(t *text.Printer, part setting.Part) ui.GroupProps {
	own, said := w.Form.Mine[string(part)], strings.Join(partWords(t, string(part), w.Inherited), between)
	return ui.GroupProps{
		Name: fieldMine + string(part), Legend: t.T("preference.part." + string(part)), Heading: true,
		Choices: []ui.Choice{
			{Value: answerNo, Label: t.T("preference.as_organization"), Hint: said, Chosen: !own},
			{Value: answerYes, Label: t.T("preference.personalise"), Chosen: own},
		},
	}
}

// section is the same part of what the organisation sets for all.
func (w preferenceFields) section(t *text.Printer, part setting.Part) ui.GroupProps {
	return ui.GroupProps{ID: fieldMine + string(part), Legend: t.T("preference.part." + string(part)), Heading: true}
}

// chosen is a list of words with keys that begin so.
func chosen[T ~string](t *text.Printer, prefix string, list []T) []ui.Option {
	options := make([]ui.Option, 0, len(list))
	for _, value := range list {
		options = append(options, ui.Option{Value: string(value), Label: t.T(prefix + string(value))})
	}
	return options
}

func (w preferenceFields) language(t *text.Printer) ui.SelectProps {
	return ui.SelectProps{
		Name: fieldLanguage, Label: t.T("preference.field.language"), Hint: t.T("preference.field.language_hint"),
		Value: w.Form.Language, Options: chosen(t, "preference.language.", setting.Languages), Error: w.Errors[fieldLanguage],
	}
}

// calendar are the lists of how a calendar is shown.
func (w preferenceFields) calendar(t *text.Printer) []ui.SelectProps {
	list := []ui.SelectProps{
		{Name: fieldView, Value: w.Form.View, Options: chosen(t, "settings.view.", setting.CalendarViews)},
		{Name: fieldFirstDay, Value: w.Form.FirstDay, Options: chosen(t, "settings.day.", setting.FirstDays)},
		{Name: fieldDayStart, Value: w.Form.DayStart, Options: clocks(t, w.Form.DayStart, 0)},
		{Name: fieldDayEnd, Value: w.Form.DayEnd, Options: clocks(t, w.Form.DayEnd, clockStep)},
		{Name: fieldSlot, Value: w.Form.Slot},
	}
	slots := &list[len(list)-1]
	for _, n := range setting.Slots {
		slots.Options = append(slots.Options, ui.Option{Value: strconv.Itoa(n), Label: t.T("preference.slot", "Count", n)})
	}
	for i := range list {
		list[i].Label, list[i].Error = t.T("preference.field."+list[i].Name), w.Errors[list[i].Name]
	}
	return list
}

// clockStep is between the times that a list offers.
const clockStep setting.Clock = 30

// clocks are the times of a day from one on, and the one in force.
func clocks(t *text.Printer, current string, from setting.Clock) []ui.Option {
	var times []setting.Clock
	for c := from; c < from+setting.EndOfDay; c += clockStep {
		times = append(times, c)
	}
	if c, ok := setting.ParseClock(current); ok && !slices.Contains(times, c) {
		times = append(times, c)
		slices.Sort(times)
	}
	options := make([]ui.Option, 0, len(times))
	for _, c := range times {
		options = append(options, ui.Option{Value: c.String(), Label: clock(t, c)})
	}
	return options
}

// hours are the fields of the days.
func (w preferenceFields) hours(t *text.Printer) []ui.FieldProps {
	fields := make([]ui.FieldProps, 0, len(setting.Weekdays))
	for _, d := range setting.Weekdays {
		fields = append(fields, ui.FieldProps{
			ID: string(setting.PartWorkingHours) + "." + string(d), Name: fieldHours + string(d), Label: dayName(t, d), Free: true,
			Value: w.Form.Hours[string(d)], Error: w.Errors[string(setting.PartWorkingHours)+"."+string(d)],
		})
	}
	return fields
}

// What is offered below the policy: minutes without activity, and hours.
var (
	idleChoices = []int{5, 10, 15, 20}
	hourChoices = []int{1, 2, 4, 8, 10}
)

// session are the lists of how long sessions last: what the policy lets, or less.
func (w preferenceFields) session(t *text.Printer) []ui.SelectProps {
	list := []ui.SelectProps{
		{Name: fieldSessIdle, Value: w.Form.Idle, Options: shorter(t, "idle", w.Form.Idle, w.Policy.IdleMinutes, idleChoices...)},
		{Name: fieldSessHours, Value: w.Form.Absolute, Options: shorter(t, "absolute", w.Form.Absolute, w.Policy.AbsoluteHours, hourChoices...)},
	}
	for i := range list {
		list[i].Label, list[i].Error = t.T("preference.field."+list[i].Name), w.Errors[list[i].Name]
	}
	return list
}

// shorter offers the policy's own number, as 0, and those below it.
func shorter(t *text.Printer, key, current string, policy int, values ...int) []ui.Option {
	options := []ui.Option{{Value: "0", Label: t.T("preference.as_policy", "Time", t.T("policy.unit."+key, "Count", policy))}}
	for _, n := range withCurrent(current, values...) {
		if n > 0 && (n < policy || strconv.Itoa(n) == current) {
			options = append(options, ui.Option{Value: strconv.Itoa(n), Label: t.T("policy.unit."+key, "Count", n)})
		}
	}
	return options
}

// way asks how an alert is told.
func (w preferenceFields) way(t *text.Printer, a alertField) ui.SelectProps {
	s := ui.SelectProps{Name: fieldAlertWay + a.Alert, Label: t.T("settings.alert." + a.Alert), Value: w.Form.Alerts[a.Alert].Way}
	if w.Personal {
		said := strings.Join(partWords(t, alertPart+a.Alert, w.Inherited), "")
		s.Options = append(s.Options, ui.Option{Value: wayInherited, Label: t.T("preference.by.inherited", "By", said)})
	}
	s.Options = append(s.Options, chosen(t, "preference.by.", ways)...)
	if !w.narrows(a) {
		s.ID, s.Hint, s.Error = alertPart+a.Alert, t.T("preference.alert_hint."+a.Alert), w.Errors[alertPart+a.Alert]
		return s
	}
	s.Label = t.T("preference.field.way")
	return s
}

// narrows reports whether an alert may be narrowed to some sites, or was.
func (w preferenceFields) narrows(a alertField) bool {
	return w.Personal && (len(a.Sites) > 1 || len(a.Left) > 0)
}

func (w preferenceFields) alert(t *text.Printer, a alertField) ui.GroupProps {
	return ui.GroupProps{
		ID: alertPart + a.Alert, Legend: t.T("settings.alert." + a.Alert), Hint: t.T("preference.alert_hint." + a.Alert),
		Error: w.Errors[alertPart+a.Alert],
	}
}

// where asks about which sites.
func (w preferenceFields) where(t *text.Printer, a alertField) ui.SelectProps {
	s := ui.SelectProps{
		Name: fieldAlertWhere + a.Alert, Label: t.T("preference.field.where"), Value: answerAll,
		Options: []ui.Option{{Value: answerAll, Label: t.T("preference.where_all")}, {Value: answerOther, Label: t.T("preference.where_some")}},
	}
	if w.Form.Alerts[a.Alert].Some {
		s.Value = answerOther
	}
	return s
}

func (w preferenceFields) sites(t *text.Printer, a alertField) ui.GroupProps {
	g := ui.GroupProps{ID: fieldAlertSite + a.Alert, Name: fieldAlertSite + a.Alert, Legend: t.T("preference.field.sites")}
	for _, s := range a.Sites {
		id := s.ID.String()
		g.Choices = append(g.Choices, ui.Choice{Value: id, Label: s.Name, Chosen: slices.Contains(w.Form.Alerts[a.Alert].Sites, id)})
	}
	for _, s := range a.Left {
		id := s.ID.String()
		name := cmp.Or(s.Name, t.T("preference.site_other"))
		g.Choices = append(g.Choices, ui.Choice{
			Value: id, Label: t.T("preference.site_left", "Name", name), Chosen: slices.Contains(w.Form.Alerts[a.Alert].Sites, id),
		})
		g.Hint = t.T("preference.site_left_hint")
	}
	return g
}
