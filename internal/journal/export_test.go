package journal_test

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"habilis/internal/access"
	"habilis/internal/audit"
	"habilis/internal/fault"
	"habilis/internal/journal"
	"habilis/internal/text"
)

func (w *world) export(q journal.Query, f journal.Format) string {
	w.Helper()
	x, err := w.journal.Export(w.Context(), w.as("claire"), w.a.org, q, f)
	if err != nil {
		w.Fatal(err)
	}
	var out strings.Builder
	flushes := 0
	if err := x.Write(w.Context(), text.For(text.FR), &out, func() error { flushes++; return nil }); err != nil {
		w.Fatal(err)
	}
	if flushes == 0 && x.Events > 0 {
		w.Error("never flushed")
	}
	return out.String()
}

// TestINJ03: no cell of the CSV can be taken for a formula, whatever separates cells for
// the program that opens it; taking the apostrophe away gives the name as it was.
func TestINJ03(t *testing.T) {
	names := []string{
		"=cmd|' /C calc'!A0", "+33123456789", "-2+3", "@SUM(1)", "\t=1+1", "\r=1+1", ";=1+1", ",=1+1", "＝1+1", "＋1", "－1", "＠x", "  =1",
		"\u00a0=1", "=HYPERLINK(\"https://x.example\")", "\n=1", `Zoé "la" Grande`, "N’Guyen; Thi", "line\nbreak", "|calc", "%0A",
	}
	eachWorld(t, func(w *world) {
		for _, n := range names {
			e := w.a.about("member.edit", "julie")
			e.Names["member"] = n
			e.After = map[string]any{"given_name": n}
			by := w.as("claire")
			by.Name = n
			w.note(by, audit.Done, e)
		}
		file := w.export(journal.Query{Kind: journal.KindMembers}, journal.CSV)
		if !strings.HasPrefix(file, "\uFEFF\"Date et heure\";") {
			w.Fatalf("begins with %q", file[:30])
		}
		in := csv.NewReader(strings.NewReader(strings.TrimPrefix(file, "\uFEFF")))
		in.Comma = ';'
		rows, err := in.ReadAll()
		if err != nil || len(rows) != len(names)+1 {
			w.Fatalf("%d rows, %v", len(rows), err)
		}
		for i, row := range rows[1:] {
			want := names[len(names)-1-i]
			back := strings.ReplaceAll(strings.TrimPrefix(row[1], "'"), "\r\n", "\n")
			if back != want && !strings.HasPrefix(want, "\r") { // a reader of CSV takes \r\n and \r for \n
				w.Errorf("%q came back as %q", want, row[1])
			}
			for _, cell := range row {
				begins := strings.TrimLeft(cell, " \u00a0")
				if first, _ := utf8.DecodeRuneInString(begins); begins != "" && strings.ContainsRune("=+-@\t\r\n|%＝＋－＠", first) {
					w.Errorf("a cell begins with %q", cell)
				}
			}
		}
		for _, line := range strings.Split(strings.TrimSuffix(file, "\r\n"), "\r\n") {
			if line = strings.TrimPrefix(line, "\uFEFF"); !strings.HasPrefix(line, `"`) && !strings.Contains(line, "=1") {
				w.Errorf("a cell without quotes: %q", line) // «;» or «,» inside would part it
			}
		}
	})
}

// TestExportIsRecorded (AUD-1; rules.md 6): an export asks for a fresh proof, leaves its
// record with filters and number before its first line, and holds what the list holds.
func TestExportIsRecorded(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.filled()
		old := w.as("claire")
		old.StepUp = old.StepUp.Add(-access.StepUpAge)
		if _, err := w.journal.Export(t.Context(), old, w.a.org, journal.Query{}, journal.CSV); fault.Of(err).Code != access.ErrStepUp.Code {
			w.Errorf("an old proof: %v", err)
		}
		if _, err := w.journal.Export(t.Context(), w.as("claire"), w.a.org, journal.Query{}, "pdf"); len(fault.Of(err).Fields) != 1 {
			w.Errorf("a format that there is not: %v", err) // journal.format
		}
		q := journal.Query{Person: w.a.ids["julie"], Kind: journal.KindRights, From: "2020-01-01", Search: "julie", Size: 1, After: "ignored"}
		x, err := w.journal.Export(t.Context(), w.as("claire"), w.a.org, q, journal.JSONL)
		if err != nil || x.Events != 1 {
			w.Fatalf("%+v, %v", x, err)
		}
		l := w.list("claire", journal.Query{Verbs: []string{"audit.export"}, Outcome: audit.Done})
		if len(l.Events) != 1 {
			w.Fatal("the export is not recorded")
		}
		var shown []string
		for _, c := range journal.Changes(text.For(text.FR), l.Events[0]) {
			shown = append(shown, c.Label+" : "+c.After)
		}
		said := strings.Join(shown, " / ")
		for _, want := range []string{"Lignes exportées : 1", "Format : jsonl", "Personne Julie Julie-Essai", "Recherche julie"} {
			if !strings.Contains(said, want) {
				w.Errorf("the record says %q, not %q", said, want)
			}
		}
		w.note(w.as("claire"), audit.Done, w.a.about("member.appoint", "julie")) // after it was asked for
		var out strings.Builder
		if err := x.Write(t.Context(), text.For(text.FR), &out, nil); err != nil {
			w.Fatal(err)
		}
		if strings.Count(out.String(), "\n") != 1 {
			w.Errorf("holds %s", out.String())
		}
	})
}

// TestExportIsWhole: an export of several parts holds each event once, in order, as the
// list tells it.
func TestExportIsWhole(t *testing.T) {
	eachWorld(t, func(w *world) {
		const events = 1203 // more than two parts
		many := make([]audit.Event, events)
		for i := range many {
			many[i] = w.a.about("member.edit", "julie")
		}
		w.note(w.as("claire"), audit.Done, many...)
		for _, q := range []journal.Query{{Kind: journal.KindMembers}, {Search: "julie", Kind: journal.KindMembers}} {
			seen := map[string]bool{}
			last := time.Now().AddDate(1, 0, 0)
			lines := bufio.NewScanner(strings.NewReader(w.export(q, journal.JSONL)))
			for lines.Scan() {
				var r journal.Record
				if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
					w.Fatal(err)
				}
				if seen[r.ID] || r.At.After(last) || r.Sentence != "Claire Claire-Essai a modifié une fiche\u00a0: Julie Julie-Essai" {
					w.Fatalf("%+v", r)
				}
				seen[r.ID], last = true, r.At
			}
			if len(seen) != events {
				w.Errorf("%+v: %d events, want %d", q, len(seen), events)
			}
		}
	})
}
