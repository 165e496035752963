package text

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed catalogue/*.json
var catalogueFiles embed.FS

// catalogueFolder is where the files stand inside catalogueFiles.
const catalogueFolder = "catalogue"

// Message is one text of a catalogue as written by its author: templates with
// {{.Name}} variables. A text without plural forms has only Other.
type Message struct {
	Key    string
	Area   string // the file it comes from: «common» for common.fr.json
	Plural bool
	One    string
	Many   string // French only: 1 000 000, 2 000 000…
	Other  string
}

// Forms lists the plural forms in use by CLDR name, with their texts.
func (m Message) Forms() map[string]string {
	if !m.Plural {
		return map[string]string{"other": m.Other}
	}
	forms := map[string]string{"one": m.One, "many": m.Many, "other": m.Other}
	for name, s := range forms {
		if s == "" {
			delete(forms, name)
		}
	}
	return forms
}

// fixed tells that a text is the same whatever is said of whom: most are, and need no template.
func (m Message) fixed() bool { return !m.Plural && !strings.Contains(m.Other, "{{") }

// book holds every text of one language.
type book struct {
	messages []Message      // in the order of the files
	place    map[string]int // of each key among them
	keys     []string       // sorted
}

func (b *book) find(key string) (Message, bool) {
	n, ok := b.place[key]
	if !ok {
		return Message{}, false
	}
	return b.messages[n], true
}

// library holds every catalogue, read once from the binary.
type library struct {
	bundle *i18n.Bundle // those that are not fixed
	books  map[Lang]*book
	areas  []string // sorted
}

// catalogues reads the embedded files on first use. They are part of the
// binary, so a file that cannot be read is a mistake of ours and panics with
// its name.
var catalogues = sync.OnceValue(func() *library {
	lib, err := loadLibrary()
	if err != nil {
		panic("text: " + err.Error())
	}
	return lib
})

func loadLibrary() (*library, error) {
	lib := &library{bundle: i18n.NewBundle(language.French), books: map[Lang]*book{}}
	for _, lang := range All {
		lib.books[lang] = &book{place: map[string]int{}}
	}
	entries, err := catalogueFiles.ReadDir(catalogueFolder)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if err := lib.addFile(entry.Name()); err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", entry.Name(), err)
		}
	}
	slices.Sort(lib.areas)
	lib.areas = slices.Compact(lib.areas)
	for _, b := range lib.books {
		slices.Sort(b.keys)
		b.messages, b.keys = slices.Clip(b.messages), slices.Clip(b.keys)
	}
	return lib, nil
}

func (l *library) addFile(name string) error {
	area, lang, ok := splitName(name)
	if !ok {
		return errors.New("the name must be <area>.fr.json or <area>.en.json")
	}
	src, err := catalogueFiles.ReadFile(path.Join(catalogueFolder, name))
	if err != nil {
		return err
	}
	messages, err := parseCatalogue(area, src)
	if err != nil {
		return err
	}
	l.areas = append(l.areas, area)
	for _, m := range messages {
		if err := l.add(lang, m); err != nil {
			return err
		}
	}
	return nil
}

func (l *library) add(lang Lang, m Message) error {
	b := l.books[lang]
	if earlier, twice := b.find(m.Key); twice {
		return fmt.Errorf("key %q is already in the area %s", m.Key, earlier.Area)
	}
	b.place[m.Key] = len(b.messages)
	b.messages = append(b.messages, m)
	b.keys = append(b.keys, m.Key)
	if m.fixed() {
		return nil
	}
	return l.bundle.AddMessages(language.Make(string(lang)),
		&i18n.Message{ID: m.Key, One: m.One, Many: m.Many, Other: m.Other})
}

// splitName reads «common.fr.json» as the area common in French.
func splitName(name string) (area string, lang Lang, ok bool) {
	parts := strings.Split(name, ".")
	if len(parts) != 3 || parts[0] == "" || parts[2] != "json" {
		return "", "", false
	}
	lang = Lang(parts[1])
	return parts[0], lang, slices.Contains(All, lang)
}

// parseCatalogue reads one file in its own order. Unlike encoding/json into a
// map, it refuses a key given twice, and any plural form it does not know.
func parseCatalogue(area string, src []byte) ([]Message, error) {
	dec := json.NewDecoder(bytes.NewReader(src))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, errors.Join(errors.New("a catalogue is one JSON object"), err)
	}
	var messages []Message
	for dec.More() {
		key, err := readString(dec)
		if err != nil {
			return nil, err
		}
		m := Message{Key: key, Area: area}
		if err := parseMessage(dec, &m); err != nil {
			return nil, fmt.Errorf("key %q: %w", m.Key, err)
		}
		messages = append(messages, m)
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the closing brace")
	}
	return messages, nil
}

// parseMessage reads a value: one text, or an object of plural forms.
func parseMessage(dec *json.Decoder, m *Message) error {
	value, err := dec.Token()
	if err != nil {
		return err
	}
	if s, simple := value.(string); simple {
		m.Other = s
		return nil
	}
	if value != json.Delim('{') {
		return errors.New("a text is a string or an object of plural forms")
	}
	m.Plural = true
	for dec.More() {
		if err := parseForm(dec, m); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}

func parseForm(dec *json.Decoder, m *Message) error {
	name, err := readString(dec)
	if err != nil {
		return err
	}
	value, err := readString(dec)
	if err != nil {
		return fmt.Errorf("plural form %q: %w", name, err)
	}
	forms := map[string]*string{"one": &m.One, "many": &m.Many, "other": &m.Other}
	form := forms[name]
	switch {
	case form == nil:
		return fmt.Errorf("unknown plural form %q", name)
	case *form != "":
		return fmt.Errorf("the plural form %q is given twice", name)
	}
	*form = value
	return nil
}

// readString reads the next part of a file, a key or a text.
func readString(dec *json.Decoder) (string, error) {
	part, err := dec.Token()
	if err != nil {
		return "", err
	}
	s, ok := part.(string)
	if !ok {
		return "", fmt.Errorf("%v is no text", part)
	}
	return s, nil
}

// Areas lists the areas of the catalogues, sorted.
func Areas() []string { return slices.Clone(catalogues().areas) }

// Keys lists every key of a language, sorted; none for an unknown language.
func Keys(lang Lang) []string {
	b := catalogues().books[lang]
	if b == nil {
		return nil
	}
	return slices.Clone(b.keys)
}

// Raw answers the text of a key as written in the catalogue, its variables unfilled.
func Raw(lang Lang, key string) (Message, bool) {
	b := catalogues().books[lang]
	if b == nil {
		return Message{}, false
	}
	return b.find(key)
}
