package internal_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// asvsFile says, for each requirement of the OWASP ASVS 5.0 that concerns signing in,
// sessions and rights, what holds it; asvsPage is made of it for reading.
const (
	asvsFile = "../docs/asvs.csv"
	asvsPage = "../docs/asvs.md"
)

// asvsLine is one requirement: proofs are tests ("login.TestSignIn", "e2e/factors"), or
// reason says why there is none.
type asvsLine struct {
	id, level, text string
	proofs          []string
	reason          string
}

// asvsChapters are answered whole, up to level 2.
var asvsChapters = map[string]int{"V6": 34, "V7": 18, "V8": 7}

// TestASVS: every requirement has a proof that exists, or a reason; the page is the table's.
func TestASVS(t *testing.T) {
	lines := asvsLines(t)
	known := knownTests(t)
	chapters := map[string]int{}
	for _, l := range lines {
		if l.level != "3" {
			chapters[l.id[:strings.IndexByte(l.id, '.')]]++
		}
		if (len(l.proofs) == 0) == (l.reason == "") {
			t.Errorf("%s: say which test holds it, or why it does not apply", l.id)
		}
		for _, p := range l.proofs {
			if !known[p] {
				t.Errorf("%s: there is no test %s", l.id, p)
			}
		}
	}
	for chapter, n := range asvsChapters {
		if chapters[chapter] != n {
			t.Errorf("%s: %d requirements of level 1 and 2, there are %d", chapter, chapters[chapter], n)
		}
	}
	sameAsWritten(t, asvsPage, asvsText(lines), "TestASVS")
}

func asvsLines(t *testing.T) (lines []asvsLine) {
	t.Helper()
	f, err := os.Open(asvsFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.FieldsPerRecord = ';', 5
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		lines = append(lines, asvsLine{id: row[0], level: row[1], text: row[2], proofs: strings.Fields(row[3]), reason: row[4]})
	}
	return lines
}

var testFunc = regexp.MustCompile(`(?m)^func (Test\w+|Fuzz\w+)\(`)

// knownTests are the Go tests by package and name, and the browser files by name.
func knownTests(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git"):
			return fs.SkipDir
		case strings.HasSuffix(path, ".test.mjs"):
			known["e2e/"+strings.TrimSuffix(d.Name(), ".test.mjs")] = true
		case strings.HasSuffix(path, "_test.go"):
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, m := range testFunc.FindAllSubmatch(b, -1) {
				known[filepath.Base(filepath.Dir(path))+"."+string(m[1])] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return known
}

func asvsText(lines []asvsLine) []byte {
	var b bytes.Buffer
	b.WriteString("# OWASP ASVS 5.0: signing in, sessions, rights\n\n" +
		"Made from `asvs.csv` by `go test ./internal -run TestASVS -update`; the test also checks that each proof exists.\n" +
		"A proof is a test of a package (`login.TestSignIn`) or a journey in the browser (`e2e/factors`).\n")
	chapter := ""
	for _, l := range lines {
		if c := l.id[:strings.IndexByte(l.id, '.')]; c != chapter {
			chapter = c
			fmt.Fprintf(&b, "\n## %s\n\n| | level | requirement | what holds it |\n|---|---|---|---|\n", c)
		}
		how := l.reason
		if how == "" {
			how = quoted(l.proofs)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", l.id, l.level, strings.ReplaceAll(l.text, "|", "\\|"), how)
	}
	return b.Bytes()
}
