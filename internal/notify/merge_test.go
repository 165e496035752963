package notify

import (
	"strings"
	"testing"

	"habilis/internal/departure"
	"habilis/internal/member"
	"habilis/internal/merge"
	"habilis/internal/text"
)

// mergeSamples are the letters of memberships that took the place of others.
func mergeSamples(lang text.Lang) map[string]func() (Letter, error) {
	f := RenumberedFacts{Org: tilleuls, By: "Bruno Lacaze", Number: "10003461033", Contact: bruno}
	waits := f
	waits.Waits = true
	return map[string]func() (Letter, error){
		"member_renumbered":       func() (Letter, error) { return WriteRenumbered(aicha(lang), f) },
		"member_renumbered-waits": func() (Letter, error) { return WriteRenumbered(aicha(lang), waits) },
	}
}

// MEM-3: whoever bears another number is told, with the number; undone, with the one from before; of a
// membership that is over by then, nothing is said.
func TestRenumberedLetters(t *testing.T) {
	eachWorld(t, func(w *world) {
		ines := w.person("Inès", "Faure", text.FR)
		wrong := "10007770117"
		_, err := w.m.Edit(ctx, w.by(w.bruno), w.org.ID, ines.member, member.Change{RPPS: &wrong}, 0)
		w.must(err)
		m := merge.Replacements{Run: w.m.Run}
		replace := func(rpps string) merge.Replacement {
			w.Helper()
			r, err := m.Replace(ctx, w.by(w.bruno), w.org.ID, ines.member, merge.Order{
				Renumbered: member.Renumbered{RPPS: rpps}, FullName: "Inès Faure",
			})
			w.must(err)
			return r
		}
		w.posted()
		r := replace("10007770125")
		w.tells("10007770125")
		_, err = m.Undo(ctx, w.by(w.bruno), w.org.ID, r.Old, r.Version)
		w.must(err)
		w.tells("10007770117")
		w.must(departing(w.m).Sweep(ctx))
		r = replace("10007770133")
		w.must(departing(w.m).Sweep(ctx))
		_, err = departing(w.m).Start(ctx, w.by(w.bruno), w.org.ID, r.New, departure.Order{FullName: "Inès Faure"})
		w.must(err)
		if said := w.posted(); strings.Contains(said, "10007770133") {
			t.Error("who is a member no more is told of a number")
		}
	})
}
