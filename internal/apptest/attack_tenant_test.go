package apptest_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"habilis/internal/access"
	"habilis/internal/apptest"
	"habilis/internal/ident"
	"habilis/internal/role"
	"habilis/internal/store"
)

// mentions are the names under which an organisation could be smuggled in.
var mentions = []string{
	"org", "org_id", "organization", "organization_id", "organisation", "tenant", "tenant_id", "slug", "o", "Org", "X-Org", "active_organization",
}

// mentionHeaders are those of proxies and other products.
var mentionHeaders = []string{"X-Org-Id", "X-Organization", "X-Organization-Id", "X-Tenant", "X-Tenant-Id", "X-Scope-Orgid", "Habilis-Organization"}

// SES-06, rules.md 12: the organisation of a request is that of its path. Another
// one, named by query, body, header or cookie, is refused or has no effect, for a
// member of both and for a member of one, in either direction.
func TestSES06(t *testing.T) {
	eachCluster(t, func(t *testing.T, c *cluster) {
		a, b := c.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example"), c.NewOrg("Atelier du Port", "yann.legall@port.example")
		marc := c.administrator(a, "marc.petit@lilas.example")
		c.administrator(b, marc.Email)
		both, yann := c.SignIn(marc.Email), c.SignIn(b.Admin.Email)
		ofB := names(t, yann.Get(rest(b, "/members")))
		before := c.versions(a)
		for _, who := range []*apptest.Client{both, yann} {
			c.smuggled(who, a, b, ofB)
		}
		for _, m := range mentions { // the reverse: the path says what is not yours
			h := http.Header{mentionHeaders[0]: {b.ID.String()}, "Cookie": {yann.Cookie().String() + "; " + m + "=" + b.ID.String()}}
			c.want(c.Browser().Do(http.MethodGet, rest(a, "/members"), nil, h), http.StatusNotFound, "access.not_found")
			c.want(c.Browser().Do(http.MethodGet, page(a, "/members")+"?"+m+"="+b.Slug, nil, h), http.StatusNotFound, "")
			f := url.Values{"name": {"Pris"}, m: {b.ID.String()}}
			c.want(yann.Post(page(a, "/sites/new"), f), http.StatusNotFound, "")
		}
		if got := c.versions(a); got != before {
			t.Errorf("the organisation named aside has changed: version %d, was %d", got, before)
		}
	})
}

// smuggled sends requests about b that also name a.
func (c *cluster) smuggled(who *apptest.Client, a, b apptest.Org, ofB []string) {
	c.t.Helper()
	for _, m := range mentions {
		c.want(who.Get(rest(b, "/members")+"?"+m+"="+a.ID.String()), http.StatusUnprocessableEntity, "invalid")
		body := map[string]any{"name": "Pris", m: a.ID.String()}
		c.want(who.Call(http.MethodPost, rest(b, "/sites"), body), http.StatusUnprocessableEntity, "invalid")
		shows(c.t, who.Get(page(b, "/members")+"?"+m+"="+a.Slug), b.Slug, "Legall", "Martin", "Lilas")
		h := http.Header{"Cookie": {who.Cookie().String() + "; " + m + "=" + a.ID.String() + "; habilis-" + m + "=" + a.Slug}}
		for _, name := range mentionHeaders {
			h[name] = []string{a.ID.String()}
		}
		if got := names(c.t, c.Browser().Do(http.MethodGet, rest(b, "/members"), nil, h)); !slices.Equal(got, ofB) {
			c.t.Errorf("named by a cookie and headers: %v, want %v", got, ofB)
		}
		sites := c.rows(`select count(*) from site where org_id = $1`, b.ID)
		c.want(who.Post(page(b, "/sites/new")+"?"+m+"="+a.Slug, url.Values{"name": {"Annexe " + m}, m: {a.ID.String()}}), http.StatusSeeOther, "")
		if n := c.rows(`select count(*) from site where org_id = $1`, b.ID); n != sites+1 {
			c.t.Errorf("a form that names %s: %d sites, want %d", m, n, sites+1)
		}
	}
}

// versions is how often something of an organisation has changed.
func (c *cluster) versions(o apptest.Org) int {
	c.t.Helper()
	return c.rows(`select version from org_version where org_id = $1`, o.ID)
}

