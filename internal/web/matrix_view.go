package web

import (
	"slices"
	"strconv"
	"strings"

	"habilis/internal/access"
	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/resource"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// matrixView is one matrix, in words.
type matrixView struct {
	Domain    domain
	State     matrixState
	Base      string // its address
	Action    string // the same, in this state
	Changes   string // the history of changes
	Export    string // the file of what is shown
	Resources string // the list of agendas or mailboxes
	Levels    []level

	Columns []matrixColumn
	Groups  []matrixGroup
	Pages   int
	Parts   int
	Summary string // «Personnes 1 à 40 sur 200»
	Shown   string // «Agendas 1 à 12 sur 60»

	Functions  []string // those that somebody has
	Sites      []ui.Option
	Details    []ui.Option
	Places     []ui.Option
	Colleagues []ui.Option // whose rights may be copied

	MayEdit bool // something on this page
	Pending pendingView
	Wrong   map[string]string
	Failure string
}

type matrixColumn struct {
	ID, Name, Detail string
	Kind             resource.Kind
	May, Ticked      bool
}

type matrixGroup struct {
	Function, Title string
	Rows            []matrixRowView
}

type matrixRowView struct {
	ID, Name             string // «Petit Nadège»
	Title, Family, Given string
	Detail               string
	Href                 string // their levels, or their sheet
	May, Ticked          bool
	Cells                []matrixCellView
}

type matrixCellView struct {
	ID, Field, Label string
	Column           string
	Shown            level
	Former           string // what is recorded, when it is changed
	Holder, May      bool
	Changed          bool
	Dates, Clash     string

	// Of a matrix of people and sites.
	Source string       // where the level comes from
	Away   bool         // a site that is none of theirs
	Offers []levelOffer // the choices, where they differ from cell to cell
}

// levelOffer is one choice of a cell; one that is not to be had stays in its place, so that
// the ink and the order of the list are those of the others.
type levelOffer struct {
	level

	No bool
}

// described lists what describes the cell to whoever does not see it.
func (c matrixCellView) described() string {
	var ids []string
	for _, d := range []struct {
		there bool
		id    string
	}{{c.Changed, "was-"}, {c.Source != "", "source-"}, {c.Dates != "", "dates-"}, {c.Clash != "", "clash-"}} {
		if d.there {
			ids = append(ids, d.id+c.ID)
		}
	}
	return strings.Join(ids, " ")
}

func (v *visit) matrixView(d domain, s matrixState, m grant.Matrix, p *pending) (matrixView, error) {
	s.Page, s.Part = m.Page, m.Column
	view := matrixView{
		Domain: d, State: s, Base: v.at(d.At), Action: s.href(v.at(d.At)), Changes: v.at("access", "changes"),
		Export: v.exportPath(d, s), Resources: v.at(d.List), Levels: levelsOf(v.t, d.Type), Pages: m.Pages, Parts: m.Columns,
		Functions: m.Functions,
	}
	g := gridOf(m)
	v.fillColumns(&view, m, p)
	v.fillRows(&view, g, p)
	v.fillSummaries(&view, g)
	var err error
	if view.Sites, err = v.matrixSites(); err != nil {
		return view, err
	}
	if view.MayEdit {
		if view.Colleagues, err = v.colleagueOptions(); err != nil {
			return view, err
		}
	}
	if !v.mayChange() {
		return view, nil
	}
	view.Pending, err = v.pendingView(p, g.selects(), shownPending)
	view.Pending.Review = v.levelsReviewPath(s.origin(d))
	return view, err
}

// fillColumns adds the columns and what their filters offer.
func (v *visit) fillColumns(view *matrixView, m grant.Matrix, p *pending) {
	for i := range m.Resources {
		r := &m.Resources[i]
		view.MayEdit = view.MayEdit || r.May
		view.Columns = append(view.Columns, matrixColumn{
			ID: r.ID.String(), Name: r.Name, Detail: r.Detail, Kind: r.Kind, May: r.May, Ticked: slices.Contains(p.Columns, r.ID),
		})
	}
	view.Details, view.Places = []ui.Option{{Label: v.t.T("matrix.all")}}, []ui.Option{{Label: v.t.T("matrix.all")}}
	for _, d := range m.Details {
		view.Details = append(view.Details, ui.Option{Value: d, Label: d})
	}
	for _, s := range m.Sites {
		view.Places = append(view.Places, ui.Option{Value: s.ID.String(), Label: s.Name})
	}
}

func (v *visit) fillRows(view *matrixView, g grid, p *pending) {
	row := 0
	for _, group := range g.Groups {
		out := matrixGroup{Function: group.Function, Title: named(v.t, "function.", group.Function)}
		for range group.People {
			out.Rows = append(out.Rows, v.matrixRow(view, g, p, row))
			row++
		}
		view.Groups = append(view.Groups, out)
	}
}

func (v *visit) matrixRow(view *matrixView, g grid, p *pending, row int) matrixRowView {
	person := &g.People[row]
	out := v.personRow(person, slices.Contains(p.People, person.ID))
	for column := range g.Resources {
		cell := v.matrixCell(view, g, p, row, column)
		cell.Label = v.t.T(view.Domain.key("cell"), "Name", out.Name, "Resource", cell.Column)
		out.May = out.May || cell.May
		out.Cells = append(out.Cells, cell)
	}
	if out.May {
		out.Href = v.levelsPath(person.ID)
	}
	return out
}

func (v *visit) levelsPath(id ident.Member) string { return v.sheetPath(id) + "/levels" }

func (v *visit) matrixCell(view *matrixView, g grid, p *pending, row, column int) matrixCellView {
	c, of := g.People[row].Cells[column], view.Domain.Type
	id := cellID{g.People[row].ID, g.Resources[column].ID}
	now := levelOf(v.t, of, c.Level)
	cell := matrixCellView{
		ID: selectID(row, column), Column: g.Resources[column].Name, Shown: now,
		Holder: c.Holder, May: c.May, Dates: v.dates(c.State),
	}
	if n := p.find(id); n >= 0 && c.May {
		w := p.Wishes[n]
		cell.Shown = levelOf(v.t, of, w.Level)
		cell.Dates = v.dates(v.wished(w, c.State))
		cell.Changed = w.Level != c.Level || cell.Dates != v.dates(c.State)
		if cell.Former = now.Label; w.Level == c.Level { // its dates alone
			cell.Former = former(now.Label, v.dates(c.State))
		}
		if w.Was != c.Level && cell.Changed {
			cell.Clash = v.clash(of, c.Level, w.Was)
		}
	}
	cell.Field = strings.Join([]string{"c", strconv.Itoa(row), strconv.Itoa(column), now.Letter, cell.Shown.Letter}, ".")
	return cell
}

// wished is the state that a wish would make of the one recorded.
func (v *visit) wished(w wish, now grant.State) grant.State {
	s := grant.State{Level: w.Level, From: v.s.now(), Until: w.Until}
	if w.From != nil {
		s.From = *w.From
	} else if now.Level == w.Level {
		s.From = now.From
	}
	return s
}

func (v *visit) fillSummaries(view *matrixView, g grid) {
	view.Summary = v.t.T("matrix.shown_people", "Count", g.Matrix.People, "Shown", len(g.People))
	view.Shown = v.t.T(view.Domain.key("shown_of"), "Count", g.ResourceTotal, "Shown", len(g.Resources))
}

// matrixSites are the sites that this person may know of, after «Tous».
func (v *visit) matrixSites() ([]ui.Option, error) {
	sites, err := v.s.Orgs.Sites(v.Context(), v.by, v.org.ID, "")
	list := []ui.Option{{Label: v.t.T("members.any")}}
	for i := range sites {
		if s := &sites[i]; v.held.Has(access.MembersRead, access.SiteScope(v.org.ID, s.ID)) {
			list = append(list, ui.Option{Value: s.ID.String(), Label: s.Name})
		}
	}
	return list, err
}

func (v *visit) colleagueOptions() ([]ui.Option, error) {
	list, err := v.colleagues("")
	options := make([]ui.Option, 0, len(list))
	for _, c := range list {
		options = append(options, ui.Option{Value: c.ID.String(), Label: c.Label})
	}
	return options, err
}

func (m matrixView) title(t *text.Printer) string { return t.T(m.Domain.key("title")) }

func (m matrixView) lead(t *text.Printer) string {
	if m.MayEdit {
		return t.T(m.Domain.key("lead")) + " " + t.T("matrix.lead_edit")
	}
	return t.T(m.Domain.key("lead")) + " " + t.T("matrix.lead_read")
}

// method: a form that changes nothing is a search.
func (m matrixView) method() string {
	if m.MayEdit || m.Pending.Count > 0 {
		return "post"
	}
	return "get"
}

// scripted reports whether there is a grid to move in.
func (m matrixView) scripted() bool { return m.MayEdit && len(m.Columns) > 0 && len(m.Groups) > 0 }

// manyColumns is from how many columns on the cells are drawn narrow.
const manyColumns = 7

func (m matrixView) many() bool { return len(m.Columns) >= manyColumns }

// span is how many columns the table has.
func (m matrixView) span() string {
	n := 1 + len(m.Columns)
	if m.MayEdit {
		n++
	}
	return strconv.Itoa(n)
}

func (m matrixView) rowIDs() string {
	var ids []string
	for _, g := range m.Groups {
		for i := range g.Rows {
			ids = append(ids, g.Rows[i].ID)
		}
	}
	return strings.Join(ids, " ")
}

func (m matrixView) columnIDs() string {
	ids := make([]string, 0, len(m.Columns))
	for i := range m.Columns {
		ids = append(ids, m.Columns[i].ID)
	}
	return strings.Join(ids, " ")
}

// usual is the level that the tool box offers first.
func (m matrixView) usual() grant.Level { return grant.Read }

// functions are those that somebody has; one that is asked for and nobody has stays shown.
func (m matrixView) functions(t *text.Printer) []ui.Option {
	list := []ui.Option{{Label: t.T("members.any")}}
	for _, f := range m.Functions {
		list = append(list, ui.Option{Value: f, Label: named(t, "function.", f)})
	}
	return list
}

// targets are on which columns the tool box gives a level.
func (m matrixView) targets(t *text.Printer) []ui.Option {
	list := []ui.Option{{Value: onAll, Label: t.T(m.Domain.key("on.all"))}}
	for _, k := range m.kinds() {
		n := 0
		for i := range m.Columns {
			if m.Columns[i].Kind == k {
				n++
			}
		}
		if n > 0 && n < len(m.Columns) {
			list = append(list, ui.Option{Value: string(k), Label: t.T(m.Domain.key("on." + string(k)))})
		}
	}
	return append(list, ui.Option{Value: onTicked, Label: t.T(m.Domain.key("on.ticked"))})
}

// kinds are those of the columns; of sites there is one only.
func (m matrixView) kinds() []resource.Kind {
	if m.Domain.Realm != "" {
		return nil
	}
	return resource.Kinds(m.Domain.Type)
}

// given are the levels that the tool box gives: what is no level is told, never given.
func (m matrixView) given() []level {
	return slices.DeleteFunc(slices.Clone(m.Levels), func(l level) bool { return l.Level == grant.Level(grant.ScopeCustom) })
}

// own is the text of a sentence that the realms say their own way, in some cases.
func (m matrixView) own(what string) string {
	if m.Domain.Realm != "" && (what == "levels" || what == "key.letters") {
		return m.Domain.key(what)
	}
	return "matrix." + what
}

// offers are the choices of a cell.
func (m matrixView) offers(c matrixCellView) []levelOffer {
	if c.Offers != nil {
		return c.Offers
	}
	list := make([]levelOffer, 0, len(m.Levels))
	for _, l := range m.Levels {
		list = append(list, levelOffer{level: l})
	}
	return list
}

// sameLevel introduces the levels of the tool box: where rights are copied too, the other way.
func (m matrixView) sameLevel() string {
	if m.Domain.Realm != "" {
		return "matrix.give_level"
	}
	return "matrix.same_level"
}

// cells is the class of the table's selects: a realm of two levels has its own ink.
func (m matrixView) cells() string {
	if m.Domain.Realm == grant.Administration {
		return "lvl adm"
	}
	return "lvl"
}

// audiences are to whom the tool box gives a level on the columns ticked.
func (m matrixView) audiences(t *text.Printer) []ui.Option {
	list := []ui.Option{{Value: onAll, Label: t.T("matrix.to.all")}, {Value: onTicked, Label: t.T("matrix.to.ticked")}}
	if len(m.Groups) > 1 {
		for i := range m.Groups {
			list = append(list, ui.Option{Value: m.Groups[i].Function, Label: t.T("matrix.to.function", "Function", m.Groups[i].Title)})
		}
	}
	return list
}

func (m matrixView) tabs(t *text.Printer) []ui.Tab {
	root := strings.TrimSuffix(m.Base, m.Domain.At)
	tabs := make([]ui.Tab, 0, len(domains))
	for _, d := range domains {
		tabs = append(tabs, ui.Tab{Label: t.T(d.key("tab")), Href: root + d.At, Current: d == m.Domain})
	}
	return tabs
}
