package journal_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/journal"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/text"
)

// note writes an event as an act of by would.
func (w *world) note(by access.Actor, outcome string, events ...audit.Event) {
	w.Helper()
	w.clock.Add(time.Second)
	w.Write(func(ctx context.Context, tx *store.Tx) error { return audit.Write(ctx, tx, by.Who(), outcome, events) })
}

// about is an event on a member.
func (p place) about(verb, name string) audit.Event {
	return audit.Event{
		Org: p.org, Verb: verb, Object: p.ids[name].String(), Subject: p.ids[name].String(),
		Names: map[string]string{"member": title(name) + " " + title(name) + "-Essai"},
	}
}

func (p place) atSite(e audit.Event, n int) audit.Event {
	e.Site = p.site[n]
	return e
}

// filled is the world with a few events in each organisation.
func (w *world) filled() {
	a := w.a
	w.note(w.as("claire"), audit.Done, a.about("member.edit", "julie"))
	w.note(w.as("claire"), audit.Done, a.about("member.deactivate", "paul"))
	w.note(w.as("nadege"), audit.Done, a.atSite(a.about("member.appoint", "julie"), 0))
	w.note(w.as("claire"), audit.Done, a.atSite(a.about("member.withdraw", "yanis"), 1))
	w.note(w.as("claire"), audit.Done, audit.Event{
		Org: a.org, Verb: "org.edit", Object: a.org.String(), Before: map[string]any{"name": "Avant"}, After: map[string]any{"name": "Maison Zéphyr"},
	})
	refusal := a.about("member.read", "paul")
	refusal.Names, refusal.Code = nil, "member.not_found"
	w.note(w.as("julie"), audit.Refused, refusal)
	w.note(w.as("odile"), audit.Done, w.b.about("member.edit", "odile"))
}

func (w *world) list(by string, q journal.Query) journal.List {
	w.Helper()
	l, err := w.journal.List(w.Context(), w.as(by), w.a.org, q)
	if err != nil {
		w.Fatalf("%s, %+v: %v", by, q, err)
	}
	return l
}

// told gives the events of a list, each as its verb and its member.
func (w *world) told(l journal.List) string {
	var out []string
	for i := range l.Events {
		e := &l.Events[i]
		name := ""
		for n, id := range w.a.ids {
			if id == e.Subject {
				name = " " + n
			}
		}
		out = append(out, e.Verb+name)
	}
	return strings.Join(out, ", ")
}

const (
	evEdit     = "member.edit julie"
	evDisable  = "member.deactivate paul"
	evAppoint  = "member.appoint julie"
	evWithdraw = "member.withdraw yanis"
	evOrg      = "org.edit"
	evRead     = "member.read paul"
)

func joined(events ...string) string { return strings.Join(events, ", ") }

