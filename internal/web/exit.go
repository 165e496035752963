package web

import (
	"net/http"

	"habilis/internal/fault"
	"habilis/internal/privacy"
	"habilis/internal/web/ui"
)

var exitRoutes = []route{
	{"GET /o/{org}/settings/exit", within, (*visit).exit},
	{"GET /o/{org}/settings/exit/export", within, (*visit).orgExportForm},
	{"POST /o/{org}/settings/exit/export", within, (*visit).orderOrgExport},
	{"GET /o/{org}/settings/exit/file", within, (*visit).orgExportFileForm},
	{"POST /o/{org}/settings/exit/file", within, (*visit).orgExportFile},
	{"GET /o/{org}/settings/exit/deletion", within, (*visit).deletionForm},
	{"POST /o/{org}/settings/exit/deletion", within, (*visit).askDeletion},
	{"GET /o/{org}/settings/exit/deletion/back", within, (*visit).deletionBackForm},
	{"POST /o/{org}/settings/exit/deletion/back", within, (*visit).deletionBack},
}

// exitView is «Quitter le service»: the full export, and the deletion of the organisation.
type exitView struct {
	Back, Base string
	Export     *privacy.OrgExport
	Facts      []ui.Fact // of the last export
	MayExport  bool
	Ready      bool // it may be downloaded
	Exit       *privacy.Exit
	Asked      string // who asked and when it happens
	MayLeave   bool
	MayBack    bool
}

// exit shows where the leaving of the organisation stands (AUD-4).
func (v *visit) exit() error {
	if err := v.mayKeep(); err != nil {
		return err
	}
	x, err := v.s.Exits.Get(v.Context(), v.by, v.org.ID)
	if err != nil {
		return err
	}
	view := exitView{
		Back: v.at(atSettings), Base: v.at(atSettings, pageExit), Export: x.Export, Exit: x.Exit, MayLeave: x.MayLeave && x.Exit == nil,
		MayExport: x.MayExport && (x.Export == nil || x.Export.State != privacy.ExportOrdered),
	}
	if x.Export != nil {
		view.Ready = x.MayExport && x.Export.State == privacy.ExportReady && !x.Export.Over(v.s.now())
		view.Facts = v.orgExportFacts(x.Export)
	}
	if x.Exit != nil {
		view.Asked = v.exitSentence(x.Exit)
		view.MayBack = x.MayLeave && x.Exit.State == privacy.ExitAsked
	}
	p, err := v.orgFrame(v.t.T("exitpage.title"), atSettings)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, ExitPage(p, view))
}

// exitSentence says that the organisation is to be deleted.
func (v *visit) exitSentence(x *privacy.Exit) string {
	return v.t.T("exitpage."+string(x.State), "Name", x.AskedBy, "Asked", v.t.Date(x.AskedAt), "Day", v.t.Date(x.ActsAt))
}

func (v *visit) orgExportFacts(x *privacy.OrgExport) []ui.Fact {
	state := string(x.State)
	if x.Over(v.s.now()) {
		state = "over"
	}
	facts := []ui.Fact{
		{Term: v.t.T("exitpage.export.state"), Value: v.t.T("exitpage.export." + state)},
		{Term: v.t.T("exitpage.export.asked"), Value: v.t.T("exitpage.export.asked_by", "Name", x.By, "When", v.t.DateTime(x.AskedAt))},
	}
	if x.State == privacy.ExportReady {
		facts = append(facts,
			ui.Fact{Term: v.t.T("exitpage.export.size"), Value: v.size(x.Bytes)},
			ui.Fact{Term: v.t.T("exitpage.export.until"), Value: v.t.Date(x.ExpiresAt)},
			ui.Fact{Term: v.t.T("exitpage.export.sum"), Content: fingerprint(x.Sum.String())})
	}
	return facts
}

// orgExportForm says what the file holds, and asks for the password (rules.md 6).
func (v *visit) orgExportForm() error { return v.askOrgExport(nil) }

func (v *visit) askOrgExport(refusal error) error {
	return v.askOnExit("exitpage.order", "export", ui.ButtonProps{Kind: ui.Primary, Icon: ui.IconExport}, refusal)
}

func (v *visit) orderOrgExport() error {
	err := v.prove()
	if err == nil {
		_, err = v.s.Exits.OrderExport(v.Context(), v.by, v.org.ID)
	}
	if err != nil {
		return v.askOrgExport(err)
	}
	v.flash(ui.ToneOK, v.t.T("exitpage.ordered"))
	return v.to(v.at(atSettings, pageExit))
}

