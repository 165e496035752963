package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/decision"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/resource"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

var whyRoutes = []route{
	{"GET /o/{org}/access/why", within, (*visit).why},
	{"GET /o/{org}/access/records", within, (*visit).whoSees},
	{"GET /o/{org}/members/{member}/access", within, (*visit).memberAccess},
}

// atWhy is the page «Pourquoi ?».
const atWhy = "access/why"

// The names of the fields of the form: the URL is the question.
const (
	askMember = "member"
	askOn     = "on"
	askAct    = "act"
	askDate   = "date"
	askTime   = "time"
)

// whyTypes are what may be asked about, in the order of the strip.
var whyTypes = []string{
	decision.TypeAgenda, decision.TypeMessagingProfile, decision.TypeIdentity, decision.TypePatientRecord, decision.TypePatientDocument,
	decision.TypeMember, decision.TypeOrganization,
}

// whyActs are what may be done with each. Of an organisation and its sites, any permission.
var whyActs = map[string][]string{
	decision.TypeAgenda:           {"view_availability", "read", "manage"},
	decision.TypeMessagingProfile: {"read", "reply", "manage"},
	decision.TypeIdentity:         {"send", "receive", "draft_consultation"},
	decision.TypePatientRecord:    {"read", "write"},
	decision.TypePatientDocument:  {"share", "consult"},
	decision.TypeMember:           {"converse"},
}

// anyDocument stands for a document: whether they are shared does not depend on which.
const anyDocument = "document"

// maxRecord bounds what is typed as the ID of a record, in characters.
const maxRecord = 200

// whyAsked is the question as the URL has it.
type whyAsked struct {
	Type, Member, On, Act, Date, Time, Search string
}

// whyView is the form, and the answer when all was said.
type whyView struct {
	Asked   whyAsked
	Base    string
	Tabs    ui.TabsProps
	People  []ui.Option
	Things  []ui.Option
	Acts    []ui.Option
	Search  bool // too many people for one list
	Errors  map[string]string
	Summary []ui.FieldError
	Answer  *whyAnswer
}

// whyAnswer is the answer, in words.
type whyAnswer struct {
	Allowed  bool
	Question string
	Verdict  string
	Reason   string
	Moment   string
	Facts    []ui.LogEntry
	Fix      string
	FixLabel string
	FixHref  string
	Rights   string // address of all that the person may do
}

// whyPath is the address of the question, for links of other pages: whose right, on what,
// to do what, at which moment (the zero time: now).
func (v *visit) whyPath(member, typ, on, act string, at time.Time) string {
	q := url.Values{askMember: {member}, fieldType: {typ}, askOn: {on}, askAct: {act}}
	if !at.IsZero() {
		local := at.In(text.Zone)
		q.Set(askDate, local.Format(time.DateOnly))
		q.Set(askTime, local.Format("15:04"))
	}
	return v.at(atWhy) + "?" + q.Encode()
}

// whyOfEntry is the address of «Pourquoi ?» for one line of «Qui a accès», for whoever may
// know of the member.
func (v *visit) whyOfEntry(a grant.ResourceAccess, e grant.Access, at time.Time) string {
	reads := v.held.HasAnywhere(access.RightsRead) || v.held.HasAnywhere(access.RightsEdit)
	if (!reads || !e.Seen) && e.Member != v.held.Member {
		return ""
	}
	if at.After(v.s.now()) {
		at = time.Time{}
	}
	t := a.Resource.Type
	act := map[resource.Type]string{resource.Agenda: "manage", resource.MessagingProfile: "manage", resource.Identity: "send"}[t]
	switch e.Level {
	case grant.None, grant.Manage:
	case grant.Availability:
		act = "view_availability"
	case grant.Read, grant.Reply:
		act = string(e.Level)
	}
	return v.whyPath(e.Member.String(), string(t), a.Resource.ID.String(), act, at)
}

func (v *visit) whyAsked() whyAsked {
	get := func(name string) string { return strings.TrimSpace(v.FormValue(name)) }
	a := whyAsked{
		Type: get(fieldType), Member: get(askMember), On: get(askOn), Act: get(askAct), Date: get(askDate), Time: get(askTime), Search: get("q"),
	}
	if !slices.Contains(whyTypes, a.Type) {
		a.Type = whyTypes[0]
	}
	if a.Type == decision.TypePatientDocument {
		a.On = anyDocument
	}
	return a
}

func (v *visit) why() error {
	view := whyView{Asked: v.whyAsked(), Base: v.at(atWhy)}
	if err := v.whyChoices(&view); err != nil {
		return err
	}
	status := http.StatusOK
	if view.Asked.Member != "" && view.Asked.On != "" && view.Asked.Act != "" {
		err := v.whyAnswer(&view)
		if err != nil {
			f := fault.Of(err)
			if f.Kind != fault.Invalid && !errors.Is(err, decision.ErrMember) && !errors.Is(err, resource.ErrNotFound) {
				return err
			}
			status = statusOf(f)
			view.Errors, view.Summary = v.fieldErrors(whyFields(err), whySpots)
		}
	}
	p, err := v.orgFrame(v.t.T("why.title"), atWhy)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, WhyPage(p, view))
}

// whySpots are the fields of the form.
var whySpots = map[string]spot{
	askMember: {askMember, "why.member"}, askOn: {askOn, "why.on"}, askDate: {askDate, "why.date"}, askTime: {askTime, "why.time"},
}

