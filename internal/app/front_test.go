package app

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// fronted puts a handler behind a front, as New does.
func fronted(t *testing.T, base string, dev bool, log *bytes.Buffer, doors http.HandlerFunc) *front {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	trusted, err := parseProxies(nil)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/o/{org}/members", doors)
	mux.HandleFunc("/api/v1/members/{id}", doors)
	mux.HandleFunc("/activate/{token}", doors)
	mux.HandleFunc(pathReady, doors)
	return &front{
		base: u, dev: dev, trusted: trusted, log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		metrics: newMetrics(), origin: http.NewCrossOriginProtection(), doors: mux,
	}
}

func ask(f *front, method, host, path string, h http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://"+host+path, nil)
	for name, values := range h {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	f.ServeHTTP(w, r)
	return w
}

func ok(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) }

// TestINV05Host (rules.md 10): only the configured host is served, whatever other
// headers claim; in development also the other names of this machine.
func TestINV05Host(t *testing.T) {
	for _, c := range []struct {
		base, host string
		dev        bool
		status     int
	}{
		{"https://habilis.example.fr", "habilis.example.fr", false, 200},
		{"https://habilis.example.fr", "HABILIS.example.fr", false, 200},
		{"https://habilis.example.fr", "evil.test", false, 421},
		{"https://habilis.example.fr", "habilis.example.fr.evil.test", false, 421},
		{"https://habilis.example.fr", "habilis.example.fr:8443", false, 421},
		{"https://habilis.example.fr", "127.0.0.1", false, 421},
		{"http://127.0.0.1:8080", "localhost:8080", true, 200},
		{"http://127.0.0.1:8080", "[::1]:8080", true, 200},
		{"http://127.0.0.1:8080", "localhost:8081", true, 421},
		{"http://127.0.0.1:8080", "evil.test:8080", true, 421},
		{"http://127.0.0.1:8080", "127.0.0.1.evil.test:8080", true, 421},
		{"http://127.0.0.1:8080", "evil.test@127.0.0.1:8080", true, 421},
	} {
		f := fronted(t, c.base, c.dev, &bytes.Buffer{}, ok)
		r := httptest.NewRequest(http.MethodGet, "/o/x/members", nil)
		r.Host = c.host
		for _, name := range []string{"X-Forwarded-Host", "X-Original-Host", "Forwarded"} {
			r.Header.Set(name, "habilis.example.fr")
		}
		w := httptest.NewRecorder()
		f.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s asked as %s: %d", c.base, c.host, w.Code)
		}
	}
	f := fronted(t, "https://habilis.example.fr", false, &bytes.Buffer{}, ok)
	if w := ask(f, http.MethodGet, "10.0.0.5:8080", pathReady, nil); w.Code != http.StatusOK {
		t.Errorf("a probe by address: %d", w.Code)
	}
	w := ask(f, http.MethodGet, "evil.test", "/api/v1/members/1", http.Header{"Accept-Language": {"en"}})
	var p struct {
		Code, Detail string
		Status       int
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Code != "host.unknown" || p.Status != 421 ||
		!strings.Contains(p.Detail, "usual address") || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("the API's answer: %s %v", w.Body, err)
	}
}

// TestWEB01 (rules.md 9): no page of another site changes anything, nor of another
// sub-domain; programs, which send neither header, are not concerned.
func TestWEB01(t *testing.T) {
	f := fronted(t, "https://habilis.example.fr", false, &bytes.Buffer{}, ok)
	for _, c := range []struct {
		method string
		header http.Header
		status int
	}{
		{http.MethodPost, http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403},
		{http.MethodPost, http.Header{"Sec-Fetch-Site": {"same-site"}}, 403},
		{http.MethodPost, http.Header{"Origin": {"https://evil.test"}}, 403},
		{http.MethodPost, http.Header{"Origin": {"null"}}, 403},
		{http.MethodPost, http.Header{"Origin": {"https://autre.example.fr"}}, 403},
		{http.MethodDelete, http.Header{"Origin": {"https://evil.test"}}, 403},
		{http.MethodPatch, http.Header{"Origin": {"https://evil.test"}, "X-Http-Method-Override": {"GET"}}, 403},
		{http.MethodPost, http.Header{"Sec-Fetch-Site": {"same-origin"}}, 200},
		{http.MethodPost, http.Header{"Origin": {"https://habilis.example.fr"}}, 200},
		{http.MethodPost, nil, 200},
		{http.MethodGet, http.Header{"Sec-Fetch-Site": {"cross-site"}}, 200},
	} {
		if w := ask(f, c.method, "habilis.example.fr", "/o/x/members", c.header); w.Code != c.status {
			t.Errorf("%s %v: %d", c.method, c.header, w.Code)
		}
	}
}

