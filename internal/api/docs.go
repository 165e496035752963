package api

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"habilis/internal/text"
)

//go:embed docs.css
var docsLook []byte

// docsPolicy lets the readable description load its own style, and nothing else.
const docsPolicy = "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// docsPage is the readable description, which depends on nobody.
func (s *Server) docsPage() []byte {
	var b bytes.Buffer
	if err := docsPage(newDocs(s.described())).Render(context.Background(), &b); err != nil {
		panic("api: the readable description: " + err.Error()) // from our own types, into memory: a test reads it
	}
	return b.Bytes()
}

func (d *door) serve(w http.ResponseWriter, r *http.Request, kind string, b []byte) {
	w.Header().Set("Content-Type", kind)
	if _, err := w.Write(b); err != nil {
		d.Log.Debug("api: answering", "request", d.RequestID(r), "error", err)
	}
}

// docs is what the readable description shows.
type docs struct {
	Lead    []span
	Guide   []chapter
	Groups  []docsGroup
	Schemas []docsSchema
	Codes   []docsCode
}

type docsGroup struct {
	Name, Anchor, About string
	Operations          []docsOperation
}

type docsOperation struct {
	ID, Method, Path, Summary string
	About                     []span
	Open                      bool // for strangers
	Parameters                []docsField
	Body                      string      // name of the schema
	Fields                    []docsField // of the body
	Request, Answer           string      // examples
	Good                      []docsAnswer
	Refusals                  []string // statuses
}

type docsField struct {
	Name, In, Type string
	Schema         string // name of the schema to follow
	Required       bool
	About          string
}

type docsAnswer struct{ Status, About, Schema string }

type docsSchema struct {
	Name   string
	Fields []docsField
}

type docsCode struct{ Code, English, French string }

func newDocs(doc *huma.OpenAPI) docs {
	lead, _, _ := strings.Cut(doc.Info.Description, "\n\n")
	v := docs{Codes: codes(), Lead: spans(lead), Guide: guide(strings.TrimSuffix(doc.Servers[0].URL, Prefix))}
	for _, tag := range doc.Tags {
		g := docsGroup{Name: tag.Name, Anchor: "tag-" + strings.ReplaceAll(strings.ToLower(tag.Name), " ", "-"), About: tag.Description}
		for _, op := range byTag(doc, tag.Name) {
			g.Operations = append(g.Operations, docsOf(doc, op))
		}
		v.Groups = append(v.Groups, g)
	}
	all := doc.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		v.Schemas = append(v.Schemas, docsSchema{Name: name, Fields: fieldsOfSchema(all[name])})
	}
	return v
}

func docsOf(doc *huma.OpenAPI, op *huma.Operation) docsOperation {
	o := docsOperation{
		ID: op.OperationID, Method: op.Method, Path: Prefix + op.Path, Summary: op.Summary, About: spans(op.Description), Open: public(op),
	}
	for _, p := range op.Parameters {
		if p.Ref != "" {
			p = doc.Components.Parameters[lastPart(p.Ref)]
		}
		f := fieldOfSchema(p.Name, p.Schema)
		f.In, f.Required, f.About = p.In, p.Required, p.Description
		o.Parameters = append(o.Parameters, f)
	}
	if s := jsonBody(op); s != nil {
		o.Body, o.Fields = lastPart(s.Ref), fieldsOfSchema(doc.Components.Schemas.SchemaFromRef(s.Ref))
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		if status[0] == '2' {
			o.Good = append(o.Good, answer(status, op.Responses[status]))
			continue
		}
		o.Refusals = append(o.Refusals, status)
	}
	o.Request, o.Answer = curl(doc, op), exampleAnswer(doc, op)
	return o
}

func answer(status string, r *huma.Response) docsAnswer {
	a := docsAnswer{Status: status, About: r.Description}
	for _, media := range r.Content {
		a.Schema = lastPart(media.Schema.Ref)
	}
	return a
}

// fieldsOfSchema lists the fields of a document, the required ones first.
func fieldsOfSchema(s *huma.Schema) []docsField {
	list := make([]docsField, 0, len(s.Properties))
	for name, p := range s.Properties {
		f := fieldOfSchema(name, p)
		f.Required, f.About = slices.Contains(s.Required, name), p.Description
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b docsField) int {
		if a.Required != b.Required {
			if a.Required {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return list
}

// fieldOfSchema words the type of a field.
func fieldOfSchema(name string, s *huma.Schema) docsField {
	f := docsField{Name: name, Type: s.Type}
	switch {
	case s.Ref != "":
		f.Schema, f.Type = lastPart(s.Ref), ""
	case s.Type == huma.TypeArray && s.Items.Ref != "":
		f.Schema, f.Type = lastPart(s.Items.Ref), "list of "
	case s.Type == huma.TypeArray:
		f.Type = "list of " + typeWords(s.Items)
	default:
		f.Type = typeWords(s)
	}
	if s.Nullable {
		f.Type += ", or null"
	}
	return f
}

func typeWords(s *huma.Schema) string {
	words := s.Type
	if s.Format != "" && !strings.HasPrefix(s.Format, "int") {
		words = s.Format
	}
	if len(s.Enum) > 0 {
		words = "one of " + strings.Join(enumWords(s.Enum), ", ")
	}
	if s.Minimum != nil && s.Maximum != nil {
		words += fmt.Sprintf(", %v to %v", *s.Minimum, *s.Maximum)
	}
	if s.MaxLength != nil {
		words += ", " + strconv.Itoa(*s.MaxLength) + " characters at most"
	}
	return words
}

func enumWords(list []any) []string {
	out := make([]string, 0, len(list))
	for _, v := range list {
		s := fmt.Sprint(v)
		if s == "" {
			s = "empty"
		}
		out = append(out, s)
	}
	return out
}

func lastPart(ref string) string { return ref[strings.LastIndex(ref, "/")+1:] }

// span is a piece of a sentence: plain, strong or code.
type span struct{ Kind, Text string }

var marks = regexp.MustCompile("\\*\\*([^*]+)\\*\\*|`([^`]+)`")

// spans reads the two marks that our descriptions use.
func spans(s string) []span {
	s = strings.ReplaceAll(s, "\n", " ")
	var list []span
	for s != "" {
		at := marks.FindStringSubmatchIndex(s)
		if at == nil {
			return append(list, span{"", s})
		}
		if at[0] > 0 {
			list = append(list, span{"", s[:at[0]]})
		}
		if at[2] >= 0 {
			list = append(list, span{"strong", s[at[2]:at[3]]})
		} else {
			list = append(list, span{"code", s[at[4]:at[5]]})
		}
		s = s[at[1]:]
	}
	return list
}

var variable = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

// codes lists every code that a refusal may carry, with its sentences.
func codes() []docsCode {
	var list []docsCode
	for _, key := range text.Keys(text.EN) {
		code, ok := strings.CutPrefix(key, "fault.")
		if !ok {
			continue
		}
		list = append(list, docsCode{Code: code, English: written(text.EN, key), French: written(text.FR, key)})
	}
	return list
}

// written is a sentence of a catalogue, its variables shown by their names.
func written(lang text.Lang, key string) string {
	m, _ := text.Raw(lang, key)
	return variable.ReplaceAllString(m.Other, "‹$1›")
}
