package web

import (
	"net/url"
	"strings"

	"habilis/internal/grant"
	"habilis/internal/ident"
)

// matrixState is whom and what a matrix shows: the address is the state.
type matrixState struct {
	Search, Function, Site string // of the people
	Name, Detail, Place    string // of the agendas or mailboxes
	Page, Part             int    // of the people; of the columns
}

func readMatrixState(get func(string) string) matrixState {
	return matrixState{
		Search: strings.TrimSpace(get("q")), Function: get(fieldFunction), Site: get(fieldSite),
		Name: strings.TrimSpace(get(fieldName)), Detail: get("detail"), Place: get("place"),
		Page: number(get(fieldPage), 1, maxPage), Part: number(get("part"), 1, maxPage),
	}
}

// values writes the state as a query; what is as usual is left out.
func (s matrixState) values() url.Values {
	return queryOf(map[string]string{
		"q": s.Search, fieldFunction: s.Function, fieldSite: s.Site, fieldName: s.Name, "detail": s.Detail, "place": s.Place,
		fieldPage: unusual(s.Page, 1), "part": unusual(s.Part, 1),
	})
}

func (s matrixState) href(base string) string {
	return inState(base, s.values())
}

// origin is the state with the matrix it is of, as addresses that lead back to it carry it.
func (s matrixState) origin(d domain) url.Values {
	q := s.values()
	q.Set(fieldOrigin, d.name())
	return q
}

// filtered reports whether anything narrows the matrix.
func (s matrixState) filtered() bool {
	s.Page, s.Part = 1, 1
	return len(s.values()) > 0
}

// narrowed reports whether the columns are chosen: the noun then gives them all at once.
func (s matrixState) narrowed() bool { return s.Name != "" || s.Detail != "" || s.Place != "" }

func (s matrixState) query(d domain) grant.MatrixQuery {
	return grant.MatrixQuery{
		Type: d.Type, Q: s.Search, Function: s.Function, Site: ident.Site(s.Site),
		ResourceQ: s.Name, Detail: s.Detail, ResourceSite: ident.Site(s.Place), Page: s.Page, Column: s.Part,
	}
}

// matrix reads the part of the matrix that a state shows: never more columns than stand
// side by side, nor more people than a page (rules.md 14).
func (v *visit) matrix(d domain, s matrixState) (grant.Matrix, error) {
	m, err := v.s.Grants.Matrix(v.Context(), v.by, v.org.ID, s.query(d))
	if err != nil || !s.narrowed() {
		return m, err
	}
	m.Columns = max(1, (len(m.Resources)+grant.MatrixColumns-1)/grant.MatrixColumns)
	m.Column = min(s.Part, m.Columns)
	from := (m.Column - 1) * grant.MatrixColumns
	to := min(len(m.Resources), from+grant.MatrixColumns)
	m.Resources = m.Resources[from:to]
	for g := range m.Groups {
		for p := range m.Groups[g].People {
			row := &m.Groups[g].People[p]
			row.Cells = row.Cells[from:to]
		}
	}
	return m, nil
}
