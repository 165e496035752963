package review_test

import (
	"context"
	"strings"
	"testing"

	"habilis/internal/grant"
	"habilis/internal/review"
	"habilis/internal/store"
)

// AUD-4: whatever a review says of somebody is erased, under any name that they had, however it is
// written, and the name of what they held which others have rights on; what names others stays.
func TestForgetEveryName(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.exec(`update member_state set family_name = 'Bresson' where org_id = $1 and member_id = $2`, w.a, w.id["weber"])
		w.gives("claire", "lise", "cabinet", grant.Read)
		c, err := w.r.Open(w.Context(), w.as("claire"), w.a, review.Order{Scope: review.Scope{Function: "secretary"}}) // weber is not of it
		w.must(err)
		say := func(of, comment string) {
			d := w.decision("claire", c, of, review.Keep)
			d.Comment = comment
			w.must(w.say("claire", c, d))
		}
		say("lise", "Ne voit plus\nle DR. BRESSON")
		say("julie", "Remplace BRÈSSON weber, demandé par WEBER@exemple.fr")
		d := w.open("claire", "sud")
		late := w.decision("claire", d, "julie", review.Keep)
		late.Comment = "Voir wéber  bresson"
		w.must(w.say("claire", d, late))
		marc := w.decision("claire", d, "marc", review.Keep)
		marc.Comment = "Vu avec le docteur Lefèvre-D’Arc"
		w.must(w.say("claire", d, marc))
		w.end("claire", c)
		if said := string(w.file("claire", c)["revue.json"]); !strings.Contains(said, "cabinet") || !strings.Contains(said, "DR. BRESSON") {
			t.Fatalf("the file says %s", said)
		}
		w.write(func(ctx context.Context, tx *store.Tx) error { return review.Forget(ctx, tx, w.a, w.id["weber"]) })
		all := w.file("claire", c)
		v, err := review.Verify(all["revue.json"], all["revue.json.signature"], all["cles-publiques.json"])
		w.must(err)
		if v.Erased != 3 { // the agenda, and two comments
			t.Errorf("verified %+v", v)
		}
		for _, canary := range []string{"cabinet", "BRESSON", "BRÈSSON", "WEBER"} {
			if strings.Contains(string(all["revue.json"]), canary) {
				t.Errorf("it says %q", canary)
			}
		}
		if n := w.count(`select count(*) from review_person where org_id = $1 and comment <> ''`, w.a); n != 1 {
			t.Errorf("%d comments are left, not that of marc alone", n)
		}
	})
}
