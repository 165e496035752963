package apptest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/org"
	"habilis/internal/store"
)

// tape is the scenario of the canaries: everything that carries a secret, done
// rightly and wrongly.
type tape struct {
	*cluster

	k        *canaries
	org      apptest.Org
	password map[string]string // by address
}

// provoked are the errors that a broken database makes on purpose.
var provoked = []string{"msg=page", "api: failed", "jobs: taking work", "msg=chore", "timetable", "audit heads", "the heads of the trail"}

// AUD-03, rules.md 20–22: passwords, tokens, links, cookies and temporary passwords
// go through every flow, right and wrong, typed in the wrong field, and through a
// database that fails; afterwards no log, trail, job, figure, answer, file, row or
// backup holds one of them.
func TestAUD03(t *testing.T) {
	set := func(c *app.Config) { c.LogLevel, c.MetricsListen = "debug", "127.0.0.1:0" }
	eachClusterWith(t, apptest.Options{Config: set, MayLog: provoked}, func(t *testing.T, c *cluster) {
		s := &tape{cluster: c, k: newCanaries(t), password: map[string]string{}}
		s.setUp()
		s.activation()
		s.temporary()
		s.signIns()
		s.tokens()
		s.resets()
		s.proofs()
		s.failures()
		s.k.none("figures", s.figures())
		s.k.letters(c)
		s.k.stores(c)
		s.k.answers()
	})
}

// setUp makes the platform administrator by the console's link, and an organisation.
func (s *tape) setUp() {
	s.t.Helper()
	const email = "root@habilis.example"
	link, err := s.App.Logins.NewSetUpLink(context.Background(), apptest.Operator, email)
	if err != nil {
		s.t.Fatal(err)
	}
	token := s.k.add("set-up link", link.Reveal())
	s.password[email] = s.k.password("password of the platform")
	form := url.Values{"given_name": {"Rose"}, "family_name": {"Racine"}}
	s.follow("/setup/"+token, "/setup", form, s.password[email])
	root := s.k.signIn(s.cluster, email, s.password[email])
	admin := "zoe.martin@lilas.example"
	s.want(root.Post("/platform/organizations/new", url.Values{
		"name": {"Maison des Lilas"}, "kind": {"practice"}, "enamel": {org.Enamels[0]}, "email": {admin}, "site_name": {"Siège"}, "language": {"fr"},
	}), http.StatusSeeOther, "")
	var list struct{ Items []struct{ ID, Slug string } }
	root.Get("/api/v1/organizations").JSON(s.t, &list)
	o, _, err := s.App.Orgs.Enter(context.Background(), apptest.Operator, list.Items[0].ID)
	if err != nil {
		s.t.Fatal(err)
	}
	s.org = apptest.Org{ID: o.ID, Slug: o.Slug, Admin: apptest.Person{Email: admin}}
}

// follow opens a link as a browser does, spoils its form in every way, fills it in
// rightly, and tries the link again.
func (s *tape) follow(link, form string, fields url.Values, password string) {
	s.t.Helper()
	b := s.k.browser(s.cluster)
	if a := s.want(b.Get(link), http.StatusSeeOther, ""); a.Location != form {
		s.t.Errorf("the link leads to %s", a.Location)
	}
	s.k.add("link, tampered", strings.TrimPrefix(link[:len(link)-4], form+"/")+"AAAA")
	b.Get(link[:len(link)-4] + "AAAA?token=" + link)
	s.want(b.Get(form), http.StatusGone, "")
	b.Get(link)
	s.want(b.Get(form+"?token="+s.k.typed("secret in the address of a form", "hi_%s")), http.StatusOK, "")
	if len(fields) > 0 {
		bad := cloned(fields)
		bad.Set("new_password", s.k.password("password with bad fields"))
		bad.Set("given_name", "<script>"+strings.Repeat("x", 500))
		s.want(b.Post(form, bad), http.StatusUnprocessableEntity, "")
	}
	bad := cloned(fields)
	bad.Set("new_password", s.k.password("password too long")+strings.Repeat("é", 200))
	s.want(b.Post(form, bad), http.StatusUnprocessableEntity, "")
	good := cloned(fields)
	good.Set("new_password", password)
	s.want(b.Post(form, good), http.StatusSeeOther, "")
	b.Get(link)
	s.want(b.Post(form, good), http.StatusGone, "")
}

