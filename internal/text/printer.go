package text

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
)

// Printer writes texts in one language. It holds no state of a request and is
// safe for concurrent use.
type Printer struct {
	lang      Lang
	book      *book
	localizer *i18n.Localizer
}

// countName is the variable that also chooses the plural form.
const countName = "Count"

// parser makes a forgotten variable an error; left alone, the library prints «<no value>».
var parser = &template.TextParser{Option: "missingkey=error"}

var printers = sync.OnceValue(func() map[Lang]*Printer {
	lib := catalogues()
	all := make(map[Lang]*Printer, len(All))
	for _, lang := range All {
		all[lang] = &Printer{lang: lang, book: lib.books[lang], localizer: i18n.NewLocalizer(lib.bundle, string(lang))}
	}
	return all
})

// For answers the printer of a language, and the French one for a language
// that is not ours. It panics when an embedded catalogue cannot be read.
func For(lang Lang) *Printer {
	if p, ok := printers()[lang]; ok {
		return p
	}
	return printers()[All[0]]
}

// Lang tells the language this printer writes.
func (p *Printer) Lang() Lang { return p.lang }

// Has tells whether the catalogue has a text for this key.
func (p *Printer) Has(key string) bool {
	_, ok := p.book.place[key]
	return ok
}

// T answers the text of a key, its variables filled from pairs of name and
// value: T("members.count", "Count", 34).
//
// The variable Count, an integer, also chooses the plural form. Integers are
// written in the language's way («1 000»), so a year or a code is given as a
// string; a []string is written by List, a time.Duration by Duration and a
// time.Time by DateTime.
//
// A text that cannot be made is answered as ⟦key⟧ and reported once, see OnDefect.
func (p *Printer) T(key string, kv ...any) string {
	args, err := pairs(kv)
	if err != nil {
		return p.defective(key, err)
	}
	return p.TMap(key, args)
}

// TMap is T with its variables in a map, as a fault carries them. Variables
// that the text does not use are ignored.
func (p *Printer) TMap(key string, args map[string]any) string {
	m, ok := p.book.find(key)
	if !ok {
		return p.defective(key, errors.New("missing key"))
	}
	if m.fixed() {
		return m.Other
	}
	data, unshown := p.variables(args)
	config := &i18n.LocalizeConfig{MessageID: key, TemplateData: data, TemplateParser: parser}
	if m.Plural {
		count, isInt := integer(args[countName])
		if !isInt {
			return p.defective(key, errors.New("a plural text needs an integer Count"))
		}
		config.PluralCount = count
	}
	s, err := p.localizer.Localize(config)
	if err != nil {
		return p.defective(key, errors.Join(err, unshown))
	}
	return s
}

// pairs reads the names and values given to T.
func pairs(kv []any) (map[string]any, error) {
	if len(kv)%2 != 0 {
		return nil, errors.New("variables are pairs of name and value")
	}
	args := make(map[string]any, len(kv)/2)
	for i := 0; i < len(kv); i += 2 {
		name, ok := kv[i].(string)
		if !ok {
			return nil, fmt.Errorf("variable %d has no name", i/2+1)
		}
		args[name] = kv[i+1]
	}
	return args, nil
}

// variables writes every value for people. One that cannot be written is left
// out, with the reason: it matters only when the text uses it.
func (p *Printer) variables(args map[string]any) (map[string]string, error) {
	data := make(map[string]string, len(args))
	var unshown error
	for name, value := range args {
		s, err := p.show(value)
		if err != nil {
			unshown = errors.Join(unshown, fmt.Errorf("variable %s: %w", name, err))
			continue
		}
		data[name] = s
	}
	return data, unshown
}

// Word is a variable that is itself a text of the catalogue: its key.
type Word string

// show writes a value for people. The text of an error is for us, never for
// them, and nothing is said of a value that is not there.
func (p *Printer) show(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", errors.New("no value")
	case string:
		return v, nil
	case Word:
		return p.T(string(v)), nil
	case error:
		return "", errors.New("an error is not a text")
	case []string:
		return p.List(v), nil
	case time.Duration:
		return p.Duration(v), nil
	case time.Time:
		return p.DateTime(v), nil
	case fmt.Stringer:
		return v.String(), nil
	}
	if n, ok := integer(value); ok {
		return p.Number(int(n)), nil
	}
	if v := reflect.ValueOf(value); v.Kind() == reflect.String {
		return v.String(), nil
	}
	return "", fmt.Errorf("a %T is not a text", value)
}

// integer reads any integer type, except where it has its own words.
func integer(value any) (int64, bool) {
	if _, named := value.(fmt.Stringer); named {
		return 0, false
	}
	switch v := reflect.ValueOf(value); {
	case !v.IsValid():
		return 0, false
	case v.CanInt():
		return v.Int(), true
	case v.CanUint() && v.Uint() <= maxUint:
		return int64(v.Uint()), true //nolint:gosec // bounded on the line above
	}
	return 0, false
}

// maxUint is the largest unsigned integer that is also an int64.
const maxUint = 1<<63 - 1
