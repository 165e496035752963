package privacy

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/blob"
	"habilis/internal/dossier"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/journal"
	"habilis/internal/merge"
	"habilis/internal/org"
	"habilis/internal/store"
	"habilis/internal/text"
)

// CopySchema names the form of data.json; it changes when a reader of the former one would not
// understand it.
const CopySchema = "habilis-personal-data/1"

// Document is data.json: all that is kept about somebody.
type Document struct {
	Schema   string      `json:"schema"`
	MadeAt   time.Time   `json:"made_at"`
	Language string      `json:"language"`
	Account  string      `json:"account,omitempty"`
	Parts    []Part      `json:"parts"`
	Papers   []PaperFile `json:"papers"`
}

// Part is what one organisation keeps, or the installation (no organisation).
type Part struct {
	Organization string           `json:"organization,omitempty"`
	Name         string           `json:"name,omitempty"`
	Member       string           `json:"member,omitempty"`
	Tables       []TableRows      `json:"tables"`
	Journal      []journal.Record `json:"journal"`
	// JournalLeftOut: whoever asked may not read it here, or there is more than it holds.
	JournalLeftOut bool `json:"journal_left_out,omitempty"`
	// LeftOut are the tables that whoever asked may not read here; "document" is the papers too.
	LeftOut []string `json:"left_out,omitempty"`
}

// TableRows are rows of one table, each by the names of its columns. Times are RFC 3339 in UTC.
type TableRows struct {
	Table string           `json:"table"`
	Rows  []map[string]any `json:"rows"`
	More  bool             `json:"more,omitempty"` // there are more than MaxRowsGiven
}

// PaperFile is a paper that lies beside the document; Path is empty for one that had no room.
type PaperFile struct {
	Path  string `json:"path"`
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	Bytes int64  `json:"bytes"`

	file blob.Blob
}

// errMayNot: whoever asked may not any more.
var errMayNot = errors.New("privacy: whoever asked may not know of the member any more")

// gather makes the file of an export.
func (p People) gather(ctx context.Context, x DataExport) ([]byte, error) {
	by := access.Actor{Kind: access.Person, Account: x.askedBy, Via: "job"}
	d := Document{Schema: CopySchema, MadeAt: p.Run.DB.Now(), Language: x.language, Account: x.Account.String()}
	places := []place{{org: x.Org, member: x.Member}}
	err := p.Run.DB.ReadLong(ctx, func(tx *store.Tx) (err error) {
		d.Parts, d.Papers = nil, nil
		var without []string
		if !x.Org.IsZero() { //nolint:nestif // what an organisation may not read is left out, sort by sort
			if _, err := anyOf(ctx, tx, by, x.Org, x.Member, access.MembersEdit, access.MembersRead); err != nil {
				if k := fault.Of(err).Kind; k == fault.Forbidden || k == fault.NotFound {
					return errMayNot
				}
				return err
			}
			if without, err = unreadable(ctx, tx, by, x); err != nil {
				return err
			}
		} else if places, err = placesOf(ctx, tx, x.Account); err != nil {
			return err
		}
		return d.read(ctx, tx, x, places, without)
	})
	if err != nil {
		return nil, err
	}
	for i := range d.Parts {
		if err := p.events(ctx, by, &d.Parts[i], x.Org.IsZero(), text.For(langOf(x.language))); err != nil {
			return nil, err
		}
	}
	return p.zipped(ctx, d)
}

// The tables that an organisation's export of a member holds only by a right of its own (rules.md 13).
const (
	tableDrafts    = "draft"
	tableDecisions = "decision_log"
	tablePapers    = "document"
)

// unreadable are the tables that whoever asked for an organisation may not read of its member: a draft
// is the business of who writes it; papers want dossiers.certify over the member, as their page does,
// and questions of applications audit.read in the whole organisation.
func unreadable(ctx context.Context, tx *store.Tx, by access.Actor, x DataExport) ([]string, error) {
	out := []string{tableDrafts}
	held, err := access.HeldBy(ctx, tx, by, x.Org)
	if err != nil {
		return nil, err
	}
	if !held.Has(access.AuditRead, access.OrgScope(x.Org)) {
		out = append(out, tableDecisions)
	}
	_, err = anyOf(ctx, tx, by, x.Org, x.Member, access.DossiersCertify)
	if k := fault.Of(err).Kind; err != nil && (k == fault.Forbidden || k == fault.NotFound) {
		return append(out, tablePapers), nil
	}
	return out, err
}

// read reads the rows of every place, and lists the papers, without what is withheld.
func (d *Document) read(ctx context.Context, tx *store.Tx, x DataExport, places []place, without []string) error {
	accounts, err := accountsOf(ctx, tx, x.Account)
	if err != nil {
		return err
	}
	if x.Org.IsZero() {
		part := Part{}
		if err := part.read(ctx, tx, within(false), "", accounts); err != nil {
			return err
		}
		d.Parts = append(d.Parts, part)
	}
	room := int64(MaxPapersGiven)
	for _, at := range places {
		o, err := org.Get(ctx, tx, at.org)
		if err != nil {
			return err
		}
		part := Part{Organization: at.org.String(), Name: o.Name, Member: at.member.String(), LeftOut: without}
		ids := append([]string{at.member.String()}, accounts...)
		if err := part.read(ctx, tx, within(true), at.org, ids); err != nil {
			return err
		}
		d.Parts = append(d.Parts, part)
		if slices.Contains(without, tablePapers) {
			continue
		}
		papers, err := dossier.PapersOf(ctx, tx, at.org, at.member)
		if err != nil {
			return err
		}
		for _, paper := range papers {
			if err := d.paper(ctx, tx, at.org, paper, &room); err != nil {
				return err
			}
		}
	}
	return nil
}

