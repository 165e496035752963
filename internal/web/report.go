package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"habilis/internal/decision"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/report"
	"habilis/internal/resource"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

var reportRoutes = []route{
	{"GET /o/{org}/reports", within, (*visit).reports},
	{"GET /o/{org}/reports/access", within, (*visit).accessReport},
	{"GET /o/{org}/reports/dormant", within, (*visit).dormantReport},
	{"GET /o/{org}/reports/leavers", within, (*visit).leaversReport},
	{"GET /o/{org}/reports/second-factor", within, (*visit).factorsReport},
	{"GET /o/{org}/reports/{report}/export", within, (*visit).reportExportForm},
	{"POST /o/{org}/reports/{report}/export", within, (*visit).reportExport},
}

// atReports are the reports.
const atReports = "reports"

// reportPaths are the words of the URL.
var reportPaths = map[report.Name]string{
	report.Access: "access", report.Dormant: "dormant", report.Leavers: "leavers", report.Factors: "second-factor",
}

// Names of the fields of reports.
const (
	fieldResource = "resource"
	fieldHow      = "how"
	fieldAct      = "action"
	fieldAt       = "at"
)

// reportState is a report as its URL has it.
type reportState struct {
	Search, Member, Resource, Act, Site, Kind, How, At, From, Until, After string
}

func readReportState(get func(string) string) reportState {
	field := func(name string) string { return strings.TrimSpace(get(name)) }
	return reportState{
		Search: field("q"), Member: field(fieldMember), Resource: field(fieldResource), Act: field(fieldAct), Site: field(fieldSite),
		Kind: field(fieldKind), How: field(fieldHow), At: field(fieldAt), From: field(fieldFrom), Until: field(fieldUntil),
		After: field(fieldAfter),
	}
}

func (s reportState) values() url.Values {
	return queryOf(map[string]string{
		"q": s.Search, fieldMember: s.Member, fieldResource: s.Resource, fieldAct: s.Act, fieldSite: s.Site, fieldKind: s.Kind, fieldHow: s.How,
		fieldAt: s.At, fieldFrom: s.From, fieldUntil: s.Until, fieldAfter: s.After,
	})
}

// href is the address of a report in the state that change makes, from its first page.
func (s reportState) href(base string, change func(*reportState)) string {
	s.After = ""
	change(&s)
	return inState(base, s.values())
}

// day is a day of a state; the zero time when there is none.
func (s reportState) day(field, typed string) (time.Time, error) {
	if typed == "" {
		return time.Time{}, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, typed, text.Zone)
	if err != nil {
		return time.Time{}, fault.OnField(field, "why.date")
	}
	return day, nil
}

// atEnd is the end of the day asked about; the zero time: now. Of the future nothing is known.
func (s reportState) atEnd(now time.Time) (time.Time, error) {
	at, err := whyMoment(s.At, "", now)
	if err != nil {
		err = fault.OnField(fieldAt, fault.Of(err).Fields[0].Code)
	}
	return at, err
}

func (s reportState) access(now time.Time) (report.AccessQuery, error) {
	at, err := s.atEnd(now)
	q := report.AccessQuery{
		At: at, Search: s.Search, Resource: resource.ID(s.Resource), Act: s.Act, Site: ident.Site(s.Site), Kind: s.Kind, After: s.After,
	}
	if s.Member != "" && err == nil {
		if q.Member, err = ident.ParseMember(s.Member); err != nil {
			err = decision.ErrMember
		}
	}
	return q, err
}

func (s reportState) dormant() report.DormantQuery {
	return report.DormantQuery{Search: s.Search, Site: ident.Site(s.Site), Kind: s.Kind, After: s.After}
}

func (s reportState) leavers() (report.LeaversQuery, error) {
	q := report.LeaversQuery{Search: s.Search, Site: ident.Site(s.Site), How: report.Leaving(s.How), After: s.After}
	var err error
	if q.From, err = s.day(fieldFrom, s.From); err != nil {
		return q, err
	}
	if q.Until, err = s.day(fieldUntil, s.Until); err == nil && !q.Until.IsZero() {
		q.Until = q.Until.AddDate(0, 0, 1)
	}
	return q, err
}

func (s reportState) factors() report.FactorsQuery {
	return report.FactorsQuery{Search: s.Search, Site: ident.Site(s.Site), After: s.After}
}

// reportedView is one report.
type reportedView struct {
	Name    report.Name
	State   reportState
	Base    string
	Back    string
	Export  string
	Sites   []ui.Option
	Chips   []ui.FilterChip
	Notes   []string // what is to be known of what is told
	Summary string
	Next    string // cursor of the page after

	Rights  []reportedRight
	Leavers []leaverLine
	People  []bareLine
	Acts    []ui.Option // what may be done with the thing asked about

	None, NoneText string // where there is nothing
	Errors         map[string]string
	Wrong          []ui.FieldError
}

// reportsView are the reports that somebody may read.
type reportsView struct{ Items []ui.ItemProps }

var reportIcons = map[report.Name]ui.IconName{
	report.Access: ui.IconTreeStructure, report.Leavers: ui.IconDoorOpen, report.Factors: ui.IconShieldCheck, report.Dormant: ui.IconHourglass,
}

