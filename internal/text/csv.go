package text

import (
	"bufio"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Files for spreadsheets: UTF-8 that says so, cells between quotes and parted by
// semicolons, as French ones expect; and no cell can be taken for a formula (rules.md 15,
// INJ-03).

// ByteOrderMark begins such a file.
const ByteOrderMark = "\uFEFF"

const (
	csvSeparator = ";"
	csvLineEnd   = "\r\n"
)

// CSVRow writes one line of such a file.
func CSVRow(w *bufio.Writer, cells []string) error {
	for i, c := range cells {
		if i > 0 {
			_, _ = w.WriteString(csvSeparator) // bufio keeps the error
		}
		_, _ = w.WriteString(`"` + strings.ReplaceAll(Harmless(c), `"`, `""`) + `"`)
	}
	_, err := w.WriteString(csvLineEnd)
	return err
}

// formula are the signs by which spreadsheets take a cell for a formula, with those of
// full width that some of them take for the same.
const formula = "=+-@\t\r\n|%＝＋－＠"

// Harmless puts an apostrophe before a cell that a spreadsheet would take for a formula.
// Taking it away gives the cell as it was.
func Harmless(cell string) string {
	begins := strings.TrimLeftFunc(cell, func(r rune) bool { return r == ' ' || (unicode.IsSpace(r) && !strings.ContainsRune("\t\r\n", r)) })
	if first, _ := utf8.DecodeRuneInString(begins); begins != "" && strings.ContainsRune(formula, first) {
		return "'" + cell
	}
	return cell
}
