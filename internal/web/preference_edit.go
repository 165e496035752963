package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/draft"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/preference"
	"habilis/internal/setting"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// draftPreference is the kind of the drafts that let a change be undone.
const draftPreference = "member.settings"

// preferenceEditView is the form.
type preferenceEditView struct {
	settled
	told

	Title  string
	Fields preferenceFields
	Was    string    // what the form was opened on, as it carries it
	Theirs []ui.Fact // what somebody else saved meanwhile
	Proof  *ui.StepUpProps
}

func (v *visit) preferenceForm() error {
	s, err := v.settled()
	if err != nil {
		return err
	}
	return v.showPreferenceForm(http.StatusOK, preferenceEditView{settled: s}, ownFormOf(v.t, s.Own, s.Inherited))
}

func (v *visit) showPreferenceForm(status int, view preferenceEditView, f preferenceForm) error {
	if !view.MayEdit {
		return v.lacks(access.MembersEdit)
	}
	was, err := json.Marshal(view.Own)
	if err != nil {
		return err
	}
	view.Was, view.Title = string(was), v.t.T("preference.edit_of", "Name", view.Name)
	if view.Mine {
		view.Title = v.t.T("preference.edit_mine")
	}
	view.Fields = v.fieldsOf(f, view.Sheet)
	view.Fields.Errors = view.Errors
	if view.Errors[fieldProof] != "" {
		view.Proof = v.proof(v.t.T("preference.proof"), view.Errors)
	}
	p, err := v.orgFrame(view.Title, view.At)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, PreferenceEditPage(p, view))
}

// back is where «←» leads, in words.
func (w preferenceEditView) back(t *text.Printer) string {
	if w.Mine {
		return t.T("preference.mine")
	}
	return t.T("preference.of", "Name", w.Name)
}

func (w preferenceEditView) lead(t *text.Printer) string {
	if w.Mine {
		return t.T("preference.edit_lead")
	}
	return t.T("preference.edit_lead_of")
}

// savePreferences is «Valider les modifications»: what differs from what the form was opened on
// is changed, and nothing else.
func (v *visit) savePreferences() error {
	s, err := v.settled()
	if err != nil {
		return err
	}
	var was preference.Own
	if json.Unmarshal([]byte(v.PostFormValue("was")), &was) != nil {
		return errForm
	}
	f := typedPreferences(v.PostForm)
	own, err := f.own(was, s.Inherited)
	if err != nil {
		return v.preferencesAgain(s, f, err)
	}
	parts, err := ownDiffering(own, was)
	if err != nil {
		return err
	}
	if len(parts) == 0 {
		v.flash(ui.ToneInfo, v.t.T("preference.nothing"))
		return v.to(s.Base)
	}
	after, err := v.changePreferences(s, parseVersion(v.PostFormValue(fieldVersion)), editTo(own, parts))
	switch {
	case fault.Is(err, fault.Stale):
		return v.preferenceConflict(was, own, parts)
	case err != nil:
		return v.preferencesAgain(s, f, err)
	}
	return v.preferencesSaved(s, after, v.t.T("preference.saved", "Count", len(parts)))
}

// changePreferences makes a change. What concerns the security of somebody else asks for the password
// of whoever makes it (rules.md 6): a point to correct, while it is missing.
func (v *visit) changePreferences(s settled, rev int64, e preference.Edit) (preference.Sheet, error) {
	after, err := v.s.Preferences.Edit(v.Context(), v.by, v.org.ID, s.Member, rev, e)
	if fault.Of(err).Code != access.ErrStepUp.Code {
		return after, err
	}
	if err := v.prove(); err != nil {
		return after, err
	}
	return v.s.Preferences.Edit(v.Context(), v.by, v.org.ID, s.Member, rev, e)
}

// confirmPreferences asks for the password before what one button does; any other refusal comes back.
func (v *visit) confirmPreferences(s settled, action string, refusal error) error {
	if !slices.ContainsFunc(fault.Of(refusal).Fields, func(x fault.Field) bool { return x.Location == fieldProof }) {
		return refusal
	}
	c := confirmation{
		At: s.At, Title: v.t.T("preference.guard.title"), Crumb: v.t.T("preference.of", "Name", s.Name), Back: s.Base,
		Why: v.t.T("preference.proof"),
		Ask: ui.ConfirmProps{
			Title: v.t.T("preference.guard.question", "Name", s.Name), Text: v.t.T("preference.guard.text"), Action: action,
			Hidden: []ui.Hidden{{Name: "part", Value: v.PostFormValue("part")}, {Name: fieldVersion, Value: v.PostFormValue(fieldVersion)}},
			Button: ui.ButtonProps{Label: v.t.T("preference.guard.button"), Kind: ui.Primary}, Keep: v.t.T("preference.guard.keep"),
		},
	}
	if !v.PostForm.Has(fieldProof) { // nothing was asked yet
		refusal = nil
	}
	return v.confirm(c, refusal)
}

