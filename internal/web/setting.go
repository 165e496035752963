package web

import (
	"net/http"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/org"
	"habilis/internal/web/ui"
)

var settingRoutes = []route{
	{"GET /o/{org}/settings", within, (*visit).settings},
	{"POST /o/{org}/settings/details", within, (*visit).saveDetails},
}

// settingsView is what «Réglages» shows.
type settingsView struct {
	Org          org.Org
	Details      org.Details
	Security     []ui.Fact // the security policy
	MayDetails   bool
	MaySecurity  bool
	DetailErrors map[string]string
	Summary      []ui.FieldError
	Stale        bool
	Records      *recordsSetting // of patients; nil for whoever may not change it
	Decisions    []ui.Fact       // what decisions ask of the connection
	Members      []ui.Fact       // what members have unless it is their own; nil for whoever may not change it
	Registration []ui.Fact       // who may register by themselves; nil for whoever may not change it
	Reviews      []ui.Fact       // how often accesses are reviewed
	Data         []ui.ItemProps  // what is kept, and how to leave
	Base         string
}

func (v *visit) settingsView() (settingsView, error) {
	whole := access.OrgScope(v.org.ID)
	view := settingsView{
		Org: v.org, Details: org.Details{Name: v.org.Name, Kind: v.org.Kind, Enamel: v.org.Enamel}, Base: v.at("settings"),
		MayDetails: v.held.Has(access.SettingsEdit, whole), MaySecurity: v.held.Has(access.SecurityEdit, whole),
	}
	if !view.MayDetails && !view.MaySecurity {
		return view, v.lacks(access.SettingsEdit)
	}
	if view.MayDetails {
		if err := v.fillRecordsSetting(&view); err != nil {
			return view, err
		}
	}
	return view, nil
}

func (v *visit) showSettings(status int, view settingsView) error {
	p, err := v.orgFrame(v.t.T("web.settings"), atSettings)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	view.Records = v.settingProof(view.Records)
	if view.MayDetails {
		if view.Registration, err = v.registerFacts(); err != nil {
			return err
		}
		if view.Members, err = v.defaultsFacts(); err != nil {
			return err
		}
		if view.Reviews, err = v.reviewFacts(); err != nil {
			return err
		}
		view.Data = v.dataLinks()
	}
	if view.MaySecurity {
		s, err := v.s.Settings.Security(v.Context(), v.by, v.org.ID)
		if err != nil {
			return err
		}
		view.Security = v.policyFacts(s)
		if view.Decisions, err = v.decisionPolicyFacts(); err != nil {
			return err
		}
	}
	return v.show(status, SettingsPage(p, view))
}

func (v *visit) settings() error {
	view, err := v.settingsView()
	if err != nil {
		return err
	}
	return v.showSettings(http.StatusOK, view)
}

func (v *visit) saveDetails() error {
	view, err := v.settingsView()
	if err != nil {
		return err
	}
	view.Details = org.Details{Name: v.PostFormValue(fieldName), Kind: org.Kind(v.PostFormValue(fieldKind)), Enamel: v.PostFormValue("enamel")}
	_, err = v.s.Orgs.Edit(v.Context(), v.by, v.org.ID, parseVersion(v.PostFormValue("version")), view.Details)
	if f := fault.Of(err); err != nil && (f.Kind == fault.Invalid || f.Kind == fault.Stale) {
		view.DetailErrors, view.Summary = v.fieldErrors(err, map[string]spot{fieldName: {fieldName, "setting.name"}})
		view.Stale = f.Kind == fault.Stale
		return v.showSettings(statusOf(f), view)
	}
	if err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("setting.saved"))
	return v.to(v.at("settings"))
}
