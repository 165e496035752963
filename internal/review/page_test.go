package review_test

import (
	"strings"
	"testing"

	"habilis/internal/review"
)

// AUD-3: the printed page marks the rights that were taken away, those that were to be, and says of who
// was taken away whether it is from the site or from the organisation.
func TestPageSaysWhatWent(t *testing.T) {
	eachWorld(t, func(w *world) {
		c := w.open("claire", "nord")
		w.must(w.decide("claire", c, "julie", review.Remove))
		w.must(w.decide("claire", c, "lise", review.Remove))
		w.must(w.decide("claire", c, "weber", review.Remove)) // holds an agenda
		w.end("claire", c)
		page := string(w.file("claire", c)["revue.fr.html"])
		for name, want := range map[string][]string{
			"julie": {"Retirer de l’établissement · ", "<dd>Retirée de l’établissement</dd>", "<td>salle · Lecture</td>", "<td>Oui</td></tr>"},
			"lise":  {"Retirer de l’organisation (départ) · ", "<dd>Retirée de l’organisation (départ)</dd>", "<td>Oui</td></tr>"},
			"weber": {"<dd>Reste à faire · ", "<td>Reste à faire</td></tr>", "<th>Retiré</th>"},
			"tina":  {"<td>—</td></tr>"},
		} {
			said := sectionOf(page, full(name))
			for _, s := range want {
				if !strings.Contains(said, s) {
					t.Errorf("of %s it does not say %q: %s", name, s, said)
				}
			}
		}
		d := w.open("claire", "sud")
		w.must(w.decide("claire", d, "julie", review.Reduce, "bloc"))
		w.end("claire", d)
		said := sectionOf(string(w.file("claire", d)["revue.fr.html"]), full("julie"))
		if n := strings.Count(said, "<td>Oui</td></tr>"); n != 1 || !strings.Contains(said, "<dd>Droits réduits</dd>") {
			t.Errorf("%d lines are marked: %s", n, said)
		}
	})
}

// sectionOf is what a page says of somebody.
func sectionOf(page, name string) string {
	_, after, _ := strings.Cut(page, "<h2>"+name)
	said, _, _ := strings.Cut(after, "</section>")
	return said
}
