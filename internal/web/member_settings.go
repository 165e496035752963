package web

import (
	"net/http"
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/preference"
	"habilis/internal/setting"
	"habilis/internal/web/ui"
)

// What the organisation sets for all its members, unless they have their own (CHG-3).
var memberSettingRoutes = []route{
	{"GET /o/{org}/settings/members", within, (*visit).memberSettings},
	{"POST /o/{org}/settings/members", within, (*visit).typeMemberSettings},
	{"GET /o/{org}/settings/members/review", within, (*visit).reviewMemberSettings},
	{"POST /o/{org}/settings/members/review", within, (*visit).saveMemberSettings},
}

// draftDefaults is the kind of the drafts of this form.
const draftDefaults = "settings.members"

// defaultsForm is the form as typed, on a version of what is set.
type defaultsForm struct {
	preferenceForm

	Version int64 `json:"version"`
}

// defaultsView is the form.
type defaultsView struct {
	told

	Path, Back string
	Version    int64
	Fields     preferenceFields
}

func (v *visit) mayDefaults() error {
	if !v.held.Has(access.SettingsEdit, access.OrgScope(v.org.ID)) {
		return v.lacks(access.SettingsEdit)
	}
	return nil
}

// memberSettings shows the form: as it holds, or as it was typed and not yet saved.
func (v *visit) memberSettings() error {
	if err := v.mayDefaults(); err != nil {
		return err
	}
	if v.FormValue("draft") != "" {
		var f defaultsForm
		if _, err := v.loadDraft(draftDefaults, &f); err != nil {
			return err
		}
		return v.showDefaults(f, nil)
	}
	d, err := v.s.Settings.Defaults(v.Context(), v.by, v.org.ID)
	if err != nil {
		return err
	}
	return v.showDefaults(defaultsForm{preferenceFormOf(v.t, d.Personal), d.Rev}, nil)
}

// showDefaults shows the form; after a refusal, with what must be corrected.
func (v *visit) showDefaults(f defaultsForm, refusal error) error {
	view := defaultsView{Path: v.at(atSettings, "members"), Back: v.at(atSettings), Version: f.Version}
	said, status, err := v.tell(refusal)
	if err != nil {
		return err
	}
	view.told = said
	s, err := v.s.Settings.Security(v.Context(), v.by, v.org.ID)
	if err != nil {
		return err
	}
	view.Fields = preferenceFields{
		Form: f.preferenceForm, Policy: setting.SessionLength{IdleMinutes: s.IdleMinutes, AbsoluteHours: s.AbsoluteHours},
		Parts: setting.Parts, Errors: view.Errors,
	}
	for _, a := range setting.Alerts {
		view.Fields.Alerts = append(view.Fields.Alerts, alertField{Alert: string(a)})
	}
	p, err := v.orgFrame(v.t.T("defaults.title"), atSettings)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, DefaultsPage(p, view))
}

// typeMemberSettings keeps what was typed and goes to its effect; what cannot hold is told here.
func (v *visit) typeMemberSettings() error {
	if err := v.mayDefaults(); err != nil {
		return err
	}
	f := defaultsForm{typedPreferences(v.PostForm), parseVersion(v.PostFormValue(fieldVersion))}
	if _, err := v.defaultsEffect(f, f.Version); err != nil && !fault.Is(err, fault.Stale) {
		return v.showDefaults(f, oneSettingField(fault.Of(err), ""))
	}
	id, err := v.saveDraft(draftDefaults, "", f)
	if err != nil {
		return err
	}
	return v.to(v.at(atSettings, "members", "review") + "?draft=" + id.String())
}

// defaultsEffect is what saving the form on a version would do.
func (v *visit) defaultsEffect(f defaultsForm, on int64) (preference.DefaultsEffect, error) {
	to, err := f.personal()
	if err != nil {
		return preference.DefaultsEffect{}, err
	}
	return v.s.Preferences.PreviewDefaults(v.Context(), v.by, v.org.ID, on, to)
}

// defaultsReview is what a change would do, told before it is saved.
type defaultsReview struct {
	told

	Path, Back, Change string
	Draft              ident.Draft
	Version            int64
	Lines              []compared
	Parts              []partEffect
	Overtook           bool // somebody else saved since the form was opened
	Proof              *ui.StepUpProps
}

// partEffect says whom the change of a part touches, in words.
type partEffect struct {
	Name, Changes, Keeps string
	ChangeNames          string
	KeepNames            string
}

func (v *visit) reviewMemberSettings() error { return v.showDefaultsReview(nil) }

