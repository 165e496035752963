package web

import (
	"io"
	"net/http"
	"strings"

	"habilis/internal/dossier"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/paper"
	"habilis/internal/web/ui"
)

var paperRoutes = []route{
	{"GET /o/{org}/dossiers/{dossier}/documents", within, (*visit).papers},
	{"POST /o/{org}/dossiers/{dossier}/documents", within, (*visit).addPaper},
	{"GET /o/{org}/dossiers/{dossier}/documents/{document}", within, (*visit).paper},
	{"GET /o/{org}/dossiers/{dossier}/documents/{document}/file", within, (*visit).paperFile},
	{"GET /o/{org}/dossiers/{dossier}/documents/{document}/view", within, (*visit).paperInPage},
	{"GET /o/{org}/dossiers/{dossier}/documents/{document}/remove", within, (*visit).removePaperForm},
	{"POST /o/{org}/dossiers/{dossier}/documents/{document}/remove", within, (*visit).removePaper},
	{"GET /platform/dossiers/{id}/{dossier}/documents/{document}", signed, (*visit).examinePaper},
	{"POST /platform/dossiers/{id}/{dossier}/documents/{document}", signed, (*visit).proveToExamine},
	{"GET /platform/dossiers/{id}/{dossier}/documents/{document}/file", signed, (*visit).paperFile},
	{"GET /platform/dossiers/{id}/{dossier}/documents/{document}/view", signed, (*visit).paperInPage},
}

// papersAt says where the papers of a file stand, and what may be done there: under Base
// are the form that adds one, and the pages of each.
type papersAt struct {
	Base        string
	Add, Remove bool
}

// papersView is the papers of a file, what is missing, and the form that adds one: the same
// for the person, for administrators and for support.
type papersView struct {
	papersAt

	Lines   []paperLine
	Chip    *ui.ChipProps // «1 sur 2»; nil: nothing is asked
	Kinds   []ui.Option
	Full    bool
	Kind    string // chosen
	Failure string // why the last one was refused
	Errors  map[string]string
	Summary []ui.FieldError
}

// paperLine is one paper, or one that is missing.
type paperLine struct {
	ui.ItemProps

	Seen         string // «Vue par …», below
	Open, Remove string // addresses; empty: it may not be
	The          string // which one, for the labels of the buttons
}

// papersView words the documents of a file, and what is asked and missing.
func (v *visit) papersView(docs []dossier.Document, missing []paper.Kind, at papersAt) papersView {
	view := papersView{papersAt: at, Kinds: []ui.Option{{Label: v.t.T("papers.choose_kind")}}}
	there := 0
	for i := range docs {
		if docs[i].Counts() {
			there++
		}
		view.Lines = append(view.Lines, v.paperLine(&docs[i], at))
	}
	for _, k := range missing {
		view.Lines = append(view.Lines, paperLine{ItemProps: ui.ItemProps{
			Icon: ui.IconCircleHalfFill, IconTone: new(ui.ToneWait), Strong: true, Title: v.kindOfPaper(k), Detail: v.t.T("papers.missing"),
		}})
	}
	for _, k := range paper.Kinds {
		view.Kinds = append(view.Kinds, ui.Option{Value: string(k), Label: v.kindOfPaper(k)})
	}
	view.Full = there >= dossier.MaxDocuments
	switch {
	case len(missing) > 0:
		view.Kind = string(missing[0])
		view.Chip = &ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("papers.missing_count", "Count", len(missing))}
	case there > 0:
		view.Chip = &ui.ChipProps{Tone: ui.ToneOK, Label: v.t.T("papers.complete")}
	}
	return view
}

func (v *visit) kindOfPaper(k paper.Kind) string { return v.t.T("paper.kind." + string(k)) }

