package exchange

import (
	"bufio"
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Report is the file of what became, or would become, of each line of an import.
type Report struct {
	run *action.Runner
	m   Import
}

// Report prepares the result file of an import. Errors: ErrNotFound.
func (i Imports) Report(ctx context.Context, by access.Actor, in ident.Org, id ident.Import) (*Report, error) {
	act := action.Act{Verb: "import.read", Orgs: []ident.Org{in}, Object: id.String(), Resolve: running(by, in)}
	return action.View(ctx, i.Run, by, act, func(tx *store.Tx) (*Report, error) {
		m, err := find(ctx, tx, by, in, id)
		return &Report{run: i.Run, m: m}, err
	})
}

// ContentType is the type of the file.
func (x *Report) ContentType() string { return typeCSV }

// Name is what the file is called.
func (x *Report) Name(now time.Time) string {
	return "import-" + now.In(text.Zone).Format(time.DateOnly) + ".csv"
}

// Write writes the file to w, a part at a time; flush, unless it is nil, is called after each.
func (x *Report) Write(ctx context.Context, t *text.Printer, w io.Writer, flush func() error) error {
	out := bufio.NewWriter(w)
	_, _ = out.WriteString(text.ByteOrderMark) // bufio keeps the error
	titles := []string{
		t.T("exchange.report.line"), FamilyName.Label(t), GivenName.Label(t), Email.Label(t), t.T("exchange.report.fate"),
		t.T("exchange.report.words"), MemberID.Label(t),
	}
	if err := text.CSVRow(out, titles); err != nil {
		return err
	}
	for after, more := 0, true; more; {
		lines, err := x.part(ctx, after)
		if err != nil {
			return err
		}
		for i := range lines {
			if err := text.CSVRow(out, lines[i].report(t)); err != nil {
				return err
			}
			after = lines[i].No
		}
		more = len(lines) == exportChunk
		if err := out.Flush(); err != nil {
			return err
		}
		if flush != nil {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *Report) part(ctx context.Context, after int) (lines []Line, err error) {
	err = x.run.DB.ReadLong(ctx, func(tx *store.Tx) error {
		list, err := linesAfter(ctx, tx, x.m, Filter{}, after, exportChunk)
		if err != nil {
			return err
		}
		lines, err = x.m.opened(list)
		return err
	})
	return lines, err
}

// report is a line of the file.
func (l *Line) report(t *text.Printer) []string {
	fate := ""
	switch {
	case l.Result != "":
		fate = t.T("exchange.result." + string(l.Result))
	case l.Undecided:
		fate = t.T("exchange.fate.undecided")
	case l.Fate != "":
		fate = t.T("exchange.fate." + string(l.Fate))
	}
	var words []string
	for _, p := range l.Points {
		words = append(words, p.Words(t))
	}
	for _, p := range l.All() {
		words = append(words, p.Words(t))
	}
	made := l.Made
	if made.IsZero() {
		made = l.Member
	}
	return []string{
		strconv.Itoa(l.No), l.Cells[FamilyName], l.Cells[GivenName], l.Cells[Email], fate, strings.Join(words, " "), made.String(),
	}
}

// Words say a point, in its column.
func (p Point) Words(t *text.Printer) string {
	key := p.Code
	if !t.Has(key) {
		key = "fault." + key
	}
	if !t.Has(key) {
		key = "fault." + fault.CodeInvalid
	}
	words := strings.TrimRight(t.TMap(key, p.said(t)), ".") + "."
	if p.Column == "" {
		return words
	}
	return t.T("exchange.at", "Column", p.Column.Label(t), "Words", words)
}

// said are the variables of a point as people read them: a permission by its name.
func (p Point) said(t *text.Printer) map[string]any {
	args := map[string]any{}
	for name, v := range p.Args {
		args[name] = v
		if code, ok := v.(string); ok && name == "Permission" && t.Has("permission."+code) {
			args[name] = t.T("permission." + code)
		}
	}
	return args
}
