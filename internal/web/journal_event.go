package web

import (
	"net/http"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/journal"
	"habilis/internal/web/ui"
)

// eventView is one event of the journal, in words.
type eventView struct {
	Event   journal.Event
	What    string
	Facts   []ui.Fact
	Changes []journal.Change
	Crumb   string
	Back    string
}

func (v *visit) journalEvent() error {
	id, err := ident.ParseEvent(v.PathValue("event"))
	if err != nil {
		return errPage
	}
	e, err := v.s.Journal.Get(v.Context(), v.by, v.org.ID, id)
	if err != nil {
		return err
	}
	view, at := eventView{Event: e, What: journal.Sentence(v.t, e), Facts: v.eventFacts(e), Changes: journal.Changes(v.t, e)}, atJournal
	view.Crumb, view.Back = v.t.T("journal.title"), v.at("journal")
	if !v.held.HasAnywhere(access.AuditRead) {
		view.Crumb, view.Back, at = v.t.T("journal.mine"), v.at("me", "journal"), atMyJournal
	}
	p, err := v.orgFrame(v.t.T("journal.event"), at)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, JournalEventPage(p, view))
}

// eventFacts are the circumstances: who, when, from where, and why it was refused.
func (v *visit) eventFacts(e journal.Event) []ui.Fact {
	site := journal.Place(v.t, e)
	if site == "" {
		site = v.t.T("journal.whole_cell")
	}
	var facts []ui.Fact
	add := func(key, value string) {
		if value != "" {
			facts = append(facts, ui.Fact{Term: v.t.T(key), Value: value})
		}
	}
	add("journal.exact", v.t.DateTime(e.At))
	add("journal.column.who", journal.Who(v.t, e))
	add("journal.on_behalf", e.Labels[e.Actor.OnBehalfOf])
	add("journal.member", journal.MemberName(v.t, e))
	add("journal.refused_because", journal.Reason(v.t, e))
	add("journal.column.site", site)
	add("journal.door", journal.Via(v.t, e))
	add("journal.address", e.Address)
	add("journal.request", e.Request)
	add("journal.verb", e.Verb)
	add("journal.id", e.ID.String())
	return facts
}
