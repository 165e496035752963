package authzen_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const (
	alice   = `"subject":{"type":"user","id":"alice"}`
	bob     = `"subject":{"type":"user","id":"bob"}`
	admin   = `"subject":{"type":"user","id":"bob","properties":{"role":"admin"}}`
	record1 = `"resource":{"type":"record","id":"record-1"}`
	record2 = `"resource":{"type":"record","id":"record-2"}`
	archive = `"resource":{"type":"record","id":"record-2","properties":{"status":"archived"}}`
)

const (
	one    = "/access/v1/evaluation"
	many   = "/access/v1/evaluations"
	search = "/access/v1/search/"
)

func does(action string) string { return `"action":{"name":"` + action + `"}` }

// whole puts fields into an object.
func whole(fields ...string) string { return "{" + strings.Join(fields, ",") + "}" }

// Certification scenario, Basic (2): the eight decisions of the fixture, and requests
// with more in them than is needed. Must show 1: requests and answers follow the schemas.
func TestBasic(t *testing.T) {
	d := newDoor(t, fixture{})
	for _, c := range []struct {
		about string
		body  string
		want  bool
	}{
		{"2.2.1", whole(alice, does("read"), record1), true},
		{"1.4 rule 2", whole(alice, does("write"), record1), true},
		{"1.4 rule 3", whole(bob, does("read"), record1), true},
		{"2.2.2", whole(bob, does("write"), record1), false},
		{"2.2.3 context", whole(alice, does("read"), record1, `"context":{"time":"2025-06-27T18:03-07:00","ip":"192.168.1.1"}`), true},
		{"2.2.4", whole(alice, does("write"), archive), false},
		{"2.2.5", whole(admin, does("write"), archive), true},
		{"2.2.6", whole(alice, `"action":{"name":"delete","properties":{"soft":true}}`, record1), true},
		{"2.2.7", whole(alice, `"action":{"name":"delete","properties":{"soft":false}}`, record1), false},
		{"2.2.8 more properties", whole(`"subject":{"type":"user","id":"alice","properties":{"department":"Sales","role":"manager"}}`,
			`"action":{"name":"read","properties":{"method":"GET"}}`,
			`"resource":{"type":"record","id":"record-1","properties":{"status":"active","owner":"bob"}}`), true},
		{"2.2.9 unknown fields", whole(alice, does("read"), record1, `"foo":"bar"`, `"futureField":{"nested":true}`, `"page":5`, `"evaluations":3`), true},
	} {
		t.Run(c.about, func(t *testing.T) {
			d.T = t
			valid(t, "evaluation-request", []byte(c.body))
			for range 3 { // 2.6: the same each time
				d.ask(one, c.body).decides(c.want)
			}
		})
	}
}

// Certification scenario 2.4: what cannot be read is 400, and says which field.
func TestMalformed(t *testing.T) {
	d := newDoor(t, fixture{})
	for body, place := range map[string]string{
		whole(does("read"), record1):                                                          "subject",
		whole(alice, record1):                                                                 "action",
		whole(alice, does("read")):                                                            "resource",
		whole(`"subject":{"id":"alice"}`, does("read"), record1):                              "subject.type",
		whole(`"subject":{"type":"user"}`, does("read"), record1):                             "subject.id",
		whole(alice, `"action":{}`, record1):                                                  "action.name",
		whole(alice, does("read"), `"resource":{"id":"record-1"}`):                            "resource.type",
		whole(alice, does("read"), `"resource":{"type":"record"}`):                            "resource.id",
		whole(`"subject":"alice"`, does("read"), record1):                                     "subject",
		whole(alice, `"action":{"name":123}`, record1):                                        "action.name",
		whole(alice, does("read"), record1, `"context":"x"`):                                  "context",
		whole(alice, does("read"), record1, `"context":{"at":"yesterday"}`):                   "context.at",
		whole(alice, does("read"), record1, `"context":{"at":5}`):                             "context.at",
		whole(`"subject":{"type":"user","id":"alice","properties":3}`, does("read"), record1): "subject.properties",
		whole(`"subject":null`, does("read"), record1):                                        "subject",
		`[]`: "body", `"x"`: "body", `null`: "body",
	} {
		for _, path := range []string{one, many} {
			a := d.ask(path, body).is(http.StatusBadRequest)
			if p := a.problem(); p.Code != "authzen.field" || !strings.Contains(p.Detail, " "+place+" ") {
				t.Errorf("%s: %s", body, a.body)
			}
		}
	}
	good := whole(alice, does("read"), record1)
	for _, body := range []string{
		"", "{", `{"subject"`, good + "x", good + good, "{" + alice + "," + alice + "}", `{"a":1,"\u0061":2}`, "{'a':1}", `{"a":01}`, `{"a":[1,]}`,
		`{"a":"` + "\xff" + `"}`, `{"a":"\ud800"}`, `{"a":"\u0000"}`, strings.Repeat(`{"a":`, 33) + "1" + strings.Repeat("}", 33), `{"a":tru}`, `{"a":1,}`,
	} {
		if p := d.ask(one, body).is(http.StatusBadRequest).problem(); p.Code != "api.malformed" {
			t.Errorf("%q: %s", body, p.Code)
		}
	}
	for _, header := range []string{"Content-Type: text/plain", "Content-Type: ", "Content-Type: application/json; charset=latin1", "Content-Encoding: gzip"} {
		if p := d.ask(one, good, header).is(http.StatusBadRequest).problem(); p.Code != "authzen.media_type" {
			t.Errorf("%s: %s", header, p.Code)
		}
	}
	d.ask(one, good, "Content-Type: application/json; charset=UTF-8").decides(true)
	d.ask(one, `{"a":"`+strings.Repeat("x", 1<<20)+`"}`).is(http.StatusRequestEntityTooLarge)
}