// TestFilters (AUD-1): each filter, and some together, newest first.
func TestFilters(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.filled()
		a := w.a
		today := journal.Day(w.DB.Now().In(text.Zone).Format(time.DateOnly))
		yesterday := journal.Day(w.DB.Now().In(text.Zone).AddDate(0, 0, -1).Format(time.DateOnly))
		for _, c := range []struct {
			q    journal.Query
			want string
		}{
			{journal.Query{}, joined(evRead, evOrg, evWithdraw, evAppoint, evDisable, evEdit)},
			{journal.Query{Actor: w.account["nadege"].String()}, evAppoint},
			{journal.Query{Person: a.ids["julie"]}, joined(evRead, evAppoint, evEdit)},
			{journal.Query{Subject: a.ids["julie"]}, joined(evAppoint, evEdit)},
			{journal.Query{Object: a.org.String()}, evOrg},
			{journal.Query{Verbs: []string{"member.edit"}}, evEdit},
			{journal.Query{Verbs: []string{"member.edit", "org.edit"}}, joined(evOrg, evEdit)},
			{journal.Query{Kind: journal.KindRights}, joined(evWithdraw, evAppoint)},
			{journal.Query{Kind: journal.KindRights, Verbs: []string{"member.edit"}}, ""},
			{journal.Query{Site: a.site[1]}, evWithdraw},
			{journal.Query{Outcome: audit.Refused}, evRead},
			{journal.Query{Outcome: audit.Done, Subject: a.ids["paul"]}, evDisable},
			{journal.Query{From: today}, joined(evRead, evOrg, evWithdraw, evAppoint, evDisable, evEdit)},
			{journal.Query{Until: yesterday}, ""},
			{journal.Query{Kind: journal.KindMembers, From: today, Until: today, Person: a.ids["claire"]}, joined(evDisable, evEdit)},
			{journal.Query{Search: "JULIE"}, joined(evRead, evAppoint, evEdit)},
			{journal.Query{Search: "julie essai"}, joined(evRead, evAppoint, evEdit)},
			{journal.Query{Search: "claire paul"}, evDisable}, // each in a name of its own
			{journal.Query{Search: "zephyr"}, evOrg},
			{journal.Query{Search: "ephy"}, evOrg},
			{journal.Query{Search: "ep"}, ""}, // a short word is looked for from the start of words
			{journal.Query{Search: "ze"}, evOrg},
			{journal.Query{Search: "paul"}, joined(evRead, evDisable)}, // the refusal holds no name: the member has one
			{journal.Query{Search: "essai", Kind: journal.KindRights, Site: a.site[0]}, evAppoint},
			{journal.Query{Search: a.ids["yanis"].String()}, evWithdraw},
			{journal.Query{Search: a.site[0].String()}, evAppoint},
			{journal.Query{Search: "introuvable"}, ""},
			{journal.Query{Search: "%"}, joined(evRead, evOrg, evWithdraw, evAppoint, evDisable, evEdit)}, // no word in it
		} {
			l := w.list("claire", c.q)
			if got := w.told(l); got != c.want || l.Total != int64(len(l.Events)) || l.More {
				w.Errorf("%+v: %q, total %d, want %q", c.q, got, l.Total, c.want)
			}
		}
	})
}

// TestDays (AUD-1): days are those of France, the last one included, also on the day
// when the clocks change.
func TestDays(t *testing.T) {
	eachWorld(t, func(w *world) {
		changes := time.Date(2027, 3, 28, 0, 0, 0, 0, text.Zone) // 23 hours long
		w.clock.Add(changes.Add(-time.Minute).Sub(w.DB.Now()))
		w.note(w.as("claire"), audit.Done, w.a.about("member.edit", "julie")) // the day before
		w.clock.Add(10 * time.Minute)
		w.note(w.as("claire"), audit.Done, w.a.about("member.edit", "paul"))
		w.clock.Add(22*time.Hour + 30*time.Minute)
		w.note(w.as("claire"), audit.Done, w.a.about("member.edit", "yanis"))
		w.clock.Add(30 * time.Minute)
		w.note(w.as("claire"), audit.Done, w.a.about("member.edit", "nadege")) // the day after
		if got := w.told(w.list("claire", journal.Query{From: "2027-03-28", Until: "2027-03-28"})); got != "member.edit yanis, member.edit paul" {
			w.Errorf("%q", got)
		}
	})
}

