package review_test

import (
	"slices"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/review"
	"habilis/internal/role"
)

// made makes a role that is given to somebody, of the whole organisation or of a site.
func (w *world) made(name, to, site string, opens ...access.Permission) ident.Role {
	w.Helper()
	ctx, claire := w.Context(), w.as("claire")
	v, err := role.Roles{Run: w.run}.Create(ctx, claire, w.a, role.Details{Name: name, Permissions: opens})
	w.must(err)
	at := access.SiteScope(w.a, w.site[site])
	_, err = w.members.ChangeRights(ctx, claire, w.a, w.id[to], member.RightsChange{AddRoles: []role.Given{{Role: v.ID, Scope: at}}}, 0)
	w.must(err)
	return v.ID
}

func (w *world) opens(of ident.Role, p access.Permission) {
	w.Helper()
	w.exec(`insert into role_permission (org_id, role_id, permission, known_from) values ($1, $2, $3, $4)`, w.a, of, p, w.db.Now())
}

func (w *world) opensNoMore(of ident.Role, p access.Permission) {
	w.Helper()
	w.exec(`update role_permission set known_until = $4 where org_id = $1 and role_id = $2 and permission = $3`, w.a, of, p, w.db.Now())
}

// AUD-3: a role that opens more than what was judged asks for it again, before the end and after it; one
// that opens less does not.
func TestRoleThatGrew(t *testing.T) {
	eachWorld(t, func(w *world) {
		grown := w.made("Accueil", "lise", "", access.TasksRead, access.AppointmentsRead)
		later := w.made("Renfort", "weber", "", access.TasksRead)
		c := w.open("claire", "")
		read := w.decision("claire", c, "lise", review.Keep)
		w.opens(grown, access.RecordsRead)
		w.want("read before", w.say("claire", c, read), review.ErrChanged)
		altered := func(l review.Line) bool { return l.Name == "Accueil" && l.Change == review.Altered }
		if p := w.people("claire", c)["lise"]; !slices.ContainsFunc(p.Rights, altered) || !p.Sensitive {
			t.Errorf("that it opens more is not shown: %+v", p.Rights)
		}
		w.must(w.decide("claire", c, "lise", review.Keep))
		w.must(w.decide("claire", c, "weber", review.Keep))
		w.opensNoMore(grown, access.AppointmentsRead)
		if p := w.people("claire", c)["lise"]; p.Changed {
			t.Error("a role that opens less is judged again")
		}
		w.opens(grown, access.PrescriptionsWrite)
		if p := w.people("claire", c)["lise"]; !p.Changed {
			t.Error("a role opens more than was judged, and it is not told")
		}
		changed, err := w.r.People(w.Context(), w.as("claire"), w.a, c.ID, review.PeopleQuery{Filter: review.FChanged})
		w.must(err)
		if changed.Total != 1 {
			t.Errorf("%d to be judged again", changed.Total)
		}
		v, err := w.r.Preview(w.Context(), w.as("claire"), w.a, c.ID)
		w.must(err)
		if !slices.ContainsFunc(v.Undecided, func(e review.Effect) bool { return e.Member == w.id["lise"] && e.Code == review.ErrChanged.Code }) {
			t.Errorf("the end does not say it: %+v", v.Undecided)
		}
		w.close("claire", c)
		w.opens(later, access.RecordsRead)
		w.must(w.r.Sweep(w.Context()))
		for _, want := range []string{"lise not_reviewed review.changed", "weber not_reviewed review.changed"} {
			if got := w.outcomes("claire", c); !strings.Contains(got, want) {
				t.Errorf("%s: %s", want, got)
			}
		}
	})
}

// OFF-4, AUD-3: whoever is taken away from a site leaves what was decided: when it would be the whole
// organisation by now, or the site only, it is judged again, and nothing is done.
func TestRemovedFromWhatWasDecided(t *testing.T) {
	eachWorld(t, func(w *world) {
		c := w.open("tina", "nord")
		if all := w.people("tina", c); all["julie"].Leaving != review.LeaveSite || all["lise"].Leaving != review.LeaveOrganization {
			t.Errorf("julie would leave the %s, lise the %s", all["julie"].Leaving, all["lise"].Leaving)
		}
		leave := func(who, site string) {
			w.exec(`update member_site set known_until = $4 where org_id = $1 and member_id = $2 and site_id = $3`,
				w.a, w.id[who], w.site[site], w.db.Now())
		}
		join := func(who, site string) {
			w.exec(`insert into member_site (org_id, member_id, site_id, given_by, known_from) values ($1, $2, $3, 'test', $4)`,
				w.a, w.id[who], w.site[site], w.db.Now())
		}
		read := w.decision("tina", c, "julie", review.Remove)
		leave("julie", "sud")
		w.want("their other site went meanwhile", w.say("tina", c, read), review.ErrChanged)
		join("julie", "sud")
		w.must(w.decide("tina", c, "julie", review.Remove))
		w.must(w.decide("tina", c, "lise", review.Remove))
		if p := w.people("tina", c)["julie"]; p.Leaves != review.LeaveSite || p.Changed {
			t.Errorf("julie: %+v", p)
		}
		join("lise", "sud")
		if p := w.people("tina", c)["lise"]; !p.Changed || p.Leaves != review.LeaveOrganization {
			t.Errorf("lise would stay elsewhere by now, and it is not told: %+v", p)
		}
		w.close("tina", c)
		leave("julie", "sud")
		w.must(w.r.Sweep(w.Context()))
		for _, want := range []string{"julie to_do review.changed", "lise not_reviewed review.changed"} {
			if got := w.outcomes("tina", c); !strings.Contains(got, want) {
				t.Errorf("%s: %s", want, got)
			}
		}
		for _, name := range []string{"julie", "lise"} {
			if got := w.rights(name); !strings.Contains(got, "site nord") || !strings.Contains(got, "status active") {
				t.Errorf("%s: %s", name, got)
			}
		}
	})
}
