package apptest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/app"
	"habilis/internal/apptest"
	"habilis/internal/login"
	"habilis/internal/role"
)

// evil are the headers with which a request claims another host.
var evil = [][]string{
	{"X-Forwarded-Host: evil.test"},
	{"X-Forwarded-Host: evil.test", "X-Forwarded-Host: evil.test"},
	{"X-Forwarded-Host: evil.test", "X-Forwarded-Proto: https", "X-Forwarded-Port: 443"},
	{"X-Forwarded-Proto: javascript"},
	{"X-Forwarded-For: 203.0.113.9", "X-Forwarded-Host: evil.test"},
	{"Forwarded: for=203.0.113.9;host=evil.test;proto=https"},
	{"X-Original-Host: evil.test", "X-Original-URL: https://evil.test/", "X-Rewrite-URL: https://evil.test/"},
	{"X-Host: evil.test", "X-HTTP-Host-Override: evil.test", "X-Forwarded-Server: evil.test", "X-Forwarded-Prefix: //evil.test"},
	{"Referer: https://evil.test/", "X-Url-Scheme: https"},
}

// trusting makes our own machine a trusted proxy.
func trusting(c *app.Config) { c.TrustedProxies = []string{"127.0.0.0/8", "::1"} }

// INV-05, rules.md 10: whatever the request says of its host, from a trusted proxy
// or not, the links of its letters begin with the configured address; an unknown
// Host, alone or in an absolute request line, is refused before anything is done.
func TestINV05(t *testing.T) {
	for name, set := range map[string]func(*app.Config){"untrusted": nil, "trusted": trusting} {
		t.Run(name, func(t *testing.T) {
			eachClusterWith(t, apptest.Options{Config: set}, func(t *testing.T, c *cluster) {
				o := c.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example")
				zoe := c.SignIn(o.Admin.Email)
				ours := strings.TrimPrefix(c.URL, "http://")
				local := strings.Replace(ours, "127.0.0.1", "localhost", 1)
				for n, h := range evil {
					for m, host := range []string{ours, local} {
						c.poisoned(zoe, o, fmt.Sprintf("guest%d.n%d@lilas.example", n, m), "POST "+rest(o, "/invitations")+" HTTP/1.1", host, h)
					}
				}
				c.poisoned(zoe, o, "absolute.one@lilas.example", "POST http://"+ours+rest(o, "/invitations")+" HTTP/1.1", "evil.test", nil)
				c.forgotten(o.Admin.Email, ours)
				before := c.people()
				for _, r := range []struct{ line, host string }{
					{"POST %s HTTP/1.1", "evil.test"},
					{"POST %s HTTP/1.1", ours + ".evil.test"},
					{"POST %s HTTP/1.1", "evil.test:" + strings.Split(ours, ":")[1]},
					{"POST http://evil.test%s HTTP/1.1", ours},
					{"POST https://evil.test%s HTTP/1.1", ours},
					{"POST http://" + ours + "@evil.test%s HTTP/1.1", ours},
					{"POST %s HTTP/1.1", ""},
				} {
					for _, h := range append(evil, nil, []string{"X-Forwarded-Host: " + ours}) {
						status, body := c.invite(zoe, "taken@evil.test", fmt.Sprintf(r.line, rest(o, "/invitations")), r.host, h)
						if status != http.StatusMisdirectedRequest && status != http.StatusBadRequest {
							t.Errorf("%s, Host: %s %v: %d %s", r.line, r.host, h, status, body)
						}
						if strings.Contains(body, "evil.test") {
							t.Errorf("the refusal repeats the host: %s", body)
						}
					}
				}
				if status, _ := raw(t, c.Server, "GET /login HTTP/1.1", "Host: evil.test", "", ""); status != http.StatusMisdirectedRequest {
					t.Errorf("a page asked under another host: %d", status)
				}
				if c.people() != before {
					t.Error("a refused request has invited")
				}
			})
		})
	}
}

