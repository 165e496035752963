package web

import (
	"slices"
	"strings"

	"habilis/internal/access"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/journal"
	"habilis/internal/member"
	"habilis/internal/web/ui"
)

// lastActs is how many acts the sheet shows; the journal has them all.
const lastActs = 5

// history fills in the last acts of the sheet: for whoever may read the journal where the
// member is, and for the member themself (AUD-2).
func (v *visit) history(view *memberView) error {
	var list []journal.Event
	var err error
	switch s := view.Sheet; {
	case v.readsJournalOf(s):
		view.Journal = v.at(atJournal) + "?member=" + s.ID.String()
		list, err = v.eventsOf(s.ID, journal.Query{Size: lastActs})
	case s.Account == v.me.ID:
		var mine journal.List
		view.Journal = v.at(atMyJournal)
		mine, err = v.s.Journal.Mine(v.Context(), v.by, v.org.ID, journal.Query{Size: lastActs})
		list = mine.Events
	}
	for i := range list {
		view.History = append(view.History, ui.LogEntry{Text: journal.Sentence(v.t, list[i]), Detail: v.t.DateTime(list[i].At)})
	}
	return err
}

func (v *visit) readsJournalOf(s member.Sheet) bool {
	return v.held.Has(access.AuditRead, access.OrgScope(v.org.ID)) || slices.ContainsFunc(s.Sites, func(site member.SiteRef) bool {
		return v.held.Has(access.AuditRead, access.SiteScope(v.org.ID, site.ID))
	})
}

// eventsOf reads what the journal says of a member; nothing for whoever may not read it.
func (v *visit) eventsOf(id ident.Member, q journal.Query) ([]journal.Event, error) {
	list, err := v.s.Journal.OfMember(v.Context(), v.by, v.org.ID, id, q)
	if fault.Is(err, fault.Forbidden) || fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return list.Events, err
}

// lastEditor names who changed the member last, for whoever may read the journal there.
func (v *visit) lastEditor(s member.Sheet) (string, error) {
	if v.readsJournalOf(s) {
		list, err := v.eventsOf(s.ID, journal.Query{Subject: s.ID})
		if err != nil {
			return "", err
		}
		for i := range list {
			if e := &list[i]; !e.Refused && strings.HasPrefix(e.Verb, "member.") && e.Actor.ID != v.me.ID.String() {
				return journal.Who(v.t, *e), nil
			}
		}
	}
	return v.t.T("edit.somebody"), nil
}