// TestWEB06 (rules.md 8): every answer carries the headers, refusals and failures
// too; a door may tighten the policy.
func TestWEB06(t *testing.T) {
	log := &bytes.Buffer{}
	f := fronted(t, "https://habilis.example.fr", false, log, func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("org") == "boom" {
			panic("the password is secret-of-somebody")
		}
		ok(w, r)
	})
	answers := map[string]*httptest.ResponseRecorder{
		"page":    ask(f, http.MethodGet, "habilis.example.fr", "/o/x/members", nil),
		"nowhere": ask(f, http.MethodGet, "habilis.example.fr", "/nowhere", nil),
		"refused": ask(f, http.MethodGet, "evil.test", "/o/x/members", nil),
		"failed":  ask(f, http.MethodGet, "habilis.example.fr", "/o/boom/members", nil),
	}
	for name, w := range answers {
		for header, value := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "strict-origin-when-cross-origin", "Cache-Control": "no-store",
			"Strict-Transport-Security": "max-age=31536000; includeSubDomains",
		} {
			if got := w.Header().Get(header); got != value {
				t.Errorf("%s: %s is %q", name, header, got)
			}
		}
		if p := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(p, "default-src 'none'; frame-ancestors 'none'") {
			t.Errorf("%s: policy %q", name, p)
		}
		if len(w.Header().Get("X-Request-Id")) < 20 || w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", name, w.Header())
		}
	}
	w := answers["failed"]
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret-of") || strings.Contains(w.Body.String(), "goroutine") {
		t.Errorf("a panic is answered %d %s", w.Code, w.Body)
	}
	if !strings.Contains(w.Body.String(), w.Header().Get("X-Request-Id")) || !strings.Contains(log.String(), "level=ERROR msg=panic request="+w.Header().Get("X-Request-Id")) {
		t.Errorf("the person's reference is not the one of the log: %s", w.Body)
	}
	plain := fronted(t, "http://127.0.0.1:8080", true, log, ok)
	if h := ask(plain, http.MethodGet, "127.0.0.1:8080", "/o/x/members", nil).Header(); h.Get("Strict-Transport-Security") != "" {
		t.Error("HSTS over http would break this machine's other servers")
	}
}

// TestAUD03Log (rules.md 22, INJ-06): the log and the figures hold patterns, not
// what was asked: no token, query, body, cookie or forged line.
func TestAUD03Log(t *testing.T) {
	log := &bytes.Buffer{}
	f := fronted(t, "https://habilis.example.fr", false, log, ok)
	canary := "hi_Canary0Canary0Canary0Canary0Canary0Canary0Can"
	ask(f, http.MethodGet, "habilis.example.fr", "/activate/"+canary+"?q="+canary, http.Header{
		"Authorization": {"Bearer " + canary}, "Cookie": {"__Host-s=" + canary}, "User-Agent": {canary + "\nlevel=ERROR msg=forged"},
		"X-Request-Id": {canary}, "Referer": {"https://habilis.example.fr/activate/" + canary},
	})
	ask(f, canary, "habilis.example.fr", "/activate/x", nil)
	ask(f, http.MethodGet, canary, "/activate/x", nil)
	w := httptest.NewRecorder()
	f.metrics.handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for name, text := range map[string]string{"log": log.String(), "figures": w.Body.String()} {
		if strings.Contains(text, "Canary0") || strings.Contains(text, "forged") {
			t.Errorf("the %s hold the canary:\n%s", name, text)
		}
		if !strings.Contains(text, "/activate/{token}") {
			t.Errorf("the %s do not name the route", name)
		}
	}
	if strings.Contains(w.Body.String(), "192.0.2.1") {
		t.Error("the figures hold an address")
	}
	if n := strings.Count(log.String(), "\n"); n != 3 {
		t.Errorf("3 requests made %d lines", n)
	}
}

// TestWEB03: identity headers of proxies are nobody.
func TestWEB03(t *testing.T) {
	f := fronted(t, "https://habilis.example.fr", false, &bytes.Buffer{}, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(Address(r) + " " + RequestID(r)))
	})
	w := ask(f, http.MethodGet, "habilis.example.fr", "/o/x/members", http.Header{
		"X-Real-Ip": {"203.0.113.1"}, "X-Forwarded-For": {"203.0.113.1"}, "Forwarded": {"for=203.0.113.1"}, "X-Request-Id": {"mine"},
	})
	if got := w.Body.String(); got != "192.0.2.1 "+w.Header().Get("X-Request-Id") || strings.Contains(got, "mine") {
		t.Errorf("the door saw %q", got)
	}
}
