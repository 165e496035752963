package workitem_test

import (
	"slices"
	"testing"

	"habilis/internal/identifier"
	"habilis/internal/workitem"
)

// OFF-3, OFF-5: each kind says what becomes of it when its owner leaves.
func TestKinds(t *testing.T) {
	want := map[workitem.Kind]workitem.Leaving{
		"task": "deleted", "appointment": "detached", "letter": "kept", "invoice": "kept", "patient": "kept", "setting": "kept",
	}
	if len(workitem.Kinds) != len(want) {
		t.Error(workitem.Kinds)
	}
	for k, leaving := range want {
		if r, ok := k.Rule(); !ok || r.Leaving != leaving || !slices.Contains(workitem.Kinds, k) {
			t.Errorf("%s: %+v", k, r)
		}
	}
	if _, ok := workitem.Kind("message").Rule(); ok {
		t.Error("a message is a kind")
	}
}

// No number of a patient is kept, alone or in a sentence.
func TestNIR(t *testing.T) {
	for sentence, want := range map[string]bool{
		"255081416802538": true, "Voir 2 55 08 14 168 025 38 demain": true, "n°2-55-08-14-168-025-38": true, "2a": false,
		"Facture 255081416802539": false, "Commande 12345": false, "Rendez-vous le 12/03/2026 à 14 h 30": false, "1 85 05 2A 123 456 78": false,
	} {
		if got := identifier.HoldsNIR(sentence); got != want {
			t.Errorf("%q: %t", sentence, got)
		}
	}
}
