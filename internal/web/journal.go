package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"habilis/internal/access"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/journal"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

var journalRoutes = []route{
	{"GET /o/{org}/journal", within, (*visit).journal},
	{"GET /o/{org}/journal/export", within, (*visit).exportForm},
	{"POST /o/{org}/journal/export", within, (*visit).export},
	{"GET /o/{org}/journal/{event}", within, (*visit).journalEvent},
	{"GET /o/{org}/me/journal", within, (*visit).myJournal},
}

// journalState is the state of the journal: the URL is the state (AUD-1).
type journalState struct {
	Search, Member, Kind, Outcome, Site string
	From, Until                         journal.Day
	After                               string
	Size                                int
}

// readJournalState reads the state from a query; what it cannot mean is as usual.
func readJournalState(get func(string) string) journalState {
	s := journalState{
		Search: strings.TrimSpace(get("q")), Member: get("member"), Kind: get(fieldKind), Outcome: get("outcome"), Site: get(fieldSite),
		From: journal.Day(get("from")), Until: journal.Day(get(fieldUntil)), After: get(fieldAfter),
		Size: number(get(fieldSize), journal.DefaultPageSize, journal.MaxPageSize),
	}
	if r := []rune(s.Search); len(r) > journal.MaxSearch {
		s.Search = string(r[:journal.MaxSearch])
	}
	if !slices.Contains(journal.Kinds, journal.Kind(s.Kind)) {
		s.Kind = ""
	}
	if s.Outcome != audit.Done && s.Outcome != audit.Refused {
		s.Outcome = ""
	}
	if !s.From.Valid() {
		s.From = ""
	}
	if !s.Until.Valid() {
		s.Until = ""
	}
	if !slices.Contains(journal.PageSizes, s.Size) {
		s.Size = journal.DefaultPageSize
	}
	return s
}

// values writes the state as a query; what is as usual is left out.
func (s journalState) values() url.Values {
	return queryOf(map[string]string{
		"q": s.Search, fieldMember: s.Member, fieldKind: s.Kind, "outcome": s.Outcome, fieldSite: s.Site, "from": string(s.From),
		fieldUntil: string(s.Until), fieldAfter: s.After, fieldSize: unusual(s.Size, journal.DefaultPageSize),
	})
}

// href is the address of the journal in the state that change makes, from its first page.
func (s journalState) href(base string, change func(*journalState)) string {
	s.After = ""
	change(&s)
	return inState(base, s.values())
}

// filtered reports whether anything narrows the journal.
func (s journalState) filtered() bool {
	s.After, s.Size = "", journal.DefaultPageSize
	return len(s.values()) > 0
}

func (s journalState) query() journal.Query {
	return journal.Query{
		Search: s.Search, Person: ident.Member(s.Member), Kind: journal.Kind(s.Kind), Outcome: s.Outcome, Site: ident.Site(s.Site),
		From: s.From, Until: s.Until, After: s.After, Size: s.Size,
	}
}

// journalView is what the journal shows, or one's own part of it.
type journalView struct {
	State   journalState
	List    journal.List
	Lines   []journalLine
	People  []ui.Option
	Sites   []ui.Option
	Base    string
	Mine    bool
	Export  string // address of the export; empty: no button
	Decided string // address of the log of decisions; empty: no link
	Summary string
}

func (v *visit) journal() error {
	state := readJournalState(v.FormValue)
	list, err := v.s.Journal.List(v.Context(), v.by, v.org.ID, state.query())
	if err != nil {
		return err
	}
	view := journalView{State: state, List: list, Base: v.at("journal")}
	if v.held.HasAnywhere(access.AuditExport) {
		view.Export = state.href(view.Base+"/export", func(*journalState) {})
	}
	if v.held.Has(access.AuditRead, access.OrgScope(v.org.ID)) {
		view.Decided = v.at(atDecisionLog)
	}
	choices, err := v.s.Journal.Choices(v.Context(), v.by, v.org.ID, ident.Member(state.Member))
	if err != nil {
		return err
	}
	view.People, view.Sites = v.chosen("journal.anybody", choices.People), v.chosen("journal.any", choices.Sites)
	return v.showJournal(view, v.t.T("journal.title"), atJournal)
}

func (v *visit) myJournal() error {
	state := readJournalState(v.FormValue)
	state.Member, state.Site = "", ""
	list, err := v.s.Journal.Mine(v.Context(), v.by, v.org.ID, state.query())
	if err != nil {
		return err
	}
	return v.showJournal(journalView{State: state, List: list, Base: v.at("me", "journal"), Mine: true}, v.t.T("journal.mine"), atMyJournal)
}

func (v *visit) chosen(anyKey string, list []journal.Choice) []ui.Option {
	options := make([]ui.Option, 1, 1+len(list))
	options[0].Label = v.t.T(anyKey)
	for _, c := range list {
		options = append(options, ui.Option{Value: c.ID, Label: c.Name})
	}
	return options
}

