package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// A file is corrected in place; what is left is told with its key.
func TestCorrect(t *testing.T) {
	file := write(t, "x.fr.json", `{"a.b": "l'un : deux", "a.c": {"one": "Bravo !", "other": "ok"}}`)
	err := correct(file, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "a.c: no exclamation mark") || strings.Contains(err.Error(), "a.b") {
		t.Errorf("got %v", err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if want := "{\"a.b\": \"l’un\u00a0: deux\", \"a.c\": {\"one\": \"Bravo\u202f!\", \"other\": \"ok\"}}"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCorrectRefuses(t *testing.T) {
	english := write(t, "x.en.json", `{"a.b": "It's : so"}`)
	broken := write(t, "y.fr.json", `{"a.b": `)
	for _, file := range []string{english, broken, filepath.Join(t.TempDir(), "none.fr.json")} {
		if err := correct(file, io.Discard); err == nil {
			t.Errorf("%s is accepted", filepath.Base(file))
		}
	}
	if got, _ := os.ReadFile(english); string(got) != `{"a.b": "It's : so"}` {
		t.Errorf("an English catalogue was changed: %s", got)
	}
}
