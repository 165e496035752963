package privacy

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"habilis/internal/store"
	"habilis/internal/text"
)

// readable is readable.html: the same as data.json, for people. It asks for nothing from elsewhere.
var readable = template.Must(template.New("readable").Parse(`<!doctype html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{{.Title}}</title><style>
body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}
h2{margin-top:2.5rem;border-bottom:2px solid #1b1f24}.wide{overflow-x:auto}
table{border-collapse:collapse}caption{text-align:left;font-weight:600;padding:.75rem 0 .25rem}
th,td{border:1px solid #8a929c;padding:.3rem .5rem;text-align:left;vertical-align:top}
</style></head><body><main><h1>{{.Title}}</h1><p>{{.Intro}}</p>
{{range .Parts}}<section><h2>{{.Name}}</h2>
{{range .Tables}}<div class="wide" tabindex="0" role="group" aria-label="{{.Name}}"><table><caption>{{.Name}}</caption>
<thead><tr>{{range .Heads}}<th scope="col">{{.}}</th>{{end}}</tr></thead>
<tbody>{{range .Rows}}<tr>{{range .}}<td>{{.}}</td>{{end}}</tr>{{end}}</tbody></table>{{with .More}}<p>{{.}}</p>{{end}}</div>
{{end}}{{with .LeftOut}}<p>{{.}}</p>{{end}}{{with .Note}}<p>{{.}}</p>{{end}}</section>{{end}}
</main></body></html>
`))

type shownPage struct {
	Lang, Title, Intro string
	Parts              []shownPart
}

type shownPart struct {
	Name, Note, LeftOut string
	Tables              []shownTable
}

type shownTable struct {
	Name, More string
	Heads      []string
	Rows       [][]string
}

// page writes readable.html.
func (d *Document) page(t *text.Printer) (string, error) {
	v := shownPage{Lang: string(t.Lang()), Title: t.T("privacy.copy.title"), Intro: t.T("privacy.copy.intro", "Date", t.DateTime(d.MadeAt))}
	for i := range d.Parts {
		v.Parts = append(v.Parts, d.Parts[i].shown(t))
	}
	if len(d.Papers) > 0 {
		papers := shownTable{Name: t.T("privacy.table.document"), Heads: []string{t.T("privacy.column.name"), t.T("privacy.copy.file")}}
		for _, f := range d.Papers {
			where := f.Path
			if where == "" {
				where = t.T("privacy.copy.no_room")
			}
			papers.Rows = append(papers.Rows, []string{f.Name, where})
		}
		v.Parts = append(v.Parts, shownPart{Name: t.T("privacy.copy.papers"), Tables: []shownTable{papers}})
	}
	var out strings.Builder
	err := readable.Execute(&out, v)
	return out.String(), err
}

func (part *Part) shown(t *text.Printer) shownPart {
	s := shownPart{Name: part.Name}
	if part.Organization == "" {
		s.Name = t.T("privacy.copy.account")
	}
	for _, table := range part.Tables {
		s.Tables = append(s.Tables, table.shown(t))
	}
	if len(part.Journal) > 0 {
		events := shownTable{Name: t.T("privacy.copy.journal"), Heads: []string{t.T("privacy.column.at"), t.T("privacy.copy.event")}}
		for i := range part.Journal {
			events.Rows = append(events.Rows, []string{t.DateTime(part.Journal[i].At), part.Journal[i].Sentence})
		}
		s.Tables = append(s.Tables, events)
	}
	if len(part.LeftOut) > 0 {
		names := make([]string, len(part.LeftOut))
		for i, table := range part.LeftOut {
			names[i] = t.T("privacy.table." + table)
		}
		s.LeftOut = t.T("privacy.copy.left_out", "What", strings.Join(names, ", "))
	}
	if part.JournalLeftOut {
		s.Note = t.T("privacy.copy.journal_left_out")
	}
	return s
}

func (r TableRows) shown(t *text.Printer) shownTable {
	columns := columnsOf(r.Table, r.Rows)
	s := shownTable{Name: t.T("privacy.table." + r.Table)}
	for _, c := range columns {
		s.Heads = append(s.Heads, t.T("privacy.column."+c))
	}
	for _, row := range r.Rows {
		cells := make([]string, len(columns))
		for i, c := range columns {
			cells[i] = shownValue(t, row[c])
		}
		s.Rows = append(s.Rows, cells)
	}
	if r.More {
		s.More = t.T("privacy.copy.more", "Max", MaxRowsGiven)
	}
	return s
}

// shownValue writes a value for people.
func shownValue(t *text.Printer, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case time.Time:
		if v.Equal(store.Never) {
			return ""
		}
		return t.DateTime(v)
	case bool:
		if v {
			return t.T("privacy.copy.yes")
		}
		return t.T("privacy.copy.no")
	default:
		return fmt.Sprint(v)
	}
}