func (v *visit) orgExportFileForm() error { return v.askOrgExportFile(nil) }

func (v *visit) askOrgExportFile(refusal error) error {
	return v.askOnExit("exitpage.download", "file", ui.ButtonProps{Kind: ui.Primary, Icon: ui.IconExport}, refusal)
}

func (v *visit) orgExportFile() error {
	if err := v.prove(); err != nil {
		return v.askOrgExportFile(err)
	}
	x, err := v.s.Exits.Download(v.Context(), v.by, v.org.ID)
	if err != nil {
		return v.askOrgExportFile(err)
	}
	return v.sendFile(x)
}

// askOnExit asks before an act of this page: its words begin with key, its address ends with path.
func (v *visit) askOnExit(key, path string, button ui.ButtonProps, refusal error) error {
	if err := v.mayKeep(); err != nil {
		return err
	}
	button.Label = v.t.T(key + ".button")
	return v.confirm(confirmation{
		At: atSettings, Title: v.t.T(key + ".title"), Crumb: v.t.T("exitpage.title"), Back: v.at(atSettings, pageExit), Why: v.t.T(key + ".why"),
		Ask: ui.ConfirmProps{
			Title: v.t.T(key+".title", "Org", v.org.Name), Text: v.t.T(key+".text", "Org", v.org.Name), Action: v.at(atSettings, pageExit, path),
			Button: button, Keep: v.t.T("common.cancel"),
		},
	}, refusal)
}

// deletionView asks for the deletion of the organisation: its name is typed (DESIGN.md 12, level 5).
type deletionView struct {
	Path, Back string
	Name       string
	Typed      string
	Items      []ui.ItemProps
	Proof      *ui.StepUpProps

	told
}

func (v *visit) deletionForm() error { return v.askDeletionAgain("", nil) }

func (v *visit) askDeletionAgain(typed string, refusal error) error {
	if err := v.mayKeep(); err != nil {
		return err
	}
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	view := deletionView{
		Path: v.at(atSettings, pageExit, "deletion"), Back: v.at(atSettings, pageExit), Name: v.org.Name, Typed: typed, told: said,
		Proof: v.proof(v.t.T("exitpage.delete.why"), said.Errors),
	}
	day := v.t.Date(v.s.now().Add(privacy.ExitAfter))
	for _, l := range []struct {
		icon ui.IconName
		key  string
	}{
		{ui.IconClockCounterClockwise, "exitpage.delete.until"}, {ui.IconTrash, "exitpage.delete.everything"},
		{ui.IconUsers, "exitpage.delete.accounts"}, {ui.IconEnvelopeSimple, "exitpage.delete.told"},
	} {
		view.Items = append(view.Items, ui.ItemProps{Icon: l.icon, Title: v.t.T(l.key, "Day", day)})
	}
	p, err := v.orgFrame(v.t.T("exitpage.delete.title", "Org", v.org.Name), atSettings)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, DeletionPage(p, view))
}

func (v *visit) askDeletion() error {
	typed := v.PostFormValue(fieldName)
	err := v.prove()
	if err == nil {
		_, err = v.s.Exits.Ask(v.Context(), v.by, v.org.ID, typed)
	}
	if err != nil {
		return v.askDeletionAgain(typed, err)
	}
	v.flash(ui.ToneOK, v.t.T("exitpage.delete.asked", "Day", v.t.Date(v.s.now().Add(privacy.ExitAfter))))
	return v.to(v.at(atSettings, pageExit))
}

func (v *visit) deletionBackForm() error { return v.askDeletionBack(nil) }

func (v *visit) askDeletionBack(refusal error) error {
	return v.askOnExit("exitpage.back", "deletion/back", ui.ButtonProps{Kind: ui.Primary}, refusal)
}

// deletionBack takes the deletion back, whichever version of it: whoever reads the page wants it away.
func (v *visit) deletionBack() error {
	err := v.prove()
	if err == nil {
		var x privacy.Exit
		var asked bool
		if x, asked, err = v.s.Exits.Coming(v.Context(), v.by, v.org.ID); err == nil && !asked {
			err = privacy.ErrNoExit
		}
		if err == nil {
			err = v.s.Exits.TakeBack(v.Context(), v.by, v.org.ID, x.Version)
		}
	}
	if f := fault.Of(err); err != nil && f.Kind == fault.NotFound {
		return v.to(v.at(atSettings, pageExit))
	}
	if err != nil {
		return v.askDeletionBack(err)
	}
	v.flash(ui.ToneOK, v.t.T("exitpage.back.done"))
	return v.to(v.at(atSettings, pageExit))
}
