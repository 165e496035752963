package apptest_test

import (
	"net/http"
	"net/url"
	"testing"

	"habilis/internal/access"
	"habilis/internal/apptest"
)

// APP-1, INV-15, ENU-01: an account made by the support opens nothing through any door, and
// every door answers as for somebody whom nobody knows; where the address has an account,
// only this membership waits. Authorised, the letter of an invitation comes, and it works.
func TestSupportAccountIsUnusable(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		o, elsewhere := s.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example"), s.NewOrg("Clinique du Parc", "yves.roux@parc.example")
		platform, admin := s.PlatformToken(), s.Token(o, access.ApprovalsDecide, access.MembersRead, access.MembersInvite, access.DecisionsAsk)
		at := "/api/v1/organizations/" + o.ID.String()
		propose := func(email string) (member string) {
			t.Helper()
			a := platform.Call(http.MethodPost, at+"/support-members", map[string]any{
				"ticket": "Demande 48213", "email": email, "given_name": "Romain", "family_name": "Vidal", "function": "secretary",
			})
			var v struct{ Member string }
			if a.JSON(t, &v); a.Status != http.StatusCreated || v.Member == "" {
				t.Fatalf("%d %s", a.Status, a.Body)
			}
			return v.Member
		}
		fresh, known := propose("romain.vidal@ailleurs.example"), propose("yves.roux@parc.example")

		for _, path := range []string{"/login", "/password/forgot"} {
			same(t, path, s.Browser().Post(path, url.Values{"email": {"romain.vidal@ailleurs.example"}, "password": {apptest.Password}}),
				s.Browser().Post(path, url.Values{"email": {"personne.vidal@ailleurs.example"}, "password": {apptest.Password}}))
		}
		yves := s.SignIn("yves.roux@parc.example")
		if a := yves.Get("/o/" + elsewhere.Slug + "/home"); a.Status != http.StatusOK {
			t.Errorf("elsewhere nothing changes: %d", a.Status)
		}
		if a := yves.Get("/o/" + o.Slug + "/home"); a.Status != http.StatusNotFound {
			t.Errorf("here there is no place: %d", a.Status)
		}
		for _, member := range []string{fresh, known} {
			a := admin.Call(http.MethodPost, "/access/v1/evaluation", map[string]any{
				"subject": map[string]any{"type": "member", "id": member}, "action": map[string]any{"name": "members.read"},
				"resource": map[string]any{"type": "organization", "id": o.ID.String()},
			})
			var v struct {
				Decision bool
				Context  struct{ Code string }
			}
			if a.JSON(t, &v); a.Status != http.StatusOK || v.Decision || v.Context.Code != "member.pending_approval" {
				t.Errorf("a decision about them: %d %s", a.Status, a.Body)
			}
		}
		if n := len(s.Mails("romain.vidal@ailleurs.example")); n != 0 {
			t.Errorf("%d letters to somebody who is nobody yet", n)
		}

		decide := func(member string) {
			t.Helper()
			if a := admin.Call(http.MethodPost, at+"/approvals/"+member+"/decision", map[string]any{"decision": "authorize"}); a.Status != http.StatusOK {
				t.Fatalf("%d %s", a.Status, a.Body)
			}
		}
		decide(fresh)
		s.Link(s.Mail("romain.vidal@ailleurs.example"), "/activate/")
		decide(known)
		if a := yves.Get("/o/" + o.Slug + "/home"); a.Status != http.StatusOK {
			t.Errorf("authorised: %d %s", a.Status, a.Location)
		}
	})
}

// same fails unless two answers are alike: status, place and words but for the address typed.
func same(t *testing.T, what string, a, b apptest.Answer) {
	t.Helper()
	if a.Status != b.Status || a.Location != b.Location || len(a.Body) != len(b.Body)-len("personne")+len("romain") && len(a.Body) != len(b.Body) {
		t.Errorf("%s: %d %s %d, of a stranger %d %s %d", what, a.Status, a.Location, len(a.Body), b.Status, b.Location, len(b.Body))
	}
}