// AUD-04, AUZ-01, ENU-03: what a stranger asks of an organisation is answered like
// what does not exist, to the byte, and stands in the organisation's own trail, not
// in the stranger's: neither reads anything of the other's.
func TestAUD04(t *testing.T) {
	eachCluster(t, func(t *testing.T, c *cluster) {
		a, b := c.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example"), c.NewOrg("Atelier du Port", "yann.legall@port.example")
		unknown := apptest.Org{ID: ident.NewOrg(), Slug: "personne", Site: ident.NewSite()}
		stranger, made := c.SignIn(b.Admin.Email), c.personToken(b.Admin)
		theirs := c.trail(b.ID.String())
		for _, who := range []*apptest.Client{stranger, made} {
			for _, path := range []string{"", "/members", "/sites", "/invitations", "/roles", "/tokens", "/security-policy", "/audit", "/history", "/sites/" + a.Site.String()} {
				c.alike(who, rest(a, path), rest(unknown, path))
			}
			c.alike(who, memberPath(a, a.Admin.Member, ""), memberPath(unknown, a.Admin.Member, ""))
			c.alike(who, memberPath(b, a.Admin.Member, ""), memberPath(b, ident.NewMember(), ""))
		}
		for _, path := range []string{"/home", "/members", "/sites", "/invitations", "/settings", "/audit", "/members/" + a.Admin.Member.String()} {
			c.alike(stranger, page(a, path), page(unknown, path))
		}
		if c.refusals(a.ID.String(), b.Admin.Account.String(), "access.not_found") == 0 {
			t.Error("the organisation's trail does not hold what a stranger tried")
		}
		if n := c.rows(`select count(*) from audit_event where chain = $1 and outcome = 'refused' and code = 'access.not_found'`, b.ID); n != 0 {
			t.Errorf("the stranger's own trail holds %d refusals of somebody else's", n)
		}
		for _, line := range c.trail(b.ID.String())[len(theirs):] {
			if strings.Contains(line, a.ID.String()) || strings.Contains(line, "Martin") || strings.Contains(line, "Lilas") {
				t.Errorf("the stranger's trail tells of the organisation: %s", line)
			}
		}
		// No door reads a trail yet: whatever asks for one finds nothing.
		zoe := c.SignIn(a.Admin.Email)
		for _, path := range []string{rest(a, "/audit"), rest(a, "/audit/export"), rest(b, "/audit"), page(a, "/audit"), page(b, "/audit"), "/api/v1/audit"} {
			c.want(zoe.Get(path), http.StatusNotFound, "")
		}
	})
}

// alike checks that two addresses are answered the same, but for what was asked.
func (c *cluster) alike(who *apptest.Client, theirs, nothing string) {
	c.t.Helper()
	got, want := who.Get(theirs), who.Get(nothing)
	clean := func(a apptest.Answer, path string) string {
		body := strings.NewReplacer(path, "PATH", url.QueryEscape(path), "PATH", a.Header.Get("X-Request-Id"), "ID").Replace(a.Body)
		return nonce.ReplaceAllString(body, "NONCE")
	}
	if got.Status != http.StatusNotFound || want.Status != http.StatusNotFound || got.Code() != want.Code() || clean(got, theirs) != clean(want, nothing) {
		c.t.Errorf("%s: %d %s\n%s\nbut %s: %d %s\n%s", theirs, got.Status, got.Code(), clean(got, theirs), nothing, want.Status, want.Code(), clean(want, nothing))
	}
}

// trail is a chain in words, with what it says of people.
func (c *cluster) trail(chain string) []string {
	c.t.Helper()
	var list []string
	c.read(func(tx *store.Tx) (err error) {
		list, err = store.All(context.Background(), tx, func(s store.Scan) (string, error) {
			var v [7]string
			err := s(&v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6])
			return strings.Join(v[:], " "), err
		}, `select e.verb, e.outcome, e.actor, e.object, e.subject, e.code, p.payload
			from audit_event e join audit_payload p on p.chain = e.chain and p.seq = e.seq where e.chain = $1 order by e.seq`, chain)
		return err
	})
	return list
}

