package grant

import (
	"bufio"
	"cmp"
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/audit"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/resource"
	"habilis/internal/store"
	"habilis/internal/text"
)

// verbExport is an export of a matrix.
const verbExport = "rights.export"

// exportChunk is how many people are read at a time, each time in a consultation of its
// own: an export of any length holds up nobody, and fills no memory.
const exportChunk = 200

// Export is a file of who may do what, allowed and recorded, ready to be written: a line
// for each person and agenda, mailbox or scope where they have something, and for each
// source of it.
type Export struct {
	Domain string // agenda, messaging_profile, records, administration
	People int    // that the filters keep
	Things int    // agendas, mailboxes or scopes that the filters keep

	run    *action.Runner
	editor editor
	people []person
	things []resource.Resource
	realm  Realm
	scopes []ScopeColumn
}

// ExportLevels prepares the export of the levels that a query finds, all pages of it, and
// records that it was made: what leaves is known before it leaves. Errors: ErrQuery,
// access.ErrStepUp, limit.ErrExceeded.
func (g Grants) ExportLevels(ctx context.Context, by access.Actor, in ident.Org, q MatrixQuery) (*Export, error) {
	return g.export(ctx, by, in, func(ctx context.Context, tx *store.Tx, e editor) (*Export, map[string]any, error) {
		q, err := q.clean()
		if err != nil {
			return nil, nil, err
		}
		x := &Export{Domain: string(q.Type)}
		if x.things, err = e.thingsFound(ctx, tx, q); err != nil {
			return nil, nil, err
		}
		x.Things = len(x.things)
		x.people, err = e.peopleFound(ctx, tx, q)
		return x, q.facts(), err
	})
}

// ExportScopes is ExportLevels for what people may do in a realm.
func (g Grants) ExportScopes(ctx context.Context, by access.Actor, in ident.Org, q ScopeQuery) (*Export, error) {
	return g.export(ctx, by, in, func(ctx context.Context, tx *store.Tx, e editor) (*Export, map[string]any, error) {
		q.All = true
		m := ScopeMatrix{Realm: q.Realm}
		rows, err := MatrixQuery{Q: q.Q, Function: q.Function, Site: q.Site, Members: q.Members, ResourceQ: q.ScopeQ}.clean()
		if err != nil || ScopeLevelsOf(q.Realm) == nil {
			return nil, nil, ErrQuery
		}
		if err := m.columns(ctx, tx, e, q, 1); err != nil {
			return nil, nil, err
		}
		x := &Export{Domain: string(q.Realm), realm: q.Realm, scopes: m.Scopes, Things: len(m.Scopes)}
		x.people, err = e.peopleFound(ctx, tx, rows)
		return x, rows.facts(), err
	})
}

func (g Grants) export(ctx context.Context, by access.Actor, in ident.Org,
	prepare func(context.Context, *store.Tx, editor) (*Export, map[string]any, error),
) (*Export, error) {
	var e editor
	act := reading(by, in, verbExport, in.String(), &e)
	act.StepUp = true
	var filter map[string]any
	x, err := action.View(ctx, g.Run, by, act, func(tx *store.Tx) (*Export, error) {
		x, facts, err := prepare(ctx, tx, e)
		filter = facts
		return x, err
	})
	if err != nil {
		return nil, err
	}
	x.run, x.editor, x.People = g.Run, e, len(x.people)
	_, err = action.Run(ctx, g.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		tx.Record(audit.Event{
			Org: in, Verb: verbExport, Object: in.String(),
			After: map[string]any{"domain": x.Domain, "format": "csv", "people": x.People, "resources": x.Things, "filter": filter},
		})
		return struct{}{}, action.TakeExport(ctx, tx)
	})
	return x, err
}

// facts are the filters of a query, as the record keeps them.
func (q MatrixQuery) facts() map[string]any {
	facts := map[string]any{}
	for name, value := range map[string]string{
		"search": q.Q, "function": q.Function, "site": q.Site.String(), "resource": q.ResourceQ, "kind": string(q.Kind), "detail": q.Detail,
		"resource_site": q.ResourceSite.String(),
	} {
		if value != "" {
			facts[name] = value
		}
	}
	return facts
}

// thingsFound are all the resources that a query keeps, in the order of the matrix.
func (e editor) thingsFound(ctx context.Context, tx *store.Tx, q MatrixQuery) ([]resource.Resource, error) {
	all, err := resource.All(ctx, tx, e.held.Org, q.Type, e.sight)
	all = slices.DeleteFunc(all, func(r resource.Resource) bool { return !e.reads(r) || !q.wants(r) })
	slices.SortStableFunc(all, func(a, b resource.Resource) int { return cmp.Compare(kindRank(a.Kind), kindRank(b.Kind)) })
	return all, err
}

// peopleFound are all the people that a query keeps, in the order of the matrix.
func (e editor) peopleFound(ctx context.Context, tx *store.Tx, q MatrixQuery) ([]person, error) {
	all, err := peopleByName(ctx, tx, e.held.Org, len(q.Members) > 0)
	all = slices.DeleteFunc(all, func(p person) bool { return !e.sees(p) || !q.wantsPerson(p) })
	slices.SortStableFunc(all, func(a, b person) int { return cmp.Compare(functionRank(a.Function), functionRank(b.Function)) })
	return all, err
}

// exportColumns are those of the file; the words are under "rights.csv.<column>".
var exportColumns = []string{
	"person", "function", "domain", "resource", "site", "level", "from", "until", "given_by", "given_at", "source", "member_id", "resource_id",
}

// exportLine is one line of the file.
type exportLine struct {
	person    person
	thing, id string // the resource or scope, its ID
	site      string
	level     string // in words
	from      time.Time
	until     *time.Time
	givenBy   string
	givenAt   time.Time
	source    string // in words
}

