package directory_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"habilis/bench/annuaire"
	"habilis/internal/directory"
)

// layouts are the three that were published, as a file each.
func layouts(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, columns := range []int{48, 52, 56} {
		var b bytes.Buffer
		if _, err := annuaire.Write(&b, annuaire.Options{Lines: 200, Columns: columns, Clean: true}); err != nil {
			t.Fatal(err)
		}
		out[fmt.Sprintf("%d columns", columns)] = b.Bytes()
	}
	var drifted bytes.Buffer
	_, body, _ := bytes.Cut(out["56 columns"], []byte("\n"))
	header := strings.NewReplacer("civilité d'exercice", "civilité exercice", "(structure)", "(coord. structure)",
		"Code rôle", "CODE FONCTION", "secteur d'activité", "secteur d’activité", "Code genre activité", "Code genre d'activité",
		"Code postal", "  code  Postal").Replace(annuaire.Header)
	fmt.Fprintf(&drifted, "\ufeff%s\r\n%s", header, bytes.ReplaceAll(body, []byte("\n"), []byte("\r\n")))
	out["drifted labels"] = drifted.Bytes()
	var latin bytes.Buffer
	if _, err := annuaire.Write(&latin, annuaire.Options{Lines: 200, Latin1: true, Clean: true}); err != nil {
		t.Fatal(err)
	}
	out["latin-1"] = latin.Bytes()
	return out
}

// TestLayouts (DIR-1): 48, 52 and 56 columns, labels that drifted, UTF-8 and Latin-1, a
// byte-order mark and CRLF; plain, gzip and zip. Each gives the same people.
func TestLayouts(t *testing.T) {
	for name, file := range layouts(t) {
		t.Run(name, func(t *testing.T) {
			for packing, path := range packed(t, file) {
				p := directory.Place{Folder: t.TempDir()}
				l := load(t, p, path)
				if l.Files[0].Loaded != 200 || l.Files[0].Rejected != 0 || !l.AsOf.Equal(time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)) {
					t.Fatalf("%s: %+v", packing, l)
				}
				x := open(t, p)
				a, err := x.ByRPPS(t.Context(), annuaire.RPPS(1))
				if err != nil || len(a.Practitioners) != 1 || a.Practitioners[0].FamilyName != annuaire.Family(1) || a.Practitioners[0].GivenName != annuaire.Given(1) {
					t.Errorf("%s: %+v %v", packing, a, err)
				}
				if got := byName(t, x, "raphael", ""); len(got) == 0 || !strings.HasPrefix(got[0], "Raphaël ") {
					t.Errorf("%s: accents: %v", packing, got)
				}
			}
		})
	}
}