type told struct {
	Decision *bool
	Code     string
	Detail   string
	Status   int
	Request  string `json:"request_id"`
}

func (a answer) problem() told {
	a.Helper()
	var p told
	if err := json.Unmarshal(a.body, &p); err != nil || a.header.Get("Content-Type") != "application/problem+json" || p.Status != a.status {
		a.Fatalf("no problem document: %v %v %s", err, a.header, a.body)
	}
	return p
}

// Certification scenario 2.5, and its bounds: what is not printable is not echoed.
func TestRequestID(t *testing.T) {
	d := newDoor(t, fixture{})
	good := whole(alice, does("read"), record1)
	for sent, want := range map[string]string{
		"bfe9eb29-ab87-4ca3-be83-a1d5d8305716": "bfe9eb29-ab87-4ca3-be83-a1d5d8305716", "any string, 200": "any string, 200",
		"": "OURS", "é": "OURS", "a\tb": "OURS", strings.Repeat("x", 200): strings.Repeat("x", 200), strings.Repeat("x", 201): "OURS",
	} {
		for _, a := range []answer{d.ask(one, good, "X-Request-ID: "+sent), d.ask(one, "{", "X-Request-ID: "+sent), d.ask("/access/v1/nothing", "{}", "X-Request-ID: "+sent)} {
			if got := a.header.Values("X-Request-ID"); len(got) != 1 || got[0] != want {
				t.Errorf("sent %q: %q", sent, got)
			}
		}
	}
}

