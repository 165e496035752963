package web

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"habilis/internal/exchange"
	"habilis/internal/ident"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// importState is which lines of an import are shown: the URL is the state.
type importState struct {
	Fate  exchange.Fate
	Open  bool // those alone that must be decided
	After int
}

func readImportState(get func(string) string) importState {
	s := importState{Fate: exchange.Fate(get("fate")), Open: get("open") != ""}
	if !slices.Contains(exchange.Fates, s.Fate) {
		s.Fate = ""
	}
	if n, err := strconv.Atoi(get(fieldAfter)); err == nil && n > 0 {
		s.After = n
	}
	return s
}

func (s importState) values() url.Values {
	open, after := "", ""
	if s.Open {
		open = "1"
	}
	if s.After > 0 {
		after = strconv.Itoa(s.After)
	}
	return queryOf(map[string]string{"fate": string(s.Fate), "open": open, fieldAfter: after})
}

// importView is an import: while it is checked, before and after it is done.
type importView struct {
	State    exchange.State
	Title    string
	Lead     string
	Progress int64
	Why      string // of a check that failed
	Facts    []ui.Fact
	Notes    []string
	Tabs     []ui.Tab
	Lines    []importLine
	Places   ui.PlacesProps
	Decides  bool // there is something to choose on this page
	MayDo    bool
	Base     string // address of this import
	Here     string // with what is shown
	Members  string

	told
}

// importLine is one line in words.
type importLine struct {
	No      int
	Name    string
	Email   string
	Status  ui.StatusProps
	Points  []string
	Notes   []string
	Changes []string
	Choice  *ui.SelectProps
	Sheet   string
}

// readLabel stands before what there is to know of a line, on a phone.
func (l *importLine) readLabel(t *text.Printer) string {
	if len(l.Points)+len(l.Notes)+len(l.Changes) == 0 {
		return ""
	}
	return t.T("import.column.read")
}

func (v *visit) oneImport() error {
	id, err := v.importID()
	if err != nil {
		return err
	}
	return v.showImport(id, nil)
}

func (v *visit) showImport(id ident.Import, refusal error) error {
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	s := readImportState(v.URL.Query().Get)
	only := exchange.Filter{Fate: s.Fate, Undecided: s.Open, After: s.After, Most: importLines}
	x, err := v.s.Imports.Get(v.Context(), v.by, v.org.ID, id, only)
	if err != nil {
		return err
	}
	view := v.importView(&x, s)
	view.told = said
	if x.State == exchange.Checking {
		v.w.Header().Set("Refresh", refreshEvery)
	}
	p, err := v.orgFrame(view.Title, atMembers)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, ImportPage(p, view))
}

func (v *visit) importView(x *exchange.Page, s importState) importView {
	view := importView{
		State: x.State, Progress: x.Progress, Base: v.at("imports", x.ID.String()), Members: v.at("members"),
		Title: v.t.T("import.title." + string(x.State)),
		Lead:  v.t.T("import.file", "File", cmp.Or(x.FileName, v.t.T("import.unnamed")), "Count", x.Total),
	}
	view.Here = inState(view.Base, s.values())
	if x.State == exchange.Failed {
		view.Why = ended(v.say(x.Code, nil, nil))
	}
	if x.State == exchange.Checking || x.State == exchange.Failed {
		return view
	}
	view.Facts, view.Notes = v.importFacts(&x.Import), v.importNotes(&x.Import)
	view.Tabs = v.importTabs(&x.Import, view.Base, s)
	view.MayDo = x.State == exchange.Ready && x.Counts[exchange.Wrong] == 0 && x.Undecided == 0 &&
		x.Counts[exchange.Create]+x.Counts[exchange.Update] > 0
	for i := range x.Lines {
		l := v.importLine(&x.Lines[i], x.State)
		view.Decides = view.Decides || l.Choice != nil
		view.Lines = append(view.Lines, l)
	}
	view.Places = v.importPlaces(x, view.Base, s)
	return view
}

