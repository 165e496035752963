package authzen_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"habilis/internal/access"
	"habilis/internal/action"
	"habilis/internal/authzen"
	"habilis/internal/decision"
	"habilis/internal/secret"
	"habilis/internal/store"
	"habilis/internal/storetest"
	"habilis/internal/token"
)

// fixture is the Decider of the public certification scenario (1): its rules bear on
// what callers say, which ours never believes.
type fixture struct{ err error }

const goodToken = "hat_of-the-fixture"

// Caller knows one token.
func (f fixture) Caller(_ context.Context, bearer string) (authzen.Caller, error) {
	switch bearer {
	case goodToken, goodToken + "-trusted":
		return authzen.Caller{Key: bearer, Actor: access.Actor{Kind: access.OrgToken, Name: "fixture"}, Trusted: bearer != goodToken}, nil
	case "expired":
		return authzen.Caller{}, token.ErrExpired
	case "powerless":
		return authzen.Caller{}, access.ErrForbidden
	}
	return authzen.Caller{}, access.ErrUnauthenticated
}

type properties map[string]any

func read(b []byte) properties {
	var p properties
	if len(b) > 0 && json.Unmarshal(b, &p) != nil {
		panic("the door passed what is no object")
	}
	return p
}

// allows is the policy of the scenario.
func allows(q *authzen.Question) bool {
	subject, action, resource := read(q.SubjectProperties), read(q.ActionProperties), read(q.ResourceProperties)
	known := q.Subject.Type == "user" && (q.Subject.ID == "alice" || q.Subject.ID == "bob") &&
		q.Resource.Type == "record" && (q.Resource.ID == "record-1" || q.Resource.ID == "record-2")
	archived, admin := resource["status"] == "archived", subject["role"] == "admin"
	if q.Subject.ID == "bob" && q.Resource.ID == "record-2" {
		admin, archived = true, true // what the fixture itself knows of both, for searches
	}
	switch q.Action {
	case "read":
		return known
	case "write":
		return known && (archived && admin || !archived && q.Subject.ID == "alice")
	case "delete":
		return known && q.Subject.ID == "alice" && action["soft"] == true
	}
	return false
}

// Decide answers by the policy. Its facts show what reached it.
func (f fixture) Decide(_ context.Context, _ *authzen.Caller, qs []authzen.Question, out []decision.Explained) ([]decision.Explained, error) {
	for i := range qs {
		e := decision.Explained{Answer: decision.Answer{Allowed: allows(&qs[i]), Code: "fixture", Version: 1}}
		said := decision.Fact{Kind: "said"}
		if !qs[i].At.IsZero() {
			said.GivenAt = qs[i].At
		}
		if qs[i].Address.IsValid() {
			said.ID = qs[i].Address.String()
		}
		if qs[i].SecondFactor != nil {
			said.Level = strconv.FormatBool(*qs[i].SecondFactor)
		}
		e.Facts = append(e.Facts, said)
		out = append(out, e)
	}
	return out, f.err
}

// Search tries every entity of the fixture; its tokens are offsets.
func (f fixture) Search(_ context.Context, _ authzen.Caller, what authzen.Dimension, q authzen.Question, p authzen.Page) (authzen.Found, error) {
	from := 0
	if p.Token != "" {
		n, err := strconv.Atoi(p.Token)
		if err != nil {
			return authzen.Found{}, secret.ErrCursor
		}
		from = n
	}
	var ids []string
	switch what {
	case authzen.Subjects:
		ids = keep([]string{"alice", "bob"}, func(id string) bool { q.Subject.ID = id; return allows(&q) })
	case authzen.Resources:
		ids = keep([]string{"record-1", "record-2"}, func(id string) bool { q.Resource.ID = id; return allows(&q) })
	case authzen.Actions:
		ids = keep([]string{"read", "write", "delete"}, func(id string) bool { q.Action = id; return allows(&q) })
	}
	found := authzen.Found{}
	until := min(len(ids), from+p.Limit)
	for _, id := range ids[min(from, until):until] {
		found.Actions = append(found.Actions, id)
		found.Entities = append(found.Entities, decision.Entity{Type: map[authzen.Dimension]string{authzen.Subjects: "user", authzen.Resources: "record"}[what], ID: id})
	}
	if until < len(ids) {
		found.Next = strconv.Itoa(until)
	}
	return found, f.err
}

func keep(ids []string, ok func(string) bool) []string {
	return slices.DeleteFunc(ids, func(id string) bool { return !ok(id) })
}

// door is the door with the fixture behind it.
type door struct {
	*testing.T
	srv  *authzen.Server
	mux  *http.ServeMux
	run  *action.Runner
	said []decision.Explained // of Answered
}

