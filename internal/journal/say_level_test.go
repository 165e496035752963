package journal_test

import (
	"strings"
	"testing"

	"habilis/internal/journal"
	"habilis/internal/text"
)

// A change of levels is told line by line in words, and a long one is not told whole.
func TestLevelsAreTold(t *testing.T) {
	line := func(level string) map[string]any {
		return map[string]any{"member": "mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10", "resource": "agd_019aa0f5-2d71-7c40-8b3f-6a1e9d04c752", "name": "Dr Morvan", "level": level}
	}
	e := journal.Event{
		Verb: "rights.change", Labels: map[string]string{"mbr_019aa0f1-0a4d-7f0e-b1c3-52d94f6e8a10": "Julie Delmas"},
		Before: map[string]any{"levels": []any{line("none")}}, After: map[string]any{"levels": []any{line("manage")}},
	}
	plain := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace
	c := journal.Changes(text.For(text.FR), e)[0]
	if plain(c.Before) != "Julie Delmas (Dr Morvan) : Aucun" || plain(c.After) != "Julie Delmas (Dr Morvan) : Gestion" {
		t.Errorf("%+v", c)
	}
	var many []any
	for range 60 {
		many = append(many, line("read"))
	}
	e.After = map[string]any{"levels": many}
	if c = journal.Changes(text.For(text.EN), e)[0]; strings.Count(c.After, "Julie Delmas") != 50 || !strings.HasSuffix(c.After, "10 more") {
		t.Errorf("%s", c.After)
	}
}