// reports lists the reports that this person may read.
func (v *visit) reports() error {
	var view reportsView
	for _, n := range report.Readable(v.held) {
		view.Items = append(view.Items, ui.ItemProps{
			Icon: reportIcons[n], Title: v.t.T("report." + string(n)), Href: v.at(atReports, reportPaths[n]),
			Detail: v.t.T("report."+string(n)+".text", "Days", report.UnusedDays),
		})
	}
	if len(view.Items) == 0 {
		return v.lacks(reportNeed)
	}
	p, err := v.orgFrame(v.t.T("report.title"), atReports)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, ReportsPage(p, view))
}

// report begins the view of one report: its state, its filters.
func (v *visit) report(n report.Name) (*reportedView, error) {
	view := &reportedView{Name: n, State: readReportState(v.FormValue), Base: v.at(atReports, reportPaths[n]), Back: v.at(atReports)}
	view.Export = view.State.href(view.Base+"/export", func(*reportState) {})
	names, err := v.siteNames()
	view.Sites = append(view.Sites, ui.Option{Label: v.t.T("report.every_site")})
	for id, name := range names {
		view.Sites = append(view.Sites, ui.Option{Value: id.String(), Label: name})
	}
	slices.SortFunc(view.Sites[1:], func(a, b ui.Option) int { return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.Value, b.Value)) })
	return view, err
}

// showReported shows a report, or says at its fields what is to correct.
func (v *visit) showReported(view *reportedView, refusal error) error {
	status := http.StatusOK
	if refusal != nil {
		f := fault.Of(refusal)
		if f.Kind != fault.Invalid || len(f.Fields) == 0 {
			return refusal
		}
		status = statusOf(f)
		view.Errors, view.Wrong = v.fieldErrors(refusal, map[string]spot{"q": {"q", "report.search"}})
	}
	view.Chips = append(view.Chips, v.reportChips(view)...)
	p, err := v.orgFrame(v.t.T("report."+string(view.Name)), atReports)
	if err != nil {
		return err
	}
	p.Live, p.Error = true, status != http.StatusOK
	return v.show(status, ReportPage(p, *view))
}

// reportChips are the filters in force; each takes itself away.
func (v *visit) reportChips(view *reportedView) []ui.FilterChip {
	var list []ui.FilterChip
	s := view.State
	add := func(value, label, shown string, without func(*reportState)) {
		if value != "" {
			list = append(list, ui.FilterChip{
				Label: v.t.T("access.export.filter", "Label", v.t.T(label), "Value", shown), Href: s.href(view.Base, without),
			})
		}
	}
	date := func(typed string) string {
		if day, err := s.day("", typed); err == nil {
			return v.t.Date(day)
		}
		return typed
	}
	add(s.Search, "report.search", s.Search, func(s *reportState) { s.Search = "" })
	add(s.Kind, "report.kind", named(v.t, "report.kind.", s.Kind), func(s *reportState) { s.Kind = "" })
	add(s.How, "report.how", named(v.t, "report.leaving.", s.How), func(s *reportState) { s.How = "" })
	add(s.Site, "report.site", optionLabel(view.Sites, s.Site), func(s *reportState) { s.Site = "" })
	add(s.At, "report.date", date(s.At), func(s *reportState) { s.At = "" })
	add(s.From, "report.from", date(s.From), func(s *reportState) { s.From = "" })
	add(s.Until, "report.until_day", date(s.Until), func(s *reportState) { s.Until = "" })
	return list
}

// filtered reports whether anything narrows the report.
func (view reportedView) filtered() bool {
	s := view.State
	s.After = ""
	return len(s.values()) > 0
}

// places lead to the first page and to the one after this: a page begins after a line, and has no
// number.
func (view reportedView) places(t *text.Printer) ui.PlacesProps {
	p := ui.PlacesProps{
		Label: t.T("ui.pages"), Summary: view.Summary, FirstLabel: t.T("report.first"), OlderLabel: t.T("report.next"),
	}
	if view.State.After != "" {
		p.First = view.State.href(view.Base, func(*reportState) {})
	}
	if view.Next != "" {
		p.Older = view.State.href(view.Base, func(s *reportState) { s.After = view.Next })
	}
	return p
}

// dated gives a day back to its field; what is none, browsers do not show there.
func (view reportedView) dated(typed string) string {
	if _, err := view.State.day("", typed); err != nil {
		return ""
	}
	return typed
}

// kept is what the filter form carries along: whom and what the report is about.
func (view reportedView) kept() []ui.Hidden {
	var list []ui.Hidden
	for name, value := range map[string]string{fieldMember: view.State.Member, fieldResource: view.State.Resource} {
		if value != "" {
			list = append(list, ui.Hidden{Name: name, Value: value})
		}
	}
	return list
}

func (view reportedView) kinds(t *text.Printer) []ui.Option {
	list := []ui.Option{{Label: t.T("report.every_kind")}}
	for _, k := range report.Kinds {
		list = append(list, ui.Option{Value: k, Label: t.T("report.kind." + k)})
	}
	return list
}

func (view reportedView) ways(t *text.Printer) []ui.Option {
	list := []ui.Option{{Label: t.T("report.every_how")}}
	for _, how := range report.Leavings {
		list = append(list, ui.Option{Value: string(how), Label: t.T("report.leaving." + string(how))})
	}
	return list
}