func newDoor(t *testing.T, f fixture, change ...func(*authzen.Server)) *door {
	t.Helper()
	db := storetest.Open(t, store.SQLite, storetest.Options{})
	d := &door{T: t, mux: http.NewServeMux()}
	d.run = &action.Runner{DB: db, Ring: secret.NewRing(time.Now()), Log: slog.New(slog.DiscardHandler)}
	d.srv = &authzen.Server{
		Decider: f, Run: d.run, BaseURL: "https://pdp.example", Log: slog.New(slog.DiscardHandler),
		Address: func(*http.Request) string { return "192.0.2.1" }, RequestID: func(*http.Request) string { return "OURS" },
		Answered: func(_ authzen.Caller, _ *decision.Question, a *decision.Explained) { d.said = append(d.said, *a) },
	}
	for _, c := range change {
		c(d.srv)
	}
	d.srv.Mount(d.mux)
	return d
}

// ask sends a request as the fixture's caller; headers are "Name: value" and replace.
func (d *door) ask(path, body string, headers ...string) answer {
	d.Helper()
	r := httptest.NewRequestWithContext(d.Context(), http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+goodToken)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if r.Header.Del(name); value != "" {
			r.Header.Set(name, value)
		}
	}
	return d.send(r)
}

func (d *door) send(r *http.Request) answer {
	d.Helper()
	w := httptest.NewRecorder()
	w.Header().Set("X-Request-Id", "OURS") // as the front does
	d.mux.ServeHTTP(w, r)
	return answer{d, w.Code, w.Header(), w.Body.Bytes()}
}

// answer is what came back.
type answer struct {
	*door
	status int
	header http.Header
	body   []byte
}

func (a answer) is(status int) answer {
	a.Helper()
	if a.status != status {
		a.Errorf("status %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// reply is any answer of the door.
type reply struct {
	Decision *bool          `json:"decision"`
	Context  map[string]any `json:"context"`

	Evaluations []reply `json:"evaluations"`

	Results []map[string]string `json:"results"`
	Page    *struct {
		Next *string `json:"next_token"`
	} `json:"page"`
}

// reply reads a good answer, valid against the schema of the specification.
func (a answer) reply() reply {
	a.Helper()
	a.is(http.StatusOK)
	if a.header.Get("Content-Type") != "application/json" {
		a.Errorf("type %q", a.header.Get("Content-Type"))
	}
	var r reply
	if err := json.Unmarshal(a.body, &r); err != nil {
		a.Fatalf("%v: %s", err, a.body)
	}
	return r
}

// decides wants one decision, written as the schema wants it.
func (a answer) decides(want bool) reply {
	a.Helper()
	r := a.reply()
	valid(a.T, "evaluation-response", a.body)
	if r.Decision == nil || *r.Decision != want {
		a.Errorf("decision %s, want %v", a.body, want)
	}
	return r
}

// each wants the decisions of a batch, in order.
func (a answer) each(want ...bool) reply {
	a.Helper()
	r := a.reply()
	var got []bool
	var raw struct{ Evaluations []json.RawMessage }
	if err := json.Unmarshal(a.body, &raw); err != nil {
		a.Fatal(err)
	}
	for i, e := range r.Evaluations {
		valid(a.T, "evaluation-response", raw.Evaluations[i])
		got = append(got, e.Decision != nil && *e.Decision)
	}
	if !slices.Equal(got, want) || r.Decision != nil {
		a.Errorf("decisions %v, want %v: %s", got, want, a.body)
	}
	return r
}

// finds wants at least these results, of this type.
func (a answer) finds(field, typ string, want ...string) reply {
	a.Helper()
	r := a.reply()
	if r.Results == nil || r.Page == nil || r.Page.Next == nil {
		a.Fatalf("no results or no page: %s", a.body)
	}
	var got []string
	for _, one := range r.Results {
		got = append(got, one[field])
		if typ != "" && one["type"] != typ || typ == "" && len(one) != 1 {
			a.Errorf("a result %v", one)
		}
	}
	for _, id := range want {
		if !slices.Contains(got, id) {
			a.Errorf("%v does not hold %q", got, id)
		}
	}
	if len(want) == 0 && len(got) > 0 {
		a.Errorf("found %v", got)
	}
	return r
}

// sayer answers always the same.
type sayer struct {
	fixture

	answer decision.Explained
}

// Decide gives the one answer.
func (s sayer) Decide(context.Context, *authzen.Caller, []authzen.Question, []decision.Explained) ([]decision.Explained, error) {
	return []decision.Explained{s.answer}, nil
}