func (v *visit) showJournal(view journalView, title, at string) error {
	for i := range view.List.Events {
		view.Lines = append(view.Lines, v.journalLine(view.List.Events[i]))
	}
	view.Summary = v.t.T("journal.none_shown")
	if n := len(view.Lines); n > 0 {
		key := "journal.summary"
		if view.List.More {
			key = "journal.summary_more"
		}
		first := int(view.List.First)
		view.Summary = v.t.T(key, "First", v.t.Number(first), "Last", v.t.Number(first+n-1), "Total", v.t.Number(int(view.List.Total)))
	}
	p, err := v.orgFrame(title, at)
	if err != nil {
		return err
	}
	p.Live = true
	return v.show(http.StatusOK, JournalPage(p, view))
}

// journalLine is one line of the journal, in words.
type journalLine struct {
	Event journal.Event
	When  string
	Who   string
	What  string
	Href  string
	Site  string
	Via   string
}

func (v *visit) journalLine(e journal.Event) journalLine {
	l := journalLine{
		Event: e, When: v.t.Ago(e.At, v.s.now()), Who: journal.Who(v.t, e), What: journal.Predicate(v.t, e),
		Href: v.at("journal", e.ID.String()), Site: journal.Place(v.t, e), Via: journal.Via(v.t, e),
	}
	if l.Site == "" {
		l.Site = v.t.T("journal.whole_cell")
	}
	return l
}

// chips are the filters in force, the search too; each takes itself away.
func (m journalView) chips(t *text.Printer) []ui.FilterChip {
	var list []ui.FilterChip
	add := func(value, key, shown string, without func(*journalState)) {
		if value != "" {
			list = append(list, ui.FilterChip{Label: t.T(key, "Value", shown), Href: m.State.href(m.Base, without)})
		}
	}
	s := m.State
	add(s.Search, "journal.chip.search", s.Search, func(s *journalState) { s.Search = "" })
	add(s.Member, "journal.chip.person", optionLabel(m.People, s.Member), func(s *journalState) { s.Member = "" })
	add(s.Kind, "journal.chip.kind", named(t, "journal.kind.", s.Kind), func(s *journalState) { s.Kind = "" })
	add(string(s.From), "journal.chip.from", day(t, s.From), func(s *journalState) { s.From = "" })
	add(string(s.Until), "journal.chip.until", day(t, s.Until), func(s *journalState) { s.Until = "" })
	add(s.Site, "journal.chip.site", optionLabel(m.Sites, s.Site), func(s *journalState) { s.Site = "" })
	add(s.Outcome, "journal.chip.outcome", named(t, "journal.outcome.", s.Outcome), func(s *journalState) { s.Outcome = "" })
	return list
}

func day(t *text.Printer, d journal.Day) string {
	at, ok := d.At()
	if !ok {
		return string(d)
	}
	return t.Date(at)
}

func (m journalView) kindOptions(t *text.Printer) []ui.Option {
	list := []ui.Option{{Label: t.T("journal.any")}}
	for _, k := range journal.Kinds {
		list = append(list, ui.Option{Value: string(k), Label: t.T("journal.kind." + string(k))})
	}
	return list
}

func (m journalView) outcomeOptions(t *text.Printer) []ui.Option {
	list := []ui.Option{{Label: t.T("journal.any")}}
	for _, o := range []string{audit.Done, audit.Refused} {
		list = append(list, ui.Option{Value: o, Label: t.T("journal.outcome." + o)})
	}
	return list
}

// kept is what the filter form carries along: the size of a page.
func (m journalView) kept() []ui.Hidden {
	if m.State.Size == journal.DefaultPageSize {
		return nil
	}
	return []ui.Hidden{{Name: fieldSize, Value: strconv.Itoa(m.State.Size)}}
}

func (m journalView) columns(t *text.Printer) []ui.Column {
	return []ui.Column{
		{Label: t.T("journal.column.when")}, {Label: t.T("journal.column.who")}, {Label: t.T("journal.column.what")},
		{Label: t.T("journal.column.site")}, {Label: t.T("journal.column.from"), Kind: ui.CellOptional},
	}
}

// places are the pages before and after this one. There are no numbers: events are
// written all the time, and a page begins after an event, not after a number of them.
func (m journalView) places(t *text.Printer) ui.PlacesProps {
	p := ui.PlacesProps{
		Label: t.T("journal.pages"), Summary: m.Summary,
		NewerLabel: t.T("journal.newer"), OlderLabel: t.T("journal.older"), FirstLabel: t.T("journal.newest"),
	}
	if m.List.Previous != "" {
		p.First = m.State.href(m.Base, func(*journalState) {})
		p.Newer = m.State.href(m.Base, func(s *journalState) { s.After = m.List.Previous })
	}
	if m.List.Next != "" {
		p.Older = m.State.href(m.Base, func(s *journalState) { s.After = m.List.Next })
	}
	for _, size := range journal.PageSizes {
		p.Sizes = append(p.Sizes, ui.PageSize{
			Label: t.Number(size), Current: size == m.State.Size, Href: m.State.href(m.Base, func(s *journalState) { s.Size = size }),
		})
	}
	return p
}

func journalHead(p ui.Page, view journalView) ui.HeadProps {
	if view.Mine {
		return ui.HeadProps{Title: p.Title, Lead: p.Text.T("journal.mine_lead")}
	}
	return ui.HeadProps{Title: p.Title, Lead: p.Text.T("journal.lead")}
}

// dash stands for what there was not.
func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
