package api_test

import (
	"net/http"
	"strings"
	"testing"
)

// What no route answers is a problem document, in the caller's language.
func TestUnknownRoutes(t *testing.T) {
	srv := bare(t)
	p := send(t, srv, "GET", "/api/v1/nothing", "", "Accept-Language: en-GB").refused(404, "api.route_unknown")
	if p.Title != "Not found" {
		t.Errorf("title %q", p.Title)
	}
	p = send(t, srv, "GET", "/api/v1/nothing", "", "Accept-Language: fr-CA").refused(404, "api.route_unknown")
	if p.Title != "Introuvable" {
		t.Errorf("title %q", p.Title)
	}
	a := send(t, srv, "DELETE", "/api/v1/functions", "")
	a.refused(405, "api.method_not_allowed")
	if allow := a.header.Get("Allow"); allow != "GET, HEAD" {
		t.Errorf("Allow: %q", allow)
	}
	send(t, srv, "POST", "/api/v1/functions", "", "X-HTTP-Method-Override: GET").refused(405, "api.method_not_allowed")
}

// WEB-04: a path has one writing; another one is no route, and never a redirection.
func TestPathConfusion(t *testing.T) {
	srv := bare(t)
	for _, path := range []string{
		"//api/v1/functions", "/api//v1/functions", "/api/v1//functions", "/api/./v1/functions", "/api/v1/x/../functions",
		"/api/v1/%66unctions", "/api/v1/functions/", "/api/v1/functions.", "/api/v1/functions;x=1", "/api/v1/Functions", "/API/v1/functions",
		"/api/v1/%2e%2e/v1/functions", "/api/v1%2ffunctions", "/api/v1/functions%00", "/api/v1/organizations/a%2fb", `/api/v1\functions`,
	} {
		r := newRequest(t, srv, "GET", "/", nil)
		r.URL.Opaque = "//" + r.URL.Host + path // as written, unlike net/url's own writing
		do(t, r).refused(404, "api.route_unknown")
	}
	send(t, srv, "GET", "/api/v1/functions", "").is(200)
}

// WEB-02: no answer gives another origin leave to read it.
func TestNoCORS(t *testing.T) {
	srv := bare(t)
	for _, origin := range []string{"https://evil.example", "null", baseURL + ".evil.example", "https://sub.habilis.example"} {
		for _, method := range []string{"GET", "OPTIONS"} {
			a := send(t, srv, method, "/api/v1/functions", "", "Origin: "+origin,
				"Access-Control-Request-Method: GET", "Access-Control-Request-Headers: authorization")
			for name := range a.header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("%s %s: %s: %s", method, origin, name, a.header.Get(name))
				}
			}
		}
	}
	send(t, srv, "OPTIONS", "/api/v1/functions", "", "Origin: https://evil.example").refused(405, "api.method_not_allowed")
}

// WEB-05, WEB-06, rules.md 8: nothing is kept, framed, sniffed or read by others.
func TestHeaders(t *testing.T) {
	srv := bare(t)
	for _, path := range []string{"/api/v1/functions", "/api/v1/me", "/api/nothing", "/api/docs", "/api/openapi.json"} {
		a := send(t, srv, "GET", path, "")
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s: %q", path, name, got)
			}
		}
		if csp := a.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") ||
			!strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "script-src") {
			t.Errorf("%s: %s", path, csp)
		}
	}
}

// A panic is a 500 that tells nothing: this server has no database.
func TestPanicTellsNothing(t *testing.T) {
	srv := bare(t)
	a := send(t, srv, "POST", "/api/v1/password/forgot", `{"email":"a@b.example"}`, asJSON, "Accept-Language: en")
	p := a.refused(500, "internal")
	if !strings.Contains(p.Detail, "REQUEST") {
		t.Errorf("no reference: %s", p.Detail)
	}
	for _, inner := range []string{"runtime", "nil pointer", "goroutine", ".go:"} {
		if strings.Contains(string(a.body), inner) {
			t.Errorf("it tells %q: %s", inner, a.body)
		}
	}
}

// rules.md 4: strangers are counted by address, and told when to come back.
func TestAnonymousLimit(t *testing.T) {
	srv := bare(t)
	for n := range 120 {
		a := send(t, srv, "GET", "/api/v1/functions", "")
		if a.status != http.StatusOK {
			t.Fatalf("request %d: %d", n, a.status)
		}
	}
	a := send(t, srv, "GET", "/api/v1/functions", "")
	a.refused(429, "limit.exceeded")
	if a.header.Get("Retry-After") != "60" {
		t.Errorf("Retry-After: %q", a.header.Get("Retry-After"))
	}
}

// The catalogue of functions is open: whoever finishes an account chooses from it.
func TestFunctions(t *testing.T) {
	srv := bare(t)
	var list struct {
		Items []struct{ Code, Label string }
		Next  *string `json:"next_cursor"`
		Total int64
	}
	send(t, srv, "GET", "/api/v1/functions", "", "Accept-Language: fr").is(200).into(&list)
	if len(list.Items) != 13 || list.Total != 13 || list.Next != nil || list.Items[0].Code != "secretary" || list.Items[0].Label != "Secrétariat" {
		t.Errorf("%+v", list)
	}
}
