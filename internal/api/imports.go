package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	exchanges "habilis/internal/exchange"
	"habilis/internal/ident"
	"habilis/internal/text"
)

// InImport is the input of a route of one import.
type InImport struct {
	InOrg

	Import string `path:"imp" doc:"The import's ID." example:"imp_019aa0f2-33b7-7d48-a6e0-91c05d2f7b68"`
}

func (in InImport) id() ident.Import { return known(ident.ParseImport, in.Import) }

type createImportInput struct {
	InOrg

	Name     string       `query:"name" maxLength:"300" doc:"What its sender calls the file." example:"membres.xlsx"`
	Invites  bool         `query:"invites" default:"true" doc:"Whoever is created with an address is sent an invitation, within the limits of a day."` //nolint:lll // a tag is one literal
	Language languageCode `query:"language" doc:"Of the letters; French by default."`
}

type getImportInput struct {
	InImport

	Fate      string `query:"fate" enum:"create,update,nothing,error" doc:"Lines of this fate alone."`
	Undecided bool   `query:"undecided" doc:"Lines to decide alone."`
	After     int    `query:"after" minimum:"0" doc:"The line after which the page begins: next of the page before."`
	Limit     int    `query:"limit" minimum:"0" maximum:"100" default:"20" doc:"How many lines at most; none with 0."`
}

type decideImportInput struct {
	InImport

	Body importDecisions
}

type importDecisions struct {
	Decisions []importDecision `json:"decisions" maxItems:"10000" doc:"Of none, the check is made again."`
}

type importDecision struct {
	Line   int    `json:"line" minimum:"1"`
	Choice string `json:"choice" doc:"new: somebody else than the members who are proposed; skip: leave the line out; or the ID of the member who it is; empty: nothing is decided."` //nolint:lll // a tag is one literal
}

type fileFormat string

// Schema lists the formats of spreadsheets.
func (fileFormat) Schema(huma.Registry) *huma.Schema {
	return oneOf([]exchanges.Format{exchanges.CSV, exchanges.XLSX})
}

type templateInput struct {
	InOrg

	Format fileFormat `query:"format" default:"csv"`
}

func (s *Server) aboutImports(d *door) {
	const path, one = "/organizations/{org}/imports", "/organizations/{org}/imports/{imp}"
	missing := []int{http.StatusNotFound}
	add(d, route{
		id: "listImports", method: http.MethodGet, path: path, tag: tagImports, summary: "The last imports",
		about: "The latest first, without their lines; what was sent is forgotten after 30 days. Needs imports.run.", errors: missing,
	}, s.listImports)
	add(d, route{
		id: "createImport", method: http.MethodPost, path: path, tag: tagImports, summary: "Send a file of members",
		status: http.StatusAccepted, file: true,
		about: "CSV or XLSX by its content, " + strconv.Itoa(exchanges.MaxFile>>20) + " MB and " + strconv.Itoa(exchanges.MaxRows) +
			" people at most; the first line names the columns, as the template does. " +
			"It is checked by a job: nothing is created before the commit. Needs imports.run; each line needs what it would by hand.",
		errors: append(missing, http.StatusConflict),
	}, s.createImport)
	add(d, route{
		id: "getImportTemplate", method: http.MethodGet, path: "/organizations/{org}/import-template", tag: tagImports,
		summary: "The file to fill in",
		about:   "With the organisation's lists in XLSX. Needs imports.run.", errors: missing,
	}, s.importTemplate)
	add(d, route{
		id: "getImport", method: http.MethodGet, path: one, tag: tagImports, summary: "One import",
		about: "How far its check is, what would happen to each line, and once it is done what did. Needs imports.run.", errors: missing,
	}, s.getImport)
	add(d, route{
		id: "getImportReport", method: http.MethodGet, path: one + "/report", tag: tagImports, summary: "The lines of an import as a file",
		about: "CSV. Needs imports.run.", errors: missing,
	}, s.importReport)
	add(d, route{
		id: "decideImport", method: http.MethodPost, path: one + "/decisions", tag: tagImports, summary: "Decide on lines, and check again",
		about:  "A line that may be about a member is decided by a person; any line may be left out. Needs imports.run.",
		status: http.StatusAccepted,
		errors: append(missing, http.StatusConflict),
	}, s.decideImport)
	add(d, route{
		id: "commitImport", method: http.MethodPost, path: one + "/commit", tag: tagImports, summary: "Do all that an import shows",
		about: "Every line in one transaction, or none. When anything would be other than what was shown nothing is done, the check is made " +
			"again and the answer is exchange.changed. Needs imports.run and a fresh proof.",
		errors: append(missing, http.StatusConflict),
	}, s.commitImport)
	add(d, route{
		id: "exportMembers", method: http.MethodGet, path: "/organizations/{org}/exports/members", tag: tagImports, summary: "Export the members",
		about: "Those whom the caller sees, in the columns of the template: the file comes back through an import. Needs members.read and " +
			"a fresh proof; ten an hour. The export is itself an event.",
		errors: missing,
	}, s.exportMembers)
}

