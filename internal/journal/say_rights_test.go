package journal_test

import (
	"strings"
	"testing"

	"habilis/internal/journal"
	"habilis/internal/text"
)

// A change of rights of any domain is told line by line, of whom and of what.
func TestRightsAreTold(t *testing.T) {
	const julie, nord, pen = "mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10", "ste_019aa0f0-5c20-7c11-8f52-6e1f4b0a9d77", "idn_019aa0f5-2d71-7c40-8b3f-6a1e9d04c752"
	e := journal.Event{
		Verb: "rights.undo", Labels: map[string]string{julie: "Julie Delmas", nord: "Nord", pen: "Dr Morvan"},
		After: map[string]any{
			"delegations": []any{map[string]any{"act": "send", "identity": pen, "delegate": julie, "from": "2026-11-22T07:00:00Z"}},
			"memberships": []any{map[string]any{"member": julie, "group": "grp_x", "name": "Pédiatrie"}},
			"permissions": []any{map[string]any{"member": julie, "permission": "records.read", "scope": nord}},
			"sites":       []any{map[string]any{"member": julie, "site": nord}},
		},
	}
	plain := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace
	want := map[string]string{
		"delegations": "Julie Delmas (Dr Morvan) : Envoyer des documents", "memberships": "Julie Delmas : Pédiatrie",
		"permissions": "Julie Delmas : Lire les dossiers des patients (Nord)", "sites": "Julie Delmas : Nord",
	}
	for _, c := range journal.Changes(text.For(text.FR), e) {
		if plain(c.After) != want[c.Field] {
			t.Errorf("%s: %s, want %s", c.Field, plain(c.After), want[c.Field])
		}
	}
}