func cloned(v url.Values) url.Values {
	out := url.Values{}
	for name, values := range v {
		out[name] = values
	}
	return out
}

// activation finishes accounts by the links of letters, by page and by API.
func (s *tape) activation() {
	s.t.Helper()
	admin := s.org.Admin.Email
	link := s.link(admin, "/activate/", "invitation of "+admin)
	s.password[admin] = s.k.password("password of " + admin)
	form := url.Values{"given_name": {"Zoé"}, "family_name": {"Martin"}, "function": {"manager"}}
	s.follow(link, "/activate", form, s.password[admin])
	zoe := s.k.signIn(s.cluster, admin, s.password[admin])
	julie := "julie.roy@lilas.example"
	s.want(zoe.Call(http.MethodPost, rest(s.org, "/invitations"), map[string]any{"emails": []string{julie}, "function": "secretary"}, "Idempotency-Key", "k1"),
		http.StatusOK, "")
	token := strings.TrimPrefix(s.link(julie, "/activate/", "invitation of "+julie), "/activate/")
	s.password[julie] = s.k.password("password of " + julie)
	stranger := s.k.browser(s.cluster)
	s.want(stranger.Call(http.MethodPost, "/api/v1/activations/open", map[string]any{"token": token}), http.StatusOK, "")
	for _, wrong := range []map[string]any{
		{"token": token, "password": s.password[julie]}, {"token": []string{token}}, {"token": token, "new_password": "court"}, {s.k.typed("name of a field", "hi_%s"): s.password[julie]},
	} {
		if a := stranger.Call(http.MethodPost, "/api/v1/activations", wrong); a.Status < 400 {
			s.t.Errorf("%v: %d", wrong, a.Status)
		}
	}
	stranger.Do(http.MethodPost, "/api/v1/activations", strings.NewReader(`{"token":"`+token+`","new_password":"`+s.password[julie]),
		http.Header{"Content-Type": {"application/json"}})
	s.want(stranger.Get("/api/v1/activations/"+token+"?token="+token), http.StatusNotFound, "")
	right := map[string]any{"token": token, "given_name": "Julie", "family_name": "Roy", "new_password": s.password[julie]}
	s.want(stranger.Call(http.MethodPost, "/api/v1/activations", right, "Idempotency-Key", "k2"), http.StatusCreated, "")
	s.want(stranger.Call(http.MethodPost, "/api/v1/activations", right), http.StatusGone, "")
}

// link waits for the letter to an address and remembers its link.
func (s *tape) link(to, path, what string) string {
	s.t.Helper()
	link := s.Link(s.Mail(to), path)
	s.k.letter(what, to, strings.TrimPrefix(link, path))
	return link
}

var temporaryShape = regexp.MustCompile(`\b[a-z0-9]{4}(-[a-z0-9]{4}){3,}\b`)

