package api

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// exampleDepth bounds documents inside documents.
const exampleDepth = 6

// exampleTime stands in every example for a moment.
const exampleTime = "2026-11-22T09:30:00Z"

// pair is one field of an example, in the order that the page shows.
type pair struct {
	name  string
	value any
}

// object is an example of a document: encoding/json would sort its fields by name.
type object []pair

// MarshalJSON writes the fields in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, p := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(p.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(p.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// example gives a plausible value of a schema: what its field is described with, or
// what its type says.
func example(doc *huma.OpenAPI, s *huma.Schema, depth int) any {
	if s == nil || depth > exampleDepth {
		return nil
	}
	switch {
	case len(s.Examples) > 0:
		return s.Examples[0]
	case s.Ref != "":
		return example(doc, doc.Components.Schemas.SchemaFromRef(s.Ref), depth+1)
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Nullable:
		return nil
	}
	switch s.Type {
	case huma.TypeArray:
		return []any{example(doc, s.Items, depth+1)}
	case huma.TypeObject:
		return exampleObject(doc, s, depth)
	case huma.TypeString:
		return exampleText(s)
	case huma.TypeInteger, huma.TypeNumber:
		return 1
	case huma.TypeBoolean:
		return false
	}
	return nil
}

func exampleText(s *huma.Schema) string {
	switch {
	case s.Format == "date-time":
		return exampleTime
	case s.WriteOnly:
		return "…"
	}
	return ""
}

func exampleObject(doc *huma.OpenAPI, s *huma.Schema, depth int) object {
	o := make(object, 0, len(s.Properties))
	for _, f := range fieldsOfSchema(s) {
		o = append(o, pair{f.Name, example(doc, s.Properties[f.Name], depth+1)})
	}
	return o
}

// exampleBody is the body of a request: what must be said, and no more than the page
// has an example of.
func exampleBody(doc *huma.OpenAPI, s *huma.Schema) object {
	for s.Ref != "" {
		s = doc.Components.Schemas.SchemaFromRef(s.Ref)
	}
	var must, may object
	for _, f := range fieldsOfSchema(s) {
		p := pair{f.Name, example(doc, s.Properties[f.Name], 1)}
		switch {
		case f.Required:
			must = append(must, p)
		case len(s.Properties[f.Name].Examples) > 0 || len(must)+len(may) == 0:
			may = append(may, p)
		}
	}
	return append(must, may...)
}

// written in JSON, two spaces a level.
func inJSON(v any) string {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic("api: an example: " + err.Error()) // at start-up, from our own types
	}
	return string(b)
}

// curl is the request as it is typed into a console, the token in a variable.
func curl(doc *huma.OpenAPI, op *huma.Operation) string {
	lines := []string{"curl"}
	if op.Method != http.MethodGet {
		lines[0] += " -X " + op.Method
	}
	lines[0] += " '" + doc.Servers[0].URL + examplePath(op) + "'"
	if !public(op) {
		lines = append(lines, `-H "Authorization: Bearer $HABILIS_TOKEN"`)
	}
	for _, p := range op.Parameters {
		if p.Name == "If-Match" && p.Required {
			lines = append(lines, `-H 'If-Match: "3"'`)
		}
	}
	if unsafeMethod(op.Method) {
		lines = append(lines, `-H "Idempotency-Key: $(uuidgen)"`)
	}
	if takesFile(op) {
		lines = append(lines, "-H 'Content-Type: "+fileType+"'", "--data-binary @carte.pdf")
	} else if op.RequestBody != nil {
		b := inJSON(exampleBody(doc, jsonBody(op)))
		lines = append(lines, "-H 'Content-Type: application/json'", "-d '"+strings.ReplaceAll(b, "'", "’")+"'")
	}
	return strings.Join(lines, " \\\n  ")
}

// examplePath puts examples into the path, and into the parameters that must be there.
func examplePath(op *huma.Operation) string {
	path, query := op.Path, []string{}
	for _, p := range op.Parameters {
		if p.Schema == nil {
			continue
		}
		value := ""
		if len(p.Schema.Examples) > 0 {
			value, _ = p.Schema.Examples[0].(string)
		}
		if s, ok := p.Example.(string); ok {
			value = s
		}
		switch {
		case p.In == "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", value)
		case p.In == "query" && p.Required:
			query = append(query, p.Name+"="+value)
		}
	}
	if len(query) > 0 {
		path += "?" + strings.Join(query, "&")
	}
	return path
}

// exampleAnswer is the document of success; empty when there is none.
func exampleAnswer(doc *huma.OpenAPI, op *huma.Operation) string {
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		media := op.Responses[status].Content[jsonType]
		if status[0] == '2' && media != nil && media.Schema != nil {
			return inJSON(example(doc, media.Schema, 0))
		}
	}
	return ""
}