// TestSitesOfReader (AUZ-06): who reads at A1 sees what happened there and to its
// members, in the organisation or there; nothing of A2, in lists, totals, searches,
// filters, single events or the names of what changed.
func TestSitesOfReader(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.filled()
		a := w.a
		moved := a.about("member.edit", "yanis")
		moved.After = map[string]any{"sites": []any{a.site[0].String(), a.site[1].String()}, "roles": []any{
			map[string]any{"role": a.roles[role.Reader].String(), "scope": a.site[1].String()},
			map[string]any{"role": a.roles[role.Reader].String(), "scope": a.site[0].String()},
		}, "site": a.site[1].String()}
		w.note(w.as("claire"), audit.Done, moved)
		l := w.list("nadege", journal.Query{})
		if got, want := w.told(l), joined("member.edit yanis", evAppoint, evEdit); got != want || l.Total != 3 {
			w.Fatalf("%q, total %d, want %q", got, l.Total, want)
		}
		e := l.Events[0]
		if s := fmt.Sprint(e.After, e.Labels); strings.Contains(s, a.site[1].String()) || strings.Contains(s, "Saint-Aubin") || !strings.Contains(s, "Grand-Pré") {
			w.Errorf("tells of another site: %s", s)
		}
		for _, q := range []journal.Query{
			{Search: "paul"}, {Site: a.site[1]}, {Subject: a.ids["paul"]}, {Person: a.ids["paul"]}, {Object: a.org.String()}, {Kind: journal.KindOrganization},
			{Search: "zephyr"}, {Outcome: audit.Refused}, {Verbs: []string{"member.withdraw"}}, {Object: a.ids["paul"].String()},
		} {
			if l := w.list("nadege", q); len(l.Events) != 0 || l.Total != 0 || l.More {
				w.Errorf("%+v: %q, total %d", q, w.told(l), l.Total)
			}
		}
		seen := map[ident.Event]bool{}
		for i := range l.Events {
			seen[l.Events[i].ID] = true
		}
		all := w.list("claire", journal.Query{})
		for i := range all.Events {
			_, err := w.journal.Get(t.Context(), w.as("nadege"), a.org, all.Events[i].ID)
			if seen[all.Events[i].ID] != (err == nil) {
				w.Errorf("%s: %v", all.Events[i].Verb, err)
			}
		}
		if _, err := w.journal.OfMember(t.Context(), w.as("nadege"), a.org, a.ids["paul"], journal.Query{}); !fault.Is(err, fault.NotFound) {
			w.Errorf("the history of a member of A2: %v", err)
		}
		c, err := w.journal.Choices(t.Context(), w.as("nadege"), a.org, a.ids["paul"])
		if err != nil || len(c.Sites) != 1 || slices.ContainsFunc(c.People, func(p journal.Choice) bool { return strings.Contains(p.Name, "Paul") }) {
			w.Errorf("choices %+v, %v", c, err)
		}
		var out strings.Builder
		x, err := w.journal.Export(t.Context(), w.as("nadege"), a.org, journal.Query{}, journal.JSONL)
		if err != nil {
			w.Fatal(err)
		}
		if err := x.Write(t.Context(), text.For(text.FR), &out, nil); err != nil {
			w.Fatal(err)
		}
		if n := strings.Count(out.String(), "\n"); int64(n) != x.Events || n < 3 || strings.Contains(out.String(), "Paul") || strings.Contains(out.String(), a.site[1].String()) {
			w.Errorf("the export of %d events: %s", x.Events, out.String())
		}
	})
}

