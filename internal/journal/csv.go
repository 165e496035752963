package journal

import (
	"bufio"
	"encoding/json"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"habilis/internal/text"
)

// The file of an export. CSV is written for spreadsheets: UTF-8 that says so, cells
// between quotes and parted by semicolons, as French ones expect; and no cell can be
// taken for a formula (rules.md 15, INJ-03).

const (
	byteOrderMark = "\uFEFF"
	separator     = ";"
	lineEnd       = "\r\n"
)

var columns = []string{
	"at", "actor", "support", "sentence", "outcome", "reason", "site", "member", "via", "address", "verb", "object", "before", "after",
	"request", "id",
}

func csvHead(w *bufio.Writer, t *text.Printer) error {
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = t.T("journal.csv." + c)
	}
	if _, err := w.WriteString(byteOrderMark); err != nil {
		return err
	}
	return row(w, cells)
}

func csvLine(w *bufio.Writer, t *text.Printer, e Event) error {
	r := RecordOf(t, e)
	support, outcome := "", "journal.outcome.done"
	if e.Actor.Support {
		support = t.T("journal.yes")
	}
	if e.Refused {
		outcome = "journal.outcome.refused"
	}
	return row(w, []string{
		e.At.In(text.Zone).Format(time.RFC3339), Who(t, e), support, r.Sentence, t.T(outcome), r.Reason, Place(t, e), MemberName(t, e),
		Via(t, e), e.Address, e.Verb, e.Object, asJSON(e.Before), asJSON(e.After), e.Request, e.ID.String(),
	})
}

func row(w *bufio.Writer, cells []string) error {
	for i, c := range cells {
		if i > 0 {
			_, _ = w.WriteString(separator) // bufio keeps the error
		}
		_, _ = w.WriteString(`"` + strings.ReplaceAll(Harmless(c), `"`, `""`) + `"`)
	}
	_, err := w.WriteString(lineEnd)
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

func jsonLine(w *bufio.Writer, t *text.Printer, e Event) error {
	b, err := json.Marshal(RecordOf(t, e))
	if err != nil {
		return err
	}
	_, _ = w.Write(b) // bufio keeps the error
	return w.WriteByte('\n')
}
