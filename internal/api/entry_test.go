package api_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/ident"
	"habilis/internal/setting"
)

// policy changes the security policy of A from the machine itself.
func (w *world) policy(change func(*setting.Security)) {
	w.Helper()
	s := setting.Settings{Run: w.run}
	id, err := ident.ParseOrg(w.a)
	if err != nil {
		w.Fatal(err)
	}
	v, err := s.Security(w.Context(), access.Operator("cli"), id)
	if err == nil {
		change(&v)
		_, err = s.SetSecurity(w.Context(), access.Operator("cli"), id, v.Rev, v)
	}
	if err != nil {
		w.Fatal(err)
	}
}

// SEC-4: the API is no side door: a browser that may not come into an organisation is
// refused by every operation under it, whatever it asks; a token, which has no session, is
// not concerned, and whoever may not come in may leave.
func TestEntryOfBrowsers(t *testing.T) {
	each(t, func(w *world) {
		browser := w.bruno.signedIn().and("Sec-Fetch-Site: same-origin")
		browser.get("/organizations/" + w.a + "/members").is(200)
		w.policy(func(s *setting.Security) {
			s.Networks, s.NetworkOnly = []netip.Prefix{netip.MustParsePrefix("198.18.0.0/24")}, true
		})
		var spec struct {
			Paths map[string]map[string]struct {
				ID string `json:"operationId"` //nolint:tagliatelle // as OpenAPI writes it
			}
		}
		send(t, bare(t), "GET", "/api/openapi.json", "").is(200).into(&spec)
		walked := 0
		for path, methods := range spec.Paths {
			path = strings.TrimPrefix(path, "/api/v1")
			if !strings.Contains(path, "{org}") {
				continue
			}
			for method, op := range methods {
				if op.ID == "leaveOrganization" {
					continue
				}
				walked++
				at := strings.NewReplacer("{org}", w.a, "{mbr}", w.member("julie@tilleuls.example")).Replace(path)
				at = strings.NewReplacer("{", "", "}", "").Replace(at)
				if a := browser.send(strings.ToUpper(method), at, ""); a.status != http.StatusForbidden || !strings.Contains(string(a.body), `"login.network"`) {
					t.Errorf("%s %s: %d %.200s", method, path, a.status, a.body)
				}
			}
		}
		if walked < 80 {
			t.Errorf("walked only %d operations", walked)
		}
		browser.get("/me/delegations?organization="+w.a).refused(403, "login.network")
		browser.get("/organizations/" + w.b + "/members").is(404)
		browser.get("/me").is(200)
		w.bruno.get("/organizations/" + w.a + "/members").is(200) // his own token
		w.julie.signedIn().and("Sec-Fetch-Site: same-origin").del("/me/organizations/" + w.a).is(204)
	})
}

// SEC-4, MFA-13: the whole policy is read and changed; what would lock the caller out is
// refused with where it stands.
func TestSecurityPolicyInFull(t *testing.T) {
	each(t, func(w *world) {
		c, path := w.bruno, "/organizations/"+w.a+"/security-policy"
		a := c.get(path).is(200)
		for _, want := range []string{`"factors":["passkey","totp","sms"]`, `"required":"everybody"`, `"grace_days":14`, `"idle_minutes":30`, `"networks":[]`} {
			if !strings.Contains(string(a.body), want) {
				t.Errorf("by default: no %s in %s", want, a.body)
			}
		}
		a = c.change("PATCH", path, path, `{"factors":["passkey","totp"],"required":"administrators","grace_days":3,"idle_minutes":10,"absolute_hours":8,"device_days":7,"email_by_administrators":true,"temporary_passwords":true}`).is(200)
		for _, want := range []string{`"factors":["passkey","totp"]`, `"required":"administrators"`, `"grace_days":3`, `"idle_minutes":10`, `"absolute_hours":8`, `"device_days":7`, `"email_by_administrators":true`, `"temporary_passwords":true`, `"access_letters":true`} {
			if !strings.Contains(string(a.body), want) {
				t.Errorf("changed: no %s in %s", want, a.body)
			}
		}
		c.change("PATCH", path, path, `{"factors":["sms"]}`).refused(422, "invalid").at(t, "body.factors setting.factors_none")
		c.change("PATCH", path, path, `{"networks":["203.0.113.0/24"]}`).refused(422, "invalid").at(t, "body.networks setting.networks_without_yours")
		c.change("PATCH", path, path, `{"networks":["0.0.0.0/0"],"network_only":true}`).refused(422, "invalid").at(t, "body.networks[0] setting.network_wide")
		c.change("PATCH", path, path, `{"network_only":true}`).refused(422, "invalid").at(t, "body.networks setting.networks_empty")
		c.change("PATCH", path, path, `{"absolute_hours":13}`).is(422)
		if a := c.get(path).is(200); !strings.Contains(string(a.body), `"version":1`) {
			t.Errorf("a refusal changed something: %s", a.body)
		}
	})
}