// temporary comes in by a temporary password, tried wrongly first.
func (s *tape) temporary() {
	s.t.Helper()
	zoe := s.k.signIn(s.cluster, s.org.Admin.Email, s.password[s.org.Admin.Email])
	policy := zoe.Get(rest(s.org, "/security-policy"))
	s.want(zoe.Call(http.MethodPatch, rest(s.org, "/security-policy"), map[string]any{"temporary_passwords": true}, "If-Match", policy.Header.Get("ETag")),
		http.StatusOK, "")
	const email = "hugo.blanc@lilas.example"
	s.want(zoe.Call(http.MethodPost, rest(s.org, "/invitations"), map[string]any{"emails": []string{email}, "welcome": "temporary_password"}), http.StatusOK, "")
	temporary := s.k.letter("temporary password", email, temporaryShape.FindString(s.Mail(email).Text))
	b := s.k.browser(s.cluster)
	s.want(b.Post("/login", url.Values{"email": {email}, "password": {temporary + "x"}}), http.StatusUnauthorized, "")
	s.want(b.Post("/login", url.Values{"email": {email}, "password": {temporary}}), http.StatusSeeOther, "")
	for _, cookie := range b.HTTP.Jar.Cookies(s.address()) {
		if cookie.Name == "habilis-a" {
			s.k.add("token behind the temporary password", cookie.Value)
		}
	}
	s.password[email] = s.k.password("password of " + email)
	form := url.Values{"given_name": {"Hugo"}, "family_name": {"Blanc"}, "function": {"nurse"}, "new_password": {temporary}}
	s.want(b.Post("/activate", form), http.StatusUnprocessableEntity, "")
	form.Set("new_password", s.password[email])
	s.want(b.Post("/activate", form), http.StatusSeeOther, "")
	s.want(s.k.browser(s.cluster).Post("/login", url.Values{"email": {email}, "password": {temporary}}), http.StatusUnauthorized, "")
}

