package report

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/sheet"
	"habilis/internal/store"
	"habilis/internal/text"
)

// Export is a report as a file, whole, allowed and recorded, ready to be written.
type Export struct {
	Report Name
	Format sheet.Format
	Lines  int // how many, when it was asked for

	columns []string
	each    func(ctx context.Context, t *text.Printer, put sheet.Put) error
}

// prepared is what an export holds.
type prepared struct {
	lines   int
	columns []string
	each    func(ctx context.Context, t *text.Printer, put sheet.Put) error
}

// export prepares a file, and records that it was made, with its filters and its number of lines:
// what leaves is known before it leaves. Counting may take long: not while the organisation is
// locked.
func (r Reports) export(ctx context.Context, by access.Actor, org ident.Org, n Name, format sheet.Format, filter map[string]any,
	prepare func(ctx context.Context, tx *store.Tx, who reader) (prepared, error),
) (*Export, error) {
	var who reader
	a := act(by, org, n, verbExport, &who)
	a.StepUp = true
	found, err := action.ViewLong(ctx, r.Run, by, a, func(tx *store.Tx) (prepared, error) {
		if !format.Known() {
			return prepared{}, ErrFormat
		}
		return prepare(ctx, tx, who)
	})
	if err != nil {
		return nil, err
	}
	_, err = action.Run(ctx, r.Run, by, a, func(tx *action.Tx) (struct{}, error) {
		facts := map[string]any{"report": n, "format": format, "lines": found.lines}
		if len(filter) > 0 {
			facts["filter"] = filter
		}
		tx.Record(audit.Event{Org: org, Verb: verbExport, Object: org.String(), After: facts})
		return struct{}{}, action.TakeExport(ctx, tx)
	})
	return &Export{Report: n, Format: format, Lines: found.lines, columns: found.columns, each: found.each}, err
}

// ExportAccess prepares the file of who had access to what. Errors: ErrFormat, those of Access,
// access.ErrStepUp, limit.ErrExceeded.
func (r Reports) ExportAccess(ctx context.Context, by access.Actor, org ident.Org, q AccessQuery, format sheet.Format) (*Export, error) {
	return r.export(ctx, by, org, Access, format, q.facts(), func(ctx context.Context, tx *store.Tx, who reader) (prepared, error) {
		var l AccessList
		w, err := q.walk(ctx, tx, org, who, &l)
		if err != nil {
			return prepared{}, err
		}
		return r.walked(ctx, tx, w, accessColumns, func(t *text.Printer, l *Line) []string { return l.cells(t, w.at) })
	})
}

// ExportDormant prepares the file of the rights that nobody uses. Errors: those of ExportAccess.
func (r Reports) ExportDormant(ctx context.Context, by access.Actor, org ident.Org, q DormantQuery, format sheet.Format) (*Export, error) {
	return r.export(ctx, by, org, Dormant, format, q.facts(), func(ctx context.Context, tx *store.Tx, who reader) (prepared, error) {
		var l DormantList
		w, err := q.walk(ctx, tx, org, who, &l)
		if err != nil {
			return prepared{}, err
		}
		if l.Early {
			return kept(dormantColumns, []Line(nil), nil), nil
		}
		return r.walked(ctx, tx, w, dormantColumns, func(t *text.Printer, line *Line) []string {
			return append(line.cells(t, w.at), day(line.LastUse), day(l.Since))
		})
	})
}

// walked counts the lines of a walk, which are read again as they are written.
func (r Reports) walked(ctx context.Context, tx *store.Tx, w *walk, columns []string, cells func(*text.Printer, *Line) []string,
) (prepared, error) {
	p := prepared{columns: columns}
	var from place
	for done := false; !done; {
		lines, _, next, last, err := w.part(ctx, tx, from)
		if err != nil {
			return p, err
		}
		p.lines += len(lines)
		from, done = next, last
	}
	p.each = func(ctx context.Context, t *text.Printer, put sheet.Put) error {
		var from place
		for done := false; !done; {
			var rows [][]string
			err := r.Run.DB.ReadLong(ctx, func(tx *store.Tx) error {
				lines, _, next, last, err := w.part(ctx, tx, from)
				for i := range lines {
					rows = append(rows, cells(t, &lines[i]))
				}
				from, done = next, last
				return err
			})
			if err != nil {
				return err
			}
			if err := put(rows); err != nil {
				return err
			}
		}
		return nil
	}
	return p, nil
}

// ExportLeavers prepares the file of who left. Errors: ErrFormat, those of Leavers,
// access.ErrStepUp, limit.ErrExceeded.
func (r Reports) ExportLeavers(ctx context.Context, by access.Actor, org ident.Org, q LeaversQuery, format sheet.Format) (*Export, error) {
	return r.export(ctx, by, org, Leavers, format, q.facts(), func(ctx context.Context, tx *store.Tx, who reader) (prepared, error) {
		all, err := q.find(ctx, tx, org, who)
		return kept(leaverColumns, all, (*Leaver).cells), err
	})
}