// TestTenants (AUD-04, AUZ-01, AUZ-02): nothing of another organisation is read by any
// way, and who acted here from outside is neither named nor found.
func TestTenants(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.filled()
		refusal := audit.Event{Org: w.a.org, Verb: "member.list", Object: w.a.org.String(), Code: "access.not_found"}
		w.note(w.as("odile"), audit.Refused, refusal)
		l := w.list("claire", journal.Query{})
		e := l.Events[0]
		if a := e.Actor; e.Verb != "member.list" || !a.Outside || a.ID != "" || a.Name != "" || strings.Contains(journal.Sentence(text.For(text.FR), e), "Odile") {
			w.Errorf("a stranger is shown: %+v", e)
		}
		if r := fmt.Sprint(journal.RecordOf(text.For(text.EN), e)); strings.Contains(r, "Odile") || strings.Contains(r, w.account["odile"].String()) {
			w.Errorf("a stranger is told: %s", r)
		}
		for _, q := range []journal.Query{
			{Search: "odile"}, {Actor: w.account["odile"].String()}, {Person: w.b.ids["odile"]}, {Subject: w.b.ids["odile"]},
			{Site: w.b.site[0]}, {Search: w.account["odile"].String()}, {Search: "introuvable odile"},
		} {
			if l := w.list("claire", q); len(l.Events) != 0 || l.Total != 0 {
				w.Errorf("%+v found %q", q, w.told(l))
			}
		}
		theirs, err := w.journal.List(t.Context(), w.as("odile"), w.b.org, journal.Query{})
		if err != nil || len(theirs.Events) != 1 {
			w.Fatalf("%+v, %v", theirs, err)
		}
		for name, err := range map[string]error{
			"list":   second(w.journal.List(t.Context(), w.as("claire"), w.b.org, journal.Query{})),
			"mine":   second(w.journal.Mine(t.Context(), w.as("claire"), w.b.org, journal.Query{})),
			"export": second(w.journal.Export(t.Context(), w.as("claire"), w.b.org, journal.Query{}, journal.CSV)),
			"event":  second(w.journal.Get(t.Context(), w.as("claire"), w.b.org, theirs.Events[0].ID)),
			"event of another organisation under one's own": second(w.journal.Get(t.Context(), w.as("claire"), w.a.org, theirs.Events[0].ID)),
			"history": second(w.journal.OfMember(t.Context(), w.as("claire"), w.a.org, w.b.ids["odile"], journal.Query{})),
		} {
			if !fault.Is(err, fault.NotFound) {
				w.Errorf("%s: %v", name, err)
			}
		}
		first := w.list("claire", journal.Query{Size: 1})
		if _, err := w.journal.List(t.Context(), w.as("odile"), w.b.org, journal.Query{Size: 1, After: first.Next}); !fault.Is(err, fault.Malformed) {
			w.Errorf("a cursor of A opened B: %v", err)
		}
		if _, err := w.journal.List(t.Context(), w.as("claire"), w.a.org, journal.Query{After: first.Next, Kind: journal.KindRights}); fault.Of(err).Code != secret.ErrCursor.Code {
			w.Errorf("a cursor opened another list: %v", err) // INJ-04
		}
	})
}

func second[T any](_ T, err error) error { return err }

// TestWhoMayRead (AUD-2): the journal is for those who hold audit.read, and one's own
// part of it for every member; an export asks for more. Refusals are in the journal.
func TestWhoMayRead(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.filled()
		_, err := w.journal.List(t.Context(), w.as("julie"), w.a.org, journal.Query{})
		if f := fault.Of(err); f.Kind != fault.Forbidden || f.Args["Permission"] != string(access.AuditRead) {
			w.Errorf("a secretary reads the journal: %v", err)
		}
		if _, err := w.journal.Export(t.Context(), w.as("julie"), w.a.org, journal.Query{}, journal.CSV); !fault.Is(err, fault.Forbidden) {
			w.Errorf("a secretary exports the journal: %v", err)
		}
		l := w.list("claire", journal.Query{Size: 2})
		if got := w.told(l); got != "audit.export, audit.list" {
			w.Errorf("the refusals stand as %q", got)
		}
		p := text.For(text.FR)
		if e := l.Events[1]; journal.Sentence(p, e) != "Julie Julie-Essai n’a pas pu consulter le journal" || !strings.Contains(journal.Reason(p, e), "droit") {
			w.Errorf("%q because %q", journal.Sentence(p, e), journal.Reason(p, e))
		}
		mine, err := w.journal.Mine(t.Context(), w.as("julie"), w.a.org, journal.Query{})
		if got := w.told(mine); err != nil || got != joined("audit.export", "audit.list", evRead, evAppoint, evEdit) {
			w.Errorf("mine: %q, %v", got, err)
		}
		if got, err := w.journal.Mine(t.Context(), w.as("paul"), w.a.org, journal.Query{Search: "claire"}); err != nil || w.told(got) != evDisable {
			w.Errorf("paul, searching: %q, %v", w.told(got), err)
		}
		for i := range mine.Events {
			if _, err := w.journal.Get(t.Context(), w.as("julie"), w.a.org, mine.Events[i].ID); err != nil {
				w.Errorf("one's own %s: %v", mine.Events[i].Verb, err)
			}
		}
		other := w.list("claire", journal.Query{Verbs: []string{"org.edit"}})
		if _, err := w.journal.Get(t.Context(), w.as("julie"), w.a.org, other.Events[0].ID); fault.Of(err).Code != journal.ErrNotFound.Code {
			w.Errorf("somebody else's event: %v", err)
		}
		history, err := w.journal.OfMember(t.Context(), w.as("claire"), w.a.org, w.a.ids["julie"], journal.Query{})
		if err != nil || w.told(history) != joined(evAppoint, evEdit) {
			w.Errorf("history: %q, %v", w.told(history), err)
		}
	})
}

