package api_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	rest "habilis/client"
)

// schema is what the description says of one value.
type schema struct {
	Ref        string            `json:"$ref"`
	Type       any               `json:"type"`
	Format     string            `json:"format"`
	Properties map[string]schema `json:"properties"`
	Required   []string          `json:"required"`
	Items      *schema           `json:"items"`
	Additional any               `json:"additionalProperties"` //nolint:tagliatelle // as OpenAPI writes it
}

// is reports whether the value may be of this type.
func (s schema) is(kind string) bool {
	if list, ok := s.Type.([]any); ok {
		return slices.Contains(list, any(kind))
	}
	return s.Type == kind
}

// contract is the description, as far as the client is held to it.
type contract struct {
	*testing.T
	Paths map[string]map[string]struct {
		ID         string `json:"operationId"` //nolint:tagliatelle // as OpenAPI writes it
		Parameters []struct {
			Name, In string
			Schema   schema
		}
		RequestBody *media `json:"requestBody"` //nolint:tagliatelle // as OpenAPI writes it
		Responses   map[string]media
	}
	Components struct{ Schemas map[string]schema }
}

type media struct {
	Content map[string]struct{ Schema schema }
}

func (m media) json() (schema, bool) {
	c, ok := m.Content["application/json"]
	return c.Schema, ok
}

func (c contract) resolved(s schema) schema {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		return c.Components.Schemas[name]
	}
	return s
}

func readContract(t *testing.T) contract {
	t.Helper()
	c := contract{T: t}
	send(t, bare(t), "GET", "/api/openapi.json", "").is(200).into(&c)
	return c
}

// The client has every operation of the description, under its name, with every field
// of its documents and every parameter: an operation or a field that is added here and
// not there fails this test.
func TestClientHasEveryOperation(t *testing.T) {
	c := readContract(t)
	known := reflect.TypeFor[*rest.Client]()
	for path, item := range c.Paths {
		for _, op := range item {
			name := strings.ToUpper(op.ID[:1]) + op.ID[1:]
			m, ok := known.MethodByName(name)
			if !ok {
				t.Errorf("the client lacks %s (%s)", name, path)
				continue
			}
			if op.RequestBody != nil {
				if s, ok := op.RequestBody.json(); ok {
					c.body(name, s, m.Type)
				}
			}
			for status, r := range op.Responses {
				s, ok := r.json()
				if !ok || status[0] != '2' {
					continue
				}
				c.same(name+" answer", s, m.Type.Out(0))
			}
			var query []string
			for _, p := range op.Parameters {
				if p.In == "query" {
					query = append(query, p.Name)
				}
			}
			c.query(name, query, m.Type)
		}
	}
	c.same("Problem", schema{Ref: "#/components/schemas/Problem"}, reflect.TypeFor[rest.Problem]())
}

// structs are the parameters of a method that are structs.
func structs(m reflect.Type) (list []reflect.Type) {
	for i := range m.NumIn() {
		if p := m.In(i); p.Kind() == reflect.Struct {
			list = append(list, p)
		}
	}
	return list
}

// body finds the parameter that is the body: the struct without query tags.
func (c contract) body(name string, s schema, m reflect.Type) {
	for _, p := range structs(m) {
		if len(tags(p, "query")) == 0 {
			c.same(name+" body", s, p)
			return
		}
	}
	c.Errorf("%s takes no body", name)
}

// inMethods are the parameters that the client has as methods or plain arguments.
var inMethods = []string{"dry_run", "scope", "format", "domain"}

func (c contract) query(name string, want []string, m reflect.Type) {
	var got []string
	for _, p := range structs(m) {
		got = append(got, tags(p, "query")...)
	}
	for _, q := range want {
		if !slices.Contains(got, q) && !slices.Contains(inMethods, q) {
			c.Errorf("%s lacks the parameter %s", name, q)
		}
	}
	for _, q := range got {
		if !slices.Contains(want, q) {
			c.Errorf("%s sends %s, which the operation does not know", name, q)
		}
	}
}

// tags are the names that the fields of a struct have in a tag, embedded ones too.
func tags(p reflect.Type, tag string) (list []string) {
	for f := range fields(p) {
		if name, _, _ := strings.Cut(f.Tag.Get(tag), ","); name != "" && name != "-" {
			list = append(list, name)
		}
	}
	return list
}

