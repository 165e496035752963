package web

import (
	"net/http"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/web/ui"
)

// compared is one line of «avant / après», in words.
type compared struct{ Name, Before, After string }

// editReviewView is «Avant et après» of a member's details.
type editReviewView struct {
	Name     string
	Draft    string
	Version  int64
	Lines    []compared
	Warnings []string // to be read before saving
	Path     string   // address of the sheet
	Change   string   // address of the form
	Summary  []ui.FieldError
	Failure  string
}

// unsaved loads the edition that is reviewed, and the member as they are now. One that
// was saved already, by a form sent twice, has an empty draft and leads to the sheet.
func (v *visit) unsaved() (ident.Draft, edition, member.Sheet, error) {
	s, err := v.editable()
	if err != nil {
		return "", edition{}, s, err
	}
	id, e, err := v.edition(s.ID)
	return id, e, s, err
}

// reviewEdition shows what would be saved; what somebody else saved meanwhile first.
func (v *visit) reviewEdition() error {
	id, e, s, err := v.unsaved()
	switch {
	case err != nil:
		return err
	case e.Saved:
		return v.to(v.sheetPath(s.ID))
	case e.overtaken(s):
		return v.showConflict(http.StatusOK, id, e, s, nil)
	}
	return v.showEditReview(id, e, s, nil)
}

// overtaken reports whether somebody else changed the details since the form was opened.
func (e edition) overtaken(s member.Sheet) bool {
	return e.Version != s.Version && len(differing(editValues(s.Member), e.Base)) > 0
}

func (v *visit) showEditReview(id ident.Draft, e edition, s member.Sheet, refusal error) error {
	edited, err := v.previewEdition(e)
	if err != nil {
		return v.editAgain(editView{Sheet: s, Draft: id.String(), Form: e}, err)
	}
	view := editReviewView{Name: called(s.Member), Draft: id.String(), Version: s.Version, Path: v.sheetPath(s.ID)}
	view.Change = view.Path + "/edit?draft=" + id.String()
	view.Lines = v.compare(editValues(edited.Before), editValues(edited.After))
	view.Warnings = v.editWarnings(edited)
	status := http.StatusOK
	if refusal != nil {
		f := fault.Of(refusal)
		if !staysOnPage(f) {
			return refusal
		}
		status, view.Failure = statusOf(f), v.sentence(f)
	}
	p, err := v.orgFrame(v.t.T("edit.review"), atMembers)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, EditReviewPage(p, view))
}

func (v *visit) compare(before, after map[string]string) []compared {
	var lines []compared
	for _, g := range differing(before, after) {
		lines = append(lines, compared{v.t.T("edit.field." + g.Name), v.shownValue(g, before), v.shownValue(g, after)})
	}
	return lines
}

// editWarnings are what is only plausible, and what the change would bring with it.
func (v *visit) editWarnings(e member.Edited) []string {
	var list []string
	if e.Before.RPPS == "" && e.After.RPPS != "" {
		list = append(list, v.t.T("edit.warn_lock"))
	}
	if e.Before.Function != member.FunctionOther && e.After.Function == member.FunctionOther {
		list = append(list, v.t.T("edit.warn_other"))
	}
	switch before, after := e.Before.Locum, e.After.Locum; {
	case before != nil && after == nil:
		list = append(list, v.t.T("edit.warn_locum_ended"))
	case after != nil && (before == nil || before.Until != after.Until || before.From != after.From):
		list = append(list, v.t.T("edit.warn_locum", "From", v.day(after.From), "Until", v.day(after.Until)))
	}
	for _, doubt := range e.Warnings {
		list = append(list, v.t.T(doubt))
	}
	return list
}

// saveEdition saves what was reviewed, once however often the form arrives. It names the
// version that the review showed: whoever saved in between is told about (CHG-1).
func (v *visit) saveEdition() error {
	id, e, s, err := v.unsaved()
	switch {
	case err != nil:
		return err
	case e.Saved:
		return v.to(v.sheetPath(s.ID))
	}
	err = v.edit(id, e, parseVersion(v.PostFormValue(fieldVersion)))
	if fault.Is(err, fault.Stale) { // of the whole member: their details may be as they were
		if id, e, s, err = v.unsaved(); err != nil {
			return err
		}
		switch {
		case e.Saved: // by this very form, sent twice
			return v.to(v.sheetPath(s.ID))
		case e.overtaken(s):
			return v.showConflict(http.StatusPreconditionFailed, id, e, s, member.ErrStale)
		}
		err = v.edit(id, e, s.Version)
	}
	if err != nil {
		return v.showEditReview(id, e, s, err)
	}
	n := len(differing(e.Typed, e.Base))
	if _, err := v.keepDraft(draftEdit, id, edition{Member: s.ID, Saved: true}); err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("edit.saved", "Count", n, "Name", called(s.Member)))
	return v.to(v.sheetPath(s.ID))
}

// edit saves an edition on a version of the member; the same draft once (RAC-08).
func (v *visit) edit(id ident.Draft, e edition, on int64) error {
	c, err := v.change(e)
	if err != nil {
		return err
	}
	by, err := v.once(id, e)
	if err != nil {
		return err
	}
	_, err = v.s.Members.Edit(v.Context(), by, v.org.ID, e.Member, c, on)
	return err
}
