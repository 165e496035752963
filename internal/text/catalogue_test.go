package text_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"
	"text/template/parse"

	"habilis/internal/text"
	"habilis/internal/text/typeset"
)

// pluralForms are the forms that CLDR asks of each language.
var pluralForms = map[text.Lang][]string{
	text.FR: {"many", "one", "other"},
	text.EN: {"one", "other"},
}

func eachMessage(t *testing.T, lang text.Lang, check func(m text.Message, file string)) {
	t.Helper()
	keys := text.Keys(lang)
	if len(keys) == 0 {
		t.Fatalf("no text in %s", lang)
	}
	for _, key := range keys {
		m, ok := text.Raw(lang, key)
		if !ok {
			t.Fatalf("%s: %s is listed but has no text", lang, key)
		}
		check(m, m.Area+"."+string(lang)+".json")
	}
}

// Both languages say the same things, in the same files.
func TestCataloguesHaveTheSameKeys(t *testing.T) {
	for _, lang := range text.All {
		for _, other := range text.All {
			eachMessage(t, lang, func(m text.Message, file string) {
				twin, ok := text.Raw(other, m.Key)
				switch {
				case !ok:
					t.Errorf("%s: %s is missing in %s", file, m.Key, other)
				case twin.Area != m.Area:
					t.Errorf("%s: %s stands in the area %s in %s", file, m.Key, twin.Area, other)
				case twin.Plural != m.Plural:
					t.Errorf("%s: %s has plural forms in one language only", file, m.Key)
				}
			})
		}
	}
}

// A key is dotted lower case: what the library reserves («one», «id») is never a key.
func TestKeysAreWellFormed(t *testing.T) {
	shape := regexp.MustCompile(`^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+$`)
	eachMessage(t, text.FR, func(m text.Message, file string) {
		if !shape.MatchString(m.Key) {
			t.Errorf("%s: the key %q is not written area.name", file, m.Key)
		}
	})
}

// No text is empty, and a plural has exactly the forms of its language: French
// without «many» fails at 1 000 000.
func TestCatalogueFormsAreComplete(t *testing.T) {
	for _, lang := range text.All {
		eachMessage(t, lang, func(m text.Message, file string) {
			for form, s := range m.Forms() {
				if strings.TrimSpace(s) == "" {
					t.Errorf("%s: %s has an empty %s", file, m.Key, form)
				}
			}
			got := slices.Sorted(maps.Keys(m.Forms()))
			if m.Plural && !slices.Equal(got, pluralForms[lang]) {
				t.Errorf("%s: %s has the forms %v, %s needs %v", file, m.Key, got, lang, pluralForms[lang])
			}
		})
	}
}

// Every template parses, holds only plain variables, and no HTML: texts are plain text.
func TestCatalogueTemplatesArePlain(t *testing.T) {
	tag := regexp.MustCompile(`</?[a-zA-Z]|&[a-z]+;`)
	for _, lang := range text.All {
		eachMessage(t, lang, func(m text.Message, file string) {
			for form, s := range m.Forms() {
				if _, err := variables(s); err != nil {
					t.Errorf("%s: %s (%s): %v", file, m.Key, form, err)
				}
				if found := tag.FindString(s); found != "" {
					t.Errorf("%s: %s (%s) holds HTML: %s", file, m.Key, form, found)
				}
			}
		})
	}
}

// Both languages use the same variables, in every form; a singular may leave
// the count out, but never write a figure in its place: in French it also says 0.
func TestCatalogueVariablesAgree(t *testing.T) {
	figure := regexp.MustCompile(`(^|\s)[01]\s`)
	for _, lang := range text.All {
		eachMessage(t, lang, func(m text.Message, file string) {
			twin, _ := text.Raw(text.FR, m.Key)
			want, _ := variables(twin.Other)
			for form, s := range m.Forms() {
				got, _ := variables(s)
				if form == "one" && !slices.Contains(got, "Count") && slices.Contains(want, "Count") {
					if figure.MatchString(s) {
						t.Errorf("%s: %s (one) writes a figure, it must write {{.Count}}", file, m.Key)
					}
					got = slices.Sorted(slices.Values(append(got, "Count")))
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s: %s (%s) has the variables %v, French has %v", file, m.Key, form, got, want)
				}
			}
		})
	}
}

// DESIGN.md 9: French typography, held by this test and not by authors' memory.
// To correct a file: go run ./internal/text/typography internal/text/catalogue/<file>
func TestFrenchTypography(t *testing.T) {
	eachMessage(t, text.FR, func(m text.Message, file string) {
		for form, s := range m.Forms() {
			for _, misprint := range typeset.Check(s) {
				t.Errorf("%s: %s (%s): %s", file, m.Key, form, misprint)
			}
		}
	})
}

// variables lists the variables of a template, sorted, each once. Anything
// but {{.Name}} is an error.
func variables(s string) ([]string, error) {
	tmpl, err := template.New("").Parse(s)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, node := range tmpl.Root.Nodes {
		if node.Type() == parse.NodeText {
			continue
		}
		name, ok := strings.CutPrefix(node.String(), "{{.")
		name, closed := strings.CutSuffix(name, "}}")
		if !ok || !closed || !regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`).MatchString(name) {
			return nil, &notPlainError{node.String()}
		}
		seen[name] = true
	}
	return slices.Sorted(maps.Keys(seen)), nil
}

type notPlainError struct{ node string }

func (e *notPlainError) Error() string { return e.node + " is not a plain variable" }
