package exchange

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"habilis/internal/fault"
	"habilis/internal/text"
)

// Bounds of a file (rules.md 16).
const (
	MaxFile     = 5 << 20  // bytes as it is sent
	MaxInflated = 50 << 20 // bytes once open
	MaxRows     = 10_000   // lines of people
	MaxColumns  = 40       // columns that hold something
	MaxCell     = 1000     // characters of one cell
)

// The two as they are told, in MB.
const (
	maxFileMB     int64 = MaxFile >> 20
	maxInflatedMB int64 = MaxInflated >> 20
	maxKeptMB     int64 = 8 // of the cells of a file
)

// Faults of a file that is not read at all; each says what to do about it.
var (
	ErrEmpty      = fault.New(fault.Invalid, "exchange.empty")
	ErrTooLarge   = fault.New(fault.TooLarge, "exchange.too_large")
	ErrInflated   = fault.New(fault.Invalid, "exchange.inflated")
	ErrRows       = fault.New(fault.Invalid, "exchange.too_many_rows")
	ErrColumns    = fault.New(fault.Invalid, "exchange.too_many_columns")
	ErrBounds     = fault.New(fault.Invalid, "exchange.bounds")
	ErrMerges     = fault.New(fault.Invalid, "exchange.too_many_merged")
	ErrMacros     = fault.New(fault.Invalid, "exchange.macros")
	ErrDTD        = fault.New(fault.Invalid, "exchange.dtd")
	ErrFormat     = fault.New(fault.Invalid, "exchange.format")
	ErrOldFormat  = fault.New(fault.Invalid, "exchange.old_format")
	ErrUnreadable = fault.New(fault.Invalid, "exchange.unreadable")
	ErrQuotes     = fault.New(fault.Invalid, "exchange.quotes")
	ErrHeader     = fault.New(fault.Invalid, "exchange.header")
	ErrTwice      = fault.New(fault.Invalid, "exchange.column_twice")
)

// Format is what a file is.
type Format string

// The formats.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// Codes of a cell that is not read, and why.
const (
	cellFormula = "exchange.cell_formula"
	cellDate    = "exchange.cell_date"
	cellMerged  = "exchange.cell_merged"
	cellError   = "exchange.cell_error"
	cellLong    = "exchange.cell_long"
)

// sheet is a file as it was read: text, and what is no text.
type sheet struct {
	format Format
	latin  bool // it was no UTF-8, and was read as Windows-1252
	rows   []row
	text   int // bytes of all the cells that are kept
}

// row is a line that holds something.
type row struct {
	no    int            // in the file, from 1
	cells []string       // by column
	odd   map[int]string // by column: why a cell is not read
}

// readSheet reads a file for what it holds, whatever its name. Errors: the faults above.
func readSheet(b []byte) (*sheet, error) {
	switch {
	case len(b) > MaxFile:
		return nil, ErrTooLarge.With("Max", maxFileMB)
	case len(bytes.TrimSpace(b)) == 0:
		return nil, ErrEmpty
	case bytes.HasPrefix(b, []byte("\xD0\xCF\x11\xE0")): // the old binary format, or a file under a password
		return nil, ErrOldFormat
	case bytes.HasPrefix(b, []byte("PK\x03\x04")), bytes.HasPrefix(b, []byte("PK\x05\x06")):
		return readXLSX(b)
	}
	return readCSV(b)
}

// put keeps a cell of the line; what is no text has a code instead. It reports false for a
// column beyond the last.
func (r *row) put(column int, s, odd string) bool {
	s = restored(strings.TrimSpace(s))
	if s == "" && odd == "" {
		return true
	}
	if column >= MaxColumns {
		return false
	}
	if utf8.RuneCountInString(s) > MaxCell {
		s, odd = "", cellLong
	}
	for len(r.cells) <= column {
		r.cells = append(r.cells, "")
	}
	r.cells[column] = s
	if odd != "" {
		r.strange(column, odd)
	}
	return true
}

// strange notes that a cell is not read.
func (r *row) strange(column int, code string) {
	if r.odd == nil {
		r.odd = map[int]string{}
	}
	r.odd[column] = code
}

// keep adds a line that holds something.
func (s *sheet) keep(r row) error {
	if len(r.cells) == 0 && len(r.odd) == 0 {
		return nil
	}
	if len(s.rows) > MaxRows { // the first is the header
		return ErrRows.With("Max", int64(MaxRows))
	}
	for _, c := range r.cells {
		s.text += len(c) // a text that many cells share counts for each of them: each is kept
	}
	if int64(s.text) > maxKeptMB<<20 {
		return ErrInflated.With("Max", maxKeptMB)
	}
	s.rows = append(s.rows, r)
	return nil
}

// restored takes off the apostrophe that text.Harmless puts before what a spreadsheet would
// take for a formula: an export comes back as it was (INJ-03).
func restored(cell string) string {
	if rest, marked := strings.CutPrefix(cell, "'"); marked && text.Harmless(rest) == cell {
		return rest
	}
	return cell
}