// TestSupportIsShown (AUD-2, ORG-7): what the platform's support does stands in the
// organisation's journal, by name and as theirs.
func TestSupportIsShown(t *testing.T) {
	eachWorld(t, func(w *world) {
		support := access.Actor{Kind: access.Person, Account: ident.NewAccount(), Name: "Ada Secours", Via: "web", Support: true}
		w.note(support, audit.Done, audit.Event{Org: w.a.org, Verb: "org.suspend", Object: w.a.org.String()})
		l := w.list("claire", journal.Query{Search: "secours"})
		if len(l.Events) != 1 || !l.Events[0].Actor.Support || l.Events[0].Actor.Outside || l.Events[0].Actor.ID != "" {
			w.Fatalf("%+v", l)
		}
		if got := journal.Sentence(text.For(text.FR), l.Events[0]); got != "Ada Secours a suspendu l’organisation" {
			w.Errorf("%q", got)
		}
	})
}

// TestPagesHold: events written while somebody reads move nothing: each event is read
// once, forwards and backwards, and the places are counted.
func TestPagesHold(t *testing.T) {
	eachWorld(t, func(w *world) {
		for range 23 {
			w.note(w.as("claire"), audit.Done, w.a.about("member.edit", "julie"), w.a.about("member.edit", "paul")) // of one moment
		}
		for _, q := range []journal.Query{{}, {Search: "essai"}, {Kind: journal.KindMembers}, {Person: w.a.ids["claire"]}} {
			q.Size = 10
			var all []ident.Event
			var pages []journal.List
			before := w.list("claire", journal.Query{Size: 1}).Total
			for {
				l := w.list("claire", q)
				if int64(len(all))+1 != l.First {
					w.Errorf("%+v: page %d begins at %d", q, len(pages), l.First)
				}
				for i := range l.Events {
					all = append(all, l.Events[i].ID)
				}
				pages = append(pages, l)
				if l.Next == "" {
					break
				}
				q.After = l.Next
				w.note(w.as("claire"), audit.Done, w.a.about("member.edit", "julie"))
			}
			if n := len(all); int64(n) != before || len(slices.Compact(slices.Sorted(slices.Values(all)))) != n {
				w.Errorf("%+v: %d events, want %d, each once", q, n, before)
			}
			q.After = pages[len(pages)-1].Previous
			back := w.list("claire", q)
			if want := pages[len(pages)-2]; back.Events[0].ID != want.Events[0].ID || len(back.Events) != 10 || back.First != want.First || back.Next == "" {
				w.Errorf("%+v: back to %d events from %d, want %d from %d", q, len(back.Events), back.First, len(want.Events), want.First)
			}
		}
	})
}