// poisoned invites by a request that lies about its host, and looks at the letter.
func (c *cluster) poisoned(by *apptest.Client, o apptest.Org, email, line, host string, h []string) {
	c.t.Helper()
	status, body := c.invite(by, email, line, host, h)
	if status != http.StatusOK || !strings.Contains(body, `"invited"`) {
		c.t.Errorf("%s, Host: %s %v: %d %s", line, host, h, status, body)
		return
	}
	c.honest(email)
	if strings.Contains(body, "evil.test") {
		c.t.Errorf("%v: the answer holds the host: %s", h, body)
	}
	// Sent again, it is the same.
	var list struct{ Items []struct{ ID, Email string } }
	by.Get(rest(o, "/invitations")+"?q="+url.QueryEscape(email)).JSON(c.t, &list)
	if len(list.Items) != 1 {
		c.t.Fatalf("%d invitations of %s", len(list.Items), email)
	}
	seen := len(c.Mails(email))
	status, body = c.send(by, "POST "+rest(o, "/invitations/"+list.Items[0].ID+"/resend")+" HTTP/1.1", strings.TrimPrefix(c.URL, "http://"), h, "")
	if status != http.StatusOK {
		c.t.Errorf("resend: %d %s", status, body)
	}
	c.MailAfter(email, seen)
	c.honest(email)
}

// honest checks that every link of every letter to an address is ours.
func (c *cluster) honest(email string) {
	c.t.Helper()
	c.Mail(email)
	for _, k := range c.Mails(email) {
		for _, l := range k.Links {
			if !strings.HasPrefix(l, c.URL+"/") {
				c.t.Errorf("the letter «%s» leads to %s", k.Subject, l)
			}
		}
		if len(k.Links) == 0 || strings.Contains(k.HTML+k.Text+k.From, "evil.test") {
			c.t.Errorf("the letter «%s» has %d links, or names the host:\n%s", k.Subject, len(k.Links), k.Text)
		}
	}
}

func (c *cluster) invite(by *apptest.Client, email, line, host string, h []string) (int, string) {
	c.t.Helper()
	return c.send(by, line, host, h, `{"emails":["`+email+`"]}`)
}

// send writes a request of a signed-in browser as it stands.
func (c *cluster) send(by *apptest.Client, line, host string, h []string, body string) (int, string) {
	c.t.Helper()
	lines := append([]string{line, "Host: " + host, "Cookie: " + by.Cookie().String(), "Sec-Fetch-Site: same-origin"}, h...)
	if body != "" {
		lines = append(lines, "Content-Type: application/json")
	}
	return raw(c.t, c.other(), append(lines, fmt.Sprint("Content-Length: ", len(body)), "Connection: close", "", body)...)
}

// forgotten asks for a reset link with all of the lies at once.
func (c *cluster) forgotten(email, host string) {
	c.t.Helper()
	form := "email=" + url.QueryEscape(email)
	lines := []string{"POST /password/forgot HTTP/1.1", "Host: " + host, "Sec-Fetch-Site: same-origin"}
	for _, h := range evil {
		lines = append(lines, h...)
	}
	lines = append(lines, "Content-Type: application/x-www-form-urlencoded", fmt.Sprint("Content-Length: ", len(form)), "Connection: close", "", form)
	seen := len(c.Mails(email))
	if status, body := raw(c.t, c.other(), lines...); status != http.StatusSeeOther {
		c.t.Errorf("forgotten password: %d %s", status, body)
		return
	}
	c.Link(c.MailAfter(email, seen), "/password/reset/")
	c.honest(email)
}

// lies are what a client may claim about where it comes from.
var lies = []http.Header{
	{"X-Forwarded-For": {"203.0.113.7"}},
	{"X-Forwarded-For": {"203.0.113.7", "203.0.113.8"}},
	{"X-Forwarded-For": {" 203.0.113.7 , 203.0.113.8 "}},
	{"X-Forwarded-For": {"203.0.113.7, 127.0.0.1"}},
	{"X-Forwarded-For": {"not an address"}},
	{"Forwarded": {"for=203.0.113.7"}},
	{"X-Real-Ip": {"203.0.113.7"}, "True-Client-Ip": {"203.0.113.7"}, "Cf-Connecting-Ip": {"203.0.113.7"}, "X-Client-Ip": {"203.0.113.7"}, "X-Cluster-Client-Ip": {"203.0.113.7"}, "Fastly-Client-Ip": {"203.0.113.7"}},
}

