package web

import (
	"net/http"
	"net/netip"
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/setting"
	"habilis/internal/web/ui"
)

var decisionPolicyRoutes = []route{
	{"GET /o/{org}/settings/decisions", within, (*visit).decisionPolicy},
	{"POST /o/{org}/settings/decisions", within, (*visit).saveDecisionPolicy},
}

const (
	fieldNetworks     = "networks"
	fieldSecondFactor = "second_factor"
)

// decisionPolicyView is what the organisation asks of the connection of whoever uses a
// right in a connected application.
type decisionPolicyView struct {
	Path, Back   string
	SecondFactor bool
	Networks     string // one a line, as typed
	Version      int64
	Errors       map[string]string
	Summary      []ui.FieldError
	Stale        bool
	Proof        *ui.StepUpProps
}

// decisionPolicyFacts say the policy on the page of settings.
func (v *visit) decisionPolicyFacts() ([]ui.Fact, error) {
	d, err := v.s.Settings.Decisions(v.Context(), v.by, v.org.ID)
	factor, networks := v.t.T("decision_policy.no_factor"), v.t.T("decision_policy.anywhere")
	if d.SecondFactor {
		factor = v.t.T("decision_policy.factor")
	}
	if len(d.Networks) > 0 {
		networks = strings.Join(networkTexts(d.Networks), ", ")
	}
	return []ui.Fact{
		{Term: v.t.T("decision_policy.term_factor"), Value: factor}, {Term: v.t.T("decision_policy.term_networks"), Value: networks},
	}, err
}

func networkTexts(list []netip.Prefix) []string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = n.String()
		if n.IsSingleIP() {
			texts[i] = n.Addr().String()
		}
	}
	return texts
}

func (v *visit) decisionPolicy() error {
	if !v.held.Has(access.SecurityEdit, access.OrgScope(v.org.ID)) {
		return v.lacks(access.SecurityEdit)
	}
	d, err := v.s.Settings.Decisions(v.Context(), v.by, v.org.ID)
	if err != nil {
		return err
	}
	return v.showDecisionPolicy(http.StatusOK, decisionPolicyView{
		SecondFactor: d.SecondFactor, Networks: strings.Join(networkTexts(d.Networks), "\n"), Version: d.Rev,
	})
}

func (v *visit) showDecisionPolicy(status int, view decisionPolicyView) error {
	view.Back = v.at(atSettings)
	view.Path = v.at(atSettings, "decisions")
	view.Proof = v.proof(v.t.T("setting.proof"), view.Errors)
	p, err := v.orgFrame(v.t.T("decision_policy.title"), atSettings)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, DecisionPolicyPage(p, view))
}

// saveDecisionPolicy changes the policy; the password is asked again (rules.md 6).
func (v *visit) saveDecisionPolicy() error {
	view := decisionPolicyView{
		SecondFactor: v.PostFormValue(fieldSecondFactor) != "", Networks: v.PostFormValue(fieldNetworks),
		Version: parseVersion(v.PostFormValue(fieldVersion)),
	}
	networks, err := setting.ParseNetworks(strings.FieldsFunc(view.Networks, betweenNetworks))
	if err == nil {
		err = v.prove()
	}
	if err == nil {
		next := setting.Decisions{SecondFactor: view.SecondFactor, Networks: networks}
		_, err = v.s.Settings.SetDecisions(v.Context(), v.by, v.org.ID, view.Version, next)
	}
	if f := fault.Of(err); err != nil && (f.Kind == fault.Invalid || f.Kind == fault.Stale) {
		view.Errors, view.Summary = v.fieldErrors(oneNetworkField(f), map[string]spot{fieldNetworks: {fieldNetworks, "decision_policy.networks"}})
		view.Stale = f.Kind == fault.Stale
		return v.showDecisionPolicy(statusOf(f), view)
	}
	if err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("setting.saved"))
	return v.to(v.at(atSettings))
}

func betweenNetworks(r rune) bool { return strings.ContainsRune(" ,;\t\r\n", r) }

// oneNetworkField: each network stands on a line of one field, whose first mistake is said.
func oneNetworkField(f *fault.Error) *fault.Error {
	for _, field := range f.Fields {
		if strings.HasPrefix(field.Location, fieldNetworks) {
			c := *f
			field.Location = fieldNetworks
			c.Fields = []fault.Field{field}
			return &c
		}
	}
	return f
}
