package departure_test

import (
	"testing"

	"habilis/internal/departure"
	"habilis/internal/dossier"
	"habilis/internal/ident"
)

// OFF-6, FIL-07: papers that nobody had decided on are given their day of deletion when the person
// leaves; with the departure undone they wait for a decision again. What was decided keeps its day.
func TestUndonePapersWaitAgain(t *testing.T) {
	for verification, waits := range map[string]bool{"incomplete": true, "verified": false} {
		t.Run(verification, func(t *testing.T) {
			eachWorld(t, func(w *world) {
				file, doc := ident.NewBlob(), ident.NewDocument()
				w.Exec(`update member_state set verification = $3 where org_id = $1 and member_id = $2`, w.a, w.id["paul"], verification)
				w.Exec(`insert into file (org_id, id, media_type, bytes, sum, created_at) values ($1, $2, 'application/pdf', 1, $3, $4)`,
					w.a, file, []byte("sum"), w.DB.Now())
				w.Exec(`
					insert into document (org_id, id, member_id, kind, name, media_type, bytes, sum, file_id, state, own, added_by, added_name, added_at)
					values ($1, $2, $3, 'cps', 'carte.pdf', 'application/pdf', 1, $4, $5, 'clean', true, 'test', 'Test', $6)`,
					w.a, doc, w.id["paul"], []byte("sum"), file, w.DB.Now())
				papers := dossier.Documents{Run: w.run}
				given := func(what string, want int) {
					t.Helper()
					w.Must(papers.Purge(w.Context()))
					if n := w.Count(`select count(*) from document where purge_at is not null and file_id is not null`); n != want {
						t.Errorf("%s: %d papers are given for deletion", what, n)
					}
				}
				given("a member", 0)
				var choices []departure.Choice
				if !waits { // somebody who is not verified administers nothing
					choices = append(choices, w.succeeds())
				}
				_, err := w.start("claire", order("paul", choices...))
				w.Must(err)
				w.sweep()
				given("gone", 1)
				_, err = w.undo("claire")
				w.Must(err)
				w.sweep()
				given("back", map[bool]int{true: 0, false: 1}[waits])
			})
		})
	}
}