// TestQueryRefused: what no list offers is refused (INJ-04).
func TestQueryRefused(t *testing.T) {
	eachWorld(t, func(w *world) {
		for _, q := range []journal.Query{
			{Size: -1}, {Size: journal.MaxPageSize + 1}, {Outcome: "' or 1=1"}, {From: "hier"}, {Until: "2026-02-30"},
			{Search: strings.Repeat("a", journal.MaxSearch+1)},
		} {
			if _, err := w.journal.List(t.Context(), w.as("claire"), w.a.org, q); fault.Of(err).Code != journal.ErrQuery.Code {
				w.Errorf("%+v: %v", q, err)
			}
		}
		w.filled()
		for _, s := range []string{`'; drop table audit_name; --`, `a%`, `a_b`, `\`, "\x00", `" or ""="`} {
			w.list("claire", journal.Query{Search: s})
			for _, q := range []journal.Query{
				{Object: s}, {Actor: s}, {Person: ident.Member(s)}, {Subject: ident.Member(s)}, {Site: ident.Site(s)}, {Verbs: []string{s}}, {Kind: journal.Kind(s)},
			} {
				if l := w.list("claire", q); len(l.Events) != 0 {
					w.Errorf("%+v found %q", q, w.told(l))
				}
			}
		}
	})
}

// TestErased (AUD-4): what named people goes without breaking the chain; what is left
// says so, and nobody is found by what was erased.
func TestErased(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.filled()
		w.Exec(`delete from audit_payload where chain = $1`, w.a.org)
		w.Exec(`delete from audit_mention`)
		w.Exec(`delete from audit_name`)
		var report audit.Report
		if err := w.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
			report, err = audit.Verify(t.Context(), tx, nil)
			return err
		}); err != nil || len(report.Problems) > 0 || report.Erased != 6 {
			w.Errorf("%+v, %v", report, err)
		}
		l := w.list("claire", journal.Query{Verbs: []string{"org.edit"}})
		if e := l.Events[0]; !e.Erased || journal.Sentence(text.For(text.FR), e) != "Claire Claire-Essai a modifié les réglages de l’organisation" {
			w.Errorf("%+v: %q", e, journal.Sentence(text.For(text.FR), e)) // the account still exists
		}
		w.Exec(`update member_state set account_id = null where org_id = $1 and account_id = $2`, w.a.org, w.account["nadege"])
		l = w.list("claire", journal.Query{Verbs: []string{"member.appoint"}})
		if e := l.Events[0]; e.Actor.Name != "" || e.Actor.ID != "" {
			w.Errorf("%+v", e.Actor)
		}
		if l := w.list("claire", journal.Query{Search: "zephyr"}); len(l.Events) != 0 {
			w.Errorf("found by an erased name: %q", w.told(l))
		}
	})
}

// TestCatchUp: what was recorded before the search existed is found once the server has
// caught up, and only once.
func TestCatchUp(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.filled()
		for range audit.MentionsPerTurn {
			w.note(w.as("claire"), audit.Done, w.a.about("member.edit", "yanis"))
		}
		mentions, names := w.Count(`select count(*) from audit_mention`), w.Count(`select count(*) from audit_name`)
		w.Exec(`delete from audit_mention`)
		w.Exec(`delete from audit_name`)
		w.Exec(`insert into audit_backlog (chain, next_seq, last_seq) select chain, 1, seq from audit_head`)
		if l := w.list("claire", journal.Query{Search: "zephyr"}); len(l.Events) != 0 {
			w.Fatal("found before")
		}
		w.note(w.as("claire"), audit.Done, w.a.about("member.edit", "yanis"))
		for range 2 {
			if err := audit.CatchUp(t.Context(), w.DB); err != nil {
				w.Fatal(err)
			}
		}
		if got := w.told(w.list("claire", journal.Query{Search: "zephyr"})); got != evOrg {
			w.Errorf("found %q", got)
		}
		if m, n, left := w.Count(`select count(*) from audit_mention`), w.Count(`select count(*) from audit_name`), w.Count(`select count(*) from audit_backlog`); m != mentions+2 || n != names || left != 0 {
			w.Errorf("%d mentions of %d names, %d chains left; there were %d of %d", m, n, left, mentions, names)
		}
	})
}