func (v *visit) paperLine(d *dossier.Document, at papersAt) paperLine {
	line := paperLine{ItemProps: ui.ItemProps{
		Icon: ui.IconCheckCircleFill, IconTone: new(ui.ToneOK), Strong: true, Title: v.kindOfPaper(d.Kind),
	}}
	line.The = v.t.T("papers.the", "Kind", line.Title, "File", d.Name)
	by := v.somebody(d.AddedBy)
	facts := []string{v.t.T("papers.added", "File", d.Name, "Size", v.size(d.Bytes), "Name", by, "Date", v.t.Date(d.AddedAt))}
	if d.State != dossier.DocumentClean {
		facts = append(facts, v.t.T("document.scan."+string(d.State)))
	}
	if d.PurgeAt != nil && d.Counts() {
		facts = append(facts, v.t.T("papers.purge", "Date", v.t.Date(*d.PurgeAt)))
	}
	line.Detail = strings.Join(facts, " · ")
	switch d.State {
	case dossier.DocumentPending:
		line.Icon, line.IconTone = ui.IconClockFill, new(ui.ToneInfo)
	case dossier.DocumentInfected:
		line.Icon, line.IconTone = ui.IconXCircleFill, new(ui.ToneBad)
	case dossier.DocumentPurged:
		line.Icon, line.IconTone = ui.IconMinusCircleFill, new(ui.ToneOff)
	case dossier.DocumentClean, dossier.DocumentUnscanned:
		line.Open, line.Seen = at.Base+"/"+d.ID.String(), v.seenBy(d)
	}
	if at.Remove && (d.PurgeAt == nil || !d.Counts()) {
		line.Remove = at.Base + "/" + d.ID.String() + "/remove"
	}
	return line
}

// seenBy names who opened a paper.
func (v *visit) seenBy(d *dossier.Document) string {
	names := make([]string, 0, len(d.Looks))
	for _, l := range d.Looks {
		key := "papers.seen_one"
		if l.Support {
			key = "papers.seen_support"
		}
		names = append(names, v.t.T(key, "Name", v.somebody(l.Name), "Date", v.t.Date(l.At)))
	}
	if len(names) == 0 {
		return v.t.T("papers.unseen")
	}
	return v.t.T("papers.seen", "Names", v.t.List(names))
}

// Bytes as people count them.
const (
	kilo = 1 << 10
	mega = 1 << 20
)

// size says bytes as people do, rounded up.
func (v *visit) size(bytes int64) string {
	if bytes < mega {
		return v.t.T("papers.size_kb", "N", v.t.Number(int((bytes+kilo-1)/kilo)))
	}
	return v.t.T("papers.size_mb", "N", v.t.Number(int((bytes+mega-1)/mega)))
}

// papers shows those of a file.
func (v *visit) papers() error { return v.showPapers(nil, "") }

// showPapers shows the papers of a file; after a refusal, with what to do about it.
func (v *visit) showPapers(refusal error, kind string) error {
	l, base, err := v.listPapers()
	if err != nil {
		return err
	}
	view := v.papersView(l.Documents, dossier.MissingKinds(l.Asked, l.Documents), papersAt{Base: base, Add: l.MayWrite, Remove: l.MayWrite})
	status := v.refusePaper(&view, refusal, kind)
	p, err := v.orgFrame(v.t.T("papers.of", "Name", l.Member.Name()), atMembers)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, PapersPage(p, papersPage{Papers: view, Name: l.Member.Name(), Back: v.dossierPath(ident.DossierOf(l.Member.ID))}))
}

// papersPage is the page of the papers of a file alone.
type papersPage struct {
	Papers     papersView
	Name, Back string
}

// refusePaper puts into a view why a paper was refused, and gives the status of the page.
func (v *visit) refusePaper(view *papersView, refusal error, kind string) int {
	if refusal == nil {
		return http.StatusOK
	}
	f := fault.Of(refusal)
	view.Kind = kind
	if view.Errors, view.Summary = v.fieldErrors(refusal); len(view.Summary) == 0 {
		view.Failure = v.sentence(f)
	}
	return statusOf(f)
}

// paperStays reports whether the form of a paper says why it was refused, and is shown again.
func paperStays(err error) bool { return staysOnPage(fault.Of(err)) || fault.Is(err, fault.TooLarge) }

// addPaper adds one to a file.
func (v *visit) addPaper() error {
	of, err := v.fileID()
	if err != nil {
		return err
	}
	n, err := v.upload()
	if err == nil {
		var d dossier.Document
		if d, err = v.s.Documents.Add(v.Context(), v.by, v.org.ID, of, n); err == nil {
			v.flashPaper(d)
			return v.to(v.dossierPath(ident.DossierOf(of)))
		}
	}
	if paperStays(err) {
		return v.showPapers(err, string(n.Kind))
	}
	return err
}

// flashPaper says that a paper was added.
func (v *visit) flashPaper(d dossier.Document) {
	key := "papers.was_added"
	if d.State == dossier.DocumentPending {
		key = "papers.was_added_pending"
	}
	v.flash(ui.ToneOK, v.t.T(key, "File", d.Name))
}