// packed writes a file plain, as gzip and in a zip with what else may be there.
func packed(t *testing.T, file []byte) map[string]string {
	t.Helper()
	dir := t.TempDir()
	const name = "PS_LibreAcces_Personne_activite_202611200300.txt"
	plain, gz, z := filepath.Join(dir, name), filepath.Join(dir, name+".gz"), filepath.Join(dir, "PS_LibreAcces.zip")
	write(t, plain, file)
	var b bytes.Buffer
	g := gzip.NewWriter(&b)
	if _, err := g.Write(file); err != nil {
		t.Fatal(err)
	}
	g.Close()
	write(t, gz, b.Bytes())
	b.Reset()
	a := zip.NewWriter(&b)
	for member, body := range map[string][]byte{name: file, "lisez-moi.pdf": []byte("%PDF-1.4")} {
		w, err := a.Create(member)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(body); err != nil {
			t.Fatal(err)
		}
	}
	a.Close()
	write(t, z, b.Bytes())
	return map[string]string{"plain": plain, "gzip": gz, "zip": z}
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestRealRow: a line of 2021, with an ADELI number, as it was. It loads; its person has no
// RPPS, so that nobody is offered to be imported.
func TestRealRow(t *testing.T) {
	each(t, func(t *testing.T, p directory.Place) {
		l := load(t, p, fixture("real-row-shape_52cols_2021_anonymised.txt"))
		if l.Practitioners != 1 || l.Files[0].Loaded != 1 || l.Files[0].Rejected != 0 {
			t.Errorf("%+v", l)
		}
		if got := byName(t, open(t, p), "fictif", "doubs"); len(got) != 0 {
			t.Errorf("%v", got)
		}
	})
}

// TestRefusedLines: every refused line is reported with its number and reason, and the
// others load.
func TestRefusedLines(t *testing.T) {
	row := func(change map[int]string) string {
		f := strings.Split(strings.TrimSuffix(goodRow, "|"), "|")
		for i, v := range change {
			f[i] = v
		}
		return strings.Join(f, "|") + "|"
	}
	lines := []string{
		annuaire.Header,
		row(nil),
		row(map[int]string{1: "99700000014", 2: "899700000014"}), // 3: the key
		row(map[int]string{0: "5"}),                              // 4
		row(map[int]string{2: "899700000021"}),                   // 5
		"",                                                       // an empty line is none
		row(map[int]string{7: " "}),                              // 7
		row(map[int]string{9: ""}),                               // 8
		row(map[int]string{24: "A|B"}),                           // 9
		row(map[int]string{24: "A\x00B"}),                        // 10
		row(map[int]string{24: "A\tB"}),                          // 11
		row(map[int]string{24: "A\xe9B"}),                        // 12
		row(map[int]string{24: strings.Repeat("x", directory.MaxLineBytes)}), // 13
		strings.Repeat("y", 700_000),                                         // 14: longer than what is read at once
		row(map[int]string{24: `"CABINET "ODD" 'QUOTES'`}),                   // accepted
		row(map[int]string{1: "ANS20231122132732", 2: ""}),                   // 16
		"8|99700000013|", // 17
		row(map[int]string{24: "ENSEIGNE\u0092S"}), // accepted
		row(map[int]string{2: ""}) + "",            // accepted: the national identifier may be missing
		strings.TrimSuffix(row(nil), "|"),          // accepted: without the bar at the end
		row(nil), row(nil), row(nil), row(nil), row(nil), row(nil), row(nil), row(nil), row(nil), row(nil), row(nil),
	}
	path := filepath.Join(t.TempDir(), "Personne_activite.txt")
	write(t, path, []byte(strings.Join(lines, "\n")))
	p := directory.Place{Folder: t.TempDir()}
	report := filepath.Join(t.TempDir(), "refus.csv")
	l, err := directory.Loader{Place: p, Rejects: report, Sentence: func(r string) string { return "because " + r }}.Load(t.Context(), []string{path})
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	want := "file,line,reason,explanation\n"
	for _, x := range []struct {
		line   int
		reason string
	}{
		{3, directory.ReasonNumber}, {4, directory.ReasonType}, {5, directory.ReasonNational}, {7, directory.ReasonName}, {8, directory.ReasonProfession},
		{9, directory.ReasonColumns}, {10, directory.ReasonControl}, {11, directory.ReasonControl}, {12, directory.ReasonEncoding},
		{13, directory.ReasonLong}, {14, directory.ReasonLong}, {16, directory.ReasonNumber}, {17, directory.ReasonColumns},
	} {
		want += fmt.Sprintf("Personne_activite.txt,%d,%s,because %s\n", x.line, x.reason, x.reason)
	}
	if d := cmp.Diff(want, string(b)); d != "" {
		t.Errorf("want (-), got (+):\n%s", d)
	}
	if f := l.Files[0]; f.Lines != 29 || f.Rejected != 13 || f.Loaded != 16 {
		t.Errorf("%+v", f)
	}
	x := open(t, p)
	a, err := x.ByRPPS(t.Context(), "99700000013")
	if err != nil || len(a.Practitioners) != 1 || len(a.Practitioners[0].Activities) != 1 {
		t.Fatalf("lines that say the same are one activity: %+v %v", a, err)
	}
}

const goodRow = "8|99700000013|899700000013|DR|Docteur|MME|Madame|EXEMPLE|Zoé|10|Médecin|C|Civil|S|Spécialité ordinale|SM54|Médecine générale|" +
	"L|Libéral|||||R1|CABINET||||12|B|R|Rue|DE L'EXEMPLE||75014 PARIS|75014|75114|Paris|||0199000001||||75|Paris|499700000001001|CNOM|" +
	"SA08|Cabinet de groupe|||||GENR01|Activité de soin|"

// TestRefusedFiles: a file that is not one of the three is refused as a whole, before
// anything is written; the sentence says what to do.
func TestRefusedFiles(t *testing.T) {
	dir := t.TempDir()
	file := func(name, body string) string {
		path := filepath.Join(dir, name)
		write(t, path, []byte(body))
		return path
	}
	broken := file("broken.gz", "\x1f\x8bnot a gzip")
	cut := packed(t, []byte(strings.Repeat(annuaire.Header+"\n", 9000)))["gzip"]
	whole, err := os.ReadFile(cut)
	if err != nil {
		t.Fatal(err)
	}
	write(t, cut, whole[:len(whole)/2])
	bad := strings.ReplaceAll(goodRow, "99700000013", "99700000014")
	for name, c := range map[string]struct {
		paths []string
		want  error
	}{
		"no such file":     {[]string{filepath.Join(dir, "none")}, directory.ErrUnreadable},
		"a folder":         {[]string{dir}, directory.ErrUnreadable},
		"no gzip":          {[]string{broken}, directory.ErrUnreadable},
		"a gzip cut short": {[]string{cut}, directory.ErrUnreadable},
		"a zip of nothing": {[]string{file("x.zip", "PK\x03\x04")}, directory.ErrUnreadable},
		"empty":            {[]string{file("empty.txt", " \n")}, directory.ErrEmptyFile},
		"a spreadsheet":    {[]string{file("x.csv", "Nom;Prénom\nA;B\n")}, directory.ErrUnknownLayout},
		"restricted":       {[]string{fixture("psc-extract_wiremock_202112090858.txt")}, directory.ErrRestricted},
		"restricted, 8859": {[]string{fixture("psc-extract_CT-AMAR_3-UPDATES_202403251635.txt")}, directory.ErrRestricted},
		"twice":            {[]string{constructed[0], constructed[0]}, directory.ErrTwice},
		"no activities":    {constructed[1:], directory.ErrNoActivity},
		"a header only":    {[]string{fixture("header_PS_LibreAcces_Personne_activite_56cols.txt")}, directory.ErrRejected},
		"mostly refused":   {[]string{file("mostly.txt", annuaire.Header+"\n"+goodRow+"\n"+bad+"\n"+bad+"\n")}, directory.ErrRejected},
		"a report nowhere": {constructed, directory.ErrReport},
	} {
		each(t, func(t *testing.T, p directory.Place) {
			t.Run(name, func(t *testing.T) {
				load(t, p, constructed...)
				l := directory.Loader{Place: p}
				if errors.Is(c.want, directory.ErrReport) {
					l.Rejects = filepath.Join(dir, "none", "report.csv")
				}
				if _, err := l.Load(t.Context(), c.paths); !errors.Is(err, c.want) {
					t.Errorf("%v instead of %v", err, c.want)
				}
				if got := byName(t, open(t, p), "exemple durand", ""); len(got) != 1 {
					t.Errorf("the former index: %v", got)
				}
				if left, _ := filepath.Glob(filepath.Join(p.Folder, "*loading*")); len(left) > 0 {
					t.Errorf("left behind: %v", left)
				}
			})
		})
	}
}

// TestSpaceIsCheckedFirst: a load that cannot fit says so before it writes.
func TestSpaceIsCheckedFirst(t *testing.T) {
	path := filepath.Join(t.TempDir(), "Personne_activite.txt")
	write(t, path, []byte(annuaire.Header+"\n"))
	if err := os.Truncate(path, 1<<50); err != nil {
		t.Fatal(err)
	}
	p := directory.Place{Folder: t.TempDir()}
	_, err := directory.Loader{Place: p}.Load(t.Context(), []string{path})
	if !errors.Is(err, directory.ErrNoSpace) {
		t.Errorf("%v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(p.Folder, "*.sqlite*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestLatin1: the constructed fixture in Windows-1252, with a curly apostrophe.
func TestLatin1(t *testing.T) {
	b, err := os.ReadFile(constructed[0])
	if err != nil {
		t.Fatal(err)
	}
	b, err = charmap.Windows1252.NewEncoder().Bytes(bytes.ReplaceAll(b, []byte("D'EXEMPLE|"), []byte("D’EXEMPLE|")))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "Personne_activite.txt")
	write(t, path, b)
	p := directory.Place{Folder: t.TempDir()}
	load(t, p, path)
	if got := byName(t, open(t, p), "dexemple", ""); !slices.Equal(got, []string{"Jean-Noël D’EXEMPLE"}) {
		t.Errorf("%v", got)
	}
}