// importPlaces leads to the lines before and after.
func (v *visit) importPlaces(x *exchange.Page, base string, s importState) ui.PlacesProps {
	p := ui.PlacesProps{Label: v.t.T("import.lines"), FirstLabel: v.t.T("import.first"), OlderLabel: v.t.T("import.next")}
	if len(x.Lines) > 0 {
		p.Summary = v.t.T("import.shown", "From", strconv.Itoa(x.Lines[0].No), "To", strconv.Itoa(x.Lines[len(x.Lines)-1].No))
	}
	if next := s; x.Next > 0 {
		next.After = x.Next
		p.Older = inState(base, next.values())
	}
	if first := s; s.After > 0 {
		first.After = 0
		p.First = inState(base, first.values())
	}
	return p
}

// importFacts count what would happen, or what did.
func (v *visit) importFacts(m *exchange.Import) []ui.Fact {
	var facts []ui.Fact
	add := func(key string, n int64) {
		if n > 0 {
			facts = append(facts, ui.Fact{Term: v.t.T("import.count." + key), Value: v.t.Number(int(n))})
		}
	}
	if m.State == exchange.Done {
		for _, r := range []exchange.Result{exchange.Invited, exchange.Joined, exchange.Created, exchange.Updated, exchange.Unchanged} {
			add("done."+string(r), m.Results[r])
		}
		if m.DoneAt != nil {
			by := v.t.T("import.done_by", "Name", v.somebody(m.DoneBy), "Date", v.t.DateTime(*m.DoneAt))
			facts = append(facts, ui.Fact{Term: v.t.T("import.done"), Value: by})
		}
		return facts
	}
	for _, f := range exchange.Fates {
		add(string(f), m.Counts[f])
	}
	add("undecided", m.Undecided)
	add("letters", m.Letters)
	add("withheld", m.Withheld)
	return facts
}

// importNotes are what is worth reading of the whole file.
func (v *visit) importNotes(m *exchange.Import) []string {
	var notes []string
	if len(m.Ignored) > 0 {
		notes = append(notes, v.t.T("import.ignored", "Count", len(m.Ignored), "Columns", m.Ignored))
	}
	if m.Latin {
		notes = append(notes, v.t.T("import.latin"))
	}
	if m.State == exchange.Ready && m.Counts[exchange.Wrong] > 0 {
		notes = append(notes, ended(v.say(exchange.ErrErrors.Code, map[string]any{"Count": m.Counts[exchange.Wrong]}, nil)))
	}
	if m.State == exchange.Ready && m.Undecided > 0 {
		notes = append(notes, ended(v.say(exchange.ErrUndecided.Code, map[string]any{"Count": m.Undecided}, nil)))
	}
	return notes
}

func (v *visit) importTabs(m *exchange.Import, base string, s importState) []ui.Tab {
	tabs := []ui.Tab{{Label: v.t.T("import.all"), Href: base, Count: v.t.Number(int(m.Total)), Current: s.Fate == "" && !s.Open}}
	if m.Undecided > 0 {
		tabs = append(tabs, ui.Tab{
			Label: v.t.T("import.count.undecided"), Href: inState(base, importState{Open: true}.values()),
			Count: v.t.Number(int(m.Undecided)), Current: s.Open,
		})
	}
	for _, f := range exchange.Fates {
		if m.Counts[f] > 0 {
			tabs = append(tabs, ui.Tab{
				Label: v.t.T("import.count." + string(f)), Href: inState(base, importState{Fate: f}.values()),
				Count: v.t.Number(int(m.Counts[f])), Current: s.Fate == f && !s.Open,
			})
		}
	}
	return tabs
}

// importFates are the colours of what would happen.
var importFates = map[exchange.Fate]ui.Tone{
	exchange.Create: ui.ToneInfo, exchange.Update: ui.ToneInfo, exchange.Nothing: ui.ToneOff, exchange.Wrong: ui.ToneBad,
}