// paperOrg is the organisation whose file the address names: that of the page, or the one
// that support's addresses say.
func (v *visit) paperOrg() (ident.Org, error) {
	if !v.org.ID.IsZero() {
		return v.org.ID, nil
	}
	org, err := ident.ParseOrg(v.PathValue("id"))
	if err != nil {
		return "", errPage
	}
	return org, nil
}

// listPapers reads the documents of the file of the address, and where they stand.
func (v *visit) listPapers() (l dossier.DocumentList, base string, err error) {
	of, err := v.fileID()
	if err != nil {
		return l, "", err
	}
	org, err := v.paperOrg()
	if err != nil {
		return l, "", err
	}
	base = v.dossierPathOf(org, ident.DossierOf(of)) + "/documents"
	l, err = v.s.Documents.List(v.Context(), v.by, org, of)
	return l, base, err
}

// dossierPathOf is the address of a file: the organisation's, or support's.
func (v *visit) dossierPathOf(org ident.Org, id ident.Dossier) string {
	if v.org.ID.IsZero() {
		return queuePath(org, id)
	}
	return v.dossierPath(id)
}

// lookAt opens the document of the address, which is recorded.
func (v *visit) lookAt() (dossier.Document, error) {
	of, err := v.fileID()
	if err != nil {
		return dossier.Document{}, err
	}
	org, err := v.paperOrg()
	if err != nil {
		return dossier.Document{}, err
	}
	id, err := ident.ParseDocument(v.PathValue("document"))
	if err != nil {
		return dossier.Document{}, dossier.ErrDocumentNotFound
	}
	return v.s.Documents.Look(v.Context(), v.by, org, of, id)
}

// paperFile sends a document to be saved; an image is shown in a page from there, too.
func (v *visit) paperFile() error {
	d, err := v.lookAt()
	if err != nil {
		return err
	}
	return v.sendDocument(d, paper.Headers(d.Type, d.Name, d.Bytes))
}

// paperInPage sends a PDF to the box of its page.
func (v *visit) paperInPage() error {
	d, err := v.lookAt()
	if err != nil {
		return err
	}
	return v.sendDocument(d, paper.InPage(d.Type, d.Name, d.Bytes))
}

// sendDocument sends the bytes of a document, under the headers of files.
func (v *visit) sendDocument(d dossier.Document, headers map[string]string) error {
	for name, value := range headers {
		v.w.Header().Set(name, value)
	}
	v.w.Header().Del("Reporting-Endpoints")
	if _, err := io.Copy(v.w, v.s.Documents.Content(v.Context(), d)); err != nil {
		v.s.Log.Warn("a document was cut off", "request", v.by.Request, "err", err)
		panic(http.ErrAbortHandler) // a half file must not look whole
	}
	return nil
}

// removePaperForm asks before a paper is removed.
func (v *visit) removePaperForm() error { return v.askRemovePaper(nil) }

func (v *visit) askRemovePaper(refusal error) error {
	d, l, base, err := v.thatPaper()
	if err != nil {
		return err
	}
	return v.confirm(confirmation{
		At: atMembers, Title: v.t.T("papers.remove_title"), Crumb: v.t.T("papers.of", "Name", l.Member.Name()), Back: base,
		Ask: ui.ConfirmProps{
			Title: v.t.T("papers.remove_title"), Text: v.t.T("papers.remove_text", "File", d.Name), Action: base + "/" + d.ID.String() + "/remove",
			Button: ui.ButtonProps{Label: v.t.T("papers.remove_button"), Kind: ui.Danger, Icon: ui.IconTrash}, Keep: v.t.T("papers.remove_keep"),
		},
	}, refusal)
}

func (v *visit) removePaper() error {
	d, _, _, err := v.thatPaper()
	if err != nil {
		return err
	}
	if _, err = v.s.Documents.Remove(v.Context(), v.by, v.org.ID, d.Member, d.ID); err != nil {
		if staysOnPage(fault.Of(err)) {
			return v.askRemovePaper(err)
		}
		return err
	}
	v.flash(ui.ToneOK, v.t.T("papers.was_removed", "File", d.Name))
	return v.to(v.dossierPath(ident.DossierOf(d.Member)))
}

