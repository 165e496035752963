package web

import (
	"slices"
	"strconv"
	"strings"

	"habilis/internal/grant"
	"habilis/internal/ident"
)

// realmView words a matrix of people and sites, for the page of matrices.
func (v *visit) realmView(d domain, s matrixState, m grant.ScopeMatrix, p *scopePending) (matrixView, error) {
	s.Page, s.Part = m.Page, m.Column
	view := matrixView{
		Domain: d, State: s, Base: v.at(d.At), Action: s.href(v.at(d.At)), Changes: v.at("access", "changes"),
		Export: v.exportPath(d, s), Resources: v.at(d.List), Levels: scopeLevelsOf(v.t, d.Realm),
		Pages: m.Pages, Parts: m.Columns, Functions: m.Functions,
	}
	for i := range m.Scopes {
		c := &m.Scopes[i]
		name := or(c.Name, v.t.T("scope.organization"))
		view.MayEdit = view.MayEdit || c.May
		view.Columns = append(view.Columns, matrixColumn{
			ID: c.Scope.Code(), Name: name, May: c.May, Ticked: slices.Contains(p.Columns, c.Scope),
		})
	}
	g := realmGrid(m)
	row := 0
	for _, group := range m.Groups {
		out := matrixGroup{Function: group.Function, Title: named(v.t, "function.", group.Function)}
		for range group.People {
			out.Rows = append(out.Rows, v.realmRow(&view, g, p, row))
			row++
		}
		view.Groups = append(view.Groups, out)
	}
	view.Summary = v.t.T("matrix.shown_people", "Count", m.People, "Shown", len(g.People))
	view.Shown = v.t.T(d.key("shown_of"), "Count", m.Total, "Shown", len(m.Scopes))
	var err error
	if view.Sites, err = v.matrixSites(); err != nil || !v.mayChange() {
		return view, err
	}
	view.Pending, err = v.scopesPendingView(p, g.selects(), shownPending)
	view.Pending.Review = v.levelsReviewPath(s.origin(d))
	return view, err
}

func (v *visit) realmRow(view *matrixView, g scopeGrid, p *scopePending, row int) matrixRowView {
	person := &g.People[row]
	out := v.personRow(&person.MatrixPerson, slices.Contains(p.People, person.ID))
	for column := range g.Scopes {
		cell := v.realmCell(view, g, p, row, column)
		cell.Label = v.t.T(view.Domain.key("cell"), "Name", out.Name, "Resource", cell.Column)
		out.May = out.May || cell.May
		out.Cells = append(out.Cells, cell)
	}
	if out.May { // where what comes from a role is changed
		out.Href = v.rightsPath(person.ID)
	}
	return out
}

func (v *visit) rightsPath(id ident.Member) string { return v.sheetPath(id) + "/rights" }

func (v *visit) realmCell(view *matrixView, g scopeGrid, p *scopePending, row, column int) matrixCellView {
	c, realm, at := &g.People[row].Scopes[column], g.Realm, g.Scopes[column].Scope
	now := scopeLevelOf(v.t, realm, c.Level)
	cell := matrixCellView{
		ID: selectID(row, column), Column: view.Columns[column].Name, Shown: now, May: c.May(),
		Source: v.scopeSource(c, at, realm, g.Scopes[0].Scope.Site.IsZero()), Away: !c.Belongs && c.Level == grant.ScopeNone,
	}
	if n := p.find(g.id(row, column)); n >= 0 && cell.May {
		w := p.Wishes[n]
		cell.Shown = scopeLevelOf(v.t, realm, w.Level)
		if cell.Changed = w.Level != c.Level; cell.Changed {
			cell.Former = now.Label
		}
		if w.Was != c.Level && cell.Changed {
			cell.Clash = v.scopeClash(realm, c.Level, w.Was)
		}
	}
	for _, l := range view.Levels {
		custom := l.Level == grant.Level(grant.ScopeCustom)
		if custom && c.Level != grant.ScopeCustom {
			continue
		}
		cell.Offers = append(cell.Offers, levelOffer{l, !slices.Contains(c.Offers, grant.ScopeLevel(l.Level))})
	}
	cell.Field = strings.Join([]string{"c", strconv.Itoa(row), strconv.Itoa(column), now.Letter, cell.Shown.Letter}, ".")
	return cell
}

// scopeClash says what somebody else saved meanwhile, and what had been seen.
func (v *visit) scopeClash(r grant.Realm, now, was grant.ScopeLevel) string {
	return v.t.T("matrix.clash", "Now", scopeLevelOf(v.t, r, now).Label, "Was", scopeLevelOf(v.t, r, was).Label)
}

// personRow is the head of a row: who it is about, and what for.
func (v *visit) personRow(person *grant.MatrixPerson, ticked bool) matrixRowView {
	out := matrixRowView{
		ID: person.ID.String(), Title: person.Title, Family: person.FamilyName, Given: person.GivenName,
		Name:   strings.TrimSpace(person.FamilyName + " " + person.GivenName),
		Detail: named(v.t, "function.", person.Function), Ticked: ticked, Href: v.sheetPath(person.ID),
	}
	if out.Name == "" {
		out.Family = v.t.T("matrix.nameless")
		out.Name = out.Family
	}
	if person.EndsAt != nil {
		out.Detail += " · " + v.t.T("matrix.until", "Until", v.lastDayOn(*person.EndsAt))
	}
	return out
}

