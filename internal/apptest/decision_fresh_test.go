package apptest_test

import (
	"net/http"
	"os"
	"strconv"
	"testing"

	"habilis/internal/access"
	"habilis/internal/apptest"
	"habilis/internal/grant"
	"habilis/internal/role"
	"habilis/internal/store"
)

// Must show 2 over HTTP: a change is acknowledged by the REST API, then an application asks
// the AuthZEN door: of the same server, and on PostgreSQL of another one. No answer is
// behind. Package decision holds the same in process, with announcements cut.
func TestFaultDecisionsOverHTTP(t *testing.T) {
	rounds, err := strconv.Atoi(os.Getenv("HABILIS_FAULT_ROUNDS"))
	if err != nil {
		rounds = 300
	}
	apptest.EachWith(t, apptest.Options{}, func(t *testing.T, s *apptest.Server) {
		d := &decisions{T: t, s: s}
		d.a = s.NewOrg("A", "claire@a.example")
		d.julie = s.NewMember(d.a, "julie@a.example", role.Secretary, access.SiteScope(d.a.ID, d.a.Site))
		agenda := d.create(d.a, "agenda")
		nodes := []*apptest.Server{s}
		if s.App.DB.Engine == store.PostgreSQL {
			nodes = append(nodes, apptest.StartOn(t, s.App.Config))
		}
		var askers, editors []*apptest.Client
		token := s.Token(d.a, access.DecisionsAsk)
		for _, n := range nodes {
			c := n.Browser()
			c.Header.Set("Authorization", token.Header.Get("Authorization"))
			askers = append(askers, c)
		}
		const ofOne = 250 // changes by one token: each may ask 600 times a minute (rules.md 4)
		for range min(rounds/ofOne+1, 20) {
			editors = append(editors, s.Token(d.a, access.RightsEdit, access.RightsRead, access.MembersRead))
		}
		question := asked(d.julie.Member.String(), "read", "agenda", agenda.ID.String())
		stale := 0
		for i := range rounds {
			level := grant.Read
			if i%2 == 1 {
				level = grant.WordNone
			}
			a := editors[i/ofOne%len(editors)].Call(http.MethodPost, "/api/v1/organizations/"+d.a.ID.String()+"/change-sets", map[string]any{
				"changes": []map[string]any{{"member": d.julie.Member, "resource": agenda.ID, "level": level}},
			})
			if a.Status/100 != 2 {
				t.Fatal(a.Status, a.Body)
			}
			for _, c := range askers {
				if d.ask(c, "evaluation", question).Decision != (level == grant.Read) {
					stale++
				}
			}
		}
		if stale > 0 {
			t.Errorf("%d answers of %d were behind", stale, rounds*len(askers))
		}
	})
}