func (s *tape) address() *url.URL {
	u, err := url.Parse(s.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	return u
}

// signIns tries passwords where they belong and where they do not.
func (s *tape) signIns() {
	s.t.Helper()
	b := s.k.browser(s.cluster)
	for email := range s.password {
		b.Post("/login", url.Values{"email": {email}, "password": {s.k.password("wrong password of " + email)}})
	}
	b.Post("/login", url.Values{"email": {"nobody@lilas.example"}, "password": {s.k.password("password of nobody")}})
	for n, shape := range []string{"mot-de-passe-%s", "secret.%s@lilas.example", "%s <x>", "«%s»"} {
		typed := s.k.typed(fmt.Sprint("password in the address field, ", n), shape)
		b.Post("/login", url.Values{"email": {typed}, "password": {s.k.password("password beside it")}})
		b.Post("/password/forgot", url.Values{"email": {typed}})
		b.Call(http.MethodPost, "/api/v1/password/forgot", map[string]any{"email": typed})
	}
	stray := s.k.typed("password in an address", "cnr-%s") // the browser's own: the next page has it again
	b.Get("/login?password=" + stray)
	b.Get("/o/" + stray + "/members")
	b.Get("/nowhere/" + stray + "?q=" + stray)
	b.Get("/api/v1/" + stray)
	b.Do(http.MethodGet, "/login", nil, http.Header{"User-Agent": {"Mozilla"}, "Authorization": {"Basic " + stray}, "X-Password": {stray}})
	b.Do(http.MethodPost, "/login", strings.NewReader("email=%zz&password="+stray), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	b.Do(http.MethodPost, "/csp-report", strings.NewReader(`{"csp-report":{"document-uri":"`+s.URL+`/activate/`+stray+`","referrer":"`+stray+`"}}`),
		http.Header{"Content-Type": {"application/csp-report"}})
	forged := s.k.browser(s.cluster)
	forged.SetCookie(&http.Cookie{Name: "habilis-s", Value: s.k.add("forged session", "hs_"+strings.Repeat("Zq", 21)+"A"), Path: "/"})
	forged.Get(page(s.org, "/members"))
	forged.Get("/api/v1/me")
}

// tokens makes API tokens, shows them where they belong and elsewhere.
func (s *tape) tokens() {
	s.t.Helper()
	zoe := s.k.signIn(s.cluster, s.org.Admin.Email, s.password[s.org.Admin.Email])
	var made struct{ ID, Secret string }
	body := map[string]any{"name": "Agenda"}
	s.want(zoe.Call(http.MethodPost, rest(s.org, "/tokens"), body, "Idempotency-Key", "t1"), http.StatusCreated, "").JSON(s.t, &made)
	secret := s.k.add("API token", made.Secret)
	s.want(zoe.Call(http.MethodPost, rest(s.org, "/tokens"), body, "Idempotency-Key", "t1"), http.StatusConflict, "token.shown_once")
	for header, status := range map[string]int{
		"Bearer " + secret: http.StatusOK, "Bearer " + secret + "x": http.StatusUnauthorized, "Basic " + secret: http.StatusUnauthorized, secret: http.StatusUnauthorized,
	} {
		b := s.k.browser(s.cluster)
		b.Header.Set("Authorization", header)
		s.want(b.Get(rest(s.org, "/members")), status, "")
		b.Get(rest(s.org, "/members?access_token="+secret))
		b.Call(http.MethodPost, rest(s.org, "/sites"), map[string]any{"name": "x", "token": secret})
		b.Call(http.MethodPost, rest(s.org, "/sites"), map[string]any{s.k.typed("name of a field", "hat_%s"): "x"})
	}
	s.want(zoe.Get(rest(s.org, "/tokens")), http.StatusOK, "")
	s.want(zoe.Get(rest(s.org, "/tokens/"+secret)), http.StatusMethodNotAllowed, "")
	zoe.Call(http.MethodDelete, rest(s.org, "/tokens/"+secret), nil)
	s.want(zoe.Call(http.MethodDelete, rest(s.org, "/tokens/"+made.ID), nil), http.StatusNoContent, "")
	b := s.k.browser(s.cluster)
	b.Header.Set("Authorization", "Bearer "+secret)
	s.want(b.Get(rest(s.org, "/members")), http.StatusUnauthorized, "")
}

// resets sets new passwords by the links of letters, by page and by API.
func (s *tape) resets() {
	s.t.Helper()
	for n, email := range []string{"julie.roy@lilas.example", s.org.Admin.Email} {
		seen := len(s.Mails(email))
		s.want(s.k.browser(s.cluster).Post("/password/forgot", url.Values{"email": {email}}), http.StatusSeeOther, "")
		link := s.Link(s.MailAfter(email, seen), "/password/reset/")
		token := s.k.letter("reset link of "+email, email, strings.TrimPrefix(link, "/password/reset/"))
		s.password[email] = s.k.password("new password of " + email)
		if n == 0 {
			s.follow(link, "/password/reset", url.Values{}, s.password[email])
			continue
		}
		b := s.k.browser(s.cluster)
		s.want(b.Call(http.MethodPost, "/api/v1/password/reset/check", map[string]any{"token": token}), http.StatusOK, "")
		s.want(b.Call(http.MethodPost, "/api/v1/password/reset", map[string]any{"token": token, "new_password": "court"}), http.StatusUnprocessableEntity, "")
		s.want(b.Call(http.MethodPost, "/api/v1/password/reset", map[string]any{"token": token, "new_password": s.password[email]}), http.StatusNoContent, "")
		s.want(b.Call(http.MethodPost, "/api/v1/password/reset", map[string]any{"token": token, "new_password": s.password[email]}), http.StatusGone, "")
	}
}

// proofs changes a password and confirms an act, wrongly and rightly.
func (s *tape) proofs() {
	s.t.Helper()
	email := s.org.Admin.Email
	zoe := s.k.signIn(s.cluster, email, s.password[email])
	next := s.k.password("changed password of " + email)
	wrong := s.k.password("wrong current password")
	s.want(zoe.Post("/account/password", url.Values{"password": {wrong}, "new_password": {next}}), http.StatusUnprocessableEntity, "")
	s.want(zoe.Call(http.MethodPost, "/api/v1/me/password", map[string]any{"password": wrong, "new_password": next}), http.StatusForbidden, "")
	s.want(zoe.Post("/account/password", url.Values{"password": {s.password[email]}, "new_password": {next}}), http.StatusSeeOther, "")
	s.k.add("renewed session", zoe.Cookie().Value)
	s.password[email] = next
	last := s.k.password("last password of " + email)
	s.want(zoe.Call(http.MethodPost, "/api/v1/me/password", map[string]any{"password": next, "new_password": last}, "Idempotency-Key", "p1"), http.StatusNoContent, "")
	s.k.add("session renewed by the API", zoe.Cookie().Value)
	s.password[email] = last
	s.Clock.Add(6 * 60e9) // the proof is old: the act asks for the password
	form := url.Values{"name": {"Pris"}, "password": {s.k.password("wrong proof")}, "version": {"0"}}
	zoe.Post(page(s.org, "/settings/decisions"), form)
	form.Set("password", last)
	s.want(zoe.Post(page(s.org, "/settings/decisions"), form), http.StatusSeeOther, "")
	s.k.add("session after the proof", zoe.Cookie().Value)
	zoe.Post("/account/sessions/end", url.Values{"session": {zoe.Cookie().Value}, "password": {last}})
}

// broken are the tables that fail one after the other.
var broken = []string{"audit_head", "session", "credential", "credential_guard", "password_reset", "invitation", "token", "member_state", "job", "account_state"}

// failures sends every secret through a database that fails.
func (s *tape) failures() {
	s.t.Helper()
	email := s.org.Admin.Email
	zoe := s.k.signIn(s.cluster, email, s.password[email])
	bearer := s.k.browser(s.cluster)
	var made struct{ Secret string }
	s.want(zoe.Call(http.MethodPost, rest(s.org, "/tokens"), map[string]any{"name": "Agenda"}), http.StatusCreated, "").JSON(s.t, &made)
	bearer.Header.Set("Authorization", "Bearer "+s.k.add("token in a storm", made.Secret))
	s.want(zoe.Call(http.MethodPost, rest(s.org, "/invitations"), map[string]any{"emails": []string{"ines.roux@lilas.example"}}), http.StatusOK, "")
	link := s.link("ines.roux@lilas.example", "/activate/", "invitation in a storm")
	for _, table := range broken {
		s.rename(table, table+"_gone")
		s.storm(zoe, bearer, link, email)
		s.rename(table+"_gone", table)
	}
	s.want(zoe.Get("/account"), http.StatusOK, "")
}

func (s *tape) rename(from, to string) {
	s.t.Helper()
	s.write(func(tx *store.Tx) error {
		_, err := tx.Exec(context.Background(), `alter table `+from+` rename to `+to)
		return err
	})
}

func (s *tape) storm(zoe, bearer *apptest.Client, link, email string) {
	s.t.Helper()
	token := strings.TrimPrefix(link, "/activate/")
	stranger := s.k.browser(s.cluster)
	stranger.Get(link)
	stranger.Get("/activate")
	stranger.Post("/activate", url.Values{"given_name": {"Inès"}, "family_name": {"Roux"}, "function": {"nurse"}, "new_password": {s.k.password("password in a storm")}})
	stranger.Call(http.MethodPost, "/api/v1/activations", map[string]any{"token": token + "x", "given_name": "Inès", "family_name": "Roux", "new_password": s.password[email]})
	stranger.Call(http.MethodPost, "/api/v1/password/reset", map[string]any{"token": token, "new_password": s.password[email]})
	s.k.browser(s.cluster).Post("/login", url.Values{"email": {email}, "password": {s.k.password("wrong password in a storm")}})
	stranger.Post("/password/forgot", url.Values{"email": {s.k.typed("address in a storm", "secret.%s@lilas.example")}})
	bearer.Get(rest(s.org, "/members"))
	bearer.Call(http.MethodPost, rest(s.org, "/tokens"), map[string]any{"name": "x"})
	zoe.Get(page(s.org, "/members"))
	zoe.Call(http.MethodPost, "/api/v1/me/password", map[string]any{"password": s.k.password("wrong one in a storm"), "new_password": s.k.password("next one in a storm")})
}

var metricsLine = regexp.MustCompile(`msg=metrics listen=(\S+)`)

// figures are those of the first node.
func (s *tape) figures() string {
	s.t.Helper()
	m := metricsLine.FindStringSubmatch(s.Log.Text())
	if m == nil {
		s.t.Fatal("no figures")
	}
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+m[1]+"/metrics", http.NoBody)
	if err != nil {
		s.t.Fatal(err)
	}
	a, err := (&http.Client{}).Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil || !strings.Contains(string(b), `route="/activate/{token}"`) {
		s.t.Errorf("the figures do not count links: %v", err)
	}
	return string(b)
}