// Import is a file of members that was sent.
type Import struct {
	ID           string           `json:"id" example:"imp_019aa0f2-33b7-7d48-a6e0-91c05d2f7b68"`
	Organization string           `json:"organization" example:"org_019aa0f0-5c1e-7b6a-9a3e-0d5b7c1f2a34"`
	State        string           `json:"state" enum:"checking,ready,done,failed"`
	Format       string           `json:"format" enum:"csv,xlsx"`
	FileName     string           `json:"file_name" example:"membres.xlsx"`
	Columns      []string         `json:"columns" doc:"Those that are understood, by the names of the fields."`
	Ignored      []string         `json:"ignored_columns" doc:"The others, as they were written."`
	Invites      bool             `json:"invites"`
	Total        int64            `json:"total" doc:"Lines of people."`
	Progress     int64            `json:"progress" doc:"Of the check, in hundredths."`
	Code         string           `json:"code" doc:"Why the check failed; empty unless it did."`
	Counts       map[string]int64 `json:"counts" doc:"Lines by what would happen: create, update, nothing, error."`
	Results      map[string]int64 `json:"results" doc:"Lines by what happened: invited, joined, created, updated, nothing."`
	Undecided    int64            `json:"undecided" doc:"Lines that must be decided before a commit."`
	Letters      int64            `json:"letters" doc:"Letters that would go."`
	Withheld     int64            `json:"withheld" doc:"People who would get none today, by the limits of a day."`
	MadeBy       string           `json:"made_by" doc:"A name."`
	CreatedAt    time.Time        `json:"created_at"`
	DoneBy       string           `json:"done_by" doc:"A name; empty before."`
	DoneAt       *time.Time       `json:"done_at"`
	Lines        []ImportLine     `json:"lines" doc:"Empty in lists."`
	Next         *int             `json:"next" doc:"The line after which the next page begins; null at the end."`
}

// ImportLine is one line of the file.
type ImportLine struct {
	Line      int               `json:"line" doc:"Its number in the file, from 1."`
	Cells     map[string]string `json:"cells" doc:"What was read, by the name of the field."`
	Fate      string            `json:"fate" enum:",create,update,nothing,error" doc:"Empty until it is checked."`
	Member    *string           `json:"member" doc:"Who it is, of a member; who was made, once it is done."`
	Errors    []ImportPoint     `json:"errors"`
	Notes     []ImportPoint     `json:"notes"`
	Changes   []ImportChange    `json:"changes"`
	Twins     []ImportTwin      `json:"possible_duplicates" doc:"Members who may be the same person."`
	Choice    string            `json:"choice"`
	Undecided bool              `json:"undecided"`
	Letter    bool              `json:"letter" doc:"An invitation goes, or the news that they joined: which one is not told before."`
	Result    string            `json:"result" enum:",invited,joined,created,updated,nothing"`
}

// ImportPoint is something to say of a line.
type ImportPoint struct {
	Column string `json:"column" doc:"Empty: of the whole line."`
	Code   string `json:"code"`
	Detail string `json:"detail" doc:"In the caller's language."`
}

