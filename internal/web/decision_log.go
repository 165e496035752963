package web

import (
	"net/http"

	"habilis/internal/decision"
)

var decisionLogRoutes = []route{
	{"GET /o/{org}/decision-log", within, (*visit).decisionLog},
}

// atDecisionLog is the page of what applications were answered.
const atDecisionLog = "decision-log"

// decisionLogView is what connected applications asked, and were answered: a sample.
type decisionLogView struct {
	Base    string
	Journal string
	Outcome string
	Total   string
	Lines   []decisionLine
	Next    string // address of the page after; empty: there is none
	First   string // address of the first page; empty: it is this one
}

// decisionLine is one answer, in words.
type decisionLine struct {
	Entry    decision.LogEntry
	When     string
	Who      string
	What     string
	Reason   string
	StandsOf string
	Why      string // address of the question, to ask it again
}

func (v *visit) decisionLog() error {
	q := decision.LogQuery{Outcome: v.FormValue("outcome"), After: v.FormValue(fieldAfter)}
	if q.Outcome != "permit" && q.Outcome != "refusal" {
		q.Outcome = ""
	}
	list, err := v.s.Decided.List(v.Context(), v.by, v.org.ID, q)
	if err != nil {
		return err
	}
	view := decisionLogView{Base: v.at(atDecisionLog), Journal: v.at(atJournal), Outcome: q.Outcome}
	view.Total = v.t.T("decision_log.total", "Count", int(list.Total))
	if q.After != "" {
		view.First = decisionLogHref(view.Base, q.Outcome, "")
	}
	if list.Next != "" {
		view.Next = decisionLogHref(view.Base, q.Outcome, list.Next)
	}
	for i := range list.Entries {
		view.Lines = append(view.Lines, v.decisionLine(list.Entries[i]))
	}
	p, err := v.orgFrame(v.t.T("decision_log.title"), atJournal)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, DecisionLogPage(p, view))
}

func decisionLogHref(base, outcome, after string) string {
	return inState(base, queryOf(map[string]string{"outcome": outcome, fieldAfter: after}))
}

func (v *visit) decisionLine(e decision.LogEntry) decisionLine {
	l := decisionLine{Entry: e, When: v.t.Ago(e.At, v.s.now()), Who: e.Subject.ID}
	if e.SubjectName != "" {
		l.Who = v.somebody(e.SubjectName)
	}
	l.Reason = v.t.T("decision." + string(e.Answer.Code))
	l.What = v.t.T("decision_log.what", "Act", v.decidedAct(e), "On", orName(e.ResourceName, e.Resource.ID))
	if e.StandsFor > 1 {
		l.StandsOf = v.t.T("decision_log.stands_for", "Count", int(e.StandsFor))
	}
	if e.Subject.Type == decision.TypeMember && e.SubjectName != "" {
		typ := e.Resource.Type
		if typ == decision.TypeSite {
			typ = decision.TypeOrganization
		}
		at := e.At
		if e.AskedAbout != nil {
			at = *e.AskedAbout
		}
		l.Why = v.whyPath(e.Subject.ID, typ, e.Resource.ID, e.Action, at)
	}
	return l
}

// decidedAct is what was asked about, in words when we have them: what callers make up
// is shown as they wrote it.
func (v *visit) decidedAct(e decision.LogEntry) string {
	key := "why.act." + e.Resource.Type + "." + e.Action
	if e.Resource.Type == decision.TypeOrganization || e.Resource.Type == decision.TypeSite {
		key = "permission." + e.Action
	}
	if v.t.Has(key) {
		return v.t.T(key)
	}
	return e.Resource.Type + " · " + e.Action
}
