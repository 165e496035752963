package journal_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/audit"
	"habilis/internal/changeset"
	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/journal"
	"habilis/internal/store"
	"habilis/internal/text"
)

// together notes a change set about some people, as an act of by does: one event without a
// subject, whose lists say of whom each line is.
func (w *world) together(by access.Actor, names ...string) ident.ChangeSet {
	w.Helper()
	w.clock.Add(time.Second)
	id := ident.NewChangeSet()
	e := audit.Event{
		Org: w.a.org, Verb: "rights.change", Object: id.String(), Names: map[string]string{},
		Before: map[string]any{}, After: map[string]any{"reason": "congés de Paul"},
	}
	var told []string
	var before, after []any
	var lines []changeset.Line
	fact := func(name, level string) map[string]any {
		return map[string]any{"member": w.a.ids[name].String(), "resource": "agd_019aa0f5-2d71-7c40-8b3f-6a1e9d04c752", "name": "Agenda " + name, "level": level}
	}
	for i, name := range names {
		full := title(name) + " " + title(name) + "-Essai"
		told = append(told, full)
		e.Names["member"+string(rune('1'+i))] = full
		before, after = append(before, fact(name, "none")), append(after, fact(name, "read"))
		lines = append(lines, changeset.Line{
			Key:   changeset.Key{Domain: changeset.Level, Member: w.a.ids[name], Object: "agd_019aa0f5-2d71-7c40-8b3f-6a1e9d04c752"},
			After: changeset.State{Value: "read", From: w.DB.Now()}, Count: 1,
		})
	}
	e.Names["member"] = strings.Join(told, ", ")
	e.Before["levels"], e.After["levels"] = before, after
	w.Write(func(ctx context.Context, tx *store.Tx) error {
		if _, err := changeset.Write(ctx, tx, w.a.org, changeset.Set{ID: id, Kind: changeset.Edit, By: "test"}, lines); err != nil {
			return err
		}
		return audit.Write(ctx, tx, by.Who(), audit.Done, []audit.Event{e})
	})
	return id
}

// AUD-2: a change of rights about several people stands in the history of each, with their
// own lines and nothing of the others; in that of nobody else.
func TestMineAmongOthers(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.note(w.as("claire"), audit.Done, w.a.about("member.edit", "julie"))
		id := w.together(w.as("claire"), "julie", "paul", "yanis")
		w.together(w.as("claire"), "paul", "yanis")
		mine := func(name string, q journal.Query) journal.List {
			l, err := w.journal.Mine(w.Context(), w.as(name), w.a.org, q)
			if err != nil {
				w.Fatal(err)
			}
			return l
		}
		l := mine("julie", journal.Query{})
		if got := w.told(l); got != "rights.change, member.edit julie" || l.Total != 2 {
			w.Fatalf("%s, %d", got, l.Total)
		}
		w.ownAlone(l.Events[0], id)
		one, err := w.journal.Get(w.Context(), w.as("julie"), w.a.org, l.Events[0].ID)
		if err != nil {
			w.Fatal(err)
		}
		w.ownAlone(one, id)
		if s := journal.Sentence(text.For(text.FR), one); !strings.Contains(s, "Julie") || strings.Contains(s, "Paul") {
			w.Errorf("the sentence says %s", s)
		}
		if l := mine("paul", journal.Query{Size: 1}); l.Total != 2 || l.Next == "" {
			w.Errorf("paul: %d, next %q", l.Total, l.Next)
		} else if next := mine("paul", journal.Query{Size: 1, After: l.Next}); len(next.Events) != 1 || next.Events[0].Object != id.String() {
			w.Errorf("his second page: %+v", next.Events)
		}
		if got := w.told(mine("nadege", journal.Query{})); got != "" {
			w.Errorf("nadege is told of %s", got)
		}
		// The name of another finds nothing: it would tell that the change was about them too.
		if got := w.told(mine("julie", journal.Query{Search: "Paul"})); got != "" {
			w.Errorf("a search tells of %s", got)
		}
		// Whoever made it reads it whole.
		if l := mine("claire", journal.Query{}); len(l.Events) != 3 || !strings.Contains(l.Events[0].Names["member"], "Yanis") {
			w.Errorf("claire: %s", w.told(l))
		}
		second := w.list("claire", journal.Query{Object: id.String()})
		if len(second.Events) != 1 || len(second.Events[0].After["levels"].([]any)) != 3 {
			w.Errorf("an administrator reads %+v", second.Events)
		}
		other := w.list("claire", journal.Query{Verbs: []string{"rights.change"}}).Events[0]
		if _, err := w.journal.Get(w.Context(), w.as("julie"), w.a.org, other.ID); !fault.Is(err, fault.NotFound) {
			w.Errorf("a change about others: %v", err)
		}
	})
}

// AUD-1: the history of a member holds the changes about several people of which a line is about
// them, for a reader of the whole organisation; at a site it does not: it would name others.
func TestOfMemberAmongOthers(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.note(w.as("claire"), audit.Done, w.a.about("member.edit", "julie"))
		id := w.together(w.as("claire"), "julie", "paul")
		w.together(w.as("claire"), "paul", "yanis")
		of := func(reader string, q journal.Query) string {
			l, err := w.journal.OfMember(w.Context(), w.as(reader), w.a.org, w.a.ids["julie"], q)
			if err != nil {
				w.Fatal(err)
			}
			if len(l.Events) > 1 && l.Events[0].Object != id.String() || l.Total != int64(len(l.Events)) {
				w.Errorf("%s: %+v", reader, l)
			}
			return w.told(l)
		}
		if got := of("claire", journal.Query{}); !strings.HasPrefix(got, "rights.change") || !strings.HasSuffix(got, ", member.edit julie") {
			w.Errorf("the history of julie: %s", got)
		}
		if got := of("claire", journal.Query{Outcome: audit.Refused}); got != "" {
			w.Errorf("refused: %s", got)
		}
		if got := of("nadege", journal.Query{}); strings.Contains(got, "rights.change") {
			w.Errorf("at a site: %s", got)
		}
		if l := w.list("claire", journal.Query{Person: w.a.ids["julie"]}); l.Total != 2 {
			w.Errorf("by person: %s", w.told(l))
		}
		if l := w.list("claire", journal.Query{Person: w.a.ids["claire"]}); l.Total != 3 {
			w.Errorf("what claire did: %s", w.told(l))
		}
	})
}

// ownAlone checks that an event tells of julie alone.
func (w *world) ownAlone(e journal.Event, id ident.ChangeSet) {
	w.Helper()
	levels, _ := e.After["levels"].([]any)
	said := e.Names["member"] + strings.Join(slices.Collect(maps.Values(e.Names)), " ") + strings.Join(slices.Collect(maps.Values(e.Labels)), " ")
	if e.Object != id.String() || len(levels) != 1 || levels[0].(map[string]any)["member"] != w.a.ids["julie"].String() || e.After["reason"] != nil {
		w.Errorf("%+v", e)
	}
	if strings.Contains(said, "Paul") || strings.Contains(said, "Yanis") || e.Names["member"] != "Julie Julie-Essai" {
		w.Errorf("it names %s", said)
	}
}
