package web

import (
	"net/http"
	"strconv"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/setting"
	"habilis/internal/web/ui"
)

var policyRoutes = []route{
	{"GET /o/{org}/settings/security", within, (*visit).securityPolicy},
	{"POST /o/{org}/settings/security", within, (*visit).typeSecurity},
	{"GET /o/{org}/settings/security/review", within, (*visit).reviewSecurity},
	{"POST /o/{org}/settings/security/review", within, (*visit).saveSecurity},
}

// draftPolicy is the kind of the drafts of this form.
const draftPolicy = "settings.security"

// policyView is the form of «Règles de sécurité».
type policyView struct {
	Path, Back string
	Form       policyForm
	Address    string // of whoever looks, as the allow-list would see it
	Errors     map[string]string
	Summary    []ui.FieldError
}

// mayPolicy refuses whoever may not change the policy, in the trail too.
func (v *visit) mayPolicy() error {
	if !v.held.Has(access.SecurityEdit, access.OrgScope(v.org.ID)) {
		return v.lacks(access.SecurityEdit)
	}
	return nil
}

// securityPolicy shows the form: as it holds, or as it was typed and not yet saved.
func (v *visit) securityPolicy() error {
	if err := v.mayPolicy(); err != nil {
		return err
	}
	if v.FormValue("draft") != "" {
		var f policyForm
		if _, err := v.loadDraft(draftPolicy, &f); err != nil {
			return err
		}
		return v.showPolicy(http.StatusOK, policyView{Form: f})
	}
	s, err := v.s.Settings.Security(v.Context(), v.by, v.org.ID)
	if err != nil {
		return err
	}
	return v.showPolicy(http.StatusOK, policyView{Form: policyFormOf(s)})
}

func (v *visit) showPolicy(status int, view policyView) error {
	view.Path, view.Back, view.Address = v.at(atSettings, "security"), v.at(atSettings), v.by.Address
	p, err := v.orgFrame(v.t.T("policy.title"), atSettings)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, PolicyPage(p, view))
}

// typeSecurity keeps what was typed and goes to its effect; what cannot hold is told here.
func (v *visit) typeSecurity() error {
	if err := v.mayPolicy(); err != nil {
		return err
	}
	f := typedPolicy(v.PostForm)
	next, err := f.policy()
	if err == nil {
		_, err = v.s.Logins.PolicyEffect(v.Context(), v.by, v.org.ID, f.Version, next)
	}
	if err != nil && !fault.Is(err, fault.Stale) {
		return v.policyAgain(f, err)
	}
	id, err := v.saveDraft(draftPolicy, "", f)
	if err != nil {
		return err
	}
	return v.to(v.at(atSettings, "security", "review") + "?draft=" + id.String())
}

func (v *visit) policyAgain(form policyForm, err error) error {
	f := fault.Of(err)
	if f.Kind != fault.Invalid {
		return err
	}
	view := policyView{Form: form}
	view.Errors, view.Summary = v.fieldErrors(oneNetworkField(f))
	return v.showPolicy(statusOf(f), view)
}

// policyReview is what a change of the policy would do, told before it is saved.
type policyReview struct {
	Path, Back, Change string
	Draft              ident.Draft
	Version            int64
	Lines              []compared
	Overtook           bool // somebody else saved since the form was opened
	Effects            []policyEffect
	Proof              *ui.StepUpProps
	Summary            []ui.FieldError
}

// policyEffect is one group of people whom the change touches.
type policyEffect struct {
	ID, Title, Text string
	People          []ui.ItemProps
	More            int // beyond those that are named
	Tone            ui.Tone
}

func (v *visit) reviewSecurity() error { return v.showPolicyReview(nil) }

func (v *visit) showPolicyReview(refusal error) error {
	if err := v.mayPolicy(); err != nil {
		return err
	}
	var f policyForm
	id, err := v.loadDraft(draftPolicy, &f)
	if err != nil {
		return err
	}
	next, err := f.policy()
	if err != nil {
		return v.policyAgain(f, err)
	}
	now, err := v.s.Settings.Security(v.Context(), v.by, v.org.ID)
	if err != nil {
		return err
	}
	e, err := v.s.Logins.PolicyEffect(v.Context(), v.by, v.org.ID, now.Rev, next)
	if err != nil {
		return v.policyAgain(f, err)
	}
	path := v.at(atSettings, "security")
	view := policyReview{
		Path: path + "/review", Back: v.at(atSettings), Change: path + "?draft=" + id.String(), Draft: id, Version: now.Rev,
		Lines: v.comparePolicies(e.Before, e.After), Overtook: now.Rev != f.Version, Effects: v.policyEffects(e),
	}
	return v.showPolicyReviewPage(view, refusal)
}