// MFA-12, rules.md 10: from whoever is no trusted proxy, no header changes the
// address that a session and the trail bear, nor the one whose failures are counted.
func TestMFA12Untrusted(t *testing.T) {
	eachCluster(t, func(t *testing.T, c *cluster) {
		o := c.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example")
		for _, h := range lies {
			if got := c.addressOf(o.Admin.Email, h); got != "127.0.0.1" {
				t.Errorf("%v: the session bears %s", h, got)
			}
		}
		if n := c.rows(`select count(*) from audit_payload where payload like '%203.0.113.%'`); n != 0 {
			t.Errorf("%d rows of the trail hold an address that was made up", n)
		}
		c.startOfWindow(login.FailureWindow)
		for n := range 30 { // twenty failures over five accounts: the twenty-first waits
			a := c.wrong(fmt.Sprintf("somebody%d@lilas.example", n), http.Header{"X-Forwarded-For": {fmt.Sprintf("198.51.100.%d", n)}})
			want := http.StatusUnauthorized
			if n >= 20 {
				want = http.StatusTooManyRequests
			}
			if a.Status != want {
				t.Fatalf("failure %d: %d, want %d", n+1, a.Status, want)
			}
		}
		if n := c.rows(`select count(distinct subject) from counter where name = 'sign_in.address'`); n != 1 {
			t.Errorf("failures are counted under %d addresses", n)
		}
	})
}

// MFA-12: behind a trusted proxy the right-most hop that is none counts, however
// many lines and spaces; an IPv4 address in IPv6 is that address; what cannot be
// read is refused; no other header counts.
func TestMFA12Trusted(t *testing.T) {
	set := func(c *app.Config) { c.TrustedProxies = []string{"127.0.0.1", "10.0.0.0/8", "2001:db8:1::/48"} }
	eachClusterWith(t, apptest.Options{Config: set}, func(t *testing.T, c *cluster) {
		o := c.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example")
		for _, x := range []struct {
			chain []string
			want  string
		}{
			{nil, "127.0.0.1"},
			{[]string{"198.51.100.9"}, "198.51.100.9"},
			{[]string{"203.0.113.7, 198.51.100.9"}, "198.51.100.9"},
			{[]string{"203.0.113.7,198.51.100.9 ,  10.1.2.3"}, "198.51.100.9"},
			{[]string{"203.0.113.7", "198.51.100.9", "10.1.2.3, 127.0.0.1"}, "198.51.100.9"},
			{[]string{"junk", "198.51.100.9"}, "198.51.100.9"}, // beyond the hop that counts, nothing is read
			{[]string{"203.0.113.7, ::ffff:198.51.100.9"}, "198.51.100.9"},
			{[]string{"198.51.100.9, ::ffff:10.1.2.3"}, "198.51.100.9"},
			{[]string{"198.51.100.9:4711"}, "198.51.100.9"},
			{[]string{"[2001:db8:2::5]:4711"}, "2001:db8:2::5"},
			{[]string{"2001:db8:2::5, 2001:db8:1::7"}, "2001:db8:2::5"},
			{[]string{"10.1.2.3"}, "10.1.2.3"}, // all of them proxies: the farthest
		} {
			h := http.Header{"Forwarded": {"for=192.0.2.66"}, "X-Real-Ip": {"192.0.2.66"}, "True-Client-Ip": {"192.0.2.66"}, "Cf-Connecting-Ip": {"192.0.2.66"}}
			if x.chain != nil {
				h["X-Forwarded-For"] = x.chain
			}
			if got := c.addressOf(o.Admin.Email, h); got != x.want {
				t.Errorf("%q: the session bears %s, want %s", x.chain, got, x.want)
			}
		}
		if n := c.rows(`select count(*) from audit_payload where payload like '%192.0.2.66%' or payload like '%203.0.113.7%' or payload like '%::ffff:%'`); n != 0 {
			t.Errorf("%d rows of the trail hold another address", n)
		}
		for _, bad := range []string{"", "unknown", "198.51.100.9, ", "198.51.100.300", "198.51.100.9 198.51.100.8", "_hidden", "198.51.100.9, 10.1.2.3, junk"} {
			c.want(c.Browser().Do(http.MethodGet, "/login", nil, http.Header{"X-Forwarded-For": {bad}}), http.StatusBadRequest, "")
		}
		c.startOfWindow(login.FailureWindow)
		for n := range 22 {
			form := "198.51.100.77"
			if n%2 == 1 {
				form = "::ffff:198.51.100.77"
			}
			want := http.StatusUnauthorized
			if n >= 20 {
				want = http.StatusTooManyRequests
			}
			if a := c.wrong(fmt.Sprintf("somebody%d@lilas.example", n), http.Header{"X-Forwarded-For": {form}}); a.Status != want {
				t.Fatalf("failure %d from %s: %d, want %d", n+1, form, a.Status, want)
			}
		}
		if a := c.wrong("another@lilas.example", http.Header{"X-Forwarded-For": {"198.51.100.78"}}); a.Status != http.StatusUnauthorized {
			t.Errorf("another address waits too: %d", a.Status)
		}
	})
}

