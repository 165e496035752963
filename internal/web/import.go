package web

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"habilis/internal/access"
	"habilis/internal/exchange"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/paper"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

var importRoutes = []route{
	{"GET /o/{org}/members/import", within, (*visit).importForm},
	{"POST /o/{org}/members/import", within, (*visit).sendImport},
	{"GET /o/{org}/members/import/template", within, (*visit).importTemplate},
	{"GET /o/{org}/imports/{import}", within, (*visit).oneImport},
	{"POST /o/{org}/imports/{import}", within, (*visit).decideImport},
	{"GET /o/{org}/imports/{import}/commit", within, (*visit).commitForm},
	{"POST /o/{org}/imports/{import}/commit", within, (*visit).commitImport},
	{"GET /o/{org}/imports/{import}/result", within, (*visit).importResult},
	{"GET /o/{org}/members/export", within, (*visit).membersExportForm},
	{"POST /o/{org}/members/export", within, (*visit).membersExport},
}

// Fields of the form that sends a spreadsheet, and the bound of it.
const (
	fieldInvite  = "invite"
	fieldFormat  = "format"
	fieldChoice  = "choice_" // and the number of the line
	maxSheet     = exchange.MaxFile + 64<<10
	maxImportRow = exchange.MaxLines + 10 // fields of the form that decides
	importLines  = 50                     // of one page
	refreshEvery = "3"                    // seconds between two looks at the progress
)

// importForm is where members are imported: the template, the file, and the last imports.
type importFormView struct {
	Base     string // address of the members
	Template string
	Imports  []importLink
	Invites  bool

	told
}

// importLink is an import in the list of the last ones.
type importLink struct {
	Title, Detail, Href string
	Chip                ui.ChipProps
}

func (v *visit) mayImport() error {
	if !v.held.HasAnywhere(access.ImportsRun) {
		return v.lacks(access.ImportsRun)
	}
	return nil
}

func (v *visit) importForm() error {
	if err := v.mayImport(); err != nil {
		return err
	}
	return v.showImportForm(true, nil)
}

func (v *visit) showImportForm(invites bool, refusal error) error {
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	list, err := v.s.Imports.List(v.Context(), v.by, v.org.ID)
	if err != nil {
		return err
	}
	view := importFormView{Base: v.at("members"), Template: v.at("members", "import", "template"), Invites: invites, told: said}
	for i := range list {
		view.Imports = append(view.Imports, v.importLink(&list[i]))
	}
	p, err := v.orgFrame(v.t.T("import.title"), atMembers)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, ImportFormPage(p, view))
}

// importTones are the colours of the states of an import.
var importTones = map[exchange.State]ui.Tone{
	exchange.Checking: ui.ToneInfo, exchange.Ready: ui.ToneWait, exchange.Done: ui.ToneOK, exchange.Failed: ui.ToneBad,
}

func (v *visit) importLink(m *exchange.Import) importLink {
	return importLink{
		Title:  or(m.FileName, v.t.T("import.unnamed")),
		Detail: v.t.T("import.by", "Count", m.Total, "Name", v.somebody(m.MadeBy), "Date", v.t.DateTime(m.CreatedAt)),
		Href:   v.at("imports", m.ID.String()), Chip: ui.ChipProps{Tone: importTones[m.State], Label: v.t.T("import.state." + string(m.State))},
	}
}

// sendImport receives a file.
func (v *visit) sendImport() error {
	if err := v.mayImport(); err != nil {
		return err
	}
	f, err := v.spreadsheet()
	if err == nil {
		var m exchange.Import
		if m, err = v.s.Imports.Begin(v.Context(), v.by, v.org.ID, f); err == nil {
			return v.to(v.at("imports", m.ID.String()))
		}
	}
	if known := fault.Of(err); strings.HasPrefix(known.Code, "exchange.") {
		at := fault.Field{Location: fieldFile, Code: known.Code, Args: known.Args}
		err = &fault.Error{Kind: fault.Invalid, Code: known.Code, Fields: []fault.Field{at}}
	}
	return v.showImportForm(f.Invites, err)
}

// spreadsheet reads the form that sends a spreadsheet.
func (v *visit) spreadsheet() (exchange.File, error) {
	f := exchange.File{Language: text.All[0]}
	// Without a deadline of its own, a connection still has the server's.
	due := time.Now().Add(paper.ReceiveTime) //nolint:forbidigo // a deadline of the network, not of the field
	_ = http.NewResponseController(v.w).SetReadDeadline(due)
	form, err := v.MultipartReader()
	if err != nil {
		return f, errForm.Because(err)
	}
	for range maxParts {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			if len(f.Data) == 0 {
				return f, exchange.ErrEmpty
			}
			return f, nil
		}
		if err != nil {
			return f, v.sheetNotRead(err)
		}
		switch part.FormName() {
		case fieldFile:
			if f.Data != nil {
				return f, errForm
			}
			f.Name = part.FileName()
			if f.Data, v.received, err = paper.Receive(v.Context(), part, v.ContentLength); err != nil {
				return f, v.sheetNotRead(err)
			}
		case fieldInvite:
			f.Invites = true
		}
	}
	return f, errFields.With("Max", maxParts)
}

// sheetNotRead is why the form could not be read, with the bound of spreadsheets.
func (v *visit) sheetNotRead(err error) error {
	err = v.notRead(err)
	if errors.Is(err, paper.ErrTooLarge) {
		return exchange.ErrTooLarge.With("Max", int64(exchange.MaxFile/mega))
	}
	return err
}

