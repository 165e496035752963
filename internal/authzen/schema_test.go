package authzen_test

import (
	"encoding/json"
	"os"
	"testing"
)

// schema is as much of JSON Schema as those of the specification use.
type schema struct {
	Type       string            `json:"type"`
	Required   []string          `json:"required"`
	Properties map[string]schema `json:"properties"`
}

// faults lists where a value does not follow the schema.
func (s schema) faults(at string, v any) (list []string) {
	object, isObject := v.(map[string]any)
	_, isText := v.(string)
	_, isBool := v.(bool)
	switch {
	case s.Type == "object" && !isObject, s.Type == "string" && !isText, s.Type == "boolean" && !isBool:
		return []string{at + " is no " + s.Type}
	}
	for _, name := range s.Required {
		if _, ok := object[name]; !ok {
			list = append(list, at+"."+name+" is missing")
		}
	}
	for name, of := range s.Properties {
		if field, ok := object[name]; ok {
			list = append(list, of.faults(at+"."+name, field)...)
		}
	}
	return list
}

// valid wants a document to follow a schema of testdata, which are those of the
// specification, unchanged.
func valid(t *testing.T, name string, document []byte) {
	t.Helper()
	if list := follows(t, name, document); len(list) > 0 {
		t.Errorf("against %s: %v\n%s", name, list, document)
	}
}

func follows(t *testing.T, name string, document []byte) []string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name + ".schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s schema
	var v any
	if err := json.Unmarshal(b, &s); err != nil || len(s.Properties) == 0 {
		t.Fatal(name, err)
	}
	if err := json.Unmarshal(document, &v); err != nil {
		t.Fatalf("%v: %s", err, document)
	}
	return s.faults("$", v)
}

// The check itself finds what the schemas forbid.
func TestSchemasForbid(t *testing.T) {
	for _, c := range [][2]string{
		{"evaluation-response", `{}`}, {"evaluation-response", `{"decision":"true"}`}, {"evaluation-response", `{"decision":true,"context":[]}`},
		{"evaluation-request", `{"subject":{"type":"user"},"action":{"name":"read"},"resource":{"type":"record","id":"1"}}`},
		{"evaluation-request", `{"subject":{"type":"user","id":"a"},"action":{"name":1},"resource":{"type":"record","id":"1"}}`},
	} {
		if len(follows(t, c[0], []byte(c[1]))) == 0 {
			t.Errorf("%s passes against %s", c[1], c[0])
		}
	}
}
