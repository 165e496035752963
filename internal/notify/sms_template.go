package notify

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// placeholder is where a value goes: {{.To}}. Nothing else is interpreted.
var placeholder = regexp.MustCompile(`\{\{ *\.([A-Za-z]+) *\}\}`)

// ErrTemplate refuses a template whose placeholders are not those of messages.
var ErrTemplate = errors.New("notify: this template cannot be filled in")

// filled is a text of the operator with placeholders. Values are escaped for where it
// stands: nobody's number or name can add a field to it (INJ-05).
type filled struct {
	source string
	escape func(string) string
}

// newFilled refuses placeholders that are not among names, and half ones.
func newFilled(source string, escape func(string) string, names ...string) (filled, error) {
	for _, m := range placeholder.FindAllStringSubmatch(source, -1) {
		if !slices.Contains(names, m[1]) {
			return filled{}, fmt.Errorf("%w: {{.%s}} is not one of %s", ErrTemplate, m[1], strings.Join(names, ", "))
		}
	}
	if rest := placeholder.ReplaceAllString(source, ""); strings.Contains(rest, "{{") {
		return filled{}, fmt.Errorf("%w: write {{.To}}, with a name of %s", ErrTemplate, strings.Join(names, ", "))
	}
	return filled{source, escape}, nil
}

// has reports whether the template has a place for a value.
func (t filled) has(name string) bool {
	return slices.ContainsFunc(placeholder.FindAllStringSubmatch(t.source, -1), func(m []string) bool { return m[1] == name })
}

// fill writes the values into their places.
func (t filled) fill(values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(t.source, func(m string) string {
		return t.escape(values[placeholder.FindStringSubmatch(m)[1]])
	})
}

// The escapes, by where a value goes.
func asIs(s string) string { return s }

func inQuery(s string) string { return url.QueryEscape(s) }

func inJSON(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic("notify: " + err.Error()) // strings always marshal
	}
	return string(b[1 : len(b)-1])
}