// thatPaper finds the document of the address in its file.
func (v *visit) thatPaper() (dossier.Document, dossier.DocumentList, string, error) {
	l, base, err := v.listPapers()
	if err != nil {
		return dossier.Document{}, l, "", err
	}
	for _, d := range l.Documents {
		if d.ID.String() == v.PathValue("document") {
			return d, l, base, nil
		}
	}
	return dossier.Document{}, l, "", dossier.ErrDocumentNotFound
}

// paperView is the page of one paper.
type paperView struct {
	Crumb, Back string
	Kind, Name  string // what it proves, and of whom
	Facts       []ui.Fact
	File        string // where its bytes are
	InPage      string // where the box of a PDF reads them; empty: it is an image
	Refused     string // why it is not shown
	Ask         string // support proves itself first: where to
	Proof       *ui.StepUpProps
	Why         []ui.FieldError
}

// paper shows one in its page.
func (v *visit) paper() error {
	d, l, base, err := v.thatPaper()
	if err != nil {
		return err
	}
	p, err := v.orgFrame(v.t.T("papers.image_of", "Kind", v.kindOfPaper(d.Kind), "Name", l.Member.Name()), atMembers)
	if err != nil {
		return err
	}
	view := v.paperView(&d, l, base)
	return v.showPaper(http.StatusOK, p, view)
}

func (v *visit) paperView(d *dossier.Document, l dossier.DocumentList, base string) paperView {
	view := paperView{
		Crumb: v.t.T("papers.back"), Back: strings.TrimSuffix(base, "/documents"), Kind: v.kindOfPaper(d.Kind), Name: l.Member.Name(),
		Facts: []ui.Fact{
			{Term: v.t.T("papers.file"), Value: d.Name + ", " + v.size(d.Bytes)},
			{Term: v.t.T("papers.added_by"), Value: v.t.T("papers.by_on", "Name", v.somebody(d.AddedBy), "Date", v.t.DateTime(d.AddedAt))},
			{Term: v.t.T("papers.scan"), Value: v.t.T("document.scan." + string(d.State))},
			{Term: v.t.T("papers.looks"), Value: v.seenBy(d)},
		},
	}
	switch {
	case !d.Counts():
		view.Refused = v.sentence(dossier.ErrDocumentGone)
	case !d.Readable():
		view.Refused = v.sentence(dossier.ErrDocumentPending)
	default:
		view.File = base + "/" + d.ID.String() + "/file"
		if d.Type == paper.PDF {
			view.InPage = base + "/" + d.ID.String() + "/view"
		}
	}
	return view
}

// showPaper shows the page; a PDF has a box in it, which reads from here alone.
func (v *visit) showPaper(status int, p ui.Page, view paperView) error {
	if view.InPage != "" && view.Ask == "" {
		h := v.w.Header()
		policy := h.Get("Content-Security-Policy")
		h.Set("Content-Security-Policy", strings.Replace(policy, "object-src 'none'", "object-src 'self'; frame-src 'self'", 1))
	}
	return v.show(status, PaperPage(p, view))
}

// examinePaper shows one to support, who proves themself first (rules.md 6).
func (v *visit) examinePaper() error { return v.showExamined(nil) }

func (v *visit) showExamined(refusal error) error {
	d, l, base, err := v.thatPaper()
	if err != nil {
		return v.offPlatform(err)
	}
	p, err := v.platformFrame(v.t.T("papers.image_of", "Kind", v.kindOfPaper(d.Kind), "Name", l.Member.Name()))
	if err != nil {
		return err
	}
	view, status := v.paperView(&d, l, base), http.StatusOK
	var wrong map[string]string
	if refusal != nil {
		wrong, view.Why = v.fieldErrors(refusal)
		status, p.Error = statusOf(fault.Of(refusal)), true
	}
	if view.Proof = v.proof(v.t.T("papers.prove"), wrong); view.Proof != nil {
		view.Ask = base + "/" + d.ID.String()
	}
	return v.showPaper(status, p, view)
}

// proveToExamine takes support's proof, and shows the paper.
func (v *visit) proveToExamine() error {
	if _, _, _, err := v.thatPaper(); err != nil {
		return v.offPlatform(err)
	}
	if err := v.provePlatform(); err != nil {
		if staysOnPage(fault.Of(err)) {
			return v.showExamined(err)
		}
		return err
	}
	return v.to(v.URL.Path)
}
