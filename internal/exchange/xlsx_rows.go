package exchange

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// readShared reads the texts that cells share.
func (w *workbook) readShared(name string) error {
	return w.each(name, func(e xml.StartElement, p *parser) error {
		if e.Name.Local != "si" {
			return nil
		}
		if len(w.shared) == maxShared {
			return ErrInflated.With("Max", maxInflatedMB)
		}
		s, err := p.content()
		w.shared = append(w.shared, s)
		return err
	})
}

// maxStyles bounds the styles that are remembered; a cell of one beyond shows no date.
const maxStyles = 70_000

// readStyles finds which styles show a number as a date.
func (w *workbook) readStyles(name string) error {
	custom, inCells := map[string]bool{}, false
	return w.each(name, func(e xml.StartElement, _ *parser) error {
		switch e.Name.Local {
		case "numFmt":
			if len(custom) < maxStyles {
				custom[attribute(e, "numFmtId")] = datesIn(attribute(e, "formatCode"))
			}
		case "cellXfs", "cellStyleXfs", "cellStyles", "dxfs":
			inCells = e.Name.Local == "cellXfs"
		case "xf":
			if inCells && len(w.dated) < maxStyles {
				id := attribute(e, "numFmtId")
				w.dated = append(w.dated, custom[id] || datedBuiltIn(id))
			}
		}
		return nil
	})
}

// datedBuiltIn reports whether a format that every workbook has shows dates or times.
func datedBuiltIn(id string) bool {
	n, err := strconv.Atoi(id)
	return err == nil && (n >= 14 && n <= 22 || n >= 27 && n <= 36 || n >= 45 && n <= 47 || n >= 50 && n <= 58)
}

// datesIn reports whether a format of the workbook's own shows dates or times: it names
// years, days, hours or seconds, outside what it writes as it is.
func datesIn(format string) bool {
	quoted, bracketed := false, false
	for i := 0; i < len(format); i++ {
		switch c := format[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\\':
			i++
		case c == '[':
			bracketed = true
		case c == ']':
			bracketed = false
		case !bracketed && strings.IndexByte("yYdDhHsS", c) >= 0:
			return true
		}
	}
	return false
}

// rowsReader reads the lines of a sheet.
type rowsReader struct {
	w      *workbook
	out    *sheet
	row    row
	at     int // the line that is read
	column int // the column that comes next
	merges int
	merged int // cells that they cover
}

func (w *workbook) readRows(name string) (*sheet, error) {
	r := &rowsReader{w: w, out: &sheet{format: XLSX}}
	err := w.each(name, func(e xml.StartElement, p *parser) error {
		switch e.Name.Local {
		case "row":
			return r.begin(e)
		case "c":
			return r.cell(e, p)
		case "mergeCell":
			return r.merge(attribute(e, "ref"))
		}
		return nil
	})
	if err == nil {
		err = r.end()
	}
	return r.out, err
}

// begin ends the line before and begins another.
func (r *rowsReader) begin(e xml.StartElement) error {
	if err := r.end(); err != nil {
		return err
	}
	no := r.at + 1
	if s := attribute(e, "r"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < no || n > lastRow {
			return ErrBounds
		}
		no = n
	}
	if no > lastRow {
		return ErrBounds
	}
	r.at, r.column, r.row = no, 0, row{no: no}
	return nil
}

func (r *rowsReader) end() error {
	err := r.out.keep(r.row)
	r.row = row{}
	return err
}

// cell reads one cell.
func (r *rowsReader) cell(e xml.StartElement, p *parser) error {
	column := r.column
	if ref := attribute(e, "r"); ref != "" {
		c, line, ok := reference(ref)
		if !ok || line != r.at || c < column {
			return ErrBounds
		}
		column = c
	}
	if column >= lastCell || r.at == 0 {
		return ErrBounds
	}
	r.column = column + 1
	value, formula, err := p.value()
	if err != nil {
		return err
	}
	s, odd, err := r.w.textOf(attribute(e, "t"), attribute(e, "s"), value)
	if err != nil {
		return err
	}
	if formula {
		s, odd = "", cellFormula
	}
	if !r.row.put(column, s, odd) {
		return ErrColumns.With("Max", int64(MaxColumns))
	}
	return nil
}

// value is what a cell holds, and whether a formula makes it.
func (p *parser) value() (value string, formula bool, err error) {
	depth := p.depth
	for p.depth >= depth {
		t, err := p.next()
		if err != nil {
			return "", false, unfinished(err)
		}
		e, starts := t.(xml.StartElement)
		if !starts {
			continue
		}
		formula = formula || e.Name.Local == "f"
		if e.Name.Local != "v" && e.Name.Local != "is" {
			continue
		}
		if value, err = p.content(); err != nil {
			return "", false, err
		}
	}
	return value, formula, nil
}

// textOf gives the text of a cell of a kind, or why there is none.
func (w *workbook) textOf(kind, style, value string) (s, odd string, err error) {
	switch kind {
	case "s":
		n, bad := strconv.Atoi(strings.TrimSpace(value))
		if bad != nil || n < 0 || n >= len(w.shared) {
			return "", "", ErrUnreadable
		}
		return w.shared[n], "", nil
	case "e":
		return "", cellError, nil
	case "d":
		return "", cellDate, nil
	case "", "n":
		s, odd = w.number(style, strings.TrimSpace(value))
		return s, odd, nil
	}
	return value, "", nil
}

// number writes a number with all its digits: an RPPS number is no «1E+10».
func (w *workbook) number(style, value string) (s, odd string) {
	if value == "" {
		return "", ""
	}
	if n, err := strconv.Atoi(style); err == nil && n >= 0 && n < len(w.dated) && w.dated[n] {
		return "", cellDate
	}
	f, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return value, ""
	}
	return strconv.FormatFloat(f, 'f', -1, 64), ""
}

// merge notes the cells of a merged range, where they stand in lines that hold something.
func (r *rowsReader) merge(ref string) error {
	if err := r.end(); err != nil {
		return err
	}
	r.merges++
	if r.merges > maxMerges {
		return ErrMerges
	}
	from, to, ranged := strings.Cut(ref, ":")
	left, top, ok := reference(from)
	right, bottom, ok2 := reference(to)
	if !ok || !ranged || !ok2 {
		return ErrBounds
	}
	for i := range r.out.rows {
		l := &r.out.rows[i]
		if l.no < top || l.no > bottom {
			continue
		}
		for c := left; c <= min(right, MaxColumns-1); c++ {
			l.strange(c, cellMerged)
			r.merged++
		}
		if r.merged > maxMerged {
			return ErrMerges
		}
	}
	return nil
}

// reference reads "AB12": the column from 0, and the line from 1.
func reference(s string) (column, line int, ok bool) {
	i := 0
	for ; i < len(s) && s[i] >= 'A' && s[i] <= 'Z'; i++ {
		if column = column*26 + int(s[i]-'A') + 1; column > lastCell {
			return 0, 0, false
		}
	}
	line, err := strconv.Atoi(s[i:])
	ok = i > 0 && err == nil && line >= 1 && line <= lastRow && s[i] != '+'
	return column - 1, line, ok
}
