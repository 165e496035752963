package authzen

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

var seeds = []string{
	`{"subject":{"type":"user","id":"alice"},"action":{"name":"read"},"resource":{"type":"record","id":"1"}}`,
	`{"subject":{"type":"\u0061","id":"\ud83d\ude00\n\/"},"x":[1,-0.5e+3,true,null,{"a":[]}],"context":{"at":"x","ip":"y","second_factor":false}}`,
	`{"evaluations":[{},5,{"resource":{"id":"1"}}],"options":{"evaluations_semantic":"execute_all"},"page":{"limit":3,"token":"x"}}`,
	`{"a":1,"\u0061":2}`, `{"a":"\ud800"}`, `{"a":"\ud800\u0041"}`, `{"a":"\u0000"}`, ` [1 , 2 ] `, `{"a":01}`, `{"a":1.}`, `{"a":-}`, `"\x"`, "\"\x01\"", "{\"a\":\"\xff\"}",
	`{"subject":{"type":"a","type":"b"}}`, `{"page":{"limit":1e2}}`, `[,]`, `{,}`, `nul`, `{"a" 1}`, `1 2`, "\u00a01",
}

// FuzzReader holds the reader against encoding/json: it takes what is strict JSON and
// nothing else, and reads from it the same texts.
func FuzzReader(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var r reader
		var q request
		err := r.read(body, q.decode)
		if want := strict(body); errors.Is(err, errNames) != (want == "names") && want != "syntax" || (err == nil) != (want == "") {
			t.Fatalf("%q: %v, want %q", body, err, want)
		}
		if err == nil {
			same(t, body, &q)
		}
	})
}

// strict says why a body is none: "syntax", "names"; or nothing.
func strict(body []byte) string {
	if !utf8.Valid(body) || !json.Valid(body) {
		return "syntax"
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	type level struct {
		names map[string]bool // nil for a list
		key   bool
	}
	var open []*level
	verdict := ""
	value := func() {
		if len(open) > 0 {
			open[len(open)-1].key = open[len(open)-1].names != nil
		}
	}
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return verdict
		}
		if err != nil {
			return "syntax"
		}
		switch v := tok.(type) {
		case json.Delim:
			if v == '}' || v == ']' {
				open = open[:len(open)-1]
				value()
				continue
			}
			if len(open) == MaxDepth {
				return "syntax"
			}
			l := &level{}
			if v == '{' {
				l.names, l.key = map[string]bool{}, true
			}
			open = append(open, l)
		case string:
			if damaged(body, v) {
				return "syntax"
			}
			if len(open) > 0 && open[len(open)-1].key {
				l := open[len(open)-1]
				if l.names[v] {
					return "syntax"
				}
				if l.names[v], l.key = true, false; len(l.names) > MaxNames {
					verdict = "names"
				}
				continue
			}
			value()
		default:
			value()
		}
	}
}

// damaged reports what encoding/json reads with indulgence: U+0000, and U+FFFD where the
// body has none.
func damaged(body []byte, s string) bool {
	written := bytes.Contains(body, []byte("\ufffd")) || bytes.Contains(bytes.ToLower(body), []byte(`\ufffd`))
	return strings.ContainsRune(s, 0) || strings.ContainsRune(s, utf8.RuneError) && !written
}

// same compares what was read of the three entities, the items and the page.
func same(t *testing.T, body []byte, q *request) {
	t.Helper()
	if json.Unmarshal(body, &map[string]json.RawMessage{}) != nil {
		if q.badBody == "" {
			t.Fatalf("%q is no object", body)
		}
		return
	}
	var top map[string]any
	if json.Unmarshal(body, &top) != nil {
		return // a number that no float64 holds: it is ours to skip
	}
	sameEvaluation(t, body, top, &q.evaluation)
	list, isList := top["evaluations"].([]any)
	if isList && len(list) <= MaxItems && len(list) != len(q.items) || q.many != (len(list) > 0) {
		t.Fatalf("%q: %d items", body, len(q.items))
	}
	for i := range q.items {
		object, isObject := list[i].(map[string]any)
		if !isObject && q.items[i].bad == "" {
			t.Fatalf("%q: item %d", body, i)
		}
		sameEvaluation(t, body, object, &q.items[i])
	}
	page, _ := top["page"].(map[string]any)
	if token, _ := page["token"].(string); token != q.page.Token {
		t.Fatalf("%q: token %q", body, q.page.Token)
	}
}

func sameEvaluation(t *testing.T, body []byte, object map[string]any, v *evaluation) {
	t.Helper()
	for name, e := range map[string]*entity{"subject": &v.subject, "action": &v.action, "resource": &v.resource} {
		raw, given := object[name]
		entity, isObject := raw.(map[string]any)
		id := "id"
		if name == "action" {
			id = "name"
		}
		typ, hasType := entity["type"].(string)
		key, hasID := entity[id].(string)
		if e.given != given || e.typ != typ || e.hasType != hasType || e.id != key || e.hasID != hasID || given && !isObject && v.bad == "" {
			t.Fatalf("%q: %s read as %+v", body, name, *e)
		}
		if properties, ok := entity["properties"].(map[string]any); ok {
			var got map[string]any
			if err := json.Unmarshal(e.properties, &got); err != nil || len(got) != len(properties) {
				t.Fatalf("%q: properties %q: %v", body, e.properties, err)
			}
		}
	}
	context, _ := object["context"].(map[string]any)
	if at, _ := context["at"].(string); at != v.context.at {
		t.Fatalf("%q: at %q", body, v.context.at)
	}
}

// FuzzStrings: whatever a name holds, the answer is JSON, and says it.
func FuzzStrings(f *testing.F) {
	for _, s := range []string{"", `"\`, "é\u2028\x00\x1f\x7f", "\xff", "😀", "\ufffd"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var got string
		if err := json.Unmarshal(appendString(nil, s), &got); err != nil || got != strings.ToValidUTF8(s, "\ufffd") && utf8.ValidString(s) {
			t.Fatalf("%q: %q, %v", s, got, err)
		}
	})
}
