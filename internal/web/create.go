package web

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"

	"habilis/internal/draft"
	"habilis/internal/enrolment"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/web/ui"
)

var createRoutes = []route{
	{"GET /o/{org}/members/new", within, (*visit).newMember},
	{"POST /o/{org}/members/new", within, (*visit).beginMember},
	{"GET /o/{org}/members/new/{draft}/profile", within, (*visit).profileStep},
	{"POST /o/{org}/members/new/{draft}/profile", within, (*visit).keepProfileStep},
	{"GET /o/{org}/members/new/{draft}/rights", within, (*visit).rightsStep},
	{"POST /o/{org}/members/new/{draft}/rights", within, (*visit).keepRightsStep},
	{"GET /o/{org}/members/new/{draft}/contact", within, (*visit).contactStep},
	{"POST /o/{org}/members/new/{draft}/contact", within, (*visit).keepContactStep},
	{"GET /o/{org}/members/new/{draft}/agendas", within, (*visit).agendaStep},
	{"POST /o/{org}/members/new/{draft}/agendas", within, (*visit).keepAgendaStep},
	{"GET /o/{org}/members/new/{draft}/messaging", within, (*visit).mailboxStep},
	{"POST /o/{org}/members/new/{draft}/messaging", within, (*visit).keepMailboxStep},
	{"GET /o/{org}/members/new/{draft}/check-answers", within, (*visit).checkStep},
	{"POST /o/{org}/members/new/{draft}/check-answers", within, (*visit).createMember},
	{"GET /o/{org}/members/drafts", within, (*visit).memberDrafts},
	{"POST /o/{org}/members/drafts/{draft}/discard", within, (*visit).discardDraft},
}

// draftMember is the kind of our drafts.
const draftMember = "member.new"

// step is a screen of «Nouvel utilisateur»; each has its address, and is reached when
// the earlier ones could be sent as they stand (DESIGN.md 15).
type step int

const (
	stepProfile step = iota
	stepRights
	stepContact
	stepAgendas
	stepMailboxes
	stepSettings
	stepCheck
)

// steps are the last part of the addresses, and of the keys of the texts.
var steps = []string{"profile", "rights", "contact", "agendas", "messaging", "settings", "check-answers"}

// checks are what enrolment calls the steps.
var checks = []enrolment.Step{
	enrolment.StepProfile, enrolment.StepRights, enrolment.StepContact, enrolment.StepLevels, enrolment.StepLevels,
	enrolment.StepSettings, enrolment.StepComplete,
}

func (v *visit) stepPath(id ident.Draft, at step) string {
	return v.at("members", "new", id.String(), steps[at])
}

// newMember begins: choose the type of profile, or carry on with a draft.
func (v *visit) newMember() error {
	if err := v.mayInvite(); err != nil {
		return err
	}
	return v.showStart(http.StatusOK, startView{Form: v.emptyMember(), Like: v.FormValue("like")})
}

// beginMember keeps a new draft, with the rights of another member when asked, and
// leads to its first step.
func (v *visit) beginMember() error {
	if err := v.mayInvite(); err != nil {
		return err
	}
	f := v.emptyMember()
	f.Type = v.PostFormValue(fieldType)
	view := startView{Form: f, Like: v.PostFormValue("like")}
	if view.Like != "" {
		if err := v.likeMember(&f, view.Like); err != nil {
			return err
		}
	}
	if !slices.Contains(member.ProfileTypes, member.ProfileType(f.Type)) && view.Like == "" {
		view.Errors, view.Summary = v.fieldErrors(fault.OnField(fieldType, "web.create_type"))
		return v.showStart(http.StatusUnprocessableEntity, view)
	}
	id, err := v.saveMember("", f)
	if err != nil {
		return err
	}
	return v.to(v.stepPath(id, stepProfile))
}

// likeMember takes over the sites, roles, scopes and reach of a member («Créer un autre
// membre avec les mêmes droits»), and the type of profile. Nothing of the person.
func (v *visit) likeMember(f *newMember, like string) error {
	id, err := ident.ParseMember(like)
	if err != nil {
		return errPage
	}
	s, err := v.s.Members.Get(v.Context(), v.by, v.org.ID, id)
	if err != nil {
		return err
	}
	f.Type, f.Function, f.Reach = string(s.ProfileType), s.Function, string(s.Reach)
	f.likeRights(s)
	return v.likeLevels(f, id)
}

// ownDraft loads the draft that the address names, as it was written.
func (v *visit) ownDraft() (ident.Draft, string, error) {
	if err := v.mayInvite(); err != nil {
		return "", "", err
	}
	return v.draftOf(draftMember, v.PathValue("draft"))
}

// memberDraft loads the form that the address names.
func (v *visit) memberDraft() (ident.Draft, newMember, error) {
	var f newMember
	id, body, err := v.ownDraft()
	if err != nil {
		return "", f, err
	}
	if json.Unmarshal([]byte(body), &f) != nil {
		return "", f, draft.ErrNotFound
	}
	f.Passed = min(max(f.Passed, stepProfile), stepCheck)
	return id, f, nil
}

// saveMember keeps the form: under its draft, or a new one.
func (v *visit) saveMember(id ident.Draft, f newMember) (ident.Draft, error) {
	return v.saveDraft(draftMember, id, f)
}

func (v *visit) profileStep() error { return v.openStep(stepProfile) }
func (v *visit) rightsStep() error  { return v.openStep(stepRights) }
func (v *visit) contactStep() error { return v.openStep(stepContact) }
func (v *visit) agendaStep() error  { return v.openStep(stepAgendas) }
func (v *visit) mailboxStep() error { return v.openStep(stepMailboxes) }

