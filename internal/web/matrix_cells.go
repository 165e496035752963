package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"habilis/internal/grant"
	"habilis/internal/ident"
	"habilis/internal/resource"
)

// grid is a part of the matrix by cell, with the place of each row and column.
type grid struct {
	grant.Matrix

	People  []grant.MatrixPerson // the rows, in the order of the page
	row     map[ident.Member]int
	columns map[resource.ID]int
}

func gridOf(m grant.Matrix) grid {
	g := grid{Matrix: m, row: map[ident.Member]int{}, columns: map[resource.ID]int{}}
	for _, group := range m.Groups {
		g.People = append(g.People, group.People...)
	}
	for n := range g.People {
		g.row[g.People[n].ID] = n
	}
	for n := range m.Resources {
		g.columns[m.Resources[n].ID] = n
	}
	return g
}

// cell finds a cell of this page.
func (g grid) cell(id cellID) (grant.Cell, bool) {
	row, known := g.row[id.Member]
	column, shown := g.columns[id.Resource]
	if !known || !shown {
		return grant.Cell{}, false
	}
	return g.People[row].Cells[column], true
}

func selectID(row, column int) string { return "c-" + strconv.Itoa(row) + "-" + strconv.Itoa(column) }

// selects are the ids of the cells that may be changed on this page.
func (g grid) selects() map[cellID]string {
	ids := map[cellID]string{}
	for row := range g.People {
		for column := range g.Resources {
			if g.People[row].Cells[column].May {
				ids[cellID{g.People[row].ID, g.Resources[column].ID}] = selectID(row, column)
			}
		}
	}
	return ids
}

// sawChanged marks a cell that the script saw changed: its value counts as it is.
const sawChanged = "*"

// fieldParts of the name of a cell: c.ROW.COLUMN.RECORDED.SHOWN, where RECORDED is the
// level that was saved when the page was made, and SHOWN the one it showed.
const fieldParts = 5

// readCells takes the cells that were changed on the page into the pending changes. Rows
// and columns are those of the page as it was sent, whatever has changed since.
func (v *visit) readCells(d domain, g grid, p *pending) error {
	rows, columns := strings.Fields(v.PostFormValue("rows")), strings.Fields(v.PostFormValue("columns"))
	var names []string
	for name := range v.PostForm {
		if strings.HasPrefix(name, "c.") {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, byPlace)
	for _, name := range names {
		id, was, shown, ok := parseField(name, rows, columns)
		if !ok || id.Resource.Type() != d.Type {
			return errForm
		}
		value := v.PostFormValue(name)
		if shown != sawChanged && shown == value {
			continue
		}
		to, known := byLetter(d.Type, value)
		from, knew := byLetter(d.Type, was)
		if !known || !knew {
			return errForm
		}
		g.want(p, id, to, from)
	}
	return nil
}

// byPlace orders the cells of a form as they stand on the page.
func byPlace(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

func parseField(name string, rows, columns []string) (id cellID, was, shown string, ok bool) {
	part := strings.Split(name, ".")
	if len(part) != fieldParts {
		return id, "", "", false
	}
	row, err := strconv.Atoi(part[1])
	column, err2 := strconv.Atoi(part[2])
	if err != nil || err2 != nil || row < 0 || column < 0 || row >= len(rows) || column >= len(columns) {
		return id, "", "", false
	}
	id, ok = parseCell(rows[row] + "." + columns[column])
	return id, part[3], part[4], ok
}

// want makes a level pending, or gives the wish up when it is the one recorded. Dates go on
// as they are: a level that changes ends when it would have ended (RGT-8).
func (g grid) want(p *pending, id cellID, to, was grant.Level) {
	if to == was {
		p.drop(id)
		return
	}
	w := wish{cellID: id, Level: to, Was: was}
	if c, known := g.cell(id); known && to != grant.None && c.Level != grant.None {
		w.Until = c.Until
		if c.Later {
			from := c.From
			w.From = &from
		}
	}
	p.put(w)
}

// readTicks takes the people and the columns that are ticked.
func (v *visit) readTicks(p *pending) error {
	var people, columns error
	p.People, people = each(v.PostForm["m"], ident.ParseMember)
	p.Columns, columns = each(v.PostForm["r"], resource.ParseID)
	return cmp.Or(people, columns)
}

// each reads the values of one field, all of them or none.
func each[T any](values []string, parse func(string) (T, error)) ([]T, error) {
	var out []T
	for _, s := range values {
		x, err := parse(s)
		if err != nil {
			return nil, errForm
		}
		out = append(out, x)
	}
	return out, nil
}

// The places that the tool box may speak of, besides a kind or a function.
const (
	onAll    = "all"
	onTicked = "ticked"
)

// levelForPeople is «Donner le même niveau» to the people ticked, on the columns chosen.
func (v *visit) levelForPeople(d domain, g grid, p *pending) error {
	on := v.PostFormValue("on")
	switch {
	case len(p.People) == 0:
		return errNobodyTicked
	case on == onTicked && len(p.Columns) == 0:
		return errNoColumn
	}
	return v.giveLevel(d, g, p, v.PostFormValue("level"), func(person *grant.MatrixPerson, column *grant.Column) bool {
		return slices.Contains(p.People, person.ID) &&
			(on == onAll || on == string(column.Kind) || (on == onTicked && slices.Contains(p.Columns, column.ID)))
	})
}

// levelOnColumns is «Définir les droits des N agendas sélectionnés», for the people chosen
// (RGT-5).
func (v *visit) levelOnColumns(d domain, g grid, p *pending) error {
	to := v.PostFormValue("to")
	switch {
	case len(p.Columns) == 0:
		return errNoColumn
	case to == onTicked && len(p.People) == 0:
		return errNobodyTicked
	}
	return v.giveLevel(d, g, p, v.PostFormValue("column_level"), func(person *grant.MatrixPerson, column *grant.Column) bool {
		return slices.Contains(p.Columns, column.ID) &&
			(to == onAll || to == person.Function || (to == onTicked && slices.Contains(p.People, person.ID)))
	})
}

// giveLevel makes one level pending for the cells of this page that are meant and may be
// changed.
func (v *visit) giveLevel(d domain, g grid, p *pending, letter string, meant func(*grant.MatrixPerson, *grant.Column) bool) error {
	to, known := byLetter(d.Type, letter)
	if !known {
		return errForm
	}
	for row := range g.People {
		for column := range g.Resources {
			if c := g.People[row].Cells[column]; c.May && meant(&g.People[row], &g.Resources[column]) {
				g.want(p, cellID{g.People[row].ID, g.Resources[column].ID}, to, c.Level)
			}
		}
	}
	return nil
}