// scopesForeseen is what would become of the pending changes now.
type scopesForeseen struct {
	set     grant.ScopeSet
	refused map[scopeID]string // cells that can no longer be changed, and why
}

// foreseeScopes asks what the pending changes would do. Cells that are refused are told
// apart, and the others foreseen without them.
func (v *visit) foreseeScopes(p *scopePending) (scopesForeseen, error) {
	f := scopesForeseen{refused: map[scopeID]string{}}
	for {
		var left []scopeID
		var wanted []grant.ScopeChange
		for _, w := range p.Wishes {
			if f.refused[w.scopeID] == "" {
				left = append(left, w.scopeID)
				wanted = append(wanted, grant.ScopeChange{Member: w.Member, Scope: w.Scope, Realm: w.Realm, Level: w.Level})
			}
		}
		if len(wanted) == 0 {
			return f, nil
		}
		set, err := v.s.Grants.PreviewScopes(v.Context(), v.by, v.org.ID, grant.ScopesWanted{Changes: wanted})
		if err == nil {
			f.set = set
			return f, nil
		}
		places := v.refusedPlaces(err)
		if len(places) == 0 {
			return f, err
		}
		for n, why := range places {
			if n < len(left) {
				f.refused[left[n]] = why
			}
		}
	}
}

// scopesPendingView words what is pending; on is the page it stands under, by cell the id
// of its select. No more lines than most.
func (v *visit) scopesPendingView(p *scopePending, on map[scopeID]string, most int) (pendingView, error) {
	f, err := v.foreseeScopes(p)
	if err != nil {
		return pendingView{}, err
	}
	view := pendingView{Lines: v.scopeLines(p, f, on), StepUp: f.set.NeedsStepUp, Heading: v.t.T("matrix.right_at")}
	v.sumUp(&view, len(f.refused), most)
	view.Warnings = v.warnings(grant.ChangeSet{Warnings: f.set.Warnings})
	return view, nil
}

// scopeLines are the lines of the preview by person, then what is refused.
func (v *visit) scopeLines(p *scopePending, f scopesForeseen, on map[scopeID]string) []lineView {
	order := map[ident.Member]int{}
	for _, l := range f.set.Lines {
		if _, known := order[l.Member]; !known {
			order[l.Member] = len(order)
		}
	}
	sorted := slices.Clone(f.set.Lines)
	slices.SortStableFunc(sorted, func(a, b grant.ScopeLine) int { return order[a.Member] - order[b.Member] })
	lines := make([]lineView, 0, len(p.Wishes))
	for i, l := range sorted {
		id := scopeID{l.Member, l.Scope, l.Realm}
		line := lineView{
			Cell: id.code(), Select: on[id], Name: v.somebody(l.MemberName), Again: i > 0 && sorted[i-1].Member == l.Member,
			Resource: v.scopeLineName(l.Realm, or(l.SiteName, v.t.T("scope.organization"))),
			Before:   stateView{level: scopeLevelOf(v.t, l.Realm, l.Before)}, After: stateView{level: scopeLevelOf(v.t, l.Realm, l.After)},
		}
		if n := p.find(id); n >= 0 && p.Wishes[n].Was != l.Before {
			line.Clash = v.scopeClash(l.Realm, l.Before, p.Wishes[n].Was)
		}
		lines = append(lines, line)
	}
	for _, w := range p.Wishes {
		if why := f.refused[w.scopeID]; why != "" {
			lines = append(lines, lineView{
				Cell: w.code(), Select: on[w.scopeID], Name: v.t.T("matrix.refused_name"), Failure: ended(why),
				Resource: v.scopeLineName(w.Realm, v.t.T("matrix.refused_resource")),
				Before:   stateView{level: scopeLevelOf(v.t, w.Realm, w.Was)}, After: stateView{level: scopeLevelOf(v.t, w.Realm, w.Level)},
			})
		}
	}
	return lines
}

// scopeLineName says where a level holds, and of what: «Saint-Aubin : dossier patient».
func (v *visit) scopeLineName(r grant.Realm, where string) string {
	return v.t.T("matrix."+string(r)+".at", "Name", where)
}

// mendScopes is what the buttons of a pending list do, as mend.
func (v *visit) mendScopes(p *scopePending) error {
	keep, some, err := mended(v, v.parseScopeCell, p.drop, func() { p.Wishes = nil })
	if err != nil || !some {
		return err
	}
	f, err := v.foreseeScopes(p)
	for _, l := range f.set.Lines {
		at := scopeID{l.Member, l.Scope, l.Realm}
		if n := p.find(at); n >= 0 && keep(at) {
			p.Wishes[n].Was = l.Before
		}
	}
	return err
}
