package web

import (
	"net/http"
	"net/url"
	"strings"

	"habilis/internal/decision"
	"habilis/internal/fault"
	"habilis/internal/web/ui"
)

// atRecords is the page «Qui voit ce dossier ?».
const atRecords = "access/records"

// whoSeesView is who sees a patient record, at a moment.
type whoSeesView struct {
	Record  string
	Date    string
	Base    string
	Why     string
	Errors  map[string]string
	Summary []ui.FieldError
	Found   *decision.Viewers
	Groups  []string
	Moment  string
	Lines   []viewerLine
}

// viewerLine is one who sees it, in words.
type viewerLine struct {
	Name   string
	Detail string
	Sheet  string // address of the member
	Reason string
	Write  bool
	Why    string
}

func (v *visit) whoSees() error {
	view := whoSeesView{Record: v.FormValue(fieldRecord), Date: v.FormValue(askDate), Base: v.at(atRecords)}
	view.Why = v.at(atWhy) + "?type=patient_record"
	status := http.StatusOK
	if view.Record != "" {
		if err := v.findViewers(&view); err != nil {
			if !fault.Is(err, fault.Invalid) {
				return err
			}
			status = http.StatusUnprocessableEntity
			view.Errors, view.Summary = v.fieldErrors(err, map[string]spot{askDate: {askDate, "why.date"}, fieldRecord: {fieldRecord, "why.record"}})
		}
	} else if _, err := v.s.Insight.Viewers(v.Context(), v.by, v.org.ID, "", v.s.now()); err != nil {
		return err // who may not ask is told before typing
	}
	p, err := v.orgFrame(v.t.T("why.records"), atWhy)
	if err != nil {
		return err
	}
	p.Error = status != http.StatusOK
	return v.show(status, WhoSeesPage(p, view))
}

func (v *visit) findViewers(view *whoSeesView) error {
	if len([]rune(view.Record)) > maxRecord {
		return fault.OnField(fieldRecord, "why.record")
	}
	at, err := whyMoment(view.Date, "", v.s.now())
	if err != nil {
		return err
	}
	found, err := v.s.Insight.Viewers(v.Context(), v.by, v.org.ID, view.Record, at)
	if err != nil {
		return err
	}
	view.Found, view.Moment = &found, v.t.DateTime(found.At)
	for _, g := range found.Groups {
		view.Groups = append(view.Groups, g.Name)
	}
	for _, m := range found.Members {
		view.Lines = append(view.Lines, viewerLine{
			Name: m.Name, Detail: named(v.t, "function.", m.Function), Sheet: v.at("members", m.ID.String()),
			Reason: viewerReason(v.t, m), Write: m.Write, Why: v.whyPath(m.ID.String(), decision.TypePatientRecord, view.Record, "read", at),
		})
	}
	return nil
}

func urlQuery(s string) string { return url.QueryEscape(s) }

// recordsHref keeps the record that was typed.
func recordsHref(view whyView) string {
	base := strings.TrimSuffix(view.Base, atWhy) + atRecords
	if view.Asked.Type == decision.TypePatientRecord && view.Asked.On != "" {
		return base + "?record=" + urlQuery(view.Asked.On)
	}
	return base
}
