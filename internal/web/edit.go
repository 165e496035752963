package web

import (
	"net/http"

	"habilis/internal/fault"
	"habilis/internal/member"
	"habilis/internal/web/ui"
)

var editRoutes = []route{
	{"GET /o/{org}/members/{member}/edit", within, (*visit).editForm},
	{"POST /o/{org}/members/{member}/edit", within, (*visit).keepEdition},
	{"GET /o/{org}/members/{member}/edit/review", within, (*visit).reviewEdition},
	{"POST /o/{org}/members/{member}/edit/review", within, (*visit).saveEdition},
	{"POST /o/{org}/members/{member}/edit/merge", within, (*visit).mergeEdition},
}

// editView is the form of a member's details.
type editView struct {
	Sheet      member.Sheet
	Name       string
	Draft      string
	Form       edition
	Base       string   // what the form was opened on, as the form carries it
	Path       string   // address of the sheet
	Colleagues []string // who may be replaced
	Errors     map[string]string
	Summary    []ui.FieldError
	Failure    string
}

// editable is the sheet of the member of the address, for whoever may change it. Another
// is refused by the rule that refuses the act.
func (v *visit) editable() (member.Sheet, error) {
	s, err := v.sheet()
	if err != nil || s.May.Edit {
		return s, err
	}
	if _, err = v.s.Members.PreviewEdit(v.Context(), v.by, v.org.ID, s.ID, member.Change{}, 0); err == nil {
		err = member.ErrStale // it may be done by now: read again
	}
	return s, err
}

func (v *visit) editForm() error {
	s, err := v.editable()
	if err != nil {
		return err
	}
	if v.FormValue("draft") == "" {
		return v.showEdit(http.StatusOK, editView{Sheet: s, Form: newEdition(s)})
	}
	id, e, err := v.edition(s.ID)
	switch {
	case err != nil:
		return err
	case e.Saved:
		return v.to(v.sheetPath(s.ID))
	}
	return v.showEdit(http.StatusOK, editView{Sheet: s, Draft: id.String(), Form: e})
}

func (v *visit) showEdit(status int, view editView) error {
	view.Name, view.Path = called(view.Sheet.Member), v.sheetPath(view.Sheet.ID)
	p, err := v.orgFrame(v.t.T("edit.title", "Name", view.Name), atMembers)
	if err != nil {
		return err
	}
	if view.Base, err = view.Form.base(); err != nil {
		return err
	}
	list, err := v.colleagues("")
	if err != nil {
		return err
	}
	view.Colleagues = createView{Colleagues: list}.colleagueLabels()
	p.Error = status != http.StatusOK
	return v.show(status, EditPage(p, view))
}

// keepEdition keeps what was typed as a draft and leads to «avant et après».
func (v *visit) keepEdition() error {
	s, err := v.editable()
	if err != nil {
		return err
	}
	e, err := v.readEdition(s)
	if err != nil {
		return err
	}
	if len(differing(e.Typed, e.Base)) == 0 {
		v.flash(ui.ToneInfo, v.t.T("edit.nothing"))
		return v.to(v.sheetPath(s.ID))
	}
	id := v.openDraftID()
	view := editView{Sheet: s, Draft: id.String(), Form: e}
	if _, err := v.previewEdition(e); err != nil {
		return v.editAgain(view, err)
	}
	if id, err = v.keepDraft(draftEdit, id, e); err != nil {
		return v.editAgain(view, err)
	}
	return v.to(v.editReviewPath(s, id.String()))
}

func (v *visit) editReviewPath(s member.Sheet, id string) string {
	return v.sheetPath(s.ID) + "/edit/review?draft=" + id
}

// previewEdition says what the edition would do to the member as they are now.
func (v *visit) previewEdition(e edition) (member.Edited, error) {
	c, err := v.change(e)
	if err != nil {
		return member.Edited{}, err
	}
	return v.s.Members.PreviewEdit(v.Context(), v.by, v.org.ID, e.Member, c, 0)
}

// editAgain shows the form with what must be corrected, and what was typed.
func (v *visit) editAgain(view editView, refusal error) error {
	f := fault.Of(refusal)
	if !staysOnPage(f) && len(f.Fields) == 0 {
		return refusal
	}
	view.Errors, view.Summary = v.fieldErrors(refusal, editSpots)
	if len(view.Summary) == 0 {
		view.Failure = v.sentence(f)
	}
	return v.showEdit(statusOf(f), view)
}

// editSpots are the fields whose names differ in the page, and those that say nothing of
// themselves when a text is refused.
var editSpots = map[string]spot{
	"locum": {fieldLocum, ""}, "locum.for": {fieldLocumName, ""}, "locum.name": {fieldLocumName, "edit.locum_name"},
	"locum.from": {fieldLocumFrom, "edit.locum_from"}, "locum.until": {fieldLocumUntil, "edit.locum_until"},
	fieldProfession: {fieldProfession, "edit.field.profession"}, fieldSpecialty: {fieldSpecialty, "edit.field.specialty"},
	fieldPhone: {fieldPhone, "edit.field.phone"}, fieldMSSante: {fieldMSSante, "edit.field.mssante"},
}