// Certification scenario, Batch (3): defaults, order, properties of each item.
func TestBatch(t *testing.T) {
	d := newDoor(t, fixture{})
	for _, c := range []struct {
		about string
		body  string
		want  []bool
	}{
		{"3.2.1", whole(alice, does("read"), `"evaluations":[{`+record1+`},{`+record2+`}]`), []bool{true, true}},
		{"3.2.2", whole(bob, record1, `"evaluations":[{`+does("read")+`},{`+does("write")+`}]`), []bool{true, false}},
		{"3.2.3", whole(alice, does("write"), `"evaluations":[{"resource":{"type":"record","id":"record-1","properties":{"status":"active"}}},{`+archive+`}]`),
			[]bool{true, false}},
		{"3.2.4", whole(does("write"), archive, `"evaluations":[{`+alice+`},{`+admin+`}]`), []bool{false, true}},
		{"3.2.5", whole(`"evaluations":[` + whole(alice, does("read"), record1) + `,` + whole(bob, does("write"), record1) + `]`), []bool{true, false}},
		{"3.2.6", whole(alice, does("read"), `"context":{"time":"x"}`, `"evaluations":[{`+record1+`},{`+record2+`,"context":{"source":"batch-override"}}]`),
			[]bool{true, true}},
		{"3.2.7", whole(alice, does("write"), `"resource":{"type":"record"}`,
			`"evaluations":[{"resource":{"id":"record-1","properties":{"status":"active"}}},{`+archive+`}]`), []bool{true, false}},
		{"3.2.7: an item replaces the whole", whole(admin, does("write"), archive, `"evaluations":[{`+record2+`},{`+bob+`},{}]`), []bool{true, true, true}},
		{"3.4.1", whole(alice, does("read"), `"evaluations":[{`+record1+`},{}]`), []bool{true, false}},
		{"3.4.1: of other types", whole(alice, does("read"), `"evaluations":[5,{"resource":"x"},{`+record1+`},null]`), []bool{false, false, true, false}},
	} {
		t.Run(c.about, func(t *testing.T) {
			d.T = t
			d.ask(many, c.body).each(c.want...)
		})
	}
	d.T = t
	for _, evaluations := range []string{"", `,"evaluations":[]`} { // 3.4.2, 3.4.3
		d.ask(many, "{"+alice+","+does("read")+","+record1+evaluations+"}").decides(true)
	}
	wrong := d.ask(many, whole(alice, does("read"), `"evaluations":[{`+record1+`},{}]`)).each(true, false).Evaluations[1]
	told, _ := wrong.Context["error"].(map[string]any)
	if message, _ := told["message"].(string); told["status"] != 400.0 || !strings.Contains(message, "resource") {
		t.Errorf("the error of the item: %v", wrong.Context)
	}
	for body, code := range map[string]string{
		whole(alice, does("read"), `"evaluations":{}`):                                           "authzen.field",
		whole(`"subject":"alice"`, does("read"), `"evaluations":[{`+record1+`}]`):                "authzen.field",
		whole(alice, does("read"), `"evaluations":[{`+record1+`,`+record1+`}]`):                  "api.malformed",
		whole(alice, does("read"), record1, `"evaluations":[{}`+strings.Repeat(",{}", 1000)+`]`): "authzen.items",
	} {
		a := d.ask(many, body)
		if p := a.problem(); p.Code != code {
			t.Errorf("%.80s: %s, want %s", body, p.Code, code)
		}
	}
	d.ask(many, whole(alice, does("read"), record1, `"evaluations":[{}`+strings.Repeat(",{}", 999)+`]`)).is(http.StatusOK)
}

// NOTES.md: the three semantics, and what comes after the item that decides is not told.
func TestSemantics(t *testing.T) {
	d := newDoor(t, fixture{})
	for semantic, want := range map[string][3][]bool{
		"":                                       {{true, false, true}, {false, true}, {false, false}},
		`{}`:                                     {{true, false, true}, {false, true}, {false, false}},
		`{"another_option":"value"}`:             {{true, false, true}, {false, true}, {false, false}},
		`{"evaluations_semantic":"execute_all"}`: {{true, false, true}, {false, true}, {false, false}},
		`{"evaluations_semantic":"deny_on_first_deny"}`:     {{true, false}, {false}, {false}},
		`{"evaluations_semantic":"permit_on_first_permit"}`: {{true}, {false, true}, {false, false}},
	} {
		options := ""
		if semantic != "" {
			options = `,"options":` + semantic
		}
		read, write := "{"+does("read")+"}", "{"+does("write")+"}"
		for i, items := range []string{read + "," + write + "," + read, write + "," + read, write + "," + `{"action":5}`} {
			d.said = nil
			d.ask(many, "{"+bob+","+record1+options+`,"evaluations":[`+items+"]}").each(want[i]...)
			if i < 2 && len(d.said) != len(want[i]) {
				t.Errorf("%s: %d answers told of, %d given", semantic, len(d.said), len(want[i]))
			}
		}
	}
	for _, options := range []string{`{"evaluations_semantic":"first_wins"}`, `{"evaluations_semantic":""}`, `{"evaluations_semantic":3}`, `[]`, `null`} {
		p := d.ask(many, whole(bob, record1, `"options":`+options, `"evaluations":[{`+does("read")+`}]`)).is(http.StatusBadRequest).problem()
		if p.Code != "authzen.field" {
			t.Errorf("%s: %s", options, p.Code)
		}
	}
}