// startOfWindow moves the clock to where a counter begins anew.
func (c *cluster) startOfWindow(d time.Duration) {
	now := c.App.DB.Now()
	c.nodes[0].Clock.Add(now.Truncate(d).Add(d).Sub(now))
}

// addressOf signs in with some headers, through each node, and gives the address
// that the session bears.
func (c *cluster) addressOf(email string, h http.Header) string {
	c.t.Helper()
	var found string
	for _, node := range c.nodes {
		b := c.through(node, c.Browser())
		b.Header = b.Header.Clone()
		for name, values := range h {
			b.Header[name] = values
		}
		if k := c.Remembered(email); k != nil { // the second factor is not what this is about
			b.SetCookie(k)
		}
		c.want(b.Post("/login", url.Values{"email": {email}, "password": {apptest.Password}}), http.StatusSeeOther, "")
		var list struct {
			Items []struct {
				Address string
				Current bool
			}
		}
		b.Get("/api/v1/me/sessions").JSON(c.t, &list)
		if len(list.Items) == 0 || !list.Items[0].Current {
			c.t.Fatalf("%v: %+v", h, list)
		}
		if found != "" && found != list.Items[0].Address {
			c.t.Errorf("%v: %s on one node, %s on the other", h, found, list.Items[0].Address)
		}
		found = list.Items[0].Address
		b.Post("/logout", nil)
	}
	return found
}

// wrong tries a wrong password.
func (c *cluster) wrong(email string, h http.Header) apptest.Answer {
	c.t.Helper()
	b := c.Browser()
	for name, values := range h {
		b.Header[name] = values
	}
	return b.Post("/login", url.Values{"email": {email}, "password": {"une phrase que personne n’a choisie"}})
}