// importTemplate sends the file to fill in.
func (v *visit) importTemplate() error {
	if err := v.mayImport(); err != nil {
		return err
	}
	x, err := v.s.Imports.Template(v.Context(), v.by, v.org.ID, v.t, exchange.Format(v.FormValue(fieldFormat)))
	if err != nil {
		return err
	}
	return v.sendFile(x)
}

// importID is the import of the address.
func (v *visit) importID() (ident.Import, error) {
	id, err := ident.ParseImport(v.PathValue("import"))
	if err != nil {
		return id, exchange.ErrNotFound
	}
	return id, v.mayImport()
}

// decideImport keeps what was decided of some lines, and has the check made again.
func (v *visit) decideImport() error {
	id, err := v.importID()
	if err != nil {
		return err
	}
	var list []exchange.Decision
	for name := range v.PostForm {
		line, ok := strings.CutPrefix(name, fieldChoice)
		n, bad := strconv.Atoi(line)
		if ok && bad == nil {
			list = append(list, exchange.Decision{Line: n, Choice: v.PostFormValue(name)})
		}
	}
	if _, err := v.s.Imports.Decide(v.Context(), v.by, v.org.ID, id, list); err != nil {
		return v.showImport(id, err)
	}
	return v.to(inState(v.at("imports", id.String()), readImportState(v.URL.Query().Get).values()))
}

// importResult sends what became, or would become, of each line.
func (v *visit) importResult() error {
	id, err := v.importID()
	if err != nil {
		return err
	}
	x, err := v.s.Imports.Report(v.Context(), v.by, v.org.ID, id)
	if err != nil {
		return err
	}
	return v.sendFile(x)
}

// commitForm asks for the password before everything is done at once.
func (v *visit) commitForm() error {
	id, err := v.importID()
	if err != nil {
		return err
	}
	return v.askCommit(id, nil)
}

func (v *visit) askCommit(id ident.Import, refusal error) error {
	p, err := v.s.Imports.Get(v.Context(), v.by, v.org.ID, id, exchange.Filter{})
	if err != nil {
		return err
	}
	if p.State == exchange.Done {
		return v.to(v.at("imports", id.String()))
	}
	return v.confirm(confirmation{
		At: atMembers, Title: v.t.T("import.commit.title"), Crumb: v.t.T("import.review"), Back: v.at("imports", id.String()),
		Why: v.t.T("import.commit.proof"), Facts: v.importFacts(&p.Import),
		Ask: ui.ConfirmProps{
			Title: v.t.T("import.commit.title"), Text: v.t.T("import.commit.text"), Action: v.at("imports", id.String(), "commit"),
			Keep:   v.t.T("common.cancel"),
			Button: ui.ButtonProps{Label: v.t.T("import.commit.button"), Kind: ui.Primary, Busy: v.t.T("import.commit.busy")},
		},
	}, refusal)
}

func (v *visit) commitImport() error {
	id, err := v.importID()
	if err != nil {
		return err
	}
	if err := v.prove(); err != nil {
		return v.askCommit(id, err)
	}
	_, err = v.s.Imports.Commit(v.Context(), v.by, v.org.ID, id)
	switch {
	case errors.Is(err, exchange.ErrChanged):
		v.flash(ui.ToneWait, v.sentence(fault.Of(err)))
	case err != nil:
		return v.askCommit(id, err)
	}
	return v.to(v.at("imports", id.String()))
}

// membersExportForm asks for the format and the password (rules.md 6).
func (v *visit) membersExportForm() error {
	if !v.held.HasAnywhere(access.MembersRead) {
		return v.lacks(access.MembersRead)
	}
	return v.askMembersExport(nil)
}

func (v *visit) askMembersExport(refusal error) error {
	book := v.PostFormValue(fieldFormat) == string(exchange.XLSX)
	return v.confirm(confirmation{
		At: atMembers, Title: v.t.T("import.export.title"), Crumb: v.t.T("members.title"), Back: v.at("members"),
		Why: v.t.T("import.export.proof"),
		Group: &ui.GroupProps{
			Name: fieldFormat, Legend: v.t.T("import.export.format"), Joined: true,
			Choices: []ui.Choice{
				{Value: string(exchange.CSV), Label: v.t.T("import.format.csv"), Hint: v.t.T("import.format.csv_hint"), Chosen: !book},
				{Value: string(exchange.XLSX), Label: v.t.T("import.format.xlsx"), Hint: v.t.T("import.format.xlsx_hint"), Chosen: book},
			},
		},
		Ask: ui.ConfirmProps{
			Title: v.t.T("import.export.title"), Text: v.t.T("import.export.lead"), Action: v.at("members", "export"), Keep: v.t.T("common.cancel"),
			Button: ui.ButtonProps{Label: v.t.T("import.export.button"), Kind: ui.Primary, Icon: ui.IconExport},
		},
	}, refusal)
}

func (v *visit) membersExport() error {
	if !v.held.HasAnywhere(access.MembersRead) {
		return v.lacks(access.MembersRead)
	}
	if err := v.prove(); err != nil {
		return v.askMembersExport(err)
	}
	x, err := v.s.Imports.Export(v.Context(), v.by, v.org.ID, exchange.Format(v.PostFormValue(fieldFormat)))
	if err != nil {
		return v.askMembersExport(err)
	}
	return v.sendFile(x)
}
