package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"

	"habilis/internal/draft"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/setting"
	"habilis/internal/web/ui"
)

// createView is a step of «Nouvel utilisateur».
type createView struct {
	Draft      ident.Draft
	At         step
	Form       newMember
	Choices    inviteChoices
	Found      found
	Colleagues []colleague
	Step       levelStep // of a step about levels
	Settings   settingStep
	Ticked     []string // lines of it
	Unsearched bool     // what is searched for is still being typed
	Warnings   []string // of the review
	Cards      []createCard
	Effects    []ui.ItemProps
	Proof      *ui.StepUpProps
	Directory  bool   // a search is offered
	Base       string // address of the draft's steps
	Members    string // address of the members
	Plaque     ui.PlaqueProps
	Errors     map[string]string
	Summary    []ui.FieldError
	Failure    string
}

// showStep shows a step as it stands, in the frame of all of them.
func (v *visit) showStep(status int, view createView) error {
	p, err := v.orgFrame(v.stepTitle(view.At), atMembers)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	if err := v.fillStep(&view); err != nil {
		return err
	}
	return v.show(status, v.stepPage(p, view))
}

// stepTitle is the title of the document: it changes on each step (DESIGN.md 6).
func (v *visit) stepTitle(at step) string {
	return v.t.T("create.step_title", "N", strconv.Itoa(int(at)+1), "Step", v.t.T("create.step."+steps[at]))
}

// stepPage is the page of a step; the review has its own handler, but what must be
// corrected there is shown at the step that asks for it.
func (v *visit) stepPage(p ui.Page, view createView) templ.Component {
	switch view.At {
	case stepProfile:
		return CreateProfilePage(p, view)
	case stepRights:
		return CreateRightsPage(p, view)
	case stepContact:
		return CreateContactPage(p, view)
	case stepAgendas, stepMailboxes:
		p.Sheets = append(p.Sheets, "matrix.css")
		return CreateLevelsPage(p, view)
	case stepSettings:
		return CreateSettingsPage(p, view)
	case stepCheck:
	}
	return CreateCheckPage(p, view)
}

// fillStep adds what a step lets choose from, and the plaque.
func (v *visit) fillStep(view *createView) error {
	var err error
	if view.Choices, err = v.inviteChoices(); err != nil {
		return err
	}
	view.Base, view.Members, view.Directory = v.at("members", "new", view.Draft.String()), v.at("members"), v.mayFind()
	if view.Form.Sites == nil && len(view.Choices.Sites) == 1 {
		view.Form.Sites = []string{view.Choices.Sites[0].ID.String()}
	}
	view.Plaque = v.preview(*view)
	switch view.At {
	case stepAgendas, stepMailboxes:
		return v.fillLevels(view)
	case stepSettings, stepCheck:
		return v.fillSettings(view)
	case stepProfile:
	case stepRights, stepContact:
		return nil
	}
	if !view.Unsearched {
		view.Found = v.find(view.Form)
	}
	if view.Form.practises() {
		view.Colleagues, err = v.colleagues("")
	}
	return err
}

// preview is the plate of the person, as far as it is known: it confirms an identity
// better than a summary.
func (v *visit) preview(view createView) ui.PlaqueProps {
	f := view.Form
	given, family := f.names()
	profession, _ := f.occupation()
	p := ui.PlaqueProps{Above: profession.Label, Name: strings.TrimSpace(given + " " + family), Enamel: ui.Enamel(v.org.Enamel)}
	if p.Above == "" && f.Function != "" {
		p.Above = named(v.t, "function.", f.Function)
	}
	switch {
	case p.Name == "":
		p.Name = v.t.T("create.nobody")
	case f.Title != "":
		p.Name = f.Title + noBreak + p.Name
	}
	rpps := f.RPPS
	if i := f.imported(); i != nil {
		rpps = i.Practitioner.RPPS
	}
	if f.regulated() && isNumber(rpps) {
		p.Below = append(p.Below, v.t.T("member.rpps", "Number", grouped(digits(rpps))))
	}
	if places := view.siteNames(); len(places) > 0 {
		p.Below = append(p.Below, v.t.List(places))
	}
	return p
}

// digits are those of a number, however it is spaced.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// siteNames are the names of the chosen sites.
func (w createView) siteNames() (list []string) {
	for i := range w.Choices.Sites {
		if s := &w.Choices.Sites[i]; slices.Contains(w.Form.Sites, s.ID.String()) {
			list = append(list, s.Name)
		}
	}
	return list
}