// WEB-05, rules.md 8: what is answered to somebody signed in is kept by no cache and
// is never somebody else's: pages, refusals, redirects, API, and addresses that look
// like files.
func TestWEB05(t *testing.T) {
	eachCluster(t, func(t *testing.T, c *cluster) {
		o := c.NewOrg("Cabinet des Lilas", "zoe.martin@lilas.example")
		julie := c.NewMember(o, "julie.roy@lilas.example", role.Secretary, access.OrgScope(o.ID))
		zoe, roy := c.SignIn(o.Admin.Email), c.SignIn(julie.Email)
		c.want(zoe.Call(http.MethodPost, rest(o, "/invitations"), map[string]any{"emails": []string{"ines.roux@lilas.example"}}), http.StatusOK, "")
		c.madeToken(zoe, o)
		for _, who := range []*apptest.Client{zoe, roy} {
			seen := c.crawl(who)
			if len(seen) < 15 {
				t.Errorf("only %d pages were seen: %v", len(seen), seen)
			}
		}
		for _, path := range []string{
			"/account/x.css", "/account.css", "/account/password/logo.png", page(o, "/members/x.js"), page(o, "/members.css"), "/organizations/index.html",
			"/api/v1/me/x.css", "/api/v1/me.json", rest(o, "/members/x.css"), "/api/v1/nothing", "/nowhere", "/account/..%2fstatic/x.css", "/account;x.css",
		} {
			a := zoe.Get(path)
			c.private(path, a)
			if a.Status == http.StatusOK {
				t.Errorf("%s is answered", path)
			}
		}
		for _, path := range []string{"/account", "/organizations?stay=1", "/api/v1/me"} {
			if a, b := zoe.Get(path), roy.Get(path); !strings.Contains(a.Body, "Martin") || strings.Contains(a.Body, "julie") ||
				!strings.Contains(b.Body, "Roy") || strings.Contains(b.Body, "zoe") || strings.Contains(b.Body, "Martin") {
				t.Errorf("%s crosses two people", path)
			}
		}
		c.private("sign-in", c.Browser().Post("/login", url.Values{"email": {julie.Email}, "password": {apptest.Password}}))
		c.private("a stranger", c.Browser().Get(page(o, "/members")))
		out := roy.Post("/logout", nil)
		c.private("sign-out", out)
		if out.Header.Get("Clear-Site-Data") == "" {
			t.Error("sign-out does not empty what the browser kept")
		}
	})
}

// private checks that an answer may be kept by nobody.
func (c *cluster) private(what string, a apptest.Answer) {
	c.t.Helper()
	if got := a.Header.Values("Cache-Control"); len(got) != 1 || got[0] != "no-store" {
		c.t.Errorf("%s: %d, Cache-Control %q", what, a.Status, got)
	}
	for _, h := range []string{"Expires", "Last-Modified", "Age", "Surrogate-Control", "Cdn-Cache-Control"} {
		if v := a.Header.Get(h); v != "" {
			c.t.Errorf("%s: %s %q", what, h, v)
		}
	}
}

// crawl follows the links of every page that somebody finds, and asks every GET of
// the API's description; it gives what it saw.
func (c *cluster) crawl(who *apptest.Client) []string {
	c.t.Helper()
	queue := append([]string{"/", "/organizations", "/site-map", "/account"}, c.operations(who)...)
	known := map[string]bool{}
	var seen []string
	for len(queue) > 0 && len(seen) < 300 {
		path := queue[0]
		queue = queue[1:]
		if known[path] || strings.HasPrefix(path, "/static/") || strings.HasPrefix(path, "/dev/") {
			continue
		}
		known[path] = true
		a := who.Get(path)
		seen = append(seen, path)
		c.private(path, a)
		if a.Location != "" {
			queue = append(queue, strings.TrimPrefix(a.Location, c.URL))
		}
		for _, m := range href.FindAllStringSubmatch(a.Body, -1) {
			queue = append(queue, strings.ReplaceAll(m[1], "&amp;", "&"))
		}
	}
	return seen
}

// operations are the addresses of every GET of the API for whoever asks.
func (c *cluster) operations(who *apptest.Client) []string {
	c.t.Helper()
	var doc struct{ Paths map[string]map[string]any }
	c.Browser().Get("/api/openapi.json").JSON(c.t, &doc)
	var mine struct {
		Items []struct {
			Member       string
			Organization struct{ ID string }
		}
	}
	who.Get("/api/v1/me/organizations").JSON(c.t, &mine)
	var list []string
	for path, methods := range doc.Paths {
		if methods["get"] == nil {
			continue
		}
		full := strings.NewReplacer("{org}", mine.Items[0].Organization.ID, "{mbr}", mine.Items[0].Member).Replace(path)
		if !strings.HasPrefix(full, "/api/") {
			full = "/api/v1" + full
		}
		list = append(list, full)
	}
	if len(list) < 10 {
		c.t.Errorf("only %d operations: %v", len(list), list)
	}
	return list
}
