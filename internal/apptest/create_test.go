package apptest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/apptest"
	"habilis/internal/enrolment"
	"habilis/internal/role"
	"habilis/internal/secret"
	"habilis/internal/text"
)

// MEM-1, MEM-10, MEM-13: a member created through the API gets the letter of an
// invitation, whose link makes them that member; whoever has an account already is told
// that they joined. A member without an address gets none until «Inviter».
func TestCreatedMemberIsWrittenTo(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		o, other := s.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example"), s.NewOrg("Clinique du Parc", "yves.roux@parc.example")
		c := s.Token(o, access.MembersInvite, access.MembersRead)
		at := "/api/v1/organizations/" + o.ID.String() + "/members"
		create := func(given, email, welcome string) (id string) {
			t.Helper()
			body := map[string]any{
				"profile_type": "non_practitioner", "given_name": given, "family_name": "Essai", "function": "secretary", "email": email,
				"roles": []map[string]any{{"role": s.Role(o, role.Secretary), "scope": o.Site}}, "sites": []any{o.Site},
			}
			if welcome != "" {
				body["welcome"] = welcome
			}
			a := c.Call(http.MethodPost, at, body)
			var v struct{ ID string }
			if a.JSON(t, &v); a.Status != http.StatusCreated || v.ID == "" {
				t.Fatalf("%s: %d %s", given, a.Status, a.Body)
			}
			return v.ID
		}
		nina := create("Nina", "nina@exemple.fr", "none")
		jeanne := create("Jeanne", "jeanne@exemple.fr", "")
		link := s.Link(s.Mail("jeanne@exemple.fr"), "/activate/")
		done, err := s.App.Enrolments.Finish(context.Background(), access.Actor{Kind: access.Anonymous}, strings.TrimPrefix(link, "/activate/"),
			enrolment.Finish{
				Names: account.Names{GivenName: "Jeanne", FamilyName: "Essai"}, Password: secret.NewText(apptest.Password), Language: text.FR,
			})
		if err != nil || done.Member.String() != jeanne {
			t.Fatalf("%+v %v", done, err)
		}
		if a := s.SignIn("jeanne@exemple.fr").Get("/o/" + o.Slug + "/home"); a.Status != http.StatusOK {
			t.Errorf("Jeanne is not in: %d %s", a.Status, a.Location)
		}
		seen := len(s.Mails(other.Admin.Email))
		create("Yves", other.Admin.Email, "")
		if k := s.MailAfter(other.Admin.Email, seen); !strings.Contains(k.Subject, "Cabinet des Lilas") {
			t.Errorf("Yves is told «%s»", k.Subject)
		}
		if n := len(s.Mails("nina@exemple.fr")); n != 0 {
			t.Errorf("%d letters to Nina", n)
		}
		if a := c.Call(http.MethodPost, at+"/"+nina+"/invitation", map[string]any{}); a.Status != http.StatusOK {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		s.Link(s.Mail("nina@exemple.fr"), "/activate/")
	})
}
