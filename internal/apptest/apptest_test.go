package apptest_test

import (
	"net/http"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/apptest"
	"habilis/internal/role"
)

// TestJourney: an organisation, its administrator by letter, a member by
// invitation, the pages and the API, on each engine.
func TestJourney(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		o := s.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example")
		s.NewMember(o, "paul.roy@lilas.example", role.Secretary, access.OrgScope(o.ID))
		a := s.SignIn(o.Admin.Email).Get("/o/" + o.Slug + "/members")
		if a.Status != http.StatusOK || !strings.Contains(a.Body, "Roy") {
			t.Errorf("the list of members: %d", a.Status)
		}
		var list struct{ Total int }
		s.Token(o, access.MembersRead).Get("/api/v1/organizations/"+o.ID.String()+"/members").JSON(t, &list)
		if list.Total != 2 {
			t.Errorf("the API lists %d members", list.Total)
		}
		if a := s.Browser().Get("/o/" + o.Slug + "/members"); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/login") {
			t.Errorf("a stranger: %d %s", a.Status, a.Location)
		}
		if a := s.Token(o, access.MembersRead).Call(http.MethodPost, "/api/v1/organizations/"+o.ID.String()+"/invitations",
			map[string]any{"emails": []string{"x@y.example"}}); a.Status < 400 {
			t.Errorf("a token without the permission: %d", a.Status)
		}
	})
}
