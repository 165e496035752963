package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"habilis/client"
)

const token = "hat_not-a-real-token"

// server answers each request with the next of the answers, and keeps what came.
type server struct {
	*httptest.Server
	came    []*http.Request
	answers []func(http.ResponseWriter)
}

func serve(t *testing.T, answers ...func(http.ResponseWriter)) (*server, *client.Client) {
	t.Helper()
	s := &server{answers: answers}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.came = append(s.came, r)
		s.answers[min(len(s.came), len(s.answers))-1](w)
	}))
	t.Cleanup(s.Close)
	c, err := client.New(client.Config{BaseURL: s.URL, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func ok(document string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { fmt.Fprint(w, document) }
}

func refused(status int, wait, code string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		if wait != "" {
			w.Header().Set("Retry-After", wait)
		}
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"code":%q,"detail":"Attendez","errors":[{"location":"body.name","code":"text.empty","detail":"x"}],"request_id":"R1"}`, code)
	}
}

// A refusal tells its code, what to correct and the number of the request.
func TestProblem(t *testing.T) {
	_, c := serve(t, refused(422, "", "invalid"))
	_, err := c.CreateSite(t.Context(), "tilleuls", client.NewSite{})
	p, is := errors.AsType[*client.Problem](err)
	if !is || p.Status != 422 || p.Code != "invalid" || p.RequestID != "R1" || p.Errors[0].Location != "body.name" || client.CodeOf(err) != "invalid" {
		t.Errorf("%+v", err)
	}
	_, c = serve(t, func(w http.ResponseWriter) { http.Error(w, "<html>bad gateway", http.StatusBadGateway) })
	if _, err := c.GetMe(t.Context()); client.CodeOf(err) != client.CodeNoProblem {
		t.Errorf("from a proxy: %v", err)
	}
	if client.CodeOf(errors.New("x")) != "" {
		t.Error("the code of what is no refusal")
	}
}

// What the server refuses for a while is sent again when it says, under the same key;
// what it refuses for good, or for long, is not.
func TestRetry(t *testing.T) {
	s, c := serve(t, refused(429, "1", "limit.exceeded"), refused(503, "1", "store.busy"), ok(`{"id":"ste_1"}`))
	began := time.Now()
	v, err := c.CreateSite(t.Context(), "tilleuls", client.NewSite{NewPlace: client.NewPlace{Name: "x"}})
	if err != nil || v.ID != "ste_1" || len(s.came) != 3 || time.Since(began) < 2*time.Second {
		t.Fatalf("%+v %v after %d", v, err, len(s.came))
	}
	for _, r := range s.came {
		if key := r.Header.Get("Idempotency-Key"); key == "" || key != s.came[0].Header.Get("Idempotency-Key") {
			t.Errorf("key %q", key)
		}
	}
	for name, answer := range map[string]func(http.ResponseWriter){
		"no Retry-After": refused(503, "", "store.busy"), "too long": refused(429, "3600", "limit.exceeded"), "a conflict": refused(409, "1", "x"),
		"not a number": refused(503, "soon", "store.busy"), "negative": refused(503, "-1", "store.busy"),
	} {
		s, c := serve(t, answer)
		if _, err := c.GetMe(t.Context()); client.CodeOf(err) == "" || len(s.came) != 1 {
			t.Errorf("%s: %v after %d", name, err, len(s.came))
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, c = serve(t, refused(503, "20", "store.busy"))
	if _, err := c.GetMe(ctx); !errors.Is(err, context.DeadlineExceeded) || client.CodeOf(err) != "store.busy" {
		t.Errorf("called off while waiting: %v", err)
	}
}

// Each change has a key of its own, or the caller's; a version goes as If-Match; what
// is read has neither.
func TestHeaders(t *testing.T) {
	s, c := serve(t, ok(`{}`))
	for range 2 {
		if _, err := c.EditSite(t.Context(), "o", "s", 0, client.SiteChange{}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := c.Once("mine").In("en").DeactivateMember(t.Context(), "o", "m", client.Deactivation{}, 7)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.DeactivateMember(t.Context(), "o", "m", client.Deactivation{}, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := c.GetMember(t.Context(), "o", "m"); err != nil {
		t.Fatal(err)
	}
	h := make([]http.Header, 0, len(s.came))
	for _, r := range s.came {
		if r.Header.Get("Authorization") != "Bearer "+token {
			t.Error("no token")
		}
		h = append(h, r.Header)
	}
	if a, b := h[0].Get("Idempotency-Key"), h[1].Get("Idempotency-Key"); a == "" || a == b {
		t.Errorf("keys %q %q", a, b)
	}
	if h[0].Get("If-Match") != `"0"` || h[2].Get("If-Match") != `"7"` || h[3].Get("If-Match") != "" {
		t.Errorf("%q %q %q", h[0].Get("If-Match"), h[2].Get("If-Match"), h[3].Get("If-Match"))
	}
	if h[2].Get("Idempotency-Key") != "mine" || h[2].Get("Accept-Language") != "en" || h[3].Get("Accept-Language") != "" {
		t.Errorf("%v", h[2])
	}
	if h[4].Get("Idempotency-Key") != "" || h[4].Get("Content-Type") != "" {
		t.Errorf("%v", h[4])
	}
}

// A token goes to one address, sealed on the way, and is not printed.
func TestTokenStays(t *testing.T) {
	for _, address := range []string{"http://habilis.example.fr", "habilis.example.fr", "", "https://u:p@habilis.example.fr", "ftp://localhost", "https://h/?a=b"} {
		if _, err := client.New(client.Config{BaseURL: address, Token: token}); !errors.Is(err, client.ErrAddress) {
			t.Errorf("%q: %v", address, err)
		}
	}
	for _, address := range []string{"https://habilis.example.fr", "https://habilis.example.fr/", "http://localhost:8080", "http://[::1]:8080"} {
		if _, err := client.New(client.Config{BaseURL: address}); err != nil {
			t.Errorf("%q: %v", address, err)
		}
	}
	elsewhere, _ := serve(t, ok(`{}`))
	_, c := serve(t, func(w http.ResponseWriter) {
		w.Header().Set("Location", elsewhere.URL)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	if _, err := c.GetMe(t.Context()); client.CodeOf(err) != client.CodeNoProblem || len(elsewhere.came) != 0 {
		t.Errorf("redirected: %v, %d requests", err, len(elsewhere.came))
	}
	if printed := fmt.Sprintf("%v %+v %#v", c, c, *c); strings.Contains(printed, token) {
		t.Errorf("printed: %s", printed)
	}
}

// An empty identifier would name another route: nothing is sent.
func TestEmptyIdentifier(t *testing.T) {
	s, c := serve(t, ok(`{}`))
	if err := c.EndMySession(t.Context(), ""); !errors.Is(err, client.ErrEmpty) || len(s.came) != 0 {
		t.Errorf("%v, %d sent", err, len(s.came))
	}
	if err := c.RevokeToken(t.Context(), "a/b?c", "x"); err != nil || s.came[0].URL.EscapedPath() != "/api/v1/organizations/a%2Fb%3Fc/tokens/x" {
		t.Errorf("%v %s", err, s.came[0].URL.EscapedPath())
	}
}

// A list of any length is gone through a page at a time, and no further than wanted.
func TestEvery(t *testing.T) {
	const total = 250
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		start, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		if start == 200 && r.URL.Query().Get("q") == "breaks" {
			refused(403, "", "access.forbidden")(w)
			return
		}
		l := client.List[client.Site]{Total: total}
		for i := start; i < min(start+limit, total); i++ {
			l.Items = append(l.Items, client.Site{ID: strconv.Itoa(i)})
		}
		if next := strconv.Itoa(start + limit); start+limit < total {
			l.NextCursor = &next
		}
		if err := json.NewEncoder(w).Encode(l); err != nil {
			t.Error(err)
		}
	}))
	defer s.Close()
	c, err := client.New(client.Config{BaseURL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for v, err := range c.Sites(t.Context(), "o", client.SiteQuery{}) {
		if err != nil || v.ID != strconv.Itoa(n) {
			t.Fatalf("%d: %+v %v", n, v, err)
		}
		n++
	}
	if n != total || asked != 3 {
		t.Errorf("%d items in %d pages", n, asked)
	}
	for range c.Sites(t.Context(), "o", client.SiteQuery{Paging: client.Paging{Limit: 10}}) {
		break
	}
	if asked != 4 {
		t.Errorf("%d pages asked for one item", asked-3)
	}
	n, last := 0, error(nil)
	for _, err := range c.Sites(t.Context(), "o", client.SiteQuery{Search: "breaks"}) {
		n, last = n+1, err
	}
	if n != 201 || client.CodeOf(last) != "access.forbidden" {
		t.Errorf("broken off after %d: %v", n, last)
	}
}

// An export is read as it arrives, one event in memory at a time; one that was cut off
// says so.
func TestExportIsReadAsItArrives(t *testing.T) {
	const events = 200_000
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Idempotency-Key") != "" || r.URL.Query().Get("format") != client.FormatJSONL || r.URL.Query().Get("q") == "" {
			t.Errorf("%s %v", r.URL, r.Header)
		}
		line := `{"id":"aud_1","verb":"member.deactivate","sentence":"` + strings.Repeat("a", 200) + "\"}\n"
		for range events {
			if _, err := fmt.Fprint(w, line); err != nil {
				return
			}
		}
		if r.URL.Query().Get("q") == "cut" {
			fmt.Fprint(w, `{"id":"au`)
		}
	}))
	defer s.Close()
	c, err := client.New(client.Config{BaseURL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	for q, want := range map[string]error{"whole": nil, "cut": io.ErrUnexpectedEOF} {
		x, err := c.ExportAuditEvents(t.Context(), "o", client.FormatJSONL, client.AuditFilter{Search: q})
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		n, last := 0, error(nil)
		for v, err := range client.ReadRecords(x) {
			if last = err; err == nil && v.Verb == "member.deactivate" {
				n++
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if n != events || !errors.Is(last, want) {
			t.Errorf("%s: %d events, %v", q, n, last)
		}
		const most = 4 << 20
		if after.HeapAlloc > before.HeapAlloc+most {
			t.Errorf("%s: %d bytes are held for %d of export", q, after.HeapAlloc-before.HeapAlloc, events*250)
		}
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}
}