// ExportFactors prepares the file of the accounts without second factor. Errors: ErrFormat, those
// of Factors, access.ErrStepUp, limit.ErrExceeded.
func (r Reports) ExportFactors(ctx context.Context, by access.Actor, org ident.Org, q FactorsQuery, format sheet.Format) (*Export, error) {
	return r.export(ctx, by, org, Factors, format, q.facts(), func(ctx context.Context, tx *store.Tx, who reader) (prepared, error) {
		all, err := q.find(ctx, tx, org, who)
		return kept(factorColumns, all, (*Unprotected).cells), err
	})
}

// kept is an export of a list that was read whole.
func kept[T any](columns []string, all []T, cells func(*T, *text.Printer) []string) prepared {
	return prepared{lines: len(all), columns: columns, each: func(_ context.Context, t *text.Printer, put sheet.Put) error {
		rows := make([][]string, 0, len(all))
		for i := range all {
			rows = append(rows, cells(&all[i], t))
		}
		return put(rows)
	}}
}

// Columns of the files. Text key "report.column.<column>".
var (
	accessColumns = []string{
		"person", "function", "kind", "what", "level", "permissions", "where", "source", "given_at", "starts_at", "ends_at", "at", "member_id",
		"object_id",
	}
	dormantColumns = append(slices.Clip(accessColumns), "last_use", "uses_since")
	leaverColumns  = []string{"person", "function", "sites", "how", "date", "by", "last_sign_in", "member_id"}
	factorColumns  = []string{"person", "function", "administers", "asked", "account_since", "last_sign_in", "member_id"}
)

func (l *Line) cells(t *text.Printer, at time.Time) []string {
	r := &l.Right
	starts, object := "", r.Resource.ID
	if r.StartsAt.After(r.GivenAt) {
		starts = day(r.StartsAt)
	}
	if object == "" {
		object = r.ID
	}
	return []string{
		PersonName(t, l.Name), word(t, "function.", l.Function), t.T("report.kind." + l.Kind()), l.What(t), l.Level(t),
		strings.Join(l.Acts(t), " | "), l.Where(t), l.Source(t), day(r.GivenAt), starts, lastDay(r.Until), moment(at), l.Member.String(), object,
	}
}

func (l *Leaver) cells(t *text.Printer) []string {
	return []string{
		PersonName(t, l.Name), word(t, "function.", l.Function), strings.Join(l.Sites, " | "), t.T("report.leaving." + string(l.How)),
		day(l.LastDay()), l.By, day(l.LastSignIn), l.Member.String(),
	}
}

func (u *Unprotected) cells(t *text.Printer) []string {
	return []string{
		PersonName(t, u.Name), word(t, "function.", u.Function), yesNo(t, u.Administers), yesNo(t, u.Asked), day(u.Since), day(u.LastSignIn),
		u.Member.String(),
	}
}

func yesNo(t *text.Printer, yes bool) string {
	if yes {
		return t.T("report.yes")
	}
	return t.T("report.no")
}

// facts are the filters of a query, as the record keeps them.
func facts(list map[string]string) map[string]any {
	kept := map[string]any{}
	for name, value := range list {
		if value != "" {
			kept[name] = value
		}
	}
	return kept
}

// searched says that names were searched for, and not which: the trail keeps no name of somebody who
// may be erased.
func searched(q string) string {
	if q == "" {
		return ""
	}
	return "yes"
}

func (q AccessQuery) facts() map[string]any {
	at := ""
	if !q.At.IsZero() {
		at = q.At.UTC().Format(time.RFC3339)
	}
	return facts(map[string]string{
		"at": at, "search": searched(q.Search), "member": q.Member.String(), "resource": q.Resource.String(), "action": q.Act,
		"site": q.Site.String(), "kind": q.Kind,
	})
}

func (q DormantQuery) facts() map[string]any {
	return facts(map[string]string{"search": searched(q.Search), "site": q.Site.String(), "kind": q.Kind})
}

func (q LeaversQuery) facts() map[string]any {
	return facts(map[string]string{
		"search": searched(q.Search), "site": q.Site.String(), "how": string(q.How), "from": day(q.From), "until": day(q.Until),
	})
}

func (q FactorsQuery) facts() map[string]any {
	return facts(map[string]string{"search": searched(q.Search), "site": q.Site.String()})
}

// ContentType is the type of the file.
func (x *Export) ContentType() string { return x.Format.ContentType() }

// Name is what the file is called.
func (x *Export) Name(now time.Time) string {
	return "report-" + string(x.Report) + "-" + now.In(text.Zone).Format(time.DateOnly) + "." + string(x.Format)
}

// Write writes the file to w, a part at a time; flush, unless it is nil, is called after each.
func (x *Export) Write(ctx context.Context, t *text.Printer, w io.Writer, flush func() error) error {
	titles := make([]string, len(x.columns))
	for i, c := range x.columns {
		titles[i] = t.T("report.column." + c)
	}
	f := sheet.File{Format: x.Format, Name: t.T("report.sheet." + string(x.Report)), Titles: titles}
	return f.Write(w, flush, func(put sheet.Put) error { return x.each(ctx, t, put) })
}
