package notify

import (
	"strings"
	"testing"

	"habilis/internal/departure"
	"habilis/internal/text"
)

// OFF-4: whoever is removed from a site is told which, and what it means; not when they belong to it
// again before the letter leaves.
func TestRemovedFromSiteIsTold(t *testing.T) {
	eachWorld(t, func(w *world) {
		odile := w.person("Odile", "Renard", text.FR)
		removals := departure.Sites{Members: w.m}
		w.work()
		for _, back := range []bool{false, true} {
			_, err := w.m.AddSite(ctx, w.by(w.bruno), w.org.ID, odile.member, w.sites[1], 0)
			w.must(err)
			_, err = removals.Remove(ctx, w.by(w.bruno), w.org.ID, odile.member, w.sites[1], departure.SiteOrder{})
			w.must(err)
			if back {
				_, err = w.m.AddSite(ctx, w.by(w.bruno), w.org.ID, odile.member, w.sites[1], 0)
				w.must(err)
			}
			told := 0
			for _, k := range w.work() {
				if strings.Contains(k.To, "odile@") && strings.Contains(k.Subject, "retiré de l’établissement") {
					told++
					w.says(k, "alertes", "Bruno")
				}
			}
			if told == 1 == back {
				t.Errorf("back %v: %d letters", back, told)
			}
		}
	})
}