func (v *visit) showPolicyReviewPage(view policyReview, refusal error) error {
	status, wrong := http.StatusOK, map[string]string{}
	if refusal != nil {
		status = statusOf(fault.Of(refusal))
		wrong, view.Summary = v.fieldErrors(refusal)
	}
	if len(view.Lines) > 0 {
		view.Proof = v.proof(v.t.T("setting.proof"), wrong)
	}
	p, err := v.orgFrame(v.t.T("policy.review"), atSettings)
	if err != nil {
		return err
	}
	p.Error = refusal != nil
	return v.show(status, PolicyReviewPage(p, view))
}

// saveSecurity changes the policy as it was reviewed; the password is asked again
// (rules.md 6).
func (v *visit) saveSecurity() error {
	if err := v.mayPolicy(); err != nil {
		return err
	}
	var f policyForm
	id, err := v.loadDraft(draftPolicy, &f)
	if err != nil {
		return err
	}
	next, err := f.policy()
	if err == nil {
		err = v.prove()
	}
	if err == nil {
		_, err = v.s.Settings.SetSecurity(v.Context(), v.by, v.org.ID, parseVersion(v.PostFormValue(fieldVersion)), next)
	}
	if k := fault.Of(err).Kind; err != nil && (k == fault.Invalid || k == fault.Stale) {
		return v.showPolicyReview(err)
	}
	if err != nil {
		return err
	}
	if err := v.s.Drafts.Delete(v.Context(), v.by, id); err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("policy.saved"))
	return v.to(v.at(atSettings))
}

// policyNumber says a number of the policy with its unit: «14 jours».
func (v *visit) policyNumber(key string, n int) string {
	return policyOptions(v.t, key, strconv.Itoa(n))[0].Label
}

func (v *visit) yesNo(on bool) string { return v.t.T("policy.on." + strconv.FormatBool(on)) }

// policyFacts say a policy, one rule a line.
func (v *visit) policyFacts(s setting.Security) []ui.Fact {
	var kinds []string
	for _, k := range s.Factors.List() {
		kinds = append(kinds, v.t.T("factors.kind."+k))
	}
	networks := v.t.T("policy.networks_none")
	if len(s.Networks) > 0 {
		networks = v.t.List(networkTexts(s.Networks))
	}
	return []ui.Fact{
		{Term: v.t.T("policy.factors"), Value: v.t.List(kinds)},
		{Term: v.t.T("policy.required"), Value: v.t.T("policy.required." + string(s.Required))},
		{Term: v.t.T("policy.grace"), Value: v.policyNumber("grace", s.GraceDays)},
		{Term: v.t.T("policy.device"), Value: v.policyNumber("device", s.DeviceDays)},
		{Term: v.t.T("policy.networks"), Value: networks},
		{Term: v.t.T("policy.network_factor"), Value: v.yesNo(s.NetworkFactor)},
		{Term: v.t.T("policy.network_only"), Value: v.yesNo(s.NetworkOnly)},
		{Term: v.t.T("policy.idle"), Value: v.policyNumber("idle", s.IdleMinutes)},
		{Term: v.t.T("policy.absolute"), Value: v.policyNumber("absolute", s.AbsoluteHours)},
		{Term: v.t.T("policy.email"), Value: v.yesNo(s.EmailByAdministrators)},
		{Term: v.t.T("policy.temporary"), Value: v.yesNo(s.TemporaryPasswords)},
		{Term: v.t.T("policy.letters"), Value: v.yesNo(!s.QuietAccess)},
	}
}

// comparePolicies are the rules that differ, before and after.
func (v *visit) comparePolicies(before, after setting.Security) []compared {
	var out []compared
	was := v.policyFacts(before)
	for i, f := range v.policyFacts(after) {
		if f.Value != was[i].Value {
			out = append(out, compared{f.Term, was[i].Value, f.Value})
		}
	}
	return out
}