// accountsOf are the IDs of an account and of those that gave way to it; none, without one.
func accountsOf(ctx context.Context, tx *store.Tx, id ident.Account) ([]string, error) {
	if id.IsZero() {
		return nil, nil
	}
	same, err := merge.Covered(ctx, tx, id)
	ids := make([]string, len(same))
	for i, a := range same {
		ids[i] = a.String()
	}
	return ids, err
}

// paper lists a paper; beyond the room it is only named.
func (d *Document) paper(ctx context.Context, tx *store.Tx, in ident.Org, paper dossier.Paper, room *int64) error {
	b, found, err := blob.Get(ctx, tx, in, paper.File)
	if err != nil || !found {
		return err
	}
	f := PaperFile{Name: paper.Name, Kind: string(paper.Kind), Bytes: b.Bytes, file: b}
	if *room -= b.Bytes; *room >= 0 {
		f.Path = fmt.Sprintf("papers/%02d%s", len(d.Papers)+1, extensions[b.MediaType])
	}
	d.Papers = append(d.Papers, f)
	return nil
}

// extensions of the papers that Habilis takes (rules.md 16).
var extensions = map[string]string{"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}

// read reads the rows that tables give.
func (part *Part) read(ctx context.Context, tx *store.Tx, list []store.Personal, in ident.Org, ids []string) error {
	for _, t := range list {
		if len(t.Export) == 0 || slices.Contains(part.LeftOut, t.Table) {
			continue
		}
		rows, err := t.Rows(ctx, tx, in.String(), ids, MaxRowsGiven+1)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			continue
		}
		more := len(rows) > MaxRowsGiven
		part.Tables = append(part.Tables, TableRows{Table: t.Table, Rows: rows[:min(len(rows), MaxRowsGiven)], More: more})
	}
	return nil
}

// events reads what the trail says, as whoever asked may read it there.
func (p People) events(ctx context.Context, by access.Actor, part *Part, own bool, t *text.Printer) error {
	if part.Organization == "" {
		list, err := p.Journal.SignIns(ctx, by)
		for _, e := range list {
			part.Journal = append(part.Journal, journal.RecordOf(t, e))
		}
		return err
	}
	in, of := ident.Org(part.Organization), ident.Member(part.Member)
	may, err := p.mayRead(ctx, by, in, of, own)
	if err != nil || !may {
		part.JournalLeftOut = true
		return err
	}
	q := journal.Query{Size: journal.MaxPageSize}
	for len(part.Journal) < MaxEventsGiven {
		var list journal.List
		if own {
			list, err = p.Journal.Mine(ctx, by, in, q)
		} else {
			list, err = p.Journal.OfMember(ctx, by, in, of, q)
		}
		if err != nil {
			return err
		}
		for _, e := range list.Events {
			part.Journal = append(part.Journal, journal.RecordOf(t, e))
		}
		if q.After = list.Next; list.Next == "" {
			return nil
		}
	}
	part.JournalLeftOut = true
	return nil
}

// mayRead reports whether whoever asked may read the trail of a place.
func (p People) mayRead(ctx context.Context, by access.Actor, in ident.Org, of ident.Member, own bool) (may bool, err error) {
	err = p.Run.DB.Read(ctx, func(tx *store.Tx) error {
		held, err := access.HeldBy(ctx, tx, by, in)
		if k := fault.Of(err).Kind; err != nil && (k == fault.Forbidden || k == fault.NotFound) {
			return nil // they left, or the organisation is suspended
		}
		may = err == nil && (own && held.Member == of || !own && held.Has(access.AuditRead, access.OrgScope(in)))
		return err
	})
	return may, err
}

// zipped puts the documents and the papers into one file.
func (p People) zipped(ctx context.Context, d Document) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	data, err := json.MarshalIndent(d, "", " ")
	if err != nil {
		return nil, err
	}
	page, err := d.page(text.For(langOf(d.Language)))
	if err != nil {
		return nil, err
	}
	add := func(name string, r io.Reader) {
		w, e := z.CreateHeader(&zip.FileHeader{Name: path.Clean(name), Method: zip.Deflate, Modified: d.MadeAt})
		if e == nil {
			_, e = io.Copy(w, r)
		}
		err = errors.Join(err, e)
	}
	add("data.json", bytes.NewReader(data))
	add("readable.html", strings.NewReader(page))
	for _, f := range d.Papers {
		if f.Path != "" {
			add(f.Path, blob.NewReader(ctx, p.Run.DB, p.Run.Ring, f.file))
		}
	}
	err = errors.Join(err, z.Close()) // the file is whole only then
	return out.Bytes(), err
}

// columnsOf are the columns of some rows, in the order of their table.
func columnsOf(table string, rows []map[string]any) []string {
	i := slices.IndexFunc(tables, func(p store.Personal) bool { return p.Table == table && len(p.Export) > 0 })
	if i < 0 || len(rows) == 0 {
		return nil
	}
	return tables[i].Export
}