func (v *visit) importLine(l *exchange.Line, state exchange.State) importLine {
	out := importLine{
		No: l.No, Name: v.importName(l), Email: l.Cells[exchange.Email],
		Status: ui.StatusProps{Chip: ui.ChipProps{Tone: importFates[l.Fate], Label: v.t.T("exchange.fate." + string(l.Fate))}},
	}
	if l.Undecided {
		out.Status.Chip = ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("exchange.fate.undecided")}
	}
	if l.Letter {
		out.Status.Detail = v.t.T("import.letter")
	}
	if l.Result != "" {
		out.Status = ui.StatusProps{Chip: ui.ChipProps{Tone: ui.ToneOK, Label: v.t.T("exchange.result." + string(l.Result))}}
		if l.Result == exchange.Unchanged {
			out.Status.Chip.Tone = ui.ToneOff
		}
	}
	for _, p := range l.Points {
		out.Points = append(out.Points, p.Words(v.t))
	}
	for _, p := range l.All() {
		out.Notes = append(out.Notes, p.Words(v.t))
	}
	for _, c := range l.Changes {
		if words := v.changeWords(c); words != "" {
			out.Changes = append(out.Changes, words)
		}
	}
	if state == exchange.Ready {
		out.Choice = v.importChoice(l)
	}
	if id := cmp.Or(l.Made, l.Member); !id.IsZero() {
		out.Sheet = v.sheetPath(id)
	}
	return out
}

// importName is how a line names its person: a member as they are called here.
func (v *visit) importName(l *exchange.Line) string {
	typed := strings.TrimSpace(l.Cells[exchange.GivenName] + " " + l.Cells[exchange.FamilyName])
	return cmp.Or(l.Name, typed, v.t.T("import.no_name"))
}

// changeWords says one field before and after; what follows from another is left out.
func (v *visit) changeWords(c exchange.Changed) string {
	column := exchange.Column(c.Name)
	if !slices.Contains(exchange.Columns, column) {
		return ""
	}
	words := func(value string) string {
		for of, prefix := range map[exchange.Column]string{
			exchange.Function: "function.", exchange.Profile: "profile.", exchange.Reach: "reach.",
		} {
			if of == column && value != "" {
				return named(v.t, prefix, value)
			}
		}
		return cmp.Or(value, v.t.T("edit.empty"))
	}
	return v.t.T("import.change", "Column", column.Label(v.t), "Before", words(c.Before), "After", words(c.After))
}

// importChoice asks what only a person knows of a line.
func (v *visit) importChoice(l *exchange.Line) *ui.SelectProps {
	if !l.Undecided && l.Fate != exchange.Wrong && l.Choice == "" {
		return nil
	}
	none := "import.choice.none"
	if l.Fate == exchange.Wrong {
		none = "import.choice.fix"
	}
	list := []ui.Option{{Label: v.t.T(none)}}
	if l.Fate != exchange.Wrong {
		list = append(list, ui.Option{Value: exchange.ChoiceNew, Label: v.t.T("import.choice.new")})
		for _, t := range l.Twins {
			list = append(list, ui.Option{
				Value: t.Member.String(), Label: v.t.T("import.choice.twin", "Name", t.Name, "Function", named(v.t, "function.", t.Function)),
			})
		}
		known := slices.ContainsFunc(list, func(o ui.Option) bool { return o.Value == l.Choice })
		if !known && l.Choice != exchange.ChoiceSkip {
			list = append(list, ui.Option{Value: l.Choice, Label: v.t.T("import.choice.member", "Name", l.Name)})
		}
	}
	list = append(list, ui.Option{Value: exchange.ChoiceSkip, Label: v.t.T("import.choice.skip")})
	return &ui.SelectProps{
		Name: fieldChoice + strconv.Itoa(l.No), Label: v.t.T("import.choice.label", "Line", strconv.Itoa(l.No)), Value: l.Choice, Options: list,
	}
}
