package exchange

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
	"habilis/internal/member"
	spread "habilis/internal/sheet"
	"habilis/internal/store"
	"habilis/internal/text"
)

// verbExport is an export of members.
const verbExport = "member.export"

// exportChunk is how many members are read at a time, each time in a consultation of its own.
const exportChunk = 200

// Columns of an export beside those of the template; an import ignores them.
const (
	exportStatus = "exchange.column.status"
	exportSignIn = "exchange.column.last_sign_in"
)

// Export is a file of the members of an organisation, allowed and recorded, ready to be
// written: it comes back through an import as it is.
type Export struct {
	Format Format
	People int

	run  *action.Runner
	org  ident.Org
	held access.Held
	ids  []ident.Member
}

// Export prepares the file of the members whom by may see, and records that it was made: what
// leaves is known before it leaves. Errors: ErrFormat, access.ErrForbidden, access.ErrStepUp,
// limit.ErrExceeded.
func (i Imports) Export(ctx context.Context, by access.Actor, in ident.Org, format Format) (*Export, error) {
	if format != CSV && format != XLSX {
		return nil, ErrFormat
	}
	x := &Export{Format: format, run: i.Run, org: in}
	act := action.Act{Verb: verbExport, Orgs: []ident.Org{in}, Object: in.String(), StepUp: true, Resolve: func(
		ctx context.Context, tx *store.Tx,
	) (_ []access.Need, err error) {
		if x.held, err = access.HeldBy(ctx, tx, by, in); err != nil {
			return nil, err
		}
		if !x.held.HasAnywhere(access.MembersRead) {
			return []access.Need{access.At(access.MembersRead, access.OrgScope(in))}, nil
		}
		return []access.Need{access.MemberOf(in)}, nil
	}}
	_, err := action.Run(ctx, i.Run, by, act, func(tx *action.Tx) (struct{}, error) {
		all, err := seen(ctx, tx.Tx, by, in)
		if err != nil {
			return struct{}{}, err
		}
		slices.SortStableFunc(all, func(a, b someone) int {
			return strings.Compare(text.SortKey(a.family+" "+a.given), text.SortKey(b.family+" "+b.given))
		})
		x.ids = nil
		for i := range all {
			x.ids = append(x.ids, all[i].id)
		}
		x.People = len(x.ids)
		tx.Record(audit.Event{Org: in, Verb: verbExport, Object: in.String(), After: map[string]any{"format": format, "people": x.People}})
		return struct{}{}, action.TakeExport(ctx, tx)
	})
	return x, err
}

// ContentType is the type of the file.
func (x *Export) ContentType() string { return contentType(x.Format) }

// Name is what the file is called.
func (x *Export) Name(now time.Time) string {
	return "members-" + now.In(text.Zone).Format(time.DateOnly) + "." + string(x.Format)
}

// Write writes the file to w, a part at a time; flush, unless it is nil, is called after each.
func (x *Export) Write(ctx context.Context, t *text.Printer, w io.Writer, flush func() error) error {
	f := spread.File{
		Format: spread.Format(x.Format), Name: t.T("exchange.template.people"), Titles: append(titlesOf(t), t.T(exportStatus), t.T(exportSignIn)),
	}
	return f.Write(w, flush, func(put spread.Put) error { return x.each(ctx, t, put) })
}

// each reads the members, a part at a time.
func (x *Export) each(ctx context.Context, t *text.Printer, fn spread.Put) error {
	if len(x.ids) == 0 {
		return fn(nil)
	}
	for part := range slices.Chunk(x.ids, exportChunk) {
		var rows [][]string
		err := x.run.DB.ReadLong(ctx, func(tx *store.Tx) (err error) {
			rows, err = x.read(ctx, tx, t, part)
			return err
		})
		if err != nil {
			return err
		}
		if err := fn(rows); err != nil {
			return err
		}
	}
	return nil
}

// read gives the lines of some members.
func (x *Export) read(ctx context.Context, tx *store.Tx, t *text.Printer, ids []ident.Member) ([][]string, error) {
	people, err := member.Refs(ctx, tx, x.org, ids)
	if err != nil {
		return nil, err
	}
	names, err := member.SiteNames(ctx, tx, x.org)
	if err != nil {
		return nil, err
	}
	sites, err := member.SitesOf(ctx, tx, x.org, ids)
	if err != nil {
		return nil, err
	}
	rights, err := member.HeldOf(ctx, tx, x.org, ids)
	rows := make([][]string, 0, len(ids))
	for _, id := range ids {
		if m, ok := people[id]; ok && m.Status != member.Left {
			rows = append(rows, x.cells(t, &m, names, sites[id], rights))
		}
	}
	return rows, err
}

// cells are the line of a member: of their sites and roles, what whoever exports may know.
func (x *Export) cells(
	t *text.Printer, m *member.Member, names map[ident.Site]string, sites []ident.Site, rights []member.HeldRight,
) []string {
	var at, roles, everywhere []string
	for _, s := range sites {
		if x.held.Has(access.MembersRead, access.SiteScope(x.org, s)) {
			at = append(at, names[s])
		}
	}
	for i := range rights {
		r := &rights[i]
		if r.Member != m.ID || r.Single() || (!r.Scope.Site.IsZero() && !x.held.Has(access.MembersRead, r.Scope)) {
			continue
		}
		list := &roles
		if r.Scope.Site.IsZero() {
			list = &everywhere
		}
		if name := roleName(t, &r.Role); !slices.Contains(*list, name) {
			*list = append(*list, name)
		}
	}
	signIn := ""
	if !m.LastSignInAt.Equal(store.Never) {
		signIn = m.LastSignInAt.In(text.Zone).Format(time.DateOnly)
	}
	by := map[Column]string{
		FamilyName: m.FamilyName, GivenName: m.GivenName, Email: m.Email, Function: t.T("function." + m.Function),
		Profile: t.T("profile." + string(m.ProfileType)), Sites: strings.Join(at, " | "), Roles: strings.Join(roles, " | "),
		OrgRoles: strings.Join(everywhere, " | "), Title: m.Title, RPPS: m.RPPS, Profession: m.Profession, Specialty: m.Specialty,
		Phone: m.Phone, MSSante: m.MSSante, Reach: t.T("reach." + string(m.Reach)), SIRET: m.SIRET, AMNumber: m.AMNumber, MemberID: m.ID.String(),
	}
	row := make([]string, 0, len(Columns)+2)
	for _, c := range Columns {
		row = append(row, by[c])
	}
	return append(row, t.T("exchange.status."+string(m.Status)), signIn)
}