func (v *visit) showDefaultsReview(refusal error) error {
	if err := v.mayDefaults(); err != nil {
		return err
	}
	var f defaultsForm
	id, err := v.loadDraft(draftDefaults, &f)
	if err != nil {
		return err
	}
	now, err := v.s.Settings.Defaults(v.Context(), v.by, v.org.ID)
	if err != nil {
		return err
	}
	e, err := v.defaultsEffect(f, now.Rev)
	if err != nil {
		return v.showDefaults(f, oneSettingField(fault.Of(err), ""))
	}
	path := v.at(atSettings, "members")
	view := defaultsReview{
		Path: path + "/review", Back: v.at(atSettings), Change: path + "?draft=" + id.String(), Draft: id, Version: now.Rev,
		Lines: v.comparePersonal(e.Before.Personal, e.After.Personal), Overtook: now.Rev != f.Version,
	}
	for _, part := range e.Parts {
		view.Parts = append(view.Parts, v.partEffect(part))
	}
	status := http.StatusOK
	if refusal != nil {
		view.told, status = v.words(refusal), statusOf(fault.Of(refusal))
	}
	if len(view.Lines) > 0 {
		view.Proof = v.proof(v.t.T("defaults.proof"), view.Errors)
	}
	p, err := v.orgFrame(v.t.T("defaults.review"), atSettings)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, DefaultsReviewPage(p, view))
}

// comparePersonal are the parts that differ, before and after.
func (v *visit) comparePersonal(before, after setting.Personal) []compared {
	var lines []compared
	for _, part := range everyPart() {
		was, is := partLine(v, part, before), partLine(v, part, after)
		if was != is {
			lines = append(lines, compared{partName(v.t, part), was, is})
		}
	}
	return lines
}

func partLine(v *visit, part string, p setting.Personal) string {
	return strings.Join(partWords(v.t, part, p), between)
}

func (v *visit) partEffect(e preference.PartEffect) partEffect {
	return partEffect{
		Name: partName(v.t, string(e.Part)), Changes: v.t.T("defaults.changes_for", "Count", int(e.Changes)),
		ChangeNames: v.someNames(e.Touched, e.Changes),
		Keeps:       v.t.T("defaults.keep", "Count", int(e.Keeps)), KeepNames: v.someNames(e.Names, e.Keeps),
	}
}

// someNames lists names, and says how many are not in the list.
func (v *visit) someNames(names []string, of int64) string {
	if left := int(of) - len(names); left > 0 && len(names) > 0 {
		names = append(slices.Clip(names), v.t.T("defaults.others", "Count", left))
	}
	return v.t.List(names)
}

// saveMemberSettings changes what is set as it was reviewed; the password is asked again
// (rules.md 6).
func (v *visit) saveMemberSettings() error {
	if err := v.mayDefaults(); err != nil {
		return err
	}
	var f defaultsForm
	id, err := v.loadDraft(draftDefaults, &f)
	if err != nil {
		return err
	}
	err = v.setDefaults(f)
	switch {
	case fault.Is(err, fault.Invalid), fault.Is(err, fault.Stale):
		return v.showDefaultsReview(err)
	case err != nil:
		return err
	}
	if err = v.s.Drafts.Delete(v.Context(), v.by, id); err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("defaults.saved"))
	return v.to(v.at(atSettings))
}

// setDefaults saves the form on the version that was reviewed.
func (v *visit) setDefaults(f defaultsForm) error {
	to, err := f.personal()
	if err != nil {
		return err
	}
	if err := v.prove(); err != nil {
		return err
	}
	_, err = v.s.Settings.SetDefaults(v.Context(), v.by, v.org.ID, parseVersion(v.PostFormValue(fieldVersion)), to)
	return err
}

// defaultsFacts is the card of the page of settings.
func (v *visit) defaultsFacts() ([]ui.Fact, error) {
	d, err := v.s.Settings.Defaults(v.Context(), v.by, v.org.ID)
	if err != nil {
		return nil, err
	}
	var facts []ui.Fact
	for _, part := range setting.Parts {
		if part != setting.PartNotifications {
			said := PreferenceWords(preferenceWords{Lines: partWords(v.t, string(part), d.Personal)})
			facts = append(facts, ui.Fact{Term: partName(v.t, string(part)), Content: said})
		}
	}
	told := 0
	for _, on := range d.Notifications {
		if !on.None() {
			told++
		}
	}
	return append(facts, ui.Fact{Term: v.t.T("preference.card." + cardAlerts), Value: v.t.T("preference.alerts_told", "Count", told)}), nil
}