// preferencesAgain shows the form with what must be corrected, and what was typed.
func (v *visit) preferencesAgain(s settled, f preferenceForm, refusal error) error {
	k := fault.Of(refusal)
	if !staysOnPage(k) {
		return refusal
	}
	return v.showPreferenceForm(statusOf(k), preferenceEditView{settled: s, told: v.words(oneSettingField(k, ""))}, f)
}

// oneSettingField names the field of a page for each point of a refusal: one line a day holds all
// its hours, and one choice all the sites of an alert. prefix is what stands before the names.
func oneSettingField(f *fault.Error, prefix string) *fault.Error {
	one := *f
	one.Fields = nil
	for _, x := range f.Fields {
		x.Location, _, _ = strings.Cut(strings.TrimPrefix(x.Location, prefix), "[")
		x.Location = strings.TrimSuffix(x.Location, ".sites")
		if !slices.ContainsFunc(one.Fields, func(y fault.Field) bool { return y.Location == x.Location && y.Code == x.Code }) {
			one.Fields = append(one.Fields, x)
		}
	}
	return &one
}

// preferenceConflict tells what somebody else saved since the form was opened. What was typed
// stays in the form; where nothing was typed, theirs is there (CHG-1).
func (v *visit) preferenceConflict(was, own preference.Own, mine []string) error {
	s, err := v.settled()
	if err != nil {
		return err
	}
	theirs, err := ownDiffering(s.Own, was)
	if err != nil {
		return err
	}
	untouched := slices.DeleteFunc(slices.Clone(theirs), func(part string) bool { return slices.Contains(mine, part) })
	view := preferenceEditView{settled: s}
	shown := s
	shown.MayEdit = false // told, not given back from here
	for _, part := range theirs {
		view.Theirs = append(view.Theirs, v.preferenceFact(shown, part))
	}
	return v.showPreferenceForm(http.StatusPreconditionFailed, view, ownFormOf(v.t, takeParts(own, s.Own, untouched), s.Inherited))
}

// preferencesSaved says what was done, and offers to undo it for a while (DESIGN.md 12, level 1).
func (v *visit) preferencesSaved(before settled, after preference.Sheet, said string) error {
	kept := changedSettings{Member: after.Member, Before: before.Own, After: after.Own, Version: after.Version}
	id, err := v.saveDraft(draftPreference, "", kept)
	if err != nil { // it is saved; it cannot be undone at once
		v.s.Log.Error("keeping what can be undone", "request", v.by.Request, "err", err)
		v.flash(ui.ToneOK, said)
		return v.to(before.Base)
	}
	v.flashUndo(said, before.Base+"/undo?draft="+id.String())
	return v.to(before.Base)
}

// changedSettings is a change that was saved.
type changedSettings struct {
	Member        ident.Member
	Before, After preference.Own
	Version       int64 // after it
}

// giveBackPreference is «Revenir au réglage de l’organisation», of one part.
func (v *visit) giveBackPreference() error {
	s, err := v.settled()
	if err != nil {
		return err
	}
	part := v.PostFormValue("part")
	if !slices.Contains(everyPart(), part) {
		return errForm
	}
	e := editTo(preference.Own{}, []string{part})
	after, err := v.changePreferences(s, parseVersion(v.PostFormValue(fieldVersion)), e)
	if fault.Is(err, fault.Stale) {
		v.flash(ui.ToneWait, v.t.T("preference.overtaken"))
		return v.to(s.Base)
	}
	if err != nil {
		return v.confirmPreferences(s, s.Base+"/give-back", err)
	}
	return v.preferencesSaved(s, after, v.t.T("preference.given_back", "Part", partName(v.t, part)))
}

// undoPreferences makes what was just changed as it was, unless somebody changed it since.
func (v *visit) undoPreferences() error {
	s, err := v.settled()
	if err != nil {
		return err
	}
	var was changedSettings
	id, err := v.loadDraft(draftPreference, &was)
	if err == nil && was.Member != s.Member {
		err = draft.ErrNotFound
	}
	if err != nil {
		return err
	}
	parts, err := ownDiffering(was.Before, was.After)
	if err != nil {
		return err
	}
	_, err = v.changePreferences(s, was.Version, editTo(was.Before, parts))
	if fault.Is(err, fault.Stale) {
		v.flash(ui.ToneWait, v.t.T("preference.overtaken"))
		return v.to(s.Base)
	}
	if err != nil {
		return v.confirmPreferences(s, s.Base+"/undo?draft="+id.String(), err)
	}
	if err := v.s.Drafts.Delete(v.Context(), v.by, id); err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("preference.undone"))
	return v.to(s.Base)
}

// fieldsOf are the fields of a member's settings.
func (v *visit) fieldsOf(f preferenceForm, s preference.Sheet) preferenceFields {
	w := preferenceFields{Form: f, Personal: true, Inherited: s.Inherited, Policy: s.Policy, Parts: setting.Parts}
	for _, row := range s.Alerts {
		if row.Holds {
			w.Alerts = append(w.Alerts, alertField{Alert: string(row.Alert), Sites: row.Sites, Left: row.Left})
		}
	}
	return w
}
