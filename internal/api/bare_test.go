package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"habilis/internal/action"
	"habilis/internal/api"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
)

// problem is a refusal as a client reads it.
type problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Code      string `json:"code"`
	Detail    string `json:"detail"`
	RequestID string `json:"request_id"`
	Errors    []struct {
		Location, Code, Detail string
	} `json:"errors"`
}

// answer is what came back.
type answer struct {
	*testing.T
	status int
	header http.Header
	body   []byte
}

func (a answer) is(status int) answer {
	a.Helper()
	if a.status != status {
		a.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// refused checks the status, the code and the shape of a problem document.
func (a answer) refused(status int, code string) problem {
	a.Helper()
	a.is(status)
	var p problem
	dec := json.NewDecoder(bytes.NewReader(a.body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&p); err != nil {
		a.Fatalf("no problem document: %v: %s", err, a.body)
	}
	if ct := a.header.Get("Content-Type"); ct != "application/problem+json" {
		a.Errorf("content type %q", ct)
	}
	if p.Code != code || p.Status != status || p.Title == "" || p.Detail == "" || p.RequestID == "" ||
		!strings.HasSuffix(p.Type, "/api/docs#"+code) {
		a.Fatalf("problem %+v, want the code %s", p, code)
	}
	if strings.Contains(string(a.body), "⟦") {
		a.Errorf("a text is missing: %s", a.body)
	}
	return p
}

// at checks that the problem names exactly these places and codes.
func (p problem) at(t *testing.T, pairs ...string) {
	t.Helper()
	var got []string
	for _, e := range p.Errors {
		if e.Detail == "" {
			t.Errorf("%s has no sentence", e.Location)
		}
		got = append(got, e.Location+" "+e.Code)
	}
	slices.Sort(got)
	slices.Sort(pairs)
	if !slices.Equal(got, pairs) {
		t.Fatalf("errors at %q, want %q", got, pairs)
	}
}

func (a answer) into(v any) {
	a.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		a.Fatalf("%v: %s", err, a.body)
	}
}

const baseURL = "https://habilis.example"

// bare is a server without a database: for what is refused, or told, before any act.
func bare(t *testing.T) *httptest.Server {
	t.Helper()
	s := &api.Server{
		BaseURL: baseURL, Log: slog.New(slog.DiscardHandler), Run: &action.Runner{Ring: secret.NewRing(time.Now())},
		Address:   func(*http.Request) string { return "192.0.2.1" },
		RequestID: func(*http.Request) string { return "REQUEST" },
	}
	srv := httptest.NewServer(s.Handler())
	t.Cleanup(srv.Close)
	return srv
}

// send sends one request; header lines are "Name: value".
func send(t *testing.T, srv *httptest.Server, method, path, body string, header ...string) answer {
	t.Helper()
	return do(t, newRequest(t, srv, method, path, strings.NewReader(body), header...))
}

func newRequest(t *testing.T, srv *httptest.Server, method, path string, body io.Reader, header ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	return r
}

var client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func do(t *testing.T, r *http.Request) answer {
	t.Helper()
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{t, resp.StatusCode, resp.Header, b}
}

const asJSON = "Content-Type: application/json"

func operationIDs(t *testing.T) []string {
	t.Helper()
	var ids []string
	list := operations(t)
	for i := range list {
		ids = append(ids, list[i].ID)
	}
	return ids
}

// perAddress is how many requests come from one address: there are more operations than
// one address may ask in a minute.
const perAddress = 50

// bareWithRefusals is a bare server that has a trail to record refusals in.
func bareWithRefusals(t *testing.T) *httptest.Server {
	t.Helper()
	db := storetest.Open(t, store.SQLite, storetest.Options{})
	var asked atomic.Int64
	s := &api.Server{
		BaseURL: baseURL, Log: slog.New(slog.DiscardHandler), Run: &action.Runner{DB: db, Ring: secret.NewRing(db.Now()), Log: slog.New(slog.DiscardHandler)},
		Address:   func(*http.Request) string { return fmt.Sprintf("192.0.2.%d", asked.Add(1)/perAddress) },
		RequestID: func(*http.Request) string { return "REQUEST" },
	}
	srv := httptest.NewServer(s.Handler())
	t.Cleanup(srv.Close)
	return srv
}
