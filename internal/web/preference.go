package web

import (
	"net/http"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/preference"
	"habilis/internal/setting"
	"habilis/internal/web/ui"
)

// What somebody has for themself in an organisation: theirs, or the organisation's (CHG-3). The
// pages are those of a member's sheet, and the person's own.
var preferenceRoutes = []route{
	{"GET /o/{org}/members/{member}/settings", within, (*visit).preferences},
	{"GET /o/{org}/members/{member}/settings/edit", within, (*visit).preferenceForm},
	{"POST /o/{org}/members/{member}/settings/edit", within, (*visit).savePreferences},
	{"POST /o/{org}/members/{member}/settings/give-back", within, (*visit).giveBackPreference},
	{"POST /o/{org}/members/{member}/settings/undo", within, (*visit).undoPreferences},
	{"GET /o/{org}/me/settings", within, (*visit).preferences},
	{"GET /o/{org}/me/settings/edit", within, (*visit).preferenceForm},
	{"POST /o/{org}/me/settings/edit", within, (*visit).savePreferences},
	{"POST /o/{org}/me/settings/give-back", within, (*visit).giveBackPreference},
	{"POST /o/{org}/me/settings/undo", within, (*visit).undoPreferences},
}

const onSheet = "/settings" // of the sheet of a member

// settled is whose settings an address names, as they are.
type settled struct {
	preference.Sheet

	Base string // address of the page
	At   string // the page of the side column
	Mine bool   // the pages of «Mes paramètres»
}

// settled reads them: of the member of the address, or of whoever looks.
func (v *visit) settled() (s settled, err error) {
	of := v.held.Member
	s = settled{Base: v.at(atPreferences), At: atPreferences, Mine: true}
	if named := v.PathValue("member"); named != "" {
		if of, err = ident.ParseMember(named); err != nil {
			return s, errPage
		}
		s = settled{Base: v.sheetPath(of) + onSheet, At: atMembers}
	}
	if of.IsZero() {
		return s, errPage
	}
	s.Sheet, err = v.s.Preferences.Get(v.Context(), v.by, v.org.ID, of)
	return s, err
}

// preferenceView is what the page shows.
type preferenceView struct {
	Mine  bool
	Hero  ui.HeroProps
	Chip  ui.ChipProps
	Tabs  ui.TabsProps
	Crumb string
	Back  string
	Edit  string // address of the form; empty: they are only looked at
	Cards []preferenceCard
	Fewer bool // some alerts are left out: the person lacks their right
}

// preferenceCard is some of the parts.
type preferenceCard struct {
	ID, Title string
	Facts     []ui.Fact
}

func (v *visit) preferences() error {
	s, err := v.settled()
	if err != nil {
		return err
	}
	view := preferenceView{Mine: s.Mine, Cards: v.preferenceCards(s)}
	view.Fewer = slices.ContainsFunc(s.Alerts, func(a preference.AlertRow) bool { return !a.Holds })
	if s.MayEdit {
		view.Edit = s.Base + "/edit"
	}
	title := v.t.T("preference.mine")
	if !s.Mine {
		title = v.t.T("preference.of", "Name", s.Name)
		if err := v.headPreferences(&view, s); err != nil {
			return err
		}
	}
	p, err := v.orgFrame(title, s.At)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, PreferencesPage(p, view))
}

// headPreferences puts the plaque of the sheet and its strip above the settings of a member.
func (v *visit) headPreferences(view *preferenceView, s settled) error {
	m, err := v.s.Members.Get(v.Context(), v.by, v.org.ID, s.Member)
	if err != nil {
		return err
	}
	view.Hero = ui.HeroProps{Above: v.occupation(m.Member), Name: called(m.Member), Below: v.below(m), Enamel: ui.Enamel(v.org.Enamel)}
	view.Chip = v.withDeparture(v.withPlan(v.status(m.Member, m.Invitation), m.Planned), m.Departure).Chip
	view.Tabs = v.sheetTabs(m, onSheet)
	view.Crumb, view.Back = v.t.T("web.home"), v.at(atHome)
	if v.held.HasAnywhere(access.MembersRead) {
		view.Crumb, view.Back = v.t.T("members.title"), v.at(atMembers)
	}
	return nil
}

// sheetTabs is the strip of the pages of a sheet; at is the end of the address of the one shown.
func (v *visit) sheetTabs(s member.Sheet, at string) ui.TabsProps {
	base := v.sheetPath(s.ID)
	tabs := ui.TabsProps{Label: v.t.T("member.tabs", "Name", s.Name()), Pages: true}
	for _, page := range [][2]string{{"member.summary", ""}, {"preference.title", onSheet}} {
		tabs.Items = append(tabs.Items, ui.Tab{Label: v.t.T(page[0]), Href: base + page[1], Current: page[1] == at})
	}
	return tabs
}

// The cards: how things look, what is written, what is told, how long one stays in.
const (
	cardDisplay = "display"
	cardWritten = "signature"
	cardAlerts  = "alerts"
	cardSession = "session"
)

