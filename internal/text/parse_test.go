package text

import (
	"slices"
	"testing"
)

// A catalogue is read strictly: what the library would take in silence is refused.
func TestParseCatalogueRefuses(t *testing.T) {
	for name, src := range map[string]string{
		"nothing":             ``,
		"a list":              `["a"]`,
		"cut":                 `{"a.b": "c"`,
		"cut in a plural":     `{"a.b": {"one": "c"`,
		"something after":     `{"a.b": "c"} {}`,
		"a number":            `{"a.b": 1}`,
		"a number as a form":  `{"a.b": {"one": 1}}`,
		"an unknown form":     `{"a.b": {"few": "c"}}`,
		"a form twice":        `{"a.b": {"one": "c", "one": "d"}}`,
		"a deeper catalogue":  `{"a.b": {"one": {"other": "c"}}}`,
		"a trailing comma":    `{"a.b": "c",}`,
		"a forgotten comma":   `{"a.b": "c" "a.d": "e"}`,
		"a list as its value": `{"a.b": ["c"]}`,
	} {
		if messages, err := parseCatalogue("x", []byte(src)); err == nil {
			t.Errorf("%s: accepted as %v", name, messages)
		}
	}
}

func TestParseCatalogueKeepsTheOrder(t *testing.T) {
	got, err := parseCatalogue("x", []byte(`{"b.b": "B", "a.a": {"one": "1", "other": "n"}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Message{{Key: "b.b", Area: "x", Other: "B"}, {Key: "a.a", Area: "x", Plural: true, One: "1", Other: "n"}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A key stands once in a language, whatever the file.
func TestAKeyStandsOnce(t *testing.T) {
	lib, err := loadLibrary()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range All {
		if err := lib.add(lang, Message{Key: "common.save", Area: "other", Other: "x"}); err == nil {
			t.Errorf("%s: common.save is accepted twice", lang)
		}
	}
}

func TestSplitName(t *testing.T) {
	if area, lang, ok := splitName("common.fr.json"); area != "common" || lang != FR || !ok {
		t.Errorf("got %q, %q, %v", area, lang, ok)
	}
	for _, name := range []string{"common.json", "common.de.json", "common.fr.yaml", ".fr.json", "a.b.fr.json"} {
		if _, _, ok := splitName(name); ok {
			t.Errorf("%s is accepted", name)
		}
	}
}
