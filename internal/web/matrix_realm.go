package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/grant"
	"habilis/internal/ident"
)

// The tabs «Dossier patient» and «Administration»: people × the organisation and its sites.
// Page, script and review are those of levels; a cell tells what roles and single
// permissions give there, and changes the single ones (RGT-1, DESIGN.md 14).

// realm shows such a matrix, with what is typed and not saved.
func (v *visit) realm(d domain) error {
	p, err := v.scopePending()
	if err != nil {
		return err
	}
	return v.showRealm(d, readMatrixState(v.URL.Query().Get), &p, nil)
}

func (v *visit) realmMatrix(d domain, s matrixState) (grant.ScopeMatrix, error) {
	return v.s.Grants.Scopes(v.Context(), v.by, v.org.ID, s.scopes(d))
}

// scopes is the state as a query for a matrix of people and sites.
func (s matrixState) scopes(d domain) grant.ScopeQuery {
	return grant.ScopeQuery{
		Realm: d.Realm, Q: s.Search, Function: s.Function, Site: ident.Site(s.Site), ScopeQ: s.Name, Page: s.Page, Column: s.Part,
	}
}

func (v *visit) showRealm(d domain, s matrixState, p *scopePending, refusal error) error {
	m, err := v.realmMatrix(d, s)
	var wrong map[string]string
	if err != nil && fault.Of(err).Code == grant.ErrQuery.Code { // what was typed stays in its field
		wrong, refusal = v.searchTooLong(), errSearchTooLong
		plain := s
		plain.Search, plain.Name = "", ""
		m, err = v.realmMatrix(d, plain)
	}
	if err != nil {
		return err
	}
	view, err := v.realmView(d, s, m, p)
	if err != nil {
		return err
	}
	view.Wrong = wrong
	return v.showMatrix(view, refusal)
}

// actRealm keeps what was typed in the cells, does what the button says, and comes back
// (303). Nothing of it is saved: it is pending.
func (v *visit) actRealm(d domain) error {
	if err := v.mayEditScopes(); err != nil {
		return err
	}
	s := readMatrixState(v.URL.Query().Get)
	m, err := v.realmMatrix(d, s)
	if err != nil {
		return err
	}
	p, err := v.scopePending()
	if err != nil {
		return err
	}
	g := realmGrid(m)
	if err := v.readRealmCells(d, &p); err != nil {
		return err
	}
	if err := v.readRealmTicks(&p); err != nil {
		return err
	}
	refusal := v.actOnRealm(d, g, &p)
	if err := v.keepScopes(&p); err != nil { // too many: those kept before stay
		if refusal = err; !staysOnPage(fault.Of(err)) {
			return err
		}
		if p, err = v.scopePending(); err != nil {
			return err
		}
	}
	switch {
	case refusal != nil:
		return v.showRealm(d, s, &p, refusal)
	case v.PostFormValue("do") == doKeep:
		return v.showRealmKept(s.origin(d), g, &p)
	}
	return v.afterwards(d, s)
}

// mayEditScopes refuses, as the act would, whoever gives rights nowhere.
func (v *visit) mayEditScopes() error {
	_, err := v.s.Grants.PreviewScopes(v.Context(), v.by, v.org.ID, grant.ScopesWanted{})
	return err
}

// actOnRealm is what the buttons do to the pending changes.
func (v *visit) actOnRealm(d domain, g scopeGrid, p *scopePending) error {
	switch v.PostFormValue("do") {
	case doLevel:
		return v.realmForPeople(d, g, p)
	case doColumns:
		return v.realmOnColumns(d, g, p)
	case doReset:
		p.People, p.Columns = nil, nil
	}
	return v.mendScopes(p)
}

func (v *visit) showRealmKept(origin url.Values, g scopeGrid, p *scopePending) error {
	view, err := v.scopesPendingView(p, g.selects(), shownPending)
	if err != nil {
		return err
	}
	view.Review = v.levelsReviewPath(origin)
	return v.show(http.StatusOK, PendingFragment(v.t, view))
}

// scopeGrid is a part of the matrix by cell.
type scopeGrid struct {
	grant.ScopeMatrix

	People []grant.ScopePerson // the rows, in the order of the page
}

func realmGrid(m grant.ScopeMatrix) scopeGrid {
	g := scopeGrid{ScopeMatrix: m}
	for _, group := range m.Groups {
		g.People = append(g.People, group.People...)
	}
	return g
}

// selects are the ids of the cells that may be changed on this page.
func (g scopeGrid) selects() map[scopeID]string {
	ids := map[scopeID]string{}
	for row := range g.People {
		for column := range g.Scopes {
			if g.People[row].Scopes[column].May() {
				ids[g.id(row, column)] = selectID(row, column)
			}
		}
	}
	return ids
}

func (g scopeGrid) id(row, column int) scopeID {
	return scopeID{g.People[row].ID, g.Scopes[column].Scope, g.Realm}
}

// readRealmCells takes the cells that were changed on the page into the pending changes.
func (v *visit) readRealmCells(d domain, p *scopePending) error {
	rows, columns := strings.Fields(v.PostFormValue("rows")), strings.Fields(v.PostFormValue("columns"))
	var names []string
	for name := range v.PostForm {
		if strings.HasPrefix(name, "c.") {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, byPlace)
	for _, name := range names {
		id, was, shown, ok := v.parseScopeField(d, name, rows, columns)
		value := v.PostFormValue(name)
		if !ok {
			return errForm
		}
		if shown != sawChanged && shown == value {
			continue
		}
		to, known := byScopeLetter(d.Realm, value)
		from, knew := byScopeLetter(d.Realm, was)
		if !known || !knew {
			return errForm
		}
		p.want(id, to, from)
	}
	return nil
}

func (v *visit) parseScopeField(d domain, name string, rows, columns []string) (id scopeID, was, shown string, ok bool) {
	part := strings.Split(name, ".")
	if len(part) != fieldParts {
		return id, "", "", false
	}
	row, err := strconv.Atoi(part[1])
	column, err2 := strconv.Atoi(part[2])
	if err != nil || err2 != nil || row < 0 || column < 0 || row >= len(rows) || column >= len(columns) {
		return id, "", "", false
	}
	id, ok = v.parseScopeCell(rows[row] + "." + columns[column] + "." + string(d.Realm))
	return id, part[3], part[4], ok
}

// readRealmTicks takes the people and the columns that are ticked.
func (v *visit) readRealmTicks(p *scopePending) error {
	var people, columns error
	p.People, people = each(v.PostForm["m"], ident.ParseMember)
	p.Columns, columns = each(v.PostForm["r"], func(s string) (access.Scope, error) {
		at, ok := access.ParseScope(v.org.ID, s)
		if !ok {
			return at, errForm
		}
		return at, nil
	})
	return cmp.Or(people, columns)
}
