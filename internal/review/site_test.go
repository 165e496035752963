package review_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/review"
)

// AUZ-06, AUD-3: a campaign of a site shows the roles and permissions of the whole organisation too, for
// they bear on the site; only whoever runs the reviews of the whole of it takes them away there.
func TestWideRightsAtASite(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.made("Renfort", "julie", "", access.RecordsRead)
		w.made("Accueil", "julie", "sud", access.TasksRead)
		c := w.open("tina", "nord")
		wide := func(by string) review.Line {
			rights := w.people(by, c)["julie"].Rights
			i := slices.IndexFunc(rights, func(l review.Line) bool { return l.Name == "Renfort" })
			if i < 0 || slices.ContainsFunc(rights, func(l review.Line) bool { return l.Name == "Accueil" || l.Name == "bloc" }) {
				t.Fatalf("%s sees %+v", by, rights)
			}
			return rights[i]
		}
		if l := wide("tina"); !l.Wide || !l.Fixed || l.Scope != access.WholeOrganization {
			t.Errorf("tina sees %+v", l)
		}
		if l := wide("claire"); !l.Wide || l.Fixed {
			t.Errorf("claire sees %+v", l)
		}
		if p := w.people("tina", c)["julie"]; !p.Sensitive || p.Together {
			t.Errorf("julie opens records here too: %+v", p)
		}
		w.wrong("not hers to take away", w.say("tina", c, w.decision("tina", c, "julie", review.Reduce, "Renfort")), "decisions[0].drop review.line_wide")
		w.must(w.decide("tina", c, "julie", review.Remove))
		if l := wide("tina"); l.Dropped {
			t.Error("who leaves a site keeps what holds in the whole organisation")
		}
		w.must(w.decide("claire", c, "julie", review.Reduce, "Renfort"))
		w.end("claire", c)
		if got := w.rights("julie"); strings.Contains(got, "role organization") || !strings.Contains(got, "role ") {
			t.Errorf("julie: %s", got)
		}
	})
}

// AUD-3: the last use that a campaign of a site shows is that of the site, where it is known; else it is
// said that it is of the whole organisation.
func TestLastUseAtASite(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.made("Renfort", "julie", "", access.TasksRead)
		w.made("Accueil", "lise", "nord", access.TasksRead)
		day := w.db.Now().Truncate(24 * time.Hour).Add(-10 * 24 * time.Hour)
		use := func(of, typ, on, act string, days int) {
			w.exec(`insert into right_use (org_id, member_id, type, object_id, action, day) values ($1, $2, $3, $4, $5, $6)`,
				w.a, w.id[of], typ, on, act, day.AddDate(0, 0, days))
		}
		use("julie", "permission", w.site["nord"].String(), "tasks.read", 0)
		use("julie", "permission", w.site["sud"].String(), "tasks.read", 3)
		use("julie", "agenda", w.thing["bloc"].String(), "read", 5)
		use("julie", "agenda", w.thing["salle"].String(), "read", 1)
		use("lise", "permission", "", "tasks.read", 4)
		c := w.open("claire", "nord")
		for name, want := range map[string]struct {
			role string
			days int
			wide bool
			last int
		}{
			"julie": {"Renfort", 0, false, 1},
			"lise":  {"Accueil", 4, true, 4},
		} {
			p := w.people("claire", c)[name]
			if !p.LastUse.Equal(day.AddDate(0, 0, want.last)) || p.UseWide != want.wide {
				t.Errorf("%s used anything on %s, %v", name, p.LastUse, p.UseWide)
			}
			for _, l := range p.Rights {
				if l.Name == want.role && (!l.LastUse.Equal(day.AddDate(0, 0, want.days)) || l.UseWide != want.wide) {
					t.Errorf("%s used %s on %s, %v", name, l.Name, l.LastUse, l.UseWide)
				}
			}
		}
		if p := w.people("claire", w.open("claire", ""))["julie"]; !p.LastUse.Equal(day.AddDate(0, 0, 5)) || p.UseWide {
			t.Errorf("in the whole organisation: %s, %v", p.LastUse, p.UseWide)
		}
		w.end("claire", c)
		if said := sectionOf(string(w.file("claire", c)["revue.fr.html"]), full("lise")); strings.Count(said, " · Toute l’organisation</td>") != 1 {
			t.Errorf("the page says %s", said)
		}
	})
}
