package text_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"habilis/internal/text"
)

// plain makes the no-break spaces of French readable in a test: ~ for U+00A0, _ for U+202F.
func plain(s string) string {
	return strings.NewReplacer("\u00a0", "~", "\u202f", "_").Replace(s)
}

func wantText(t *testing.T, got, want string) {
	t.Helper()
	if plain(got) != want {
		t.Errorf("got  %s\nwant %s", plain(got), want)
	}
}

// In French 0 and 1 are singular, and 1 000 000 takes «de» (DESIGN.md 9).
func TestPlurals(t *testing.T) {
	tests := []struct {
		lang text.Lang
		n    any
		want string
	}{
		{text.FR, 0, "0~point à corriger"},
		{text.FR, 1, "1~point à corriger"},
		{text.FR, 2, "2~points à corriger"},
		{text.FR, uint8(34), "34~points à corriger"},
		{text.FR, 12345, "12~345~points à corriger"},
		{text.FR, int64(1_000_000), "1~000~000 de points à corriger"},
		{text.EN, 0, "0 points to correct"},
		{text.EN, 1, "1 point to correct"},
		{text.EN, 1_000_000, "1,000,000 points to correct"},
	}
	for _, tt := range tests {
		wantText(t, text.For(tt.lang).T("common.error_summary", "Count", tt.n), tt.want)
	}
}

func TestVariables(t *testing.T) {
	p := text.For(text.FR)
	wantText(t, p.T("common.error_title", "Title", "Membres"), "Erreur~: Membres")
	wantText(t, p.T("fault.text.too_long", "Max", 10000), "Raccourcissez ce texte~: il peut avoir 10~000~caractères au plus")
	wantText(t, p.T("fault.limit.exceeded", "Wait", 90*time.Second),
		"Réessayez dans 1~minute et 30~secondes~: trop de demandes en peu de temps") //nolint:misspell // French
	wantText(t, p.TMap("common.error_title", map[string]any{"Title": []string{"a", "b"}, "Unused": struct{}{}}), "Erreur~: a et b")
	if !p.Has("common.save") || p.Has("common.nothing") {
		t.Error("Has does not tell the keys of the catalogue")
	}
}

// INJ-05: a value is never read as a template.
func TestValuesAreLiteral(t *testing.T) {
	for _, value := range []string{"{{.}}", "{{.Count}}", `{{template "x"}}`, "${HOME}", "%s", "<script>"} {
		got := text.For(text.EN).T("common.error_title", "Title", value)
		if got != "Error: "+value {
			t.Errorf("%q was changed into %q", value, got)
		}
	}
}

// A text that cannot be made shows its key, never «<no value>» nor the text of
// an error, and is reported once.
func TestDefects(t *testing.T) {
	var told []text.Defect
	restore := text.OnDefect(func(d text.Defect) { told = append(told, d) })
	defer restore()
	tests := []struct {
		name string
		key  string
		kv   []any
	}{
		{"missing key", "nobody.wrote.this", nil},
		{"missing variable", "common.error_title", nil},
		{"misspelt variable", "common.error_title", []any{"Titel", "x"}},
		{"no count", "common.error_summary", nil},
		{"count in words", "common.error_summary", []any{"Count", "2"}},
		{"odd variables", "common.save", []any{"Name"}},
		{"a variable without a name", "common.save", []any{1, 2}},
		{"nil", "common.error_title", []any{"Title", nil}},
		{"an error", "common.error_title", []any{"Title", errors.New("secret")}},
		{"a structure", "common.error_title", []any{"Title", struct{ A int }{1}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := len(told)
			for range 2 {
				if got, want := text.For(text.EN).T(tt.key, tt.kv...), "⟦"+tt.key+"⟧"; got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			}
			if len(told) > before+1 {
				t.Errorf("reported %d times", len(told)-before)
			}
			last := text.Defects()
			if !slices.ContainsFunc(last, func(d text.Defect) bool { return d.Key == tt.key && d.Lang == text.EN && d.Reason != "" }) {
				t.Errorf("not reported: %v", last)
			}
		})
	}
	if len(told) != len(text.Defects()) {
		t.Errorf("%d told, %d remembered", len(told), len(text.Defects()))
	}
}

func TestForAnyLanguage(t *testing.T) {
	for _, lang := range text.All {
		if got := text.For(lang).Lang(); got != lang {
			t.Errorf("For(%s) writes %s", lang, got)
		}
	}
	if got := text.For("xx").Lang(); got != text.FR {
		t.Errorf("an unknown language is written in %s, want French", got)
	}
}

// A printer is shared by every request.
func TestPrinterIsSafeForConcurrentUse(t *testing.T) {
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			p := text.For(text.All[i%2])
			for n := range 50 {
				if s := p.T("common.error_summary", "Count", n); strings.Contains(s, "⟦") {
					t.Errorf("broken text %q", s)
				}
				p.Date(time.Now())
			}
		})
	}
	group.Wait()
}