// ImportChange is one field before and after.
type ImportChange struct {
	Field  string `json:"field"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// ImportTwin is a member who may be the person of a line.
type ImportTwin struct {
	Member string `json:"member"`
	Name   string `json:"name"`
	Why    string `json:"why" enum:"name,phone,mssante"`
}

func importOf(m *exchanges.Import) Import {
	v := Import{
		ID: m.ID.String(), Organization: m.Org.String(), State: string(m.State), Format: string(m.Format), FileName: m.FileName,
		Columns: make([]string, 0, len(m.Columns)), Ignored: append([]string{}, m.Ignored...),
		Invites: m.Invites, Total: m.Total, Progress: m.Progress,
		Code: m.Code, Counts: map[string]int64{}, Results: map[string]int64{}, Undecided: m.Undecided, Letters: m.Letters, Withheld: m.Withheld,
		MadeBy: m.MadeBy, CreatedAt: m.CreatedAt.UTC(), DoneBy: m.DoneBy, DoneAt: end(m.DoneAt), Lines: []ImportLine{},
	}
	for _, c := range m.Columns {
		v.Columns = append(v.Columns, string(c))
	}
	for fate, n := range m.Counts {
		if fate != "" {
			v.Counts[string(fate)] = n
		}
	}
	for result, n := range m.Results {
		v.Results[string(result)] = n
	}
	return v
}

func importLineOf(t *text.Printer, l *exchanges.Line) ImportLine {
	v := ImportLine{
		Line: l.No, Cells: map[string]string{}, Fate: string(l.Fate), Member: optionalID(l.Member), Errors: pointsOf(t, l.Points),
		Notes: pointsOf(t, l.All()), Changes: make([]ImportChange, 0, len(l.Changes)), Twins: make([]ImportTwin, 0, len(l.Twins)),
		Choice: l.Choice, Undecided: l.Undecided, Letter: l.Letter, Result: string(l.Result),
	}
	if !l.Made.IsZero() {
		v.Member = optionalID(l.Made)
	}
	for c, cell := range l.Cells {
		v.Cells[string(c)] = cell
	}
	for _, c := range l.Changes {
		v.Changes = append(v.Changes, ImportChange{c.Name, c.Before, c.After})
	}
	for _, w := range l.Twins {
		v.Twins = append(v.Twins, ImportTwin{w.Member.String(), w.Name, w.Why})
	}
	return v
}

func pointsOf(t *text.Printer, list []exchanges.Point) []ImportPoint {
	out := make([]ImportPoint, 0, len(list))
	for _, p := range list {
		out = append(out, ImportPoint{string(p.Column), p.Code, p.Words(t)})
	}
	return out
}

func (s *Server) listImports(ctx context.Context, in *struct {
	InOrg
	Paged
}) (*plainReply[List[Import]], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	all, err := s.Imports.List(ctx, in.By, org)
	if err != nil {
		return nil, err
	}
	return cut[exchanges.Import, Import]{
		ring: s.Run.Ring, name: "imports " + org.String(), page: in.Paged,
		id: func(m exchanges.Import) string { return m.ID.String() }, document: func(m exchanges.Import) Import { return importOf(&m) },
	}.of(all)
}

func (s *Server) createImport(ctx context.Context, in *createImportInput) (*madeReply[Import], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	m, err := s.Imports.Begin(ctx, in.By, org, exchanges.File{
		Name: in.Name, Data: in.call.file, Invites: in.Invites, Language: text.Lang(in.Language),
	})
	if err != nil {
		return nil, err
	}
	v := importOf(&m)
	return &madeReply[Import]{Location: s.at("organizations", v.Organization, "imports", v.ID), Body: v}, nil
}

func (s *Server) getImport(ctx context.Context, in *getImportInput) (*plainReply[Import], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	p, err := s.Imports.Get(ctx, in.By, org, in.id(), exchanges.Filter{
		Fate: exchanges.Fate(in.Fate), Undecided: in.Undecided, After: in.After, Most: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	v, t := importOf(&p.Import), in.call.words(ctx)
	for i := range p.Lines {
		v.Lines = append(v.Lines, importLineOf(t, &p.Lines[i]))
	}
	if p.Next > 0 {
		v.Next = &p.Next
	}
	return replied(v), nil
}

func (s *Server) decideImport(ctx context.Context, in *decideImportInput) (*plainReply[Import], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	list := make([]exchanges.Decision, len(in.Body.Decisions))
	for n, d := range in.Body.Decisions {
		list[n] = exchanges.Decision{Line: d.Line, Choice: d.Choice}
	}
	m, err := s.Imports.Decide(ctx, in.By, org, in.id(), list)
	if err != nil {
		return nil, err
	}
	return replied(importOf(&m)), nil
}

func (s *Server) commitImport(ctx context.Context, in *InImport) (*plainReply[Import], error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	m, err := s.Imports.Commit(ctx, in.By, org, in.id())
	if err != nil {
		return nil, err
	}
	return replied(importOf(&m)), nil
}

// sheetReply is a file for spreadsheets, written as it is read.
type sheetReply struct {
	Body func(huma.Context) `contentType:"text/csv"`
}

func (s *Server) importTemplate(ctx context.Context, in *templateInput) (*sheetReply, error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	x, err := s.Imports.Template(ctx, in.By, org, in.call.words(ctx), exchanges.Format(in.Format))
	if err != nil {
		return nil, err
	}
	return &sheetReply{Body: s.fileBody(ctx, in.call, x)}, nil
}

func (s *Server) importReport(ctx context.Context, in *InImport) (*sheetReply, error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	x, err := s.Imports.Report(ctx, in.By, org, in.id())
	if err != nil {
		return nil, err
	}
	return &sheetReply{Body: s.fileBody(ctx, in.call, x)}, nil
}

func (s *Server) exportMembers(ctx context.Context, in *templateInput) (*sheetReply, error) {
	org, err := s.org(ctx, in.InOrg)
	if err != nil {
		return nil, err
	}
	x, err := s.Imports.Export(ctx, in.By, org, exchanges.Format(in.Format))
	if err != nil {
		return nil, err
	}
	return &sheetReply{Body: s.fileBody(ctx, in.call, x)}, nil
}
