package web

import (
	"net/http"

	"habilis/internal/access"
	"habilis/internal/directory"
	"habilis/internal/dossier"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/web/ui"
)

var alertRoutes = []route{
	{"GET /o/{org}/directory-alerts", within, (*visit).alerts},
	{"POST /o/{org}/directory-alerts/{alert}", within, (*visit).decideAlert},
}

// alertsView is what the directory says differently of members (VER-5).
type alertsView struct {
	Base    string
	Members string // address of the list of members
	Open    []alertView
	Settled []alertView
	Halted  string // why nothing new is raised; empty when the watch goes on
}

// alertView is one alert, in words.
type alertView struct {
	ID        string
	Name      string
	Sheet     string
	Kind      ui.ChipProps
	Lines     []compared
	When      string // «Signalé le …», or who decided, and when
	From      string // which directory, and of what date
	Accept    string // what the button does
	MayDecide bool
}

// alerts shows what is open, then what was decided.
func (v *visit) alerts() error {
	view := alertsView{Base: v.at("directory-alerts"), Members: v.at("members")}
	open, err := v.s.Alerts.List(v.Context(), v.by, v.org.ID, dossier.Open)
	if err != nil {
		return err
	}
	for _, a := range open {
		view.Open = append(view.Open, v.alert(a))
	}
	for _, s := range []dossier.Status{dossier.Accepted, dossier.Dismissed} {
		settled, err := v.s.Alerts.List(v.Context(), v.by, v.org.ID, s)
		if err != nil {
			return err
		}
		for _, a := range settled {
			view.Settled = append(view.Settled, v.alert(a))
		}
	}
	if halt, err := dossier.State(v.Context(), v.s.Run.DB); err != nil {
		return err
	} else if halt != nil {
		view.Halted = v.t.T("alerts.halted", "Date", v.t.Date(halt.At), "Changed", halt.Changed, "Checked", halt.Checked)
	}
	p, err := v.orgFrame(v.t.T("alerts.title"), atMembers)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, AlertsPage(p, view))
}

func (v *visit) alert(a dossier.Alert) alertView {
	view := alertView{
		ID: a.ID.String(), Name: a.Name, Sheet: v.at("members", a.Member.String()), MayDecide: a.MayDecide,
		Kind:   ui.ChipProps{Tone: ui.ToneWait, Label: v.t.T("alert.kind." + string(a.Kind))},
		When:   v.t.T("alerts.raised", "Date", v.t.Date(a.RaisedAt)),
		Accept: v.t.T("alerts.accept"),
	}
	switch a.Status {
	case dossier.Accepted, dossier.Dismissed:
		view.Kind.Tone = ui.ToneOff
		view.When = v.t.T("alerts."+string(a.Status), "Name", v.somebody(a.DecidedBy), "Date", v.t.Date(a.DecidedAt))
	case dossier.Open, dossier.Withdrawn:
	}
	if a.Kind == dossier.Closed {
		view.Accept = v.t.T("alerts.note")
	}
	if a.Origin != directory.NotChecked {
		view.From = v.t.T("alert.origin."+string(a.Origin), "Date", v.t.Date(a.AsOf))
	}
	for _, c := range a.Changes {
		view.Lines = append(view.Lines, compared{
			Name: v.t.T("alert.field." + c.Field), Before: v.alertValue(c.Field, c.Before), After: v.alertValue(c.Field, c.After),
		})
	}
	return view
}

// alertValue words a value; what is empty is said.
func (v *visit) alertValue(field, value string) string {
	switch {
	case value == "":
		return v.t.T("alerts.nothing")
	case field == fieldStatus:
		return v.t.T("alert.status." + value)
	}
	return value
}

// decideAlert accepts or dismisses one alert.
func (v *visit) decideAlert() error {
	id, err := ident.ParseAlert(v.PathValue("alert"))
	if err != nil {
		return dossier.ErrNotFound
	}
	d := dossier.Decision(v.PostFormValue("decision"))
	a, err := v.s.Alerts.Decide(v.Context(), v.by, v.org.ID, id, d)
	switch {
	case fault.Is(err, fault.Conflict), fault.Is(err, fault.Invalid):
		f := fault.Of(err)
		v.flash(ui.ToneWait, v.t.TMap("fault."+f.Code, f.Args))
	case err != nil:
		return err
	case a.Status == dossier.Dismissed:
		v.flash(ui.ToneOK, v.t.T("alerts.was_dismissed", "Name", a.Name))
	case a.Kind == dossier.Closed:
		v.flash(ui.ToneOK, v.t.T("alerts.was_noted", "Name", a.Name))
	default:
		v.flash(ui.ToneOK, v.t.T("alerts.was_accepted", "Name", a.Name))
	}
	return v.to(v.at("directory-alerts"))
}

// countAlerts is how many alerts wait for this person.
func (v *visit) countAlerts() (int, error) {
	if !v.held.HasAnywhere(access.MembersEdit) {
		return 0, nil
	}
	return v.s.Alerts.Count(v.Context(), v.by, v.org.ID)
}