func cardOf(part string) string {
	switch {
	case strings.HasPrefix(part, alertPart):
		return cardAlerts
	case part == string(setting.PartSignature):
		return cardWritten
	case part == string(setting.PartSession):
		return cardSession
	}
	return cardDisplay
}

func (v *visit) preferenceCards(s settled) (cards []preferenceCard) {
	for _, id := range []string{cardDisplay, cardWritten, cardAlerts, cardSession} {
		c := preferenceCard{ID: id, Title: v.t.T("preference.card." + id)}
		for _, part := range partsOf(s.Sheet) {
			if cardOf(part) == id {
				c.Facts = append(c.Facts, v.preferenceFact(s, part))
			}
		}
		if len(c.Facts) > 0 {
			cards = append(cards, c)
		}
	}
	return cards
}

// preferenceFact says one part: what holds, whose it is, and how it is given back.
func (v *visit) preferenceFact(s settled, part string) ui.Fact {
	own := hasOwn(s.Own, part)
	line := preferenceWords{Lines: partWords(v.t, part, s.Effective.Personal)}
	switch alert, is := strings.CutPrefix(part, alertPart); {
	case is:
		line.Small = v.alertSites(s.Sheet, setting.Alert(alert))
	case part == string(setting.PartCalendar):
		line.Small = line.Lines[1:]
		line.Lines = line.Lines[:1]
	case part == string(setting.PartSession):
		line = v.sessionHolds(s)
	}
	if own && s.MayEdit {
		line.Back = &ui.PostProps{
			Action: s.Base + "/give-back",
			Hidden: []ui.Hidden{{Name: "part", Value: part}, {Name: fieldVersion, Value: version(s.Version)}},
			Button: ui.ButtonProps{Small: true, Label: v.t.T("preference.give_back"), Hidden: v.t.T("preference.for", "Part", partName(v.t, part))},
		}
	}
	return ui.Fact{Term: partName(v.t, part), Content: PreferenceWords(line), Aside: v.ownTag(own)}
}

// preferenceWords is a part in words, with the button that gives it back.
type preferenceWords struct {
	Lines []string
	Small []string
	Back  *ui.PostProps
}

// alertSites names the sites to which an alert was narrowed, on one line.
func (v *visit) alertSites(s preference.Sheet, alert setting.Alert) []string {
	var names []string
	for _, row := range s.Alerts {
		for _, site := range row.Sites {
			if row.Alert == alert && slices.Contains(row.Chosen, site.ID) {
				names = append(names, site.Name)
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []string{v.t.List(names)}
}

// sessionHolds says how long sessions last: no longer than the security policy lets them.
func (v *visit) sessionHolds(s settled) preferenceWords {
	own := s.Effective.Session
	holds := own.Within(setting.Security{IdleMinutes: s.Policy.IdleMinutes, AbsoluteHours: s.Policy.AbsoluteHours})
	said := sessionWords(v.t, setting.SessionLength{IdleMinutes: holds.IdleMinutes, AbsoluteHours: holds.AbsoluteHours})
	line := preferenceWords{Lines: []string{said}}
	switch {
	case own == (setting.SessionLength{}):
		line.Small = []string{v.t.T("preference.session_policy")}
	case own.IdleMinutes > s.Policy.IdleMinutes, own.AbsoluteHours > s.Policy.AbsoluteHours:
		line.Small = []string{v.t.T("preference.session_stricter")}
	}
	return line
}

// preferencesCard is the card of the settings on the sheet of a member: the main ones.
func (v *visit) preferencesCard(s member.Sheet) ([]ui.Fact, error) {
	if s.Status == member.Left {
		return nil, nil
	}
	sheet, err := v.s.Preferences.Get(v.Context(), v.by, v.org.ID, s.ID)
	if err != nil {
		return nil, err
	}
	var facts []ui.Fact
	for _, part := range []setting.Part{setting.PartLanguage, setting.PartCalendar, setting.PartSession} {
		if part == setting.PartSession && !sheet.MayEdit {
			continue
		}
		said := partLine(v, string(part), sheet.Effective.Personal)
		if part == setting.PartCalendar {
			said = partWords(v.t, string(part), sheet.Effective.Personal)[0]
		}
		facts = append(facts, ui.Fact{Term: partName(v.t, string(part)), Value: said, Aside: v.ownTag(sheet.Own.Has(part))})
	}
	if sheet.MayEdit {
		facts = append(facts, v.alertsFact(sheet))
	}
	return facts, nil
}

// alertsFact counts the alerts that are not as the organisation sets them.
func (v *visit) alertsFact(s preference.Sheet) ui.Fact {
	told, own := 0, 0
	for _, a := range s.Alerts {
		if a.Holds && !a.On.None() {
			told++
		}
		if a.Holds && a.Own {
			own++
		}
	}
	return ui.Fact{
		Term: v.t.T("preference.card." + cardAlerts), Value: v.t.T("preference.alerts_told", "Count", told), Aside: v.ownTag(own > 0),
	}
}