// strangersDoors are where other products let strangers make accounts.
var strangersDoors = []string{
	"/register", "/registration", "/registrations", "/signup", "/sign-up", "/sign_up", "/join", "/inscription", "/account/new", "/accounts", "/users",
	"/users/sign_up", "/users/new", "/user/register", "/auth/register", "/account/register", "/create-account", "/onboarding", "/organizations/new",
	"/oauth/register", "/connect/register", "/oidc/register", "/authorize", "/oidc/authorize", "/oauth2/authorize", "/oidc/callback", "/psc/callback",
	"/login/psc", "/saml/acs", "/scim/v2/Users", "/scim/v2/Bulk", "/api/scim/v2/Users", "/api/register", "/api/signup", "/api/users", "/api/v1/register",
	"/api/v1/registrations", "/api/v1/signup", "/api/v1/users", "/api/v1/accounts", "/api/v1/account", "/api/v1/members", "/api/v1/me/accounts",
	"/api/v1/invitations", "/api/v2/users", "/.well-known/openid-configuration", "/.well-known/webfinger", "/admin", "/install",
}

// INV-13: nobody makes an account or a membership but by an invitation: there is no
// door for it, known or guessed, for strangers and for people signed in; the one of
// administrators gives nobody a password, and is closed to everybody else.
func TestINV13(t *testing.T) {
	eachCluster(t, func(t *testing.T, c *cluster) {
		o := c.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example")
		julie := c.NewMember(o, "julie.roy@lilas.example", role.Secretary, access.OrgScope(o.ID))
		form := url.Values{"email": {"intrus@evil.test"}, "password": {apptest.Password}, "new_password": {apptest.Password}, "given_name": {"In"}, "family_name": {"Trus"}, "prompt": {"create"}}
		person := map[string]any{"email": "intrus@evil.test", "userName": "intrus@evil.test", "password": apptest.Password, "given_name": "In", "family_name": "Trus"}
		secretary, admin := c.SignIn(julie.Email), c.SignIn(o.Admin.Email)
		before := c.people()
		for _, path := range strangersDoors {
			for _, who := range []*apptest.Client{c.Browser(), secretary} {
				c.want(who.Get(path+"?prompt=create"), http.StatusNotFound, "")
				c.want(who.Post(path, form), http.StatusNotFound, "")
				c.want(who.Call(http.MethodPost, path, person), http.StatusNotFound, "")
				c.want(who.Call(http.MethodPut, path, person), http.StatusNotFound, "")
			}
		}
		// Creating a member is for those who may invite; whoever may, gives nobody a password.
		member := map[string]any{
			"email": "intrus@evil.test", "given_name": "In", "family_name": "Trus", "function": "secretary", "profile_type": "non_practitioner",
		}
		c.want(c.Browser().Call(http.MethodPost, rest(o, "/members"), member), http.StatusUnauthorized, "access.unauthenticated")
		c.want(secretary.Call(http.MethodPost, rest(o, "/members"), member), http.StatusForbidden, "access.forbidden")
		c.want(c.Browser().Call(http.MethodPost, rest(o, "/members"), person), http.StatusUnauthorized, "access.unauthenticated")
		for _, who := range []*apptest.Client{secretary, admin} {
			c.want(who.Call(http.MethodPost, rest(o, "/members"), person), http.StatusUnprocessableEntity, "invalid")
			c.want(who.Call(http.MethodPatch, memberPath(o, o.Admin.Member, ""), person), http.StatusUnprocessableEntity, "invalid")
			c.want(who.Call(http.MethodPut, memberPath(o, ident.NewMember(), ""), person), http.StatusMethodNotAllowed, "")
		}
		finish := map[string]any{"token": "hi_" + strings.Repeat("A", 43), "given_name": "In", "family_name": "Trus", "new_password": apptest.Password}
		c.want(c.Browser().Call(http.MethodPost, "/api/v1/activations", finish), http.StatusGone, "invitation.gone")
		c.want(c.Browser().Post("/activate", form), http.StatusGone, "")
		c.want(c.Browser().Post("/setup", form), http.StatusGone, "") // CFG-01
		c.want(secretary.Call(http.MethodPost, rest(o, "/invitations"), map[string]any{"emails": []string{"intrus@evil.test"}}), http.StatusForbidden, "access.forbidden")
		c.want(secretary.Post(page(o, "/invitations/new"), url.Values{"email": {"intrus@evil.test"}}), http.StatusForbidden, "")
		found := map[string]any{"name": "Prise", "kind": "practice", "site": map[string]any{"name": "Un"}, "administrator": map[string]any{"email": "intrus@evil.test"}}
		for _, who := range []*apptest.Client{secretary, admin} {
			c.want(who.Call(http.MethodPost, "/api/v1/organizations", found), http.StatusNotFound, "access.not_found")
			c.want(who.Post("/platform/organizations/new", url.Values{"name": {"Prise"}, "email": {"intrus@evil.test"}}), http.StatusNotFound, "")
		}
		if after := c.people(); after != before {
			t.Errorf("accounts, members, invitations, organisations, links: %v, were %v", after, before)
		}
		if list := c.Mails("intrus@evil.test"); len(list) != 0 {
			t.Errorf("%d letters", len(list))
		}
	})
}

