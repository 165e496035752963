package internal_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// complianceTables are what French texts ask, one table for each; a page for reading is made of each.
var complianceTables = map[string]string{
	"../docs/compliance/cnil-2021-122.csv": "CNIL 2021-122 : journalisation",
	"../docs/compliance/pgssi-s.csv":       "PGSSI-S : identification, imputabilité, habilitations",
	"../docs/compliance/hds.csv":           "HDS : hébergement de données de santé",
	"../docs/compliance/rgaa.csv":          "RGAA 4.1.2 : accessibilité",
}

// complianceLine is one thing asked: what the product does of it and the tests that hold it, and
// what is left to the organisation or to whoever runs the server.
type complianceLine struct {
	id, asked, source, does string
	proofs                  []string
	left                    string
}

// TestCompliance: what the product says it does is held by tests that exist; where it does nothing,
// it says what is left to do. The pages are those of the tables.
func TestCompliance(t *testing.T) {
	known := knownTests(t)
	for file, title := range complianceTables {
		lines := complianceLines(t, file)
		seen := map[string]bool{}
		for _, l := range lines {
			if seen[l.id] || l.asked == "" || l.source == "" {
				t.Errorf("%s: %q stands twice, or says neither what is asked nor where", file, l.id)
			}
			seen[l.id] = true
			if (l.does == "") != (len(l.proofs) == 0) || (l.does == "" && l.left == "") {
				t.Errorf("%s %s: say what is done and which test holds it, or what is left to do", file, l.id)
			}
			for _, p := range l.proofs {
				if !known[p] {
					t.Errorf("%s %s: there is no test %s", file, l.id, p)
				}
			}
		}
		sameAsWritten(t, strings.TrimSuffix(file, filepath.Ext(file))+".md", compliancePage(title, file, lines), "TestCompliance")
	}
}

func complianceLines(t *testing.T, file string) (lines []complianceLine) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.FieldsPerRecord = ';', 6
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(file, err)
	}
	for _, row := range rows[1:] {
		lines = append(lines, complianceLine{row[0], row[1], row[2], row[3], strings.Fields(row[4]), row[5]})
	}
	return lines
}

func compliancePage(title, file string, lines []complianceLine) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n\nTiré de `%s` par `go test ./internal -run TestCompliance -update` ; le test vérifie aussi que chaque preuve existe.\n\n"+
		"| | ce qui est demandé | source | ce que fait Habilis | ce qui le tient | ce qui reste à l’organisation ou à l’exploitant |\n|---|---|---|---|---|---|\n",
		title, filepath.Base(file))
	for _, l := range lines {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", l.id, l.asked, l.source, l.does, quoted(l.proofs), l.left)
	}
	return b.Bytes()
}

// quoted are tests as a page names them.
func quoted(proofs []string) string {
	var b strings.Builder
	for i, p := range proofs {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("`" + p + "`")
	}
	return b.String()
}

// sameAsWritten fails when a page made by a test is not the one that is kept; with -update it writes it.
func sameAsWritten(t *testing.T, path string, page []byte, test string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, page, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if written, err := os.ReadFile(path); err != nil || !bytes.Equal(written, page) {
		t.Errorf("%s is not what its table says: go test ./internal -run %s -update (%v)", path, test, err)
	}
}