// Write writes the file to w, a part at a time; flush, unless it is nil, is called after
// each.
func (x *Export) Write(ctx context.Context, t *text.Printer, w io.Writer, flush func() error) error {
	out := bufio.NewWriter(w)
	_, _ = out.WriteString(text.ByteOrderMark) // bufio keeps the error
	head := make([]string, len(exportColumns))
	for i, c := range exportColumns {
		head[i] = t.T("rights.csv." + c)
	}
	if err := text.CSVRow(out, head); err != nil {
		return err
	}
	for part := range slices.Chunk(x.people, exportChunk) {
		var lines []exportLine
		err := x.run.DB.ReadLong(ctx, func(tx *store.Tx) (err error) {
			lines, err = x.read(ctx, tx, t, part)
			return err
		})
		if err != nil {
			return err
		}
		for i := range lines {
			if err := text.CSVRow(out, x.cells(t, &lines[i])); err != nil {
				return err
			}
		}
		if err := out.Flush(); err != nil {
			return err
		}
		if flush != nil {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}

func (x *Export) cells(t *text.Printer, l *exportLine) []string {
	function := l.person.Function
	if t.Has("function." + function) {
		function = t.T("function." + function)
	}
	return []string{
		l.person.name(), function, t.T("rights.csv.domain." + x.Domain), l.thing, l.site, l.level, day(l.from), dayBefore(l.until),
		l.givenBy, day(l.givenAt), l.source, l.person.ID.String(), l.id,
	}
}

func day(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(text.Zone).Format(time.DateOnly)
}

// dayBefore is the last day on which something holds: it ends when that day does.
func dayBefore(end *time.Time) string {
	if end == nil {
		return ""
	}
	return day(end.Add(-time.Microsecond))
}

func (x *Export) read(ctx context.Context, tx *store.Tx, t *text.Printer, people []person) ([]exportLine, error) {
	if x.realm != "" {
		return x.readScopes(ctx, tx, t, people)
	}
	return x.readLevels(ctx, tx, t, people)
}

// readLevels reads the levels of some people, with who gave each.
func (x *Export) readLevels(ctx context.Context, tx *store.Tx, t *text.Printer, people []person) ([]exportLine, error) {
	ids, things := make([]ident.Member, len(people)), make([]resource.ID, len(x.things))
	for i, p := range people {
		ids[i] = p.ID
	}
	for i, r := range x.things {
		things[i] = r.ID
	}
	rows, err := grantsOn(ctx, tx, x.editor.held.Org, ids, things)
	if err != nil {
		return nil, err
	}
	if err := nameGivers(ctx, tx, rows); err != nil {
		return nil, err
	}
	held := make(map[cell]row, len(rows))
	for _, r := range rows {
		held[r.cell] = r
	}
	var lines []exportLine
	for _, p := range people {
		for i := range x.things {
			r := &x.things[i]
			l := exportLine{person: p, thing: r.Name, id: r.ID.String(), site: r.SiteName}
			g, given := held[cell{p.ID, r.ID}]
			switch {
			case r.Holder == p.ID:
				l.level, l.source = t.T("level.holder"), t.T("rights.csv.source.holder")
			case given && g.Level != None && !g.over(tx.Now):
				l.level, l.source = t.T("level."+string(r.Type)+"."+g.Level.Word()), t.T("rights.csv.source.grant")
				l.from, l.until, l.givenBy, l.givenAt = g.From, g.Until, g.GivenBy, g.GivenAt
			default:
				continue
			}
			lines = append(lines, l)
		}
	}
	return lines, nil
}

// readScopes reads what some people may do at each scope, a line for each source.
func (x *Export) readScopes(ctx context.Context, tx *store.Tx, t *text.Printer, people []person) ([]exportLine, error) {
	byID := make(map[ident.Member]person, len(people))
	for _, p := range people {
		byID[p.ID] = p
	}
	s, err := readScopes(ctx, tx, x.editor, byID)
	if err != nil {
		return nil, err
	}
	var lines []exportLine
	for _, p := range people {
		for _, c := range x.scopes {
			cell := s.bare(p, c.Scope, x.realm)
			level := t.T("scope_level." + string(x.realm) + "." + string(cell.Level))
			for i := range cell.Sources {
				h := &cell.Sources[i]
				lines = append(lines, exportLine{
					person: p, thing: cmp.Or(c.Name, t.T("scope.organization")), id: c.Scope.Code(), site: c.Name, level: level,
					from: h.StartsAt, until: h.EndsAt, givenBy: h.GivenBy, givenAt: h.GivenAt, source: sourceOf(t, h, c.Scope),
				})
			}
		}
	}
	return lines, nil
}

// sourceOf says what a right at a scope comes from.
func sourceOf(t *text.Printer, h *member.HeldRight, at access.Scope) string {
	var parts []string
	switch {
	case h.Single():
		parts = append(parts, t.T("permission."+string(h.Permissions[0])))
	case h.Role.BuiltIn != "":
		parts = append(parts, t.T("rights.csv.source.role", "Role", t.T("role."+h.Role.BuiltIn)))
	default:
		parts = append(parts, t.T("rights.csv.source.role", "Role", h.Role.Name))
	}
	if h.Scope != at {
		parts = append(parts, t.T("scope.organization"))
	}
	return strings.Join(parts, ", ")
}

// Name is what the file is called.
func (x *Export) Name(now time.Time) string {
	return "rights-" + strings.ReplaceAll(x.Domain, "_", "-") + "-" + now.In(text.Zone).Format(time.DateOnly) + ".csv"
}

// ContentType is the type of the file.
func (x *Export) ContentType() string { return "text/csv; charset=utf-8; header=present" }
