package web

import (
	"time"

	"habilis/internal/access"
	"habilis/internal/decision"
	"habilis/internal/report"
	"habilis/internal/resource"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// reportNeed is the permission that whoever may read no report lacks.
const reportNeed = access.RightsRead

// reportedRight is one right, in words.
type reportedRight struct {
	Person, PersonHref, Function string
	Kind, What, WhatHref, Detail string
	Level                        string // how far, or where
	Source, Dates                string
	Used                         string // of dormant rights
}

// leaverLine is somebody who left, in words.
type leaverLine struct {
	Person, Href, Function, Sites, Date, By, SignIn string

	Chip ui.ChipProps
}

// bareLine is somebody whose account has no second factor, in words.
type bareLine struct {
	Person, Href, Function, Asked, Since, SignIn string

	Administers bool
	Required    bool
}

func (v *visit) accessReport() error {
	view, err := v.report(report.Access)
	if err != nil {
		return err
	}
	q, refusal := view.State.access(v.s.now())
	var l report.AccessList
	if refusal == nil {
		l, refusal = v.s.Reports.Access(v.Context(), v.by, v.org.ID, q)
	}
	if refusal == nil {
		v.fillAccessReport(view, &l)
	}
	return v.showReported(view, refusal)
}

func (v *visit) fillAccessReport(view *reportedView, l *report.AccessList) {
	view.Next = l.Next
	view.Summary = v.t.T("report.lines", "Count", len(l.Lines))
	view.Notes = append(view.Notes, v.t.T("report.at", "Date", v.t.DateTime(l.At)))
	view.None, view.NoneText = v.t.T("report.none"), v.t.T("report.none_text")
	v.partly(view, l.Part)
	for i := range l.Lines {
		view.Rights = append(view.Rights, v.reportedRight(view, &l.Lines[i]))
	}
	s := view.State
	if s.Member != "" {
		view.Chips = append(view.Chips, ui.FilterChip{
			Label: v.t.T("report.of_member", "Name", report.PersonName(v.t, l.MemberName)),
			Href:  s.href(view.Base, func(s *reportState) { s.Member = "" }),
		})
	}
	if s.Resource == "" {
		return
	}
	view.Chips = append(view.Chips, ui.FilterChip{
		Label: v.t.T("report.of_resource", "Name", l.ResourceName),
		Href:  s.href(view.Base, func(s *reportState) { s.Resource, s.Act = "", "" }),
	})
	typ := string(resource.ID(s.Resource).Type())
	view.Acts = []ui.Option{{Label: v.t.T("report.any_level")}}
	for _, act := range decision.ActsOn(typ) {
		view.Acts = append(view.Acts, ui.Option{Value: act, Label: v.t.T("why.act." + typ + "." + act)})
	}
}

// partly says that the reader reads at some sites only.
func (v *visit) partly(view *reportedView, part bool) {
	if part {
		view.Notes = append(view.Notes, v.t.T("report.part"))
	}
}

// reportedRight says one right. Its person leads to all of theirs; a thing, to who else has it.
func (v *visit) reportedRight(view *reportedView, l *report.Line) reportedRight {
	r := &l.Right
	at := view.State.At
	line := reportedRight{
		Person: report.PersonName(v.t, l.Name), Function: named(v.t, "function.", l.Function), Kind: v.t.T("report.kind." + l.Kind()),
		What: l.What(v.t), Detail: r.Detail, Level: or(l.Level(v.t), l.Where(v.t)),
	}
	if l.Known {
		line.PersonHref = inState(v.at(atMembers, l.Member.String(), "access"), queryOf(map[string]string{fieldAt: at}))
	}
	if r.Resource.ID != "" {
		asked := queryOf(map[string]string{fieldResource: r.Resource.ID, fieldAt: at})
		line.WhatHref = inState(v.at(atReports, reportPaths[report.Access]), asked)
	}
	if n := len(r.Acts); n > 0 {
		line.Detail = v.t.T("report.acts", "Count", n)
	}
	line.Source = v.t.T("report.given", "Source", l.Source(v.t), "Date", v.t.ShortDate(r.GivenAt))
	if r.Kind == decision.FactHolder {
		line.Source = v.t.T("report.held_since", "Date", v.t.ShortDate(r.GivenAt))
	}
	if r.Until != nil {
		line.Dates = v.t.T("report.until", "Date", v.t.ShortDate(r.Until.Add(-1)))
	}
	return line
}

func (v *visit) dormantReport() error {
	view, err := v.report(report.Dormant)
	if err != nil {
		return err
	}
	l, refusal := v.s.Reports.Dormant(v.Context(), v.by, v.org.ID, view.State.dormant())
	if refusal == nil {
		v.fillDormant(view, &l)
	}
	return v.showReported(view, refusal)
}

func (v *visit) fillDormant(view *reportedView, l *report.DormantList) {
	view.Next = l.Next
	view.Summary = v.t.T("report.lines", "Count", len(l.Lines))
	if l.Early {
		view.None = v.t.T("report.early_title")
		view.NoneText = v.t.T("report.early", "Since", v.t.Date(l.Since), "Ready", v.t.Date(l.Ready()))
		return
	}
	view.Notes = append(view.Notes, v.t.T("report.known_since", "Since", v.t.Date(l.Since)))
	view.None, view.NoneText = v.t.T("report.all_used"), v.t.T("report.all_used_text", "Days", report.UnusedDays)
	v.partly(view, l.Part)
	for i := range l.Lines {
		line := v.reportedRight(view, &l.Lines[i])
		line.Used = l.Lines[i].Used(v.t, l.Since)
		view.Rights = append(view.Rights, line)
	}
}

func (v *visit) leaversReport() error {
	view, err := v.report(report.Leavers)
	if err != nil {
		return err
	}
	q, refusal := view.State.leavers()
	var l report.LeaverList
	if refusal == nil {
		l, refusal = v.s.Reports.Leavers(v.Context(), v.by, v.org.ID, q)
	}
	if refusal == nil {
		view.Next, view.Summary = l.Next, v.t.T("report.people", "Count", int(l.Total))
		view.None, view.NoneText = v.t.T("report.nobody"), v.t.T("report.nobody_text")
		v.partly(view, l.Part)
		for i := range l.Leavers {
			view.Leavers = append(view.Leavers, v.leaverLine(&l.Leavers[i]))
		}
	}
	return v.showReported(view, refusal)
}

func (v *visit) leaverLine(l *report.Leaver) leaverLine {
	line := leaverLine{
		Person: report.PersonName(v.t, l.Name), Function: named(v.t, "function.", l.Function), Sites: v.t.List(l.Sites),
		Date: v.t.ShortDate(l.LastDay()), SignIn: v.signedIn(l.LastSignIn),
		Chip: ui.ChipProps{Tone: ui.ToneInfo, Label: v.t.T("report.leaving." + string(l.How))},
	}
	if l.How == report.Left || l.How == report.Deactivated {
		line.Chip.Tone = ui.ToneOff
	}
	switch {
	case l.How != report.Left:
		line.Href = v.sheetPath(l.Member)
	case v.held.HasAnywhere(access.MembersEdit) || v.held.HasAnywhere(access.MembersDelete):
		line.Href = v.dataPath(l.Member) // an export, or their erasure (AUD-4)
	}
	if l.By != "" {
		line.By = v.t.T("gone.by", "Name", l.By)
	}
	return line
}

func (v *visit) factorsReport() error {
	view, err := v.report(report.Factors)
	if err != nil {
		return err
	}
	l, refusal := v.s.Reports.Factors(v.Context(), v.by, v.org.ID, view.State.factors())
	if refusal == nil {
		view.Next, view.Summary = l.Next, v.t.T("report.people", "Count", int(l.Total))
		view.None, view.NoneText = v.t.T("report.protected"), v.t.T("report.protected_text")
		v.partly(view, l.Part)
		for i := range l.People {
			view.People = append(view.People, v.bareLine(&l.People[i]))
		}
	}
	return v.showReported(view, refusal)
}

func (v *visit) bareLine(u *report.Unprotected) bareLine {
	line := bareLine{
		Person: u.Name, Href: v.sheetPath(u.Member), Function: named(v.t, "function.", u.Function), Administers: u.Administers, Required: u.Asked,
		Asked: v.t.T("report.not_asked"), Since: v.t.ShortDate(u.Since), SignIn: v.signedIn(u.LastSignIn),
	}
	if u.Asked {
		line.Asked = v.t.T("report.asked")
	}
	return line
}

// signedIn says when somebody last signed in here.
func (v *visit) signedIn(at time.Time) string {
	if at.IsZero() {
		return v.t.T("report.never")
	}
	return v.t.Ago(at, v.s.now())
}

// sourceKind: where a last use is told as well, the source gives way on middling screens.
func sourceKind(n report.Name) ui.CellKind {
	if n == report.Dormant {
		return ui.CellOptional
	}
	return ui.CellPlain
}

// columns are those of the report.
func (view reportedView) columns(t *text.Printer) []ui.Column {
	column := func(name string) ui.Column { return ui.Column{Label: t.T("report.column." + name)} }
	optional := func(name string) ui.Column {
		return ui.Column{Label: t.T("report.column." + name), Kind: ui.CellOptional}
	}
	state := func(name string) ui.Column { return ui.Column{Label: t.T("report.column." + name), Kind: ui.CellState} }
	switch view.Name {
	case report.Leavers:
		return []ui.Column{column("person"), optional("sites"), column("date"), optional("last_sign_in"), state("how")}
	case report.Factors:
		return []ui.Column{column("person"), optional("account_since"), column("last_sign_in"), state("asked")}
	case report.Dormant:
		return []ui.Column{column("person"), column("what"), column("level"), optional("source"), column("last_use")}
	case report.Access:
	}
	return []ui.Column{column("person"), column("what"), column("level"), column("source")}
}