func fields(p reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for _, f := range reflect.VisibleFields(p) {
			if !f.Anonymous && unicode.IsUpper(rune(f.Name[0])) && !yield(f) {
				return
			}
		}
	}
}

// same compares a schema with the Go type that holds such a value.
func (c contract) same(where string, s schema, t reflect.Type) {
	nullable := s.is("null")
	s = c.resolved(s)
	if nullable && t.Kind() != reflect.Pointer && t.Kind() != reflect.Slice && t.Kind() != reflect.Map {
		c.Errorf("%s may be null: %s cannot", where, t)
	}
	for t.Kind() == reflect.Pointer { // of a pointer: left out, null, or given
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[json.RawMessage]() || t.Kind() == reflect.Interface:
	case len(s.Properties) > 0:
		c.sameFields(where, s, t)
	case s.is("array"):
		if t.Kind() != reflect.Slice {
			c.Errorf("%s is a list, not %s", where, t)
			return
		}
		c.same(where+"[]", *s.Items, t.Elem())
	default:
		c.sameValue(where, s, t)
	}
}

func (c contract) sameFields(where string, s schema, t reflect.Type) {
	if t.Kind() != reflect.Struct {
		c.Errorf("%s is a document, not %s", where, t)
		return
	}
	seen := map[string]bool{}
	for f := range fields(t) {
		name, more, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		seen[name] = true
		p, ok := s.Properties[name]
		if !ok {
			c.Errorf("%s.%s is in the client only", where, name)
			continue
		}
		required := slices.Contains(s.Required, name)
		if strings.Contains(more, "omitempty") == required && strings.HasSuffix(where, " body") {
			c.Errorf("%s.%s: required %t, tag %q", where, name, required, more)
		}
		c.same(where+"."+name, p, f.Type)
	}
	for name := range s.Properties {
		if !seen[name] {
			c.Errorf("%s lacks the field %s (%s)", where, name, t)
		}
	}
}

func (c contract) sameValue(where string, s schema, t reflect.Type) {
	good := false
	switch {
	case s.is("string"):
		good = t.Kind() == reflect.String && s.Format != "date-time" || t == reflect.TypeFor[time.Time]() && s.Format == "date-time"
	case s.is("integer"):
		good = t.Kind() == reflect.Int64 || t.Kind() == reflect.Int
	case s.is("number"):
		good = t.Kind() == reflect.Float64
	case s.is("boolean"):
		good = t.Kind() == reflect.Bool
	case s.is("object"):
		good = t.Kind() == reflect.Map
	case s.Type == nil:
		good = true
	}
	if !good {
		c.Errorf("%s: %v %s is held by %s", where, s.Type, s.Format, t)
	}
}

// The search of the test above finds what is missing: it is run against descriptions
// that say more, or otherwise, than the client knows.
func TestContractFindsDifferences(t *testing.T) {
	type document struct {
		Name string     `json:"name"`
		When *time.Time `json:"when"`
		More []string   `json:"more"`
	}
	good := map[string]schema{
		"name": {Type: "string"}, "when": {Type: []any{"string", "null"}, Format: "date-time"}, "more": {Type: "array", Items: &schema{Type: "string"}},
	}
	for want, change := range map[string]map[string]schema{
		"":                  {},
		"a field":           {"added": {Type: "string"}},
		"a type":            {"name": {Type: "integer"}},
		"a null":            {"name": {Type: []any{"string", "null"}}},
		"a list of numbers": {"more": {Type: "array", Items: &schema{Type: "integer"}}},
		"a moment":          {"name": {Type: "string", Format: "date-time"}},
	} {
		all := map[string]schema{}
		for _, m := range []map[string]schema{good, change} {
			for name, s := range m {
				all[name] = s
			}
		}
		quiet := &testing.T{}
		contract{T: quiet}.same("document", schema{Type: "object", Properties: all}, reflect.TypeFor[document]())
		if quiet.Failed() != (want != "") {
			t.Errorf("%q: failed %t", want, quiet.Failed())
		}
	}
}
