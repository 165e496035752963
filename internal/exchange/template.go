package exchange

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/nomenclature"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Types of the files, as a server names them.
const (
	typeCSV  = "text/csv; charset=utf-8; header=present"
	typeXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// Template is the file that people fill in: the columns, and the organisation's lists.
type Template struct {
	format Format
	lists  *lists
}

// Template prepares the file to fill in, with the sites and roles that by may give. Errors:
// ErrFormat, access.ErrForbidden.
func (i Imports) Template(ctx context.Context, by access.Actor, in ident.Org, t *text.Printer, format Format) (*Template, error) {
	if format != CSV && format != XLSX {
		return nil, ErrFormat
	}
	act := action.Act{Verb: "import.read", Orgs: []ident.Org{in}, Resolve: running(by, in)}
	return action.View(ctx, i.Run, by, act, func(tx *store.Tx) (*Template, error) {
		l, err := readLists(ctx, tx, by, in, t)
		return &Template{format, l}, err
	})
}

// ContentType is the type of the file.
func (x *Template) ContentType() string { return contentType(x.format) }

// Name is what the file is called.
func (x *Template) Name(time.Time) string { return "habilis-members." + string(x.format) }

func contentType(f Format) string {
	if f == XLSX {
		return typeXLSX
	}
	return typeCSV
}

// Write writes the file.
func (x *Template) Write(_ context.Context, t *text.Printer, w io.Writer, _ func() error) error {
	titles := titlesOf(t)
	if x.format == CSV {
		return writeCSV(w, [][]string{titles})
	}
	f := excelize.NewFile()
	err := x.fill(f, t, titles)
	if err == nil {
		err = f.Write(w)
	}
	return errors.Join(err, f.Close())
}

func titlesOf(t *text.Printer) []string {
	titles := make([]string, len(Columns))
	for n, c := range Columns {
		titles[n] = c.Label(t)
	}
	return titles
}

func writeCSV(w io.Writer, rows [][]string) error {
	out := bufio.NewWriter(w)
	_, _ = out.WriteString(text.ByteOrderMark) // bufio keeps the error
	for _, r := range rows {
		if err := text.CSVRow(out, r); err != nil {
			return err
		}
	}
	return out.Flush()
}

// choices are the values of the columns that are chosen from a list, in words.
func (x *Template) choices(t *text.Printer) map[Column][]string {
	words := func(prefix string, codes []string) (list []string) {
		for _, c := range codes {
			list = append(list, t.T(prefix+c))
		}
		return list
	}
	names := func(all []named) (list []string) {
		for _, n := range all {
			list = append(list, n.name)
		}
		return list
	}
	labels := func(all []nomenclature.Code) (list []string) {
		for _, c := range all {
			list = append(list, c.Label)
		}
		return list
	}
	return map[Column][]string{
		Function: words("function.", member.Functions), Profile: words("profile.", codesOf(member.ProfileTypes)),
		Reach: words("reach.", codesOf(member.Reaches)), Title: member.Titles[1:], Sites: names(x.lists.Sites), Roles: names(x.lists.Roles),
		OrgRoles: names(x.lists.Everywhere), Profession: labels(nomenclature.Professions()), Specialty: labels(nomenclature.Specialties()),
	}
}

const (
	columnWidth = 24
	textFormat  = 49 // cells of text: a telephone keeps its first zero, an RPPS number its digits
)

// fill writes the two sheets: people, and the lists from which their cells are chosen.
func (x *Template) fill(f *excelize.File, t *text.Printer, titles []string) error {
	people, listed := t.T("exchange.template.people"), t.T("exchange.template.lists")
	plain, err := f.NewStyle(&excelize.Style{NumFmt: textFormat})
	if err != nil {
		return err
	}
	bold, err := f.NewStyle(&excelize.Style{NumFmt: textFormat, Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	last, err := excelize.ColumnNumberToName(len(titles))
	if err != nil {
		return err
	}
	if _, err := f.NewSheet(listed); err != nil {
		return err
	}
	err = errors.Join(f.SetSheetName("Sheet1", people), f.SetColStyle(people, "A:"+last, plain), f.SetColWidth(people, "A", last, columnWidth),
		f.SetSheetRow(people, "A1", &titles), f.SetCellStyle(people, "A1", last+"1", bold),
		f.SetPanes(people, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	if err != nil {
		return err
	}
	choices, at := x.choices(t), 0
	for n, c := range Columns {
		if len(choices[c]) == 0 {
			continue
		}
		at++
		if err := choose(f, people, listed, n+1, at, titles[n], choices[c]); err != nil {
			return err
		}
	}
	return nil
}

// choose writes one list, and has the cells of a column chosen from it; several sites or roles
// may still be typed, parted by bars.
func choose(f *excelize.File, people, listed string, column, at int, title string, values []string) error {
	of, err := excelize.ColumnNumberToName(column)
	if err != nil {
		return err
	}
	in, err := excelize.ColumnNumberToName(at)
	if err != nil {
		return err
	}
	cells := []string{title}
	for _, v := range values {
		cells = append(cells, text.Harmless(v))
	}
	if err := errors.Join(f.SetSheetCol(listed, in+"1", &cells), f.SetColWidth(listed, in, in, columnWidth)); err != nil {
		return err
	}
	rule := excelize.NewDataValidation(true)
	rule.Sqref = fmt.Sprintf("%s2:%s%d", of, of, MaxRows+1)
	rule.ShowErrorMessage = false
	rule.SetSqrefDropList(fmt.Sprintf("'%s'!$%s$2:$%s$%d", listed, in, in, len(values)+1))
	return f.AddDataValidation(people, rule)
}
