package api_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"

	"habilis/internal/token"
)

// event is what these tests read of an audit event.
type event struct {
	ID, Verb, Outcome, Sentence, Member string

	Actor struct {
		Name    string
		Support bool
	}
	At time.Time
}

type events struct {
	Items          []event
	NextCursor     *string `json:"next_cursor"`
	Total          int64
	TotalIsMinimum bool `json:"total_is_minimum"`
}

func (c caller) events(path string) (l events) {
	c.w.Helper()
	c.get(path).is(200).into(&l)
	return l
}

// TestJournal (AUD-1, AUD-2): the journal, one event of it, a member's history and one's
// own, page by page, with the filters that rest.md names and no others.
func TestJournal(t *testing.T) {
	each(t, func(w *world) {
		journal, julie := "/organizations/"+w.a+"/audit-events", w.member("julie@tilleuls.example")
		w.bruno.post("/organizations/"+w.a+"/members/"+julie+"/deactivate", "").is(200)
		w.bruno.post("/organizations/"+w.a+"/members/"+julie+"/reactivate", "").is(200)
		l := w.bruno.events(journal + "?verb=member.deactivate,member.reactivate&limit=1")
		if len(l.Items) != 1 || l.Items[0].Verb != "member.reactivate" || l.Total != 2 || l.TotalIsMinimum || l.NextCursor == nil {
			w.Fatalf("%+v", l)
		}
		l = w.bruno.events(journal + "?verb=member.deactivate,member.reactivate&limit=1&cursor=" + *l.NextCursor)
		if len(l.Items) != 1 || l.Items[0].Sentence != "Bruno Lacaze a désactivé Julie Delmas" || l.Items[0].Member != julie || l.NextCursor != nil {
			w.Fatalf("%+v", l)
		}
		var one event
		if w.bruno.get(journal + "/" + l.Items[0].ID).is(200).into(&one); one.ID != l.Items[0].ID || one.Outcome != "done" {
			w.Errorf("%+v", one)
		}
		for _, filter := range []string{
			"q=delmas&kind=members", "actor=" + w.bruno.account.String() + "&verb=member.deactivate", "member=" + julie, "subject=" + julie,
			"object=" + julie, "outcome=done&from=2020-01-01&until=2099-12-31",
		} {
			if l := w.bruno.events(journal + "?" + filter); l.Total == 0 || int64(len(l.Items)) > l.Total {
				w.Errorf("%s found %+v", filter, l)
			}
		}
		if l := w.bruno.events("/organizations/" + w.a + "/members/" + julie + "/history?verb=member.deactivate"); l.Total != 1 {
			w.Errorf("history: %+v", l)
		}
		again := w.with(w.make(token.New{Kind: token.OfPerson, Account: w.julie.account, Name: "again"})) // CHG-4: that from before opens nothing
		if l := again.events("/organizations/" + w.a + "/me/audit-events?kind=members&outcome=done"); len(l.Items) < 2 || l.Items[0].Verb != "member.reactivate" {
			w.Errorf("mine: %+v", l)
		}
		w.bruno.get(journal+"?from=hier").refused(400, "journal.query")
		w.bruno.get(journal + "?kind=tout").is(422)
		w.bruno.get(journal + "?unknown=1").is(422)
		w.bruno.get(journal+"/aud_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10").refused(404, "journal.not_found")
		again.get(journal).is(403)
		w.olga.get(journal).is(404) // AUD-04
		w.olga.get(journal + "/" + one.ID).is(404)
		w.olga.get("/organizations/" + w.b + "/audit-events/" + one.ID).is(404) // AUZ-02
		if l := w.bruno.events(journal + "?q=support&verb=org.create"); len(l.Items) != 1 || !l.Items[0].Actor.Support {
			w.Errorf("what support did: %+v", l) // AUD-2
		}
	})
}

// TestExportJournal (AUD-1; rules.md 6): both formats, as files; a browser must have
// proved itself, and the export is in the journal.
func TestExportJournal(t *testing.T) {
	each(t, func(w *world) {
		export := "/organizations/" + w.a + "/audit-events/export"
		a := w.bruno.get(export + "?format=csv&kind=members").is(200)
		if ct := a.header.Get("Content-Type"); !strings.HasPrefix(ct, "text/csv") || !bytes.HasPrefix(a.body, []byte("\xEF\xBB\xBF\"")) {
			w.Errorf("%s: %.60q", ct, a.body)
		}
		if d := a.header.Get("Content-Disposition"); !strings.HasPrefix(d, `attachment; filename="journal-`) || !strings.HasSuffix(d, `.csv"`) {
			w.Errorf("is called %s", d)
		}
		a = w.bruno.get(export).is(200)
		lines := bufio.NewScanner(bytes.NewReader(a.body))
		n := int64(0)
		for lines.Scan() {
			var e event
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil || e.Verb == "" {
				w.Fatalf("%s: %v", lines.Text(), err)
			}
			n++
		}
		l := w.bruno.events("/organizations/" + w.a + "/audit-events")
		if n+1 != l.Total || l.Items[0].Verb != "audit.export" {
			w.Errorf("%d events in the file, %+v", n, l)
		}
		w.bruno.get(export + "?format=pdf").is(422)
		w.julie.get(export).is(403)
		w.olga.get(export).is(404)
		browser := w.bruno.signedIn()
		browser.get(export).is(200)
		w.clock.Add(access.StepUpAge)
		browser.get(export).refused(403, "access.step_up_required")
	})
}
