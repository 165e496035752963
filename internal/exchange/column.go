package exchange

import (
	"maps"
	"slices"
	"strings"

	"habilis/internal/fault"
	"habilis/internal/text"
)

// Column is what a column of a file says of people, by the name of the field in the API.
type Column string

// The columns, in the order of the template.
const (
	FamilyName Column = "family_name"
	GivenName  Column = "given_name"
	Email      Column = "email"
	Function   Column = "function"
	Profile    Column = "profile_type"
	Sites      Column = "sites"
	Roles      Column = "roles"
	OrgRoles   Column = "organization_roles"
	Title      Column = "title"
	RPPS       Column = "rpps"
	Profession Column = "profession"
	Specialty  Column = "specialty"
	Phone      Column = "phone"
	MSSante    Column = "mssante"
	Reach      Column = "messaging_reach"
	SIRET      Column = "siret"
	AMNumber   Column = "am_number"
	MemberID   Column = "member_id"
)

// Columns are those of the template.
var Columns = []Column{
	FamilyName, GivenName, Email, Function, Profile, Sites, Roles, OrgRoles, Title, RPPS, Profession, Specialty, Phone, MSSante,
	Reach, SIRET, AMNumber, MemberID,
}

// needed are the columns without which nobody can be told from another.
var needed = []Column{FamilyName, GivenName}

// aliases are other words that people write over a column, folded.
var aliases = map[string]Column{
	"nom de famille": FamilyName, "nom d exercice": FamilyName, "surname": FamilyName, "mail": Email, "courriel": Email,
	"adresse e mail": Email, "adresse mail": Email, "mobile": Phone, "portable": Phone, "numero rpps": RPPS, "n rpps": RPPS,
	"etablissement": Sites, "site": Sites, "role": Roles, "fonctions": Function, "siret": SIRET, "mssante": MSSante,
}

// Label is what a column is called in a language.
func (c Column) Label(t *text.Printer) string { return t.T("exchange.column." + string(c)) }

// columnsByWord finds a column by what stands over it, in any language.
func columnsByWord() map[string]Column {
	words := maps.Clone(aliases)
	for _, c := range Columns {
		words[text.Fold(string(c))] = c
		for _, lang := range text.All {
			words[text.Fold(c.Label(text.For(lang)))] = c
		}
	}
	return words
}

// header is what the columns of a file are.
type header struct {
	at      map[int]Column
	columns []Column
	ignored []string // as they were written
}

// maxIgnored bounds the columns whose names are told as ignored.
const maxIgnored = 10

// readHeader reads the first line of a file. Errors: ErrHeader with the columns that lack,
// ErrTwice with the one that is there twice.
func readHeader(r row) (header, error) {
	h, words := header{at: map[int]Column{}}, columnsByWord()
	for i, cell := range r.cells {
		word := strings.TrimRight(cell, " *")
		c, known := words[text.Fold(word)]
		switch {
		case word == "":
			continue
		case !known && len(h.ignored) < maxIgnored:
			h.ignored = append(h.ignored, word)
			continue
		case !known:
			continue
		case slices.Contains(h.columns, c):
			return h, ErrTwice.With("Column", text.Word("exchange.column."+string(c)))
		}
		h.at[i] = c
		h.columns = append(h.columns, c)
	}
	for _, c := range needed {
		if !slices.Contains(h.columns, c) {
			return h, ErrHeader.With("Column", text.Word("exchange.column."+string(c)))
		}
	}
	return h, nil
}

// line is what a file says of one person: by column, what was read or why it was not.
type line struct {
	No    int               `json:"-"`
	Cells map[Column]string `json:"cells"`
	Odd   map[Column]string `json:"odd,omitempty"`
}

// linesOf gives the lines of people of a sheet.
func linesOf(s *sheet) (header, []line, error) {
	h, err := readHeader(s.rows[0])
	if err != nil {
		return h, nil, err
	}
	list := make([]line, 0, len(s.rows)-1)
	for _, r := range s.rows[1:] {
		l := line{No: r.no, Cells: map[Column]string{}}
		for i, c := range h.at {
			if code := r.odd[i]; code != "" {
				if l.Odd == nil {
					l.Odd = map[Column]string{}
				}
				l.Odd[c] = code
			} else if i < len(r.cells) && r.cells[i] != "" {
				l.Cells[c] = r.cells[i]
			}
		}
		if len(l.Cells) > 0 || len(l.Odd) > 0 {
			list = append(list, l)
		}
	}
	if len(list) == 0 {
		return h, nil, ErrEmpty
	}
	return h, list, nil
}

// Point is something to say of a line, at one of its cells or of the whole.
type Point struct {
	Column Column         `json:"column,omitempty"`
	Code   string         `json:"code"`
	Args   map[string]any `json:"args,omitempty"`
}

// pointsOf gives what a refusal says, each at its column; what stands in a place that the file
// has no column for is said of the whole line.
func pointsOf(f *fault.Error, roles, orgRoles int) []Point {
	if len(f.Fields) == 0 {
		return []Point{{Code: f.Code, Args: f.Args}}
	}
	var list []Point
	for _, x := range f.Fields {
		p := Point{Column: columnOf(x.Location, roles, orgRoles), Code: x.Code, Args: x.Args}
		if !slices.ContainsFunc(list, func(q Point) bool { return q.Column == p.Column && q.Code == p.Code }) {
			list = append(list, p)
		}
	}
	return list
}