// people counts what a registration would make.
func (c *cluster) people() (n [6]int) {
	c.t.Helper()
	for i, table := range []string{"account", "member", "invitation", "org", "setup_link", "credential"} {
		n[i] = c.rows(`select count(*) from ` + table)
	}
	return n
}

// MEM-7, MEM-8: by the API, whoever joins without a word about it has the restricted
// function «Autre» and the narrow reach; what is no function is refused, and what
// the invitation says nobody changes while accepting it (INV-03).
func TestMEM7MEM8(t *testing.T) {
	eachCluster(t, func(t *testing.T, c *cluster) {
		a, b := c.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example"), c.NewOrg("Atelier du Port", "yann.legall@port.example")
		zoe := c.SignIn(a.Admin.Email)
		var report struct {
			Lines []struct{ Fate, Member string }
		}
		c.want(zoe.Call(http.MethodPost, rest(a, "/invitations"), map[string]any{"emails": []string{b.Admin.Email}}), http.StatusOK, "").JSON(t, &report)
		if report.Lines[0].Fate != "joined" {
			t.Fatalf("%+v", report)
		}
		c.sheet(zoe, a, ident.Member(report.Lines[0].Member), "other", "site")
		for _, bad := range []any{"", "Other", "autre", "docteur", 1, nil, []string{"other"}} {
			c.want(zoe.Call(http.MethodPost, rest(a, "/invitations"), map[string]any{"emails": []string{"ines.roux@lilas.example"}, "function": bad}),
				http.StatusUnprocessableEntity, "invalid")
		}
		c.want(zoe.Call(http.MethodPost, rest(a, "/invitations"), map[string]any{"emails": []string{"ines.roux@lilas.example"}, "function": "other"}), http.StatusOK, "")
		token := strings.TrimPrefix(c.Link(c.Mail("ines.roux@lilas.example"), "/activate/"), "/activate/")
		finish := map[string]any{"token": token, "given_name": "Inès", "family_name": "Roux", "new_password": apptest.Password}
		for name, value := range map[string]any{"function": "physician", "messaging_reach": "everyone", "profession": "Médecin", "role": "administrator"} {
			tried := map[string]any{name: value}
			for k, v := range finish {
				tried[k] = v
			}
			c.want(c.Browser().Call(http.MethodPost, "/api/v1/activations", tried), http.StatusUnprocessableEntity, "invalid")
		}
		var done struct{ Member string }
		c.want(c.Browser().Call(http.MethodPost, "/api/v1/activations", finish), http.StatusCreated, "").JSON(t, &done)
		c.sheet(zoe, a, ident.Member(done.Member), "other", "site")
	})
}

func (c *cluster) sheet(by *apptest.Client, o apptest.Org, m ident.Member, function, reach string) {
	c.t.Helper()
	var s struct {
		Function string
		Reach    string `json:"messaging_reach"`
	}
	c.want(by.Get(memberPath(o, m, "")), http.StatusOK, "").JSON(c.t, &s)
	if s.Function != function || s.Reach != reach {
		c.t.Errorf("%s: %+v", m, s)
	}
}
