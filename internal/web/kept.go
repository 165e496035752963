package web

import (
	"net/http"

	"habilis/internal/access"
	"habilis/internal/privacy"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

// keptView is the register of what is kept, and why.
type keptView struct {
	Crumb, Back string
	Groups      []keptGroup
}

// keptGroup is what one keeper keeps.
type keptGroup struct {
	Title string
	Rows  []keptRow
}

// keptRow is one kind of data, in words.
type keptRow struct {
	Name, Purpose  string
	Ground, Source string
	Keeps, Until   string
	Count, Oldest  string
}

// kept lists what is kept, for whoever changes the settings or reads the journal of the whole
// organisation (AUD-4).
func (v *visit) kept() error {
	whole := access.OrgScope(v.org.ID)
	view := keptView{Crumb: v.t.T("web.settings"), Back: v.at(atSettings)}
	switch {
	case v.held.Has(access.SettingsEdit, whole):
	case v.held.Has(access.AuditRead, whole):
		view.Crumb, view.Back = v.t.T("journal.title"), v.at(atJournal)
	default:
		return v.lacks(access.SettingsEdit)
	}
	rows, err := v.s.Retentions.Register(v.Context(), v.by, v.org.ID)
	if err != nil {
		return err
	}
	for _, keeper := range []privacy.Keeper{privacy.KeptByOrganization, privacy.KeptByInstallation} {
		g := keptGroup{Title: v.t.T("register.keeper." + string(keeper))}
		for i := range rows {
			if rows[i].Keeper == keeper {
				g.Rows = append(g.Rows, v.keptRow(&rows[i]))
			}
		}
		view.Groups = append(view.Groups, g)
	}
	p, err := v.orgFrame(v.t.T("kept.title"), atSettings)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, KeptPage(p, view))
}

func (v *visit) keptRow(r *privacy.RegisterRow) keptRow {
	say := func(what string) string { return v.t.T("register." + r.Code + "." + what) }
	row := keptRow{
		Name: say("name"), Purpose: say("purpose"), Until: say("kept"),
		Ground: v.t.T("register.ground." + string(r.Ground)), Source: v.t.T("register.source." + string(r.Source)),
	}
	if r.Keeps > 0 {
		row.Keeps = duration(v.t, r.Keeps, r.Unit)
	}
	switch {
	case r.Count > 0:
		row.Count = v.t.T("kept.count", "Count", int(r.Count))
	case r.Count == 0:
		row.Count = v.t.T("kept.none")
	default:
		row.Count = v.t.T("kept.not_told")
	}
	if !r.Oldest.IsZero() {
		row.Oldest = v.t.T("kept.oldest", "Day", v.t.Date(r.Oldest))
	}
	return row
}

func keptColumns(t *text.Printer) []ui.Column {
	return []ui.Column{
		{Label: t.T("kept.column.what")}, {Label: t.T("kept.column.why")}, {Label: t.T("kept.column.long")}, {Label: t.T("kept.column.now")},
	}
}