// whyFields says at which field an object is that may not be known of.
func whyFields(err error) error {
	switch {
	case errors.Is(err, decision.ErrMember):
		return fault.OnField(askMember, "member.not_found")
	case errors.Is(err, resource.ErrNotFound):
		return fault.OnField(askOn, "resource.not_found")
	}
	return err
}

// whyChoices fills the lists of the form.
func (v *visit) whyChoices(view *whyView) error {
	a := &view.Asked
	c, err := v.s.Insight.Choices(v.Context(), v.by, v.org.ID, a.Type, a.Search)
	if err != nil {
		return err
	}
	view.Search = c.More || a.Search != ""
	view.People, view.Things = v.whyOptions("why.choose_member", c.People), v.whyOptions("why.choose."+a.Type, c.Things)
	if a.Type == decision.TypeOrganization {
		if view.Things, err = v.whyPlaces(); err != nil {
			return err
		}
	}
	for _, act := range v.whyActs(a.Type) {
		view.Acts = append(view.Acts, ui.Option{Value: act, Label: v.whyAct(a.Type, act)})
	}
	view.Tabs = ui.TabsProps{Label: v.t.T("why.tabs"), Pages: true}
	for _, typ := range whyTypes {
		q := url.Values{fieldType: {typ}}
		if a.Member != "" {
			q.Set(askMember, a.Member)
		}
		tab := ui.Tab{Label: v.t.T("why.type." + typ), Href: view.Base + "?" + q.Encode(), Current: typ == a.Type}
		view.Tabs.Items = append(view.Tabs.Items, tab)
	}
	return nil
}

func (v *visit) whyActs(typ string) []string {
	if acts, ok := whyActs[typ]; ok {
		return acts
	}
	var all []string
	for _, p := range access.Catalogue() {
		all = append(all, string(p))
	}
	return all
}

// whyAct is what is done, in words.
func (v *visit) whyAct(typ, act string) string {
	if typ == decision.TypeOrganization {
		return v.t.T("permission." + act)
	}
	return v.t.T("why.act." + typ + "." + act)
}

// whyPlaces are the organisation and its sites, for whoever sees them.
func (v *visit) whyPlaces() ([]ui.Option, error) {
	sites, err := v.s.Orgs.Sites(v.Context(), v.by, v.org.ID, "")
	list := []ui.Option{{Label: v.t.T("why.choose.organization")}, {Value: v.org.ID.String(), Label: v.t.T("scope.organization")}}
	for i := range sites {
		list = append(list, ui.Option{Value: sites[i].ID.String(), Label: sites[i].Name})
	}
	return list, err
}

func (v *visit) whyOptions(first string, list []decision.Choice) []ui.Option {
	options := []ui.Option{{Label: v.t.T(first)}}
	for _, c := range list {
		label := c.Name
		if c.Detail != "" {
			label += " · " + c.Detail
		}
		options = append(options, ui.Option{Value: c.ID, Label: label})
	}
	return options
}

// whyAnswer asks, and says the answer in words.
func (v *visit) whyAnswer(view *whyView) error {
	a := view.Asked
	if !slices.Contains(v.whyActs(a.Type), a.Act) {
		return errPage
	}
	at, err := whyMoment(a.Date, a.Time, v.s.now())
	if err != nil {
		return err
	}
	q := decision.Question{
		Subject: decision.Entity{Type: decision.TypeMember, ID: a.Member}, Action: a.Act,
		Resource: decision.Entity{Type: a.Type, ID: a.On}, At: at,
	}
	if a.Type == decision.TypeOrganization && strings.HasPrefix(a.On, "ste_") {
		q.Resource.Type = decision.TypeSite
	}
	if len([]rune(a.On)) > maxRecord {
		return fault.OnField(askOn, "resource.not_found")
	}
	w, err := v.s.Insight.Why(v.Context(), v.by, v.org.ID, q)
	if err == nil {
		view.Answer = v.whyWords(a, w)
	}
	return err
}

// clockTyped turns «14 h 30» and «14h30», as the French write it, into 14:30.
var clockTyped = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "h", ":", "H", ":")

// whyMoment reads the moment asked about: empty fields are now, a day alone is its end.
func whyMoment(date, hour string, now time.Time) (time.Time, error) {
	if date == "" && hour == "" {
		return time.Time{}, nil
	}
	const minutes = "15:04"
	day, err := time.ParseInLocation(time.DateOnly, date, text.Zone)
	if date == "" {
		day, err = now.In(text.Zone), nil
	}
	if err != nil {
		return time.Time{}, fault.OnField(askDate, "why.date")
	}
	at := time.Date(day.Year(), day.Month(), day.Day(), 23, 59, 59, 0, text.Zone)
	if hour != "" {
		t, err := time.Parse(minutes, clockTyped.Replace(hour))
		if err != nil {
			return time.Time{}, fault.OnField(askTime, "why.time")
		}
		at = time.Date(day.Year(), day.Month(), day.Day(), t.Hour(), t.Minute(), 0, 0, text.Zone)
	}
	switch {
	case !at.After(now):
		return at.UTC(), nil
	case hour == "" && day.Format(time.DateOnly) == now.In(text.Zone).Format(time.DateOnly):
		return time.Time{}, nil // today is now
	case hour != "":
		return time.Time{}, fault.OnField(askTime, "why.future")
	}
	return time.Time{}, fault.OnField(askDate, "why.future")
}
