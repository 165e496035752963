package journal

import (
	"bufio"
	"encoding/json"
	"time"

	"habilis/internal/text"
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
	if _, err := w.WriteString(text.ByteOrderMark); err != nil {
		return err
	}
	return text.CSVRow(w, cells)
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
	return text.CSVRow(w, []string{
		e.At.In(text.Zone).Format(time.RFC3339), Who(t, e), support, r.Sentence, t.T(outcome), r.Reason, Place(t, e), MemberName(t, e),
		Via(t, e), e.Address, e.Verb, e.Object, asJSON(e.Before), asJSON(e.After), e.Request, e.ID.String(),
	})
}

func jsonLine(w *bufio.Writer, t *text.Printer, e Event) error {
	b, err := json.Marshal(RecordOf(t, e))
	if err != nil {
		return err
	}
	_, _ = w.Write(b) // bufio keeps the error
	return w.WriteByte('\n')
}