// Certification scenario, Search (4).
func TestSearch(t *testing.T) {
	d := newDoor(t, fixture{})
	user, record := `"subject":{"type":"user"}`, `"resource":{"type":"record"}`
	d.ask(search+"subject", whole(user, does("read"), record1)).finds("id", "user", "alice", "bob")
	d.ask(search+"subject", whole(user, does("read"), record1, `"context":{"x":1}`)).finds("id", "user", "alice", "bob")
	d.ask(search+"subject", whole(alice, does("read"), record1)).finds("id", "user", "alice", "bob") // its id is ignored
	d.ask(search+"subject", whole(user, does("write"), archive)).finds("id", "user", "bob")
	d.ask(search+"resource", whole(alice, does("read"), record)).finds("id", "record", "record-1")
	d.ask(search+"resource", whole(alice, does("read"), record1)).finds("id", "record", "record-1", "record-2")
	d.ask(search+"resource", whole(admin, does("write"), record)).finds("id", "record", "record-2")
	d.ask(search+"action", whole(alice, record1)).finds("name", "", "read", "write")
	d.ask(search+"action", whole(alice, record1, `"context":{"x":1}`)).finds("name", "", "read", "write")
	d.ask(search+"action", whole(admin, archive)).finds("name", "", "write")
	d.ask(search+"action", whole(`"subject":{"type":"user","id":"nonexistent-user"}`, record1)).finds("name", "") // 4.6.1
	d.ask(search+"subject", whole(`"subject":{"type":"spaceship"}`, does("read"), `"resource":{"type":"x","id":"record-1"}`)).finds("id", "spaceship")

	// 4.5: paging.
	first := d.ask(search+"subject", whole(user, does("read"), record1, `"page":{"limit":1}`)).finds("id", "user", "alice")
	if len(first.Results) != 1 || *first.Page.Next == "" {
		t.Errorf("the first page: %+v", first)
	}
	second := d.ask(search+"subject", whole(user, does("read"), record1, `"page":{"token":"`+*first.Page.Next+`","limit":1}`)).finds("id", "user", "bob")
	if *second.Page.Next != "" {
		t.Errorf("the last page: %+v", second)
	}
	d.ask(search+"subject", whole(user, does("read"), record1, `"page":{"limit":100000}`)).finds("id", "user", "alice", "bob")
	if p := d.ask(search+"subject", whole(user, does("read"), record1, `"page":{"token":"made-up"}`)).is(http.StatusBadRequest).problem(); p.Code != "api.cursor" {
		t.Error(p.Code)
	}
	for path, bodies := range map[string][]string{ // 4.7
		"subject":  {whole(user, record1), whole(user, does("read"), record), whole(does("read"), record1), whole(user, does("read"), record1, `"page":{"limit":0}`)},
		"resource": {whole(does("read"), record), whole(user, does("read"), record), whole(alice, record), whole(alice, does("read"), record, `"page":[]`)},
		"action":   {whole(alice), whole(alice, record), whole(user, record1), whole(alice, record1, `"page":{"token":5}`)},
	} {
		for _, body := range bodies {
			d.ask(search+path, body).is(http.StatusBadRequest)
		}
	}
}

// Certification scenario, Discovery (6). It is public.
func TestMetadata(t *testing.T) {
	d := newDoor(t, fixture{})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/.well-known/authzen-configuration", nil)
	r.Header.Set("X-Request-ID", "theirs")
	a := d.send(r)
	a.reply()
	var m map[string]string
	if err := json.Unmarshal(a.body, &m); err != nil || a.header.Get("X-Request-ID") != "theirs" {
		t.Fatal(err, a.header)
	}
	const base = "https://pdp.example"
	for name, want := range map[string]string{
		"policy_decision_point": base, "access_evaluation_endpoint": base + one, "access_evaluations_endpoint": base + many,
		"search_subject_endpoint": base + search + "subject", "search_resource_endpoint": base + search + "resource",
		"search_action_endpoint": base + search + "action",
	} {
		if m[name] != want {
			t.Errorf("%s: %q", name, m[name])
		}
	}
	for path, allow := range map[string]string{"/.well-known/authzen-configuration": "GET", one: "POST", search + "action": "POST"} {
		method := map[string]string{"GET": http.MethodPost, "POST": http.MethodGet}[allow]
		if a := d.send(httptest.NewRequestWithContext(t.Context(), method, path, nil)).is(http.StatusMethodNotAllowed); a.header.Get("Allow") != allow {
			t.Errorf("%s %s: %v", method, path, a.header)
		}
	}
	d.ask("/access/v2/evaluation", "{}").is(http.StatusNotFound)
}