// openStep shows a step; one that cannot be reached yet leads to the first that waits.
func (v *visit) openStep(at step) error {
	id, f, err := v.memberDraft()
	if err != nil {
		return err
	}
	if f.Passed < at {
		return v.to(v.stepPath(id, f.Passed))
	}
	return v.showStep(http.StatusOK, createView{Draft: id, At: at, Form: f})
}

func (v *visit) keepProfileStep() error {
	return v.keepStep(stepProfile, func(f *newMember) error { return v.readProfile(f) })
}

func (v *visit) keepRightsStep() error {
	return v.keepStep(stepRights, func(f *newMember) error { return v.readRights(f) })
}

func (v *visit) keepContactStep() error {
	return v.keepStep(stepContact, func(f *newMember) error { v.readContact(f); return nil })
}

func (v *visit) keepAgendaStep() error {
	return v.keepStep(stepAgendas, func(f *newMember) error { return v.readStepLevels(stepAgendas, f) })
}

func (v *visit) keepMailboxStep() error {
	return v.keepStep(stepMailboxes, func(f *newMember) error { return v.readStepLevels(stepMailboxes, f) })
}

// The acts of a form, by the button that sent it.
const (
	doNext    = "next"
	doEnter   = "enter"   // the key: what the field that had the focus asks for
	doPreview = "preview" // by script: shown as it stands, kept nowhere
	doShow    = "show"    // the same without script: kept
	doDraft   = "draft"
	doBack    = "back"
	doSearch  = "search"
	doPick    = "pick"
	doManual  = "manual"
	doAgain   = "again"
	doType    = "type:" // and the type that is gone over to
)

// keepStep reads a step and does what its button says. Whatever it is, what was typed
// is kept; only «Continuer» checks it.
func (v *visit) keepStep(at step, read func(*newMember) error) error {
	id, f, err := v.memberDraft()
	if err != nil {
		return err
	}
	if f.Passed < at {
		return v.to(v.stepPath(id, f.Passed))
	}
	before := f
	if err := read(&f); err != nil {
		return err
	}
	view := createView{Draft: id, At: at, Form: f, Ticked: v.PostForm["r"]}
	switch do := v.PostFormValue("do"); {
	case v.isTool(at, do):
		return v.useTool(view, do)
	case do == doPreview:
		view.Unsearched = f.Query != before.Query || f.City != before.City
		return v.showStep(http.StatusOK, view)
	case do == doDraft, do == doBack, do == doShow:
		return v.keepUnchecked(view, do)
	case at == stepProfile && v.searches(do, before, f):
		return v.search(view)
	case at == stepProfile && v.picks(do, f):
		return v.changeProfile(view, doPick)
	case at == stepProfile && do != doNext && do != doEnter && do != "":
		return v.changeProfile(view, do)
	}
	return v.nextStep(view)
}

// keepUnchecked keeps a step as it stands: it must be sent again before those after it.
func (v *visit) keepUnchecked(view createView, do string) error {
	view.Form.Passed = min(view.Form.Passed, view.At)
	if _, err := v.saveMember(view.Draft, view.Form); err != nil {
		return v.stepAgain(view, err)
	}
	switch {
	case do == doBack && view.At > stepProfile:
		return v.to(v.stepPath(view.Draft, view.At-1))
	case do == doDraft:
		v.flash(ui.ToneOK, v.t.T("create.draft_kept", "Date", v.t.Date(v.s.now().Add(draft.Life))))
	}
	return v.to(v.stepPath(view.Draft, view.At))
}

// nextStep checks a step and goes on: to the next one, or back to the review when
// everything else is filled in.
func (v *visit) nextStep(view createView) error {
	if err := v.checkMember(view.Form, view.At); err != nil {
		return v.stepAgain(view, err)
	}
	if view.At == stepProfile && v.proposes(&view.Form) {
		if _, err := v.saveMember(view.Draft, view.Form); err != nil {
			return v.stepAgain(view, err)
		}
		return v.to(v.stepPath(view.Draft, stepProfile))
	}
	view.Form.Passed = max(view.Form.Passed, view.At+1)
	if _, err := v.saveMember(view.Draft, view.Form); err != nil {
		return v.stepAgain(view, err)
	}
	return v.to(v.stepPath(view.Draft, view.Form.after(view.At)))
}

// checkMember asks whether a step could be sent as it stands: everything that must be
// corrected there is told at once.
func (v *visit) checkMember(f newMember, at step) error {
	var first, more fault.Fields
	switch at {
	case stepProfile:
		v.checkProfile(&first, &more, f)
	case stepRights:
		if len(f.Roles) == 0 && !f.Admin {
			more.Add(fieldRoles, "web.role_required")
		}
	case stepAgendas, stepMailboxes:
		v.checkDays(&first, &f, at)
	case stepContact, stepSettings, stepCheck:
	}
	if err := first.Err(); err != nil {
		return err
	}
	in, err := v.memberCommand(f)
	if err != nil {
		return err
	}
	_, err = v.s.Enrolments.CheckCreate(v.Context(), v.by, in, checks[at])
	return withFields(err, more.Err())
}

// withFields adds the points of a page to those of a refusal; a refusal without points
// stands alone.
func withFields(refusal, more error) error {
	switch {
	case refusal == nil || more == nil:
		return cmp.Or(refusal, more)
	case len(fault.Of(refusal).Fields) == 0:
		return refusal
	}
	f := *fault.Of(refusal)
	f.Fields = slices.Concat(f.Fields, fault.Of(more).Fields)
	return &f
}
