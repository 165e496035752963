package grant

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/org"
	"habilis/internal/store"
)

// ScopeQuery chooses the people and the scopes of a matrix.
type ScopeQuery struct {
	Realm Realm

	// The people: all those in force or to come, when nothing is asked.
	Q        string // part of a name
	Function string
	Site     ident.Site // where they work
	Members  []ident.Member

	// The scopes: the organisation and all its sites, when nothing is asked.
	ScopeQ string // part of the name of a site: the organisation is then left out

	Page   int  // of people, from 1
	Size   int  // people of a page; MatrixPeople when 0
	Column int  // page of scopes, from 1
	All    bool // every scope found at once, for an export
}

// ScopeMatrix is people, grouped by function, and what each may do at each scope.
type ScopeMatrix struct {
	Realm   Realm
	Scopes  []ScopeColumn // the organisation first, then sites by name
	Total   int           // scopes that the query finds
	Column  int           // the page of scopes
	Columns int           // how many such pages there are
	Groups  []ScopeGroup
	People  int // that the query finds
	Page    int
	Pages   int

	Functions []string // what the filter offers
}

// ScopeColumn is the organisation, or one of its sites.
type ScopeColumn struct {
	Scope access.Scope
	Name  string // of a site
	May   bool   // the one who looks gives rights here
}

// ScopeGroup is the people of one function.
type ScopeGroup struct {
	Function string
	People   []ScopePerson
}

// ScopePerson is one row.
type ScopePerson struct {
	MatrixPerson // without its cells

	Scopes []ScopeCell // one for each of the matrix's scopes, in their order
}

// Scopes reads what people may do in a realm at each scope, of the people that the actor
// may know of and where they may read rights. Errors: ErrQuery.
func (g Grants) Scopes(ctx context.Context, by access.Actor, in ident.Org, q ScopeQuery) (ScopeMatrix, error) {
	var e editor
	return action.View(ctx, g.Run, by, reading(by, in, verbMatrix, in.String(), &e), func(tx *store.Tx) (ScopeMatrix, error) {
		return e.scopeMatrix(ctx, tx, q)
	})
}

func (e editor) scopeMatrix(ctx context.Context, tx *store.Tx, q ScopeQuery) (ScopeMatrix, error) {
	m := ScopeMatrix{Realm: q.Realm}
	rows, err := MatrixQuery{
		Q: q.Q, Function: q.Function, Site: q.Site, Members: q.Members, Page: q.Page, Size: q.Size, Column: q.Column,
	}.clean()
	if err != nil || utf8.RuneCountInString(q.ScopeQ) > MaxMatrixSearch || ScopeLevelsOf(q.Realm) == nil {
		return m, ErrQuery
	}
	if err := m.columns(ctx, tx, e, q, rows.Column); err != nil {
		return m, err
	}
	var table Matrix
	people, err := table.people(ctx, tx, e, rows)
	if err != nil {
		return m, err
	}
	m.People, m.Page, m.Pages, m.Functions = table.People, table.Page, table.Pages, table.Functions
	err = m.fill(ctx, tx, e, people)
	return m, err
}

// columns chooses the scopes of the page.
func (m *ScopeMatrix) columns(ctx context.Context, tx *store.Tx, e editor, q ScopeQuery, page int) error {
	found, err := e.scopesRead(ctx, tx)
	if err != nil {
		return err
	}
	if strings.TrimSpace(q.ScopeQ) != "" {
		found = slices.DeleteFunc(found, func(c ScopeColumn) bool { return c.Scope.Site.IsZero() || !matches(q.ScopeQ, c.Name) })
	}
	m.Total, m.Column, m.Columns = len(found), 1, 1
	if !q.All {
		m.Columns = max(1, (len(found)+MatrixColumns-1)/MatrixColumns)
		m.Column = min(page, m.Columns)
		from := (m.Column - 1) * MatrixColumns
		found = found[from:min(len(found), from+MatrixColumns)]
	}
	m.Scopes = found
	return nil
}

// scopesRead are the organisation and its open sites, where the editor may read rights.
func (e editor) scopesRead(ctx context.Context, tx *store.Tx) ([]ScopeColumn, error) {
	sight, err := org.See(ctx, tx, e.held)
	if err != nil {
		return nil, err
	}
	sites, err := org.ActiveSites(ctx, tx, e.held.Org)
	if err != nil {
		return nil, err
	}
	var list []ScopeColumn
	add := func(at access.Scope, name string) {
		if e.readsAt(at) {
			list = append(list, ScopeColumn{Scope: at, Name: name, May: e.held.Has(access.RightsEdit, at)})
		}
	}
	add(access.OrgScope(e.held.Org), "")
	for i := range sites {
		if sight.Of(sites[i].ID) {
			add(access.SiteScope(e.held.Org, sites[i].ID), sites[i].Name)
		}
	}
	return list, nil
}

// fill reads the cells of the people of the page.
func (m *ScopeMatrix) fill(ctx context.Context, tx *store.Tx, e editor, people []person) error {
	byID := make(map[ident.Member]person, len(people))
	for _, p := range people {
		byID[p.ID] = p
	}
	s, err := readScopes(ctx, tx, e, byID)
	if err != nil {
		return err
	}
	for _, p := range people {
		if n := len(m.Groups); n == 0 || m.Groups[n-1].Function != p.Function {
			m.Groups = append(m.Groups, ScopeGroup{Function: p.Function})
		}
		g := &m.Groups[len(m.Groups)-1]
		row := ScopePerson{MatrixPerson: (&Matrix{}).row(&scene{editor: e, now: tx.Now}, p)}
		for _, c := range m.Scopes {
			row.Scopes = append(row.Scopes, s.cell(p, c.Scope, m.Realm))
		}
		g.People = append(g.People, row)
	}
	return nil
}