// createSpots are the fields of the pages by what a refusal names, with the step that
// asks for each. The order is that of the pages, and of the summary.
var createSpots = []struct {
	Field string
	At    step
	Label string
	Names []string // of the refusal, when they differ
}{
	{rightSite, stepProfile, "", []string{fieldSites}},
	{fieldType, stepProfile, "", []string{"profile_type"}},
	{"q", stepProfile, "", nil},
	{"practitioner", stepProfile, "", nil},
	{"activity", stepProfile, "", []string{"import"}},
	{fieldTitle, stepProfile, "", nil},
	{fieldGiven, stepProfile, "account.given_name", nil},
	{fieldFamily, stepProfile, "account.family_name", nil},
	{fieldRPPS, stepProfile, "create.rpps", nil},
	{"regulated", stepProfile, "create.profession", nil},
	{fieldProfession, stepProfile, "create.profession", nil},
	{fieldSpecialty, stepProfile, "create.specialty", []string{"specialty_code"}},
	{fieldFunction, stepProfile, "", nil},
	{fieldPhone, stepProfile, "", nil},
	{fieldMSSante, stepProfile, "", nil},
	{fieldSIRET, stepProfile, "", nil},
	{fieldAM, stepProfile, "", nil},
	{fieldLocumName, stepProfile, "create.locum_name", []string{fieldLocum, "locum.for", "locum.name"}},
	{fieldLocumFrom, stepProfile, "create.locum_from", []string{"locum.from", "locum.starts_at"}},
	{fieldLocumUntil, stepProfile, "create.locum_until", []string{"locum.until", "locum.ends_at"}},
	{"admin", stepRights, "", []string{"administrator", "admin_scope"}},
	{rightRole, stepRights, "", []string{fieldRoles, "permissions"}},
	{"reach", stepContact, "", []string{"messaging_reach"}},
	{fieldEmail, stepContact, "", nil},
	{fieldWelcome, stepContact, "", nil},
	{fieldLanguage, stepContact, "", nil},
	{steps[stepAgendas], stepAgendas, "", nil},
	{steps[stepMailboxes], stepMailboxes, "", nil},
	{fieldView, stepSettings, "", nil},
	{fieldFirstDay, stepSettings, "", nil},
	{fieldDayStart, stepSettings, "", nil},
	{fieldDayEnd, stepSettings, "", nil},
	{fieldSlot, stepSettings, "", nil},
	{alertPart + string(setting.AlertRegistration), stepSettings, "", nil},
	{alertPart + string(setting.AlertApproval), stepSettings, "", nil},
	{alertPart + string(setting.AlertDirectory), stepSettings, "", nil},
	{alertPart + string(setting.AlertDeparture), stepSettings, "", nil},
	{alertPart + string(setting.AlertWork), stepSettings, "", nil},
	{alertPart + string(setting.AlertDelegation), stepSettings, "", nil},
	{alertPart + string(setting.AlertAccess), stepSettings, "", nil},
	{fieldDrafters, stepSettings, "", []string{"drafting"}},
	{fieldProof, stepCheck, "", nil},
}

// spotOf is the place in createSpots of what a refusal names: "roles[2]" is one line of
// the roles. Unknown: -1.
func (f *newMember) spotOf(location string) int {
	name, _, _ := strings.Cut(strings.TrimPrefix(location, "settings."), "[")
	name = strings.TrimSuffix(name, ".sites")
	if strings.HasPrefix(location, "rights") {
		name = f.levelSpot(location)
	}
	if strings.HasPrefix(name, fieldProfession) {
		name = fieldProfession
		if f.regulated() {
			name = "regulated"
		}
	}
	for n, s := range createSpots {
		if s.Field == name || slices.Contains(s.Names, name) {
			return n
		}
	}
	return -1
}

// stepAgain shows the step that asks for what must be corrected, with what was typed.
func (v *visit) stepAgain(view createView, refusal error) error {
	f := fault.Of(refusal)
	switch {
	case len(f.Fields) > 0:
		view.At = v.stepOf(view, f)
		view.Errors, view.Summary = v.createErrors(view, f)
		if len(view.Summary) == 0 { // nothing of it stands on this page
			view.Failure = v.sentence(f)
		}
	case staysOnPage(f), f.Kind == fault.Forbidden && f.Code != "access.forbidden", f.Code == draft.ErrTooLarge.Code:
		view.Failure = v.sentence(f)
	default:
		return refusal
	}
	status := statusOf(f)
	if view.At == stepCheck {
		return v.showCheck(status, view)
	}
	return v.showStep(status, view)
}

// stepOf is the first step that asks for something that must be corrected.
func (v *visit) stepOf(view createView, f *fault.Error) step {
	first := step(len(steps))
	for _, x := range f.Fields {
		if field := view.Form.dayField(x.Location); field != "" {
			first = min(first, dayStep(field))
		} else if n := view.Form.spotOf(x.Location); n >= 0 {
			first = min(first, createSpots[n].At)
		}
	}
	if int(first) == len(steps) {
		return view.At
	}
	return first
}

// createPoint is what a point to correct says; of two dates side by side, which one.
func (v *visit) createPoint(at spot, x fault.Field) string {
	said := v.pointAt(at, x)
	if strings.HasPrefix(at.Name, "locum_") && said == v.say(x.Code, x.Args, nil) {
		first, size := utf8.DecodeRuneInString(said)
		return v.t.T("web.at_field", "Field", v.t.T(at.Label), "Text", string(unicode.ToLower(first))+said[size:])
	}
	return said
}

// createErrors says at which field of the step each point stands; what is refused twice
// in one group is said once.
func (v *visit) createErrors(view createView, f *fault.Error) (map[string]string, []ui.FieldError) {
	by, errors := map[int]string{}, map[string]string{}
	var summary []ui.FieldError
	for _, x := range f.Fields {
		if field := view.Form.dayField(x.Location); field != "" {
			if dayStep(field) == view.At && errors[field] == "" {
				errors[field] = v.say(x.Code, x.Args, nil)
				summary = append(summary, ui.FieldError{ID: field, Text: errors[field]})
			}
			continue
		}
		n := view.Form.spotOf(x.Location)
		if n < 0 || createSpots[n].At != view.At || by[n] != "" {
			continue
		}
		by[n] = v.createPoint(spot{createSpots[n].Field, createSpots[n].Label}, x)
	}
	for n, s := range createSpots {
		if by[n] != "" {
			errors[s.Field] = by[n]
			summary = append(summary, ui.FieldError{ID: s.Field, Text: by[n]})
		}
	}
	return errors, summary
}
