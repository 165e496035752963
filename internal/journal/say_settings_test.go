package journal_test

import (
	"testing"

	"habilis/internal/journal"
	"habilis/internal/text"
)

// CHG-3, rules.md 20: of a signature the journal says that it changed and how long it is; the trail
// holds nothing else of it.
func TestSignatureIsToldByItsLength(t *testing.T) {
	of := func(n float64) map[string]any {
		return map[string]any{"settings_signature": map[string]any{"characters": n}}
	}
	for lang, want := range map[text.Lang]journal.Change{
		text.FR: {Field: "settings_signature", Label: "Signature", Before: "0\u00a0caractère", After: "12\u00a0caractères"},
		text.EN: {Field: "settings_signature", Label: "Signature", Before: "0 characters", After: "12 characters"},
	} {
		got := journal.Changes(text.For(lang), journal.Event{Before: of(0), After: of(12)})
		if len(got) != 1 || got[0] != want {
			t.Errorf("%s: %+v", lang, got)
		}
	}
}
